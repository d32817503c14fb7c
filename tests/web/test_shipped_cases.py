"""Every branch of every shipped case is walked as a browser does: each scene shows, and each way ends."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from builders import NOW, fingerprint, launch, platform, publish
from flask import Flask
from sqlalchemy import insert, select

from lms_tool.content import package
from lms_tool.content.case import Case
from lms_tool.content.course import Activity, Course
from lms_tool.learning.cases import Move, Way, follow
from lms_tool.models import Launch, Progress
from lms_tool.runtime import Runtime
from lms_tool.services import launches
from lms_tool.services.cases import as_text
from lms_tool.web import security

from .conftest import new_browser
from .test_case import Reader

COURSES = Path(__file__).parents[2] / "courses"
SHIPPED = [package.read(path.parent) for path in sorted(COURSES.glob("*/course.yaml"))]
CASES = [(course, one) for course in SHIPPED for one in course.activities() if isinstance(one.content, Case)]
PROOF = "beweis-von-anna-0123456789"


def edges(case: Case) -> list[tuple[Way, int]]:
    """A shortest way to every scene, with each of the choices there: together they take every branch."""
    found: list[tuple[Way, int]] = []
    ways: dict[str, Way] = {case.scenes[0].id: ()}
    waiting = deque(ways)
    while waiting:
        scene = case.by_id[waiting.popleft()]
        for number, choice in enumerate(scene.choices):
            found.append((ways[scene.id], number))
            if choice.to not in ways:
                ways[choice.to] = (*ways[scene.id], Move(number, choice.to))
                waiting.append(choice.to)
    assert ways.keys() == case.by_id.keys()
    return found


def to_an_end(case: Case, start: str) -> list[int]:
    """The choices of a shortest way from a scene to an end."""
    waiting: deque[tuple[str, list[int]]] = deque([(start, [])])
    while True:
        scene, choices = waiting.popleft()
        if not case.by_id[scene].choices:
            return choices
        waiting += [
            (choice.to, [*choices, number]) for number, choice in enumerate(case.by_id[scene].choices)
        ]


def enter(app: Flask, tool: Runtime, course: Course, activity: Activity) -> Reader:
    with tool.database.write() as db:
        publish(db, course)
        at = platform(db)
        said = launch(at, sub="anna")
        said.custom["course_id"] = course.id
        accepted = launches.accept(db, at.id, said, fingerprint(), PROOF, tool.shelf, NOW)
        # What a case waits for is not what is looked at here.
        for wanted in activity.requires:
            member = db.scalar(select(Launch.membership_id).where(Launch.id == accepted.launch_id))
            key = {"membership_id": member, "course_id": course.id, "kind": "activity", "item_id": wanted}
            db.execute(insert(Progress).values(**key, begun_at=NOW, completed_at=NOW))
    browser = new_browser(app)
    browser.set_cookie(security.SESSION_COOKIE, PROOF)
    return Reader(browser, accepted.launch_id, activity=activity.id)


def test_every_module_of_the_basis_befaehigung_has_one() -> None:
    modules = next(course for course in SHIPPED if course.id == "basis-befaehigung").modules
    assert all(any(isinstance(one.content, Case) for one in module.activities) for module in modules)


@pytest.mark.parametrize(("course", "activity"), CASES, ids=[activity.id for _, activity in CASES])
def test_every_branch_is_walked_and_ends(
    app: Flask, tool: Runtime, course: Course, activity: Activity
) -> None:
    case = activity.content
    reader = enter(app, tool, course, activity)
    reader.get()
    assert reader.scene == case.scenes[0].title
    for way, number in edges(case):
        target = case.by_id[follow(case, way).scene.choices[number].to]
        answer = reader.post({"way": as_text(way), "choice": str(number)})
        assert (answer.status_code, reader.scene) == (200, target.title)
        for choice in target.choices:
            assert choice.text_html in reader.page
        assert (case.debrief.title in reader.page) == (not target.choices)
        for onward in to_an_end(case, target.id):
            reader.choose(onward)
        assert "Noch einmal durchspielen" in reader.page
    assert f"{len(case.ends)} von {len(case.ends)} Enden erlebt" in reader.page
    with tool.database.read() as db:
        done = select(Progress.item_id).where(Progress.completed_at.is_not(None), Progress.kind == "activity")
        assert activity.id in set(db.scalars(done))
