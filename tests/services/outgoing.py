"""The other end of the wire: ``get`` and ``post`` like the outgoing client's, and a platform behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import builders

from lms_tool.http import Response

SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = builders.NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass(frozen=True)
class Sent:
    """One request that went out."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


Said = Response | Exception | Callable[[], Response | None]


def answer(status: int, body: bytes = b"", **headers: str) -> Response:
    """An answer; header names are given with underscores."""
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@dataclass
class Wire:
    """A platform by Moodle's rules. ``script[ending]`` is said first, one after the other, for paths ending so.

    A scripted function is called in the middle of the exchange; what it returns is the answer, None means the honest
    one.
    """

    script: dict[str, list[Said]] = field(default_factory=dict)
    always: dict[str, Said] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    grades: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    columns: list[dict[str, Any]] = field(default_factory=list)
    forgets_links: bool = False  # columns that are made belong to no placement
    after_making: Exception | None = None  # once: the column is made, its answer gets lost
    keys: bytes = b'{"keys": []}'

    def get(
        self,
        url: str,
        accept: str,
        *,
        max_bytes: int = 0,
        total_timeout: float = 0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        return self._exchange(Sent("GET", url, b"", {"Accept": accept, **(headers or {})}))

    def post(
        self,
        url: str,
        content: bytes,
        content_type: str,
        accept: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 0,
        total_timeout: float = 0,
    ) -> Response:
        kept = {"Accept": accept, "Content-Type": content_type, **(headers or {})}
        return self._exchange(Sent("POST", url, content, kept))

    def put(
        self,
        url: str,
        content: bytes,
        content_type: str,
        accept: str,
        *,
        headers: Mapping[str, str] | None = None,
        total_timeout: float = 0,
    ) -> Response:
        kept = {"Accept": accept, "Content-Type": content_type, **(headers or {})}
        return self._exchange(Sent("PUT", url, content, kept))

    def allows_http(self, host: str) -> bool:
        """Everything here stands for the internet."""
        return False

    def to(self, ending: str) -> list[Sent]:
        """What was sent to addresses with this end, oldest first."""
        return [sent for sent in self.sent if sent.path.endswith(ending)]

    def _exchange(self, request: Sent) -> Response:
        self.sent.append(request)
        said: Said | None = None
        for ending, waiting in self.script.items():
            if request.path.endswith(ending) and waiting:
                said = waiting.pop(0)
                break
        else:
            said = next((said for ending, said in self.always.items() if request.path.endswith(ending)), None)
        if isinstance(said, Exception):
            raise said
        if callable(said):
            said = said()
        return said or self.honest(request)

    def honest(self, request: Sent) -> Response:
        if request.path.endswith("/jwks"):
            return answer(200, self.keys)
        if request.path.endswith("/token"):
            self.tokens.append(f"token-{len(self.tokens) + 1}")
            granted = {"access_token": self.tokens[-1], "expires_in": 3600, "scope": request.form["scope"]}
            return answer(200, json.dumps(granted | {"token_type": "Bearer"}).encode())
        if request.headers.get("Authorization") not in {f"Bearer {token}" for token in self.tokens}:
            return answer(401, b"[]")
        if request.path.endswith("/scores"):
            return self._store(request)
        if request.path.endswith("/results"):
            return self._result(request)
        if request.path.endswith("/lineitems"):
            return self._make(request) if request.method == "POST" else self._listed(request)
        return answer(404)

    def _listed(self, request: Sent) -> Response:
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        wanted = {names[name]: value for name, value in query.items() if name in names}
        found = [c for c in self.columns if all(c.get(name) == value for name, value in wanted.items())]
        return answer(200, json.dumps(found).encode())

    def _make(self, request: Sent) -> Response:
        container, _, query = request.url.partition("?")
        made = {**request.json, "id": f"{container}/{len(self.columns) + 1}/lineitem?{query}"}
        if self.forgets_links:
            del made["resourceLinkId"]
        self.columns.append(made)
        if self.after_making is not None:
            lost, self.after_making = self.after_making, None
            raise lost
        return answer(201, json.dumps(made).encode())

    def _store(self, request: Sent) -> Response:
        score = request.json
        where = request.path.removesuffix("/scores"), score["userId"]
        there = self.grades.get(where)
        if there and _seconds(score) <= _seconds(there):
            return answer(409, b"[]")
        self.grades[where] = score
        return answer(200, b'""')

    def _result(self, request: Sent) -> Response:
        wanted = parse_qs(urlsplit(request.url).query).get("user_id")
        column = request.path.removesuffix("/results")
        found = [
            {"userId": user, "resultScore": there["scoreGiven"], "resultMaximum": there["scoreMaximum"]}
            for (path, user), there in self.grades.items()
            if path == column and wanted in (None, [user])
        ]
        return answer(200, json.dumps(found).encode())


def _seconds(score: dict[str, Any]) -> int:
    """Moodle compares whole seconds."""
    return int(datetime.fromisoformat(score["timestamp"]).timestamp())
