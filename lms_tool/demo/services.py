"""What all services share: finding the handler by path and media type, access tokens, the shape of errors.

Media types are compared exactly, as the recorded Moodle does: a list of two types in ``Accept`` finds no
handler.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from lms_tool.demo.platform import Platform
from lms_tool.demo.tokens import granted

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


class Refused(Exception):
    """A service says no. Without a reason of its own, HTTP's phrase for the status stands there."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason or HTTPStatus(status).phrase


class Crashed(Exception):
    """Moodle's own mistake: ends in its general error page, an HTML 404."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a service. ``kind``: the media type that counts: for GET the answer's."""

    platform: Platform
    method: str
    ids: Mapping[str, str]
    kind: str
    body: bytes
    args: Mapping[str, str]

    def id(self, name: str) -> int:
        return int(self.ids[name])

    def whole(self, name: str) -> int | None:
        """A query value that must be a whole number; anything else counts as absent."""
        text = self.args.get(name, "")
        return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None


@dataclass(frozen=True, slots=True)
class Answer:
    body: str = ""
    kind: str = ""
    status: int = 200
    reason: str = "OK"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """``formats``: media types it knows. ``scopes``: per method, any one of which opens it."""

    path: str
    formats: tuple[str, ...]
    scopes: Mapping[str, tuple[str, ...]]
    execute: Callable[[Call], Answer]
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[0-9]{1,9})", self.path)
        object.__setattr__(self, "pattern", re.compile(pattern))


def blueprint(platform: Platform, resources: tuple[Resource, ...]) -> Blueprint:
    """``/mod/lti/services.php/…`` over the given resources."""
    services = Blueprint("services", __name__)

    @services.route("/mod/lti/services.php/<path:path>", methods=METHODS, provide_automatic_options=False)
    def serve(path: str) -> Response:
        try:
            return _response(_dispatch(platform, resources, f"/{path}"))
        except Refused as refusal:
            return _response(_error(refusal))

    return services


def _dispatch(platform: Platform, resources: tuple[Resource, ...], path: str) -> Answer:
    get, delete = request.method in ("GET", "HEAD"), request.method == "DELETE"
    accept = request.headers.get("Accept", "") if get else ""
    content_type = "" if get else request.headers.get("Content-Type", "").split(";", 1)[0]
    for resource in resources:
        if get and accept and "*/*" not in accept and accept not in resource.formats:
            continue
        if not get and not delete and content_type not in resource.formats:
            continue
        match = resource.pattern.fullmatch(path)
        if match is None:
            continue
        method = "GET" if get else request.method
        if method not in resource.scopes:
            raise Refused(405)
        kind = accept if get else content_type
        call = Call(platform, method, match.groupdict(), kind, request.get_data(), request.args)
        _check_token(call, resource.scopes[method])
        return resource.execute(call)
    raise Refused(400, f"No handler found for {path} {accept} {content_type}")


def _check_token(call: Call, scopes: tuple[str, ...]) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    config = call.platform.config
    tool = call.args.get("type_id") or call.ids.get("tool", config.deployment_id)
    allowed = granted(call.platform, token.strip()) if scheme.lower() == "bearer" else frozenset()
    if tool != config.deployment_id or allowed.isdisjoint(scopes):
        raise Refused(401)


def _error(refusal: Refused) -> Answer:
    shown = {
        "status": refusal.status,
        "reason": refusal.reason,
        "request": {
            "method": request.method,
            "url": request.environ.get("REQUEST_URI", request.full_path),
            "accept": request.headers.get("Accept", ""),
            "contentType": request.headers.get("Content-Type", ""),
        },
    }
    return Answer(json.dumps(shown, indent=4), "application/json", refusal.status, refusal.reason)


def _response(answer: Answer) -> Response:
    kind = answer.kind or "text/html"
    response = Response(answer.body, content_type=f"{kind}; charset=utf-8")
    response.status = f"{answer.status} {_header_text(answer.reason)}"
    for name, value in answer.headers.items():
        response.headers[name] = _header_text(value)
    return response


def _header_text(text: str) -> str:
    """UTF-8 in header lines, as PHP sends it; WSGI wants each byte as one character."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", text).strip().encode().decode("latin-1")


def number(value: float) -> int | float:
    """As PHP writes it to JSON: 90, not 90.0."""
    return int(value) if value == int(value) else value


def read_json(body: bytes) -> Any:
    """The decoded body, or ``None`` if it is none that PHP would read."""

    def refuse(_: str) -> None:
        raise ValueError("no number in JSON")

    try:
        return json.loads(body, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None


def page_links(url: str, query: Mapping[str, str], start: int, limit: int, total: int) -> str:
    """The ``Link`` header of line items and results, with Moodle's faults: ``&amp;``, typographic quotes."""

    def link(offset: int, relation: str) -> str:
        pairs = [*query.items(), ("limit", str(limit)), ("from", str(offset))]
        return f"<{url}?{'&amp;'.join('='.join(pair) for pair in pairs)}>; rel=“{relation}”"

    links = [link(0, "first")]
    if start > 0:
        links.append(link(max(0, start - limit), "prev"))
    links.append(link(start, "canonical"))
    if start + limit < total:
        links.append(link(start + limit, "next"))
    links.append(link(max(0, total - limit + 1), "last"))
    return ", ".join(links)
