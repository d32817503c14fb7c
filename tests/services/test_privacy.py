"""Deleting a person deletes everything of theirs and nothing of anybody else's."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW, Classroom
from sqlalchemy import select

from lms_tool.content.course import Quiz
from lms_tool.database import Database
from lms_tool.models import Base, Person
from lms_tool.services import attempts, lessons, privacy
from lms_tool.services.lessons import Learner
from lms_tool.services.privacy import PersonNotFound


def dump(database: Database) -> dict[str, list[Any]]:
    with database.read() as db:
        return {
            table.name: sorted(map(repr, db.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }


def live(room: Classroom, sub: str) -> Learner:
    """Launches in two contexts, reads, answers, hands in, and waits for grades."""
    room.arrive(sub=sub, name=f"{sub.title()} Prüfer", context_id="andere", link="link-9")
    learner = room.arrive(sub=sub, name=f"{sub.title()} Prüfer", module_id="m1")
    test = room.course.by_activity["t1"][1]
    assert isinstance(test.content, Quiz)
    with room.database.write() as db:
        lessons.finish_lesson(db, learner, room.course, room.course.by_activity["l1"][1], NOW)
        number = attempts.begin(db, learner, room.course, room.revision_id, test, NOW)
        sitting = attempts.sitting(db, learner.membership_id, room.course.id, "t1", number)
        for question in test.content.questions:
            attempts.save(db, sitting, question, ["b"], NOW, check=True)
        assert attempts.finish(db, learner, room.course, test, sitting, NOW) == {room.at.id}
    return learner


def test_everything_of_one_person_and_nothing_else(room: Classroom) -> None:
    live(room, "berta")
    before = dump(room.database)
    anna = live(room, "anna")
    with_anna = dump(room.database)
    grown = {name for name in before if with_anna[name] != before[name]}
    assert {"person", "membership", "launch", "progress", "attempt", "answer", "score"} <= grown
    with room.database.write() as db:
        privacy.erase(db, anna.person_id)
    assert dump(room.database) == before


def test_who_is_not_there_cannot_be_deleted(room: Classroom) -> None:
    anna = room.arrive()
    for _ in range(2):
        with room.database.write() as db:
            privacy.erase(db, anna.person_id)
        with pytest.raises(PersonNotFound), room.database.write() as db:
            privacy.erase(db, anna.person_id)
        anna = room.arrive()


def test_a_person_who_comes_back_starts_anew(room: Classroom) -> None:
    anna = live(room, "anna")
    with room.database.write() as db:
        privacy.erase(db, anna.person_id)
    again = room.arrive(sub="anna", module_id="m1")
    with room.database.read() as db:
        status = lessons.standing(db, again.membership_id, room.course)
        assert status.modules[0].done == 0
        assert db.scalar(select(Person.name).where(Person.id == again.person_id)) is None
