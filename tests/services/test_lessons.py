"""What follows from a step: completions once, grades in the same transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import builders
import pytest
from builders import NOW, Classroom, classroom, lesson, module
from sqlalchemy import select

from lms_tool.content.course import CompletionRule
from lms_tool.database import Database
from lms_tool.learning import State
from lms_tool.lti.claims import Role
from lms_tool.models import Progress, Score
from lms_tool.services import lessons
from lms_tool.services.lessons import ActivityLocked, Learner

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def reading(database: Database) -> Classroom:
    """Two modules of lessons; the second one needs the first."""
    one = module("m1", lesson("a"), lesson("b", requires=("a",)))
    two = module("m2", lesson("c"), lesson("d", completion=CompletionRule.NONE), requires=("m1",))
    return classroom(database, builders.course(one, two))


def read(room: Classroom, learner: Learner, activity: str, now: datetime = NOW) -> set[int]:
    with room.database.write() as db:
        return lessons.finish_lesson(db, learner, room.course, room.course.by_activity[activity][1], now)


def completions(room: Classroom, learner: Learner) -> dict[str, object]:
    with room.database.read() as db:
        rows = db.execute(
            select(Progress.kind, Progress.item_id, Progress.completed_at).where(
                Progress.membership_id == learner.membership_id, Progress.completed_at.is_not(None)
            )
        )
        return {f"{kind} {item}": moment for kind, item, moment in rows}


def test_module_and_course_follow_from_their_parts(reading: Classroom) -> None:
    anna = reading.arrive()
    read(reading, anna, "a")
    assert set(completions(reading, anna)) == {"activity a"}
    read(reading, anna, "b")
    assert set(completions(reading, anna)) == {"activity a", "activity b", "module m1"}
    read(reading, anna, "c")
    assert {"module m2", "course kurs"} <= set(completions(reading, anna))


def test_the_first_completion_keeps_its_time(reading: Classroom) -> None:
    anna = reading.arrive()
    for activity in "abc":
        read(reading, anna, activity)
    first = completions(reading, anna)
    for activity in "abc":
        assert read(reading, anna, activity, LATER) == set(), "nothing new to report"
    assert completions(reading, anna) == first


def test_locked_is_refused_and_leaves_nothing(reading: Classroom) -> None:
    anna = reading.arrive()
    for activity, missing in (("b", ["a"]), ("c", ["m1"])):
        with pytest.raises(ActivityLocked) as refused:
            read(reading, anna, activity)
        assert refused.value.details["missing"] == missing
    with reading.database.read() as db:
        assert db.execute(select(Progress)).all() == []


def test_opening_begins_once(reading: Classroom) -> None:
    anna = reading.arrive()
    for now in (NOW, LATER):
        with reading.database.write() as db:
            lessons.begin(db, anna, reading.course, reading.course.by_activity["a"][1], now)
    with reading.database.read() as db:
        assert db.scalars(select(Progress.begun_at)).all() == [NOW]
        assert lessons.standing(db, anna.membership_id, reading.course).activity("a").state is State.BEGUN


def test_a_lesson_without_a_rule_is_begun_not_done(reading: Classroom) -> None:
    anna = reading.arrive()
    for activity in "abcd":
        read(reading, anna, activity)
    assert "activity d" not in completions(reading, anna)


def test_staff_learn_without_grades(reading: Classroom) -> None:
    lotse = reading.arrive(sub="lotse", role=Role.INSTRUCTOR)
    assert not lotse.graded
    for activity in "abc":
        assert read(reading, lotse, activity) == set()
    assert "course kurs" in completions(reading, lotse)
    with reading.database.read() as db:
        assert db.execute(select(Score)).all() == []


def test_each_context_has_its_own_progress(reading: Classroom) -> None:
    """A copied LMS course starts empty."""
    here, there = reading.arrive(), reading.arrive(context_id="kopie", link="link-9")
    read(reading, here, "a")
    assert here.person_id == there.person_id
    assert completions(reading, there) == {}


def test_without_a_person_one_stands_at_the_beginning(reading: Classroom) -> None:
    with reading.database.read() as db:
        status = lessons.standing(db, None, reading.course)
    assert status.module("m1").state is State.OPEN
    assert status.module("m2").state is State.LOCKED


def test_two_last_steps_at_once_complete_the_module(database: Database) -> None:
    """Neither of two tabs must conclude from half the picture: the module is complete and its grade is wanted."""
    room = classroom(database, builders.course(module("m1", lesson("a"), lesson("b"))))
    for number in range(5):
        anna = room.arrive(sub=f"anna-{number}", module_id="m1")
        both = Barrier(2)

        def step(activity: str, learner: Learner = anna, gate: Barrier = both) -> set[int]:
            gate.wait()
            return read(room, learner, activity)

        with ThreadPoolExecutor(2) as threads:
            due = set().union(*threads.map(step, "ab"))
        assert due == {room.at.id}
        assert "module m1" in completions(room, anna)


def test_what_was_complete_stays_complete_in_a_larger_revision(reading: Classroom) -> None:
    anna = reading.arrive()
    for activity in "ab":
        read(reading, anna, activity)
    larger = builders.course(module("m1", lesson("a"), lesson("b"), lesson("neu")), module("m2", lesson("c")))
    with reading.database.read() as db:
        status = lessons.standing(db, anna.membership_id, larger)
    assert status.module("m1").state is State.DONE
    assert status.activity("neu").state is State.OPEN


def test_following_is_the_next_in_the_module(reading: Classroom) -> None:
    one = reading.course.modules[0]
    assert [a.id if (a := lessons.following(one, part)) else None for part in "ab"] == ["b", None]
