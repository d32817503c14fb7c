"""``lms-tool keys …``: our signing keys."""

from __future__ import annotations

import click

from lms_tool.cli.common import Group, as_json, migrated, show
from lms_tool.services import tool_keys


@click.group(cls=Group)
def keys() -> None:
    """Signierschlüssel des Werkzeugs."""


@keys.command(epilog="Beispiel: lms-tool keys rotate")
def rotate() -> None:
    """Einen neuen Schlüssel veröffentlichen. Er unterschreibt ab morgen, der alte bleibt noch eine Woche sichtbar."""
    tool = migrated()
    with tool.database.write() as db:
        kid = tool_keys.rotate(db, tool.vault, tool.clock())
    click.echo(f"Schlüssel {kid} ist veröffentlicht und unterschreibt in 24 Stunden.")


@keys.command("list", epilog="Beispiel: lms-tool keys list --json")
@as_json
def list_keys(as_json: bool) -> None:
    """Alle Schlüssel."""
    tool = migrated()
    with tool.database.read() as db:
        rows = [
            {"kid": key.kid, "created_at": key.created_at, "signs": key.signs, "published": key.published}
            for key in tool_keys.listing(db, tool.clock())
        ]
    show(rows, as_json, "Noch kein Schlüssel. «lms-tool db upgrade» legt einen an.")
