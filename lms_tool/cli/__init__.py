"""``lms-tool …``: thin commands over the services, one file per group."""

from __future__ import annotations

import click

from lms_tool import __version__, serving
from lms_tool.cli import administrators, audit, courses, keys, people, platforms, scores, tenants
from lms_tool.cli.common import Group, migrated, runtime
from lms_tool.jobs.queue import Queue, store
from lms_tool.observability import configure_logging
from lms_tool.services import schema, tool_keys
from lms_tool.settings import load


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


for _group in (
    platforms.platform,
    keys.keys,
    audit.audit,
    courses.courses,
    scores.scores,
    people.person,
    tenants.tenant,
    administrators.admin,
):
    main.add_command(_group)
