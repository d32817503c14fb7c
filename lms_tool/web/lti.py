"""The protocol's endpoints: login initiation, launch, key set."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, g, jsonify, redirect, request
from werkzeug.wrappers import Response

from lms_tool.lti import errors, launch, login
from lms_tool.lti.request_errors import CookiesBlocked
from lms_tool.lti.token import parse_token
from lms_tool.services import audit, launches, pressure, tool_keys
from lms_tool.web import security
from lms_tool.web.context import correlation_id, may_be_framed_by, runtime, source
from lms_tool.web.pages import NewWindowPage
from lms_tool.web.queueing import deliver
from lms_tool.web.respond import show

blueprint = Blueprint("lti", __name__, url_prefix="/lti")

ALL = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"]
JWKS_MAX_AGE = 3600


@blueprint.route("/login", methods=ALL, endpoint="login", defaults={"key": None})
@blueprint.route("/login/<key>", methods=ALL, endpoint="login_of")
def login_initiation(key: str | None) -> Response:
    """Third-party login initiation (Security Framework 1.0 § 5.1.1.1)."""
    security.require_method("GET", "POST", "HEAD")
    security.limit_body()
    tool = runtime()
    wanted = login.parse_login(
        request.args.items(multi=True), request.form.items(multi=True) if request.method == "POST" else ()
    )
    now = int(tool.clock().timestamp())
    with tool.database.read() as db:
        platform = launches.registration(db, wanted, key)
    may_be_framed_by(platform.issuer, platform.auth_login_url)
    login.check_target(wanted.target_link_uri, tool.settings.base_url)
    if request.method == "HEAD":
        return Response()
    if (stop := _probe_cookies(wanted)) is not None:
        return stop
    _count(platform.id, now)
    pending = login.issue(tool.state_secret, platform.id, now, wanted.target_link_uri)
    answer = redirect(
        login.authentication_request(
            platform.auth_login_url, platform.client_id, launch_url(), wanted, pending.state, pending.nonce
        ),
        code=302,
    )
    for name in login.cookies_to_drop(request.cookies, now):
        security.drop_cookie(answer, name)
    security.set_cookie(answer, pending.cookie_name, pending.cookie_value, max_age=login.STATE_LIFETIME)
    return answer


@blueprint.route("/launch", methods=ALL, endpoint="launch")
def receive_launch() -> Response:
    """The redirect URI of all messages (Security Framework 1.0 § 5.1.1.3)."""
    security.require_method("POST")
    security.limit_body()
    tool = runtime()
    moment = tool.clock()
    now = int(moment.timestamp())
    raw_state, raw_token, raw_error = (security.single(name) for name in ("state", "id_token", "error"))
    state = login.read_state(tool.state_secret, raw_state)
    platform = tool.registry.get(state.platform_id, moment)
    g.platform_id = platform.id
    may_be_framed_by(platform.issuer, platform.auth_login_url)
    expired = state.expired(now)
    if expired or not state.belongs_to(request.cookies.get(state.cookie_name)):
        # Perhaps a reload: the state's cookie is gone after a launch, the launch itself may still run.
        if (known := _running(state.fingerprint, moment)) is not None:
            return _enter(known)
        raise (errors.StateExpired if expired else errors.StateMismatch)(platform=platform.id)
    if raw_error is not None and not raw_token:
        with tool.database.write() as db:
            launches.use_up(db, state.fingerprint, moment)
        raise login.platform_error(raw_error, request.form.get("error_description"))
    token = parse_token(raw_token)
    token.check_issuer(platform.issuer)  # an answer of another platform must not cause a fetch of keys
    verified = launch.verify(
        token,
        tool.keys.candidates(platform.id, platform.jwks_url, token.kid, moment),
        launch.Registration(platform.issuer, platform.client_id),
        state,
        secret=tool.state_secret,
        base_url=tool.settings.base_url,
        now=now,
        allow_http=tool.client.allows_http,
    )
    proof = security.browser_proof()
    try:
        with tool.database.write() as db:
            accepted = launches.accept(
                db, platform.id, verified, state.fingerprint, proof, tool.shelf, moment
            )
            announced = login.target_of(request.cookies.get(state.cookie_name), tool.settings.base_url)
            for code, details in launches.oddities(verified, accepted, announced):
                audit.note(db, moment, "launch", code, platform.id, correlation_id(), details)
    except errors.LaunchReplayed:
        if (known := _running(state.fingerprint, moment)) is None:
            raise
        return _enter(known)
    except errors.LtiError as error:
        error.return_url = verified.return_url
        raise
    deliver(accepted.platforms_due)
    _completed(platform.id, now)
    answer = _enter(accepted)
    security.set_cookie(answer, security.SESSION_COOKIE, proof)
    security.drop_cookie(answer, state.cookie_name)
    return answer


@blueprint.get("/jwks")
def jwks() -> Response:
    """Our public keys (Security Framework 1.0 § 6.3)."""
    tool = runtime()
    with tool.database.read() as db:
        answer = jsonify(tool_keys.public_set(db, tool.clock()))
    answer.cache_control.public = True
    answer.cache_control.max_age = JWKS_MAX_AGE
    answer.add_etag()
    return answer.make_conditional(request)


def launch_url() -> str:
    """The registered redirect URI, byte for byte, whatever was clicked (Moodle compares exactly)."""
    return f"{runtime().settings.base_url}{login.LAUNCH_PATH}"


def _running(fingerprint: bytes, moment: datetime) -> launches.Accepted | None:
    """The launch that this state became, if it is this browser's; raises LaunchReplayed if it is not."""
    with runtime().database.read() as db:
        return launches.running(db, fingerprint, request.cookies.get(security.SESSION_COOKIE), moment)


def _enter(accepted: launches.Accepted) -> Response:
    return redirect(accepted.path, code=303)


def _probe_cookies(wanted: login.LoginRequest) -> Response | None:
    """Find out now, before the platform's single-use hint is spent, whether this frame keeps our cookies.

    A top-level window always does. A frame that brings one of our cookies does. Otherwise one hop with a probe
    cookie tells; if it does not come back, the same login is offered in a new window (DESIGN § 4).
    """
    if request.headers.get("Sec-Fetch-Dest") not in ("iframe", "frame"):
        return None
    if any(name.startswith("__Host-l") for name in request.cookies):
        return None
    fields = [
        (name, value)
        for name, value in (
            ("iss", wanted.iss),
            ("login_hint", wanted.login_hint),
            ("target_link_uri", wanted.target_link_uri),
            ("client_id", wanted.client_id),
            ("lti_message_hint", wanted.lti_message_hint),
            ("lti_deployment_id", wanted.lti_deployment_id),
            ("lti_storage_target", wanted.lti_storage_target),
        )
        if value is not None
    ]
    if request.args.get("cookie_probe") is None:
        hop = redirect(f"{request.path}?{urlencode([*fields, ('cookie_probe', '1')])}", code=303)
        security.set_cookie(hop, security.PROBE_COOKIE, "1", max_age=login.STATE_LIFETIME)
        return hop
    answer = show(NewWindowPage(action_url=request.path, fields=tuple(fields)))
    answer.headers["X-LTI-Error"] = CookiesBlocked.code
    return answer


def _count(platform_id: int, now: int) -> None:
    tool, who = runtime(), source()
    amount = tool.gauge.begun(platform_id, who, now)
    if amount:
        with tool.database.write() as db:
            open_logins = pressure.add(db, platform_id, who, now, amount)
        if open_logins >= pressure.LIMIT:
            tool.gauge.block(platform_id, who, now)


def _completed(platform_id: int, now: int) -> None:
    tool, who = runtime(), source()
    amount = tool.gauge.completed(platform_id, who, now)
    if amount:
        with tool.database.write() as db:
            pressure.add(db, platform_id, who, now, amount)
