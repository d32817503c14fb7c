"""The page of grades in its states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from lms_tool.web.grade_wording import why
from lms_tool.web.pages import (
    AdminCircuit,
    AdminFrame,
    AdminGrade,
    AdminGradeFilter,
    AdminGradesPage,
)
from lms_tool.web.render import Page

SINCE = datetime(2026, 2, 19, 9, 42, tzinfo=UTC)
SOON = datetime(2026, 2, 24, 9, 45, tzinfo=UTC)


def grade(number: int, person: str, reason: str, tone: str = "bad", **more: object) -> AdminGrade:
    values: dict[str, object] = {
        "id": number,
        "person": person,
        "sub": "4711",
        "activity": "Modul 5",
        "course": "Basis-Befähigung Frühjahr",
        "platform": "HSF Meißen",
        "platform_url": "/admin/platforms/1",
        "given": 87.5,
        "tone": tone,
        "why": why(reason).text,
        "remedy": why(reason).remedy if tone == "bad" else None,
        "since": SINCE,
    }
    return AdminGrade(**{**values, **more})  # type: ignore[arg-type]


FRAME = AdminFrame(tab="grades", crumbs=(), name="A. Beier", tenant_name="SSG", waiting=2)
WAITING = AdminGradesPage(
    frame=FRAME,
    show="all",
    delivered=1284,
    away=0,
    filters=tuple(
        AdminGradeFilter(key=key, count=count)
        for key, count in {"all": 3, "help": 2, "way": 1, "aside": 1}.items()
    ),
    grades=(
        grade(1, "Kirchner, Frank", "forbidden"),
        grade(2, "", "user_not_gradable"),
        grade(3, "Wendler, Katrin", "platform_busy", "sent", next_try=SOON),
    ),
    circuits=(
        AdminCircuit(
            platform="HSF Meißen",
            platform_url="/admin/platforms/1",
            retry_url="/admin/grades/platforms/1/retry",
            why=why("forbidden").text,
            remedy=why("forbidden").remedy,
            waiting=2,
        ),
        AdminCircuit(
            platform="https://kurs.ssg.example",
            platform_url="/admin/platforms/2",
            retry_url="/admin/grades/platforms/2/retry",
            why=why("connect_failed").text,
            remedy=None,
            waiting=1,
            until=SOON,
        ),
    ),
    page=2,
    pages=3,
)
ADMIN_GRADE_PAGES: dict[str, Page] = {
    "admin_grades": WAITING,
    "admin_grades_none": replace(
        WAITING,
        frame=replace(FRAME, waiting=0),
        filters=tuple(AdminGradeFilter(key=key, count=0) for key in ("all", "help", "way", "aside")),
        grades=(),
        circuits=(),
        page=1,
        pages=1,
    ),
    "admin_grades_aside": replace(
        WAITING, show="aside", grades=(grade(4, "Tauber, Ines", "laid_aside", "quiet"),), circuits=()
    ),
}
