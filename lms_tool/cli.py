"""``lms-tool …``: thin commands over the services."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from lms_tool import __version__, serving
from lms_tool.content import package
from lms_tool.content.faults import PackageError
from lms_tool.errors import ToolError
from lms_tool.jobs.queue import Queue, store
from lms_tool.models import Status
from lms_tool.observability import configure_logging
from lms_tool.runtime import Runtime, build
from lms_tool.services import courses, grades, platforms, privacy, schema, tool_keys
from lms_tool.services.failures import is_store_failure
from lms_tool.settings import SettingsInvalid, load


class Group(click.Group):
    """Turns our errors into one sentence on stderr and a non-zero status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PackageError as error:
            for fault in error.faults:
                click.echo(str(fault), err=True)
            raise SystemExit(1) from error
        except ToolError as error:
            details = ", ".join(f"{name}: {value}" for name, value in error.details.items())
            sentence = f"{error.text.de} {details + '. ' if details else ''}{error.remedy.de}"
            click.echo(f"lms-tool: {sentence} [{error.public_code}]", err=True)
            raise SystemExit(1) from error
        except Exception as error:
            if not is_store_failure(error):
                raise
            click.echo(
                "lms-tool: Die Datenbank antwortet nicht oder ist leer. Prüfen Sie LMS_TOOL_DATABASE_URL und rufen Sie "
                f"«lms-tool db upgrade» auf. [{type(error).__name__}]",
                err=True,
            )
            raise SystemExit(1) from error


def runtime() -> Runtime:
    """The process for a command: settings from the environment."""
    return build(load())


def migrated() -> Runtime:
    """Raises SchemaOutdated unless `db upgrade` was run."""
    tool = runtime()
    schema.require_head(tool.database)
    return tool


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Als JSON ausgeben.")(command)


def show(rows: list[dict[str, Any]], as_json: bool, empty: str) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=_plain))
    elif not rows:
        click.echo(empty)
    for row in [] if as_json else rows:
        click.echo("  ".join(f"{name}={_plain(value)}" for name, value in row.items()))


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


@click.group(cls=Group, epilog="Beispiel: lms-tool demo")
@click.version_option(__version__, prog_name="lms-tool")
def main() -> None:
    """LTI-1.3-Werkzeug für die Basis-Befähigung der Digital-Navigatorinnen und -Navigatoren."""


@main.command(epilog="Beispiel: lms-tool demo")
def demo() -> None:
    """Alles auf diesem Rechner starten, mit einem kleinen LMS zum Ausprobieren."""
    from lms_tool.demo.run import run_demo

    run_demo(load(), echo=click.echo)


@main.command(epilog="Beispiel: lms-tool serve --port 8000 --workers 2")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Prozesse.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Fäden je Prozess.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Den Webserver starten."""
    tool = migrated()
    configure_logging(tool.settings)
    tool.database.dispose()
    serving.serve("lms_tool.app:from_environment", host, port, workers, threads)


@main.command(epilog="Beispiel: lms-tool worker")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 32))
@click.option("--no-periodic", is_flag=True, help="Auf weiteren Rechnern: nur Aufträge, keine Zeitpläne.")
def worker(threads: int, no_periodic: bool) -> None:
    """Im Hintergrund Noten an die LMS übertragen und aufräumen."""
    tool = migrated()
    configure_logging(tool.settings)
    Queue(tool).consumer(threads, periodic=not no_periodic).run()


@main.group(cls=Group)
def db() -> None:
    """Datenbank."""


@db.command(epilog="Beispiel: lms-tool db upgrade")
def upgrade() -> None:
    """Auf den neuesten Stand bringen; legt beim ersten Mal alles an."""
    tool = runtime()
    schema.upgrade(tool.database)
    store(tool.settings, create_tables=True)
    with tool.database.write() as db:
        tool_keys.ensure(db, tool.vault, tool.clock())
    click.echo(f"Datenbank auf Stand {schema.head()}.")


@db.command(epilog="Beispiel: lms-tool db check")
def check() -> None:
    """Prüfen, ob sie auf dem neuesten Stand ist."""
    migrated()
    click.echo(f"Datenbank auf Stand {schema.head()}.")


@main.group(cls=Group)
def platform() -> None:
    """Verbundene LMS."""


@platform.command(
    epilog="Beispiel: lms-tool platform add --issuer https://lms.example.de --client-id abc --deployment-id 1 "
    "--auth-login-url https://lms.example.de/mod/lti/auth.php --token-url https://lms.example.de/mod/lti/token.php "
    "--jwks-url https://lms.example.de/mod/lti/certs.php"
)
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--deployment-id", "deployment_ids", multiple=True, help="Mehrfach möglich.")
@click.option("--auth-login-url", required=True)
@click.option("--token-url", required=True)
@click.option("--jwks-url", required=True)
@click.option(
    "--token-audience", help="Falls das LMS als «aud» etwas anderes verlangt als die Token-Adresse."
)
@click.option("--name", default="", help="Name für Übersichten.")
@click.option("--update", is_flag=True, help="Adressen eines eingetragenen LMS ändern.")
@as_json
def add(as_json: bool, update: bool, deployment_ids: tuple[str, ...], **values: Any) -> None:
    """Ein LMS von Hand eintragen. Zu wiederholen ist unschädlich."""
    tool = migrated()
    with tool.database.write() as db:
        new = platforms.NewPlatform(deployment_ids=deployment_ids, **values)
        added = platforms.add(db, new, tool.clock(), update=update)
        found = {"id": added.id, "login_url": tool.settings.base_url + platforms.login_path(added.key)}
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"Eingetragen als Plattform {found['id']}.")
    click.echo(f"Anmelde-Adresse (Initiate login URL): {tool.settings.base_url}/lti/login")
    click.echo(f"  nur für dieses LMS:                {found['login_url']}")
    click.echo(f"Weiterleitungs-Adresse (Redirect URI): {tool.settings.base_url}/lti/launch")
    click.echo(f"Schlüssel-Adresse (Public keyset URL): {tool.settings.base_url}/lti/jwks")


@platform.command("list", epilog="Beispiel: lms-tool platform list --json")
@as_json
def list_platforms(as_json: bool) -> None:
    """Alle eingetragenen LMS."""
    tool = migrated()
    with tool.database.read() as db:
        show(platforms.listing(db), as_json, "Noch kein LMS eingetragen.")


def _switch(platform_id: int, status: Status) -> None:
    tool = migrated()
    with tool.database.write() as db:
        platforms.set_status(db, platform_id, status)


@platform.command(epilog="Beispiel: lms-tool platform disable 1")
@click.argument("platform_id", type=int)
def disable(platform_id: int) -> None:
    """Ein LMS abschalten: keine Anmeldungen, keine Noten; nichts geht verloren."""
    _switch(platform_id, Status.INACTIVE)
    click.echo(f"Plattform {platform_id} ist abgeschaltet.")


@platform.command(epilog="Beispiel: lms-tool platform enable 1")
@click.argument("platform_id", type=int)
def enable(platform_id: int) -> None:
    """Ein LMS wieder einschalten."""
    _switch(platform_id, Status.ACTIVE)
    click.echo(f"Plattform {platform_id} ist eingeschaltet.")


@main.group(cls=Group)
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


@main.group("courses", cls=Group)
def courses_group() -> None:
    """Kurspakete."""


directory = functools.partial(click.argument, "directory", type=click.Path(path_type=Path))


@courses_group.command("check", epilog="Beispiel: lms-tool courses check courses/basis-befaehigung")
@directory()
@as_json
def check_course(directory: Path, as_json: bool) -> None:
    """Ein Paket prüfen; jeder Fehler mit Datei, Zeile und Abhilfe."""
    faults = package.check(directory)
    if as_json:
        rows = [
            {"path": f.path, "line": f.line, "level": f.level, "problem": f.problem, "remedy": f.remedy}
            for f in faults
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(str(fault), err=True)
    if any(fault.level == "error" for fault in faults):
        raise SystemExit(1)
    if not as_json:
        click.echo(f"{directory}: keine Fehler.")


@courses_group.command("load", epilog="Beispiel: lms-tool courses load courses/basis-befaehigung")
@directory(required=False)
def load_course(directory: Path | None) -> None:
    """Ein Paket veröffentlichen, ohne Angabe alle. Eine neue Fassung entsteht nur, wenn sich etwas geändert hat."""
    tool = migrated()
    for place in [directory] if directory else _packages(tool.settings.courses_folder):
        with tool.database.write() as db:
            loaded = courses.load(db, place, tool.clock())
        news = "neue Fassung" if loaded.changed else "unverändert, Fassung"
        click.echo(f"{loaded.course_id}: {news} {loaded.revision}")


def _packages(folder: Path) -> list[Path]:
    found = sorted(place.parent for place in folder.glob("*/course.yaml"))
    if not found:
        raise SettingsInvalid(variable="LMS_TOOL_COURSES_DIR", problem=f"no course package below {folder}")
    return found


@main.group(cls=Group)
def scores() -> None:
    """Noten auf dem Weg zum LMS."""


@scores.command("status", epilog="Beispiel: lms-tool scores status --json")
@as_json
def score_status(as_json: bool) -> None:
    """Was noch nicht im LMS steht, und warum."""
    tool = migrated()
    with tool.database.read() as db:
        show(grades.undelivered(db), as_json, "Alle Noten sind übertragen.")


@scores.command("sync", epilog="Beispiel: lms-tool scores sync --again")
@click.option("--again", is_flag=True, help="Auch Gescheitertes und Wartendes sofort noch einmal versuchen.")
@click.option("--score", "score_id", type=int, help="Nur diese Note (Nummer aus «scores status»).")
def sync_scores(again: bool, score_id: int | None) -> None:
    """Fällige Noten jetzt übertragen."""
    tool = migrated()
    if again or score_id is not None:
        with tool.database.write() as db:
            grades.resend(db, tool.clock(), score_id)
    reconciler = Queue(tool).reconciler
    settled = sum(reconciler.drain(platform_id) for platform_id in reconciler.waiting())
    click.echo(f"{settled} Noten erledigt.")


@main.group(cls=Group)
def person() -> None:
    """Rechte der Betroffenen."""


@person.command("find", epilog="Beispiel: lms-tool person find 4711 --json")
@click.argument("sub")
@as_json
def find_person(sub: str, as_json: bool) -> None:
    """Die Nummer einer Person, gesucht mit ihrer Kennung im LMS (sub; in Moodle die Nummer des Nutzerkontos)."""
    tool = migrated()
    with tool.database.read() as db:
        show(privacy.find(db, sub), as_json, "Niemand mit dieser Kennung.")


@person.command("erase", epilog="Beispiel: lms-tool person erase 17 --yes")
@click.argument("person_id", type=int)
@click.confirmation_option(prompt="Alle Daten dieser Person endgültig löschen?")
def erase_person(person_id: int) -> None:
    """Alle Daten einer Person löschen, auch Noten, die noch zu übertragen wären."""
    tool = migrated()
    with tool.database.write() as db:
        privacy.erase(db, person_id)
    click.echo(f"Person {person_id} ist gelöscht.")


if __name__ == "__main__":
    sys.exit(main())
