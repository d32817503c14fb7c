"""A platform that fetches our key set once a day and refuses what that copy does not prove."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import jwt
from outgoing import Clock, Sent, Wire, answer

from lms_tool.database import Database
from lms_tool.http import Response
from lms_tool.services import tool_keys

DAY = timedelta(days=1)


class Caching:
    """A platform that keeps our key set for a day, and refuses what that copy does not prove."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.copied_at: datetime | None = None
        self.keys: dict[str, Any] = {}
        self.refused: list[str] = []
        self.taken: set[str] = set()
        self.lock = Lock()

    def copy(self) -> None:
        now = self.clock()
        with self.lock:
            if self.copied_at is None or now - self.copied_at >= DAY:
                with self.database.read() as db:
                    found = tool_keys.public_set(db, now)["keys"]
                self.keys = {key["kid"]: jwt.PyJWK(key) for key in found}
                self.copied_at = now

    def token(self, request: Sent) -> Response:
        self.copy()
        assertion = request.form["client_assertion"]
        kid = jwt.get_unverified_header(assertion)["kid"]
        if kid not in self.keys:
            self.refused.append(kid)
            return answer(401, b'{"error": "invalid_client"}')
        jwt.decode(
            assertion,
            self.keys[kid],
            algorithms=["RS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
        )
        self.taken.add(kid)
        granted = {"access_token": "t", "expires_in": 1, "scope": request.form["scope"]}
        return answer(200, json.dumps(granted | {"token_type": "Bearer"}).encode())


class Asking(Wire):
    """A wire with that platform at its end."""

    def __init__(self, platform: Caching) -> None:
        super().__init__()
        self.platform = platform

    def honest(self, request: Sent) -> Response:
        return self.platform.token(request)
