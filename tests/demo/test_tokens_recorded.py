"""The token endpoint: the recorded variants of assertion and form, and the tool's key set over HTTP."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lms_tool.demo.config import ALL_SCOPES

from . import recorded
from .lms import Lms, ToolKeys

RECORDED = {call["label"]: call for call in recorded.load("token-endpoint")}


def _assertion_for(lms: Lms, label: str) -> str:
    now = int(lms.now)
    changes: dict[str, dict[str, Any]] = {
        "unknown-client": {"iss": "nobody", "sub": "nobody"},
        "expired-assertion": {"iat": now - 600, "exp": now - 300},
        "iat-in-future-120s": {"iat": now + 120, "exp": now + 300},
        "wrong-aud": {"aud": "https://elsewhere.test"},
        "aud-is-issuer": {"aud": recorded.ISSUER},
    }
    good = lms.assertion(drop=("jti",) if label == "no-jti" else (), **changes.get(label, {}))
    if label == "garbage-assertion":
        return "a.b.c"
    if label == "bad-signature":
        head, claims, signature = good.split(".")
        turned = bytes(byte ^ 1 for byte in base64.urlsafe_b64decode(signature + "=="))
        return f"{head}.{claims}.{base64.urlsafe_b64encode(turned).decode().rstrip('=')}"
    return good


@pytest.mark.parametrize("label", RECORDED)
def test_a_recorded_request_is_answered_as_recorded(lms: Lms, label: str) -> None:
    call = RECORDED[label]
    request, body = call["request"], call["request"]["body"]
    # The recorder's keys are gone: the same assertion, newly signed.
    if body and "client_assertion" in body:
        body = body | {"client_assertion": _assertion_for(lms, label)}
    if request["headers"].get("Content-Type") == "application/json":
        answer = lms.client.post("/mod/lti/token.php", json=body)
    else:
        answer = lms.client.open("/mod/lti/token.php", method=request["method"], data=body)
    assert answer.status_code == call["response"]["status"]
    assert answer.content_type == call["response"]["headers"]["Content-Type"]
    got, wanted = json.loads(answer.data), call["response"]["body"]
    if "access_token" in wanted:
        assert len(got["access_token"]) == len(wanted["access_token"])
        got, wanted = got | {"access_token": ""}, wanted | {"access_token": ""}
    if label == "iat-in-future-120s":
        wanted = {"error": "Cannot handle token with iat prior to 2026-11-21T20:29:50+0100"}
    assert got == wanted


def test_the_key_set_is_fetched_once_and_again_only_when_a_check_fails(lms: Lms, tool: ToolKeys) -> None:
    lms.token()
    lms.token()
    assert tool.fetched == 1
    tool.add("tool-2")
    assert lms.ask_token(client_assertion=lms.assertion("tool-2")).status_code == 200
    assert tool.fetched == 2
    lms.token()
    assert tool.fetched == 2


def test_without_the_key_set_there_is_an_html_page_and_no_token(lms: Lms, tool: ToolKeys) -> None:
    tool.broken = True
    answer = lms.ask_token()
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert b"access_token" not in answer.data


def test_an_assertion_signed_with_the_public_key_as_secret_is_refused(lms: Lms, tool: ToolKeys) -> None:
    claims = {"iss": lms.config.client_id, "sub": lms.config.client_id, "exp": int(lms.now) + 60}
    parts = [{"alg": "HS256", "typ": "JWT", "kid": "tool-1"}, claims]
    signed = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
    pem = tool.keys["tool-1"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    seal = hmac.digest(pem, signed.encode(), "sha256")
    forged = f"{signed}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"
    answer = lms.ask_token(client_assertion=forged)
    assert (answer.status_code, json.loads(answer.data)) == (
        400,
        {"error": "Incorrect key for this algorithm"},
    )


@pytest.mark.parametrize("kid", [None, "nobody"])
def test_a_key_that_is_not_shown_is_refused(lms: Lms, tool: ToolKeys, kid: str | None) -> None:
    claims = {"sub": lms.config.client_id, "exp": int(lms.now) + 60}
    headers = {"kid": kid} if kid else {}
    assertion = jwt.encode(claims, tool.keys["tool-1"], algorithm="RS256", headers=headers)
    answer = lms.ask_token(client_assertion=assertion)
    assert answer.status_code == 400
    assert json.loads(answer.data)["error"].startswith('"kid" ')


def test_only_granted_scopes_are_given(lms: Lms) -> None:
    answer = json.loads(lms.ask_token(scope=f"{ALL_SCOPES[3]} https://example.test/other").data)
    assert answer["scope"] == ALL_SCOPES[3]
