"""A platform of a few lines: signs whatever it is told to, so that each test changes one thing."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from lms_tool.lti import (
    KeySet,
    Launch,
    LtiError,
    Registration,
    issue,
    parse_key_set,
    parse_token,
    read_state,
    verify,
)
from lms_tool.lti.launch import https_only

NOW = 1_795_290_000
SECRET = b"a secret of the tool for these tests"
BASE_URL = "https://tool.example"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/"


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Platform:
    key: RSAPrivateKey
    issuer: str = "https://p1.example"
    client_id: str = "c-one"
    kid: str = "k1"
    published: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.published = [{**self.jwk(), "alg": "RS256", "use": "sig"}]

    def jwk(self) -> dict[str, Any]:
        return {
            **RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True),
            "kid": self.kid,
            "key_ops": ["verify"],
        }

    def key_set(self) -> KeySet:
        return parse_key_set(json.dumps({"keys": self.published}).encode())

    def claims(self, nonce: str) -> dict[str, Any]:
        """BASE of the conformance list."""
        return {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "u-1",
            "iat": NOW,
            "exp": NOW + 60,
            "nonce": nonce,
            "name": "Petra Sommer",
            "given_name": "Petra",
            "family_name": "Sommer",
            "email": "petra.sommer@mulderode.example",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "version": "1.3.0",
            LTI + "deployment_id": "d1",
            LTI + "target_link_uri": BASE_URL + "/lti/launch",
            LTI + "resource_link": {"id": "rl-1", "title": "Modul 1"},
            LTI + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            LTI + "context": {
                "id": "ctx-1",
                "label": "BB",
                "title": "Basis-Befähigung",
                "type": ["CourseSection"],
            },
            AGS + "claim/endpoint": {
                "scope": [AGS + "scope/score", AGS + "scope/result.readonly"],
                "lineitems": "https://p1.example/lineitems?type_id=1",
                "lineitem": "https://p1.example/lineitems/2/lineitem?type_id=1",
            },
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": "https://p1.example/memberships",
                "service_versions": ["1.0", "2.0"],
            },
        }

    def sign(self, payload: bytes | dict[str, Any], header: dict[str, Any] | None = None) -> str:
        if header is None:
            header = {"alg": "RS256", "typ": "JWT", "kid": self.kid}
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        signing_input = f"{base64url(json.dumps(header).encode())}.{base64url(raw)}"
        signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(signing_input.encode(), self.key)
        return f"{signing_input}.{base64url(signature)}"


@dataclass
class Tool:
    platform: Platform

    def __post_init__(self) -> None:
        self.pending = issue(SECRET, 7, NOW)

    def accept(
        self,
        change: Callable[[dict[str, Any]], object] | None = None,
        *,
        now: int = NOW,
        allow_http: Callable[[str], bool] = https_only,
        header: dict[str, Any] | None = None,
    ) -> Launch:
        """What becomes of BASE after ``change``."""
        claims = self.platform.claims(self.pending.nonce)
        if change is not None:
            change(claims)
        token = parse_token(self.platform.sign(claims, header))
        return verify(
            token,
            self.platform.key_set().candidates(token.kid),
            Registration(self.platform.issuer, self.platform.client_id),
            read_state(SECRET, self.pending.state),
            secret=SECRET,
            base_url=BASE_URL,
            now=now,
            allow_http=allow_http,
        )


Claims = dict[str, Any]
ABSENT = object()


def put(**values: Any) -> Callable[[Claims], None]:
    """Set plain claims, or LTI claims by their short name; ABSENT removes."""
    plain = {
        "iss",
        "aud",
        "azp",
        "sub",
        "iat",
        "exp",
        "nbf",
        "nonce",
        "name",
        "locale",
        "given_name",
        "family_name",
    }

    def change(claims: Claims) -> None:
        for name, value in values.items():
            key = name if name in plain else LTI + name
            if value is ABSENT:
                claims.pop(key, None)
            else:
                claims[key] = value

    return change


def refused(tool: Tool, change: Callable[[Claims], object] | None, **options: Any) -> LtiError:
    with pytest.raises(LtiError) as caught:
        tool.accept(change, **options)
    return caught.value
