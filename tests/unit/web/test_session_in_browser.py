"""The end of a session: said in time, put off by a click, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from front_end import CSP, ORIGIN, Site
from page_samples import PAGES
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

SOON = "Ihre Sitzung endet in 10 Minuten."
OVER = "Ihre Sitzung ist beendet."
HOURS = "14400"


class Session:
    """Serves the question with so many seconds left; answers what is posted with ``headers``."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.seconds, self.member = site, "1200", "anna"
        self.status, self.headers = 204, {"X-LTI-Session-Ends": HOURS}
        self.posts: list[tuple[str, str]] = []
        self.page = site.open(context)
        self.page.clock.install()
        context.route(f"{ORIGIN}/question", self._show)
        context.route(f"{ORIGIN}/k/**", self._take)

    def open(self) -> Page:
        self.page.goto(f"{ORIGIN}/question")
        return self.page

    def _show(self, route: Route) -> None:
        html = self.site.renderer.page(PAGES["question"]).replace(
            'data-seconds="_" data-member="_"', f'data-seconds="{self.seconds}" data-member="{self.member}"'
        )
        headers = {"Content-Security-Policy": CSP}
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

    def _take(self, route: Route, request: Request) -> None:
        if request.method != "POST":
            route.fulfill(body="<title>left</title>", content_type="text/html")
            return
        self.posts.append((urlsplit(request.url).path, request.post_data or ""))
        route.fulfill(status=self.status, headers=self.headers)


@pytest.fixture
def session(chromium: Browser, site: Site) -> Iterator[Session]:
    context = chromium.new_context(viewport={"width": 800, "height": 900})
    context.set_default_timeout(8_000)
    yield Session(site, context)
    context.close()


def test_a_warning_in_time_and_a_click_puts_the_end_off(session: Session) -> None:
    page = session.open()
    page.clock.run_for(599_000)
    expect(page.get_by_text(SOON)).to_have_count(0)
    page.clock.run_for(10_000)
    expect(page.get_by_text(SOON)).to_be_visible()
    page.clock.run_for(300_000)
    expect(page.get_by_text("Ihre Sitzung endet in 5 Minuten.")).to_be_visible()
    page.get_by_role("button", name="Ja, weitermachen").click()
    expect(page.locator("[data-ending]")).to_be_empty()
    assert [path.rsplit("/", 1)[-1] for path, _ in session.posts] == ["stay"]
    page.clock.run_for(3_600_000)
    expect(page.locator("[data-ending]")).to_be_empty()


def test_what_is_saved_puts_the_end_off_too(session: Session) -> None:
    page = session.open()
    page.clock.run_for(500_000)
    page.get_by_label("Nichts.").check()
    expect(page.get_by_role("status")).to_have_text("Antwort gespeichert")
    page.clock.run_for(1_000_000)
    expect(page.locator("[data-ending]")).to_be_empty()


def test_an_end_that_nobody_can_put_off_offers_no_button(session: Session) -> None:
    session.seconds = "550"
    page = session.open()
    expect(page.get_by_text(SOON)).to_be_visible()
    expect(page.get_by_text("Sie kommen an diese Stelle zurück.")).to_be_visible()
    expect(page.get_by_role("button", name="Ja, weitermachen")).to_have_count(0)


def test_when_it_is_over_the_page_stays(session: Session) -> None:
    session.seconds = "30"
    page = session.open()
    page.clock.run_for(40_000)
    expect(page.get_by_text(OVER)).to_be_visible()
    session.status, session.headers = 401, {"X-LTI-Error": "session_expired"}
    page.get_by_label("Nichts.").check()
    page.get_by_role("link", name="Frage 3, noch offen").click()
    expect(page.locator("[data-ending] > *")).to_be_focused()
    page.get_by_role("button", name="Antwort prüfen").click()
    expect(page.get_by_label("Nichts.")).to_be_checked()
    assert page.url == f"{ORIGIN}/question"


@pytest.mark.parametrize(("member", "kept"), [("anna", True), ("ben", False)])
def test_an_unsaved_answer_waits_for_its_owner(session: Session, member: str, kept: bool) -> None:
    session.status, session.headers = 401, {"X-LTI-Error": "session_expired"}
    page = session.open()
    page.get_by_label("Nichts.").check()
    expect(page.get_by_text(OVER)).to_be_visible()
    session.status, session.headers, session.member = 204, {"X-LTI-Session-Ends": HOURS}, member
    page = session.open()
    if kept:
        expect(page.get_by_role("status")).to_have_text("Antwort gespeichert")
    expect(page.get_by_label("Nichts.")).to_be_checked(checked=kept)
    assert ("answer=a" in session.posts[-1][1]) and len(session.posts) == 1 + kept
    expect(page.locator("[data-ending]")).to_be_empty()
