"""What the picker's script adds, and that it works without: finding, ticking, saying what will happen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_end import ORIGIN, Site
from picker_samples import COURSE
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 766, "height": 575})
    context.set_default_timeout(8_000)
    yield site.open(context)
    context.close()
    assert site.complaints == []


def visible(page: Page) -> list[str]:
    rows = page.locator("[data-row]:visible input[name=item]")
    return [row.get_attribute("value") or "" for row in rows.all()]


def test_what_will_happen_is_said(page: Page) -> None:
    page.goto(f"{ORIGIN}/picker")
    status = page.locator("[data-tally]")
    expect(status).to_contain_text("3 Inhalte ausgewählt")
    expect(status).to_contain_text("Ihr LMS legt alle auf einmal als Aktivitäten an.")
    for name in ("Was gehört dazu?", "3 eAkte"):
        page.get_by_role("checkbox", name=name).uncheck()
    expect(status).to_contain_text("1 Inhalt ausgewählt")
    expect(status).to_contain_text("Ihr LMS füllt damit sein Formular. Bitte speichern Sie es dort.")
    page.get_by_role("link", name="Alle Module auswählen").click()
    expect(status).to_contain_text("3 Inhalte ausgewählt")
    page.get_by_role("link", name="Auswahl aufheben").click()
    expect(status).to_contain_text("Noch nichts ausgewählt")
    page.get_by_role("button", name="In den Kurs stellen").click()
    expect(page.get_by_role("alert")).to_have_text("Bitte wählen Sie mindestens einen Inhalt aus.")
    page.goto(f"{ORIGIN}/picker_at_once")
    expect(page.locator("[data-then]")).to_contain_text("legt alle auf einmal")


def test_searching(page: Page) -> None:
    page.goto(f"{ORIGIN}/picker")
    search = page.get_by_role("searchbox")
    search.fill("abschlussTEST")
    # the module stays in sight above its activity
    assert visible(page) == [f"{COURSE}/kdn", f"{COURSE}/kdn/test"]
    search.fill("gibt es nicht")
    assert visible(page) == []
    expect(page.get_by_text("Nichts gefunden.")).to_be_visible()
    search.press("Enter")  # does not send the selection off
    search.fill("")
    assert len(visible(page)) == 8
    search.fill("eakte")
    assert visible(page) == [f"{COURSE}/eakte"]
    page.get_by_role("button", name="In den Kurs stellen").click()
    expect(page).to_have_title("next")


def test_only_what_is_ticked_sends_its_settings(page: Page, site: Site) -> None:
    page.goto(f"{ORIGIN}/picker")
    module = page.locator("[data-row]").nth(1)
    module.get_by_text("Ändern").click()
    module.get_by_label("Titel").fill("Netze")
    module.get_by_label("Note").select_option("Bestes Testergebnis")
    module.get_by_label("Öffnen").select_option("in neuem Fenster")
    expect(module.locator("summary")).to_contain_text("Bestes Testergebnis · in neuem Fenster")
    module.get_by_label("Titel").press("Enter")
    expect(page).to_have_title("next")
    (sent,) = site.posts
    assert sent["item"] == [f"{COURSE}/kdn", f"{COURSE}/kdn/was", f"{COURSE}/eakte"]
    assert sent[f"title:{COURSE}/kdn"] == ["Netze"]
    assert sent[f"report:{COURSE}/kdn"] == ["score"]
    assert sent[f"opens:{COURSE}/kdn"] == ["window"]
    assert {name.split(":")[1] for name in sent if ":" in name} == set(sent["item"])


def test_by_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{ORIGIN}/picker_one")
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Tab")  # the list
    page.keyboard.press("Tab")  # the other course
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="In den Kurs stellen").press("Enter")
    expect(page).to_have_title("next")
    assert site.posts[0]["item"] == [f"{COURSE}/kdn"]


def test_without_script(chromium: Browser, site: Site) -> None:
    page = site.open(chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 640}))
    page.goto(f"{ORIGIN}/picker")
    expect(page.get_by_role("searchbox")).to_have_count(0)
    expect(page.get_by_text("Bei einem Inhalt füllt Ihr LMS sein Formular")).to_be_visible()
    page.get_by_role("checkbox", name="1 Auftakt").check()
    page.get_by_role("button", name="In den Kurs stellen").click()
    assert f"{COURSE}/auftakt" in site.posts[0]["item"]
    page.goto(f"{ORIGIN}/picker")
    page.get_by_role("button", name="Abbrechen").click()
    assert site.posts[1] == {}
    page.goto(f"{ORIGIN}/picker_send")
    expect(page.get_by_role("button", name="Weiter zum LMS")).to_be_visible()
    page.context.close()
