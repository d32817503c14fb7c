"""Attempts at quizzes: begin, save, check, hand in. Every verb is one transaction and safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from lms_tool.content import questions
from lms_tool.content.course import Activity, Course, Question, Quiz
from lms_tool.database import insert
from lms_tool.errors import Text, ToolError
from lms_tool.learning import CourseStatus, Result, State, attempts_left, completes, total
from lms_tool.models import Answer, Attempt, Progress
from lms_tool.services import lessons
from lms_tool.services.lessons import Learner


class AttemptsUsedUp(ToolError):
    code = "attempts_used_up"
    status = 409
    text = Text(
        "Sie haben alle Versuche für diesen Test genutzt.", "You have used all attempts at this quiz."
    )
    remedy = Text(
        "Ihr bestes Ergebnis zählt. Wenn Sie noch einen Versuch brauchen, sprechen Sie Ihre Lotsin oder Ihren "
        "Lotsen an.",
        "Your best result counts. If you need another attempt, talk to your coach.",
    )


class AttemptFinished(ToolError):
    code = "attempt_finished"
    status = 409
    text = Text("Dieser Versuch ist schon abgegeben.", "This attempt has already been handed in.")
    remedy = Text(
        "Ihre Antworten sind gespeichert. Öffnen Sie das Ergebnis oder beginnen Sie einen neuen Versuch.",
        "Your answers are saved. Open the result or begin a new attempt.",
    )


class AnswerChecked(ToolError):
    code = "answer_checked"
    status = 409
    text = Text("Diese Antwort ist schon geprüft.", "This answer has already been checked.")
    remedy = Text("Gehen Sie weiter zur nächsten Frage.", "Go on to the next question.")


class AttemptNotFound(ToolError):
    code = "not_found"
    status = 404
    text = Text("Diese Seite gibt es nicht.", "There is no such page.")
    remedy = Text("Öffnen Sie den Test noch einmal aus dem Modul.", "Open the quiz again from the module.")


@dataclass(frozen=True, slots=True)
class Given:
    """A saved answer."""

    response: tuple[str, ...]
    checked: bool


@dataclass(frozen=True, slots=True)
class Sitting:
    """One attempt as it stands."""

    id: int
    number: int
    revision_id: int
    finished_at: datetime | None
    result: Result | None
    answers: Mapping[str, Given]


def sittings(db: Connection, membership_id: int, course_id: str, activity_id: str) -> list[Sitting]:
    """All attempts of one person at one quiz, oldest first, without answers."""
    rows = db.execute(
        select(
            Attempt.id,
            Attempt.number,
            Attempt.revision_id,
            Attempt.finished_at,
            Attempt.points,
            Attempt.max_points,
        )
        .where(
            Attempt.membership_id == membership_id,
            Attempt.course_id == course_id,
            Attempt.activity_id == activity_id,
        )
        .order_by(Attempt.number)
    )
    return [
        Sitting(id_, number, revision, finished, _result(points, maximum), {})
        for id_, number, revision, finished, points, maximum in rows
    ]


def exhausted(db: Connection, membership_id: int, status: CourseStatus) -> frozenset[str]:
    """Quizzes that are not passed and for which no attempt is left."""
    failed = {
        part.activity.id: part.activity.content.attempts
        for module in status.modules
        for part in module.activities
        if part.state is State.FAILED
        and isinstance(part.activity.content, Quiz)
        and part.activity.content.attempts
    }
    if not failed:
        return frozenset()
    used = db.execute(
        select(Attempt.activity_id, func.count())
        .where(
            Attempt.membership_id == membership_id,
            Attempt.course_id == status.course.id,
            Attempt.activity_id.in_(failed),
            Attempt.finished_at.is_not(None),
        )
        .group_by(Attempt.activity_id)
    )
    return frozenset(activity_id for activity_id, count in used if count >= failed[activity_id])


def sitting(db: Connection, membership_id: int, course_id: str, activity_id: str, number: int) -> Sitting:
    """One attempt with its answers.

    Raises:
        AttemptNotFound: this person has no such attempt.
    """
    row = db.execute(
        select(
            Attempt.id, Attempt.revision_id, Attempt.finished_at, Attempt.points, Attempt.max_points
        ).where(
            Attempt.membership_id == membership_id,
            Attempt.course_id == course_id,
            Attempt.activity_id == activity_id,
            Attempt.number == number,
        )
    ).first()
    if row is None:
        raise AttemptNotFound(activity=activity_id, attempt=number)
    answers = {
        question_id: Given(tuple(response), checked_at is not None)
        for question_id, response, checked_at in db.execute(
            select(Answer.question_id, Answer.response, Answer.checked_at).where(Answer.attempt_id == row.id)
        )
    }
    return Sitting(
        row.id, number, row.revision_id, row.finished_at, _result(row.points, row.max_points), answers
    )


def begin(
    db: Connection, learner: Learner, course: Course, revision_id: int, activity: Activity, now: datetime
) -> int:
    """Begin an attempt or go on with the open one; returns its number.

    Raises:
        ActivityLocked: prerequisites are not met.
        AttemptsUsedUp: the rule allows no further attempt.
    """
    assert isinstance(activity.content, Quiz)
    lessons.require_open(lessons.standing(db, learner.membership_id, course), activity)
    earlier = sittings(db, learner.membership_id, course.id, activity.id)
    running = next((one for one in earlier if one.finished_at is None), None)
    if running is not None:
        return running.number
    if attempts_left(activity.content, len(earlier)) == 0:
        raise AttemptsUsedUp(activity=activity.id, attempts=len(earlier))
    number = len(earlier) + 1
    lessons.begin(db, learner, course, activity, now)
    # Two clicks at once: the unique key lets one row in, both go to the same attempt.
    db.execute(
        insert(db, Attempt)
        .values(
            membership_id=learner.membership_id,
            course_id=course.id,
            activity_id=activity.id,
            revision_id=revision_id,
            number=number,
            begun_at=now,
        )
        .on_conflict_do_nothing()
    )
    return number


def save(
    db: Connection,
    attempt: Sitting,
    question: Question,
    response: Sequence[str],
    now: datetime,
    *,
    check: bool,
) -> None:
    """Keep an answer; with ``check`` it is final and its feedback may be shown.

    Raises:
        AttemptFinished, AnswerChecked: it can't be changed any more.
        AnswerInvalid, AnswerMissing: from the question's kind.
    """
    # Lock the attempt's row: an answer must not slip in behind a hand-in that runs at the same moment.
    finished = db.execute(
        select(Attempt.finished_at).where(Attempt.id == attempt.id).with_for_update()
    ).scalar_one()
    if finished is not None:
        raise AttemptFinished(attempt=attempt.number)
    if check:
        questions.checked(question, response)  # refuses what is no answer to this question
    elif response:
        questions.mark(question, response)
    values = {"response": list(response), "saved_at": now, "checked_at": now if check else None}
    changed = db.execute(
        insert(db, Answer)
        .values(attempt_id=attempt.id, question_id=question.id, **values)
        .on_conflict_do_update(
            index_elements=["attempt_id", "question_id"], set_=values, where=Answer.checked_at.is_(None)
        )
        .returning(Answer.question_id)
    ).first()
    if changed is None:
        given = db.scalar(
            select(Answer.response).where(Answer.attempt_id == attempt.id, Answer.question_id == question.id)
        )
        if given != list(response):
            raise AnswerChecked(question=question.id)


def finish(
    db: Connection, learner: Learner, published: Course, activity: Activity, attempt: Sitting, now: datetime
) -> set[int]:
    """Hand in. Returns the platforms that have a grade to receive; handing in twice changes nothing.

    ``activity`` is of the attempt's own revision: its questions are marked. What follows for module and course is
    drawn from the ``published`` one.
    """
    assert isinstance(activity.content, Quiz)
    locked = db.execute(
        select(Attempt.finished_at).where(Attempt.id == attempt.id).with_for_update()
    ).scalar_one()
    if locked is not None:
        return set()
    answers = sitting(db, learner.membership_id, published.id, activity.id, attempt.number).answers
    result = tally(activity.content, answers)
    db.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(finished_at=now, points=result.points, max_points=result.max_points)
    )
    _record(db, learner, published, activity, result, now)
    return lessons.settle(db, learner, published, now)


def tally(quiz: Quiz, answers: Mapping[str, Given]) -> Result:
    """Points over all questions; an empty answer earns nothing."""
    marks = []
    for question in quiz.questions:
        given = answers.get(question.id)
        points = questions.mark(question, given.response).points if given and given.response else 0.0
        marks.append((points, question.points))
    return total(marks)


def first_open(quiz: Quiz, answers: Mapping[str, Given]) -> int:
    """Number of the question to go on with: the first without a (checked) answer, else the last one."""
    for number, question in enumerate(quiz.questions, start=1):
        given = answers.get(question.id)
        if given is None or not given.response or (quiz.feedback == "immediate" and not given.checked):
            return number
    return len(quiz.questions)


def _record(
    db: Connection, learner: Learner, course: Course, activity: Activity, result: Result, now: datetime
) -> None:
    assert isinstance(activity.content, Quiz)
    percent = result.percent
    statement = insert(db, Progress).values(
        membership_id=learner.membership_id,
        course_id=course.id,
        kind="activity",
        item_id=activity.id,
        begun_at=now,
        percent=percent,
    )
    old = func.coalesce(Progress.percent, -1.0)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["membership_id", "course_id", "kind", "item_id"],
            set_={"percent": percent},
            where=old < percent,
        )
    )
    if completes(activity, activity.content, result):
        lessons.complete(db, learner, course, "activity", activity.id, now)


def _result(points: float | None, maximum: int | None) -> Result | None:
    return Result(points, maximum) if points is not None and maximum is not None else None
