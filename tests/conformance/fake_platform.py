"""A scriptable LTI platform on 127.0.0.1: key set, token endpoint, line items, scores and results.

By default it answers as the recorded Moodle 5.1 does. Every answer can be replaced by a scripted one, every request
is recorded. Its issuer is a name (``https://p1.example``), its endpoints are plain http on a free port.
"""

from __future__ import annotations

import json
import secrets
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from .crypto import Key, read_assertion
from .exchange import Answer, Request
from .fake_columns import ColumnList
from .fake_roster import MEMBERS, MemberList
from .tool import Clock

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCORE, RESULT, LINE_ITEM, LINE_ITEM_READ = (
    AGS + name for name in ("score", "result.readonly", "lineitem", "lineitem.readonly")
)
NOTICES = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"


@dataclass
class Grade:
    score: float
    maximum: float
    timestamp: str
    posts: int = 1  # how often a grade was stored for this person and line item


class FakePlatform:
    """One platform with its own keys and endpoints, living by ``clock``."""

    def __init__(
        self,
        issuer: str,
        key: Key,
        clock: Clock,
        tool_url: str,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.issuer, self.key, self.clock, self.tool_url = issuer, key, clock, tool_url
        self.now = clock.now
        self.keys: list[dict[str, Any]] = [key.jwk()]
        self.cache_control: str | None = None
        self.jwks_answer: Answer | None = None  # instead of the key set, until taken away
        self.token_answers: list[Answer] = []  # used up one by one, then the honest answer
        self.token_lifetime: Any = 3600
        self.refused_tokens: set[str] = set()
        self.clients: set[str] = set()
        self.ungradable: set[str] = set()
        self.deleted: set[str] = set()  # paths of line items that are gone
        self.columns: list[dict[str, Any]] = []  # what the container lists, AGS 3.2
        self.column_list = ColumnList(self)
        self.roster = MemberList(self)
        self.grades: dict[tuple[str, str], Grade] = {}  # (line item path, user) -> grade
        self.score_answers: dict[str, list[Answer]] = {}  # line item path or "*" -> scripted answers
        self.apply_before_answer = False  # a scripted score answer comes after the score was stored
        self.score_always: Answer | None = None
        self.requests: list[Request] = []
        self.hung_for: list[float] = []  # seconds until the other side gave a hanging answer up
        self.endless_bytes = 0  # of endless answers, before the reader hung up
        self.faults: list[str] = []  # what a strict authorization server found wrong
        self._tokens: dict[str, tuple[str, frozenset[str], float]] = {}
        self._seen_jti: set[str] = set()
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 1}, daemon=True).start()

    auth_url = property(lambda self: f"{self.url}/auth")
    token_url = property(lambda self: f"{self.url}/token")
    jwks_url = property(lambda self: f"{self.url}/jwks")

    def close(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    def seen(self, path: str, method: str | None = None) -> list[Request]:
        """Requests whose path ends with ``path``, oldest first."""
        with self._lock:
            return [r for r in self.requests if r.path.endswith(path) and method in (None, r.method)]

    def scores(self, line_item: str, user: str | None = None) -> list[Request]:
        """Score posts for one line item (its path), of one person if ``user`` is given."""
        posts = self.seen(f"{line_item}/scores", "POST")
        return [p for p in posts if user is None or p.json.get("userId") == user]

    # -- answering ---------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            if request.path == "/jwks":
                return self.jwks_answer or self._key_set()
            if request.path == "/token":
                return self.token_answers.pop(0) if self.token_answers else self._token(request)
            if request.path.endswith("/scores") and request.method == "POST":
                return self._score(request)
            if request.path.endswith("/results") and request.method == "GET":
                return self._results(request)
            if "/lineitems" in request.path:
                return self.column_list.answer(request)
            if "/memberships" in request.path:
                return self.roster.answer(request)
            if "/notice-handlers" in request.path and request.method == "PUT":
                return Answer(200, request.json) if self._permits(request, NOTICES) else Answer(401, b"")
        return Answer(404, "not here")

    def _key_set(self) -> Answer:
        headers = {"Content-Type": "application/json"}
        if self.cache_control is not None:
            headers["Cache-Control"] = self.cache_control
        return Answer(200, {"keys": self.keys}, headers)

    def _token(self, request: Request) -> Answer:
        """RFC 6749 section 4.4 with the assertion of RFC 7523 and the Security Framework section 4.1."""
        try:
            client, scopes = self._check_token_request(request)
        except OSError:  # the tool's key set cannot be had
            return Answer(503, b"")
        except (ValueError, KeyError, TypeError) as fault:
            self.faults.append(f"token request: {fault}")
            return Answer(400, {"error": "invalid_client"}, {"Content-Type": "application/json"})
        token = secrets.token_hex(16)
        lifetime = self.token_lifetime
        real = lifetime if isinstance(lifetime, int) and lifetime > 0 else 3600
        self._tokens[token] = (client, scopes, self.now() + real)
        body = {"access_token": token, "token_type": "Bearer", "scope": " ".join(sorted(scopes))}
        if lifetime is not None:
            body["expires_in"] = lifetime
        return Answer(200, body, {"Content-Type": "application/json"})

    def _check_token_request(self, request: Request) -> tuple[str, frozenset[str]]:
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            raise ValueError(f"content type {request.headers.get('content-type')!r}")
        form = request.form
        if form["grant_type"] != "client_credentials":
            raise ValueError(f"grant_type {form['grant_type']!r}")
        if form["client_assertion_type"] != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            raise ValueError(f"client_assertion_type {form['client_assertion_type']!r}")
        with urlopen(f"{self.tool_url}/lti/jwks", timeout=5) as answer:
            _, claims = read_assertion(form["client_assertion"], json.load(answer))
        if claims["iss"] != claims["sub"] or claims["iss"] not in self.clients:
            raise ValueError(f"iss {claims['iss']!r} sub {claims['sub']!r}")
        if claims["aud"] not in (self.token_url, [self.token_url]):
            raise ValueError(f"aud {claims['aud']!r}")
        issued, until = claims["iat"], claims["exp"]
        if not any(now - 60 <= issued <= now + 1 and now < until for now in self.clock.moments()):
            raise ValueError(f"iat {issued} exp {until} at {self.now()}")
        if until > issued + 300:
            raise ValueError(f"exp {until} iat {issued}")
        if not isinstance(claims["jti"], str) or len(claims["jti"]) < 16 or claims["jti"] in self._seen_jti:
            raise ValueError("jti missing, short or used before")
        self._seen_jti.add(claims["jti"])
        scopes = frozenset(form["scope"].split())
        if not scopes or not scopes <= {SCORE, RESULT, LINE_ITEM, LINE_ITEM_READ, MEMBERS, NOTICES}:
            raise ValueError(f"scope {form['scope']!r}")
        return claims["iss"], scopes

    def client_of(self, request: Request) -> str:
        """The client whose token a service request carried ('' for none of ours)."""
        return self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "), ("",))[0]

    def _permits(self, request: Request, *scopes: str) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        _, granted, until = self._tokens.get(token, ("", frozenset[str](), 0.0))
        return token not in self.refused_tokens and until > self.now() and not granted.isdisjoint(scopes)

    def _score(self, request: Request) -> Answer:
        line_item = request.path.removesuffix("/scores")
        scripted = self.score_answers.get(line_item) or self.score_answers.get("*")
        fault = scripted.pop(0) if scripted else self.score_always
        if fault is not None and not self.apply_before_answer:
            return fault
        honest = self._store(request, line_item)
        return fault or honest

    def _store(self, request: Request, line_item: str) -> Answer:
        if not self._permits(request, SCORE):
            return Answer(401, b"[]")
        if line_item in self.deleted:
            return Answer(404, b"[]")
        if request.headers.get("content-type", "").split(";")[0] != SCORE_TYPE:
            return Answer(400, b"[]")
        score = request.json
        user = score["userId"]
        if user in self.ungradable:
            return Answer(400, {"status": 400, "reason": "User is not gradable", "request": {}})
        stored = self.grades.get((line_item, user))
        if stored and _whole(score["timestamp"]) <= _whole(stored.timestamp):
            return Answer(409, b"[]")  # Moodle: not newer, in whole seconds
        if score.get("gradingProgress") != "FullyGraded" or "scoreGiven" not in score:
            self.grades.pop((line_item, user), None)
        else:
            posts = stored.posts + 1 if stored else 1
            self.grades[line_item, user] = Grade(
                score["scoreGiven"], score["scoreMaximum"], score["timestamp"], posts
            )
        return Answer(200, '""', {"Content-Type": f"{SCORE_TYPE}; charset=utf-8"})

    def _results(self, request: Request) -> Answer:
        if not self._permits(request, RESULT):
            return Answer(401, b"[]")
        line_item = request.path.removesuffix("/results")
        wanted = request.query.get("user_id")
        found = [
            _result(self.url + line_item, user, grade)
            for (column, user), grade in self.grades.items()
            if column == line_item and wanted in (None, [user])
        ]
        return Answer(200, found, {"Content-Type": "application/vnd.ims.lis.v2.resultcontainer+json"})

    def wait_for_hang_up(self, connection: socket.socket) -> None:
        """Say nothing until the other side gives up."""
        connection.settimeout(0.2)
        while not self.closed:
            with suppress(TimeoutError):
                if connection.recv(1, socket.MSG_PEEK) == b"":
                    return

    @property
    def closed(self) -> bool:
        return self._stop.is_set()


def _whole(timestamp: str) -> int:
    return int(datetime.fromisoformat(timestamp).timestamp())


def _result(line_item: str, user: str, grade: Grade) -> dict[str, Any]:
    return {
        "id": f"{line_item}/results/{user}",
        "userId": user,
        "resultScore": grade.score,
        "resultMaximum": grade.maximum,
        "scoreOf": line_item,
        "timestamp": grade.timestamp,
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is part of the tests."""


def _handler(platform: FakePlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            split = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # the sender died in the middle of it: nothing was asked
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = parse_qs(split.query, keep_blank_values=True)
            answer = platform.answer(
                Request(self.command, split.path, query, headers, body, platform.now(), time.monotonic())
            )
            time.sleep(answer.delay)
            if answer.gate is not None:
                answer.gate.wait(60)
            if answer.hang:
                begin = time.monotonic()
                platform.wait_for_hang_up(self.connection)
                platform.hung_for.append(time.monotonic() - begin)
            if answer.cut or answer.hang:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.endless:
                self.close_connection = True
                self.end_headers()
                while not platform.closed:
                    self.wfile.write(b" " * 65536)  # ends with an exception when the reader hangs up
                    platform.endless_bytes += 65536
                return
            content = answer.content()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = serve

        def log_message(self, *args: object) -> None:
            pass

    return Handler
