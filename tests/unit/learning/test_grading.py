"""What a placed item reports: nothing too early, nothing that falls."""

from __future__ import annotations

import builders
import pytest
from builders import lesson, module, quiz
from course_strategies import PERCENT, standings, steps
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.content.course import CompletionRule, Course, Quiz
from lms_tool.learning import (
    CourseStatus,
    Grade,
    Record,
    Records,
    Report,
    Scope,
    State,
    assess,
    desired,
    raised,
)

GRADES = st.none() | st.builds(Grade, PERCENT, st.booleans())
DONE = Record(completed=True)


def complete(status: CourseStatus, scope: Scope) -> bool:
    if scope.activity_id is not None:
        return status.activity(scope.activity_id).state is State.DONE
    if scope.module_id is not None:
        return status.module(scope.module_id).state is State.DONE
    return status.completed


def scopes(course: Course) -> list[Scope]:
    return [
        Scope(),
        *(Scope(module_id=m.id) for m in course.modules),
        *(Scope(module_id=m.id, activity_id=a.id) for m in course.modules for a in m.activities),
    ]


@given(standings(), st.sampled_from(Report))
def test_a_grade_is_a_percentage(standing: tuple[Course, Records], report: Report) -> None:
    status = assess(*standing)
    for scope in scopes(status.course):
        grade = desired(status, scope, report)
        assert grade is None or 0 <= grade.given <= 100


@given(standings())
def test_completion_is_silent_until_complete_then_full(standing: tuple[Course, Records]) -> None:
    status = assess(*standing)
    for scope in scopes(status.course):
        grade = desired(status, scope, Report.COMPLETION)
        assert grade == (Grade(100.0, True) if complete(status, scope) else None)


@given(standings())
def test_progress_is_full_exactly_when_complete(standing: tuple[Course, Records]) -> None:
    status = assess(*standing)
    for scope in scopes(status.course):
        grade = desired(status, scope, Report.PROGRESS)
        if complete(status, scope):
            assert grade == Grade(100.0, True)
        else:
            assert grade is None or (0 < grade.given <= 100 and not grade.completed)


@given(standings(completable=True))
def test_progress_below_complete_is_below_a_hundred(standing: tuple[Course, Records]) -> None:
    """100 in the LMS would fulfil a pass mark that has not been reached."""
    status = assess(*standing)
    for scope in scopes(status.course):
        grade = desired(status, scope, Report.PROGRESS)
        if grade is not None and not complete(status, scope):
            assert grade.given < 100


@given(standings())
def test_score_needs_a_finished_attempt(standing: tuple[Course, Records]) -> None:
    status = assess(*standing)
    for m in status.modules:
        for a in m.activities:
            if isinstance(a.activity.content, Quiz):
                grade = desired(status, Scope(m.module.id, a.activity.id), Report.SCORE)
                assert grade is None if a.percent is None else grade is not None
                assert grade is None or grade.given == pytest.approx(a.percent, abs=0.01)


@given(steps(), st.sampled_from(Report))
def test_going_on_never_lowers_what_is_sent(step: tuple[Course, Records, Records], report: Report) -> None:
    course, before, after = step
    old, new = assess(course, before), assess(course, after)
    for scope in scopes(course):
        sent = desired(old, scope, report)
        then = raised(sent, desired(new, scope, report))
        if sent is not None:
            assert then is not None
            assert then.given >= sent.given
            assert then.completed >= sent.completed


@given(GRADES, GRADES)
def test_raised_takes_the_better_of_both(old: Grade | None, new: Grade | None) -> None:
    better = raised(old, new)
    given = [grade.given for grade in (old, new) if grade is not None]
    if not given:
        assert better is None
        return
    assert better is not None
    assert better.given == max(given)
    assert better.completed == any(grade.completed for grade in (old, new) if grade is not None)
    assert raised(better, old) == raised(better, new) == better


def test_score_of_a_module_is_the_mean_of_its_quizzes() -> None:
    course = builders.course(module("m", quiz("q1"), quiz("q2"), lesson("l")))
    one = assess(course, Records({"q1": Record(percent=80.0)}, {}))
    assert desired(one, Scope("m"), Report.SCORE) == Grade(40.0, False)
    both = assess(course, Records({"q1": Record(True, 80.0), "q2": Record(True, 100 / 3)}, {}))
    assert desired(both, Scope("m"), Report.SCORE) == Grade(56.67, False)


def test_score_of_a_lesson_is_full_once_it_is_read() -> None:
    """A column that stays empty for ever would look like a fault."""
    course = builders.course(module("m", lesson("l")))
    assert desired(assess(course, Records({}, {})), Scope("m", "l"), Report.SCORE) is None
    assert desired(assess(course, Records({"l": DONE}, {})), Scope("m", "l"), Report.SCORE) == Grade(
        100.0, True
    )


def test_progress_counts_towards_what_is_needed() -> None:
    parts = (lesson("a"), lesson("b"), lesson("c"), lesson("d", completion=CompletionRule.NONE))
    course = builders.course(module("m", *parts, at_least=2), module("n", lesson("e")))
    status = assess(course, Records({"a": DONE}, {}))
    assert desired(status, Scope("m"), Report.PROGRESS) == Grade(50.0, False)
    assert desired(status, Scope(), Report.PROGRESS) == Grade(25.0, False)
