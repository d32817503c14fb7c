"""STA, the part a frame without cookies plays (lti-core-cases.md, section 2)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from .bed import Bed
from .browser import Browser
from .page import Page


def test_STA_28_cookies_blocked(bed: Bed) -> None:
    """Found out before the platform's single-use hint is spent; a new window goes on with the same parameters."""
    visit = bed.visit(target="course=pruefkurs&module=zweites-modul")
    visit.browser.cookies_blocked = True
    with bed.nothing_stored():
        shown = visit.ask_login()
    assert shown.error == "cookies_blocked" and shown.status < 500
    assert not shown.location, "the platform is not asked"
    (link,) = Page(shown.text).all("a", target="_blank")
    assert "In neuem Fenster öffnen" in link.text
    repeated = dict(parse_qsl(urlsplit(link.attrs["href"]).query))
    assert repeated.items() >= visit.login_parameters().items()
    window = Browser(bed.tool.url, bed.tool.clock.now, None)
    again = bed.visit(browser=window, sub=visit.sub, context=visit.context, link=visit.link)
    again.target = visit.target
    again.keep_login(window.follow(window.get(link.attrs["href"])))
    again.id_token = again.token()
    assert again.entered(again.post()).one("h1").text == "Zweites Modul"
