"""The state that binds a platform's answer to the browser that began the login (Sec 5.1.1, 7.3.1).

State is not stored here. It carries the registration, its age and the hashes of nonce and browser secret under a
MAC; the platform carries state and nonce, the browser keeps the secret. That each is used only once is the
database's business: it keeps ``LoginState.fingerprint`` under a unique key.

Where the browser keeps its secret is decided at the login and written into the state:

cookie
    one cookie per login, ``__Host-lti-…``.
platform storage
    for a frame without cookies: state, nonce and secret lie in a frame of the platform, which gives them only to
    pages of our origin (lti-cs-oidc 0.1, lti-pm-s 0.1). ``storage_target`` names that frame.

The second is no way around the first. A state made for the cookie is never completed with stored values. A stolen
state and id_token are not enough, for what counts is the secret, which is in neither; and an attacker who wants
somebody else to go on in *his* login (login CSRF) knows the secret, but cannot bring it in: only a page of ours may
post stored values, and that page takes them from the platform's frame in the same browser, where his login never
put any.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from lms_tool.lti.errors import NonceMismatch, NonceMissing, NonceUnknown, StateMissing, StateUnknown

STATE_LIFETIME: Final = 600  # seconds
CLOCK_LEEWAY: Final = 60  # seconds between our own machines
COOKIE_PREFIX: Final = "__Host-lti-"
MAX_TARGET: Final = 300  # characters of a target that a cookie remembers
MAX_COOKIES: Final = 10  # pending logins one browser may hold (LOG-24)
MAX_STORAGE_TARGET: Final = 255  # bytes of a frame's name

_RANDOM: Final = 16  # bytes, 128 bit (ASVS 7.2.3)
_MAC: Final = 16
_COOKIE, _STORAGE = 1, 2
_BODY = struct.Struct(
    f">BQQ{_RANDOM}s{_MAC}s{_MAC}s"
)  # where the secret is kept, platform, issued, random, nonce hash, browser hash; then the storage's frame
_MAX_STATE: Final = ((_BODY.size + MAX_STORAGE_TARGET + _MAC) * 4 + 2) // 3
_NONCE_LENGTH: Final = ((_RANDOM + _MAC) * 4 + 2) // 3


@dataclass(frozen=True, slots=True)
class Stored:
    """What a browser keeps of a login in the platform's storage, and gives back with the launch."""

    state: str
    nonce: str
    secret: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A login that has just begun: ``state`` and ``nonce`` go to the platform, the cookie or ``stored`` to the browser.

    ``storage_key`` begins the names under which ``stored`` is kept: one per login, so that tabs do not collide.
    """

    state: str
    nonce: str
    cookie_name: str
    cookie_value: str
    stored: Stored
    storage_key: str


@dataclass(frozen=True, slots=True)
class LoginState:
    """A state of ours that came back. ``fingerprint`` is what the database remembers once it was used.

    ``storage_target``: the frame that keeps the browser's half; None: a cookie does.
    """

    platform_id: int
    issued_at: int
    nonce_hash: bytes
    browser_hash: bytes
    fingerprint: bytes
    cookie_name: str
    secret: bytes = field(default=b"", repr=False)  # of ours, the one it was made with
    storage_target: str | None = None

    @property
    def storage_key(self) -> str:
        return _storage_key(self.fingerprint)

    def expired(self, now: int) -> bool:
        """Whether it is older than ten minutes at ``now`` (Unix seconds)."""
        return not -CLOCK_LEEWAY <= now - self.issued_at <= STATE_LIFETIME

    def belongs_to(self, cookie_value: str | None) -> bool:
        """Whether this browser began the login, by its cookie ``cookie_name`` (None: it sent none)."""
        if not cookie_value or self.storage_target is not None:
            return False
        browser_secret = cookie_value.split(".", 2)[1] if "." in cookie_value else ""
        return hmac.compare_digest(_short_hash(browser_secret), self.browser_hash)

    def was_kept_as(self, stored: Stored) -> bool:
        """Whether these values came out of the storage that the login put them into. Compared in constant time."""
        fits = (
            hmac.compare_digest(_fingerprint(stored.state), self.fingerprint),
            hmac.compare_digest(_short_hash(stored.nonce), self.nonce_hash),
            hmac.compare_digest(_short_hash(stored.secret), self.browser_hash),
        )
        return self.storage_target is not None and all(fits)


def issue(
    secret: bytes, platform_id: int, now: int, target: str = "", storage_target: str | None = None
) -> Pending:
    """Begin a login with registration ``platform_id`` at ``now`` (Unix seconds).

    ``target`` is remembered in the cookie, for the audit trail only: what the token says later decides (Core 4.1).
    ``storage_target``: name of the platform's frame, at most 255 bytes, for a browser that keeps no cookie.
    """
    random = secrets.token_bytes(3 * _RANDOM)
    nonce_random, browser_random, state_random = random[:16], random[16:32], random[32:]
    nonce = _encode(nonce_random + _mac(secret, b"lti nonce", nonce_random))
    browser_secret = _encode(browser_random)
    body = _BODY.pack(
        _COOKIE if storage_target is None else _STORAGE,
        platform_id,
        now,
        state_random,
        _short_hash(nonce),
        _short_hash(browser_secret),
    )
    body += (storage_target or "").encode()
    state = _encode(body + _mac(secret, b"lti state", body))
    remembered = _encode(target[:MAX_TARGET].encode())
    return Pending(
        state,
        nonce,
        cookie_name(state),
        f"{now}.{browser_secret}.{remembered}",
        Stored(state, nonce, browser_secret),
        _storage_key(_fingerprint(state)),
    )


def read_state(secret: bytes, state: str | None, previous: Sequence[bytes] = ()) -> LoginState:
    """A state of ours, made with ``secret`` or one that it replaced.

    Raises StateMissing for an absent or empty state, StateUnknown for one that we never issued.
    """
    if not state:
        raise StateMissing
    raw = _decode(state, _MAX_STATE)
    if raw is None or len(raw) < _BODY.size + _MAC:
        raise StateUnknown
    body, mac = raw[:-_MAC], raw[-_MAC:]
    made_with = next(
        (one for one in (secret, *previous) if hmac.compare_digest(_mac(one, b"lti state", body), mac)), None
    )
    if made_with is None:
        raise StateUnknown
    kind, platform_id, issued_at, _, nonce_hash, browser_hash = _BODY.unpack(body[: _BODY.size])
    fingerprint = _fingerprint(state)
    return LoginState(
        platform_id,
        issued_at,
        nonce_hash,
        browser_hash,
        fingerprint,
        _cookie_name(fingerprint),
        made_with,
        body[_BODY.size :].decode() if kind == _STORAGE else None,
    )


def session_proof(secret: bytes, state: LoginState) -> str:
    """What a browser without cookies will show for the session that begins with ``state``.

    It is not the secret of the login: a new proof for a new right (ASVS 7.2.4). And it can be made again: a frame
    that is reloaded and verified once more gets the same.
    """
    return proof_of(secret, state.fingerprint)


def proof_of(secret: bytes, fingerprint: bytes) -> str:
    """``session_proof`` by the state's fingerprint."""
    return _encode(hmac.digest(_key(secret, b"lti session"), fingerprint, "sha256"))


def check_nonce(secret: bytes, state: LoginState, nonce: object) -> str:
    """The nonce, proven to be ours and to belong to ``state`` (Sec 5.1.3 step 9).

    Raises NonceMissing (also for an empty one or another type), NonceUnknown (never issued), NonceMismatch.
    """
    if not isinstance(nonce, str) or not nonce:
        raise NonceMissing
    raw = _decode(nonce, _NONCE_LENGTH) if len(nonce) == _NONCE_LENGTH else None
    if raw is None or not hmac.compare_digest(_mac(secret, b"lti nonce", raw[:_RANDOM]), raw[_RANDOM:]):
        raise NonceUnknown
    if not hmac.compare_digest(_short_hash(nonce), state.nonce_hash):
        raise NonceMismatch
    return nonce


def cookie_name(state: str) -> str:
    """The name of the cookie that holds the browser's half of ``state``: one per login, so that tabs do not
    collide.
    """
    return _cookie_name(_fingerprint(state))


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


@lru_cache(maxsize=16)
def _key(secret: bytes, purpose: bytes) -> bytes:
    """One key per purpose, so that a value made for one can never pass for the other."""
    return hmac.digest(secret, purpose, "sha256")


def _mac(secret: bytes, purpose: bytes, message: bytes) -> bytes:
    return hmac.digest(_key(secret, purpose), message, "sha256")[:_MAC]


def _short_hash(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()[:_MAC]


def _fingerprint(state: str) -> bytes:
    return hashlib.sha256(state.encode("utf-8", "replace")).digest()


def _cookie_name(fingerprint: bytes) -> str:
    return COOKIE_PREFIX + _encode(fingerprint[:9])


def _storage_key(fingerprint: bytes) -> str:
    return "lms-tool-" + _encode(fingerprint[:9])


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def _decode(value: str, longest: int) -> bytes | None:
    """The bytes of unpadded base64url text, None if it is not that, or longer than ``longest`` characters."""
    if len(value) > longest or len(value) % 4 == 1 or not _BASE64URL.fullmatch(value):
        return None
    raw = urlsafe_b64decode(value + "=" * (-len(value) % 4))
    return raw if _encode(raw) == value else None  # one spelling only: the unique key hangs on the text
