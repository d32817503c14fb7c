"""What the scripts add: answers save themselves and get through a broken line; glossary cards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_end import ORIGIN, Site
from playwright.sync_api import Browser, Page, expect

SAVED = "Antwort gespeichert"
WAITING = "Noch nicht gespeichert. Wir versuchen es weiter."
NO_ANSWER = 0  # the connection breaks


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 800, "height": 900})
    context.set_default_timeout(8_000)
    page = site.open(context)
    page.clock.install()
    yield page
    context.close()


def ask(page: Page) -> None:
    page.goto(f"{ORIGIN}/question")


def status_says(page: Page, words: str) -> None:
    expect(page.get_by_role("status")).to_have_text(words)


def test_an_answer_saves_itself(page: Page, site: Site) -> None:
    ask(page)
    status_says(page, "")
    page.get_by_label("Einen Vermerk schreiben.").check()
    status_says(page, SAVED)
    assert site.posts == [{"answer": ["b"], "action": ["save"]}]


@pytest.mark.parametrize("trouble", [NO_ANSWER, 500, 503, 429])
def test_saving_goes_on_until_it_works(page: Page, site: Site, trouble: int) -> None:
    ask(page)
    troubles = [trouble] * 3
    site.answer = lambda: troubles.pop() if troubles else 204
    page.get_by_label("Nichts.").check()
    status_says(page, WAITING)
    for _ in range(120):
        if site.saves:
            break
        page.clock.run_for(1_000)  # in steps below the time-out of a request
    status_says(page, SAVED)
    assert site.saves == [["a"]]
    assert len(site.posts) == 4


def test_the_newest_answer_is_what_gets_saved(page: Page, site: Site) -> None:
    ask(page)
    troubles = [NO_ANSWER]
    site.answer = lambda: troubles.pop() if troubles else 204
    page.get_by_label("Nichts.").check()
    status_says(page, WAITING)
    page.get_by_label("Um ein Fax bitten.").check()
    status_says(page, SAVED)
    assert site.saves == [["c"]]


def test_a_refusal_is_not_repeated_but_said(page: Page, site: Site) -> None:
    ask(page)
    site.answer = lambda: 401
    page.get_by_label("Nichts.").check()
    status_says(page, "Nicht gespeichert. Bitte öffnen Sie die Aktivität im LMS noch einmal.")
    page.clock.run_for(60_000)
    assert len(site.posts) == 1


def test_leaving_by_a_link_first_brings_the_answer_home(page: Page, site: Site) -> None:
    ask(page)
    site.answer = lambda: NO_ANSWER
    page.get_by_label("Nichts.").check()
    status_says(page, WAITING)
    page.get_by_role("link", name="Frage 3, noch offen").click()
    status_says(page, WAITING)
    assert page.url == f"{ORIGIN}/question"
    site.answer = lambda: 204
    page.get_by_role("link", name="Frage 3, noch offen").click()
    page.wait_for_url("**/q/3")
    assert site.saves == [["a"]]


def test_a_button_waits_while_nobody_would_receive_the_answer(page: Page, site: Site) -> None:
    ask(page)
    site.answer = lambda: NO_ANSWER
    page.get_by_label("Nichts.").check()
    status_says(page, WAITING)
    page.get_by_role("button", name="Antwort prüfen").click()
    status_says(page, WAITING)
    expect(page.get_by_label("Nichts.")).to_be_checked()
    site.answer = lambda: 204
    page.get_by_role("button", name="Antwort prüfen").click()
    expect(page).to_have_title("next")
    assert site.posts[-1] == {"answer": ["a"], "action": ["check"]}


def test_a_settled_question_sends_nothing(page: Page, site: Site) -> None:
    page.goto(f"{ORIGIN}/feedback_partial")
    page.get_by_label("Vermerk").click(force=True)
    page.get_by_role("link", name="Vorige Frage").click()
    page.wait_for_url("**/q/2")
    assert site.posts == []


def test_a_glossary_word_opens_its_meaning_and_esc_closes_it(page: Page, site: Site) -> None:
    page.goto(f"{ORIGIN}/lesson")
    word = page.get_by_role("link", name="Aktenrelevanz")
    word.focus()
    page.keyboard.press("Enter")
    card = page.locator(".lt-termcard")
    expect(card).to_contain_text("Muss zur Akte genommen werden.")
    expect(card.get_by_role("link", name="Im Glossar öffnen")).to_have_attribute(
        "href", f"{ORIGIN}/k/abc/glossary#aktenrelevanz"
    )
    assert page.url == f"{ORIGIN}/lesson"
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(word).to_be_focused()
    assert site.complaints == []


def test_an_unknown_glossary_word_leads_to_the_glossary(page: Page) -> None:
    page.goto(f"{ORIGIN}/lesson")
    page.evaluate("document.querySelector('.lt-term').hash = '#unbekannt'")
    page.get_by_role("link", name="Aktenrelevanz").click()
    page.wait_for_url("**/glossary#unbekannt")


def test_the_error_page_offers_its_message_for_copying(page: Page, chromium: Browser) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{ORIGIN}/error")
    page.get_by_role("button", name="Meldung kopieren").click()
    expect(page.get_by_role("button", name="Meldung kopiert")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "deployment_unknown (403), q7-4kd2, 2026-02-24T09:42:00+00:00"
