"""Launches and sessions in a frame whose browser keeps no cookie of ours.

Found out at the login, before the platform's single-use hint is spent (DESIGN § 4): a partitioned cookie is tried
first; if it does not come back, the platform's storage, where the platform offers one; else a window of its own.

A session begun through the storage lives without cookies: its proof travels in the header ``X-LTI-Session`` or in a
form's body, never in an address. The script keeps it (frontend/src/js/session.js) and gets it here, for a one-time
token that the answer to the verified launch carries.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response

from lms_tool.lti.login import LoginRequest
from lms_tool.lti.request_errors import CookiesBlocked, HandoverInvalid, NotFound, StorageUnavailable
from lms_tool.lti.state import MAX_STORAGE_TARGET, STATE_LIFETIME, LoginState, Pending, proof_of
from lms_tool.services import handovers
from lms_tool.web import security
from lms_tool.web.context import origin, runtime
from lms_tool.web.pages import AskStoragePage, EntrancePage, KeepInStoragePage, NewWindowPage
from lms_tool.web.respond import show

blueprint = Blueprint("cookieless", __name__, url_prefix="/k/<launch>")

PROBED = "cookie_probe"
STORAGE = "storage"
UNAVAILABLE = "unavailable"
STORED_PATH = "/lti/launch/stored"


def probe(wanted: LoginRequest) -> Response | None:
    """One hop with a probe cookie, where nothing else tells whether this browser keeps cookies here."""
    if keeps_cookies() or request.args.get(PROBED) is not None:
        return None
    hop = redirect(_again(wanted, (PROBED, "1")), code=303)
    security.set_cookie(hop, security.PROBE_COOKIE, "1", max_age=STATE_LIFETIME)
    return hop


def keeps_cookies() -> bool:
    """A top-level window always does. A frame that brings one of our cookies does."""
    if request.headers.get("Sec-Fetch-Dest") not in ("iframe", "frame"):
        return True
    return any(name.startswith("__Host-l") for name in request.cookies)


def may_use_storage(wanted: LoginRequest) -> bool:
    """Whether the platform offers a storage, and it has not just been found silent."""
    target = wanted.lti_storage_target
    return (
        target is not None
        and len(target.encode("utf-8", "replace")) <= MAX_STORAGE_TARGET
        and target.isprintable()
        and request.args.get(STORAGE) != UNAVAILABLE
    )


def new_window(wanted: LoginRequest) -> Response:
    """The same login is offered in a window of its own, where it is first party."""
    silent = request.args.get(STORAGE) == UNAVAILABLE
    code = StorageUnavailable.code if silent else CookiesBlocked.code
    answer = show(NewWindowPage(action_url=request.path, fields=_fields(wanted), code=code))
    answer.headers["X-LTI-Error"] = code
    return answer


def keep_in_storage(wanted: LoginRequest, pending: Pending, auth_url: str, on_to_platform: str) -> Response:
    """A page whose script puts the browser's half of the login into the platform's storage, and then goes on."""
    kept = pending.stored
    return show(
        KeepInStoragePage(
            target=wanted.lti_storage_target or "",
            origin=origin(auth_url),
            key=pending.storage_key,
            state=kept.state,
            nonce=kept.nonce,
            secret=kept.secret,
            next_url=on_to_platform,
            silent_url=_again(wanted, (PROBED, "1"), (STORAGE, UNAVAILABLE)),
            window=NewWindowPage(action_url=request.path, fields=_fields(wanted)),
        )
    )


def ask_storage(state: LoginState, auth_url: str) -> Response:
    """A page whose script asks the platform's storage for the browser's half, and sends the message once more."""
    given = ((name, security.single(name)) for name in ("state", "id_token", "error", "error_description"))
    return show(
        AskStoragePage(
            target=state.storage_target or "",
            origin=origin(auth_url),
            key=state.storage_key,
            action_url=STORED_PATH,
            fields=tuple((name, value) for name, value in given if value is not None),
        )
    )


def entrance(launch_id: str, fingerprint: bytes, path: str) -> Response:
    """The first document of a session without cookies. Only for a browser that was verified."""
    tool = runtime()
    with tool.database.write() as db:
        token = handovers.issue(db, launch_id, fingerprint, tool.clock())
    return show(EntrancePage(session_url=f"/k/{launch_id}/session", token=token, next_url=path))


@blueprint.post("/session")
def take_over(launch: str) -> Response:
    """The proof of the session, for a token that is good once.

    Raises:
        CsrfFailed, HandoverInvalid.
    """
    security.require_same_site()
    tool = runtime()
    token = security.single("handover")
    if not token:
        raise HandoverInvalid(reason="no token")
    with tool.database.write() as db:
        fingerprint = handovers.redeem(db, launch, token, tool.clock())
    return jsonify(proof=proof_of(tool.state_secret, fingerprint))


@blueprint.post("/window")
def open_window(launch: str) -> Response:
    """A page of this session in another window: the form brings the proof, the answer a new token.

    Raises:
        CsrfFailed, SessionMissing, SessionExpired; NotFound for a page outside this launch.
    """
    found = security.current_session(launch)
    path = security.single("to") or ""
    if not path.startswith(f"/k/{found.launch_id}/") or not path.isprintable() or "\\" in path:
        raise NotFound(reason="not of this launch")
    with runtime().database.read() as db:
        fingerprint = handovers.fingerprint_of(db, found.launch_id)
    return entrance(found.launch_id, fingerprint, path)


def _fields(wanted: LoginRequest) -> tuple[tuple[str, str], ...]:
    """The login's parameters, to be repeated unchanged."""
    given = (
        ("iss", wanted.iss),
        ("login_hint", wanted.login_hint),
        ("target_link_uri", wanted.target_link_uri),
        ("client_id", wanted.client_id),
        ("lti_message_hint", wanted.lti_message_hint),
        ("lti_deployment_id", wanted.lti_deployment_id),
        ("lti_storage_target", wanted.lti_storage_target),
    )
    return tuple((name, value) for name, value in given if value is not None)


def _again(wanted: LoginRequest, *more: tuple[str, str]) -> str:
    return f"{request.path}?{urlencode([*_fields(wanted), *more])}"
