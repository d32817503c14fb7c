"""``lms-tool courses …``: course packages."""

from __future__ import annotations

import functools
import json
from dataclasses import asdict
from pathlib import Path

import click

from lms_tool.cli.common import Group, as_json, migrated
from lms_tool.content import package
from lms_tool.services import courses as shelf
from lms_tool.services import tenants
from lms_tool.settings import SettingsInvalid


@click.group("courses", cls=Group)
def courses() -> None:
    """Kurspakete."""


directory = functools.partial(click.argument, "directory", type=click.Path(path_type=Path))


@courses.command("check", epilog="Beispiel: lms-tool courses check courses/basis-befaehigung")
@directory()
@click.option("--readability", is_flag=True, help="Dazu je Seite Wörter, Sätze und Lesbarkeit zeigen.")
@as_json
def check_course(directory: Path, readability: bool, as_json: bool) -> None:
    """Ein Paket prüfen: Aufbau und Texte; jeder Fehler mit Datei, Zeile und Abhilfe."""
    inspected = package.inspect(directory)
    if as_json:
        faults = [asdict(fault) for fault in inspected.faults]
        pages = [{"path": path, **asdict(page)} for path, page in inspected.readability()]
        click.echo(
            json.dumps({"faults": faults, "pages": pages} if readability else faults, ensure_ascii=False)
        )
    else:
        if readability:
            _print_readability(inspected, directory)
        for fault in inspected.faults:
            click.echo(str(fault), err=True)
    if any(fault.level == "error" for fault in inspected.faults):
        raise SystemExit(1)
    if not as_json:
        click.echo(f"{directory}: keine Fehler.")


@courses.command("load", epilog="Beispiel: lms-tool courses load courses/basis-befaehigung")
@directory(required=False)
@click.option(
    "--tenant", metavar="KÜRZEL", help="Der Kurs gehört diesem Mandanten; ohne Angabe ist er für alle da."
)
def load_course(directory: Path | None, tenant: str | None) -> None:
    """Ein Paket veröffentlichen, ohne Angabe alle. Eine neue Fassung entsteht nur, wenn sich etwas geändert hat."""
    tool = migrated()
    for place in [directory] if directory else _packages(tool.settings.courses_folder):
        with tool.database.write() as db:
            owner = tenants.by_key(db, tenant).id if tenant is not None else None
            loaded = shelf.load(db, place, tool.clock(), owner)
        news = "neue Fassung" if loaded.changed else "unverändert, Fassung"
        click.echo(f"{loaded.course_id}: {news} {loaded.revision}")


def _print_readability(inspected: package.Inspection, directory: Path) -> None:
    """One line a page. LIX: the lower, the easier (at most 50); Amstad: the higher, the easier."""
    click.echo("Wörter  Sätze  Median  längster   LIX  Amstad  Seite")
    for path, page in inspected.readability():
        name = path.removeprefix(f"{directory}/")
        click.echo(
            f"{page.words:6}  {page.sentences:5}  {page.median:6.1f}  {page.longest:8}  {page.lix:4.1f}  "
            f"{page.amstad:6.1f}  {name}"
        )


def _packages(folder: Path) -> list[Path]:
    found = sorted(place.parent for place in folder.glob("*/course.yaml"))
    if not found:
        raise SettingsInvalid(variable="LMS_TOOL_COURSES_DIR", problem=f"no course package below {folder}")
    return found
