"""``lms-tool admin …``: who may administer a tenant in the browser."""

from __future__ import annotations

import json

import click

from lms_tool.cli.common import Group, as_json, migrated, of_tenant, show
from lms_tool.services import administrators, audit, tenants


@click.group(cls=Group)
def admin() -> None:
    """Zugänge zur Verwaltung im Browser."""


@admin.command("add", epilog='Beispiel: lms-tool admin add "A. Beier" --tenant ssg')
@click.argument("name")
@of_tenant
@as_json
def add_admin(name: str, tenant: str | None, as_json: bool) -> None:
    """Einen Zugang anlegen. Gibt einen Link aus, der einmal und einen Tag lang gilt."""
    tool = migrated()
    now = tool.clock()
    with tool.database.write() as db:
        owner = tenants.by_key(db, tenant)
        admin_id = administrators.add(db, owner.id, name, now)
        code = administrators.link(db, admin_id, owner.id, now)
        audit.note(
            db, now, "admin", "admin_added", None, "", {"admin": admin_id}, actor="cli", tenant_id=owner.id
        )
    _print(admin_id, f"{tool.settings.base_url}/admin/enter/{code}", as_json)


@admin.command("link", epilog="Beispiel: lms-tool admin link 3")
@click.argument("admin_id", type=int)
@as_json
def new_link(admin_id: int, as_json: bool) -> None:
    """Einen neuen Link für einen Zugang, zum Beispiel für einen anderen Browser."""
    tool = migrated()
    now = tool.clock()
    with tool.database.write() as db:
        code = administrators.link(db, admin_id, None, now)
        audit.note(db, now, "admin", "admin_link_made", None, "", {"admin": admin_id}, actor="cli")
    _print(admin_id, f"{tool.settings.base_url}/admin/enter/{code}", as_json)


@admin.command("list", epilog="Beispiel: lms-tool admin list --json")
@as_json
def list_admins(as_json: bool) -> None:
    """Alle Zugänge."""
    tool = migrated()
    with tool.database.read() as db:
        show(
            administrators.listing(db), as_json, "Noch kein Zugang. „lms-tool admin add NAME“ legt einen an."
        )


@admin.command("disable", epilog="Beispiel: lms-tool admin disable 3")
@click.argument("admin_id", type=int)
def disable_admin(admin_id: int) -> None:
    """Einen Zugang sperren; offene Sitzungen enden sofort."""
    tool = migrated()
    now = tool.clock()
    with tool.database.write() as db:
        administrators.disable(db, admin_id, None, now)
        audit.note(db, now, "admin", "admin_disabled", None, "", {"admin": admin_id}, actor="cli")
    click.echo(f"Zugang {admin_id} ist gesperrt.")


def _print(admin_id: int, url: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"id": admin_id, "url": url}))
        return
    click.echo(f"Zugang {admin_id}. Dieser Link öffnet die Verwaltung, einmal und bis morgen um diese Zeit:")
    click.echo(url)
