"""``lms-tool audit …``: the audit log."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from lms_tool.cli.common import Group, migrated
from lms_tool.services import audit_export, audit_log, tenants

_DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group(cls=Group)
def audit() -> None:
    """Prüfprotokoll: wer was getan hat, mit Codes und Nummern, ohne Namen."""


@audit.command(epilog="Beispiel: lms-tool audit export --since 2026-11-01 --format csv > protokoll.csv")
@click.option("--since", type=_DATE, help="Ab diesem Tag oder Zeitpunkt (UTC).")
@click.option("--until", type=_DATE, help="Bis vor diesen Tag oder Zeitpunkt (UTC).")
@click.option("--kind", default="", help="Nur eine Art, zum Beispiel «refused».")
@click.option(
    "--format", "form", type=click.Choice(["json", "csv"]), default="json", help="JSON-Zeilen oder CSV."
)
@click.option("--tenant", metavar="KÜRZEL", help="Nur dieser Mandant; ohne Angabe die ganze Installation.")
def export(since: datetime | None, until: datetime | None, kind: str, form: str, tenant: str | None) -> None:
    """Das Protokoll ausgeben, das Älteste zuerst."""
    tool = migrated()
    wanted = audit_log.Wanted(kind, None, _utc(since), _utc(until))
    write = audit_export.as_csv if form == "csv" else audit_export.as_json_lines
    with tool.database.read() as db:
        tenant_id = tenants.by_key(db, tenant).id if tenant is not None else None
        click.echo(write(audit_log.lines(db, tenant_id, wanted)), nl=False)


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
