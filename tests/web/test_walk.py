"""Somebody works through everything that is shipped: each lesson read, each question answered wrong and right."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import NOW, fingerprint, launch, platform, publish
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms_tool.content import package, questions
from lms_tool.content.course import Course, Lesson, Question, Quiz
from lms_tool.content.dialect import Dialect
from lms_tool.content.questions import Choices, Entry, Items, Parts
from lms_tool.content.questions.contract import pairs
from lms_tool.content.questions.entry import Numeric, ShortText
from lms_tool.runtime import Runtime
from lms_tool.services import launches
from lms_tool.web import security

from .conftest import new_browser

PACKAGES = sorted(path.parent for path in (Path(__file__).parents[2] / "courses").glob("*/course.yaml"))
NONSENSE = "qwertz"
NO_SUCH_NUMBER = "987654321,5"


def mistakes(asked: Question) -> Iterator[tuple[str, ...]]:
    """Responses that an author has foreseen, one after the other, and some that nobody has."""
    right = questions.solution(asked)
    match questions.layout(asked):
        case Choices(options):
            yield from ((option.id,) for option in options if option.id not in right)
        case Entry():
            if isinstance(asked.data, ShortText | Numeric):
                yield from ((each.text,) for each in asked.data.wrong)
                yield (NO_SUCH_NUMBER if asked.kind == "numeric" else NONSENSE,)
        case Items():
            yield tuple(reversed(right))
        case Parts(parts):
            for part in parts:
                known = [option.id for option in part.options if option.id != pairs(right)[part.id]]
                for value in known or [NONSENSE]:
                    yield tuple(
                        f"{each}={value if each == part.id else kept}" for each, kept in pairs(right).items()
                    )


def fields(asked: Question, response: tuple[str, ...]) -> dict[str, list[str]]:
    """The form's fields that make this response."""
    if isinstance(questions.layout(asked), Parts):
        return {f"{questions.PART_FIELD}{part}": [value] for part, value in pairs(response).items()}
    return {"answer": list(response)}


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


class Walker:
    def __init__(self, client: FlaskClient, launch_id: str) -> None:
        self.client = client
        self.base = f"/k/{launch_id}"

    def get(self, path: str) -> str:
        answer = self.client.get(f"{self.base}/{path}")
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, path: str, data: dict[str, list[str]]) -> TestResponse:
        answer = self.client.post(f"{self.base}/{path}", data=data)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.headers.get("X-LTI-Error"))
        return answer


@pytest.fixture(params=PACKAGES, ids=lambda path: path.name)
def shipped(request: pytest.FixtureRequest) -> Course:
    # Without what has to be done first: each activity is walked by itself.
    course = package.read(request.param)
    modules = (
        replace(module, requires=(), activities=tuple(replace(one, requires=()) for one in module.activities))
        for module in course.modules
    )
    return replace(course, modules=tuple(modules))


@pytest.fixture
def walker(app: Flask, tool: Runtime, shipped: Course) -> Walker:
    with tool.database.write() as db:
        publish(db, shipped)
        at = platform(db)
        said = launch(at, sub="anna")
        said = replace(said, custom={"course_id": shipped.id})
        accepted = launches.accept(db, at.id, said, fingerprint(), "beweis-0123456789", tool.shelf, NOW)
    browser = new_browser(app)
    browser.set_cookie(security.SESSION_COOKIE, "beweis-0123456789")
    return Walker(browser, accepted.launch_id)


def test_every_lesson_is_read_and_its_question_answered(walker: Walker, shipped: Course) -> None:
    for activity in shipped.activities():
        if not isinstance(activity.content, Lesson):
            continue
        url = f"a/{activity.id}"
        assert activity.title in text_of(walker.get(url))
        if (asked := activity.content.check) is not None:
            for response in mistakes(asked):
                said = walker.post(f"{url}/check", fields(asked, response)).get_data(as_text=True)
                assert 'class="lt-fb lt-fb--wrong"' in said or 'class="lt-fb lt-fb--partial"' in said, (
                    activity.id
                )
            said = walker.post(f"{url}/check", fields(asked, questions.solution(asked))).get_data(
                as_text=True
            )
            assert 'class="lt-fb lt-fb--right"' in said, activity.id
        if activity.kind == "page":
            walker.post(f"{url}/done", {})


def test_reading_renders_nothing(walker: Walker, shipped: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of every kind comes as it was stored: no Markdown, no sanitising while somebody waits."""

    def refuse(*_: object) -> str:
        raise AssertionError("rendered while reading")

    for name in ("body", "inline"):
        monkeypatch.setattr(Dialect, name, refuse)
    monkeypatch.setattr("lms_tool.content.markup.clean", refuse)
    for activity in shipped.activities():
        assert activity.title in text_of(walker.get(f"a/{activity.id}"))
    walker.get("glossary")


def test_every_quiz_is_failed_and_passed(walker: Walker, shipped: Course) -> None:
    tests = [(one, one.content) for one in shipped.activities() if isinstance(one.content, Quiz)]
    assert tests
    for activity, quiz in tests:
        url = f"a/{activity.id}"
        for attempt, right in ((1, False), (2, True)):
            walker.post(f"{url}/attempts", {})
            for number, asked in enumerate(quiz.questions, 1):
                response = questions.solution(asked) if right else next(mistakes(asked), ("Notiz",))
                walker.post(f"{url}/t/{attempt}/q/{number}", fields(asked, response) | {"action": ["check"]})
                page = walker.get(f"{url}/t/{attempt}/q/{number}")
                verdict = questions.mark(asked, response).verdict
                assert (verdict == "right") == (right and questions.graded(asked)), (activity.id, asked.id)
                assert f'class="lt-fb lt-fb--{verdict}"' in page, (activity.id, asked.id)
            walker.post(f"{url}/t/{attempt}/finish", {})
            result = text_of(walker.get(f"{url}/t/{attempt}"))
            assert ("Noch nicht bestanden" in result) != right, activity.id
        best = sum(asked.points for asked in quiz.questions)
        assert f"{best} von {best} Punkten" in result


def test_every_answer_has_words_of_its_own(shipped: Course) -> None:
    """Whatever somebody answers, foreseen or not, they are told why."""
    for activity in shipped.activities():
        asked_here = activity.content.questions if isinstance(activity.content, Quiz) else ()
        for asked in asked_here:
            for response in (*mistakes(asked), questions.solution(asked)):
                marked = questions.mark(asked, response)
                told = [mark.feedback_html for mark in marked.marks if mark.chosen]
                assert told and all(told), (activity.id, asked.id)
                wrong = [mark.feedback_html for mark in marked.marks if mark.state == "wrong"]
                assert marked.verdict in ("right", "noted") or wrong, (activity.id, asked.id, response)
