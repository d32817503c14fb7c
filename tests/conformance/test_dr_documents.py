"""DR: what an LMS says about itself must be whole, and must be about itself."""

from __future__ import annotations

from typing import Any

import pytest

from . import refusal
from .bed import Bed
from .fake_platform import Answer
from .fake_registration import ABSENT, TOKEN, RegisteringLms, connecting

REQUIRED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")


def refused(bed: Bed, lms: RegisteringLms, code: str) -> str:
    """Looking at this LMS is refused in both forms; the page."""
    admin = connecting(bed, lms)
    page = ""
    for accept in (refusal.JSON, refusal.HTML):
        with bed.nothing_stored():
            answer = admin.open(accept=accept)
        refusal.check(answer, 400, code, accept=accept, within=5.0, secrets=(TOKEN,))
        page = answer.text
    assert lms.seen("/register") == []
    return page


def changed(bed: Bed, **changes: Any) -> RegisteringLms:
    lms = RegisteringLms(bed)
    lms.document = changes
    return lms


@pytest.mark.parametrize(
    "issuer",
    [
        "https://another.example",
        "https://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.2",
        "http://localhost",
    ],
)
def test_DR_10_an_issuer_elsewhere(bed: Bed, issuer: str) -> None:
    refused(bed, changed(bed, issuer=issuer), "registration_issuer_mismatch")


def test_DR_10_an_issuer_below_another_path(bed: Bed) -> None:
    lms = RegisteringLms(bed)
    lms.document = {"issuer": f"{lms.url}/neighbour"}
    refused(bed, lms, "registration_issuer_mismatch")


def test_DR_10_an_issuer_that_is_the_beginning(bed: Bed) -> None:
    lms = RegisteringLms(bed)
    lms.issuer = f"{lms.url}/mod"
    connecting(bed, lms).agree()
    assert bed.rows.one("platform", issuer=lms.issuer)["status"] == "pending"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/register", "http://127.0.0.2/register"])
def test_DR_11_registration_endpoint_elsewhere(bed: Bed, elsewhere: str) -> None:
    refused(bed, changed(bed, registration_endpoint=elsewhere), "registration_issuer_mismatch")


def test_DR_11_registration_endpoint_on_another_port(bed: Bed) -> None:
    other = RegisteringLms(bed)
    refused(bed, changed(bed, registration_endpoint=f"{other.url}/register"), "registration_issuer_mismatch")
    assert other.requests == []


@pytest.mark.parametrize("name", REQUIRED)
def test_DR_13_a_missing_key_is_named(bed: Bed, name: str) -> None:
    for value in (ABSENT, None, "", 5, []):
        assert name in refused(bed, changed(bed, **{name: value}), "registration_config_invalid")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"not json",
        b"<html><title>Login</title></html>",
        b'{"issuer": "x", "issuer": "y"}',
        b"[" * 200_000,
        b'{"a":' * 20_000,
        b"\xff\xfe",
        b'{"issuer": NaN}',
    ],
)
def test_DR_13_no_document(bed: Bed, body: bytes) -> None:
    lms = RegisteringLms(bed)
    lms.configuration_answer = Answer(200, body, {"Content-Type": "application/json"})
    refused(bed, lms, "registration_config_invalid")


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "url",
    [
        "http://lms.example.org/x",
        "https://10.0.0.1/x",
        "https://lms.example.org:6379/x",
        "https://u:p@lms.example.org/x",
        "javascript:alert(1)",
        "http://127.0.0.2/x",  # trusted, but not the host that registers
        "https://lms.example.org;frame-ancestors/x",
    ],
)
def test_DR_13_endpoints_that_lead_elsewhere(bed: Bed, name: str, url: str) -> None:
    """They are called later, without anybody watching: what must not be called is not stored."""
    refused(bed, changed(bed, **{name: url}), "registration_url_not_allowed")


def test_DR_13_ornaments_do_no_harm(bed: Bed) -> None:
    platform = "https://purl.imsglobal.org/spec/lti-platform-configuration"
    for ornament in (
        None,
        5,
        "x",
        [],
        {"version": ["5"], "messages_supported": "x", "product_family_code": {}},
    ):
        admin = connecting(bed, changed(bed, scopes_supported=ornament, **{platform: ornament}))
        assert admin.open().status == 200


def test_DR_13_the_link_opened_in_a_browser(bed: Bed) -> None:
    """Pasted into the address bar instead of the LMS: told what to do with it."""
    admin = connecting(bed)
    answer = admin.browser.get(admin.path)
    refusal.check(answer, 400, "registration_url_missing")
    assert "Moodle" in answer.text


def test_config_says_what_to_type(bed: Bed) -> None:
    admin = connecting(bed)
    page = admin.browser.get("/lti/config")
    form = admin.browser.get("/lti/config?format=json").json
    assert page.status == 200
    for value in (form["initiate_login_uri"], form["jwks_uri"], *form["redirect_uris"]):
        assert value.startswith(bed.tool.url) and value in page.text
    assert admin.browser.get("/lti/config.json").json == form
    assert admin.browser.get("/lti/config", accept=refusal.JSON).json == form
    canvas = admin.browser.get("/lti/config/canvas.json").json
    assert canvas["oidc_initiation_url"] == form["initiate_login_uri"]
    assert canvas["public_jwk_url"] == form["jwks_uri"]
