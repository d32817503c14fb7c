"""Attempts at a quiz: how they are counted, marked and passed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lms_tool.content.course import Activity, CompletionRule, Quiz


@dataclass(frozen=True, slots=True)
class Result:
    points: float
    max_points: int

    @property
    def percent(self) -> float:
        """0 to 100, unrounded: 59.9 does not pass at 60."""
        return 100.0 * self.points / self.max_points if self.max_points else 0.0


def total(points: Iterable[tuple[float, int]]) -> Result:
    """Sum of (points, maximum) per question; a question without an answer counts as 0 of its maximum."""
    pairs = list(points)
    return Result(sum(p for p, _ in pairs), sum(m for _, m in pairs))


def passed(quiz: Quiz, result: Result) -> bool:
    # Thirds add up to 99.99999…: a rounding error must not fail a person.
    return result.percent + 1e-9 >= quiz.pass_percent


def completes(activity: Activity, quiz: Quiz, result: Result) -> bool:
    """Whether handing in this attempt completes the activity."""
    if activity.completion is CompletionRule.ATTEMPTED:
        return True
    return activity.completion is CompletionRule.PASSED and passed(quiz, result)


def best(percents: Iterable[float | None]) -> float | None:
    """The best finished attempt counts; None while there is none."""
    known = [p for p in percents if p is not None]
    return max(known) if known else None


def attempts_left(quiz: Quiz, finished: int) -> int | None:
    """How many attempts may still be begun; None: as many as one likes."""
    return None if quiz.attempts is None else max(0, quiz.attempts - finished)
