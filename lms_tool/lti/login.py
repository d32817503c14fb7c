"""Third-party login initiation (Sec 5.1.1); the state that it is given stands in ``state``."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from lms_tool.lti.errors import (
    DeploymentUnknown,
    LoginMissingIss,
    LoginMissingLoginHint,
    LoginMissingTargetLinkUri,
    PlatformAccessDenied,
    PlatformBusy,
    PlatformError,
    PlatformLoginRequired,
    PlatformMisconfigured,
    RegistrationUnknown,
    TargetLinkUriNotAllowed,
)
from lms_tool.lti.request_errors import DuplicateParameter, RequestTooLarge

LAUNCH_PATH: Final = "/lti/launch"
LEGACY_LAUNCH_PATH: Final = "/lti/1p1/launch"  # in activities that were placed with LTI 1.1 and moved since
_LIMITS: Final = {  # characters
    "iss": 1024,
    "login_hint": 8192,
    "target_link_uri": 4096,
    "client_id": 255,
    "lti_message_hint": 8192,
    "lti_deployment_id": 255,
    "lti_storage_target": 255,
}


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What the platform sent to start a login (Sec 5.1.1.1, Core 4.1). Optional parameters are None when
    absent.
    """

    iss: str
    login_hint: str
    target_link_uri: str
    client_id: str | None
    lti_message_hint: str | None
    lti_deployment_id: str | None
    lti_storage_target: str | None


def parse_login(query: Iterable[tuple[str, str]], form: Iterable[tuple[str, str]]) -> LoginRequest:
    """Read a login initiation from the decoded pairs of query string and form body.

    Raises DuplicateParameter (also across query and body), RequestTooLarge, LoginMissing…, and for ids that
    cannot exist RegistrationUnknown, DeploymentUnknown. The hint is asked
    for first: who opens the bare address from a bookmark gets the sentence that helps (LOG-27).
    """
    given: dict[str, str] = {}
    for pairs in (query, form):
        for name, value in pairs:
            limit = _LIMITS.get(name)
            if limit is None:
                continue
            if name in given:
                raise DuplicateParameter(parameter=name)
            if len(value) > limit:
                raise RequestTooLarge(parameter=name, characters=len(value))
            given[name] = value
    login_hint, iss, target_link_uri = given.get("login_hint"), given.get("iss"), given.get("target_link_uri")
    if not login_hint:
        raise LoginMissingLoginHint
    if not iss:
        raise LoginMissingIss
    if not target_link_uri:
        raise LoginMissingTargetLinkUri
    # A name with NUL is nobody's, and PostgreSQL refuses to even look for it.
    if "\0" in iss or "\0" in given.get("client_id", ""):
        raise RegistrationUnknown
    if "\0" in given.get("lti_deployment_id", ""):
        raise DeploymentUnknown
    return LoginRequest(
        iss,
        login_hint,
        target_link_uri,
        given.get("client_id") or None,
        given.get("lti_message_hint"),
        given.get("lti_deployment_id") or None,
        given.get("lti_storage_target") or None,
    )


@dataclass(frozen=True, slots=True)
class Target:
    """What a target_link_uri on our own host names. ``known`` is False for a path or an id that cannot exist
    here.
    """

    course: str | None = None
    module: str | None = None
    activity: str | None = None
    known: bool = True

    def __str__(self) -> str:
        return "/".join(part or "-" for part in (self.course, self.module, self.activity))


_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_UNKNOWN = Target(known=False)


def check_target(uri: str, base_url: str) -> Target:
    """Read a target_link_uri: same origin as ``base_url``, path /lti/launch, query course, module, activity
    (ids).

    Raises TargetLinkUriNotAllowed for another origin and for everything a browser might read differently than
    we do (ASVS 1.2.2). An address of ours that leads nowhere is no attack: it comes back as not ``known``
    (CLM-30).
    """
    if not uri.isprintable() or "\\" in uri or " " in uri:
        raise TargetLinkUriNotAllowed
    try:
        parts = urlsplit(uri)
        origin = (parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme))
    except ValueError:
        raise TargetLinkUriNotAllowed from None
    if "@" in parts.netloc or origin != _origin(base_url):
        raise TargetLinkUriNotAllowed(host=(parts.hostname or "")[:255])
    if parts.path not in (LAUNCH_PATH, LEGACY_LAUNCH_PATH):
        return _UNKNOWN
    if not parts.query:
        return Target()
    try:
        named = dict(parse_qsl(parts.query, keep_blank_values=False, max_num_fields=50))
    except ValueError:
        return _UNKNOWN
    ids = named.get("course"), named.get("module"), named.get("activity")
    if all(value is None or _ID.fullmatch(value) for value in ids):
        return Target(*ids)
    return _UNKNOWN


_DEFAULT_PORTS = {"https": 443, "http": 80}


@lru_cache(maxsize=16)
def _origin(base_url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(base_url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def authentication_request(
    auth_url: str, client_id: str, redirect_uri: str, login: LoginRequest, state: str, nonce: str
) -> str:
    """The address to redirect to (Sec 5.1.1.2). A query that ``auth_url`` has is kept (RFC 6749 3.1)."""
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "login_hint": login.login_hint,
        "state": state,
        "nonce": nonce,
    }
    if login.lti_message_hint is not None:
        parameters["lti_message_hint"] = login.lti_message_hint
    separator = "?" if "?" not in auth_url else "" if auth_url[-1] in "?&" else "&"
    return auth_url + separator + urlencode(parameters, quote_via=quote, safe="")


def target_of(cookie_value: str | None, base_url: str) -> Target | None:
    """What the login was to open, as the browser's cookie remembers it; None if it does not."""
    parts = (cookie_value or "").split(".", 2)
    if len(parts) < 3:
        return None
    try:
        remembered = urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4)).decode()
        return check_target(remembered, base_url)
    except (ValueError, TargetLinkUriNotAllowed):
        return None


_PLATFORM_ERRORS: Final[Mapping[str, type[PlatformError]]] = {  # OIDC Core 3.1.2.6, RFC 6749 4.1.2.1
    "login_required": PlatformLoginRequired,
    "interaction_required": PlatformLoginRequired,
    "consent_required": PlatformLoginRequired,
    "account_selection_required": PlatformLoginRequired,
    "access_denied": PlatformAccessDenied,
    "invalid_request": PlatformMisconfigured,
    "invalid_scope": PlatformMisconfigured,
    "unauthorized_client": PlatformMisconfigured,
    "unsupported_response_type": PlatformMisconfigured,
    "server_error": PlatformBusy,
    "temporarily_unavailable": PlatformBusy,
}


def platform_error(error: str, description: str | None) -> PlatformError:
    """The error to raise when the platform answered with one (Sec 5.1.1.5); its words are cleaned, not yet
    escaped.
    """
    shown = ": ".join(filter(None, (plain_text(error, 80), plain_text(description or "", 300))))
    refusal = _PLATFORM_ERRORS.get(error, PlatformError)(platform_says=shown)
    refusal.detail = shown[:300]
    return refusal


def plain_text(value: str, limit: int) -> str:
    """Foreign text for a page or a log line: no control or invisible characters, at most ``limit``
    characters.
    """
    return "".join(character for character in value[: 4 * limit] if character.isprintable())[:limit]
