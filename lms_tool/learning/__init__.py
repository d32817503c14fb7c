"""Decisions about learning: pure functions over frozen values, without database, clock or web."""

from lms_tool.learning.grading import Grade, Report, Scope, desired, raised
from lms_tool.learning.marking import Result, attempts_left, best, completes, passed, total
from lms_tool.learning.progress import (
    ActivityStatus,
    CourseStatus,
    ModuleStatus,
    Phase,
    Record,
    Records,
    State,
    assess,
    next_step,
)

__all__ = [
    "ActivityStatus",
    "CourseStatus",
    "Grade",
    "ModuleStatus",
    "Phase",
    "Record",
    "Records",
    "Report",
    "Result",
    "Scope",
    "State",
    "assess",
    "attempts_left",
    "best",
    "completes",
    "desired",
    "next_step",
    "passed",
    "raised",
    "total",
]
