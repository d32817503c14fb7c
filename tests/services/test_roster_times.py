"""When a roster is read: for whom, how often, and when not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOW, new_platform
from outgoing import answer
from roster_wire import PATH, Registrar, member
from sqlalchemy import update

from lms_tool.http import ConnectFailed
from lms_tool.lti.roles import Role
from lms_tool.models import MemberStatus, Roster, Status
from lms_tool.services import platforms, rosters


@pytest.mark.parametrize("role", [Role.LEARNER, Role.MENTOR])
def test_nothing_is_read_where_nobody_may_look(registrar: Registrar, role: Role) -> None:
    here = registrar.come(role=role)
    assert registrar.roster(here) is None
    assert registrar.reader.waiting() == []


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR, Role.ADMINISTRATOR])
def test_a_launch_of_staff_reads(registrar: Registrar, role: Role) -> None:
    here = registrar.come(role=role)
    assert registrar.reader.waiting() == [here]


def test_a_launch_without_the_service_or_a_course_reads_nothing(registrar: Registrar) -> None:
    room = registrar.room
    room.arrive(sub="lotse", role=Role.INSTRUCTOR)
    registrar.room.arrive(sub="lotse", role=Role.INSTRUCTOR, context=None)
    assert registrar.reader.waiting() == []


def test_what_was_just_read_is_not_read_again(registrar: Registrar) -> None:
    here = registrar.come()
    registrar.sync(here)
    registrar.clock.forward(minutes=9)
    registrar.come("kollegin")
    assert registrar.reader.waiting() == []
    registrar.clock.forward(minutes=1)
    registrar.come(role=Role.LEARNER, sub="anna")
    assert registrar.reader.waiting() == []
    registrar.come("kollegin")
    assert registrar.reader.waiting() == [here]


def test_every_night(registrar: Registrar) -> None:
    here = registrar.come()
    registrar.sync(here)
    due = registrar.roster(here).next_at
    assert NOW < due < NOW + timedelta(hours=20)
    assert 1 <= due.hour < 4
    registrar.clock.now = due - timedelta(seconds=1)
    assert registrar.reader.waiting() == []
    registrar.clock.forward(seconds=1)
    assert registrar.reader.waiting() == [here]
    registrar.sync(here)
    assert registrar.roster(here).next_at == due + timedelta(days=1)


def test_nights_are_shared_out() -> None:
    turns = {rosters.tonight(NOW, context) for context in range(200)}
    assert len(turns) > 100
    for now in (NOW, NOW.replace(hour=0), NOW.replace(hour=2), NOW.replace(hour=23, minute=59)):
        assert all(
            timedelta(hours=1) < rosters.tonight(now, context) - now <= timedelta(hours=25)
            for context in range(200)
        )


def test_a_course_that_is_over_is_left_alone(registrar: Registrar) -> None:
    here = registrar.come()
    registrar.sync(here)
    for _ in range(70):
        registrar.clock.forward(days=1)
        registrar.sync(here)
    assert len(registrar.asked) == 62, "each day for two months"
    registrar.come(role=Role.LEARNER, sub="anna")
    assert registrar.reader.waiting() == []
    registrar.come()
    assert registrar.reader.waiting() == [here]
    registrar.sync(here)
    assert registrar.roster(here).next_at is not None


@pytest.mark.parametrize(
    ("status", "problem"), [(401, "roster_forbidden"), (403, "roster_forbidden"), (404, "roster_gone")]
)
def test_a_refusal_switches_the_roster_off(registrar: Registrar, status: int, problem: str) -> None:
    here = registrar.come()
    registrar.wire.always[PATH] = answer(status)
    assert not registrar.sync(here)
    asked = len(registrar.asked)
    assert asked == (2 if status == 401 else 1), "a token is renewed once"
    row = registrar.roster(here)
    assert (row.problem, row.next_at) == (problem, None)
    registrar.clock.forward(days=30)
    registrar.come()
    assert registrar.reader.waiting() == []
    registrar.wire.always.clear()
    assert press(registrar, here)
    assert registrar.sync(here)
    assert registrar.roster(here).problem is None
    assert registrar.roster(here).next_at is not None


def test_a_scope_that_is_not_granted_switches_the_roster_off(registrar: Registrar) -> None:
    here = registrar.come()
    registrar.wire.always["/token"] = answer(400, b'{"error": "invalid_scope"}')
    registrar.sync(here)
    assert registrar.asked == []
    assert (registrar.roster(here).problem, registrar.roster(here).next_at) == ("roster_forbidden", None)


def test_a_new_address_is_a_new_beginning(registrar: Registrar) -> None:
    here = registrar.come()
    registrar.wire.script[PATH] = [answer(404)]
    registrar.sync(here)
    moved = f"{registrar.room.at.issuer}{PATH}?course=2"
    registrar.come(role=Role.LEARNER, sub="anna", url=moved)
    assert registrar.reader.waiting() == []
    assert registrar.roster(here).next_at is not None, "read again tonight"
    registrar.come(url=moved)
    assert registrar.reader.waiting() == [here]
    registrar.sync(here)
    assert registrar.asked[-1].url == f"{moved}&limit=1000"


def test_an_old_token_is_renewed(registrar: Registrar) -> None:
    here = registrar.come()
    registrar.wire.script[PATH] = [answer(401)]
    assert registrar.sync(here)
    assert len(registrar.wire.tokens) == 2


def test_a_pause_is_kept_to_the_second_by_all_rosters_of_the_platform(registrar: Registrar) -> None:
    here, there = registrar.come(), registrar.come(context_id="andere")
    registrar.wire.script[PATH] = [answer(429, retry_after="120")]
    assert not registrar.sync(here)
    assert registrar.reader.waiting() == []
    assert not press(registrar, here), "not even by hand"
    registrar.clock.forward(seconds=119)
    assert registrar.reader.waiting() == []
    registrar.clock.forward(seconds=1)
    assert set(registrar.reader.waiting()) == {here, there}
    assert registrar.sync(here)
    assert registrar.sync(there)
    assert len(registrar.asked) == 3


@pytest.mark.parametrize(("asked", "seconds"), [(None, 600), ("0", 5), ("99999999", 3600), ("morgen", 600)])
def test_an_odd_pause_is_still_a_pause(registrar: Registrar, asked: str | None, seconds: int) -> None:
    here = registrar.come()
    registrar.wire.script[PATH] = [answer(429, **({"retry_after": asked} if asked else {}))]
    registrar.sync(here)
    assert registrar.roster(here).next_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("away", [answer(500), ConnectFailed(), answer(200, b"<html>")])
def test_tries_become_rarer(registrar: Registrar, away: Any) -> None:
    here = registrar.come()
    registrar.wire.always[PATH] = away
    waits = []
    for _ in range(11):
        registrar.sync(here)
        due: datetime = registrar.roster(here).next_at
        waits.append((due - registrar.clock.now) / timedelta(minutes=1))
        registrar.come()
        assert registrar.reader.waiting() == [], "a launch does not hurry what fails"
        registrar.clock.now = due
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]
    registrar.wire.always.clear()
    assert registrar.sync(here)
    assert registrar.roster(here).failures == 0


def test_a_press_hurries_what_failed(registrar: Registrar) -> None:
    here = registrar.come()
    registrar.wire.script[PATH] = [answer(500)]
    registrar.sync(here)
    assert press(registrar, here)
    assert registrar.sync(here)
    assert not press(registrar, here), "it was read a moment ago"


def test_nothing_is_read_from_what_is_switched_off(registrar: Registrar) -> None:
    here = registrar.come()
    with registrar.room.database.write() as db:
        platforms.set_status(db, registrar.room.at.id, Status.INACTIVE)
    assert registrar.reader.waiting() == []
    assert not registrar.sync(here)
    assert registrar.asked == []


def test_who_launches_is_there(registrar: Registrar) -> None:
    registrar.wire.members = [member("anna", status="Inactive"), member("lotse", "Instructor")]
    here = registrar.come()
    registrar.sync(here)
    registrar.clock.forward(days=3)
    registrar.room.arrive(sub="anna", now=registrar.clock.now)
    assert registrar.statuses(here)["anna"] == (MemberStatus.ACTIVE, registrar.clock.now)
    assert registrar.statuses(here)["lotse"] == (MemberStatus.ACTIVE, NOW)


def test_platforms_do_not_share_a_pause(registrar: Registrar) -> None:
    here = registrar.come()
    with registrar.room.database.write() as db:
        other = platforms.add(db, new_platform(), NOW)
        db.execute(update(Roster).values(platform_id=other.id))
    there = registrar.come(context_id="andere")
    registrar.wire.script[PATH] = [answer(429, retry_after="120")]
    registrar.sync(there)
    assert registrar.reader.waiting() == [here]


def press(registrar: Registrar, here: int) -> bool:
    with registrar.room.database.write() as db:
        return rosters.ask(db, here, registrar.clock.now, by_hand=True)
