"""The protocol's endpoints: login initiation, launch, key set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, g, jsonify, redirect, request
from werkzeug.wrappers import Response

from lms_tool.lti import errors, launch, login
from lms_tool.lti.request_errors import StorageUnavailable
from lms_tool.lti.roles import Role
from lms_tool.lti.state import (
    STATE_LIFETIME,
    LoginState,
    Stored,
    cookies_to_drop,
    issue,
    read_state,
    session_proof,
)
from lms_tool.lti.token import parse_token
from lms_tool.services import audit, deployments, launches, pressure, tool_keys, witness
from lms_tool.services.platforms import Registered
from lms_tool.web import cookieless, security
from lms_tool.web.context import correlation_id, may_be_framed_by, runtime, source
from lms_tool.web.queueing import deliver, read_rosters

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
    if (hop := cookieless.probe(wanted)) is not None:
        return hop
    by_cookie = cookieless.keeps_cookies()
    if not by_cookie and not cookieless.may_use_storage(wanted):
        return cookieless.new_window(wanted)
    _count(platform.id, now)
    pending = issue(
        tool.state_secret,
        platform.id,
        now,
        wanted.target_link_uri,
        storage_target=None if by_cookie else wanted.lti_storage_target,
    )
    on_to_platform = login.authentication_request(
        platform.auth_login_url, platform.client_id, launch_url(), wanted, pending.state, pending.nonce
    )
    if not by_cookie:
        return cookieless.keep_in_storage(wanted, pending, platform.auth_login_url, on_to_platform)
    answer = redirect(on_to_platform, code=302)
    for name in cookies_to_drop(request.cookies, now):
        security.drop_cookie(answer, name)
    security.set_cookie(answer, pending.cookie_name, pending.cookie_value, max_age=STATE_LIFETIME)
    return answer


@blueprint.route("/launch", methods=ALL, endpoint="launch")
def receive_launch() -> Response:
    """The redirect URI of all messages (Security Framework 1.0 § 5.1.1.3)."""
    post = _read_post()
    if post.state.storage_target is not None:
        return cookieless.ask_storage(post.state, post.platform.auth_login_url)
    begun_here = post.state.belongs_to(request.cookies.get(post.state.cookie_name))
    proof = security.browser_proof()
    answer = _launch(post, begun_here, proof, without_cookie=False)
    if begun_here:
        security.set_cookie(answer, security.SESSION_COOKIE, proof)
        security.drop_cookie(answer, post.state.cookie_name)
    return answer


@blueprint.route("/launch/stored", methods=ALL, endpoint="stored")
def receive_stored() -> Response:
    """The same message once more, with what the platform's storage gave back (lti-cs-oidc 0.1).

    Only our own page may send this: what it holds is believed because that page got it from the platform's frame
    in this browser (see ``lti.state``).
    """
    post = _read_post()
    security.require_same_site()
    if security.single("storage") == cookieless.UNAVAILABLE:
        raise StorageUnavailable(platform=post.platform.id)
    stored = Stored(*(security.single(f"stored_{name}") or "" for name in ("state", "nonce", "secret")))
    if not post.state.was_kept_as(stored):
        _running(post, None)  # raises LaunchReplayed for a state that was used
        raise errors.StateMismatch(platform=post.platform.id)
    return _launch(post, True, session_proof(runtime().state_secret, post.state), without_cookie=True)


@dataclass(frozen=True, slots=True)
class Post:
    """A message that carries a state of ours. Nothing else about it is believed yet."""

    moment: datetime
    state: LoginState
    platform: Registered


def _read_post() -> Post:
    """Raises MethodNotAllowed, RequestTooLarge, DuplicateParameter, State…, Registration…."""
    security.require_method("POST")
    security.limit_body()
    tool = runtime()
    moment = tool.clock()
    state = read_state(tool.state_secret, security.single("state"), tool.previous_state_secrets)
    platform = tool.registry.get(state.platform_id, moment)
    g.platform_id = platform.id
    may_be_framed_by(platform.issuer, platform.auth_login_url)
    return Post(moment, state, platform)


def _launch(post: Post, begun_here: bool, proof: str, *, without_cookie: bool) -> Response:
    """Verify the message and go in. ``begun_here``: it was this browser that began the login."""
    tool, state, platform = runtime(), post.state, post.platform
    now = int(post.moment.timestamp())
    raw_token, raw_error = security.single("id_token"), security.single("error")
    expired = state.expired(now)
    if expired or not begun_here:
        # Perhaps a reload: the state's cookie is gone after a launch, the launch itself may still run.
        if (known := _running(post, proof)) is not None:
            return _enter(post, known, without_cookie)
        raise (errors.StateExpired if expired else errors.StateMismatch)(platform=platform.id)
    if raw_error is not None and not raw_token:
        with tool.database.write() as db:
            launches.use_up(db, state.fingerprint, post.moment)
        raise login.platform_error(raw_error, request.form.get("error_description"))
    token = parse_token(raw_token)
    token.check_issuer(platform.issuer)  # an answer of another platform must not cause a fetch of keys
    verified = launch.verify(
        token,
        tool.keys.candidates(platform.id, platform.jwks_url, token.kid, post.moment),
        launch.Registration(platform.issuer, platform.client_id),
        state,
        secret=state.secret,
        base_url=tool.settings.base_url,
        now=now,
        allow_http=tool.client.allows_http,
    )
    try:
        with tool.database.write() as db:
            accepted = launches.accept(
                db,
                platform.id,
                verified,
                state.fingerprint,
                proof,
                tool.shelf,
                post.moment,
                tool.vault,
                cookieless=without_cookie,
            )
            announced = login.target_of(request.cookies.get(state.cookie_name), tool.settings.base_url)
            for code, details in launches.oddities(verified, accepted, announced):
                audit.note(db, post.moment, "launch", code, platform.id, correlation_id(), details)
            if not accepted.picks and verified.role is not Role.LEARNER:
                witness.staff_launch(db, accepted.launch_id, post.moment, correlation_id())
    except errors.LaunchReplayed:
        if (known := _running(post, proof)) is None:
            raise
        return _enter(post, known, without_cookie)
    except errors.DeploymentUnknown as error:
        with tool.database.write() as db:
            refusal = deployments.ask(db, platform.id, verified.deployment_id, post.moment, correlation_id())
        refusal.return_url = verified.return_url
        raise refusal from error
    except errors.LtiError as error:
        error.return_url = verified.return_url
        raise
    deliver(accepted.platforms_due)
    if accepted.roster_due:
        read_rosters()
    _completed(platform.id, now)
    return _enter(post, accepted, without_cookie)


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


def _running(post: Post, proof: str | None) -> launches.Accepted | None:
    """The launch that this state became, if it is this browser's; raises LaunchReplayed if it is not."""
    with runtime().database.read() as db:
        return launches.running(db, post.state.fingerprint, proof, post.moment)


def _enter(post: Post, accepted: launches.Accepted, without_cookie: bool) -> Response:
    if without_cookie:
        return cookieless.entrance(accepted.launch_id, post.state.fingerprint, accepted.path)
    return redirect(accepted.path, code=303)


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
