"""Keys of both sides: choosing a platform's key by kid (Sec 6.3, RFC 7517), and our own key set and its
rotation.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from lms_tool.lti.token_errors import KeyTooWeak, KeyUnusable, KidUnknown, PlatformKeysUnavailable

CACHE_FLOOR: Final = 60
CACHE_CEILING: Final = 24 * 3600
CACHE_DEFAULT: Final = 3600

MIN_BITS: Final = 2048  # NIST SP 800-131A, BSI TR-02102
MAX_BITS: Final = 8192  # beyond it, checking a signature costs more than a launch is worth
SAME_KID_LIMIT: Final = 5


# --- the platform's keys ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """A parsed RSA key, fit for RS256. Keep it: parsing costs as much as a signature check."""

    kid: str
    public_key: RSAPublicKey


class KeySet:
    """A platform's published keys, parsed once."""

    def __init__(
        self, usable: dict[str, list[PlatformKey]], refused: dict[str, type[KeyUnusable | KeyTooWeak]]
    ):
        self._usable = usable
        self._refused = refused

    @property
    def usable(self) -> int:
        """How many keys are fit for RS256 signatures."""
        return sum(map(len, self._usable.values()))

    def candidates(self, kid: str) -> list[PlatformKey]:
        """The keys published under ``kid``: one, or up to five that share it (RFC 7517 4.5).

        Raises KidUnknown, KeyUnusable (not for RS256 signatures), KeyTooWeak (under 2048 bit).
        """
        keys = self._usable.get(kid)
        if keys:
            return keys
        raise self._refused.get(kid, KidUnknown)(kid=ascii(kid[:80]))  # ascii: no line breaks in a log


def parse_key_set(body: bytes) -> KeySet:
    """Read a JWK set. Entries that we cannot use are skipped (RFC 7517 5), but remembered with the reason.

    Raises PlatformKeysUnavailable when the body is no key set or holds no entry at all.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise PlatformKeysUnavailable(problem="not_json") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise PlatformKeysUnavailable(problem="no_keys")
    usable: dict[str, list[PlatformKey]] = {}
    refused: dict[str, type[KeyUnusable | KeyTooWeak]] = {}
    for entry in entries:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str) or not kid:
            continue
        try:
            key = _public_key(entry)
        except (KeyUnusable, KeyTooWeak) as refusal:
            refused[kid] = type(refusal)
            continue
        same_kid = usable.setdefault(kid, [])
        if len(same_kid) < SAME_KID_LIMIT:
            same_kid.append(PlatformKey(kid, key))
    return KeySet(usable, refused)


def _public_key(jwk: dict[str, Any]) -> RSAPublicKey:
    operations = jwk.get("key_ops")
    if (
        jwk.get("kty") != "RSA"
        or jwk.get("use", "sig") != "sig"
        or jwk.get("alg", "RS256") != "RS256"
        or (operations is not None and not (isinstance(operations, list) and "verify" in operations))
    ):
        raise KeyUnusable
    modulus, exponent = jwk.get("n"), jwk.get("e")
    if not isinstance(modulus, str) or not isinstance(exponent, str) or len(modulus) > MAX_BITS // 4:
        raise KeyUnusable
    try:
        # Only the public members: an entry that gives away its private part must not become a private key
        # here.
        key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": modulus, "e": exponent})
    except (ValueError, TypeError, InvalidKeyError):
        raise KeyUnusable from None
    assert isinstance(key, RSAPublicKey)
    if key.key_size < MIN_BITS:
        raise KeyTooWeak
    if key.key_size > MAX_BITS:
        raise KeyUnusable
    return key


_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,18})"?(?=$|[\s,])', re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|[\s,])(?:no-store|no-cache)(?=$|[\s,=])", re.IGNORECASE)


def cache_lifetime(cache_control: str | None) -> int:
    """Seconds to keep a key set, by its Cache-Control header: at least 60, at most a day, an hour if nothing
    is said.

    RFC 9111, bent at both ends: a platform that forbids caching must not be asked at each launch, and one
    that promises a year may still have to replace a stolen key.
    """
    if not cache_control:
        return CACHE_DEFAULT
    if _UNCACHED.search(cache_control):
        return CACHE_FLOOR
    ages = [int(age) for age in _MAX_AGE.findall(cache_control)]
    return max(CACHE_FLOOR, min(*ages, CACHE_CEILING)) if ages else CACHE_DEFAULT


# --- our keys -----------------------------------------------------------------------------------------------

PUBLISHED_BEFORE_USE: Final = 24 * 3600  # LMSs cache our key set, some for a day (SES-11)
KEPT_AFTER_USE: Final = 7 * 24 * 3600  # SES-10


@dataclass(frozen=True, slots=True)
class ToolKey:
    """One of our signing keys. ``published_at`` is when it first stood in our key set (Unix seconds)."""

    kid: str
    private_pem: str
    published_at: int


def generate(now: int) -> ToolKey:
    """A new key, published from ``now`` on.

    RSA with 2048 bit: every LMS checks that, while several refuse or mishandle longer ones, and it is what
    TR-02102 still allows for signatures that live five minutes. The kid is the key's thumbprint (RFC 7638).
    """
    private = generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    numbers = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    canonical = json.dumps(
        {name: numbers[name] for name in ("e", "kty", "n")}, separators=(",", ":"), sort_keys=True
    )
    kid = urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()
    return ToolKey(kid, pem, now)


@lru_cache(maxsize=8)
def private_key(private_pem: str) -> RSAPrivateKey:
    """The parsed key. Loading checks its primes, which costs far more than a signature: hence the cache."""
    key = serialization.load_pem_private_key(private_pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the tool signs with RSA keys only")
    return key


def public_jwk(private_pem: str, kid: str) -> dict[str, str]:
    """The entry of our key set: public members only (SES-10)."""
    numbers = RSAAlgorithm.to_jwk(private_key(private_pem).public_key(), as_dict=True)
    return {"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig", "n": numbers["n"], "e": numbers["e"]}


def signing_key(keys: Sequence[ToolKey], now: int) -> ToolKey:
    """The newest key that has been published for a day; while none has, the oldest. ``keys`` must not be
    empty.
    """
    ordered = sorted(keys, key=lambda key: key.published_at)
    ready = [key for key in ordered if key.published_at + PUBLISHED_BEFORE_USE <= now]
    return ready[-1] if ready else ordered[0]


def published(keys: Sequence[ToolKey], now: int) -> list[ToolKey]:
    """The keys to publish at ``now``, newest first; the others may be deleted.

    A replaced key stays for seven days after its successor began to sign, for tokens signed with it may still
    be on their way and platforms may check late.
    """
    ordered = sorted(keys, key=lambda key: key.published_at, reverse=True)
    kept = ordered[:1]
    for key, successor in zip(ordered[1:], ordered, strict=False):
        if now < published_until(successor):
            kept.append(key)
    return kept


def published_until(successor: ToolKey) -> int:
    """Until when (Unix seconds) the key that ``successor`` replaces stays in our key set."""
    return successor.published_at + PUBLISHED_BEFORE_USE + KEPT_AFTER_USE
