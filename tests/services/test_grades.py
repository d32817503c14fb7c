"""Desired grades: raised, never lowered, with a time that a platform accepts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import builders
from builders import NOW, Classroom, classroom, lesson, module
from sqlalchemy import select, update

from lms_tool.database import Database
from lms_tool.models import Delivery, LineItem, Platform, ResourceLink, Score
from lms_tool.services import grades, lessons
from lms_tool.services.lessons import Learner

LATER = NOW + timedelta(minutes=10)
PROGRESS: dict[str, Any] = {"module_id": "m1", "report": "progress"}


def long_course(database: Database) -> Classroom:
    return classroom(database, builders.course(module("m1", *map(lesson, "abcd")), module("m2", lesson("e"))))


def read(room: Classroom, learner: Learner, activity: str, now: datetime = NOW) -> set[int]:
    with room.database.write() as db:
        return lessons.finish_lesson(db, learner, room.course, room.course.by_activity[activity][1], now)


def scores(room: Classroom) -> dict[str, Any]:
    """The desired grades by resource link."""
    with room.database.read() as db:
        rows = db.execute(
            select(ResourceLink.lti_id, Score)
            .join(LineItem, LineItem.id == Score.line_item_id)
            .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        ).all()
    return {row.lti_id: row for row in rows}


def test_nothing_is_wanted_before_completion(database: Database) -> None:
    room = long_course(database)
    anna = room.arrive(module_id="m1")
    for activity in "abc":
        assert read(room, anna, activity) == set()
    assert scores(room) == {}
    assert read(room, anna, "d") == {room.at.id}
    wanted = scores(room)["link-1"]
    assert (wanted.given, wanted.completed, wanted.state) == (100, True, Delivery.PENDING)


def test_times_increase_by_whole_seconds_within_one_second(database: Database) -> None:
    """Moodle answers 409 to a time that is not newer in whole seconds."""
    room = long_course(database)
    anna = room.arrive(**PROGRESS)
    stamps = []
    for number, activity in enumerate("abcd"):
        read(room, anna, activity, NOW + timedelta(milliseconds=200 * number))
        stamps.append(scores(room)["link-1"].timestamp)
    assert stamps == [NOW + timedelta(seconds=n) for n in range(4)]


def test_times_never_go_back(database: Database) -> None:
    room = long_course(database)
    anna = room.arrive(**PROGRESS)
    read(room, anna, "a", LATER)
    read(room, anna, "b", NOW)  # a machine whose clock is behind
    assert scores(room)["link-1"].timestamp == LATER + timedelta(seconds=1)


def test_a_time_has_no_fraction(database: Database) -> None:
    room = long_course(database)
    read(room, room.arrive(**PROGRESS), "a", NOW.replace(microsecond=987_654))
    assert scores(room)["link-1"].timestamp == NOW


def test_the_unchanged_is_not_sent_again(database: Database) -> None:
    room = long_course(database)
    anna = room.arrive(module_id="m2")
    assert read(room, anna, "e") == {room.at.id}
    with room.database.write() as db:
        db.execute(update(Score).values(state=Delivery.SENT))
    before = scores(room)
    assert read(room, anna, "e", LATER) == set()
    assert read(room, anna, "a", LATER) == set()
    assert scores(room) == before


def test_a_better_one_starts_anew(database: Database) -> None:
    room = long_course(database)
    anna = room.arrive(**PROGRESS)
    read(room, anna, "a")
    with room.database.write() as db:
        db.execute(update(Score).values(state=Delivery.FAILED, tries=7, reason="x", first_tried_at=NOW))
    assert read(room, anna, "b", LATER) == {room.at.id}
    wanted = scores(room)["link-1"]
    assert (wanted.given, wanted.version, wanted.state) == (50, 2, Delivery.PENDING)
    assert (wanted.tries, wanted.reason, wanted.first_tried_at, wanted.next_try_at) == (0, None, None, LATER)


def test_two_placements_are_fed_by_one_step(database: Database) -> None:
    """The module as completion, the whole course as progress, one activity by itself, and one nobody placed here."""
    room = long_course(database)
    anna = room.arrive(link="modul", module_id="m1")
    room.arrive(link="kurs", report="progress")
    room.arrive(link="aktivitaet", activity_id="a")
    room.arrive(link="anderes", module_id="m2")
    room.arrive(link="ohne-spalte", module_id="m1", graded=False)
    read(room, anna, "a")
    assert {link: row.given for link, row in scores(room).items()} == {"kurs": 20, "aktivitaet": 100}
    for activity in "bcd":
        read(room, anna, activity)
    assert {link: row.given for link, row in scores(room).items()} == {
        "kurs": 80,
        "aktivitaet": 100,
        "modul": 100,
    }


def test_other_contexts_are_left_alone(database: Database) -> None:
    room = long_course(database)
    anna = room.arrive(link="hier", activity_id="a")
    room.arrive(link="dort", activity_id="a", context_id="kopie")
    read(room, anna, "a")
    assert set(scores(room)) == {"hier"}


def test_a_new_column_gets_what_was_complete_already(database: Database) -> None:
    room = long_course(database)
    for sub in ("anna", "berta"):
        read(room, room.arrive(sub=sub, link="modul", module_id="m2"), "e")
    room.arrive(sub="carl", link="modul", module_id="m2")
    with database.write() as db:
        accepted = room.accept(db, sub="carl", link="neu", module_id="m2", now=LATER)
    assert accepted.platforms_due == {room.at.id}
    with database.read() as db:
        rows = db.execute(
            select(Score.given)
            .join(LineItem, LineItem.id == Score.line_item_id)
            .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
            .where(ResourceLink.lti_id == "neu")
        ).all()
    assert [row.given for row in rows] == [100, 100], "of the two who are complete, not of the one who is not"


def test_a_placement_that_left_the_course_keeps_its_grade(database: Database) -> None:
    room = long_course(database)
    anna = room.arrive(activity_id="a")
    read(room, anna, "a")
    before = scores(room)
    smaller = builders.course(module("m1", lesson("b")))
    with database.write() as db:
        assert lessons.finish_lesson(db, anna, smaller, smaller.by_activity["b"][1], LATER) == set()
    assert scores(room) == before


def test_what_is_undelivered_names_no_person(database: Database) -> None:
    room = long_course(database)
    read(room, room.arrive(sub="u-17", name="Petra Prüfer", activity_id="a"), "a")
    with database.read() as db:
        shown = grades.undelivered(db)
    assert [(row["user"], row["state"], row["given"]) for row in shown] == [("u-17", "pending", 100)]
    assert "Petra" not in str(shown)
    with database.write() as db:
        db.execute(update(Score).values(state=Delivery.SENT))
    with database.read() as db:
        assert grades.undelivered(db) == []


def test_resend_wakes_the_failed_and_lifts_pauses(database: Database) -> None:
    room = long_course(database)
    one, other = room.arrive(activity_id="a"), room.arrive(sub="berta", activity_id="a")
    for learner in (one, other):
        read(room, learner, "a")
    with database.write() as db:
        db.execute(update(Score).values(state=Delivery.FAILED, tries=3, first_tried_at=NOW))
        db.execute(update(Platform).values(delivery_paused_until=LATER + timedelta(days=1)))
    with database.write() as db:
        chosen = db.scalar(select(Score.id).where(Score.person_id == one.person_id))
        assert grades.resend(db, LATER, chosen) == 1
    with database.read() as db:
        states = {row.person_id: row.state for row in db.execute(select(Score.person_id, Score.state))}
        assert states == {one.person_id: Delivery.PENDING, other.person_id: Delivery.FAILED}
        assert db.scalar(select(Platform.delivery_paused_until)) is None
    with database.write() as db:
        assert grades.resend(db, LATER) == 2


def test_resend_leaves_what_arrived(database: Database) -> None:
    room = long_course(database)
    read(room, room.arrive(activity_id="a"), "a")
    with database.write() as db:
        db.execute(update(Score).values(state=Delivery.SENT))
        assert grades.resend(db, LATER) == 0
