"""Attempts: sums, passing, how many are left."""

from __future__ import annotations

from fractions import Fraction

import builders
from builders import question, quiz
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.content import questions
from lms_tool.content.course import Activity, CompletionRule, Question, Quiz
from lms_tool.learning import Result, attempts_left, best, completes, passed, total

POINTS = st.lists(st.integers(1, 5).flatmap(lambda most: st.tuples(st.floats(0, most), st.just(most))))
RESPONSES = st.sets(st.sampled_from("abc"), min_size=1)


def as_quiz(activity: Activity) -> Quiz:
    assert isinstance(activity.content, Quiz)
    return activity.content


@given(POINTS)
def test_a_result_lies_between_nothing_and_all(points: list[tuple[float, int]]) -> None:
    result = total(points)
    assert 0 <= result.percent <= 100 + 1e-9
    assert result.max_points == sum(most for _, most in points)


@given(POINTS.filter(bool))
def test_all_points_are_a_hundred_percent_and_none_are_nothing(points: list[tuple[float, int]]) -> None:
    assert total((float(most), most) for _, most in points).percent == 100
    assert total((0.0, most) for _, most in points).percent == 0


def test_an_empty_quiz_is_worth_nothing() -> None:
    assert total(()).percent == 0


@given(st.integers(1, 100), st.integers(0, 300), st.integers(1, 300))
def test_passing_is_exact(limit: int, points: int, most: int) -> None:
    wanted = quiz("q", pass_percent=limit)
    points = min(points, most)
    assert passed(as_quiz(wanted), Result(points, most)) == (Fraction(points, most) * 100 >= limit)


@given(st.integers(1, 30))
def test_thirds_add_up(thirds: int) -> None:
    """Rounding errors of partial credit must not fail somebody who has every point."""
    result = total([(1 / 3, 0), (1 / 3, 0), (1 / 3, 1)] * thirds)
    assert passed(as_quiz(quiz("q", pass_percent=100)), result)


def test_nearly_is_not_passed() -> None:
    assert not passed(as_quiz(quiz("q", pass_percent=60)), Result(59.9, 100))


@given(st.floats(0, 2), st.sampled_from(CompletionRule))
def test_what_completes(points: float, rule: CompletionRule) -> None:
    activity = quiz("q", completion=rule)
    result = Result(points, 2)
    expected = {
        CompletionRule.PASSED: passed(as_quiz(activity), result),
        CompletionRule.ATTEMPTED: True,
    }.get(rule, False)
    assert completes(activity, as_quiz(activity), result) is expected


@given(st.lists(st.none() | st.floats(0, 100)))
def test_the_best_attempt_counts(percents: list[float | None]) -> None:
    known = [percent for percent in percents if percent is not None]
    found = best(percents)
    assert found is None if not known else found in known and all(found >= percent for percent in known)


@given(st.none() | st.integers(1, 10), st.integers(0, 20))
def test_attempts_left(allowed: int | None, finished: int) -> None:
    left = attempts_left(as_quiz(quiz("q", attempts=allowed)), finished)
    if allowed is None:
        assert left is None
    else:
        assert left == max(0, allowed - finished)


@given(RESPONSES, RESPONSES, st.integers(1, 5))
def test_multiple_choice_gives_partial_credit(right: set[str], chosen: set[str], points: int) -> None:
    asked: Question = question("q", *sorted(right), kind="multiple", points=points)
    marked = questions.mark(asked, sorted(chosen))
    share = max(Fraction(len(chosen & right) - len(chosen - right), len(right)), Fraction(0))
    assert marked.points == float(share * points)
    assert (marked.verdict == "right") == (chosen == right)


@given(st.sampled_from("abc"), st.sampled_from("abc"))
def test_single_choice_is_right_or_wrong(right: str, chosen: str) -> None:
    marked = questions.mark(builders.question("q", right), [chosen])
    assert marked.points == (1 if chosen == right else 0)
