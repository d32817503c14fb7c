"""``lms-tool platform test`` and ``sync``: do the connections work, and are they those of the files?"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from lms_tool.cli.common import as_json, migrated
from lms_tool.database import Connection
from lms_tool.services import audit, platform_files, platforms
from lms_tool.services.platform_files import PlatformFilesInvalid, Synced
from lms_tool.services.products import Product
from lms_tool.services.selftest import Check, State

SIGNS = {State.OK: "✔", State.WARN: "!", State.BAD: "✘", State.OFF: "–"}


@click.command("test", epilog="Beispiel: lms-tool platform test 1")
@click.argument("platform_id", type=int)
@as_json
def check_platform(platform_id: int, as_json: bool) -> None:
    """Eine Verbindung prüfen: Schlüssel, Uhren, Zugriffstoken, Teilnehmende, Noten. Sagt, was zu beheben ist."""
    tool = migrated()
    checks = tool.selftest.run(platform_id)
    with tool.database.read() as db:
        product = platforms.product(db, platform_id)
    if as_json:
        click.echo(json.dumps([_row(check, product) for check in checks], ensure_ascii=False))
    elif not checks:
        click.echo("Diese Verbindung wird gerade schon geprüft. Versuchen Sie es gleich noch einmal.")
    for check in [] if as_json else checks:
        when = f", {check.at:%d.%m.%Y %H:%M} UTC" if check.at else ""
        took = f" ({check.millis} ms)" if check.millis is not None else ""
        click.echo(f"{SIGNS[check.state]} {check.title.de}: {check.sentence.de}{when}{took}")
        if remedy := check.remedy(product):
            lead = "" if check.state is State.OFF else "So beheben Sie es: "
            click.echo(f"    {lead}{remedy.de}")
    if any(check.state is State.BAD for check in checks):
        raise SystemExit(1)


@click.command("sync", epilog="Beispiel: lms-tool platform sync lti_config/platforms")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Nur zeigen, was sich ändern würde.")
@as_json
def sync_platforms(directory: Path, dry_run: bool, as_json: bool) -> None:
    """Verbindungen nach Dateien eintragen und ändern (eine TOML-Datei je LMS). Gelöscht wird nie etwas."""
    tool = migrated()
    synced: Synced | None = None
    try:
        declared = platform_files.load(directory)
        with suppress(_Undone), tool.database.write() as db:
            synced = platform_files.sync(db, declared, tool.clock())
            if dry_run:
                raise _Undone
            _write_down(db, synced, tool.clock())
    except PlatformFilesInvalid as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        raise
    assert synced is not None
    if as_json:
        click.echo(json.dumps(asdict(synced), ensure_ascii=False))
        return
    for change in synced.changes:
        fields = f": {', '.join(change.fields)}" if change.fields else ""
        click.echo(f"{change.file}: Plattform {change.platform_id} {_WHAT[change.what]}{fields}")
    for number, lti_id in synced.stray_deployments:
        click.echo(f"Plattform {number}: Deployment {lti_id} steht in keiner Datei; es bleibt.")
    for number in synced.strays:
        click.echo(f"Plattform {number} steht in keiner Datei; sie bleibt.")
    if dry_run:
        click.echo("Nur gezeigt, nichts geändert (--dry-run).")


_WHAT = {"added": "eingetragen", "changed": "geändert", "unchanged": "unverändert"}


class _Undone(Exception):
    """Ends a transaction that was only for show."""


def _write_down(db: Connection, synced: Synced, now: datetime) -> None:
    for change in synced.changes:
        if change.what != "unchanged":
            details = {"fields": list(change.fields)}
            audit.note(
                db, now, "admin", f"platform_{change.what}", change.platform_id, "", details, actor="cli"
            )


def _row(check: Check, product: Product) -> dict[str, Any]:
    remedy = check.remedy(product)
    return {**check.stored(), "state": check.state, "text": check.sentence.de, "remedy": remedy and remedy.de}
