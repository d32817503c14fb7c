"""Rendered pages are kept for the next one who stands at the same place; never with words or names of somebody."""

from __future__ import annotations

import pytest
from builders import course, module, publish, quiz
from flask import Flask

from lms_tool.content.course import Question
from lms_tool.content.questions.entry import Expected, Reflection, ShortText
from lms_tool.content.questions.parts import Gap, GapText
from lms_tool.lti.claims import Role
from lms_tool.lti.launch import SUBMISSION_REVIEW_REQUEST
from lms_tool.runtime import Runtime

from .test_worksheets import School

KINDS = {
    "shorttext": (ShortText((Expected("Amt24", "Ja."),), (), "Nein."), {"answer": "Privates"}),
    "reflection": (Reflection("Danke."), {"answer": "Privates"}),
    "gap": (GapText(("In ", "."), (Gap("a", ("Amt24",), (), "Ja."),)), {"part.a": "Privates"}),
}


class Rooms(School):
    def __init__(self, app: Flask, tool: Runtime) -> None:
        super().__init__(app, tool)
        self.kept = app.extensions["lms_tool_pages"].kept

    def count(self) -> int:
        found: int = self.kept.cache_info().currsize
        return found


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_ones_own(app: Flask, tool: Runtime, kind: str) -> None:
    school = Rooms(app, tool)
    data, words = KINDS[kind]
    asked = Question("f1", kind, "Frage?", data)
    with tool.database.write() as db:
        publish(db, course(module("m1", quiz("t1", asked), anonymous=True)))
    anna = school.enter(link="link-6")
    anna.browser.post(f"{anna.base}a/t1/attempts")
    anna.browser.post(f"{anna.base}a/t1/t/1/q/1", data=words | {"action": "save"})
    before = school.count()
    assert "Privates" in anna.get("a/t1/t/1/q/1").text
    assert school.count() == before


def test_whose_work_is_looked_at(app: Flask, tool: Runtime) -> None:
    school = Rooms(app, tool)
    school.enter(name="Anna Kern")
    review = school.enter(
        "lotse", role=Role.INSTRUCTOR, message_type=SUBMISSION_REVIEW_REQUEST, for_user="anna"
    )
    before = school.count()
    for path in ("", "m/m1", "a/l1"):
        assert "Anna Kern" in review.get(path).text
    assert school.count() == before


def test_a_note_to_oneself_is_nobody_elses(app: Flask, tool: Runtime) -> None:
    school = Rooms(app, tool)
    data, words = KINDS["reflection"]
    with tool.database.write() as db:
        publish(db, course(module("m1", quiz("t1", Question("f1", "reflection", "Frage?", data)))))
    anna = school.enter()
    anna.browser.post(f"{anna.base}a/t1/attempts")
    anna.browser.post(f"{anna.base}a/t1/t/1/q/1", data=words | {"action": "check"})
    anna.browser.post(f"{anna.base}a/t1/t/1/finish")
    assert "Privates" in anna.get("a/t1/t/1/q/1").text
    review = school.enter(
        "lotse", role=Role.INSTRUCTOR, message_type=SUBMISSION_REVIEW_REQUEST, for_user="anna"
    )
    shown = review.get("a/t1/t/1/q/1")
    assert shown.status_code == 200
    assert "Privates" not in shown.text
