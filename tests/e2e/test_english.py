"""A person whose LMS speaks English: an English interface around a German course."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from lms_tool.content.course import Course

from .campus import ENGLISH, WHOLE_COURSE, Campus
from .conftest import OpenWindow
from .look import Inspector
from .moves import base, choose, enter, launch_here, lessons, quiz, wrong

GERMAN = re.compile(
    r"[äöüßÄÖÜ„]|\b(und|der|die|das|ist|von|Sie|Ihre?|Frage|Modul|Weiter|Antwort|Test abgeben|Versuch|Stand|Quellen)\b"
)
ENGLISH_WORDS = re.compile(r"\b(you|your|Also|Right|Question|Answer|Attempt|Sources|Read on|Lesson)\b")
# Texts with the language that a screen reader would speak them in.
TEXTS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), parent = walker.currentNode.parentElement;
    if (text && !parent.closest("script, style")) found.push([parent.closest("[lang]").lang, text]);
  }
  for (const element of document.querySelectorAll("[aria-label], [title]"))
    found.push([element.closest("[lang]").lang, element.ariaLabel ?? element.title]);
  return found;
}"""


def test_english_interface(window: OpenWindow, campus: Campus, course: Course) -> None:
    module = course.modules[0]
    page, inspector = window().page(), Inspector("en")
    strays: list[str] = []

    def check(name: str) -> None:
        inspector.look(page, f"en-{name}")
        strays.extend(f"{name}: {text}" for text in spoken_wrongly(page))

    enter(page, campus.lms, ENGLISH.username)
    launch_here(page, campus.lms, WHOLE_COURSE)
    expect(page.get_by_text("Emma Clark").first).to_be_visible()
    check("course")
    page.goto(f"{base(page)}m/{module.id}")
    expect(page.get_by_role("heading", level=1)).to_have_attribute("lang", "de")
    check("module")
    page.locator("a.kern-btn--primary").click()
    for lesson in lessons(module):
        expect(page.get_by_role("heading", level=1)).to_have_text(lesson.title)
        expect(page.locator("article")).to_have_attribute("lang", "de")
        if lesson is lessons(module)[0]:
            check("lesson")
        page.locator(".lt-pager button").click()
    check("quiz")
    page.locator("main form button").click()
    test = quiz(module)[1]
    choose(page, wrong(test.questions[0]))
    expect(page.get_by_role("status")).to_have_text(re.compile("saved", re.IGNORECASE))
    page.locator("button[value=check]").click()
    expect(page.locator("#rueckmeldung")).to_be_visible()
    check("question")
    page.goto(page.url.split("/q/")[0])
    check("hand-in")
    page.locator("main form button").click()
    check("result")
    page.goto(f"{base(page)}glossary")
    check("glossary")
    assert inspector.faults == []
    assert strays == []


def spoken_wrongly(page: Page) -> list[str]:
    """Texts that look German in what is marked as English, or the other way round."""
    spoken: list[tuple[str, str]] = page.evaluate(TEXTS)
    foreign = {"en": GERMAN, "de": ENGLISH_WORDS}
    return [text for language, text in spoken if foreign[language].search(text)]
