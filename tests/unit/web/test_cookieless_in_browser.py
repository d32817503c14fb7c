"""One document for all pages of a session without cookies: pictures, downloads, forms, a broken line, an end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from front_end import CSP, ORIGIN, Site
from page_samples import PAGES
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

HEADER = "x-lti-session"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'
BODY = """<html lang="en"><title>Second</title><body data-no-connection="No line.">
<h1>Second page</h1><img src="/k/abc/media/0/p.svg" alt="A rectangle">
<p id="far"><a href="#far">here</a> <a href="/k/abc/list.csv">list</a> <a href="/k/abc/third">third</a></p>
<form action="/k/abc/search"><input name="q" value="ä b"><button>Search</button></form>
<form method="post" action="/k/abc/native" data-native><button name="go" value="1">Natively</button></form>
"""


class Session:
    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.requests: list[Request] = []
        self.away = self.over = False
        self.page = site.open(context)
        context.route(f"{ORIGIN}/k/**", self._answer)

    def enter(self) -> Page:
        self.page.goto(f"{ORIGIN}/entrance")
        expect(self.page).to_have_title("Second")
        return self.page

    def _answer(self, route: Route, request: Request) -> None:
        self.requests.append(request)
        name = urlsplit(request.url).path.removeprefix("/k/abc/")
        headers = {"Content-Security-Policy": CSP, "X-LTI-Session-Ends": "14400"}
        if name == "session":
            assert request.post_data == "handover=once"
            route.fulfill(json={"proof": "my-proof"})
        elif self.away:
            route.abort("connectionreset")
        elif self.over:
            route.fulfill(
                status=401, headers=headers | {"X-LTI-Error": "session_expired"}, body="<h1>Over</h1>"
            )
        elif name == "native":
            route.fulfill(body="<title>Native</title>", content_type="text/html")
        elif request.headers.get(HEADER) != "my-proof":
            html = self.site.renderer.page(PAGES["error"]).replace("deployment_unknown", "session_missing")
            route.fulfill(status=401, body=html, content_type="text/html; charset=utf-8", headers=headers)
        elif name.endswith(".svg"):
            route.fulfill(body=SVG, content_type="image/svg+xml")
        elif name.endswith(".csv"):
            more = {"Content-Disposition": 'attachment; filename="liste.csv"'}
            route.fulfill(body="a;b", content_type="text/csv", headers=more)
        elif name == "third":
            html = self.site.renderer.page(PAGES["question"])
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
        else:
            route.fulfill(body=BODY, content_type="text/html; charset=utf-8", headers=headers)

    def asked(self, ending: str) -> list[Request]:
        return [one for one in self.requests if one.url.endswith(ending)]


@pytest.fixture
def session(chromium: Browser, site: Site) -> Iterator[Session]:
    context = chromium.new_context(viewport={"width": 800, "height": 900})
    context.set_default_timeout(8_000)
    yield Session(site, context)
    context.close()


def test_a_page_with_its_picture(session: Session) -> None:
    page = session.enter()
    assert page.url == f"{ORIGIN}/k/abc/" and page.evaluate("document.documentElement.lang") == "en"
    expect(page.get_by_role("heading", name="Second page")).to_be_focused()
    expect(page.get_by_alt_text("A rectangle")).to_have_attribute("src", re.compile("^blob:"))
    assert (
        page.get_by_alt_text("A rectangle").evaluate("image => image.decode().then(() => image.width)") == 40
    )
    assert [one.headers.get(HEADER) for one in session.asked(".svg")] == ["my-proof"]
    assert session.site.complaints == []


def test_a_download_a_search_and_a_form_of_its_own(session: Session) -> None:
    page = session.enter()
    with page.expect_download() as saved:
        page.get_by_role("link", name="list").click()
    assert saved.value.suggested_filename == "liste.csv" and page.title() == "Second"
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search?q=%C3%A4+b")
    page.get_by_role("button", name="Natively").click()
    expect(page).to_have_title("Native")
    (native,) = session.asked("/native")
    assert native.post_data == "go=1&session=my-proof" and HEADER not in native.headers
    assert not [one.url for one in session.requests if "my-proof" in one.url]


def test_a_place_in_the_page_survives_a_reload(session: Session) -> None:
    page = session.enter()
    before = len(session.requests)
    page.get_by_role("link", name="here").click()
    page.wait_for_url("**/k/abc/#far")
    assert len(session.requests) == before, "nothing is fetched for it"
    page.reload()
    expect(page).to_have_title("Second")
    page.get_by_role("link", name="third").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Frage 2 von 3")
    page.go_back()
    expect(page).to_have_title("Second")


def test_a_broken_line_is_said_and_the_page_stays(session: Session) -> None:
    page = session.enter()
    session.away = True
    page.get_by_role("link", name="third").click()
    expect(page.get_by_role("alert")).to_have_text("No line.")
    session.away = False
    page.get_by_role("link", name="third").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Frage 2 von 3")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_ended_session_leaves_what_was_typed(session: Session) -> None:
    page = session.enter()
    page.get_by_role("link", name="third").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Frage 2 von 3")
    session.over = True
    page.get_by_label("Nichts.").check()
    expect(page.get_by_text("Ihre Sitzung ist beendet.")).to_be_visible()
    page.get_by_role("button", name="Nächste Frage").click()
    page.get_by_role("link", name="Frage 3, noch offen").click()
    expect(page.get_by_label("Nichts.")).to_be_checked()
    assert page.url == f"{ORIGIN}/k/abc/third"
