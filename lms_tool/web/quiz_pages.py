"""Quiz pages: start, question, hand-in, result."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from lms_tool.content import questions
from lms_tool.content.course import Activity, CompletionRule, Module, Question, Quiz
from lms_tool.content.questions import Marked
from lms_tool.learning import Result, State, attempts_left, passed
from lms_tool.services.attempts import Given, Sitting, first_open
from lms_tool.web.course_pages import following_step, page_state, transfer
from lms_tool.web.lesson_pages import evidence, neighbours
from lms_tool.web.pages import (
    AttemptRow,
    Frame,
    HandInPage,
    Link,
    ObjectiveResult,
    QuestionPage,
    QuestionTab,
    QuizStartPage,
    ResultPage,
    ResultRow,
    Verdict,
)
from lms_tool.web.question_parts import question
from lms_tool.web.room import Room

NOTHING = Given((), False)


def quiz_start_page(
    room: Room,
    module: Module,
    activity: Activity,
    sittings: list[Sitting],
    running: Sitting | None,
    today: date,
) -> QuizStartPage:
    """What awaits, what was done before, and the button to begin or go on."""
    quiz = _quiz(activity)
    status = room.status.activity(activity.id)
    finished = [one for one in sittings if one.finished_at is not None]
    left = attempts_left(quiz, len(finished))
    may_start = room.records and status.state is not State.LOCKED and (running is not None or left != 0)
    before, after = neighbours(room, module, activity)
    alone = room.found.activity_id == activity.id
    return QuizStartPage(
        frame=room.frame(*(room.trail(module) if room.contains(module) else []), Link(activity.title)),
        title=activity.title,
        questions=len(quiz.questions),
        pass_percent=quiz.pass_percent,
        start_url=f"{room.activity_url(activity)}/attempts" if may_start else "",
        state=page_state(status.state) if status.counts or status.state is State.LOCKED else None,
        minutes=activity.minutes,
        attempts=quiz.attempts,
        used=len(finished),
        resume=first_open(quiz, running.answers) if running else 0,
        immediate=quiz.feedback == "immediate",
        must_pass=activity.completion is CompletionRule.PASSED,
        earlier=tuple(_attempt_row(room, activity, quiz, one) for one in finished),
        evidence=evidence(activity, today),
        previous=before,
        next=after,
        up=room.up(module),
        missing=tuple(map(room.link, status.missing)),
        all_or_nothing=alone and room.all_or_nothing,
        transfer=transfer(room) if alone else None,
    )


def question_page(
    room: Room,
    module: Module,
    activity: Activity,
    sitting: Sitting,
    number: int,
    *,
    answer_missing: bool = False,
    chosen: tuple[str, ...] | None = None,
) -> QuestionPage:
    """Question ``number`` (from 1) of an attempt; ``chosen`` overrides what is saved, after a refused check."""
    quiz = _quiz(activity)
    asked = quiz.questions[number - 1]
    given = sitting.answers.get(asked.id, NOTHING)
    if room.found.reviewing and not questions.graded(asked):
        given = NOTHING  # a note to oneself is nobody else's
    finished = sitting.finished_at is not None
    shows_mark = finished or given.checked
    marked = _marked(asked, given) if shows_mark else None
    base = _attempt_url(room, activity, sitting)
    open_ones = _open(quiz, sitting)
    may_finish = not finished and not open_ones
    return QuestionPage(
        frame=_frame(room, module, activity),
        quiz_title=activity.title,
        number=number,
        tabs=_tabs(quiz, sitting, base, number),
        question=question(
            room,
            asked,
            given.response if chosen is None else chosen,
            marked,
            locked=shows_mark,
            answer_missing=answer_missing,
        ),
        action_url=f"{base}/q/{number}",
        attempt=sitting.number,
        attempts=quiz.attempts,
        immediate=quiz.feedback == "immediate",
        saved=bool(given.response),
        finished=finished,
        finish_url=f"{base}/finish" if may_finish and room.records else "",
        attempt_url=base,
    )


def hand_in_page(room: Room, module: Module, activity: Activity, sitting: Sitting) -> HandInPage:
    quiz = _quiz(activity)
    base = _attempt_url(room, activity, sitting)
    return HandInPage(
        frame=_frame(room, module, activity),
        quiz_title=activity.title,
        tabs=_tabs(quiz, sitting, base, 0),
        finish_url=f"{base}/finish",
        attempt=sitting.number,
        attempts=quiz.attempts,
    )


def result_page(
    room: Room, module: Module, activity: Activity, sitting: Sitting, finished: int
) -> ResultPage:
    """A handed-in attempt; ``finished`` is how many the person has handed in by now."""
    quiz = _quiz(activity)
    assert sitting.result is not None
    result = sitting.result
    base = _attempt_url(room, activity, sitting)
    marks = [_marked(asked, sitting.answers.get(asked.id, NOTHING)) for asked in quiz.questions]
    rows = tuple(
        ResultRow(
            number=number,
            text_html=room.html(asked.text_html),
            url=f"{base}/q/{number}",
            verdict=Verdict(mark.verdict),
            points=mark.points,
            max_points=mark.max_points,
            answered=bool(sitting.answers.get(asked.id, NOTHING).response),
        )
        for number, (asked, mark) in enumerate(zip(quiz.questions, marks, strict=True), 1)
    )
    done = room.status.activity(activity.id).state is State.DONE
    may_retry = room.records and not done and attempts_left(quiz, finished) != 0
    shows_grade = room.found.activity_id == activity.id or room.found.module_id == module.id
    return ResultPage(
        frame=_frame(room, module, activity),
        quiz_title=activity.title,
        attempt=sitting.number,
        points=result.points,
        max_points=result.max_points,
        pass_points=result.max_points * quiz.pass_percent / 100,
        passed=passed(quiz, result),
        questions=rows,
        attempts=quiz.attempts,
        objectives=_objectives(module, zip(quiz.questions, marks, strict=True)),
        reread=_reread(room, zip(quiz.questions, marks, strict=True)),
        next=following_step(room, module) if room.contains(module) else None,
        up=room.up(module),
        retry_url=f"{room.activity_url(activity)}/attempts" if may_retry else "",
        graded=shows_grade and room.transfer is not None,
        transfer=transfer(room) if shows_grade else None,
    )


def _quiz(activity: Activity) -> Quiz:
    assert isinstance(activity.content, Quiz)
    return activity.content


def _frame(room: Room, module: Module, activity: Activity) -> Frame:
    trail = room.trail(module if room.contains(module) else None, activity)
    return room.frame(*trail)


def _attempt_url(room: Room, activity: Activity, sitting: Sitting) -> str:
    return f"{room.activity_url(activity)}/t/{sitting.number}"


def _open(quiz: Quiz, sitting: Sitting) -> list[Question]:
    """Questions that are not settled: unanswered, or unchecked where each is checked at once."""
    waiting = []
    for asked in quiz.questions:
        given = sitting.answers.get(asked.id, NOTHING)
        if not given.response or (quiz.feedback == "immediate" and not given.checked):
            waiting.append(asked)
    return waiting


def _tabs(quiz: Quiz, sitting: Sitting, base: str, current: int) -> tuple[QuestionTab, ...]:
    return tuple(
        QuestionTab(
            number,
            f"{base}/q/{number}",
            answered=bool(sitting.answers.get(asked.id, NOTHING).response),
            current=number == current,
        )
        for number, asked in enumerate(quiz.questions, 1)
    )


def _marked(asked: Question, given: Given) -> Marked:
    return questions.mark(asked, given.response) if given.response else questions.unanswered(asked)


def _attempt_row(room: Room, activity: Activity, quiz: Quiz, one: Sitting) -> AttemptRow:
    result = one.result or Result(0.0, 0)
    return AttemptRow(
        number=one.number,
        points=result.points,
        max_points=result.max_points,
        passed=passed(quiz, result),
        url=_attempt_url(room, activity, one),
        finished_at=one.finished_at,
    )


def _objectives(module: Module, marked: Iterable[tuple[Question, Marked]]) -> tuple[ObjectiveResult, ...]:
    right: dict[str, int] = {}
    total: dict[str, int] = {}
    for asked, mark in marked:
        if mark.verdict == "noted":
            continue
        total[asked.objective] = total.get(asked.objective, 0) + 1
        right[asked.objective] = right.get(asked.objective, 0) + (mark.verdict == "right")
    return tuple(
        ObjectiveResult(goal.text, right[goal.id], total[goal.id])
        for goal in module.objectives
        if goal.id in total
    )


def _reread(room: Room, marked: Iterable[tuple[Question, Marked]]) -> tuple[Link, ...]:
    wanted = dict.fromkeys(
        asked.read_more
        for asked, mark in marked
        if mark.verdict not in ("right", "noted") and asked.read_more
    )
    links = (room.link(room.course.by_activity[one][1]) for one in wanted if one in room.course.by_activity)
    return tuple(link for link in links if link.url)
