"""The platform's half of the OpenID Connect login: initiation, answer to the authentication request, keys.

Order and kind of refusals as recorded: an error page as long as the redirect URI cannot be trusted, an
``error`` posted to the tool after that. The launch's hint is spent by the first request that names it.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lms_tool.demo import gradebook
from lms_tool.demo.config import Container
from lms_tool.demo.messages import id_token, selection_token
from lms_tool.demo.pages import page
from lms_tool.demo.platform import Platform, Visit

SELECTION = 0  # instead of an activity: the hint belongs to a content selection


class InvalidRequest(Exception):
    """Moodle's error page «Invalid request», an HTML 404."""


def blueprint(platform: Platform) -> Blueprint:
    oidc = Blueprint("oidc", __name__)

    @oidc.get("/mod/lti/view.php")
    def view() -> AnyResponse | str:
        """The activity in its frame, with the LMS around it."""
        visit = platform.visit()
        if visit is None:
            return redirect("/")
        activity = _open(platform, visit)
        if _container(activity) is Container.FRAME:
            return redirect(f"/mod/lti/launch.php?id={activity['id'] + 1}")
        return page(
            platform, "activity.html", activity=activity, cmid=activity["id"] + 1, title=activity["title"]
        )

    @oidc.get("/mod/lti/launch.php")
    def launch() -> str:
        """Sends the browser to the tool's login endpoint by a form that posts itself."""
        visit = platform.visit()
        if visit is None:
            with platform.store.reading() as db:
                activity = platform.activity(db, request.args.get("id"))
            if activity is None:
                abort(404)
            hint = f"ltilaunch{activity['id']}_{secrets.randbelow(2**31)}"
            return _login_form(platform, activity["url"], "0", {"cmid": activity["id"] + 1, "launchid": hint})
        activity = _open(platform, visit)
        hint = f"ltilaunch{activity['id']}_{secrets.randbelow(2**31)}"
        with platform.store.writing() as db:
            db.execute("INSERT INTO hint VALUES (?, ?, ?)", (hint, visit.id, activity["id"]))
            gradebook.viewed(db, activity, visit.person)
        message = {"cmid": activity["id"] + 1, "launchid": hint}
        return _login_form(platform, activity["url"], str(visit.person.id), message)

    @oidc.get("/mod/lti/contentitem.php")
    def select_content() -> str:
        """The same for a content selection."""
        visit = platform.visit()
        if visit is None or not visit.person.edits_course:
            abort(403)
        hint = f"ltilaunch_ContentItemSelectionRequest{secrets.randbelow(2**31)}"
        with platform.store.writing() as db:
            db.execute("INSERT INTO hint VALUES (?, ?, ?)", (hint, visit.id, SELECTION))
        message = {"launchid": hint}
        return _login_form(platform, platform.config.tool_launch_url, str(visit.person.id), message)

    @oidc.route("/mod/lti/auth.php", methods=["GET", "POST"])
    def auth() -> str:
        visit = platform.visit()
        if visit is None and "repost" not in request.form:
            # The browser left our cookie out of a cross-site request. Posted again from here, it comes.
            fields = {**request.form, "repost": "true"}
            url = request.environ.get("REQUEST_URI", request.full_path)
            return render_template("auto_post.html", url=url, fields=fields)
        url, fields = _authorize(platform, visit)
        return render_template("auto_post.html", url=url, fields=fields)

    @oidc.get("/mod/lti/certs.php")
    def certs() -> Response:
        return jsonify(keys=[public_jwk(platform)])

    return oidc


def public_jwk(platform: Platform) -> dict[str, Any]:
    private = serialization.load_pem_private_key(platform.site.private_pem.encode(), None)
    shown: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))  # type: ignore[arg-type]
    return {
        "kty": "RSA",
        "alg": "RS256",
        "kid": platform.site.kid,
        "e": shown["e"],
        "n": shown["n"],
        "use": "sig",
    }


def _open(platform: Platform, visit: Visit) -> sqlite3.Row:
    with platform.store.reading() as db:
        activity = platform.activity(db, request.args.get("id"))
    if activity is None:
        abort(404)
    if not visit.person.may_open_course:
        abort(403)
    return activity


def _container(activity: sqlite3.Row) -> Container:
    """Where it opens: a phone or tablet gets neither frames nor second windows."""
    mobile = re.search("Mobi|Android|iPad|iPhone", request.user_agent.string) is not None
    return Container.FRAME if mobile else Container(activity["container"])


def _login_form(platform: Platform, target: str, login_hint: str, message: dict[str, Any]) -> str:
    config = platform.config
    fields = {
        "iss": config.base_url,
        "target_link_uri": target,
        "login_hint": login_hint,
        "lti_message_hint": json.dumps(message, separators=(",", ":")),
        "client_id": config.client_id,
        "lti_deployment_id": config.deployment_id,
    }
    return render_template("auto_post.html", url=config.tool_login_url, fields=fields)


def _authorize(platform: Platform, visit: Visit | None) -> tuple[str, dict[str, str]]:
    """Where to post what.

    Raises:
        InvalidRequest: nothing may be posted anywhere.
    """

    def sent(name: str) -> str:
        return request.form.get(name, request.args.get(name, ""))

    needed = ("scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce")
    if not all(map(sent, needed)) or sent("scope") != "openid" or sent("response_type") != "id_token":
        raise InvalidRequest
    with platform.store.writing() as db:
        subject = _spend_hint(db, visit, sent("lti_message_hint"))
        activity = platform.activity(db, str(subject + 1)) if subject else None
    # The hint is gone from here on, whatever comes of the request.
    known = subject == SELECTION or activity is not None
    if visit is None or not known or sent("redirect_uri") not in platform.config.redirect_uris:
        raise InvalidRequest
    error = description = ""
    if sent("client_id") != platform.config.client_id:
        error = "unauthorized_client"
    elif sent("login_hint") != str(visit.person.id):
        error = "access_denied"
    elif sent("response_mode") != "form_post":
        error, description = "invalid_request", "Invalid response_mode"
    elif sent("prompt") not in ("", "none"):
        error, description = "invalid_request", "Invalid prompt"
    if error:
        fields = {"error": error}
        if description:
            fields["error_description"] = description
    elif activity is None:
        fields = {"id_token": selection_token(platform, visit, sent("nonce"))}
    else:
        with platform.store.reading() as db:
            token = id_token(platform, db, activity, visit, _container(activity), sent("nonce"))
        fields = {"id_token": token}
    return sent("redirect_uri"), {**fields, "state": sent("state")}


def _spend_hint(db: sqlite3.Connection, visit: Visit | None, hint: str) -> int | None:
    """The activity a hint was made for, or SELECTION; ``None``: it is unknown, or was spent before."""
    try:
        named = json.loads(hint)["launchid"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if visit is None or not isinstance(named, str):
        return None
    row = db.execute(
        "DELETE FROM hint WHERE session_id = ? AND id = ? RETURNING activity_id", (visit.id, named)
    ).fetchone()
    return None if row is None else int(row["activity_id"])
