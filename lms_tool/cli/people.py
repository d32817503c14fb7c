"""``lms-tool person …``: rights of the people whose data it is."""

from __future__ import annotations

import click

from lms_tool.cli.common import Group, as_json, migrated, show
from lms_tool.services import audit, privacy


@click.group(cls=Group)
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
    now = tool.clock()
    with tool.database.write() as db:
        tenant_id = privacy.erase(db, person_id)
        note = {"person": person_id}
        audit.note(db, now, "people", "person_erased", None, "", note, actor="cli", tenant_id=tenant_id)
    click.echo(f"Person {person_id} ist gelöscht.")
