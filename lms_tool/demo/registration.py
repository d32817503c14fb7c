"""Dynamic registration, the platform's half: an administrator pastes a tool's link, the tool registers itself.

This LMS knows one tool. Registering it again is what Moodle calls an update: client id and deployment id stay. Answers
and refusals as recorded: 200 with JSON, refusals as one word of text/html, a token that is used once.
"""

from __future__ import annotations

import hashlib
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import Blueprint, Response, abort, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from lms_tool.demo.pages import page
from lms_tool.demo.people import Role
from lms_tool.demo.platform import Platform

TOKEN_SECONDS = 3600
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
PATH = "/mod/lti/"
KEPT = (
    "response_types",
    "initiate_login_uri",
    "grant_types",
    "redirect_uris",
    "application_type",
    "client_name",
)

KEPT_OF_TOOL = ("target_link_uri", "domain", "description", "claims", "custom_parameters")


class RegistrationRefused(Exception):
    """``args``: the word Moodle answers with, and the status."""


def blueprint(platform: Platform) -> Blueprint:
    registration = Blueprint("registration", __name__)
    base = platform.config.base_url

    @registration.get(f"{PATH}openid-configuration.php")
    def configuration() -> Response:
        return jsonify(
            {
                "issuer": base,
                "token_endpoint": f"{base}{PATH}token.php",
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
                "jwks_uri": f"{base}{PATH}certs.php",
                "authorization_endpoint": f"{base}{PATH}auth.php",
                "registration_endpoint": f"{base}{PATH}openid-registration.php",
                "scopes_supported": [*platform.config.scopes, "openid"],
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public", "pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
                PLATFORM: {
                    "product_family_code": "moodle",
                    "version": "5.1+ (Demo)",
                    "messages_supported": [
                        {"type": "LtiResourceLinkRequest"},
                        {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
                    ],
                    "variables": ["Context.id.history"],
                },
            }
        )

    @registration.post(f"{PATH}openid-registration.php")
    def register() -> Response:
        try:
            return jsonify(_register(platform))
        except RegistrationRefused as refusal:
            word, status = refusal.args
            return make_response((word, status, {"Content-Type": "text/html; charset=utf-8"}))

    @registration.get(f"{PATH}toolconfigure.php")
    def tools() -> str:
        _require_admin(platform)
        return page(platform, "tools.html", title="Tools verwalten", registered="registered" in request.args)

    @registration.get(f"{PATH}startltiadvregistration.php")
    def start() -> AnyResponse | str:
        """The tool's page in a frame, with what it needs to register itself."""
        _require_admin(platform)
        link = urlsplit(request.args.get("url", "").strip())
        if link.scheme not in ("http", "https") or not link.netloc:
            return redirect(f"{PATH}toolconfigure.php")
        fields = {
            "openid_configuration": f"{base}{PATH}openid-configuration.php",
            "registration_token": registration_token(platform),
        }
        query = "&".join(filter(None, (link.query, urlencode(fields))))
        return page(
            platform, "register.html", title="Werkzeug anmelden", url=link._replace(query=query).geturl()
        )

    return registration


def registration_token(platform: Platform) -> str:
    """What the tool may register with, once and within an hour."""
    now = int(platform.clock())
    claims = {"sub": platform.config.client_id, "scope": "reg", "iat": now, "exp": now + TOKEN_SECONDS}
    site = platform.site
    return jwt.encode(claims, site.private_pem, algorithm="RS256", headers={"kid": site.kid})


def _require_admin(platform: Platform) -> None:
    visit = platform.visit()
    if visit is None or visit.person.role is not Role.ADMIN:
        abort(403)


def _register(platform: Platform) -> dict[str, Any]:
    _use_token(platform, request.headers.get("Authorization", "").removeprefix("Bearer "))
    posted = request.get_json(silent=True)
    asked: dict[str, Any] = posted if isinstance(posted, dict) else {}
    tool = asked.get(TOOL)
    if not isinstance(tool, dict) or not tool.get("domain"):
        raise RegistrationRefused("missing_domain", 400)
    if urlsplit(str(tool.get("target_link_uri", ""))).netloc != tool["domain"]:
        raise RegistrationRefused("domain_targetlinkuri_mismatch", 400)
    if asked.get("token_endpoint_auth_method") != "private_key_jwt":
        raise RegistrationRefused("invalid_token_endpoint_auth_method", 400)
    if urlsplit(platform.config.tool_base_url).netloc != tool["domain"]:
        raise RegistrationRefused("only_one_tool_here", 400)
    # As Moodle: asking for lineitem or not, it is in the answer once any scope of the grades service was asked for.
    wanted = str(asked.get("scope") or "").split()
    ags = [scope for scope in platform.config.scopes if scope.startswith(AGS)]
    others = [scope for scope in platform.config.scopes if scope in wanted and scope not in ags]
    granted = [*(ags if set(wanted) & set(ags) else ()), *others]
    return {
        "client_id": platform.config.client_id,
        "jwks_uri": asked.get("jwks_uri"),
        "logo_uri": asked.get("logo_uri"),
        **{name: asked.get(name) for name in KEPT},
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(granted),
        TOOL: {
            "version": "1.3.0",
            "deployment_id": platform.config.deployment_id,
            **{name: tool[name] for name in KEPT_OF_TOOL if name in tool},
            "messages": [
                {name: one.get(name) for name in ("type", "target_link_uri")}
                for one in tool.get("messages") or ()
                if isinstance(one, dict) and one.get("type") == "LtiDeepLinkingRequest"
            ],
        },
    }


def _use_token(platform: Platform, token: str) -> None:
    """Raises RegistrationRefused: not ours, over, or used before."""
    fingerprint = hashlib.sha256(token.encode()).hexdigest()
    try:
        private = serialization.load_pem_private_key(platform.site.private_pem.encode(), None)
        ours = cast(RSAPrivateKey, private).public_key()
        # Its times are checked below, by this LMS's own clock.
        claims = jwt.decode(
            token, ours, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
        )
    except jwt.PyJWTError as error:
        raise RegistrationRefused("invalid_token", 401) from error
    if claims.get("scope") != "reg" or claims.get("exp", 0) <= platform.clock():
        raise RegistrationRefused("invalid_token", 401)
    with platform.store.writing() as db:
        used = db.execute("INSERT OR IGNORE INTO registration_token VALUES (?)", (fingerprint,)).rowcount
    if not used:
        raise RegistrationRefused("token_already_used", 401)
