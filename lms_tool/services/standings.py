"""Where people stand, worked out once: most of a cohort stands at one of a few places."""

from __future__ import annotations

from functools import lru_cache

from lms_tool.content.course import Course
from lms_tool.learning import CourseStatus, assess
from lms_tool.services.lessons import Rows, records


class Standings:
    """Keeps what ``assess`` said. A revision and its rows are values, so an answer never grows old."""

    KEPT = 1024

    def __init__(self) -> None:
        self._courses: dict[int, Course] = {}
        self._assessed = lru_cache(maxsize=self.KEPT)(self._assess)

    def of(self, course: Course, revision_id: int, rows: Rows) -> CourseStatus:
        """The standing that ``rows`` mean in revision ``revision_id``, which is ``course``."""
        self._courses[revision_id] = course
        return self._assessed(revision_id, rows)

    def _assess(self, revision_id: int, rows: Rows) -> CourseStatus:
        return assess(self._courses[revision_id], records(rows))
