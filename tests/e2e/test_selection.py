"""A teacher places content in the LMS course, with the keyboard alone, and somebody opens it."""

from __future__ import annotations

from playwright.sync_api import expect

from lms_tool.content.course import Course

from .conftest import OpenWindow
from .demo import Demo
from .moves import enter, frame_of, open_in_frame
from .window import picture


def test_two_modules_by_keyboard(window: OpenWindow, demo: Demo, course: Course) -> None:
    # Two that no other test opens by their titles: from now on each stands in the course twice.
    first, second = course.modules[2], course.modules[3]
    ours = window(viewport={"width": 1280, "height": 900})
    page = ours.page()
    enter(page, demo.lms, "thomas.lindner")
    page.get_by_role("link", name="Inhalte auswählen").press("Enter")
    frame = frame_of(page)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Inhalte in den LMS-Kurs stellen")

    search = frame.get_by_role("searchbox")
    search.focus()
    for module in (first, second):
        page.keyboard.type(module.title)
        found = frame.get_by_role("checkbox", name=module.title)
        for _ in range(8):  # only what was found, and each course's «Alle Module auswählen», is on the way
            page.keyboard.press("Tab")
            if found.evaluate("(element) => element === document.activeElement"):
                break
        expect(found).to_be_focused()
        page.keyboard.press("Space")
        search.focus()
        page.keyboard.press("Control+a")
    expect(frame.locator("[data-tally]")).to_contain_text("2 Inhalte ausgewählt")
    page.keyboard.press("Delete")
    picture(page, "auswahl-im-rahmen")
    for _ in range(60):
        if frame.evaluate("document.activeElement.textContent.trim()") == "In den Kurs stellen":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(frame.get_by_role("heading", level=1)).to_have_text("Aktivitäten anlegen")
    expect(frame.get_by_role("listitem")).to_have_count(2)
    frame.get_by_role("button", name="Speichern und zum Kurs").press("Enter")
    page.wait_for_url("**/course/view.php?id=2")
    for module in (first, second):
        expect(page.get_by_role("link", name=module.title, exact=True)).to_have_count(
            2
        )  # one was there before

    # what has just been placed is marked, and a single item fills the LMS's form
    page.get_by_role("link", name="Inhalte auswählen").click()
    frame = frame_of(page)
    for module in (first, second):
        row = frame.locator("[data-row]").filter(has=frame.get_by_role("checkbox", name=module.title))
        expect(row.get_by_text("Schon im LMS-Kurs")).to_be_visible()
    frame.get_by_role("checkbox", name=first.title).check()
    row = frame.locator("[data-row]").filter(has=frame.get_by_role("checkbox", name=first.title))
    row.get_by_text("Ändern").click()
    row.get_by_label("Titel").fill("Zum Nachlesen")
    row.get_by_label("Note").select_option("Keine Note")
    frame.get_by_role("button", name="In den Kurs stellen").click()
    expect(frame.get_by_label("Titel")).to_have_value("Zum Nachlesen")
    expect(frame.get_by_text("Ohne Bewertung")).to_be_visible()
    frame.get_by_role("button", name="Speichern und zum Kurs").click()

    page.wait_for_url("**/course/view.php?id=2")
    launched = open_in_frame(page, "Zum Nachlesen")
    expect(launched.get_by_role("heading", level=1)).to_have_text(first.title)
    assert ours.refusals == []
    assert ours.complaints == []


def test_cancelling_leads_back(window: OpenWindow, demo: Demo) -> None:
    ours = window()
    page = ours.page()
    enter(page, demo.lms, "thomas.lindner")
    before = page.locator("li.activity").count()
    page.get_by_role("link", name="Inhalte auswählen").click()
    frame_of(page).get_by_role("button", name="Abbrechen").click()
    page.wait_for_url("**/course/view.php?id=2")
    assert page.locator("li.activity").count() == before
