"""Choosing a platform's key; our own keys and when they are used, published and dropped."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from lti_builders import NOW, Platform

from lms_tool.lti import (
    LtiError,
    ToolKey,
    cache_lifetime,
    generate,
    parse_key_set,
    public_jwk,
    published,
    signing_key,
)

DAY = 24 * 3600


def key_set(*entries: Any) -> bytes:
    return json.dumps({"keys": list(entries)}).encode()


def refusal_of(body: bytes, kid: str = "k1") -> str:
    with pytest.raises(LtiError) as caught:
        parse_key_set(body).candidates(kid)
    return f"{caught.value.status} {caught.value.code}"


def test_jwt_12_alg_and_use_may_be_absent(platform: Platform) -> None:
    entry = {name: platform.jwk()[name] for name in ("kty", "n", "e", "kid")}
    assert len(parse_key_set(key_set(entry)).candidates("k1")) == 1


def test_jwt_13_unknown_entries_are_skipped(platform: Platform) -> None:
    odd: list[Any] = [{"kty": "XYZ", "kid": "k1"}, {"kty": "EC", "crv": "P-9"}, {"kid": 5}, "text", None, []]
    assert len(parse_key_set(key_set(*odd, platform.jwk())).candidates("k1")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "RS512"},
        {"kty": "oct"},
        {"n": 5},
        {"e": "A"},
        {"n": ""},
        {"n": "ä"},
        {"e": "AQAC"},
        {"n": "A" * 100000},
    ],
)
def test_jwt_10_11_unusable(platform: Platform, change: dict[str, Any]) -> None:
    assert refusal_of(key_set({**platform.jwk(), **change})) == "401 key_unusable"


def test_jwt_10_elliptic_curve() -> None:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert (
        refusal_of(key_set({**ECAlgorithm.to_jwk(public, as_dict=True), "kid": "k1"})) == "401 key_unusable"
    )


def test_jwt_17_too_weak() -> None:
    public = rsa.generate_private_key(65537, 1024).public_key()
    assert (
        refusal_of(key_set({**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": "k1"})) == "401 key_too_weak"
    )


@pytest.mark.parametrize("kid", ["k2", "../../etc/passwd", "' OR 1=1 --", "k" * 10_240, "k1\r\nX: y", ""])
def test_jwt_02_23_unknown(platform: Platform, kid: str) -> None:
    with pytest.raises(LtiError, match="kid_unknown") as caught:
        platform.key_set().candidates(kid)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_jwt_34_at_most_five_of_one_kid(platform: Platform) -> None:
    keys = parse_key_set(key_set({"kty": "EC", "kid": "k1"}, *[platform.jwk()] * 9)).candidates("k1")
    assert len(keys) == 5


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b'{"keys":{}}', b'{"keys":[]}', b"[]", b"{}", b"\xff", b"[" * 100_000]
)
def test_jwt_27_no_key_set(body: bytes) -> None:
    assert refusal_of(body) == "503 platform_keys_unavailable"


def test_a_published_private_key_stays_public_here(platform: Platform) -> None:
    entry = {**RSAAlgorithm.to_jwk(platform.key, as_dict=True), "kid": "k1", "key_ops": ["verify"]}
    (key,) = parse_key_set(key_set(entry)).candidates("k1")
    assert not hasattr(key.public_key, "private_numbers")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 3600),
        ("", 3600),
        ("public", 3600),
        ("max-age=600", 600),
        ("public, Max-Age = 7200", 7200),
        ('max-age="900"', 900),
        ("max-age=600, max-age=300", 300),
        ("max-age=0", 60),
        ("no-store", 60),
        ("no-cache, max-age=3600", 60),
        ("max-age=31536000, immutable", DAY),
        ("max-age=-5", 3600),
        ("s-maxage=5", 3600),
        ("max-age=" + "9" * 30, 3600),
    ],
)
def test_jwt_33_cache_lifetime(header: str | None, seconds: int) -> None:
    assert cache_lifetime(header) == seconds


@given(st.text())
def test_cache_lifetime_stays_in_its_bounds(header: str) -> None:
    assert 60 <= cache_lifetime(header) <= DAY


# --- our keys -----------------------------------------------------------------------------------------------


def test_ses_10_public_entry() -> None:
    key = generate(NOW)
    entry = public_jwk(key.private_pem, key.kid)
    assert set(entry) == {"kty", "kid", "alg", "use", "n", "e"}
    token = jwt.encode({"a": 1}, key.private_pem, algorithm="RS256")
    assert jwt.decode(token, jwt.PyJWK(entry), algorithms=["RS256"]) == {"a": 1}


def keys_at(*ages: int) -> list[ToolKey]:
    return [ToolKey(f"k{age}", "", NOW - age) for age in ages]


def test_ses_11_a_new_key_waits_a_day() -> None:
    assert signing_key(keys_at(0), NOW).kid == "k0"
    assert signing_key(keys_at(0, 90 * DAY), NOW).kid == f"k{90 * DAY}"
    assert signing_key(keys_at(DAY - 1, 90 * DAY), NOW).kid == f"k{90 * DAY}"
    assert signing_key(keys_at(DAY, 90 * DAY), NOW).kid == f"k{DAY}"
    assert signing_key(keys_at(0, 5), NOW).kid == "k5"


def test_ses_10_a_replaced_key_stays_a_week_after_its_successor_began() -> None:
    def kids(*ages: int) -> list[str]:
        return [key.kid for key in published(keys_at(*ages), NOW)]

    assert kids(90 * DAY) == [f"k{90 * DAY}"]
    assert kids(8 * DAY - 1, 90 * DAY) == [f"k{8 * DAY - 1}", f"k{90 * DAY}"]
    assert kids(8 * DAY, 90 * DAY) == [f"k{8 * DAY}"]
    assert published([], NOW) == []


@given(st.lists(st.integers(0, 60 * DAY), min_size=1, max_size=6, unique=True), st.integers(0, 60 * DAY))
def test_what_signs_is_published_and_stays_so_for_a_week(ages: list[int], later: int) -> None:
    keys = keys_at(*ages)
    signer = signing_key(keys, NOW)
    for moment in (NOW, NOW + min(later, 7 * DAY - 1)):
        assert signer in published(keys, moment)
