"""A branching case to its ends, by keyboard, by touch and in a frame; then the offer, and the grade that both make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from case_samples import CASE_ID, OFFER_ID, SHEET_ID, course, write
from playwright.sync_api import Browser, Page, expect

from .campus import Campus, campus_of
from .conftest import OpenWindow
from .demo import Demo
from .look import Inspector
from .moves import base, enter, launch_here, open_in_frame
from .test_keyboard import press
from .window import Window, opened

MODULE = "Der Vorfall"
ARRIVED = re.compile(r"Ins LMS übertragen am \d+\. \w+")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
TO_AN_END = ("Sie rufen sofort den Dienstleister an.", "Sie ziehen ihn.", "Das CERT.", "Die Wahrheit.")


@pytest.fixture(scope="module")
def school(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    folder = tmp_path_factory.mktemp("fall")
    demo.command("courses", "load", str(write(folder)))
    with campus_of(demo, course(folder), tmp_path_factory.mktemp("schule")) as running:
        yield running


@pytest.fixture
def window(browser: Browser, demo: Demo, school: Campus) -> Iterator[OpenWindow]:
    with ExitStack() as stack:

        def open_one(**options: object) -> Window:
            return stack.enter_context(opened(browser, demo.tool, school.lms, **options))

        yield open_one


def arrive(ours: Window, school: Campus, activity: str) -> Page:
    page = ours.page()
    enter(page, school.lms, school.newcomer())
    launch_here(page, school.lms, MODULE)
    page.goto(f"{base(page)}a/{activity}")
    return page


def scene(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=2, name=title)).to_be_visible()


def test_by_keyboard_alone_through_a_case_to_its_end(window: OpenWindow, school: Campus) -> None:
    page = arrive(window(viewport={"width": 800, "height": 900}), school, CASE_ID)
    scene(page, "Ein Anruf am Freitag")
    for words in TO_AN_END:
        press(page, page.get_by_role("button", name=words))
        # Reading goes on where the story does, not at the top of the page.
        expect(page.locator("#szene")).to_be_focused()
    scene(page, "Drei Zeilen")
    scene(page, "Was hätte wann geholfen?")
    expect(page.get_by_text("1 von 2 Enden erlebt")).to_be_visible()
    press(page, page.get_by_role("link", name=re.compile("^Von hier aus anders entscheiden ?: Die Zeitung")))
    expect(page.get_by_text("Sie schauen auf eine frühere Stelle zurück.")).to_be_visible()
    press(page, page.get_by_role("button", name="Nichts."))
    scene(page, "Das Wochenende")
    press(page, page.get_by_role("button", name="Am Montag schlagen Sie die Zeitung auf."))
    expect(page.get_by_text("2 von 2 Enden erlebt")).to_be_visible()
    press(page, page.get_by_role("button", name="Noch einmal durchspielen"))
    scene(page, "Ein Anruf am Freitag")


def test_by_touch_on_a_phone(window: OpenWindow, school: Campus) -> None:
    page = arrive(window(**PHONE), school, CASE_ID)
    for words in TO_AN_END:
        button = page.get_by_role("button", name=words)
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        button.tap()
    scene(page, "Drei Zeilen")
    page.get_by_role("navigation", name="Ihr Weg im Fall").get_by_role(
        "link", name="Die Rufbereitschaft"
    ).tap()
    page.get_by_role("button", name="Sie warten.").tap()
    expect(page.get_by_text("Es wird nicht besser.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_in_the_frame_of_the_lms_and_with_the_back_button(window: OpenWindow, school: Campus) -> None:
    page = window().page()
    enter(page, school.lms, school.newcomer())
    frame = open_in_frame(page, MODULE)
    frame.get_by_role("link", name="Beginnen").click()
    for words in TO_AN_END[:2]:
        frame.get_by_role("button", name=words).click()
    expect(frame.get_by_role("heading", name="Wer muss es wissen?")).to_be_visible()
    page.evaluate("history.back()")
    expect(frame.get_by_role("heading", name="Die Rufbereitschaft")).to_be_visible()
    frame.get_by_role("button", name="Sie warten.").click()  # from an older page: that is where one stands
    expect(frame.get_by_role("heading", name="Die Mittagspause")).to_be_visible()


def test_without_script(window: OpenWindow, school: Campus) -> None:
    page = window(java_script_enabled=False).page()
    enter(page, school.lms, school.newcomer())
    page.goto(f"{school.lms}/course/view.php?id=2")
    address = page.locator("li.activity a").filter(has_text=MODULE).first.get_attribute("href")
    assert address is not None
    page.goto(school.lms + address.replace("view.php", "launch.php"))
    for _ in range(2):
        page.get_by_role("button", name="Weiter").click()
    page.wait_for_url(re.compile("/k/"))
    page.goto(f"{base(page)}a/{CASE_ID}")
    for words in TO_AN_END:
        page.get_by_role("button", name=words).click()
    scene(page, "Drei Zeilen")
    page.goto(f"{base(page)}a/{SHEET_ID}")
    expect(page.get_by_text("Drucken Sie die Seite mit Ihrem Browser.")).to_be_visible()


def test_case_and_offer_complete_the_module_and_the_lms_hears_of_it(
    window: OpenWindow, school: Campus
) -> None:
    inspector = Inspector()
    page = arrive(window(), school, CASE_ID)
    inspector.look(page, "fall-anfang")
    for words in TO_AN_END:
        page.get_by_role("button", name=words).click()
        inspector.look(page, f"fall-{words[:9]}")
    page.get_by_role("link", name="Die Rufbereitschaft", exact=True).click()
    inspector.look(page, "fall-zurueck")
    page.goto(f"{base(page)}a/{SHEET_ID}")
    inspector.look(page, "spickzettel")
    page.goto(f"{base(page)}a/{OFFER_ID}")
    inspector.look(page, "angebot")
    link = page.get_by_role("link", name="Zum Angebot (öffnet in neuem Fenster)")
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")
    page.get_by_role("button", name="Ich habe das Angebot abgeschlossen").click()
    expect(page.get_by_text("Sie haben bestätigt")).to_be_visible()
    inspector.look(page, "angebot-bestaetigt")
    page.goto(base(page))
    expect(page.get_by_text("2 von 2 Aktivitäten erledigt")).to_be_visible()
    for _ in range(100):
        if page.get_by_text(ARRIVED).is_visible():
            break
        page.wait_for_timeout(200)
        page.reload()
    expect(page.get_by_text(ARRIVED)).to_be_visible()
    assert inspector.faults == []
