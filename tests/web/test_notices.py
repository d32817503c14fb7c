"""The address platforms post notices to: no session, no form, no trust before the signature."""

from __future__ import annotations

import json
from datetime import timedelta

import builders
import pytest
from conformance.crypto import Key, sign
from flask import Flask
from sqlalchemy import select, update

from lms_tool.models import AuditEvent, Context, Platform
from lms_tool.runtime import Runtime
from lms_tool.services.platforms import Registered

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
KEY = Key("one", "k1")


@pytest.fixture
def at(tool: Runtime) -> Registered:
    """A platform whose keys have been fetched."""
    now = tool.clock()
    jwks = json.dumps({"keys": [KEY.jwk()]}).encode()
    fetched = {"jwks": jwks, "jwks_fetched_at": now, "jwks_expires_at": now + timedelta(hours=1)}
    with tool.database.write() as db:
        found = builders.platform(db, now)
        db.execute(update(Platform).where(Platform.id == found.id).values(**fetched))
    return found


def notice(tool: Runtime, at: Registered, key: Key = KEY) -> str:
    seconds = int(tool.clock().timestamp())
    claims = {
        "iss": at.issuer,
        "aud": at.client_id,
        "iat": seconds,
        "exp": seconds + 60,
        "nonce": "n-1",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": "d1",
        LTI + "context": {"id": "kopie"},
        LTI + "notice": {"id": "1", "type": "LtiContextCopyNotice"},
        LTI + "origin_contexts": ["klasse"],
    }
    return sign(claims, key)


def contexts(tool: Runtime) -> list[str]:
    with tool.database.read() as db:
        return list(db.scalars(select(Context.lti_id)))


def test_a_platform_posts_without_cookie_or_origin(app: Flask, tool: Runtime, at: Registered) -> None:
    answer = app.test_client().post("/lti/notices", json={"notices": [{"jwt": notice(tool, at)}]})
    assert (answer.status_code, answer.json) == (200, {"accepted": 1})
    assert "Set-Cookie" not in answer.headers
    assert contexts(tool) == ["kopie"]


def test_a_forged_notice_is_refused_with_a_code(app: Flask, tool: Runtime, at: Registered) -> None:
    raw = notice(tool, at, Key("two", "k1"))
    answer = app.test_client().post("/lti/notices", json={"notices": [{"jwt": raw}]})
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (401, "signature_invalid")
    assert raw not in answer.text
    assert contexts(tool) == []
    with tool.database.read() as db:
        assert db.execute(select(AuditEvent)).all() == [], "strangers must not fill the audit log"


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"notices": [{"jwt": 1}]}', b"a=b&c=d"])
def test_what_is_no_batch_is_a_bad_request(app: Flask, body: bytes) -> None:
    answer = app.test_client().post("/lti/notices", data=body)
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (400, "notice_malformed")


def test_other_methods_are_told_apart(app: Flask) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert app.test_client().open("/lti/notices", method=method).status_code == 405


def test_a_megabyte_is_not_read(app: Flask) -> None:
    answer = app.test_client().post("/lti/notices", data=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413


def test_a_stranger_who_goes_on_is_told_to_wait(app: Flask, tool: Runtime, at: Registered) -> None:
    client = app.test_client()
    answers = [client.post("/lti/notices", data=b"{}") for _ in range(80)]
    assert answers[0].status_code == 400
    assert answers[-1].status_code == 429 and int(answers[-1].headers["Retry-After"]) > 0


def test_a_busy_platform_is_not(app: Flask, tool: Runtime, at: Registered) -> None:
    client = app.test_client()
    for _ in range(80):
        answer = client.post("/lti/notices", json={"notices": [{"jwt": notice(tool, at)}]})
        assert answer.status_code == 200
