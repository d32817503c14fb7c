"""The process workshop by keyboard alone, by finger, by mouse, and when something comes in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from workshop_samples import ACTIVITY, course, write

from .campus import Campus, campus_of
from .conftest import OpenWindow
from .demo import Demo
from .look import Inspector
from .moves import INSIDE, base, enter, frame_of, launch_here
from .test_keyboard import tab_to
from .window import Window, opened

FREE = "werkstatt-frei"
MODULE = "Prozesse"
SAVED = "Gespeichert"
WAITING = "Noch nicht gespeichert. Wir versuchen es weiter."
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def school(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    folder = write(tmp_path_factory.mktemp("prozesse"))
    demo.command("courses", "load", str(folder))
    with campus_of(demo, course(folder), tmp_path_factory.mktemp("schule")) as running:
        yield running


@pytest.fixture
def window(browser: Browser, demo: Demo, school: Campus) -> Iterator[OpenWindow]:
    with ExitStack() as stack:

        def open_one(**options: Any) -> Window:
            return stack.enter_context(opened(browser, demo.tool, school.lms, **options))

        yield open_one


def arrive(ours: Window, school: Campus, path: str = f"{FREE}/to-be") -> Page:
    page = ours.page()
    enter(page, school.lms, school.newcomer())
    launch_here(page, school.lms, MODULE)
    page.goto(f"{base(page)}a/{path}")
    return page


def test_by_keyboard_alone(window: OpenWindow, school: Campus) -> None:
    page = arrive(window(viewport={"width": 1280, "height": 900}), school)
    for block in ("Dokument geht ein", "Dokument sichten", "Scannen"):
        tab_to(page, palette(page, block))
        page.keyboard.press("Enter")
    expect(said(page)).to_have_text("Scannen eingefügt: Schritt 3 von 3, Poststelle.")
    expect(titles(page)).to_have_text(["Dokument geht ein", "Dokument sichten", "Scannen"])
    counted(page, steps=3, media_changes=1, handovers=0)

    tab_to(page, block_at(page, 3))
    page.keyboard.press("Shift+ArrowUp")
    expect(said(page)).to_have_text("Scannen ist jetzt Schritt 2 von 3, Poststelle.")
    expect(titles(page)).to_have_text(["Dokument geht ein", "Scannen", "Dokument sichten"])
    expect(block_at(page, 2)).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(said(page)).to_have_text("Scannen ist jetzt Schritt 2 von 3, Steueramt.")
    counted(page, steps=3, media_changes=1, handovers=2)
    expect(block_at(page, 3).get_by_text("hin und zurück")).to_be_visible()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(said(page)).to_have_text("Weiter geht es in diese Richtung nicht.")
    page.keyboard.press("Shift+ArrowDown")
    expect(block_at(page, 3)).to_be_focused()
    counted(page, steps=3, media_changes=1, handovers=1)

    page.keyboard.press("Delete")
    expect(said(page)).to_have_text("Scannen entfernt. Es bleiben 2 Bausteine.")
    expect(block_at(page, 2)).to_be_focused()
    counted(page, steps=2, media_changes=0, handovers=0)
    page.keyboard.press("Control+z")
    expect(said(page)).to_have_text("Rückgängig gemacht. Es sind 3 Bausteine.")

    page.keyboard.press("Enter")
    expect(block_at(page, 2)).to_have_attribute("aria-expanded", "true")
    tab_to(page, page.get_by_label("Was passiert genau?"))
    page.keyboard.type("Formular lesen")
    tab_to(page, page.get_by_label("Bearbeitung in Minuten"))
    page.keyboard.type("zwei")
    expect(page.locator("#w-minutes-fehler")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    counted(page, minutes=2)
    expect(block_at(page, 2)).to_contain_text("Formular lesen")
    expect(status(page)).to_have_text(SAVED)
    before = titles(page).all_text_contents()
    page.reload()
    expect(titles(page)).to_have_text(before)
    expect(block_at(page, 2)).to_contain_text("2 min")
    counted(page, steps=3, media_changes=1, handovers=1, minutes=2)


def test_by_finger_on_a_phone(window: OpenWindow, school: Campus) -> None:
    page = arrive(window(**PHONE), school)
    page.locator(".lt-ws__fold > summary").tap()
    for block in ("Dokument geht ein", "Dokument sichten", "Drucken"):
        page.locator(".lt-ws__fold").get_by_role("button", name=block, exact=True).tap()
    page.locator(".lt-ws__fold > summary").tap()
    counted(page, steps=3, media_changes=1)
    below, block = box(page.locator("[data-details]")), box(block_at(page, 3))
    assert below["y"] >= block["y"] + block["height"], "the details open right below their block"
    drag_by_finger(page, block_at(page, 3), block_at(page, 1))
    expect(titles(page)).to_have_text(["Drucken", "Dokument geht ein", "Dokument sichten"])
    expect(said(page)).to_have_text("Drucken ist jetzt Schritt 1 von 3, Poststelle.")
    block_at(page, 2).tap()
    page.get_by_label("Ausführende Stelle").select_option("Amtsleitung")
    page.get_by_role("button", name="Nach unten").tap()
    expect(titles(page)).to_have_text(["Drucken", "Dokument sichten", "Dokument geht ein"])
    counted(page, handovers=1)
    page.get_by_role("button", name="Entfernen").tap()
    counted(page, steps=2, handovers=0)
    expect(status(page)).to_have_text(SAVED)
    # Beside the handle a finger scrolls the page, and moves nothing.
    top = page.evaluate("scrollY")
    swipe(page, block_at(page, 2).locator(".lt-blk__t"), -120)
    page.wait_for_function(f"scrollY > {top}")
    expect(titles(page)).to_have_text(["Drucken", "Dokument sichten"])


def test_by_finger_into_another_lane(window: OpenWindow, school: Campus) -> None:
    ours = window(viewport={"width": 1280, "height": 900}, has_touch=True)
    page = arrive(ours, school, f"{ACTIVITY}/to-be")
    lane = page.locator("[data-bench] [data-lane=leitung]")
    drag_by_finger(page, block_at(page, 1), block_at(page, 3), at=lane)
    expect(said(page)).to_contain_text("Dokument geht ein ist jetzt Schritt 2 von 15, Amtsleitung.")
    expect(status(page)).to_have_text(SAVED)
    page.reload()
    expect(titles(page).nth(1)).to_have_text("Dokument geht ein")
    counted(page, steps=15, handovers=5)


def test_by_mouse(window: OpenWindow, school: Campus) -> None:
    page = arrive(window(viewport={"width": 1280, "height": 900}), school, f"{ACTIVITY}/to-be")
    drag(page, palette(page, "Kopieren"), block_at(page, 2), page.locator("[data-bench] [data-lane=leitung]"))
    expect(titles(page).nth(1)).to_have_text("Kopieren")
    expect(said(page)).to_have_text("Kopieren eingefügt: Schritt 2 von 16, Amtsleitung.")
    drag(page, block_at(page, 2), block_at(page, 5), page.locator("[data-bench] [data-lane=steueramt]"))
    expect(titles(page).nth(3)).to_have_text("Kopieren")
    # What is let go beside the lanes stays where it was; Esc lets go too.
    drag(page, block_at(page, 4), page.get_by_role("heading", level=1), page.get_by_role("heading", level=1))
    expect(titles(page).nth(3)).to_have_text("Kopieren")
    expect(status(page)).to_have_text(SAVED)
    palette(page, "Bearbeitungs\N{SOFT HYPHEN}unterbrechung").click()
    for _ in range(2):  # twice the same, in a place of its own: handed over, back again, and done double
        palette(page, "Scannen").click()
    expect(status(page)).to_have_text(SAVED)
    shown, looks = counts(page), drawn(page)
    assert {"lt-blk--medium", "lt-blk--wait"} <= set(" ".join(looks).split())
    page.reload()
    assert counts(page) == shown, "script and server count alike"
    assert drawn(page) == looks, "and mark the same weak points"
    block_at(page, 4).click()
    page.get_by_role("button", name="Entfernen").click()
    page.get_by_role("button", name="Rückgängig").click()
    expect(titles(page).nth(3)).to_have_text("Kopieren")
    expect(block_at(page, 4)).to_be_focused()  # the button is disabled now and keeps no focus


def test_network_away_and_another_window(window: OpenWindow, school: Campus) -> None:
    ours = window(viewport={"width": 1280, "height": 900})
    page = arrive(ours, school)
    page.context.set_offline(True)
    palette(page, "Scannen").click()
    expect(status(page)).to_have_text(WAITING)
    page.context.set_offline(False)
    expect(status(page)).to_have_text(SAVED)
    ours.complaints = [one for one in ours.complaints if "net::ERR_" not in one]

    other = page.context.new_page()
    other.goto(page.url)
    palette(other, "Drucken").click()
    expect(status(other)).to_have_text(SAVED)
    palette(page, "Kopieren").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("in einem anderen Fenster geändert")
    expect(titles(page)).to_have_text(["Scannen", "Kopieren"])
    alert.get_by_role("button", name="Diesen Stand speichern").click()
    expect(status(page)).to_have_text(SAVED)
    palette(other, "Ort wechseln").click()
    other.get_by_role("alert").get_by_role("link", name="Den anderen Stand laden").click()
    expect(titles(other)).to_have_text(["Scannen", "Kopieren"])


def test_leaving_first_saves_and_everything_can_be_taken_along(window: OpenWindow, school: Campus) -> None:
    page = arrive(window(viewport={"width": 1280, "height": 900}), school, f"{ACTIVITY}/to-be")
    block_at(page, 1).click()
    page.get_by_label("Was passiert genau?").fill("Mit Pflichtfeldern")
    with page.expect_download() as table:
        page.get_by_role("link", name="Als Tabelle (CSV)").click()
    assert "Mit Pflichtfeldern" in Path(table.value.path()).read_text("utf-8-sig")
    with page.expect_download() as drawing:
        page.get_by_role("link", name="Als Bild (SVG)").click()
    assert "Mit Pflichtfeldern" in Path(drawing.value.path()).read_text("utf-8")
    with page.expect_download() as picture:
        page.get_by_role("button", name="Als Bild (PNG)").click()
    assert picture.value.suggested_filename == f"{ACTIVITY}-to-be.png"
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
    page.get_by_label("Was passiert genau?").fill("Zuletzt getippt")
    page.get_by_role("link", name="Weiter: vergleichen").click()
    page.get_by_role("button", name="Mit Musterlösung vergleichen").click()
    expect(page.get_by_text("Die Rückfrage kostet fünf Tage.")).to_be_visible()
    page.get_by_role("link", name="Künftig (Soll)").click()
    expect(block_at(page, 1)).to_contain_text("Zuletzt getippt")


def test_without_script(window: OpenWindow, school: Campus) -> None:
    ours = window(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = ours.page()
    enter(page, school.lms, school.newcomer())
    page.goto(f"{school.lms}/course/view.php?id=2")
    page.get_by_role("link", name=MODULE, exact=True).first.click()
    place = frame_of(page)
    for form in ("launch", "auth"):
        place.wait_for_url(f"{school.lms}/mod/lti/{form}.php**", wait_until="commit")
        expect(place.get_by_role("heading", name="Weiterleitung")).to_be_visible()
        place.get_by_role("button", name="Weiter").click()
    place.wait_for_url(INSIDE, wait_until="commit")
    place.get_by_role("link", name="Hundesteuer anmelden").last.click()
    place.get_by_role("link", name="Künftig (Soll)").click()
    fold = place.locator(".lt-ws__fold")
    for number, block in enumerate(("Dokument geht ein", "Scannen"), 1):
        fold.locator("summary").click()
        fold.get_by_role("button", name=block, exact=True).click()
        expect(place.locator("[data-count=steps]")).to_have_text(str(number))  # the new page is there
    place.get_by_label("Was passiert genau?").fill("Alles aufs Glas")
    place.get_by_role("button", name="Nach oben").click()
    expect(place.locator("[data-lanes] .lt-blk").first).to_contain_text("Alles aufs Glas")
    place.get_by_role("button", name="Entfernen").click()
    expect(place.locator("[data-count=steps]")).to_have_text("1")
    expect(place.get_by_role("button", name="Als Bild (PNG)")).to_have_count(0)
    assert ours.refusals == []


def test_axe_and_widths(window: OpenWindow, school: Campus) -> None:
    page, inspector = arrive(window(), school, f"{ACTIVITY}/as-is"), Inspector()
    inspector.look(page, "werkstatt-ist")
    page.goto(f"{base(page)}a/{FREE}/to-be")
    inspector.look(page, "werkstatt-leer")
    page.goto(f"{base(page)}a/{ACTIVITY}/to-be")
    block_at(page, 7).click()
    page.set_viewport_size({"width": 800, "height": 900})  # a frame in an LMS
    widths = page.locator(".lt-blk__t").evaluate_all("all => all.map(one => one.clientWidth)")
    assert widths and min(widths) >= 120, widths  # words are not cut into syllables
    inspector.look(page, "werkstatt-soll")
    page.get_by_role("button", name="Entfernen").click()
    expect(status(page)).to_have_text(SAVED)
    page.goto(f"{base(page)}a/{ACTIVITY}/compare")
    inspector.look(page, "werkstatt-vergleich")
    page.get_by_role("button", name="Mit Musterlösung vergleichen").click()
    page.locator("details.lt-fold > summary").click()
    inspector.look(page, "werkstatt-muster")
    assert inspector.faults == []


def palette(page: Page, block: str) -> Locator:
    return page.locator(".lt-ws__pal").get_by_role("button", name=block, exact=True)


def block_at(page: Page, number: int) -> Locator:
    return page.locator("[data-lanes] > .lt-step").nth(number - 1).locator(".lt-blk")


def titles(page: Page) -> Locator:
    return page.locator("[data-lanes] .lt-blk [data-part=title]")


def said(page: Page) -> Locator:
    return page.locator("[data-said]")


def status(page: Page) -> Locator:
    return page.locator("[data-process-status]")


def counts(page: Page) -> dict[str, str]:
    found = page.locator("[data-count]")
    return dict(
        zip(
            found.evaluate_all("all => all.map(one => one.dataset.count)"),
            found.all_text_contents(),
            strict=True,
        )
    )


def drawn(page: Page) -> list[str]:
    """Each step as it is shown: what it says, and the looks of its marks."""
    return list(
        page.locator("[data-lanes] > .lt-step").evaluate_all(
            """all => all.map((one) => {
              const looks = [...one.querySelector(".lt-blk").classList].filter((name) => name.startsWith("lt-blk"));
              return `${looks.sort().join(" ")} ${one.querySelector(".lt-cell").innerText.replace(/\\s+/g, " ")}`;
            })"""
        )
    )


def counted(page: Page, **expected: int) -> None:
    for name, value in expected.items():
        expect(page.locator(f"[data-count={name}]")).to_have_text(str(value))


def box(place: Locator) -> dict[str, float]:
    found = place.bounding_box()
    assert found is not None
    return dict(found)


def drag(page: Page, what: Locator, before: Locator, lane: Locator) -> None:
    """With the mouse into ``lane``, above ``before``."""
    what.scroll_into_view_if_needed()
    start, row, column = box(what), box(before), box(lane)
    page.mouse.move(start["x"] + 12, start["y"] + 12)
    page.mouse.down()
    x, y = column["x"] + column["width"] / 2, row["y"] + 4
    for part in (0.1, 0.5, 1):
        page.mouse.move(
            start["x"] + 12 + (x - start["x"]) * part, start["y"] + 12 + (y - start["y"] - 12) * part
        )
    page.mouse.up()


def drag_by_finger(page: Page, what: Locator, before: Locator, at: Locator | None = None) -> None:
    """By the handle, above ``before``, into the lane ``at``."""
    grip = what.locator("xpath=following-sibling::*[@data-grip]")
    before.scroll_into_view_if_needed()
    start, row = box(grip), box(before)
    x = start["x"] + start["width"] / 2
    column = box(at) if at else None
    to_x = column["x"] + column["width"] / 2 if column else x
    touch(page, (x, start["y"] + start["height"] / 2), (to_x, row["y"] + 4))


def swipe(page: Page, what: Locator, by: float) -> None:
    start = box(what)
    x, y = start["x"] + 10, start["y"] + 6
    touch(page, (x, y), (x, y + by))


def touch(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    device = page.context.new_cdp_session(page)
    steps = 12

    def send(kind: str, *points: tuple[float, float]) -> None:
        shown = [{"x": x, "y": y} for x, y in points]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": shown})

    send("touchStart", start)
    for part in range(1, steps + 1):
        share = part / steps
        send("touchMove", tuple(a + (b - a) * share for a, b in zip(start, end, strict=True)))  # type: ignore[arg-type]
    page.wait_for_timeout(
        200
    )  # a finger lies still before it lets go; Chromium takes no tap right after a fling
    send("touchEnd")
    device.detach()
