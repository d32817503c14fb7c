"""Questions that are no choices: answered by keyboard alone and by touch, and without faults for axe."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from lms_tool.content.course import Course

from .campus import Campus
from .conftest import OpenWindow
from .look import Inspector
from .moves import base, enter, launch_here
from .test_keyboard import press, tab_to

RIGHT = "Richtig"


def test_by_keyboard(window: OpenWindow, campus: Campus, course: Course) -> None:
    page = window(viewport={"width": 800, "height": 900}).page()
    begin(page, campus, course)

    # the order: the first item is picked up at its handle, moved and dropped
    rows = page.locator("[data-order] > li")
    for place, wanted in enumerate(("Eingang vermerken", "Ins Fachamt geben", "Antwort schreiben")):
        grip = rows.filter(has_text=wanted).get_by_role("button", name="Verschieben")
        tab_to(page, grip)
        at = [wanted in text for text in rows.all_inner_texts()].index(True)
        page.keyboard.press("Space")
        expect(page.locator("[data-order-status]")).to_contain_text(f"{wanted} aufgenommen")
        for _ in range(at - place):
            page.keyboard.press("ArrowUp")
        page.keyboard.press("Space")
        expect(page.locator("[data-order-status]")).to_contain_text(f"Platz {place + 1} von 3")
    check(page, RIGHT)

    choose_by_keyboard(page, "Poststelle", "nimmt an")
    choose_by_keyboard(page, "Fachamt", "entscheidet")
    check(page, RIGHT)

    choose_by_keyboard(page, "Brief", "Papier")
    choose_by_keyboard(page, "E-Mail", "Datei")
    check(page, RIGHT)

    tab_to(page, page.get_by_label("Lücke 1"))
    page.keyboard.type("poststele")  # a slip of the pen
    choose_by_keyboard(page, "Lücke 2", "Eingangsvermerk")
    check(page, RIGHT)

    tab_to(page, page.get_by_label("Ihre Antwort in Briefe"))
    page.keyboard.type("drei")
    press(page, page.get_by_role("button", name="Antwort prüfen"))
    expect(page.get_by_role("alert")).to_have_text("Bitte geben Sie eine Zahl ein, zum Beispiel 30.")
    expect(page.get_by_label("Ihre Antwort in Briefe")).to_have_value("drei")
    tab_to(page, page.get_by_label("Ihre Antwort in Briefe"))
    page.keyboard.press("Control+a")
    page.keyboard.type("3")
    check(page, RIGHT)

    tab_to(page, page.get_by_label("Ihre Antwort"))
    page.keyboard.type("Fachamt")
    check(page, "Noch nicht richtig")
    expect(page.locator("#rueckmeldung")).to_contain_text("Richtig ist: Poststelle")
    press(page, page.get_by_role("link", name="Nächste Frage"))

    tab_to(page, page.get_by_label("Ihre Notiz. Sie zählt keine Punkte, und nur Sie sehen sie."))
    page.keyboard.type("Am Empfang.")
    press(page, page.get_by_role("button", name="Notiz festhalten"))
    expect(page.locator("#rueckmeldung")).to_contain_text("Notiert")
    press(page, page.get_by_role("button", name="Test abgeben"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Bestanden")
    expect(page.get_by_text("5 von 6 Punkten")).to_be_visible()


def test_by_touch_and_undone(window: OpenWindow, campus: Campus, course: Course) -> None:
    page = window(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True).page()
    begin(page, campus, course)
    rows = page.locator("[data-order] > li")
    before = rows.all_inner_texts()
    rows.first.get_by_role("button", name="nach unten").tap()
    expect(page.get_by_role("status").filter(has_text="Antwort gespeichert")).to_be_visible()
    assert rows.all_inner_texts() != before
    page.reload()
    texts = rows.all_inner_texts()
    assert before[0].splitlines()[-1] in texts[1]

    grip = rows.first.get_by_role("button", name="Verschieben")
    grip.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator("[data-order-status]")).to_contain_text("Abgebrochen")
    assert rows.all_inner_texts() == texts


def test_axe(window: OpenWindow, campus: Campus, course: Course) -> None:
    page, inspector = window().page(), Inspector()
    begin(page, campus, course)
    questions = f"{base(page)}a/test-arten/t/1/q"
    for number in range(1, 8):
        page.goto(f"{questions}/{number}")
        inspector.look(page, f"art-{number}")
    page.goto(f"{questions}/2")
    page.get_by_label("Poststelle").select_option("entscheidet")
    check(page, "richtig")
    inspector.look(page, "art-2-geprueft")
    page.goto(f"{questions}/1")
    check(page, "richtig")
    inspector.look(page, "art-1-geprueft")
    page.goto(f"{questions}/4")
    page.get_by_label("Lücke 1").fill("Fachamt")
    check(page, "richtig")
    inspector.look(page, "art-4-geprueft")
    assert inspector.faults == []


def begin(page: Page, campus: Campus, course: Course) -> None:
    enter(page, campus.lms, campus.newcomer())
    launch_here(page, campus.lms, course.modules[-1].title)
    page.get_by_role("link", name="Beginnen").click()
    page.get_by_role("button", name="Test beginnen").click()


def check(page: Page, says: str) -> None:
    """Have the answer checked, and go on where it was right."""
    page.get_by_role("button", name="Antwort prüfen").press("Enter")
    expect(page.locator("#rueckmeldung")).to_contain_text(says)
    if says == RIGHT:
        page.get_by_role("link", name="Nächste Frage").press("Enter")


def choose_by_keyboard(page: Page, label: str, option: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(option)
    expect(page.get_by_label(label, exact=True).locator("option:checked")).to_have_text(option)
