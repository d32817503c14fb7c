"""What a placed item reports to the LMS.

``completion`` says nothing until the item is complete, then 100 of 100: under Moodle's "receive a grade" rule the
first percent would already complete the activity. ``progress`` grows in percent, ``score`` is the best finished
attempt. A desired grade never falls (the best counts).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lms_tool.content.course import Quiz
from lms_tool.learning.marking import best
from lms_tool.learning.progress import ActivityStatus, CourseStatus, State


class Report(StrEnum):
    COMPLETION = "completion"
    PROGRESS = "progress"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Grade:
    given: float  # 0 to 100
    completed: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What was placed: the course, one module of it, or one activity."""

    module_id: str | None = None
    activity_id: str | None = None


def desired(status: CourseStatus, scope: Scope, report: Report) -> Grade | None:
    """The grade the LMS should show now, or None while it should show none."""
    parts, done, need, completed = _parts(status, scope)
    if report is Report.COMPLETION:
        return Grade(100.0, True) if completed else None
    if report is Report.PROGRESS:
        if completed:
            return Grade(100.0, True)
        percent = round(100.0 * min(done, need) / need) if need else 0
        return Grade(float(percent), False) if percent else None
    quizzes = [part for part in parts if isinstance(part.activity.content, Quiz)]
    if best(part.percent for part in quizzes) is None:
        # A lesson has no score; once it is complete the column should not stay empty.
        return Grade(100.0, True) if completed and not quizzes else None
    mean = sum(part.percent or 0.0 for part in quizzes) / len(quizzes)
    return Grade(round(mean, 2), completed)


def raised(old: Grade | None, new: Grade | None) -> Grade | None:
    """The better of what is desired already and what is newly computed; ``old`` if nothing got better."""
    if new is None or old is None:
        return new or old
    return Grade(max(old.given, new.given), old.completed or new.completed)


def _parts(status: CourseStatus, scope: Scope) -> tuple[list[ActivityStatus], int, int, bool]:
    """Activities in scope, how many of what is counted is done, how many are needed, and whether it is complete."""
    if scope.activity_id is not None:
        part = status.activity(scope.activity_id)
        done = part.state is State.DONE
        return [part], int(done), 1, done
    if scope.module_id is not None:
        module = status.module(scope.module_id)
        return list(module.activities), module.done, module.required, module.state is State.DONE
    activities = [a for m in status.modules for a in m.activities]
    counting = [a for a in activities if a.counts]
    if status.completed:
        return activities, len(counting), len(counting), True
    return activities, sum(a.state is State.DONE for a in counting), len(counting), False
