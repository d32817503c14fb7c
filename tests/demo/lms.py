"""One demo LMS under test: its application, a clock set by hand, and a tool's key set served over HTTP."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient

from lms_tool.demo.config import ALL_SCOPES, LmsConfig
from lms_tool.demo.lms import create_lms
from lms_tool.demo.platform import Platform

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def quiet_port(offset: int = 0) -> int:
    """Where to look for a free port: below the system's own choices, apart from other test processes."""
    return 20_000 + os.getpid() % 1_000 * 10 + offset


@dataclass
class ToolKeys:
    """The tool's side of the token endpoint: keys, and a real server that shows the public ones."""

    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    fetched: int = 0
    broken: bool = False
    url: str = ""

    def add(self, kid: str) -> None:
        self.keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def shown(self) -> dict[str, Any]:
        algorithm = jwt.algorithms.RSAAlgorithm
        return {
            "keys": [
                json.loads(algorithm.to_jwk(key.public_key())) | {"kid": kid, "alg": "RS256", "use": "sig"}
                for kid, key in self.keys.items()
            ]
        }

    @contextmanager
    def served(self) -> Iterator[None]:
        tool = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tool.fetched += 1
                self.send_response(500 if tool.broken else 200)
                self.end_headers()
                self.wfile.write(json.dumps(tool.shown()).encode())

            def log_message(self, *args: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_address[1]}/lti/jwks"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            yield
            server.shutdown()
            thread.join()


class Lms:
    def __init__(self, config: LmsConfig, tool: ToolKeys, now: float = 1_795_289_270.0) -> None:
        self.config = config
        self.tool = tool
        self.now = now
        self.app: Flask = create_lms(config, clock=lambda: self.now)
        self.client: FlaskClient = self.app.test_client()
        self.platform: Platform = self.app.extensions["demo_lms"]

    def assertion(self, kid: str = "tool-1", *, drop: tuple[str, ...] = (), **changes: Any) -> str:
        now = int(self.now)
        client = self.config.client_id
        claims: dict[str, Any] = {
            "iss": client,
            "sub": client,
            "aud": f"{self.config.base_url}/mod/lti/token.php",
        }
        claims |= {"iat": now, "exp": now + 60, "jti": "same", **changes}
        claims = {name: value for name, value in claims.items() if name not in drop}
        return jwt.encode(claims, self.tool.keys[kid], algorithm="RS256", headers={"kid": kid})

    def ask_token(self, **changes: str) -> Any:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": changes.get("client_assertion") or self.assertion(),
            "scope": " ".join(ALL_SCOPES),
        }
        return self.client.post("/mod/lti/token.php", data=form | changes)

    def token(self, *scopes: str) -> str:
        answer = json.loads(self.ask_token(scope=" ".join(scopes or ALL_SCOPES)).data)
        access: str = answer["access_token"]
        return access

    def enter(self, username: str) -> FlaskClient:
        """A browser of its own that somebody entered with."""
        browser = self.app.test_client()
        assert browser.get(f"/enter/{username}").status_code == 302
        return browser

    def grade(self, item: int, person: int) -> str:
        """``raw|rawmax|final|feedback|timemodified``, as the recordings write it; empty: no row."""
        with self.platform.store.reading() as db:
            row = db.execute(
                "SELECT grade.*, maximum, datetime(modified, 'unixepoch') AS at FROM grade"
                " JOIN grade_item ON grade_item.id = item_id WHERE item_id = ? AND person_id = ?",
                (item, person),
            ).fetchone()
        if row is None:
            return ""
        points = ["NULL" if row[name] is None else f"{row[name]:.5f}" for name in ("raw", "maximum", "final")]
        return "|".join([*points, row["feedback"], row["at"] or "NULL"])

    def completion(self, item: int, person: int) -> str | None:
        """The completion state's number, ``none`` without one; ``None`` for a column without an activity."""
        with self.platform.store.reading() as db:
            column = db.execute("SELECT activity_id FROM grade_item WHERE id = ?", (item,)).fetchone()
            if column is None or column["activity_id"] is None:
                return None
            row = db.execute(
                "SELECT state FROM completion WHERE activity_id = ? AND person_id = ?",
                (column["activity_id"], person),
            ).fetchone()
        return "none" if row is None else str(row["state"])
