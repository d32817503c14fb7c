"""Rule 0.3 of the case list: what every refusal looks like, as a page and as JSON."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from .browser import Browser, Response
from .claims import RETURN_URL
from .page import Page

HTML = "text/html,application/xhtml+xml"
JSON = "application/json"
LEAKS = re.compile(
    r"Traceback|File \"|line \d+, in |sqlalchemy|psycopg|sqlite3|\bwerkzeug\."
    r"|SELECT |INSERT |-----BEGIN|eyJ[\w-]{10,}\.",
    re.IGNORECASE,
)
CORRELATION_ID = re.compile(r"\b[0-9a-f]{12}\b")


def check(
    response: Response,
    status: int,
    code: str,
    *,
    accept: str = HTML,
    back: str | None = None,
    within: float = 2.0,
    secrets: tuple[str, ...] = (),
) -> None:
    """Everything rule 0.3 says about the answer itself. ``back`` is the return address that must be offered."""
    told = f"{response.status} {response.error or response.body[:300]!r}"
    assert response.status == status, f"expected {status} {code}, got {told}"
    assert response.error == code, f"expected {code}, got {told}"
    assert "no-store" in response.header("Cache-Control")
    assert response.seconds <= within, f"answer took {response.seconds:.1f} s"
    assert not LEAKS.search(response.text), f"leak: {LEAKS.search(response.text)}"
    for secret in secrets:
        assert secret not in response.text, "the answer repeats what was sent"
    for line in response.set_cookies:
        assert "max-age=0" in line.lower(), f"a refusal must not set a cookie: {line.split('=')[0]}"
    if accept == JSON:
        _check_json(response, code)
    else:
        _check_page(response, code, back)


def _check_json(response: Response, code: str) -> None:
    assert response.header("Content-Type").startswith("application/json")
    body = response.json
    assert set(body) >= {"error_code", "message", "remedy", "correlation_id"}
    assert body["error_code"] == code
    for sentence in (body["message"], body["remedy"]):
        both = [sentence] if isinstance(sentence, str) else [sentence["de"], sentence["en"]]
        assert all(len(one) > 15 for one in both), body
    assert CORRELATION_ID.fullmatch(body["correlation_id"]), body["correlation_id"]


def _check_page(response: Response, code: str, back: str | None) -> None:
    assert response.header("Content-Type").lower().replace(" ", "") == "text/html;charset=utf-8"
    page = Page(response.text)
    assert page.doctype == "doctype html" and not page.unclosed
    assert page.one("html").attrs.get("lang") == "de"
    assert "width=device-width" in page.one("meta", name="viewport").attrs["content"]
    assert page.one("title").text
    assert page.one(data_error_code="").attrs["data-error-code"] == code
    heading = page.one("h1")
    assert heading.lang == "de" and len(heading.text) > 10
    english = [e for e in page.elements if e.attrs.get("lang") == "en"]
    assert english, "no English part"
    assert english[0].order > heading.order, "English comes before German"
    german = [e for e in page.all("p") if e.lang == "de"]
    assert sum(len(e.text) for e in german) > 60 and sum(len(e.text) for e in english) > 60
    inline = [e for e in page.all("script") if "src" not in e.attrs]
    assert not inline and not page.all(style="") and not page.all("style"), "inline script or style"
    assert code in page.text, "the code is not readable"
    assert CORRELATION_ID.search(page.text), "no correlation id"
    assert not page.all("meta", http_equiv=""), "automatic redirect"
    _check_way_back(page, back)


def _check_way_back(page: Page, back: str | None) -> None:
    reported = [link for link in page.links() if "lti_errormsg" in link or "lti_errorlog" in link]
    if back is None:
        assert not reported and not [link for link in page.links() if link.startswith(RETURN_URL)]
        return
    assert len(set(reported)) == 1, "no way back to the course, or several"
    link, expected = urlsplit(reported[0]), urlsplit(back)
    assert (link.scheme, link.netloc, link.path) == (expected.scheme, expected.netloc, expected.path)
    query = parse_qs(link.query)
    assert {name: query[name] for name in parse_qs(expected.query)} == parse_qs(expected.query)
    assert query["lti_errormsg"][0] and query["lti_errorlog"][0]
    assert any("Zurück zum Kurs" in anchor.text for anchor in page.all("a", href=reported[0]))
    assert expected.hostname and expected.hostname in page.text, "the way back must show its host"


def no_session(browser: Browser, before: list[str]) -> None:
    assert set(browser.cookie_names()) <= set(before), "a refusal left a cookie behind"
