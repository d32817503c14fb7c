"""The last page of a registration tells whoever opened it to close it; the button asks an LMS once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_end import ORIGIN, Site
from playwright.sync_api import Browser, BrowserContext, Route, expect

LMS = "https://lms.example"
CLOSE = {"subject": "org.imsglobal.lti.close"}
LISTEN = "addEventListener('message', (e) => { (window.heard ??= []).push([e.origin, e.data]) })"


@pytest.fixture
def context(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 800, "height": 900})
    context.set_default_timeout(8_000)
    site.open(context)

    def lms(route: Route) -> None:
        frame = f'<iframe title="Werkzeug" src="{ORIGIN}/register_done"></iframe>'
        body = frame if route.request.url.endswith("/frame") else "<title>LMS</title>"
        route.fulfill(body=f"<script>{LISTEN}</script>{body}", content_type="text/html; charset=utf-8")

    context.route(f"{LMS}/**", lms)
    yield context
    context.close()


@pytest.fixture(autouse=True)
def framed_by_the_lms(monkeypatch: pytest.MonkeyPatch) -> None:
    """These pages may be shown by the LMS; the routes' own tests hold by which."""
    monkeypatch.setattr("front_end.CSP", f"default-src 'self' 'unsafe-inline'; frame-ancestors 'self' {LMS}")


def test_dr_01_in_a_frame(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{LMS}/frame")
    page.wait_for_function("window.heard")
    assert page.evaluate("window.heard") == [[ORIGIN, CLOSE]]


def test_dr_01_in_a_window(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{LMS}/window")
    with page.expect_popup() as opened:
        page.evaluate(f"window.open('{ORIGIN}/register_done')")
    page.wait_for_function("window.heard")
    assert page.evaluate("window.heard") == [[ORIGIN, CLOSE]]
    expect(opened.value.get_by_text("Sie können dieses Fenster schließen.")).to_be_visible()


def test_opened_by_nobody_it_says_nothing(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.add_init_script(LISTEN)
    page.goto(f"{ORIGIN}/register_done")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("window.heard") is None
    assert site.complaints == []


def test_the_form_carries_all_that_is_needed(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{ORIGIN}/register_preview")
    page.get_by_label("Name dieser Verbindung").fill("Moodle der VHS")
    page.get_by_role("button", name="Verbinden").click()
    page.wait_for_url("**/lti/register/**")
    assert site.posts == [
        {
            "openid_configuration": ["https://kurs.example/c?a=1&b=2"],
            "registration_token": ["t"],
            "name": ["Moodle der VHS"],
        }
    ]


def test_two_clicks_are_one_request(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{ORIGIN}/register_preview")
    page.evaluate(
        "window.held = []; addEventListener('submit', (e) => { held.push(e.defaultPrevented); e.preventDefault() })"
    )
    for _ in range(2):
        page.get_by_role("button", name="Verbinden").click()
    assert page.evaluate("window.held") == [False, True]
