"""On paper: a cheat sheet is one page of A4, and nothing of the frame around a text is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from case_page_samples import SHEET
from front_end import ORIGIN, Site
from page_samples import PAGES
from playwright.sync_api import Browser, Page

from lms_tool.content import package
from lms_tool.content.course import Activity, Lesson
from lms_tool.errors import Text
from lms_tool.web.lesson_pages import evidence
from lms_tool.web.pages import LessonPage, Notice

COURSES = Path(__file__).parents[3] / "courses"
NOTICE = Notice(Text("Sie sind als Lehrende hier", "You are here as staff"))


def sheets() -> Iterator[Activity]:
    for path in sorted(COURSES.glob("*/course.yaml")):
        yield from (one for one in package.read(path.parent).activities() if one.kind == "cheatsheet")


def page_of(activity: Activity) -> LessonPage:
    """As a launch of the course shows it, banner and all."""
    assert isinstance(activity.content, Lesson)
    assert activity.as_of is not None
    return replace(
        SHEET,
        frame=replace(SHEET.frame, notices=(NOTICE,)),
        title=activity.title,
        body_html=activity.content.body_html,
        evidence=evidence(activity, activity.as_of),
    )


def printed(page: Page, site: Site, name: str) -> int:
    """How many sheets of paper it takes."""
    page.goto(f"{ORIGIN}/{name}")
    page.evaluate("document.fonts.ready")
    pdf = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(595, 842)}
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_every_shipped_cheat_sheet_is_one_page(
    site: Site, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chromium.new_context() as context:
        page = site.open(context)
        found = {}
        for activity in sheets():
            monkeypatch.setitem(PAGES, "sheet", page_of(activity))
            found[activity.id] = printed(page, site, "sheet")
    assert found
    assert set(found.values()) == {1}, found
    assert site.complaints == []


def test_only_the_text_and_its_sources_are_printed(site: Site, chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = site.open(context)
        for name in ("cheatsheet", "lesson", "case-deciding", "case-ended"):
            page.goto(f"{ORIGIN}/{name}")
            page.emulate_media(media="print")
            hidden = (
                ".lt-top, .lt-pager, .lt-skip, .lt-foot, .lt-btns, .lt-side, .lt-toc, .lt-decide, .lt-ending"
            )
            assert not [one for one in page.locator(hidden).all() if one.is_visible()], name
            assert page.locator("h1").is_visible()
            assert page.locator(".lt-source").is_visible()
            page.emulate_media(media="screen")


def test_the_button_prints_and_stands_in_for_the_hint(site: Site, chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = site.open(context)
        page.add_init_script("window.print = () => { document.title = 'gedruckt'; }")
        page.goto(f"{ORIGIN}/cheatsheet")
        assert not page.get_by_text("Drucken Sie die Seite mit Ihrem Browser.").is_visible()
        page.get_by_role("button", name="Drucken").click()
        assert page.title() == "gedruckt"


def test_without_script_the_browser_prints(site: Site, chromium: Browser) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.set_content(site.renderer.page(SHEET))
        assert page.get_by_text("Drucken Sie die Seite mit Ihrem Browser.").is_visible()
        assert page.get_by_role("button", name="Drucken").count() == 0
