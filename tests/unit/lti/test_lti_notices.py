"""Notices of a platform: what is asked for, and which of what comes is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lti_builders import LTI, NOW, Platform, Tool

from lms_tool.lti import notices
from lms_tool.lti.errors import LtiError
from lms_tool.lti.launch import Registration
from lms_tool.lti.notices import NoticeMalformed, judge_handler_answer, read_batch, verify_notice
from lms_tool.lti.token import parse_token

SERVICE = LTI + "platformnotificationservice"
OFFER = {
    "service_versions": ["1.0"],
    "platform_notification_service_url": "https://p1.example/notice-handlers/7",
    "scope": ["https://purl.imsglobal.org/spec/lti/scope/noticehandlers"],
    "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
}


def base(platform: Platform) -> dict[str, Any]:
    """As Canvas sends it when a course was copied."""
    return {
        "iss": platform.issuer,
        "aud": platform.client_id,
        "azp": platform.client_id,
        "iat": NOW,
        "exp": NOW + 3600,
        "nonce": "4d7c",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": "d1",
        LTI + "context": {"id": "copy", "label": "BB", "title": "Kopie", "type": ["CourseSection"]},
        LTI + "notice": {"id": "n-1", "timestamp": "2026-11-22T10:00:00Z", "type": "LtiContextCopyNotice"},
        LTI + "origin_contexts": ["original"],
    }


def take(platform: Platform, now: int = NOW, **changes: Any) -> notices.Notice:
    claims = base(platform) | changes
    token = parse_token(platform.sign({name: value for name, value in claims.items() if value is not None}))
    keys = platform.key_set().candidates(token.kid)
    return verify_notice(token, keys, Registration(platform.issuer, platform.client_id), now)


def refused(platform: Platform, code: str, now: int = NOW, **changes: Any) -> None:
    with pytest.raises(LtiError) as error:
        take(platform, now, **changes)
    assert error.value.public_code == code


# --- what a launch offers ---------------------------------------------------------------------------------------


def test_the_service_is_read_from_a_launch(tool: Tool) -> None:
    found = tool.accept(lambda claims: claims.update({SERVICE: OFFER})).notices
    assert found is not None
    assert found.url == OFFER["platform_notification_service_url"]
    assert notices.CONTEXT_COPY in found.types


@pytest.mark.parametrize(
    "offer",
    [
        None,
        [],
        "yes",
        OFFER | {"service_versions": ["2.0"]},
        OFFER | {"service_versions": "1.0"},
        OFFER | {"scope": []},
        OFFER | {"scope": None},
        OFFER | {"platform_notification_service_url": "http://p1.example/notices"},
        OFFER | {"platform_notification_service_url": "javascript:alert(1)"},
        OFFER | {"platform_notification_service_url": 7},
    ],
)
def test_an_offer_that_cannot_be_used_is_none(tool: Tool, offer: Any) -> None:
    assert tool.accept(lambda claims: claims.update({SERVICE: offer})).notices is None


def test_the_handler_is_put_as_json() -> None:
    sent = json.loads(notices.handler_request(notices.CONTEXT_COPY, "https://tool.example/lti/notices"))
    assert sent["notice_type"] == "LtiContextCopyNotice"
    assert sent["handler"] == "https://tool.example/lti/notices"


@pytest.mark.parametrize(
    ("status", "headers", "judged"),
    [
        (200, {}, (None, None)),
        (204, {}, (None, None)),
        (401, {}, ("forbidden", None)),
        (403, {}, ("forbidden", None)),
        (404, {}, ("service_gone", None)),
        (422, {}, ("refused", None)),
        (429, {"retry-after": "120"}, ("platform_busy", 120)),
        (302, {}, ("platform_busy", None)),
        (503, {}, ("platform_busy", None)),
    ],
)
def test_answers_to_the_handler(status: int, headers: dict[str, str], judged: Any) -> None:
    assert judge_handler_answer(status, headers, NOW) == judged


# --- batches ----------------------------------------------------------------------------------------------------


def test_a_batch_is_its_tokens() -> None:
    assert read_batch(b'{"notices": [{"jwt": "a.b.c"}, {"jwt": "d.e.f", "more": 1}]}') == ["a.b.c", "d.e.f"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"notices": {}}',
        b'{"notices": []}',
        b'{"notices": ["a.b.c"]}',
        b'{"notices": [{"jwt": 7}]}',
        b'{"notices": [{"jwt": ""}]}',
        b'{"notices": [{"jwt": "a"}], "notices": []}',
        b"\xff\xfe",
        json.dumps({"notices": [{"jwt": "a"}] * (notices.MAX_BATCH + 1)}).encode(),
        b'{"notices": ' + b"[" * 100 + b"]" * 100 + b"}",
    ],
)
def test_what_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(NoticeMalformed):
        read_batch(body)


@given(st.binary(max_size=300))
def test_no_body_brings_it_down(body: bytes) -> None:
    with pytest.raises(NoticeMalformed):
        read_batch(body)


# --- notices ----------------------------------------------------------------------------------------------------


def test_a_copy_notice_says_what_was_copied_from_what(platform: Platform) -> None:
    found = take(platform, **{LTI + "origin_contexts": ["b", "a", "b", 7, "", "x" * 256, "n\u0007o"]})
    assert found.type == notices.CONTEXT_COPY and found.deployment_id == "d1"
    assert found.context is not None and found.context.id == "copy"
    assert found.origins == ("b", "a")
    assert found.nonce == "4d7c"


def test_a_notice_may_come_hours_later(platform: Platform) -> None:
    take(platform, NOW + 3500)
    refused(platform, "token_expired", NOW + 3600 + 60)
    refused(platform, "token_too_old", NOW + notices.MAX_AGE + 1, exp=NOW + 10**9)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://p2.example"}, "issuer_mismatch"),
        ({"aud": "c-two"}, "audience_mismatch"),
        ({"aud": ["c-one", "other"], "azp": None}, "audience_untrusted"),
        ({"azp": "other"}, "azp_mismatch"),
        ({"exp": None}, "claim_missing:exp"),
        ({"iat": None}, "claim_missing:iat"),
        ({"iat": NOW + 600}, "token_not_yet_valid"),
        ({"nonce": None}, "nonce_missing"),
        ({"nonce": 7}, "nonce_missing"),
        ({LTI + "version": None}, "claim_missing:version"),
        ({LTI + "version": "1.1"}, "version_unsupported"),
        ({LTI + "deployment_id": None}, "claim_missing:deployment_id"),
        ({LTI + "notice": None}, "claim_missing:notice"),
        ({LTI + "notice": "copied"}, "claim_invalid:notice"),
        ({LTI + "notice": {"id": "1"}}, "claim_missing:notice.type"),
        ({LTI + "context": None}, "claim_missing:context"),
        ({LTI + "context": {"title": "ohne id"}}, "claim_invalid:context"),
    ],
)
def test_a_notice_that_is_not_right_is_refused(
    platform: Platform, changes: dict[str, Any], code: str
) -> None:
    refused(platform, code, **changes)


def test_a_notice_must_be_signed_by_its_platform(platform: Platform) -> None:
    raw = platform.sign(base(platform))
    token = parse_token(raw[:-8] + ("A" if raw[-8] != "A" else "B") + raw[-7:])
    with pytest.raises(LtiError) as error:
        verify_notice(token, platform.key_set().candidates("k1"), Registration(platform.issuer, "c-one"), NOW)
    assert error.value.public_code == "signature_invalid"


def test_an_id_token_is_no_notice(platform: Platform) -> None:
    token = parse_token(platform.sign(platform.claims("nonce")))
    with pytest.raises(LtiError) as error:
        verify_notice(token, platform.key_set().candidates("k1"), Registration(platform.issuer, "c-one"), NOW)
    assert error.value.public_code == "claim_missing:notice"


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        ("2023-11-14T22:13:20Z", 1700000000),
        ("2023-11-14T23:13:20.5+01:00", 1700000000),
        ("2999-01-01T00:00:00Z", NOW),
        ("0001-01-01T00:00:00+23:00", 0),
        ("2023-11-14T22:13:20", NOW),
        ("gestern", NOW),
        (7, NOW),
        (None, NOW),
    ],
)
def test_when_it_happened(platform: Platform, timestamp: Any, seconds: int) -> None:
    notice = {"id": "n", "timestamp": timestamp, "type": "LtiContextCopyNotice"}
    assert take(platform, **{LTI + "notice": notice}).happened_at == seconds


def test_times_beyond_measure_stay_within_it(platform: Platform) -> None:
    assert take(platform, exp=1e300).expires_at == NOW + notices.MAX_AGE + 60


def test_other_kinds_of_notices_are_read_all_the_same(platform: Platform) -> None:
    notice = {"id": "n", "type": "LtiHelloWorldNotice"}
    assert take(platform, **{LTI + "notice": notice, LTI + "context": None}).type == "LtiHelloWorldNotice"
