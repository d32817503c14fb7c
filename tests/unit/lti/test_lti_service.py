"""Client assertion, access tokens, Retry-After."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lti_builders import NOW

from lms_tool.lti import (
    ServiceError,
    client_assertion,
    generate,
    parse_retry_after,
    parse_token_response,
    public_jwk,
    read_token_answer,
    token_request,
)

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def test_ags_06_client_assertion() -> None:
    key = generate(NOW)
    assertion = client_assertion(key, "c-one", "https://p1.example/token", NOW, "unique-1")
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT", "kid": key.kid}
    claims = jwt.decode(
        assertion,
        jwt.PyJWK(public_jwk(key.private_pem, key.kid)),
        algorithms=["RS256"],
        audience="https://p1.example/token",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["iss"] == claims["sub"] == "c-one"
    assert claims["jti"] == "unique-1"
    assert NOW - 30 <= claims["iat"] < NOW < claims["exp"]
    assert claims["exp"] - claims["iat"] <= 300


def test_token_request() -> None:
    form = token_request("a.b.c", {"b", "a"})
    assert form == {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "a.b.c",
        "scope": "a b",
    }


def answer(**values: Any) -> bytes:
    return json.dumps({"access_token": "opaque", "token_type": "Bearer", **values}).encode()


def test_token_of_moodle() -> None:
    token = parse_token_response(answer(expires_in=3600, scope=f"{SCORE} other"), NOW)
    assert (token.value, token.scopes) == ("opaque", {SCORE, "other"})
    assert token.usable(NOW + 3539)
    assert not token.usable(NOW + 3541)


@pytest.mark.parametrize("expires_in", [None, 0, -5, "3600", "soon", "²", True, [], 1e999, "0"])
def test_ags_08_lifetime_that_cannot_be_used(expires_in: Any) -> None:
    token = parse_token_response(json.dumps({"access_token": "x", "expires_in": expires_in}).encode(), NOW)
    assert NOW < token.expires_at <= NOW + 300


def test_lifetime_is_capped_and_short_ones_stay_usable() -> None:
    assert parse_token_response(answer(expires_in=10**12), NOW).expires_at <= NOW + 24 * 3600
    assert parse_token_response(answer(expires_in=30), NOW).usable(NOW + 20)


def test_scopes_that_are_not_named_are_those_asked_for() -> None:
    assert parse_token_response(answer(), NOW, [SCORE]).scopes == {SCORE}
    assert parse_token_response(answer(token_type="bearer"), NOW).value == "opaque"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        answer(access_token=""),
        answer(access_token="a\r\nb"),
        answer(access_token=5),
        answer(token_type="mac"),
        answer(token_type=1),
        b"[" * 100000,
    ],
)
def test_no_token(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_token_response(body, NOW)
    assert caught.value.reason == "token_answer_invalid"


@pytest.mark.parametrize(
    ("status", "body", "reason", "lasting"),
    [
        (400, b'{"error":"invalid_scope"}', "token_refused:invalid_scope", True),
        (400, b'{"error":"Cannot handle token of Petra Sommer"}', "token_refused", True),
        (401, b"[]", "token_refused", True),
        (404, b"<html>", "token_refused", True),
        (302, b"", "token_unavailable", False),
        (503, b"", "token_unavailable", False),
        (429, b"", "token_unavailable", False),
    ],
)
def test_refusals_of_the_token_endpoint(status: int, body: bytes, reason: str, lasting: bool) -> None:
    with pytest.raises(ServiceError) as caught:
        read_token_answer(status, {"retry-after": "7"}, body, NOW)
    assert (caught.value.reason, caught.value.lasting) == (reason, lasting)
    assert caught.value.retry_after == (None if lasting else 7)
    assert "Sommer" not in str(caught.value)


def test_success_of_the_token_endpoint() -> None:
    assert read_token_answer(200, {}, answer(), NOW).value == "opaque"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120),
        (" 0 ", 0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("²", None),
        (str(10 * 365 * 86400), 3600),
        ("9" * 400, 3600),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW - 90, usegmt=True), 0),
        (formatdate(NOW + 10 * 365 * 86400, usegmt=True), 3600),
        ("Sat, 21 Nov 2026 25:61:00 GMT", None),
    ],
)
def test_ags_17_18_retry_after(value: str | None, seconds: int | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.text())
def test_any_retry_after(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= 3600
