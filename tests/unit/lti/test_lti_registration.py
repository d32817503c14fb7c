"""Dynamic Registration 1.0: what an LMS says about itself, and what it made of our request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from registration_builders import ABSENT, AGS, CONFIGURATION, REDIRECT, TOOL, answer, configuration, raw

from lms_tool.lti.registration import (
    REQUIRED,
    check_endpoints,
    check_issuer,
    check_token,
    read_answer,
    read_configuration,
    short_scopes,
)
from lms_tool.lti.registration_errors import (
    RegistrationConfigInvalid,
    RegistrationFetchFailed,
    RegistrationIssuerMismatch,
    RegistrationRejected,
    RegistrationTokenMalformed,
    RegistrationUrlNotAllowed,
)
from lms_tool.lti.registration_urls import check_form

MOODLE = json.loads((Path(__file__).parent / "moodle_registration.json").read_text())
WELL_KNOWN = check_form("https://lms.example.org/.well-known/openid-configuration")


def nobody(_: str) -> bool:
    return False


def test_the_configuration_of_a_platform() -> None:
    platform = read_configuration(raw(configuration(authorization_server="https://lms.example.org/as")))
    assert platform.issuer == "https://lms.example.org"
    assert platform.endpoints == tuple(
        f"https://lms.example.org/{name}" for name in ("auth", "token", "jwks")
    )
    assert platform.token_audience == "https://lms.example.org/as"
    assert platform.product == "moodle 5.1+ (Build: 20251017)"
    assert platform.scopes == {AGS + "score", AGS + "lineitem"}
    assert platform.placements == {"ContentArea", "RichTextEditor"}
    assert platform.notices == frozenset()


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [ABSENT, None, "", 5, ["https://lms.example.org"], "x" * 2001])
def test_dr_13_each_required_key_is_named_when_it_is_missing(name: str, value: Any) -> None:
    with pytest.raises(RegistrationConfigInvalid) as refusal:
        read_configuration(raw(configuration(**{name: value})))
    assert refusal.value.detail == name
    assert refusal.value.status == 400


def test_dr_13_all_missing_keys_are_named() -> None:
    with pytest.raises(RegistrationConfigInvalid) as refusal:
        read_configuration(b"{}")
    assert refusal.value.detail == ", ".join(REQUIRED)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"<html>",
        b"{",
        b'{"issuer": NaN}',
        b'{"issuer": 1, "issuer": 2}',
        b'{"a": "\\u0000"}',
        b"\xff\xfe{}",
        b'{"a":' * 5000,
        b"[" * 100_000,
        b'{"a":"' + b'"' * 100_000,
    ],
)
def test_dr_13_what_is_no_document(body: bytes) -> None:
    for read in (read_configuration, lambda b: read_answer(200, b, REDIRECT)):
        with pytest.raises(RegistrationConfigInvalid):
            read(body)


def test_ornaments_that_are_malformed_are_left_out() -> None:
    for ornament in (5, "x", [], {}, None):
        platform = read_configuration(
            raw(
                configuration(
                    authorization_server=5,
                    scopes_supported=ornament,
                    **{CONFIGURATION: {"version": ornament, "messages_supported": ornament}},
                )
            )
        )
        assert platform.scopes is None
        assert platform.token_audience is None
        assert platform.placements == frozenset()


@pytest.mark.parametrize(
    ("issuer", "fetched_from"),
    [
        ("https://lms.example.org", "https://lms.example.org/mod/lti/openid-configuration.php"),
        ("https://lms.example.org/", "https://lms.example.org/.well-known/openid-configuration"),
        ("https://lms.example.org/moodle", "https://lms.example.org/moodle/mod/lti/openid-configuration.php"),
        ("https://lms.example.org/lti", "https://lms.example.org/.well-known/openid-configuration/lti"),
        ("https://LMS.example.org", "https://lms.example.org:443/x"),
    ],
)
def test_an_issuer_that_speaks_for_itself(issuer: str, fetched_from: str) -> None:
    check_issuer(read_configuration(raw(configuration(issuer=issuer))), check_form(fetched_from))


@pytest.mark.parametrize(
    "issuer",
    [
        "https://other.example.org",
        "http://lms.example.org",
        "https://lms.example.org:8443",
        "https://lms.example.org.evil.example",
        "https://example.org",
    ],
)
def test_dr_10_an_issuer_of_another_host(issuer: str) -> None:
    with pytest.raises(RegistrationIssuerMismatch):
        check_issuer(read_configuration(raw(configuration(issuer=issuer))), WELL_KNOWN)


def test_dr_10_a_neighbour_on_the_same_host_is_another_platform() -> None:
    """Two Moodles below one host, or two people's pages: the path belongs to the issuer."""
    neighbour = read_configuration(raw(configuration(issuer="https://lms.example.org/moodle")))
    for path in ("/moodle2/mod/lti/x.php", "/x.php", "/moodle"):
        with pytest.raises(RegistrationIssuerMismatch):
            check_issuer(neighbour, check_form(f"https://lms.example.org{path}"))


@pytest.mark.parametrize(
    "issuer", ["lms.example.org", "https://lms.example.org?x=1", "https://lms.example.org/" + "x" * 250]
)
def test_an_issuer_that_is_no_address(issuer: str) -> None:
    with pytest.raises(RegistrationConfigInvalid) as refusal:
        check_issuer(read_configuration(raw(configuration(issuer=issuer))), WELL_KNOWN)
    assert refusal.value.detail == "issuer"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/register",
        "https://lms.example.org:444/register",
        "http://lms.example.org/register",
    ],
)
def test_dr_11_registrations_go_to_the_issuers_host(endpoint: str) -> None:
    with pytest.raises(RegistrationIssuerMismatch):
        check_issuer(read_configuration(raw(configuration(registration_endpoint=endpoint))), WELL_KNOWN)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "url", ["http://lms.example.org/x", "https://10.0.0.1/x", "https://lms.example.org:22/x", "javascript:1"]
)
def test_endpoints_must_be_callable(name: str, url: str) -> None:
    with pytest.raises(RegistrationUrlNotAllowed):
        check_endpoints(read_configuration(raw(configuration(**{name: url}))), WELL_KNOWN, nobody)


def test_endpoints_may_lie_on_another_public_host() -> None:
    """Hosted platforms have one host for all their customers."""
    platform = read_configuration(raw(configuration(jwks_uri="https://sso.example.net/jwks")))
    check_endpoints(platform, WELL_KNOWN, nobody)


def test_a_document_opens_no_way_into_the_operators_network() -> None:
    inside = read_configuration(raw(configuration(jwks_uri="https://vault.example.net/secrets")))
    for trusted in ({"vault.example.net"}, {"vault.example.net", "lms.example.org"}):
        with pytest.raises(RegistrationUrlNotAllowed):
            check_endpoints(inside, WELL_KNOWN, trusted.__contains__)
    own = configuration(
        **dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), "http://lms.intern:8051/x")
    )
    at_home = check_form("http://lms.intern:8051/x")
    check_endpoints(read_configuration(raw(own)), at_home, {"lms.intern"}.__contains__)


# --- the answer ---------------------------------------------------------------------------------------------


def test_dr_18_what_was_granted() -> None:
    granted = read_answer(201, raw(answer()), REDIRECT)
    assert (granted.client_id, granted.deployment_id) == ("client-1", "7")
    assert granted.scopes is not None and short_scopes(granted.scopes) == ["score"]


@pytest.mark.parametrize(
    ("tool", "deployment"),
    [
        (ABSENT, None),
        (None, None),
        ({}, None),
        ({"deployment_id": ""}, None),
        ({"deployment_id": 7}, "7"),
        ({"deployment_id": True}, None),
        ({"deployment_id": "x" * 256}, None),
        ({"deployment_id": 10**4000}, None),
        ({"deployment_id": "a\nb"}, None),
    ],
)
def test_dr_18_a_deployment_that_is_missing_or_odd(tool: Any, deployment: str | None) -> None:
    assert read_answer(200, raw(answer(**{TOOL: tool})), REDIRECT).deployment_id == deployment


@pytest.mark.parametrize("client_id", [ABSENT, None, "", 5, "x" * 256, "a\nb"])
def test_dr_17_no_client_id(client_id: Any) -> None:
    with pytest.raises(RegistrationConfigInvalid) as refusal:
        read_answer(200, raw(answer(client_id=client_id)), REDIRECT)
    assert refusal.value.detail == "client_id"


@pytest.mark.parametrize(
    "redirects", [[], ["https://evil.example/launch"], [REDIRECT, "https://evil.example/"], REDIRECT, 5]
)
def test_dr_17_other_redirect_uris(redirects: Any) -> None:
    with pytest.raises(RegistrationConfigInvalid) as refusal:
        read_answer(200, raw(answer(redirect_uris=redirects)), REDIRECT)
    assert refusal.value.detail == "redirect_uris"


def test_an_answer_need_not_repeat_the_redirect_uris() -> None:
    assert read_answer(200, raw(answer(redirect_uris=ABSENT)), REDIRECT).client_id == "client-1"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            400,
            raw({"error": "invalid_redirect_uri", "error_description": "Not ours"}),
            "invalid_redirect_uri: Not ours",
        ),
        (400, b"missing_domain", "missing_domain"),
        (400, raw({"error": "a < b"}), "a < b"),
        (401, b"token_already_used\n", "token_already_used"),
        (403, b"", None),
        (400, b"<html><body>Oops</body></html>", None),
        (400, b'["x"]', None),
        (400, b'{"error": 5}', None),
        (400, b'{"error": "\\ud800\\u0000x"}', "x"),
        (422, b"a" * 5000, "a" * 300),
        (400, b"\xff" * 10, "\N{REPLACEMENT CHARACTER}" * 10),
    ],
)
def test_dr_14_a_refusal_in_the_platforms_words(status: int, body: bytes, words: str | None) -> None:
    with pytest.raises(RegistrationRejected) as refusal:
        read_answer(status, body, REDIRECT)
    assert refusal.value.detail == words


@pytest.mark.parametrize("status", [204, 301, 302, 307, 408, 429, 500, 502, 503])
def test_an_answer_that_is_neither_yes_nor_no(status: int) -> None:
    with pytest.raises(RegistrationFetchFailed):
        read_answer(status, raw(answer()), REDIRECT)


def test_tokens_go_into_a_header() -> None:
    assert check_token(None) is None
    assert check_token("") is None
    assert check_token("abc.def-_") == "abc.def-_"
    for token in ("a b", "a\r\nX: y", "ä", "x" * 8193):
        with pytest.raises(RegistrationTokenMalformed):
            check_token(token)


# --- what a real Moodle said --------------------------------------------------------------------------------


def test_moodle_describes_itself() -> None:
    platform = read_configuration(raw(MOODLE["configuration"]))
    fetched_from = check_form("http://moodle.localhost:8051/mod/lti/openid-configuration.php")
    check_issuer(platform, fetched_from)
    check_endpoints(platform, fetched_from, lambda host: host == "moodle.localhost")
    assert (platform.family, platform.product) == ("moodle", "moodle 5.1+ (Build: 20251017)")
    assert platform.scopes is not None and len(platform.scopes) == 5


@pytest.mark.parametrize("exchange", MOODLE["answers"], ids=lambda exchange: exchange["label"])
def test_moodle_answers(exchange: dict[str, Any]) -> None:
    """Quirks 2, 3 and 6: 200 instead of 201, scopes that were not granted, errors as plain text."""
    said = exchange["body"]
    if exchange["status"] >= 400:
        with pytest.raises(RegistrationRejected) as refusal:
            read_answer(exchange["status"], said.encode(), "http://tool.localhost:9009/launch")
        assert refusal.value.detail == said
        return
    # The recorder had registered a second redirect URI, which Moodle gave back.
    with pytest.raises(RegistrationConfigInvalid):
        read_answer(200, raw(said), "http://tool.localhost:9009/launch")
    ours = said | {"redirect_uris": said["redirect_uris"][:1]}
    granted = read_answer(200, raw(ours), "http://tool.localhost:9009/launch")
    assert granted.client_id
    assert granted.deployment_id
    assert granted.deployment_id.isdigit()
