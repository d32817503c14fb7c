"""Third-party login initiation (Sec 5.1.1) and the state that binds its answer to this browser.

State is not stored. It carries the registration, its age and the hashes of nonce and browser secret under a
MAC; the browser keeps the secret in a cookie of its own, the platform carries state and nonce. That each is
used only once is the database's business: it keeps ``LoginState.fingerprint`` under a unique key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
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
    NonceMismatch,
    NonceMissing,
    NonceUnknown,
    PlatformAccessDenied,
    PlatformBusy,
    PlatformError,
    PlatformLoginRequired,
    PlatformMisconfigured,
    RegistrationUnknown,
    StateMissing,
    StateUnknown,
    TargetLinkUriNotAllowed,
)
from lms_tool.lti.request_errors import DuplicateParameter, RequestTooLarge

LAUNCH_PATH: Final = "/lti/launch"
STATE_LIFETIME: Final = 600  # seconds
CLOCK_LEEWAY: Final = 60  # seconds between our own machines
COOKIE_PREFIX: Final = "__Host-lti-"
MAX_TARGET: Final = 300  # characters of a target that a cookie remembers
MAX_COOKIES: Final = 10  # pending logins one browser may hold (LOG-24)

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
    if parts.path != LAUNCH_PATH:
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


# --- state --------------------------------------------------------------------------------------------------

_RANDOM: Final = 16  # bytes, 128 bit (ASVS 7.2.3)
_MAC: Final = 16
_VERSION: Final = 1
_BODY = struct.Struct(
    f">BQQ{_RANDOM}s{_MAC}s{_MAC}s"
)  # version, platform, issued, random, nonce hash, browser hash
_STATE_LENGTH: Final = (_BODY.size + _MAC) * 4 // 3
_NONCE_LENGTH: Final = ((_RANDOM + _MAC) * 4 + 2) // 3


@dataclass(frozen=True, slots=True)
class Pending:
    """A login that has just begun: ``state`` and ``nonce`` go to the platform, the cookie to the browser."""

    state: str
    nonce: str
    cookie_name: str
    cookie_value: str


@dataclass(frozen=True, slots=True)
class LoginState:
    """A state of ours that came back. ``fingerprint`` is what the database remembers once it was used."""

    platform_id: int
    issued_at: int
    nonce_hash: bytes
    browser_hash: bytes
    fingerprint: bytes
    cookie_name: str

    def expired(self, now: int) -> bool:
        """Whether it is older than ten minutes at ``now`` (Unix seconds)."""
        return not -CLOCK_LEEWAY <= now - self.issued_at <= STATE_LIFETIME

    def belongs_to(self, cookie_value: str | None) -> bool:
        """Whether this browser began the login, by its cookie ``cookie_name`` (None: it sent none)."""
        if not cookie_value:
            return False
        browser_secret = cookie_value.split(".", 2)[1] if "." in cookie_value else ""
        return hmac.compare_digest(_short_hash(browser_secret), self.browser_hash)


def issue(secret: bytes, platform_id: int, now: int, target: str = "") -> Pending:
    """Begin a login with registration ``platform_id`` at ``now`` (Unix seconds).

    ``target`` is remembered in the cookie, for the audit trail only: what the token says later decides (Core 4.1).
    """
    random = secrets.token_bytes(3 * _RANDOM)
    nonce_random, browser_random, state_random = random[:16], random[16:32], random[32:]
    nonce = _encode(nonce_random + _mac(secret, b"lti nonce", nonce_random))
    browser_secret = _encode(browser_random)
    body = _BODY.pack(
        _VERSION, platform_id, now, state_random, _short_hash(nonce), _short_hash(browser_secret)
    )
    state = _encode(body + _mac(secret, b"lti state", body))
    remembered = _encode(target[:MAX_TARGET].encode())
    return Pending(state, nonce, cookie_name(state), f"{now}.{browser_secret}.{remembered}")


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


def read_state(secret: bytes, state: str | None) -> LoginState:
    """Raises StateMissing for an absent or empty state, StateUnknown for one that we never issued."""
    if not state:
        raise StateMissing
    raw = _decode(state, _STATE_LENGTH)
    if raw is None:
        raise StateUnknown
    body = raw[: _BODY.size]
    if not hmac.compare_digest(_mac(secret, b"lti state", body), raw[_BODY.size :]):
        raise StateUnknown
    _, platform_id, issued_at, _, nonce_hash, browser_hash = _BODY.unpack(body)
    fingerprint = hashlib.sha256(state.encode()).digest()
    return LoginState(
        platform_id, issued_at, nonce_hash, browser_hash, fingerprint, _cookie_name(fingerprint)
    )


def check_nonce(secret: bytes, state: LoginState, nonce: object) -> str:
    """The nonce, proven to be ours and to belong to ``state`` (Sec 5.1.3 step 9).

    Raises NonceMissing (also for an empty one or another type), NonceUnknown (never issued), NonceMismatch.
    """
    if not isinstance(nonce, str) or not nonce:
        raise NonceMissing
    raw = _decode(nonce, _NONCE_LENGTH)
    if raw is None or not hmac.compare_digest(_mac(secret, b"lti nonce", raw[:_RANDOM]), raw[_RANDOM:]):
        raise NonceUnknown
    if not hmac.compare_digest(_short_hash(nonce), state.nonce_hash):
        raise NonceMismatch
    return nonce


def cookie_name(state: str) -> str:
    """The name of the cookie that holds the browser's half of ``state``: one per login, so that tabs do not
    collide.
    """
    return _cookie_name(hashlib.sha256(state.encode()).digest())


def cookies_to_drop(cookies: Mapping[str, str], now: int) -> list[str]:
    """Names of login cookies to delete before one more is set: those past their time, and all but the newest
    nine.
    """
    alive: list[tuple[int, str]] = []
    drop: list[str] = []
    for name, value in cookies.items():
        if name.startswith(COOKIE_PREFIX):
            issued, _, _ = value.partition(".")
            if (
                issued.isascii()
                and issued.isdigit()
                and -CLOCK_LEEWAY <= now - int(issued[:12]) <= STATE_LIFETIME
            ):
                alive.append((int(issued[:12]), name))
            else:
                drop.append(name)
    alive.sort(reverse=True)
    return drop + [name for _, name in alive[MAX_COOKIES - 1 :]]


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


@lru_cache(maxsize=16)
def _key(secret: bytes, purpose: bytes) -> bytes:
    """One key per purpose, so that a value made for one can never pass for the other."""
    return hmac.digest(secret, purpose, "sha256")


def _mac(secret: bytes, purpose: bytes, message: bytes) -> bytes:
    return hmac.digest(_key(secret, purpose), message, "sha256")[:_MAC]


def _short_hash(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()[:_MAC]


def _cookie_name(fingerprint: bytes) -> str:
    return COOKIE_PREFIX + _encode(fingerprint[:9])


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def _decode(value: str, length: int) -> bytes | None:
    """The bytes of unpadded base64url text, None if it is not exactly ``length`` characters of that."""
    if len(value) != length or not _BASE64URL.fullmatch(value):
        return None
    raw = urlsafe_b64decode(value + "=" * (-length % 4))
    return raw if _encode(raw) == value else None  # one spelling only: the unique key hangs on the text
