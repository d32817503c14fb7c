"""A worksheet whose session ends while somebody writes: what was typed waits in the tab and comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

import pytest
from front_end import ORIGIN, Site
from playwright.sync_api import Browser, Page, Route, expect

SAVED = "Gespeichert"
TORN = "In einem anderen Fenster wurde weitergeschrieben."
Answer = Callable[[Route], None]


class Server:
    """Takes what the worksheet sends; ``answer`` says how."""

    def __init__(self) -> None:
        self.saves: list[dict[str, list[str]]] = []
        self.answer: Answer = self.keep

    def __call__(self, route: Route) -> None:
        if route.request.method == "POST":
            self.answer(route)
        else:
            route.fallback()

    def keep(self, route: Route) -> None:
        sent = parse_qs(route.request.post_data or "", keep_blank_values=True)
        self.saves.append(sent)
        body = json.dumps({"version": int(sent["version"][0]) + 1})
        route.fulfill(status=200, content_type="application/json", body=body)

    def over(self, route: Route) -> None:
        route.fulfill(status=401, headers={"X-LTI-Error": "session_expired"})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(chromium: Browser, site: Site, server: Server) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 800, "height": 900})
    context.set_default_timeout(8_000)
    page = site.open(context)
    page.route("**/a/standort", server)
    yield page
    context.close()


def write_until_over(page: Page, server: Server, name: str) -> None:
    page.goto(f"{ORIGIN}/{name}")
    server.answer = server.over
    page.get_by_role("button", name="Zeile hinzufügen").click()
    page.get_by_label("Zeile 3: Aufgabe").fill("Kasse")
    page.get_by_label("Ein Satz dazu").fill("Mitten im Satz")
    expect(page.get_by_text("Ihre Sitzung ist beendet.")).to_be_visible()
    expect(page.get_by_label("Ein Satz dazu")).to_have_value("Mitten im Satz")
    page.wait_for_function("sessionStorage.length > 0")


def test_what_was_typed_comes_back_and_is_saved(page: Page, server: Server, site: Site) -> None:
    write_until_over(page, server, "sheet")
    server.answer = server.keep
    page.goto(f"{ORIGIN}/sheet")
    expect(page.get_by_label("Zeile 3: Aufgabe")).to_have_value("Kasse")
    expect(page.get_by_label("Ein Satz dazu")).to_have_value("Mitten im Satz")
    expect(page.locator("[data-sheet-status]")).to_have_text(SAVED)
    assert server.saves[-1]["f.motto"] == ["Mitten im Satz"]
    assert server.saves[-1]["f.zustaendig.2.was"] == ["Kasse"]
    page.goto(f"{ORIGIN}/sheet")
    expect(page.get_by_label("Ein Satz dazu")).to_have_value("")  # the server has it now


def test_another_window_went_on_meanwhile(page: Page, server: Server) -> None:
    """The draft was built on the first version, and the page now has the third: nothing is overwritten unasked."""
    write_until_over(page, server, "sheet")
    server.answer = server.keep
    page.goto(f"{ORIGIN}/sheet_returned")
    expect(page.get_by_label("Ein Satz dazu")).to_have_value("Mitten im Satz")
    expect(page.get_by_text(TORN)).to_be_visible()
    page.get_by_label("Ein Satz dazu").fill("Noch ein Satz")
    page.get_by_label("Ein Satz dazu").blur()
    page.get_by_role("button", name="Entwurf speichern").click()
    expect(page.locator("[data-sheet-status]")).to_have_text(
        "Noch nicht gespeichert. Bitte wählen Sie oben, was gelten soll."
    )
    assert server.saves == []
