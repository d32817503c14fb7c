"""LMSs that nobody would connect: whatever they say, the answer is a page or a refusal with its code.

LMS_TOOL_FUZZ_EXAMPLES says how many to try; ``make test`` tries a few hundred.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from lms_tool.http import Client, Response
from lms_tool.models import Platform
from lms_tool.runtime import Runtime
from lms_tool.services import invitations, registrations, tenants

from .conftest import new_browser

EXAMPLES = int(os.environ.get("LMS_TOOL_FUZZ_EXAMPLES", "300"))
HOST = "https://lms.example.org"
URL = f"{HOST}/openid-configuration"
SPEC = "https://purl.imsglobal.org/spec/"
SLOW = 1.0  # seconds of computing; a busy machine makes any clock on the wall useless

TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "\0", "\ud800", "a" * 3000, "javascript:alert(1)", "http://127.0.0.1/", f"{HOST}/x", f"{HOST}:443/x",
     f"{HOST};script-src *", "https://[::1]/", "https://0x7f000001/", "<script>", "💥", "../..", "moodle", "1\r\nX: y"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(10**400) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
URLS = st.sampled_from(
    [f"{HOST}/x", f"{HOST}:443/y", "https://sso.example.net/x", "https://evil.example/x", f"{HOST}:22/", "https://[::1]/",
     "http://lms.example.org/x", "https://10.0.0.1/", "https://2130706433/", f"{HOST};script-src *", HOST, f"{HOST}/"]
)  # fmt: skip
ADDRESSES = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
ORNAMENTS = (
    "scopes_supported",
    "authorization_server",
    f"{SPEC}lti-platform-configuration",
    "claims_supported",
)
LTI = st.fixed_dictionaries(
    {}, optional={"product_family_code": VALUES, "version": VALUES, "messages_supported": VALUES}
)
CONFIGURATION = st.lists(
    st.tuples(st.sampled_from(ADDRESSES), URLS)
    | st.tuples(st.sampled_from(ADDRESSES) | TEXTS, VALUES)
    | st.tuples(st.sampled_from(ORNAMENTS), VALUES | LTI),
    max_size=3,
).map(dict)
GRANT = st.dictionaries(
    st.sampled_from(
        ["client_id", "redirect_uris", "scope", "error", "error_description", f"{SPEC}lti-tool-configuration"]
    ),
    VALUES | st.fixed_dictionaries({"deployment_id": VALUES}),
    max_size=3,
)
RAW = (
    st.none()
    | st.binary(max_size=200)
    | st.sampled_from([b"[" * 5000, b'{"a":' * 3000, b'{"' * 9000, b'"' * 9000])
)
STATUS = st.sampled_from([*[200] * 20, 201, 204, 302, 400, 401, 404, 500, 503])


TOKENS = st.sampled_from(["", "token", "a.b.c"]) | TEXTS


@dataclass
class Hostile(Client):
    """Takes the outgoing client's place and says what chance made."""

    said: bytes = b""
    status: int = 200
    answer: bytes = b""
    answer_status: int = 200
    asked: list[str] = field(default_factory=list)

    def allows_http(self, host: str) -> bool:
        return False

    def get(self, url: str, accept: str, **more: Any) -> Response:
        self.asked.append(url)
        return Response(self.status, {}, self.said)

    def post(self, url: str, content: bytes, content_type: str, accept: str, **more: Any) -> Response:
        self.asked.append(url)
        return Response(self.answer_status, {}, self.answer)


@pytest.fixture
def lms(app: Flask, tool: Runtime) -> Hostile:
    hostile = Hostile()
    app.extensions["lms_tool"] = replace(tool, client=hostile, public_client=hostile)
    return hostile


def _keep_few(tool: Runtime) -> None:
    """Administrators decide now and then: a long run must not become one about ten thousand rows."""
    with tool.database.write() as db:
        for one in registrations.pending(db, tenants.FIRST)[20:]:
            registrations.reject(db, one["id"], tenants.FIRST, "admin:1", tool.clock(), "c")


def document(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: f"{HOST}/{name}" for name in ADDRESSES} | {"issuer": HOST} | changes


def test_whatever_an_lms_says(app: Flask, tool: Runtime, lms: Hostile) -> None:
    browser = new_browser(app)
    met: Counter[str] = Counter()
    slowest = [0.0]
    codes: list[str] = []

    def invited() -> str:
        if not codes:
            with tool.database.write() as db:
                codes.append(invitations.invite(db, tenants.FIRST, "cli", tool.clock(), "c"))
        return codes[0]

    @seed(20261122)
    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(CONFIGURATION, RAW, STATUS, GRANT, RAW, STATUS, TOKENS)
    def try_one(
        changes: dict[str, Any],
        raw: bytes | None,
        status: int,
        grant: dict[str, Any],
        raw_answer: bytes | None,
        answer_status: int,
        text: str,
    ) -> None:
        lms.said = json.dumps(document(changes)).encode() if raw is None else raw
        granted = {
            "client_id": f"c-{sum(met.values())}",
            f"{SPEC}lti-tool-configuration": {"deployment_id": "1"},
        }
        lms.answer = json.dumps(granted | grant).encode() if raw_answer is None else raw_answer
        lms.status, lms.answer_status = status, answer_status
        text = text.encode(errors="replace").decode()  # a browser sends no half characters
        path = f"/lti/register/{invited()}"
        fields = {"openid_configuration": URL, "registration_token": text, "name": text}
        begin = time.thread_time()
        shown = browser.get(path, query_string=fields)
        pressed = browser.post(path, data=fields)
        slowest[0] = max(slowest[0], time.thread_time() - begin)
        for answer in (shown, pressed):
            assert answer.status_code < 500, answer.headers.get("X-LTI-Error")
            assert (answer.status_code == 200) is ("X-LTI-Error" not in answer.headers)
            assert "script-src *" not in answer.headers["Content-Security-Policy"]
        if pressed.status_code == 200:
            codes.clear()
            _keep_few(tool)
        met["stored" if pressed.status_code == 200 else pressed.headers["X-LTI-Error"]] += 1

    try_one()
    assert slowest[0] < 2 * SLOW, "two requests"
    asked = {(parts.scheme, parts.hostname, parts.port or 443) for parts in map(urlsplit, lms.asked)}
    assert asked == {("https", "lms.example.org", 443)}, "asked an address of somebody else"
    with tool.database.read() as db:
        rows = db.execute(Platform.__table__.select()).all()
    assert len(rows) == len({row.client_id for row in rows}) <= met["stored"]
    assert {row.status for row in rows} <= {"pending"} and {row.issuer for row in rows} <= {HOST, f"{HOST}/"}
    assert len(met) >= 6, f"the fuzz reaches too little: {met}"
    print(dict(met), f"slowest {slowest[0]:.3f} s")
