"""``lms-tool platform mentors``: whether the mentors of an LMS may look at the people their launch names."""

from __future__ import annotations

import click

from lms_tool.cli.common import migrated
from lms_tool.services import audit, platforms


@click.command("mentors", epilog="Beispiel: lms-tool platform mentors 1 --allow")
@click.argument("platform_id", type=int)
@click.option(
    "--allow/--deny",
    "allowed",
    default=None,
    required=True,
    help="Erlauben oder verbieten; Vorgabe: verboten.",
)
def mentors(platform_id: int, allowed: bool) -> None:
    """Mentorinnen und Mentoren dieses LMS den Lernstand der Personen zeigen, die das LMS ihnen zuordnet."""
    tool = migrated()
    now = tool.clock()
    with tool.database.write() as db:
        platforms.let_mentors(db, platform_id, allowed)
        audit.note(
            db, now, "admin", "mentors_allowed" if allowed else "mentors_denied", platform_id, "", actor="cli"
        )
    click.echo(f"Plattform {platform_id}: Mentoring ist {'erlaubt' if allowed else 'nicht erlaubt'}.")
