"""Launches that nobody would send: whatever the token holds, the answer is a launch or a refusal with its code.

LMS_TOOL_FUZZ_EXAMPLES says how many to try; ``make test`` tries a few hundred. Most tokens are signed by the platform
itself: behind the signature the more code is reached, and a hostile platform can sign what it likes.
"""

from __future__ import annotations

import gc
import json
import os
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from builders import course, publish
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import update

from lms_tool.lti import state as states
from lms_tool.models import Platform
from lms_tool.runtime import Runtime
from lms_tool.services import platforms
from lms_tool.services.platforms import NewPlatform

from .conftest import ORIGIN

EXAMPLES = int(os.environ.get("LMS_TOOL_FUZZ_EXAMPLES", "300"))
KEY = generate_private_key(65537, 2048)
ISSUER = "https://p1.example"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
SPEC = "https://purl.imsglobal.org/spec/"

TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["", "\0", "\ud800", "a" * 5000, "javascript:alert(1)", "https://p1.example/x?y#z", "http://127.0.0.1/", "1.3.0",
     "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest", "$Context.id.history", "1,2", "true", "💥", "%00", "../.."]
)  # fmt: skip
NUMBERS = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, -1, 10**400, 1e308])
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["iss", "aud", "azp", "sub", "iat", "exp", "nbf", "nonce", "name", "email", "locale", "given_name", "family_name"]
    + [LTI + name for name in (
        "message_type", "version", "deployment_id", "target_link_uri", "resource_link", "roles", "context", "custom",
        "launch_presentation", "role_scope_mentor", "for_user", "lti1p1", "tool_platform", "lis",
        "platformnotificationservice")]
    + [SPEC + name for name in (
        "lti-ags/claim/endpoint", "lti-nrps/claim/namesroleservice", "lti-dl/claim/deep_linking_settings")]
)  # fmt: skip
INSIDE = st.sampled_from(
    ["id", "title", "label", "type", "scope", "lineitem", "lineitems", "context_memberships_url", "service_versions",
     "deep_link_return_url", "accept_types", "accept_multiple", "data", "return_url", "locale", "user_id", "module_id",
     "activity_id", "course_id", "placement_id", "context_history", "link_history", "report",
     "oauth_consumer_key", "oauth_consumer_key_sign"]
)  # fmt: skip
CHANGES = st.lists(
    st.tuples(st.just("set"), NAMES, VALUES)
    | st.tuples(st.just("drop"), NAMES, st.none())
    | st.tuples(st.just("inside"), NAMES, st.tuples(INSIDE, VALUES))
    | st.tuples(st.just("add"), TEXTS, VALUES),
    min_size=1,
    max_size=4,
)
HEADERS = st.just({}) | st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "jku", "x5u", "jwk", "crit", "b64", "zip", "cty"]),
    VALUES,
    max_size=3,
)
DAMAGE = st.integers(0, 9).flatmap(  # seldom: damaged JSON is refused before anything is looked at
    lambda n: st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=4)) if n == 0 else st.none()
)


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def as_json(value: object) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


class Front:
    """The tool with one platform, and logins in progress."""

    def __init__(self, app: Flask, tool: Runtime) -> None:
        self.client = app.test_client(use_cookies=False)
        self.tool = tool
        self.now = int(tool.clock().timestamp())
        self.codes: Counter[str] = Counter()
        self.slowest = 0.0
        self.collecting = (
            0.0  # CPU seconds of the request under way that went into Python's garbage collection
        )
        self.longest_collecting = 0.0
        jwk = {
            **RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True),
            "kid": "k1",
            "alg": "RS256",
            "use": "sig",
        }
        with tool.database.write() as db:
            publish(db, course())
            self.platform = platforms.add(
                db,
                NewPlatform(
                    issuer=ISSUER,
                    client_id="c-one",
                    auth_login_url=f"{ISSUER}/auth",
                    token_url=f"{ISSUER}/token",
                    jwks_url=f"{ISSUER}/jwks",
                    deployment_ids=("d1",),
                ),
                tool.clock(),
            )
            db.execute(
                update(Platform).values(
                    jwks=as_json({"keys": [jwk]}),
                    jwks_fetched_at=tool.clock(),
                    jwks_expires_at=tool.clock().replace(year=2099),
                    jwks_refetched_at=tool.clock().replace(year=2099),  # no kid is worth a fetch
                )
            )
        self.begin()

    def begin(self) -> None:
        self.pending = states.issue(self.tool.state_secret, self.platform.id, self.now)

    def claims(self) -> dict[str, Any]:
        return {
            "iss": ISSUER,
            "aud": "c-one",
            "sub": "u-1",
            "iat": self.now,
            "exp": self.now + 60,
            "nonce": self.pending.nonce,
            "name": "Petra Sommer",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "version": "1.3.0",
            LTI + "deployment_id": "d1",
            LTI + "target_link_uri": f"{ORIGIN}/lti/launch",
            LTI + "resource_link": {"id": "rl-1", "title": "Modul 1"},
            LTI + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            LTI + "context": {"id": "ctx-1", "title": "Kurs"},
            LTI + "custom": {"module_id": "m1"},
            SPEC + "lti-ags/claim/endpoint": {
                "scope": [SPEC + "lti-ags/scope/score", SPEC + "lti-ags/scope/lineitem"],
                "lineitems": f"{ISSUER}/lineitems",
                "lineitem": f"{ISSUER}/lineitems/1",
            },
            SPEC + "lti-nrps/claim/namesroleservice": {
                "context_memberships_url": f"{ISSUER}/members",
                "service_versions": ["2.0"],
            },
            SPEC + "lti-dl/claim/deep_linking_settings": {
                "deep_link_return_url": f"{ISSUER}/return",
                "accept_types": ["ltiResourceLink"],
                "accept_presentation_document_targets": ["iframe"],
            },
        }

    def token(self, payload: bytes, header: dict[str, Any]) -> str:
        signed = f"{encode(as_json({'alg': 'RS256', 'typ': 'JWT', 'kid': 'k1'} | header))}.{encode(payload)}"
        return f"{signed}.{encode(RSAAlgorithm(RSAAlgorithm.SHA256).sign(signed.encode(), KEY))}"

    def collects(self, phase: str, _: dict[str, int]) -> None:
        """Take the time of a garbage collection: what it walks through is nearly all the fuzzer's own memory."""
        self.collecting += time.process_time() * (1 if phase == "stop" else -1)

    def post(self, token: bytes) -> None:
        """Send it as a browser would that began the login; whatever comes, it is an answer we meant to give."""
        self.collecting = 0.0
        begun = time.process_time()
        answer = self.client.post(
            "/lti/launch",
            data={"state": self.pending.state, "id_token": token},
            headers={"Cookie": f"{self.pending.cookie_name}={self.pending.cookie_value}"},
            base_url=ORIGIN,
        )
        self.slowest = max(self.slowest, time.process_time() - begun - self.collecting)
        self.longest_collecting = max(self.longest_collecting, self.collecting)
        code = answer.headers.get("X-LTI-Error", "")
        self.codes[code or str(answer.status_code)] += 1
        assert answer.status_code == 303 or 400 <= answer.status_code < 500, (answer.status_code, code)
        if answer.status_code == 303:
            assert answer.headers["Location"].startswith("/k/")
            self.begin()
        else:
            assert code
            assert "Traceback" not in answer.text


@pytest.fixture
def front(app: Flask, tool: Runtime) -> Iterator[Front]:
    made = Front(app, tool)
    gc.callbacks.append(made.collects)
    yield made
    gc.callbacks.remove(made.collects)
    print(
        f"slowest {made.slowest:.3f} s, garbage collection within a request at most {made.longest_collecting:.3f} s"
        f" over {len(gc.get_objects())} objects;",
        made.codes.most_common(),
    )


@settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(changes=CHANGES, header=HEADERS, damage=DAMAGE, twice=st.integers(0, 19).map(lambda n: n == 0))
def test_any_claims_a_platform_may_sign(
    front: Front, changes: list[Any], header: dict[str, Any], damage: tuple[int, bytes] | None, twice: bool
) -> None:
    claims = front.claims()
    for kind, name, value in changes:
        if kind == "drop":
            claims.pop(name, None)
        elif kind == "inside":
            part = claims.setdefault(name, {})
            if isinstance(part, dict):
                part[value[0]] = value[1]
        else:
            claims[name] = value
    payload = as_json(claims)
    if twice:
        payload = payload[:-1] + b', "sub": "u-2"}'
    if damage is not None:
        at = damage[0] % len(payload)
        payload = payload[:at] + damage[1] + payload[at + len(damage[1]) :]
    front.post(front.token(payload, header).encode())


@settings(
    max_examples=max(EXAMPLES // 10, 50),
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.binary(max_size=300)
    | st.lists(st.binary(max_size=80).map(encode), max_size=5).map(".".join).map(str.encode)
)
def test_any_bytes_at_all(front: Front, token: bytes) -> None:
    front.post(token)


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"sub": "' + b"x" * 240_000 + b'"}',
        b'{"exp": 1e999999, "iat": ' + b"9" * 5_000 + b"}",
        b'{"\\ud800": "\\udfff"}',
        b"{" + b",".join(b'"%d": 1' % n for n in range(20_000)) + b"}",
    ],
    ids=["deep list", "deep object", "long", "huge numbers", "surrogates", "many keys"],
)
def test_monsters(front: Front, payload: bytes) -> None:
    front.post(front.token(payload, {}).encode())
