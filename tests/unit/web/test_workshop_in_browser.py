"""The process workshop where no cookie is kept, and where the session ends before something is saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from front_end import CSP, ORIGIN, Site
from page_samples import PAGES
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

PLACE = "/k/abc/a/werkstatt/to-be"
ANYBODY = 'data-seconds="_" data-member="_"'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'


class Server:
    """Answers as the tool does to a browser that shows its proof in a header; ``over``: the session has ended."""

    def __init__(self, site: Site, context: BrowserContext, proof: str = "") -> None:
        self.site, self.proof, self.over = site, proof, False
        self.saved: list[list[dict[str, object]]] = []
        self.page = site.open(context)
        context.route(f"{ORIGIN}/k/**", self._answer)

    def open(self) -> Page:
        if self.proof:
            self.page.goto(f"{ORIGIN}/entrance")
            expect(self.page.get_by_role("heading", level=1)).to_be_visible()
            self.page.get_by_role("link", name="Künftig (Soll)").click()
        else:
            self.page.goto(ORIGIN + PLACE)
        expect(self.page.locator("[data-grip]").first).to_be_visible()  # the script has begun
        return self.page

    def _answer(self, route: Route, request: Request) -> None:
        path = urlsplit(request.url).path
        headers = {"Content-Security-Policy": CSP, "X-LTI-Session-Ends": "14400"}
        if path == "/k/abc/session":
            route.fulfill(json={"proof": self.proof})
        elif self.over:
            headers["X-LTI-Error"] = "session_expired"
            route.fulfill(status=401, headers=headers, body="<h1>Over</h1>")
        elif request.headers.get("x-lti-session", "") != self.proof:
            route.fulfill(status=401, headers=headers, body="<h1>No proof</h1>")
        elif request.method == "POST":
            self.saved.append(json.loads(parse_qs(request.post_data or "")["steps"][0]))
            route.fulfill(json={"version": 3 + len(self.saved)}, headers=headers)
        elif path.endswith(".svg"):
            headers["Content-Disposition"] = 'attachment; filename="ablauf.svg"'
            route.fulfill(body=SVG, content_type="image/svg+xml", headers=headers)
        else:
            name = "workshop" if path == PLACE else "workshop_given"
            html = self.site.renderer.page(PAGES[name])
            html = html.replace(ANYBODY, 'data-seconds="14400" data-member="anna"')
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(8_000)
    yield made
    made.close()


def test_without_cookies_everything_works_in_the_same_document(site: Site, context: BrowserContext) -> None:
    server = Server(site, context, "my-proof")
    page = server.open()
    page.locator(".lt-ws__pal").get_by_role("button", name="Kopieren", exact=True).click()
    expect(page.locator("[data-process-status]")).to_have_text("Gespeichert")
    assert [len(steps) for steps in server.saved] == [16]
    page.locator("[data-lanes] .lt-blk").nth(1).press("Delete")
    expect(page.locator("[data-count=steps]")).to_have_text("15")
    page.locator("[data-lanes] .lt-blk").first.click()
    expect(page.get_by_label("Was passiert genau?")).to_have_value("Formular kommt per Post")
    assert page.url == ORIGIN + PLACE, "nothing was loaded"
    with page.expect_download() as picture:
        page.get_by_role("button", name="Als Bild (PNG)").click()
    assert picture.value.suggested_filename == "ablauf.png"
    with page.expect_download() as drawing:
        page.get_by_role("link", name="Als Bild (SVG)").click()
    assert drawing.value.suggested_filename == "ablauf.svg"
    # One document for many pages: what belongs to a page that was left does nothing any more.
    page.get_by_role("link", name="Heute (Ist)").click()
    expect(page.locator(".lt-ws")).to_have_count(0)
    page.go_back()
    expect(page.locator("[data-grip]").first).to_be_visible()
    before = len(server.saved)
    page.locator(".lt-ws__pal").get_by_role("button", name="Scannen", exact=True).click()
    expect(page.locator("[data-process-status]")).to_have_text("Gespeichert")
    assert len(server.saved) == before + 1
    assert site.complaints == []


def test_an_ended_session_leaves_the_process_in_this_tab(site: Site, context: BrowserContext) -> None:
    server = Server(site, context)
    page = server.open()
    server.over = True
    page.locator(".lt-ws__pal").get_by_role("button", name="Kopieren", exact=True).click()
    expect(page.get_by_text("Ihre Sitzung ist beendet.")).to_be_visible()
    expect(page.locator("[data-process-status]")).to_contain_text("Nicht gespeichert.")
    expect(page.locator("[data-count=steps]")).to_have_text("16")
    server.over = False
    page.goto(ORIGIN + PLACE)
    expect(page.locator("[data-process-status]")).to_have_text("Gespeichert")
    expect(page.locator("[data-count=steps]")).to_have_text("16")
    assert [steps[-1]["block"] for steps in server.saved] == ["kopieren"]
    page.goto(ORIGIN + PLACE)
    expect(page.locator("[data-count=steps]")).to_have_text("15")  # saved once, kept no longer
    assert len(server.saved) == 1
