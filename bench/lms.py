"""The LMS of the benchmark: one key, its key set on a loopback port, and signed id_tokens."""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ISSUER = "https://lms.example"
CLIENT_ID = "lms-tool-bench"
DEPLOYMENT_ID = "1"
KEY_ID = "bench"
LIFETIME = 60  # seconds an id_token is valid

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/"
OUTCOMES = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


@dataclass(frozen=True)
class Tool:
    """A tool under test, as its LMS knows it."""

    name: str
    login_url: str
    launch_url: str


def person_name(number: int) -> str:
    return f"Käthe Müller-{number:07d}"


class Signer:
    """Makes the id_tokens. Each client process has one."""

    def __init__(self, pem: bytes) -> None:
        key = serialization.load_pem_private_key(pem, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key
        self._head = _b64(json.dumps({"typ": "JWT", "alg": "RS256", "kid": KEY_ID}).encode())

    def id_token(self, person: int, nonce: str, target: str) -> str:
        """A launch of ``person`` with the claims a Moodle sends, services included; about 3 kB."""
        claims = json.dumps(_claims(person, nonce, target)).encode()
        message = self._head + b"." + _b64(claims)
        return (message + b"." + _b64(self._key.sign(message, padding.PKCS1v15(), hashes.SHA256()))).decode()


class KeySetServer:
    """Serves the public key set until the process ends. ``fetches`` counts how often it was asked for."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.fetches = 0
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(_key_set(key.public_key())))
        self.base_url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def _handler(self, body: bytes) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.fetches += 1
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "max-age=3600")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def _claims(person: int, nonce: str, target: str) -> dict[str, Any]:
    now = int(time.time())
    course = f"{ISSUER}/mod/lti/services.php/77"
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": f"person-{person}",
        "iat": now,
        "exp": now + LIFETIME,
        "nonce": nonce,
        "name": person_name(person),
        "given_name": "Käthe",
        "family_name": person_name(person).rpartition(" ")[2],
        "email": f"person-{person}@gemeinde.example",
    }
    message = {
        "deployment_id": DEPLOYMENT_ID,
        "message_type": "LtiResourceLinkRequest",
        "version": "1.3.0",
        "target_link_uri": target,
        "roles": [f"{LIS}membership#Learner"],
        "context": {
            "id": "77",
            "label": "navi-26",
            "title": "Digital-Navigatoren 2026",
            "type": ["CourseSection"],
        },
        "resource_link": {"id": "501", "title": "Basis-Befähigung", "description": ""},
        "launch_presentation": {
            "locale": "de",
            "document_target": "iframe",
            "return_url": f"{ISSUER}/mod/lti/return.php?course=77&launch_container=3&instanceid=501",
        },
        "tool_platform": {
            "guid": "lms.example",
            "name": "Lernplattform",
            "description": "Lernplattform der Gemeinden",
            "product_family_code": "moodle",
            "version": "2025100600",
        },
        "lis": {"person_sourcedid": "", "course_section_sourcedid": "NAVI-2026"},
        "ext": {"user_username": f"person-{person}", "lms": "moodle-2"},
        "custom": {"context_memberships_url": f"{course}/memberships"},
    }
    claims.update({LTI + name: value for name, value in message.items()})
    result_id = {"data": {"instanceid": "501", "userid": str(person), "typeid": "3"}, "hash": "0f" * 32}
    claims[OUTCOMES] = {
        "lis_result_sourcedid": json.dumps(result_id),
        "lis_outcome_service_url": f"{ISSUER}/mod/lti/service.php",
    }
    scopes = ("lineitem", "lineitem.readonly", "result.readonly", "score")
    claims[f"{AGS}claim/endpoint"] = {
        "scope": [f"{AGS}scope/{name}" for name in scopes],
        "lineitems": f"{course}/lineitems?type_id=3",
        "lineitem": f"{course}/lineitems/9/lineitem?type_id=3",
    }
    claims[NRPS] = {"context_memberships_url": f"{course}/memberships", "service_versions": ["1.0", "2.0"]}
    return claims


def _key_set(key: rsa.RSAPublicKey) -> bytes:
    numbers = key.public_numbers()
    public = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID}
    public |= {"n": _b64_number(numbers.n), "e": _b64_number(numbers.e)}
    return json.dumps({"keys": [public]}).encode()


def _b64_number(number: int) -> str:
    return _b64(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()


def _b64(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
