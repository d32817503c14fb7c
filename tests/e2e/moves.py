"""What people do: enter, open an activity, read, answer."""

from __future__ import annotations

import re
from collections.abc import Collection

from playwright.sync_api import Error, Frame, Page, expect

from lms_tool.content.course import Activity, Lesson, Module, Question, Quiz
from lms_tool.content.questions import Choices, layout, solution

from .window import Place

INSIDE = re.compile(r"^http://127\.0\.0\.1:\d+/k/[^/]+/")


def wrong(question: Question) -> str:
    """One option that should not be chosen."""
    asked = layout(question)
    assert isinstance(asked, Choices)
    return next(option.id for option in asked.options if option.id not in solution(question))


def lessons(module: Module) -> list[Activity]:
    return [activity for activity in module.activities if isinstance(activity.content, Lesson)]


def quiz(module: Module) -> tuple[Activity, Quiz]:
    return next((one, one.content) for one in module.activities if isinstance(one.content, Quiz))


def enter(page: Page, lms: str, username: str) -> None:
    page.goto(f"{lms}/enter/{username}")


def open_in_frame(page: Page, title: str) -> Frame:
    """Click an activity of the LMS's course page; the tool's frame, once the launch has come through."""
    page.get_by_role("link", name=title, exact=True).click()
    return launched_frame(page)


def launched_frame(page: Page) -> Frame:
    frame = frame_of(page)
    frame.wait_for_url(INSIDE, wait_until="commit")  # what follows waits for what it needs
    return frame


def frame_of(page: Page) -> Frame:
    """The frame of the LMS's page, whatever it shows."""
    element = page.locator("iframe").element_handle()
    assert element is not None
    frame = element.content_frame()
    assert frame is not None
    return frame


def launch_here(page: Page, lms: str, title: str) -> None:
    """Open an activity in this very window, as an LMS does that uses neither frames nor new windows."""
    page.goto(f"{lms}/course/view.php?id=2")
    url = page.locator("li.activity a").filter(has_text=title).first.get_attribute("href")
    assert url is not None
    page.goto(lms + url.replace("view.php", "launch.php"))
    try:
        page.wait_for_url(INSIDE)
    except Error as error:
        raise AssertionError(f"The launch ended at {page.url}: {page.inner_text('body')}") from error


def base(place: Place) -> str:
    """Where the launch's addresses begin."""
    found = INSIDE.match(place.url)
    assert found, place.url
    return found[0]


def choose(place: Place, answers: Collection[str]) -> None:
    for answer in [answers] if isinstance(answers, str) else sorted(answers):
        place.locator(f'input[name=answer][value="{answer}"]').check()


def answer_check(place: Place, question: Question) -> None:
    """The question inside a lesson, answered rightly."""
    choose(place, solution(question))
    place.get_by_role("button", name="Antwort prüfen").click()
    expect(place.locator("#rueckmeldung")).to_contain_text("Richtig")


def read_on(place: Place, lesson: Activity) -> None:
    """From the top of a lesson over its question to «Weiter»."""
    assert isinstance(lesson.content, Lesson)
    expect(place.get_by_role("heading", level=1)).to_have_text(lesson.title)
    if lesson.content.check is not None:
        answer_check(place, lesson.content.check)
    place.get_by_role("button", name="Weiter").click()
    expect(place.get_by_role("heading", level=1)).not_to_have_text(lesson.title)


def read_all(place: Place, module: Module) -> None:
    """From the module's page through all its lessons to the start of its test."""
    place.get_by_role("link", name="Beginnen").click()
    for lesson in lessons(module):
        read_on(place, lesson)
    expect(place.get_by_role("heading", level=1)).to_have_text(quiz(module)[0].title)


def answer_all(place: Place, test: Quiz) -> None:
    """All questions of a running attempt, rightly, each checked at once; ends on the result."""
    for number, question in enumerate(test.questions, 1):
        expect(place.get_by_role("heading", level=1)).to_contain_text(
            f"Frage {number} von {len(test.questions)}"
        )
        choose(place, solution(question))
        place.get_by_role("button", name="Antwort prüfen").click()
        expect(place.locator("#rueckmeldung")).to_contain_text("Richtig")
        if number < len(test.questions):
            place.get_by_role("link", name="Nächste Frage").click()
    place.get_by_role("button", name="Test abgeben").click()
