"""Everything with the keyboard alone, and always visible where one is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from lms_tool.content.course import Course
from lms_tool.content.questions import Choices, layout, solution

from .campus import Campus
from .conftest import OpenWindow
from .moves import enter, launch_here, lessons, quiz

STOPS = 60
RING = """() => [null, "::before", "::after"].some((part) => {
  const style = getComputedStyle(document.activeElement, part);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
})"""


def test_module_and_quiz_by_keyboard(window: OpenWindow, campus: Campus, course: Course) -> None:
    module = course.modules[0]
    test = quiz(module)[1]
    page = window(viewport={"width": 800, "height": 900}).page()
    enter(page, campus.lms, campus.newcomer())
    launch_here(page, campus.lms, module.title)
    press(page, page.get_by_role("link", name="Beginnen"))
    for lesson in lessons(module):
        expect(page.get_by_role("heading", level=1)).to_have_text(lesson.title)
        press(page, page.get_by_role("button", name="Weiter"))
    press(page, page.get_by_role("button", name="Test beginnen"))
    for number, question in enumerate(test.questions, 1):
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"Frage {number} von")
        asked = layout(question)
        assert isinstance(asked, Choices)
        ids = [option.id for option in asked.options]
        if asked.several:
            for answer in sorted(solution(question), key=ids.index):
                tab_to(page, field(page, answer))
                page.keyboard.press("Space")
        else:
            (answer,) = solution(question)
            tab_to(page, field(page, ids[0]))
            page.keyboard.press("Space")
            for _ in range(ids.index(answer)):
                page.keyboard.press("ArrowDown")
                assert page.evaluate(RING)
        for answer in solution(question):
            expect(field(page, answer)).to_be_checked()
        press(page, page.get_by_role("button", name="Antwort prüfen"))
        expect(page.locator("#rueckmeldung")).to_contain_text("Richtig")
        if number < len(test.questions):
            press(page, page.get_by_role("link", name="Nächste Frage"))
    press(page, page.get_by_role("button", name="Test abgeben"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Bestanden")


def field(page: Page, answer: str) -> Locator:
    return page.locator(f'input[name=answer][value="{answer}"]')


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def tab_to(page: Page, target: Locator) -> None:
    """Tab until the target has the focus; every stop on the way must show a ring."""
    target.wait_for()
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert page.evaluate(RING), page.evaluate("document.activeElement.outerHTML")
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{STOPS} stops, and {target} was not among them")
