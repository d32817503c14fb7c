"""Who teachers see, who leaves no trace, and who is forgotten when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOW, Classroom, lesson, module, publish
from builders import course as course_of
from roster_wire import Registrar, member
from sqlalchemy import func, select, update

from lms_tool.database import Database
from lms_tool.lti.roles import Role
from lms_tool.models import (
    AuditEvent,
    Base,
    Context,
    Membership,
    MemberStatus,
    Person,
    Progress,
    RosterEntry,
    Score,
)
from lms_tool.services import lessons, members, privacy, retention
from lms_tool.services.lessons import Learner

YEAR = 365


def seen(registrar: Registrar, here: int, *only: str) -> list[members.Member]:
    with registrar.room.database.read() as db:
        return members.in_context(db, here, registrar.room.course, only or None)


def count(database: Database, table: type[Base]) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def read_lesson(room: Classroom, learner: Learner, activity: str = "l1") -> None:
    with room.database.write() as db:
        lessons.finish_lesson(db, learner, room.course, room.course.by_activity[activity][1], NOW)


def test_roster_and_launches_become_one_list(registrar: Registrar) -> None:
    registrar.wire.members = [
        member("7", name="Uwe Öhler", given_name="Uwe", family_name="Öhler"),
        member("anna", name="Anna Zschau", given_name="Anna", family_name="Zschau"),
        member("8", name="Ada Ohm", given_name="Ada", family_name="Ohm"),
        member("9"),
        member("lotse", "Instructor", name="Jörg Beyer"),
    ]
    here = registrar.come()
    registrar.sync(here)
    read_lesson(registrar.room, registrar.room.arrive(sub="anna", module_id="m1"))
    registrar.room.arrive(sub="gast", name="Gast Hörer")
    found = seen(registrar, here)
    assert [one.family_first for one in found] == [
        "Gast Hörer",
        "Jörg Beyer",
        "Öhler, Uwe",
        "Ohm, Ada",
        "Zschau, Anna",
        "",
    ]
    by_name = {one.name: one for one in found}
    anna, uwe, guest = by_name["Anna Zschau"], by_name["Uwe Öhler"], by_name["Gast Hörer"]
    assert (anna.launched, anna.begun, anna.modules_done, anna.completed, anna.listed) == (
        True,
        True,
        0,
        False,
        True,
    )
    assert (uwe.launched, uwe.begun, uwe.listed, uwe.role) == (False, False, True, Role.LEARNER)
    assert (guest.launched, guest.begun, guest.listed, guest.since) == (True, False, False, None)
    assert by_name["Jörg Beyer"].role is Role.INSTRUCTOR
    assert len(found[-1].pseudonym) == 5
    assert [one.name for one in seen(registrar, here, "anna", "gibt-es-nicht")] == ["Anna Zschau"]


def test_the_role_of_the_launch_counts(registrar: Registrar) -> None:
    """Moodle's roster calls a tutor a learner."""
    registrar.wire.members = [member("tutor", "Learner")]
    here = registrar.come("tutor", role=Role.INSTRUCTOR)
    registrar.sync(here)
    assert [one.role for one in seen(registrar, here)] == [Role.INSTRUCTOR]


def test_modules_of_the_course_count_and_no_others(registrar: Registrar) -> None:
    here = registrar.come()
    room = registrar.room
    wanted = course_of(module("m1", lesson("l1")), module("m2", lesson("l2")))
    with room.database.write() as db:
        publish(db, wanted)
    room.course = wanted
    anna = room.arrive(sub="anna")
    read_lesson(room, anna)
    assert [(one.modules_done, one.completed) for one in seen(registrar, here, "anna")] == [(1, False)]
    read_lesson(room, anna, "l2")
    assert [(one.modules_done, one.completed) for one in seen(registrar, here, "anna")] == [(2, True)]
    room.course = course_of(module("m2", lesson("l2")))
    assert [one.modules_done for one in seen(registrar, here, "anna")] == [1]
    room.arrive(sub="anna", context_id="andere")
    with room.database.read() as db:
        other = db.execute(select(Context.id).where(Context.lti_id == "andere")).scalar_one()
    assert [(one.begun, one.modules_done) for one in seen(registrar, other)] == [(False, 0)]


def test_pseudonyms_stay_and_say_nothing_elsewhere() -> None:
    assert members.pseudonym(1, "7") == members.pseudonym(1, "7")
    assert members.pseudonym(1, "7") != members.pseudonym(2, "7")
    assert members.pseudonym(1, "7") != members.pseudonym(1, "8")


def test_an_erased_person_leaves_the_roster(registrar: Registrar) -> None:
    registrar.wire.members = [member("anna"), member("lotse")]
    here, there = registrar.come(), registrar.come(context_id="andere")
    for one in (here, there):
        registrar.sync(one)
    anna = registrar.room.arrive(sub="anna")
    with registrar.room.database.write() as db:
        privacy.erase(db, anna.person_id)
    assert set(registrar.entries(here)) == set(registrar.entries(there)) == {"lotse"}


def leave(registrar: Registrar, here: int, *subs: str) -> None:
    with registrar.room.database.write() as db:
        db.execute(
            update(RosterEntry)
            .where(RosterEntry.context_id == here, RosterEntry.user_id.in_(subs))
            .values(status=MemberStatus.INACTIVE, status_since=NOW)
        )


def forget(registrar: Registrar, *, days: int, keep: int = YEAR) -> int:
    with registrar.room.database.write() as db:
        return retention.forget(db, NOW + timedelta(days=days), keep)


def test_who_left_stays_until_the_retention_ends(registrar: Registrar) -> None:
    registrar.wire.members = [member("anna"), member("berta"), member("carl"), member("lotse")]
    here = registrar.come()
    registrar.sync(here)
    database = registrar.room.database
    anna, berta = (registrar.room.arrive(sub=sub, activity_id="l1") for sub in ("anna", "berta"))
    elsewhere = registrar.room.arrive(sub="berta", context_id="andere", link="link-9", activity_id="l1")
    for one in (anna, berta, elsewhere):
        read_lesson(registrar.room, one)
    leave(registrar, here, "anna", "berta", "carl")
    assert forget(registrar, days=YEAR) == 0
    assert forget(registrar, days=YEAR * 10, keep=0) == 0
    assert count(database, Score) == 3
    assert forget(registrar, days=YEAR + 1) == 3
    assert set(registrar.entries(here)) == {"lotse"}
    assert count(database, Score) == 1
    with database.read() as db:
        assert set(db.scalars(select(Progress.membership_id))) == {elsewhere.membership_id}
        assert set(db.scalars(select(Person.sub))) == {"berta", "lotse"}, "berta is still elsewhere"
        subs = select(Person.sub).join(Membership, Membership.person_id == Person.id)
        assert sorted(db.scalars(subs)) == ["berta", "lotse"]
        line = db.execute(select(AuditEvent).where(AuditEvent.kind == "retention")).one()
    assert (line.actor, line.details, line.platform_id) == ("system", {"members": 3}, registrar.room.at.id)
    assert forget(registrar, days=YEAR + 1) == 0


def test_who_came_back_in_time_stays(registrar: Registrar) -> None:
    registrar.wire.members = [member("anna")]
    here = registrar.come()
    registrar.sync(here)
    leave(registrar, here, "anna")
    registrar.room.arrive(sub="anna", now=NOW + timedelta(days=200))
    assert forget(registrar, days=YEAR + 1) == 0


@pytest.mark.parametrize("table", [Membership, Person, Progress])
def test_who_stands_in_no_roster_is_not_forgotten(registrar: Registrar, table: type[Base]) -> None:
    read_lesson(registrar.room, registrar.room.arrive(sub="anna", module_id="m1"))
    before = count(registrar.room.database, table)
    assert forget(registrar, days=YEAR * 5) == 0
    assert count(registrar.room.database, table) == before > 0
