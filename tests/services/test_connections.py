"""What administrators see of their connections, and what ends with one."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW, Classroom, platform
from office import Office
from sqlalchemy import func, select, update

from lms_tool.database import Database
from lms_tool.models import Delivery, Deployment, Launch, Membership, Person, Platform, Score, Status
from lms_tool.services import administrators, connections, platforms, tenants, upkeep
from lms_tool.services.connections import Condition, Details
from lms_tool.services.platforms import PlatformNotFound, RegistrationInvalid
from lms_tool.services.selftest import Check, Name

PLACED = {"activity_id": "l1"}


def looked_at(room: Classroom) -> Details:
    with room.database.read() as db:
        return connections.details(db, room.at.id, tenants.FIRST)


def set_to(room: Classroom, **values: Any) -> None:
    with room.database.write() as db:
        db.execute(update(Platform).where(Platform.id == room.at.id).values(**values))


def test_a_connection_that_works_is_fine(office: Office) -> None:
    office.complete(**PLACED)
    office.drain()
    line = looked_at(office.room).line
    assert (line.condition, line.waiting, line.last_launch_at) == (Condition.FINE, 0, office.clock())


def test_nobody_has_come_yet(room: Classroom) -> None:
    assert looked_at(room).line.condition is Condition.NEW


@pytest.mark.parametrize(
    ("values", "condition"),
    [
        ({"status": Status.INACTIVE}, Condition.OFF),
        ({"status": Status.PENDING}, Condition.PENDING),
        ({"jwks_problem": "timed_out"}, Condition.KEYS),
        ({"delivery_problem": "timed_out"}, Condition.SILENT),
        ({"checks": [Check(Name.TOKEN, "token_unreadable").stored()]}, Condition.FAULT),
        ({"checks": [Check(Name.MEMBERS, "members_refused").stored()]}, Condition.FINE),
    ],
    ids=lambda value: value.value if isinstance(value, Condition) else "",
)
def test_the_most_urgent_thing_is_told(office: Office, values: dict[str, Any], condition: Condition) -> None:
    office.complete(**PLACED)
    set_to(office.room, **values)
    assert looked_at(office.room).line.condition is condition


def test_refused_grades_come_before_everything_but_the_switch(office: Office) -> None:
    office.complete(**PLACED)
    with office.room.database.write() as db:
        db.execute(update(Score).values(state=Delivery.FAILED, reason="forbidden"))
    set_to(office.room, jwks_problem="timed_out")
    line = looked_at(office.room).line
    assert (line.condition, line.waiting) == (Condition.GRADES, 1)


def test_a_deployment_that_waits_is_told(office: Office) -> None:
    office.room.arrive()
    with office.room.database.write() as db:
        db.execute(update(Deployment).values(status=Status.PENDING))
    assert looked_at(office.room).line.condition is Condition.DEPLOYMENT


def test_the_list_has_a_tenants_own_and_none_that_waits_for_approval(database: Database) -> None:
    with database.write() as db:
        mine, waits = platform(db), platform(db)
        platforms.set_status(db, waits.id, Status.PENDING)
        other = tenants.add(db, "andere", "Andere", NOW)
        stranger = platform(db)
        db.execute(update(Platform).where(Platform.id == stranger.id).values(tenant_id=other.id))
        assert [line.id for line in connections.overview(db, tenants.FIRST)] == [mine.id]
        assert [line.id for line in connections.overview(db, other.id)] == [stranger.id]


@pytest.mark.parametrize("verb", ["details", "rename", "held", "disconnect"])
def test_another_tenants_connection_is_not_there(room: Classroom, verb: str) -> None:
    with room.database.write() as db:
        other = tenants.add(db, "andere", "Andere", NOW).id
        more = ("Neu",) if verb == "rename" else ()
        with pytest.raises(PlatformNotFound):
            getattr(connections, verb)(db, room.at.id, other, *more)
    assert looked_at(room).line.id == room.at.id


def test_a_name_is_given_and_tidied(room: Classroom) -> None:
    with room.database.write() as db:
        connections.rename(db, room.at.id, tenants.FIRST, "  Moodle\tder   HSF ")
    assert looked_at(room).line.name == "Moodle der HSF"


@pytest.mark.parametrize("name", ["", "   ", "x" * 256, "a\x00b"])
def test_a_name_that_is_none_is_refused(room: Classroom, name: str) -> None:
    with room.database.write() as db, pytest.raises(RegistrationInvalid):
        connections.rename(db, room.at.id, tenants.FIRST, name)


def test_who_approved_is_called_by_name_within_the_tenant_only(room: Classroom) -> None:
    with room.database.write() as db:
        mine = administrators.add(db, tenants.FIRST, "A. Beier", NOW)
        other = administrators.add(db, tenants.add(db, "andere", "Andere", NOW).id, "Fremd", NOW)
    for actor, shown in ((f"admin:{mine}", "A. Beier"), (f"admin:{other}", f"admin:{other}"), ("cli", "cli")):
        set_to(room, approved_by=actor)
        assert looked_at(room).approved_by == shown


def count(database: Database, table: Any) -> int:
    with database.read() as db:
        return int(db.scalar(select(func.count()).select_from(table)) or 0)


def test_what_would_go_is_counted_and_then_goes(office: Office) -> None:
    office.complete(**PLACED)
    office.complete("berta", context_id="andere", link="link-2", **PLACED)
    room = office.room
    with room.database.write() as db:
        held = connections.held(db, room.at.id, tenants.FIRST)
        assert (held.courses, held.people, held.grades_waiting) == (2, 2, 2)
        connections.disconnect(db, room.at.id, tenants.FIRST)
    assert [count(room.database, table) for table in (Platform, Person, Membership, Score, Launch)] == [0] * 5


def test_people_another_connection_knows_stay(office: Office) -> None:
    room = office.room
    with room.database.write() as db:
        second = platform(db, issuer=room.at.issuer)
    office.complete(**PLACED)
    office.complete("berta", **PLACED)
    Classroom(room.database, room.course, second, room.revision_id).arrive(sub="anna")
    with room.database.write() as db:
        connections.disconnect(db, room.at.id, tenants.FIRST)
        assert list(db.scalars(select(Person.sub))) == ["anna"]


def test_the_last_launch_is_remembered_when_launches_are_swept_away(office: Office) -> None:
    office.room.arrive(now=office.clock())
    came = office.clock()
    office.clock.forward(days=2)
    with office.room.database.write() as db:
        upkeep.sweep(db, office.clock())
    assert count(office.room.database, Launch) == 0
    assert looked_at(office.room).line.last_launch_at == came
    with office.room.database.write() as db:
        upkeep.sweep(db, office.clock())
    assert looked_at(office.room).line.last_launch_at == came
