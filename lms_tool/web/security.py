"""Response headers, the cross-site guard, cookies, and finding the session of a request."""

from __future__ import annotations

import secrets
from typing import cast

from flask import Flask, g, request
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

from lms_tool.lti.request_errors import (
    CsrfFailed,
    DuplicateParameter,
    MethodNotAllowed,
    NotFound,
    RequestTooLarge,
)
from lms_tool.services import sessions
from lms_tool.services.sessions import LearningSession
from lms_tool.web.context import may_be_framed_by, origin, runtime

SESSION_COOKIE = "__Host-lms-tool"
SESSION_HEADER = "X-LTI-Session"  # of a frame that keeps no cookie
SESSION_FIELD = "session"  # the same in a form, where a script can't set a header
PROBE_COOKIE = "__Host-lti-probe"
MAX_BODY = 1024 * 1024
MAX_FIELDS = 1000  # the picker sends three settings with each of its rows

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)
FIXED = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: forms would then be sent with `Origin: null`, which the cross-site guard must refuse.
    "Referrer-Policy": "strict-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class RowNumber(IntegerConverter):
    """A number in an address that a row may have; a longer one names nothing, and no database takes it."""

    def __init__(self, routes: Map, **options: int) -> None:
        super().__init__(routes, **{"max": 2**31 - 1, **options})  # type: ignore[arg-type]


def install(app: Flask) -> None:
    app.url_map.converters["int"] = RowNumber
    app.before_request(refuse_control_characters)
    app.before_request(refuse_endless_forms)
    app.after_request(harden)


def harden(response: Response) -> Response:
    """Headers every response carries (ASVS 3.4); nothing personal is ever cached."""
    headers = response.headers
    for name, value in FIXED.items():
        headers.setdefault(name, value)  # a view may have said otherwise
    framed_by = cast("tuple[str, ...]", g.get("framed_by", ()))
    ancestors = " ".join(("'self'", *framed_by)) if framed_by else "'none'"
    policy = CSP + ancestors
    if target := g.get("form_target"):
        policy = policy.replace("form-action 'self'", f"form-action {target}")
    headers.setdefault("Content-Security-Policy", policy)
    headers.setdefault("Cache-Control", "no-store")
    if "session_seconds" in g:
        headers["X-LTI-Session-Ends"] = str(g.session_seconds)  # the page warns in time
    return response


def refuse_control_characters() -> None:
    """An address with control characters names nothing of ours, and no database takes a NUL.

    Raises:
        NotFound: at once, before anything is looked up.
    """
    if not request.path.isprintable():
        raise NotFound(reason="control characters")


def refuse_endless_forms() -> None:
    """No form of ours or of LTI has so many fields; taking apart a megabyte of them would cost seconds.

    Raises:
        RequestTooLarge.
    """
    if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
        return
    if (request.content_length or 0) > MAX_BODY or request.get_data(cache=True).count(b"&") > MAX_FIELDS:
        raise RequestTooLarge(bytes=request.content_length)


def require_same_site() -> None:
    """A request that changes something must come from one of our own pages.

    Browsers say so in ``Sec-Fetch-Site``; where that is missing, ``Origin`` must be ours. This works in a frame
    without cookies, where a token in a cookie would not.

    Raises:
        CsrfFailed: it came from elsewhere, or there is no proof of where it came from.
    """
    site = request.headers.get("Sec-Fetch-Site")
    sent_origin = request.headers.get("Origin")
    ours = runtime().settings.base_url
    if sent_origin is not None and sent_origin != ours:
        raise CsrfFailed(origin=origin(sent_origin)[:255])
    if site is not None and site != "same-origin":
        raise CsrfFailed(site=site[:32])
    if site is None and sent_origin is None:
        raise CsrfFailed(reason="no Origin and no Sec-Fetch-Site")


def limit_body() -> None:
    """Raises RequestTooLarge for a body beyond the limit, before it is read, and for files: nothing of LTI is one."""
    if (request.content_length or 0) > MAX_BODY:
        raise RequestTooLarge(bytes=request.content_length)
    if request.mimetype == "multipart/form-data" and request.files:
        raise RequestTooLarge(reason="file upload")


def single(name: str) -> str | None:
    """A form field that may be given once.

    Raises:
        DuplicateParameter: it was sent twice.
    """
    values = request.form.getlist(name)
    if len(values) > 1:
        raise DuplicateParameter(parameter=name)
    return values[0] if values else None


def require_method(*methods: str) -> None:
    if request.method not in methods:
        raise MethodNotAllowed(method=request.method[:16])


def current_session(launch_id: str) -> LearningSession:
    """The session this URL and this browser belong to.

    Raises:
        SessionMissing, SessionExpired, CsrfFailed.
    """
    if request.method not in SAFE:
        require_same_site()
    tool = runtime()
    now = tool.clock()
    proof = shown_proof()
    with tool.database.read() as db:
        found = sessions.find(db, launch_id, proof, now)
    may_be_framed_by(*found.platform_origins)
    if touched := sessions.needs_touch(found, now):
        with tool.database.write() as db:
            sessions.touch(db, launch_id, now)
    g.session_seconds = sessions.seconds_left(found, now, touched)
    return found


def shown_proof() -> str | None:
    """What the browser shows for its session: a header or a form's field without cookies (STA-31), else the cookie.

    Never anything in the address: addresses are logged, shared and sent along.
    """
    by_hand = request.headers.get(SESSION_HEADER)
    if by_hand is None and request.method == "POST":
        by_hand = request.form.get(SESSION_FIELD)
    return by_hand or request.cookies.get(SESSION_COOKIE)


def set_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """A cookie as a frame on another site needs it: partitioned, so that it is kept per LMS (CHIPS)."""
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )


def drop_cookie(response: Response, name: str) -> None:
    response.set_cookie(
        name, "", max_age=0, path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )


def browser_proof() -> str:
    """This browser's secret, or a new one."""
    known = request.cookies.get(SESSION_COOKIE, "")
    return known if 20 <= len(known) <= 64 else secrets.token_urlsafe(24)
