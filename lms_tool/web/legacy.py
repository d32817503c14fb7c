"""The door for old LMSs: the signed form of LTI 1.1. Behind it everything is as with LTI 1.3.

There is no login step, so nothing binds the form to a browser: whoever holds it can send it, once and within five
minutes. That is LTI 1.1's weakness, and one reason why a connection is off until an administrator makes one.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from lms_tool.lti import errors
from lms_tool.lti import legacy as protocol
from lms_tool.lti.login import LEGACY_LAUNCH_PATH
from lms_tool.lti.request_errors import CookiesBlocked
from lms_tool.lti.roles import Role
from lms_tool.lti.state import STATE_LIFETIME
from lms_tool.services import launches, legacy, witness
from lms_tool.web import cookieless, security
from lms_tool.web.context import correlation_id, may_be_framed_by, runtime
from lms_tool.web.lti import ALL
from lms_tool.web.pages import LegacyWindowPage
from lms_tool.web.queueing import deliver
from lms_tool.web.respond import show

blueprint = Blueprint("legacy", __name__)

PROBED = b"cookie_probe=1"


@blueprint.route(LEGACY_LAUNCH_PATH, methods=ALL)
def receive() -> Response:
    """A basic launch (LTI 1.1.1 § 3)."""
    security.require_method("POST")
    security.limit_body()
    tool = runtime()
    moment = tool.clock()
    form = protocol.read_form(request.form.items(multi=True))
    with tool.database.read() as db:
        platform, secret = legacy.connection(db, tool.vault, form.consumer_key)
    g.platform_id = platform.id
    may_be_framed_by(platform.auth_login_url)
    address = _address()
    verified = protocol.verify(
        form,
        secret,
        tool.settings.base_url + address,
        int(moment.timestamp()),
        base_url=tool.settings.base_url,
        allow_http=tool.client.allows_http,
    )
    if not cookieless.keeps_cookies():
        return _probe(form, address)
    proof = security.browser_proof()
    try:
        with tool.database.write() as db:
            accepted = legacy.accept(db, platform.id, form, verified, proof, tool.shelf, moment)
            if verified.launch.role is not Role.LEARNER:
                witness.staff_launch(db, accepted.launch_id, moment, correlation_id())
    except errors.LaunchReplayed:
        # Perhaps a reload: the browser sends the form again, and the lesson runs.
        with tool.database.read() as db:
            fingerprint = legacy.fingerprint(platform.id, form)
            running = launches.running(db, fingerprint, request.cookies.get(security.SESSION_COOKIE), moment)
        if running is None:
            raise
        return redirect(running.path, code=303)
    except errors.LtiError as error:
        error.return_url = verified.launch.return_url
        raise
    deliver(accepted.platforms_due)
    answer = redirect(accepted.path, code=303)
    security.set_cookie(answer, security.SESSION_COOKIE, proof)
    return answer


def _address() -> str:
    """Path and query as the LMS signed them, without the mark of our probe."""
    query = b"&".join(part for part in request.query_string.split(b"&") if part and part != PROBED)
    return LEGACY_LAUNCH_PATH + ("?" + query.decode("ascii", "replace") if query else "")


def _probe(form: protocol.SignedForm, address: str) -> Response:
    """Find out whether this frame keeps cookies; if not, the same form is sent from a window of its own."""
    if PROBED not in request.query_string.split(b"&"):
        mark = ("&" if "?" in address else "?") + PROBED.decode()
        hop = redirect(address + mark, code=307)  # with the form
        security.set_cookie(hop, security.PROBE_COOKIE, "1", max_age=STATE_LIFETIME)
        return hop
    answer = show(LegacyWindowPage(action_url=address, fields=form.fields))
    answer.headers["X-LTI-Error"] = CookiesBlocked.code
    return answer
