"""Attempts at quizzes: begun by rule, resumed, answered, handed in once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import builders
import pytest
from builders import NOW, Classroom, classroom, lesson, module, question, quiz
from sqlalchemy import func, select

from lms_tool.content.course import Activity, CompletionRule, Quiz
from lms_tool.content.questions import AnswerInvalid, AnswerMissing
from lms_tool.database import Database
from lms_tool.learning import State
from lms_tool.models import Attempt
from lms_tool.services import attempts, lessons
from lms_tool.services.attempts import (
    AnswerChecked,
    AttemptFinished,
    AttemptNotFound,
    AttemptsUsedUp,
    Sitting,
)
from lms_tool.services.lessons import ActivityLocked, Learner

LATER = NOW + timedelta(minutes=5)


def exam(room: Classroom, activity: str = "t1") -> Activity:
    return room.course.by_activity[activity][1]


def begin(room: Classroom, learner: Learner, activity: str = "t1") -> int:
    with room.database.write() as db:
        return attempts.begin(db, learner, room.course, room.revision_id, exam(room, activity), NOW)


def look(room: Classroom, learner: Learner, number: int = 1, activity: str = "t1") -> Sitting:
    with room.database.read() as db:
        return attempts.sitting(db, learner.membership_id, room.course.id, activity, number)


def save(
    room: Classroom, learner: Learner, number: int, question_id: str, *chosen: str, check: bool = False
) -> None:
    asked = next(q for q in quiz_of(room).questions if q.id == question_id)
    with room.database.write() as db:
        attempts.save(db, look(room, learner, number), asked, chosen, LATER, check=check)


def finish(room: Classroom, learner: Learner, number: int = 1, now: datetime = LATER) -> set[int]:
    with room.database.write() as db:
        return attempts.finish(db, learner, room.course, exam(room), look(room, learner, number), now)


def quiz_of(room: Classroom) -> Quiz:
    content = exam(room).content
    assert isinstance(content, Quiz)
    return content


def test_begin_again_goes_on_with_the_open_one(room: Classroom) -> None:
    anna = room.arrive()
    assert [begin(room, anna), begin(room, anna)] == [1, 1]
    save(room, anna, 1, "f1", "a")
    assert begin(room, anna) == 1
    assert look(room, anna).answers["f1"].response == ("a",)


def test_two_begins_at_once_are_one_attempt(room: Classroom) -> None:
    anna = room.arrive()
    both = Barrier(4)

    def click(_: int) -> int:
        both.wait()
        return begin(room, anna)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(click, range(4))) == {1}
    with room.database.read() as db:
        assert db.scalar(select(func.count()).select_from(Attempt)) == 1


def test_limited_attempts(database: Database) -> None:
    room = classroom(database, builders.course(module("m1", quiz("t1", attempts=2))))
    anna, berta = room.arrive(), room.arrive(sub="berta")
    for number in (1, 2):
        assert begin(room, anna) == number
        finish(room, anna, number)
    with pytest.raises(AttemptsUsedUp):
        begin(room, anna)
    assert begin(room, berta) == 1, "somebody else's attempts are their own"


def test_unlimited_attempts(room: Classroom) -> None:
    anna = room.arrive()
    for number in range(1, 6):
        assert begin(room, anna) == number
        finish(room, anna, number)


def test_locked_is_not_begun(database: Database) -> None:
    room = classroom(database, builders.course(module("m1", lesson("l1"), quiz("t1", requires=("l1",)))))
    anna = room.arrive()
    with pytest.raises(ActivityLocked) as refused:
        begin(room, anna)
    assert refused.value.details["missing"] == ["l1"]
    with pytest.raises(AttemptNotFound):
        look(room, anna)


def test_another_persons_attempt_does_not_exist(room: Classroom) -> None:
    begin(room, room.arrive())
    with pytest.raises(AttemptNotFound):
        look(room, room.arrive(sub="berta"))


def test_answers_change_until_they_are_checked(room: Classroom) -> None:
    anna = room.arrive()
    begin(room, anna)
    save(room, anna, 1, "f1", "a")
    save(room, anna, 1, "f1", "c")
    save(room, anna, 1, "f1")  # taken back
    assert look(room, anna).answers["f1"].response == ()
    save(room, anna, 1, "f1", "a", check=True)
    with pytest.raises(AnswerChecked):
        save(room, anna, 1, "f1", "b")
    with pytest.raises(AnswerChecked):
        save(room, anna, 1, "f1", "b", check=True)
    given = look(room, anna).answers["f1"]
    assert (given.response, given.checked) == (("a",), True)


def test_checking_twice_is_harmless(room: Classroom) -> None:
    anna = room.arrive()
    begin(room, anna)
    for _ in range(2):
        save(room, anna, 1, "f1", "b", check=True)
    save(room, anna, 1, "f1", "b")
    assert look(room, anna).answers["f1"].checked


@pytest.mark.parametrize(
    ("chosen", "check", "refusal"),
    [(("x",), False, AnswerInvalid), (("a", "b"), False, AnswerInvalid), ((), True, AnswerMissing)],
)
def test_what_is_no_answer_is_not_kept(
    room: Classroom, chosen: tuple[str, ...], check: bool, refusal: type[Exception]
) -> None:
    anna = room.arrive()
    begin(room, anna)
    save(room, anna, 1, "f1", "c")
    with pytest.raises(refusal):
        save(room, anna, 1, "f1", *chosen, check=check)
    assert look(room, anna).answers["f1"].response == ("c",)


def test_nothing_is_saved_after_handing_in(room: Classroom) -> None:
    anna = room.arrive()
    begin(room, anna)
    finish(room, anna)
    with pytest.raises(AttemptFinished):
        save(room, anna, 1, "f1", "b")
    assert look(room, anna).answers == {}


def test_handing_in_twice_changes_nothing(room: Classroom) -> None:
    anna = room.arrive(activity_id="t1", module_id="m1")
    begin(room, anna)
    save(room, anna, 1, "f1", "b")
    save(room, anna, 1, "f2", "b")
    assert finish(room, anna) == {room.at.id}
    first = look(room, anna)
    assert finish(room, anna, now=LATER + timedelta(days=1)) == set()
    assert look(room, anna) == first


def test_open_questions_earn_nothing(room: Classroom) -> None:
    anna = room.arrive()
    begin(room, anna)
    save(room, anna, 1, "f1", "b")
    finish(room, anna)
    result = look(room, anna).result
    assert result is not None
    assert (result.points, result.max_points) == (1, 2)


def test_points_and_partial_credit(database: Database) -> None:
    test = quiz("t1", question("f1", points=3), question("f2", "a", "b", kind="multiple", points=2))
    room = classroom(database, builders.course(module("m1", test)))
    anna = room.arrive()
    begin(room, anna)
    save(room, anna, 1, "f1", "b")
    save(room, anna, 1, "f2", "a")
    finish(room, anna)
    result = look(room, anna).result
    assert result is not None
    assert (result.points, result.max_points) == (4, 5)


def test_the_best_attempt_counts(room: Classroom) -> None:
    anna = room.arrive()
    for number, chosen in ((1, "b"), (2, "a")):
        begin(room, anna)
        save(room, anna, number, "f1", chosen)
        finish(room, anna, number)
    with room.database.read() as db:
        status = lessons.standing(db, anna.membership_id, room.course)
    assert status.activity("t1").percent == 50
    assert status.activity("t1").state is State.FAILED


def test_a_later_failure_does_not_undo_passing(room: Classroom) -> None:
    anna = room.arrive()
    begin(room, anna)
    save(room, anna, 1, "f1", "b")
    save(room, anna, 1, "f2", "b")
    finish(room, anna, 1)
    begin(room, anna)
    finish(room, anna, 2)
    with room.database.read() as db:
        assert lessons.standing(db, anna.membership_id, room.course).activity("t1").state is State.DONE


def test_attempted_is_enough_where_the_rule_says_so(database: Database) -> None:
    test = quiz("t1", completion=CompletionRule.ATTEMPTED)
    room = classroom(database, builders.course(module("m1", test)))
    anna = room.arrive()
    begin(room, anna)
    finish(room, anna)
    with room.database.read() as db:
        assert lessons.standing(db, anna.membership_id, room.course).completed


def test_resume_at_the_first_open_question(room: Classroom) -> None:
    anna = room.arrive()
    begin(room, anna)
    immediate = quiz_of(room)
    assert attempts.first_open(immediate, look(room, anna).answers) == 1
    save(room, anna, 1, "f1", "b")
    assert attempts.first_open(immediate, look(room, anna).answers) == 1, "saved, but not checked yet"
    save(room, anna, 1, "f1", "b", check=True)
    assert attempts.first_open(immediate, look(room, anna).answers) == 2
    save(room, anna, 1, "f2", "b", check=True)
    assert attempts.first_open(immediate, look(room, anna).answers) == 2, (
        "the last one, when all are answered"
    )


def test_an_answer_cannot_slip_in_behind_the_hand_in(room: Classroom) -> None:
    """Saving and handing in at the same moment: an answer that was confirmed is marked."""
    for number in range(1, 9):
        anna = room.arrive(sub=f"anna-{number}")
        begin(room, anna)
        both = Barrier(2)

        def answer(learner: Learner = anna, gate: Barrier = both) -> bool:
            gate.wait()
            try:
                save(room, learner, 1, "f1", "b")
            except AttemptFinished:
                return False
            return True

        def hand_in(learner: Learner = anna, gate: Barrier = both) -> None:
            gate.wait()
            finish(room, learner)

        with ThreadPoolExecutor(2) as threads:
            confirmed, handed_in = threads.submit(answer), threads.submit(hand_in)
            handed_in.result()
            result = look(room, anna).result
        assert result is not None
        assert result.points == (1 if confirmed.result() else 0)


def test_an_attempt_keeps_its_revision(room: Classroom) -> None:
    anna = room.arrive()
    begin(room, anna)
    with room.database.write() as db:
        newer = builders.publish(db, builders.course(module("m1", lesson("l1"), quiz("t1", question("neu")))))
        assert attempts.begin(db, anna, room.course, newer, exam(room), LATER) == 1
    assert look(room, anna).revision_id == room.revision_id != newer
