"""From the click in the LMS to the grade in its gradebook, in a frame on another site without third-party cookies."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Frame, expect

from lms_tool.content.course import Course

from .conftest import OpenWindow
from .cookies import CookieProbe
from .demo import Demo
from .moves import answer_all, enter, open_in_frame, quiz, read_all
from .window import TIMEOUT, picture

ARRIVED = re.compile(r"Ins LMS übertragen am \d+\. \w+")


def test_click_through(window: OpenWindow, demo: Demo, course: Course) -> None:
    module = course.modules[0]
    ours = window(viewport={"width": 1280, "height": 900})
    page = ours.page()
    enter(page, demo.lms, "petra.sommer")
    frame = open_in_frame(page, module.title)
    expect(frame.get_by_role("heading", level=1)).to_have_text(module.title)
    expect(frame.get_by_text("Petra Sommer")).to_be_visible()
    picture(page, "lms-modul-im-rahmen")

    read_all(frame, module)
    frame.get_by_role("button", name="Test beginnen").click()
    answer_all(frame, quiz(module)[1])
    expect(frame.get_by_role("heading", level=1)).to_have_text("Bestanden")
    wait_for_transfer(frame)
    picture(page, "lms-ergebnis-im-rahmen")

    page.goto(f"{demo.lms}/grade/report/index.php")
    grade = page.locator(".activity").filter(has_text=module.title).first
    expect(grade.locator(".points")).to_have_attribute("data-points", re.compile(r"^100(\.0)?$"))
    expect(grade.locator(".state")).to_have_attribute("data-state", re.compile("."))
    picture(page, "lms-bewertungen")
    assert ours.refusals == []
    assert ours.complaints == []


def test_third_party_cookies_are_restricted_here(window: OpenWindow, demo: Demo) -> None:
    """What the click-through proves depends on it: only a partitioned cookie comes back from a frame."""
    with CookieProbe() as probe:
        ours = window()
        ours.origins += probe.origins
        assert probe.cookies_in_a_frame(ours.page()) == {"partitioned"}


def wait_for_transfer(frame: Frame) -> None:
    """The page says how it stands; reloading it tells whether the grade has arrived."""
    end = time.monotonic() + TIMEOUT / 1000
    while frame.get_by_text(ARRIVED).count() == 0:
        assert time.monotonic() < end, frame.locator("main").inner_text()
        expect(frame.get_by_text("Ins LMS: wird übertragen")).to_be_visible()
        time.sleep(0.5)
        frame.goto(frame.url)
