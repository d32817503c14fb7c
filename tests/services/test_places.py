"""Where a session ran out, and for how long that is worth knowing."""

from __future__ import annotations

from datetime import timedelta

from builders import Classroom
from outgoing import Clock
from sqlalchemy import func, select

from lms_tool.models import Person, Place
from lms_tool.services import launches, places, privacy, sessions, upkeep
from lms_tool.services.sessions import IDLE, LearningSession


def enter(room: Classroom, clock: Clock) -> tuple[launches.Accepted, LearningSession]:
    with room.database.write() as db:
        accepted = room.accept(db, now=clock.now)
        return accepted, sessions.find(db, accepted.launch_id, "beweis", clock.now)


def look_at(room: Classroom, clock: Clock, found: LearningSession, path: str) -> None:
    with room.database.write() as db:
        places.remember(db, found, path, clock.now)


def left_behind(room: Classroom) -> int:
    with room.database.read() as db:
        return db.scalar(select(func.count()).select_from(Place)) or 0


def test_the_next_launch_is_told_where_the_last_one_ran_out(room: Classroom, clock: Clock) -> None:
    first, found = enter(room, clock)
    assert (first.place, found.place) == ("", None)
    look_at(room, clock, found, "a/l1")
    look_at(room, clock, found, "a/t1/t/1/q/2")
    with room.database.read() as db:
        assert sessions.find(db, first.launch_id, "beweis", clock.now).place == "a/t1/t/1/q/2"
    clock.forward(minutes=1)
    assert enter(room, clock)[0].place == "", "it still runs"
    clock.now += IDLE
    later, _ = enter(room, clock)
    assert later.place == "a/t1/t/1/q/2"
    assert later.path == f"/k/{later.launch_id}/?back=a%2Ft1%2Ft%2F1%2Fq%2F2"


def test_it_outlives_the_launch_but_not_two_weeks(room: Classroom, clock: Clock) -> None:
    _, found = enter(room, clock)
    look_at(room, clock, found, "a/l1")
    clock.forward(days=13)
    with room.database.write() as db:
        upkeep.sweep(db, clock.now)
    assert enter(room, clock)[0].place == "a/l1"
    clock.forward(days=2)
    assert enter(room, clock)[0].place == ""
    with room.database.write() as db:
        upkeep.sweep(db, clock.now)
    assert left_behind(room) == 0


def test_who_ends_a_session_or_is_erased_leaves_no_place(room: Classroom, clock: Clock) -> None:
    _, found = enter(room, clock)
    look_at(room, clock, found, "a/l1")
    with room.database.write() as db:
        places.forget(db, found)
    assert left_behind(room) == 0
    look_at(room, clock, found, "a/l1")
    with room.database.write() as db:
        privacy.erase(db, db.scalar(select(Person.id)) or 0)
    assert left_behind(room) == 0


def test_seconds_left(room: Classroom, clock: Clock) -> None:
    _, found = enter(room, clock)
    begun, idle = clock.now, int(IDLE.total_seconds())
    assert sessions.seconds_left(found, begun, touched=False) == idle
    later = begun + timedelta(seconds=50)
    assert sessions.seconds_left(found, later, touched=False) == idle - 50
    assert sessions.seconds_left(found, later, touched=True) == idle
    near = found.expires_at - timedelta(minutes=5)
    assert sessions.seconds_left(found, near, touched=True) == 300
    assert sessions.seconds_left(found, found.expires_at, touched=True) == 0
