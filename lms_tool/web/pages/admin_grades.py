"""Administration of grades: what the LMS does not have, why, since when, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lms_tool.errors import Text
from lms_tool.web.pages.admin import AdminFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminGrade:
    """``person``: "" where the LMS sends no names, then ``sub`` stands for it. ``tone``: bad | sent | quiet."""

    id: int
    person: str
    sub: str
    activity: str
    course: str
    platform: str
    platform_url: str
    given: float
    tone: str
    why: Text
    remedy: Text | None
    since: datetime
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminCircuit:
    """A platform that is left alone until ``until``, or that refused something; ``retry_url``: POST."""

    platform: str
    platform_url: str
    retry_url: str
    why: Text
    remedy: Text | None
    waiting: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminGradeFilter:
    key: str  # all | help | way | aside
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminGradesPage:
    """``show`` is the filter in force; ``pages`` how many there are of what it shows."""

    template: ClassVar[str] = "admin_grades.html"

    frame: AdminFrame
    show: str
    delivered: int
    away: int
    filters: tuple[AdminGradeFilter, ...]
    grades: tuple[AdminGrade, ...]
    circuits: tuple[AdminCircuit, ...] = ()
    page: int = 1
    pages: int = 1

    @property
    def count(self) -> dict[str, int]:
        return {one.key: one.count for one in self.filters}
