"""A worksheet from the first word to the grade: saved by itself, handed in, returned, handed in again, accepted."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from worksheet_samples import ACTIVITY, SHEET, read, write

from .campus import TEACHER, Campus, campus_of
from .conftest import OpenWindow
from .demo import Demo
from .look import Inspector
from .moves import base, enter, launch_here
from .window import TIMEOUT, Window, opened

MODULE = "Netz"
SAVED = "Gespeichert"
WAITING = "Noch nicht gespeichert. Wir versuchen es weiter."
ARRIVED = re.compile(r"Ins LMS übertragen am \d+\. \w+")


@pytest.fixture(scope="module")
def school(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    folder = tmp_path_factory.mktemp("blatt")
    course = read(folder)
    write(folder, SHEET.replace("completion: handed_in", "completion: accepted"))
    demo.command("courses", "load", str(folder))
    with campus_of(demo, course, tmp_path_factory.mktemp("schule")) as running:
        yield running


@pytest.fixture
def window(browser: Browser, demo: Demo, school: Campus) -> Iterator[OpenWindow]:
    with ExitStack() as stack:

        def open_one(**options: object) -> Window:
            return stack.enter_context(opened(browser, demo.tool, school.lms, **options))

        yield open_one


def arrive(ours: Window, school: Campus, username: str = "") -> Page:
    page = ours.page()
    enter(page, school.lms, username or school.newcomer())
    launch_here(page, school.lms, MODULE)
    return page


def at_sheet(ours: Window, school: Campus) -> Page:
    page = arrive(ours, school)
    page.goto(f"{base(page)}a/{ACTIVITY}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Unsere Anschlüsse aufnehmen")
    return page


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-sheet-status]")).to_have_text(words)


def fill_in(page: Page) -> None:
    page.get_by_label("Standorte", exact=True).fill("5")
    page.get_by_label("Vorgehen").fill("Erst fragen.\nDann planen.")
    page.get_by_role("radio", name="2", exact=True).check()
    page.get_by_role("checkbox", name="Post").check()
    page.get_by_label("Zeile 1: Was").fill("Archiv")
    page.get_by_label("Zeile 1: Stand").select_option("laeuft")


def test_from_the_first_word_to_the_grade(window: OpenWindow, school: Campus) -> None:
    ours, theirs = window(), window()
    page = at_sheet(ours, school)
    inspector = Inspector()
    expect(page.get_by_text("Ihr Entwurf wird gespeichert, während Sie schreiben.")).to_be_visible()
    expect(page.get_by_text("Ihren Entwurf behalten Sie")).to_be_hidden()
    inspector.look(page, "arbeitsblatt-leer")
    fill_in(page)
    says(page, SAVED)
    page.get_by_role("button", name="Zeile hinzufügen").click()
    expect(page.get_by_label("Zeile 2: Was")).to_be_focused()
    page.keyboard.type("Bauhof")
    says(page, SAVED)
    page.reload()
    expect(page.get_by_label("Vorgehen")).to_have_value("Erst fragen.\nDann planen.")
    expect(page.get_by_label("Zeile 1: Stand")).to_have_value("laeuft")
    expect(page.get_by_label("Zeile 2: Was")).to_have_value("Bauhof")
    expect(page.get_by_role("radio", name="2", exact=True)).to_be_checked()
    says(page, SAVED)

    page.get_by_label("Standorte", exact=True).fill("ca. fünf")
    page.get_by_role("button", name="Zur Durchsicht geben").click()
    expect(page.get_by_role("alert")).to_contain_text("Noch eine Stelle, dann können Sie einreichen")
    inspector.look(page, "arbeitsblatt-fehler")
    page.get_by_role("alert").get_by_role("link", name="Standorte").click()
    expect(page.get_by_label("Standorte", exact=True)).to_be_focused()
    page.get_by_label("Standorte", exact=True).fill("1.284")
    page.get_by_role("button", name="Zur Durchsicht geben").click()
    expect(page.get_by_text("Liegt bei Ihrer Lotsin oder Ihrem Lotsen.")).to_be_visible()
    inspector.look(page, "arbeitsblatt-eingereicht")

    coach = arrive(theirs, school, TEACHER.username)
    coach.goto(f"{base(coach)}members")
    inspector.look(coach, "teilnehmende-mit-arbeitsblatt")
    coach.get_by_role("link", name="Prüfen: Unsere Anschlüsse aufnehmen").click()
    expect(coach.get_by_text("1.284 Orte")).to_be_visible()
    expect(coach.get_by_role("heading", name="Darauf achten Sie bei der Durchsicht")).to_be_visible()
    inspector.look(coach, "durchsicht")
    coach.get_by_text("Hinweis schreiben: Standorte").click()
    coach.get_by_label("Hinweis zu: Standorte").fill("Auch der Bauhof?")
    coach.get_by_role("button", name="Zurückgeben mit Hinweisen").click()
    expect(coach.get_by_role("heading", name="Gerade wartet nichts")).to_be_visible()
    inspector.look(coach, "durchgesehen")

    here = page.url
    page.goto(base(page))
    expect(page.get_by_text("Sie sind dran").first).to_be_visible()
    page.goto(here)
    expect(page.get_by_text("Sie sind dran")).to_be_visible()
    page.get_by_role("link", name="Zum ersten Hinweis").click()
    field = page.get_by_label("Standorte", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("Auch der Bauhof\\?"))
    inspector.look(page, "arbeitsblatt-zurueck")
    field.fill("1.285")
    page.get_by_role("button", name="Noch einmal einreichen").click()
    expect(page.get_by_text("Liegt bei Ihrer Lotsin oder Ihrem Lotsen.")).to_be_visible()

    coach.goto(f"{base(coach)}members/worksheets")
    coach.get_by_role("link", name="Prüfen: Unsere Anschlüsse aufnehmen").click()
    expect(coach.get_by_text("1.285 Orte")).to_be_visible()
    coach.get_by_role("button", name="Annehmen").click()
    expect(coach.get_by_role("heading", name="Gerade wartet nichts")).to_be_visible()

    page.reload()
    expect(page.get_by_text(re.compile("hat das Arbeitsblatt angenommen"))).to_be_visible()
    page.get_by_role("link", name="Meine Bausteine für die Digitale Agenda").click()
    expect(page.get_by_text("1.285 Orte")).to_be_visible()
    inspector.look(page, "agenda")
    page.goto(base(page))
    end = time.monotonic() + TIMEOUT / 1000
    while page.get_by_text(ARRIVED).count() == 0:
        assert time.monotonic() < end, page.locator("main").inner_text()
        time.sleep(0.5)
        page.reload()
    page.goto(f"{school.lms}/grade/report/index.php")
    grade = page.locator(".activity").filter(has_text=MODULE).first
    expect(grade.locator(".points")).to_have_attribute("data-points", re.compile(r"^100(\.0)?$"))
    assert inspector.faults == []
    assert [one for one in ours.refusals + theirs.refusals if " 422 " not in f" {one} "] == []


def test_nothing_written_is_lost_while_the_network_is_away(window: OpenWindow, school: Campus) -> None:
    ours = window()
    page = at_sheet(ours, school)
    drops: list[str] = []

    def drop(route: Route) -> None:
        drops.append(route.request.url)
        route.abort("connectionreset")

    page.route(f"**/a/{ACTIVITY}", drop)
    page.get_by_label("Vorgehen").fill("Mitten im Satz")
    says(page, WAITING)
    page.get_by_role("button", name="Zur Durchsicht geben").click()
    says(page, WAITING)
    expect(page.get_by_label("Vorgehen")).to_have_value("Mitten im Satz")
    page.unroute(f"**/a/{ACTIVITY}")
    says(page, SAVED)
    assert drops
    page.reload()
    expect(page.get_by_label("Vorgehen")).to_have_value("Mitten im Satz")
    ours.complaints = [one for one in ours.complaints if "net::ERR_" not in one]  # each failed attempt


def test_two_windows(window: OpenWindow, school: Campus) -> None:
    ours = window()
    first = at_sheet(ours, school)
    second = ours.page()
    second.goto(first.url)
    first.get_by_label("Vorgehen").fill("Im ersten")
    says(first, SAVED)
    second.get_by_label("Vorgehen").fill("Im zweiten")
    expect(second.get_by_text("In einem anderen Fenster wurde weitergeschrieben.")).to_be_visible()
    expect(second.get_by_label("Vorgehen")).to_have_value("Im zweiten")
    second.get_by_role("button", name="Das hier behalten").click()
    says(second, SAVED)
    expect(second.get_by_label("Vorgehen")).to_have_value("Im zweiten")
    first.get_by_label("Vorgehen").fill("Noch einmal im ersten")
    expect(first.get_by_text("In einem anderen Fenster wurde weitergeschrieben.")).to_be_visible()
    first.get_by_role("link", name="Das andere laden").click()
    expect(first.get_by_label("Vorgehen")).to_have_value("Im zweiten")
    says(first, SAVED)


def test_rows_by_keyboard(window: OpenWindow, school: Campus) -> None:
    page = at_sheet(window(), school)
    add = page.get_by_role("button", name="Zeile hinzufügen")
    for number, word in enumerate(("Archiv", "Bauhof", "Kita"), 1):
        if number > 1:
            add.focus()
            page.keyboard.press("Enter")
        page.get_by_label(f"Zeile {number}: Was").focus()
        page.keyboard.type(word)
    expect(add).to_be_hidden()
    remove = page.get_by_role("button", name="Zeile 1 entfernen")
    remove.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Zeile 1: Was")).to_be_focused()
    expect(page.get_by_label("Zeile 1: Was")).to_have_value("Bauhof")
    expect(page.get_by_label("Zeile 2: Was")).to_have_value("Kita")
    expect(add).to_be_visible()
    says(page, SAVED)
    page.reload()
    expect(page.get_by_label("Zeile 2: Was")).to_have_value("Kita")
    expect(page.get_by_label("Zeile 3: Was")).to_have_count(0)


def test_enter_in_a_field_saves_and_does_nothing_else(window: OpenWindow, school: Campus) -> None:
    page = at_sheet(window(), school)
    page.get_by_label("Wie heißt der Plan?").fill("Anschluss 2027")
    page.keyboard.press("Enter")
    says(page, SAVED)
    expect(page.get_by_label("Zeile 2: Was")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_without_script(window: OpenWindow, school: Campus) -> None:
    page = arrive_without_script(window(java_script_enabled=False), school)
    expect(page.get_by_text("Ihren Entwurf behalten Sie mit „Entwurf speichern“.")).to_be_visible()
    expect(page.get_by_text("während Sie schreiben")).to_be_hidden()
    fill_in(page)
    page.get_by_role("button", name="Zeile hinzufügen").click()
    page.get_by_label("Zeile 2: Was").fill("Bauhof")
    page.get_by_role("button", name="Zeile 1 entfernen").click()
    expect(page.get_by_label("Zeile 1: Was")).to_have_value("Bauhof")
    page.get_by_role("button", name="Zur Durchsicht geben").click()
    expect(page.get_by_text("Liegt bei Ihrer Lotsin oder Ihrem Lotsen.")).to_be_visible()


def arrive_without_script(ours: Window, school: Campus) -> Page:
    page = ours.page()
    enter(page, school.lms, school.newcomer())
    page.goto(f"{school.lms}/course/view.php?id=2")
    url = page.locator("li.activity a").filter(has_text=MODULE).first.get_attribute("href")
    assert url is not None
    page.goto(school.lms + url.replace("view.php", "launch.php"))
    for _ in range(2):
        page.get_by_role("button", name="Weiter").click()
    page.wait_for_url(re.compile(r"/k/"))
    page.goto(f"{base(page)}a/{ACTIVITY}")
    return page
