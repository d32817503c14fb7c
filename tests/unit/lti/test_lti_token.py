"""Strict parsing before any cryptography, and the signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from lti_builders import LTI, Platform, Tool, base64url

from lms_tool.lti import LtiError, parse_token


def code_of(raw: str | None) -> tuple[str, int]:
    with pytest.raises(LtiError) as caught:
        parse_token(raw)
    return caught.value.public_code, caught.value.status


@pytest.fixture
def good(platform: Platform) -> str:
    return platform.sign({"name": "x"})


@pytest.mark.parametrize(
    "raw",
    [
        "a",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        "...",
        "ä.b.c",
        "!!!.b.c",
        "=.e30.e30",
        " .e30.e30",
        "bm90IGpzb24.e30.AAAA",
    ],
)
def test_jwt_21_not_a_jwt(raw: str) -> None:
    assert code_of(raw) == ("id_token_malformed", 400)


@pytest.mark.parametrize("tail", ["=", "+", "/", " ", "A" * 3000])
def test_jwt_21_signature_is_base64url_of_some_length(good: str, tail: str) -> None:
    assert code_of(good + tail)[1] in (400, 413)


@pytest.mark.parametrize("raw", [None, ""])
def test_sta_20_no_token(raw: str | None) -> None:
    assert code_of(raw) == ("id_token_missing", 400)


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b'"text"',
        b"null",
        b"",
        b'{"a": 1',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\\u0000"}',
        b'{"a": ["\\ud83d"]}',
        b'{"\\udc00": 1}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_payload_is_parsed_strictly(platform: Platform, payload: bytes) -> None:
    assert code_of(platform.sign(payload)) == ("id_token_malformed", 400)


def test_what_only_looks_suspicious_is_kept(platform: Platform) -> None:
    claims = {"emoji": "😀", "escaped": "\\u0000", "brackets": "[" * 50 + "{" * 50, "list": [[1]] * 40}
    assert parse_token(platform.sign(json.dumps(claims).encode())).claims == claims


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "nOnE", 256, None, "HS256", "RS384", "PS256", "ES256", ["RS256"]]
)
def test_jwt_05_to_09_only_rs256(platform: Platform, alg: Any) -> None:
    header = {"alg": alg, "typ": "JWT", "kid": "k1"}
    assert code_of(platform.sign({"name": "x"}, header)) == ("alg_not_allowed", 401)


def test_jwt_05_without_signature() -> None:
    raw = f"{base64url(json.dumps({'alg': 'none'}).encode())}.{base64url(b'{}')}."
    assert code_of(raw) == ("alg_not_allowed", 401)


def test_jwt_07_public_key_as_secret(platform: Platform) -> None:
    pem = platform.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = f"{base64url(json.dumps({'alg': 'HS256', 'kid': 'k1'}).encode())}.{base64url(b'{}')}"
    signature = hmac.new(pem, head.encode(), hashlib.sha256).digest()
    assert code_of(f"{head}.{base64url(signature)}") == ("alg_not_allowed", 401)


@pytest.mark.parametrize("kid", [None, "", 5, ["k1"]])
def test_jwt_01_kid_missing(platform: Platform, kid: Any) -> None:
    assert code_of(platform.sign({"name": "x"}, {"alg": "RS256", "kid": kid})) == ("kid_missing", 401)


def test_alg_is_judged_before_kid(platform: Platform) -> None:
    assert code_of(platform.sign({"name": "x"}, {"alg": "none"})) == ("alg_not_allowed", 401)


@pytest.mark.parametrize("extra", [{"crit": ["x"]}, {"crit": []}, {"typ": "at+jwt"}, {"typ": 3}])
def test_jwt_22_critical_extensions_and_other_types(platform: Platform, extra: dict[str, Any]) -> None:
    header = {"alg": "RS256", "kid": "k1", **extra}
    assert code_of(platform.sign({"name": "x"}, header)) == ("id_token_malformed", 401)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "application/jwt"])
def test_usual_types(platform: Platform, typ: str) -> None:
    assert parse_token(platform.sign({"name": "x"}, {"alg": "RS256", "kid": "k1", "typ": typ})).kid == "k1"


def test_jwt_23_a_huge_kid_is_a_kid(platform: Platform) -> None:
    kid = "k" * 10_240
    assert parse_token(platform.sign({"name": "x"}, {"alg": "RS256", "kid": kid})).kid == kid


def test_clm_64_size(platform: Platform) -> None:
    fits = json.dumps({"custom": "x" * (256 * 1024 - 30)}).encode()
    assert len(parse_token(platform.sign(fits)).claims["custom"]) == 256 * 1024 - 30
    assert code_of(platform.sign(json.dumps({"custom": "x" * 256 * 1024}).encode())) == (
        "request_too_large",
        413,
    )
    assert code_of("x" * 2_000_000) == ("request_too_large", 413)


def test_jwt_18_and_19_signature(tool: Tool, platform: Platform, good: str) -> None:
    keys = platform.key_set().candidates("k1")
    parse_token(good).check_signature(keys)
    head, payload, signature = good.split(".")
    for spoiled in (
        f"{head}.{base64url(json.dumps({'name': 'y'}).encode())}.{signature}",
        f"{head}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
        f"{head}.{payload}.",
        f"{head}.{payload}.AAAA",
    ):
        with pytest.raises(LtiError, match="signature_invalid"):
            parse_token(spoiled).check_signature(keys)


def test_jwt_16_a_key_in_the_header_counts_nothing(platform: Platform, other_platform: Platform) -> None:
    header = {
        "alg": "RS256",
        "kid": "k1",
        "jwk": other_platform.jwk(),
        "jku": "https://evil.example/",
        "x5u": "x",
    }
    token = parse_token(other_platform.sign({"name": "x"}, header))
    with pytest.raises(LtiError, match="signature_invalid"):
        token.check_signature(platform.key_set().candidates("k1"))


def test_jwt_34_any_of_several_keys(platform: Platform, other_platform: Platform, good: str) -> None:
    foreign = {**other_platform.jwk(), "kid": "k1"}
    platform.published = [foreign, platform.jwk()]
    parse_token(good).check_signature(platform.key_set().candidates("k1"))


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
    | st.from_regex(r"[\w.-]{1,40}", fullmatch=True)
)
def test_any_text_is_refused_cleanly(raw: str) -> None:
    with pytest.raises(LtiError) as caught:
        parse_token(raw)
    assert 400 <= caught.value.status < 500


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_bytes_in_a_jwt_are_refused_cleanly(header: bytes, payload: bytes) -> None:
    with pytest.raises(LtiError) as caught:
        parse_token(f"{base64url(header)}.{base64url(payload)}.{base64url(b'signature')}")
    assert 400 <= caught.value.status < 500


def test_signed_by_pyjwt_itself(platform: Platform) -> None:
    """The other implementation of RS256 in the house agrees."""
    raw = jwt.encode({"name": "x"}, platform.key, algorithm="RS256", headers={"kid": "k1"})
    parse_token(raw).check_signature(platform.key_set().candidates("k1"))


@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        (
            {"iss": "c-one", "sub": "c-one", "aud": "https://p1.example", "jti": "1"},
            ("id_token_malformed", 401),
        ),
        ({"iss": "https://p1.example", "scope": "a", "client_id": "c-one"}, ("id_token_malformed", 401)),
        (
            {"iss": "c-one", "nonce": "n", LTI + "message_type": "LtiDeepLinkingResponse"},
            ("message_type_invalid", 400),
        ),
    ],
)
def test_jwt_35_other_tokens_of_the_same_key(
    platform: Platform, claims: Any, refusal: tuple[str, int]
) -> None:
    assert code_of(platform.sign(claims)) == refusal


@pytest.mark.parametrize(
    "claims", [{"iss": "x", "nonce": "n"}, {"iss": "x", LTI + "version": "1.3.0"}, {"name": "x"}]
)
def test_what_may_be_an_id_token_is_judged_by_its_claims(platform: Platform, claims: Any) -> None:
    assert parse_token(platform.sign(claims)).claims == claims


def test_a_string_that_never_closes_is_refused() -> None:
    """256 KiB of it: with a search that starts again at each quote this test would run for minutes."""
    payload = b'{"a":' + b"[" * 40 + b'"' + b'\\"' * 120_000
    raw = ".".join(map(base64url, (b'{"alg":"RS256","kid":"k1"}', payload, b"x")))
    with pytest.raises(LtiError) as caught:
        parse_token(raw)
    assert caught.value.code == "id_token_malformed"
