"""``lms-tool scores …``: grades on their way to the LMS."""

from __future__ import annotations

import click

from lms_tool.cli.common import Group, as_json, migrated, show
from lms_tool.database import Connection
from lms_tool.jobs.queue import Queue
from lms_tool.services import audit, grades, tenants

only_tenant = click.option("--tenant", metavar="KÜRZEL", help="Nur dieser Mandant; ohne Angabe alle.")


def _tenant_id(db: Connection, key: str | None) -> int | None:
    return None if key is None else tenants.by_key(db, key).id


@click.group(cls=Group)
def scores() -> None:
    """Noten auf dem Weg zum LMS."""


@scores.command("status", epilog="Beispiel: lms-tool scores status --json")
@only_tenant
@as_json
def score_status(as_json: bool, tenant: str | None) -> None:
    """Was noch nicht im LMS steht, und warum."""
    tool = migrated()
    with tool.database.read() as db:
        waiting = grades.undelivered(db, _tenant_id(db, tenant))
    show(waiting, as_json, "Alle Noten sind übertragen.")


@scores.command("sync", epilog="Beispiel: lms-tool scores sync --again")
@click.option("--again", is_flag=True, help="Auch Gescheitertes und Wartendes sofort noch einmal versuchen.")
@click.option("--score", "score_id", type=int, help="Nur diese Note (Nummer aus «scores status»).")
@only_tenant
def sync_scores(again: bool, score_id: int | None, tenant: str | None) -> None:
    """Fällige Noten jetzt übertragen."""
    tool = migrated()
    if again or score_id is not None:
        now = tool.clock()
        with tool.database.write() as db:
            tenant_id = _tenant_id(db, tenant)
            grades.resend(db, now, score_id, tenant_id)
            which = {} if score_id is None else {"score": score_id}
            audit.note(db, now, "admin", "grades_resent", None, "", which, actor="cli", tenant_id=tenant_id)
    reconciler = Queue(tool).reconciler
    settled = sum(reconciler.drain(platform_id) for platform_id in reconciler.waiting())
    click.echo(f"{settled} Noten erledigt.")
