"""``lms-tool keys …``: our signing keys, and the secret they are kept under."""

from __future__ import annotations

import json

import click

from lms_tool.cli.common import Group, as_json, migrated, show
from lms_tool.services import audit, resealing, tool_keys


@click.group(cls=Group)
def keys() -> None:
    """Signierschlüssel des Werkzeugs."""


@keys.command(epilog="Beispiel: lms-tool keys rotate")
def rotate() -> None:
    """Einen neuen Schlüssel veröffentlichen. Er unterschreibt ab morgen, der alte bleibt noch eine Woche sichtbar."""
    tool = migrated()
    now = tool.clock()
    with tool.database.write() as db:
        kid = tool_keys.rotate(db, tool.vault, now)
        if kid is not None:
            audit.note(db, now, "keys", "key_rotated", None, "", {"kid": kid}, actor="cli")
    if kid is None:
        click.echo("Im selben Augenblick ist schon ein neuer Schlüssel entstanden; es bleibt bei diesem.")
    else:
        click.echo(f"Schlüssel {kid} ist veröffentlicht und unterschreibt in 24 Stunden.")


@keys.command("list", epilog="Beispiel: lms-tool keys list --json")
@as_json
def list_keys(as_json: bool) -> None:
    """Alle Schlüssel."""
    tool = migrated()
    with tool.database.read() as db:
        rows = [
            {
                "kid": key.kid,
                "created_at": key.created_at,
                "signs_from": key.signs_from,
                "signs": key.signs,
                "published": key.published,
                "published_until": key.published_until,
            }
            for key in tool_keys.listing(db, tool.clock())
        ]
    show(rows, as_json, "Noch kein Schlüssel. «lms-tool db upgrade» legt einen an.")


@keys.command(epilog="Beispiel: lms-tool keys reseal")
@as_json
def reseal(as_json: bool) -> None:
    """Gespeicherte Schlüssel mit dem neuen SECRET_KEY verschlüsseln. Danach darf das alte Geheimnis gehen."""
    tool = migrated()
    now = tool.clock()
    with tool.database.write() as db:
        done = resealing.reseal(db, tool.vault)
        found = {
            "keys": done.keys,
            "shared_secrets": done.shared_secrets,
            "dropped_tokens": done.dropped_tokens,
        }
        audit.note(db, now, "keys", "secrets_resealed", None, "", found, actor="cli")
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(
        f"{done.keys} Schlüssel und {done.shared_secrets} gemeinsame Geheimnisse neu verschlüsselt, "
        f"{done.dropped_tokens} Tokens verworfen. LMS_TOOL_PREVIOUS_SECRET_KEYS kann jetzt leer bleiben."
    )
