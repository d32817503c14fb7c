"""The courses that come with the tool can be read, and the check is silent about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms_tool.content import package, stored
from lms_tool.content.course import Lesson, Quiz
from lms_tool.content.questions import graded, mark, solution

COURSES = Path(__file__).parents[3] / "courses"
PACKAGES = sorted(path.parent for path in COURSES.glob("*/course.yaml"))


def test_the_shipped_packages() -> None:
    assert [path.name for path in PACKAGES] == ["basis-befaehigung", "grundlehrgang-digitallotse-bw"]


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda path: path.name)
def test_the_check_is_silent(folder: Path) -> None:
    assert [str(fault) for fault in package.check(folder)] == []


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda path: path.name)
def test_it_can_be_stored_and_every_test_passed(folder: Path) -> None:
    course = stored.restore(stored.dump(package.read(folder)))
    for activity in course.activities():
        match activity.content:
            case Quiz(questions=questions):
                for question in questions:
                    assert mark(question, solution(question)).verdict == (
                        "right" if graded(question) else "noted"
                    )
            case Lesson(body_html=html, check=check):
                assert 'class="lt-situation"' in html[:40]
                assert check is not None
