"""``lms-tool tenant …``: customers of one installation."""

from __future__ import annotations

import click

from lms_tool.cli.common import Group, as_json, migrated, show
from lms_tool.services import tenants


@click.group(cls=Group)
def tenant() -> None:
    """Mandanten: wem Plattformen, Personen und eigene Kurse gehören."""


@tenant.command("add", epilog='Beispiel: lms-tool tenant add ssg "Sächsischer Städte- und Gemeindetag"')
@click.argument("key")
@click.argument("name")
def add_tenant(key: str, name: str) -> None:
    """Einen Mandanten anlegen. KEY ist das Kürzel für Befehle, NAME der Anzeigename."""
    tool = migrated()
    with tool.database.write() as db:
        made = tenants.add(db, key, name, tool.clock())
    click.echo(f"Mandant {made.key} ist angelegt.")


@tenant.command("list", epilog="Beispiel: lms-tool tenant list --json")
@as_json
def list_tenants(as_json: bool) -> None:
    """Alle Mandanten und was ihnen gehört."""
    tool = migrated()
    with tool.database.read() as db:
        show(tenants.listing(db), as_json, "Noch kein Mandant.")
