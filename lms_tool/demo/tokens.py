"""The token endpoint: client credentials against a signed assertion, opaque bearer tokens for an hour.

Checked as the recorded Moodle does: signature by the tool's key set, ``iat``, ``nbf`` and ``exp`` without
leeway, ``sub`` as the client; ``aud`` and ``jti`` are not looked at.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import httpx2
import jwt
from flask import Blueprint, Response, request
from jwt.types import Options

from lms_tool.demo.platform import Platform

TOKEN_SECONDS = 3600
KEY_SET_SECONDS = 10.0
SIGNATURE_ONLY: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class TokenRefused(Exception):
    """``args[0]`` is what stands in ``error``."""


class KeySetUnreachable(Exception):
    """The tool's key set could not be fetched or read. Ends in Moodle's general error page, an HTML 404."""


def blueprint(platform: Platform) -> Blueprint:
    tokens = Blueprint("tokens", __name__)

    @tokens.route("/mod/lti/token.php", methods=["GET", "POST", "PUT", "DELETE"])
    def token() -> Response:
        try:
            body, status = _issue(platform), 200
        except TokenRefused as refusal:
            body, status = {"error": refusal.args[0]}, 400
        return Response(json.dumps(body, indent=4), status, content_type="text/html; charset=utf-8")

    return tokens


def granted(platform: Platform, token: str) -> frozenset[str]:
    """The scopes of an access token; none if it is unknown or expired."""
    with platform.store.reading() as db:
        row = db.execute("SELECT scopes, expires FROM access_token WHERE token = ?", (token,)).fetchone()
    if row is None or row["expires"] <= platform.clock():
        return frozenset()
    return frozenset(row["scopes"].split())


def _issue(platform: Platform) -> dict[str, Any]:
    form = (
        request.form
        if request.method == "POST" and request.mimetype == "application/x-www-form-urlencoded"
        else {}
    )
    names = ("client_assertion", "client_assertion_type", "grant_type", "scope")
    if not all(form.get(name) for name in names):
        raise TokenRefused("invalid_request")
    if form["client_assertion_type"] != ASSERTION_TYPE or form["grant_type"] != "client_credentials":
        raise TokenRefused("unsupported_grant_type")
    _check_assertion(platform, form["client_assertion"])
    scopes = [scope for scope in form["scope"].split() if scope in platform.config.scopes]
    if not scopes:
        raise TokenRefused("invalid_scope")
    access = secrets.token_hex(16)
    now = platform.clock()
    with platform.store.writing() as db:
        db.execute("DELETE FROM access_token WHERE expires <= ?", (now,))
        db.execute(
            "INSERT INTO access_token VALUES (?, ?, ?)", (access, " ".join(scopes), now + TOKEN_SECONDS)
        )
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": " ".join(scopes),
    }


def _check_assertion(platform: Platform, assertion: str) -> None:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise TokenRefused("invalid_request") from error
    if not claims.get("sub"):
        raise TokenRefused("invalid_request")
    if claims["sub"] != platform.config.client_id:
        raise TokenRefused("invalid_client")
    check_signature(platform, assertion)


def check_signature(platform: Platform, assertion: str) -> None:
    """A token of the tool, by its key set and its times.

    Raises:
        TokenRefused: it is not the tool's, or not valid now.
        KeySetUnreachable.
    """
    url = platform.config.tool_jwks_url
    with platform.store.reading() as db:
        kept = db.execute("SELECT body FROM key_set WHERE url = ?", (url,)).fetchone()
    if kept is not None and _passes(platform, assertion, kept["body"]):
        return
    # The tool may have new keys: once more with its present key set.
    body = _fetch(platform, url)
    _verify(platform, assertion, body)
    with platform.store.writing() as db:
        db.execute("INSERT OR REPLACE INTO key_set VALUES (?, ?)", (url, body))


def _passes(platform: Platform, assertion: str, key_set: str) -> bool:
    try:
        _verify(platform, assertion, key_set)
    except TokenRefused:
        return False
    return True


def _fetch(platform: Platform, url: str) -> str:
    agent = f"MoodleBot/5.1 (+{platform.config.base_url})"
    try:
        answer = httpx2.get(url, headers={"User-Agent": agent}, timeout=KEY_SET_SECONDS, trust_env=False)
        answer.raise_for_status()
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise KeySetUnreachable(url) from error
    return answer.text


def _verify(platform: Platform, assertion: str, key_set: str) -> None:
    try:
        keys = {key.key_id: key for key in jwt.PyJWKSet.from_json(key_set).keys}
    except (jwt.PyJWTError, ValueError, AttributeError) as error:
        raise KeySetUnreachable(platform.config.tool_jwks_url) from error
    try:
        kid = jwt.get_unverified_header(assertion).get("kid")
    except jwt.PyJWTError as error:
        raise TokenRefused("invalid_request") from error
    if not kid:
        raise TokenRefused('"kid" empty, unable to lookup correct key')
    if kid not in keys:
        raise TokenRefused('"kid" invalid, unable to lookup correct key')
    try:
        claims = jwt.decode(assertion, keys[kid], algorithms=["RS256"], options=SIGNATURE_ONLY)
    except jwt.InvalidAlgorithmError as error:
        raise TokenRefused("Incorrect key for this algorithm") from error
    except jwt.PyJWTError as error:
        raise TokenRefused("Signature verification failed") from error
    _check_times(platform, claims)


def _check_times(platform: Platform, claims: dict[str, Any]) -> None:
    now = platform.clock()
    times: dict[str, float] = {}
    for name in ("nbf", "iat", "exp"):
        value = claims.get(name)
        if value is None:
            continue
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise TokenRefused(f"Payload {name} must be a number")
        times[name] = value
    for name in ("nbf", "iat"):
        if name in times and int(times[name]) > int(now):
            moment = platform.local(times[name]).strftime("%Y-%m-%dT%H:%M:%S%z")
            raise TokenRefused(f"Cannot handle token with {name} prior to {moment}")
    if "exp" in times and int(now) >= times["exp"]:
        raise TokenRefused("Expired token")
