"""The id_token as a JWT: strict parsing before any cryptography, then the signature. Claims are launch.py's
business.

PyJWT verifies the signature with the algorithm object, not through ``jwt.decode``: its own parser takes what
we refuse (duplicate keys, infinite numbers) and looks at each character in Python, which costs more than the
RSA itself.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from jwt.algorithms import RSAAlgorithm

from lms_tool.lti.claims import LTI_PREFIX, MESSAGE_TYPE
from lms_tool.lti.keys import PlatformKey
from lms_tool.lti.request_errors import RequestTooLarge
from lms_tool.lti.strict_json import NotStrict, parse_object
from lms_tool.lti.token_errors import (
    AlgNotAllowed,
    IdTokenMalformed,
    IdTokenMissing,
    IdTokenNotALaunch,
    IssuerMismatch,
    KidMissing,
    MessageTypeInvalid,
    SignatureInvalid,
)

MAX_PAYLOAD: Final = 256 * 1024  # bytes, decoded (CLM-64)
MAX_HEADER: Final = 32 * 1024  # bytes, decoded: a kid of 10 KiB is unknown, not malformed (JWT-23)
MAX_SIGNATURE: Final = 2048  # bytes, decoded: RSA-16384
_MAX_TOKEN: Final = (MAX_PAYLOAD + MAX_HEADER + MAX_SIGNATURE) * 4 // 3 + 8

_RS256 = RSAAlgorithm(RSAAlgorithm.SHA256)


@dataclass(frozen=True, slots=True)
class Token:
    """A well-formed, not yet verified RS256 token. ``claims`` must not be believed before
    ``check_signature``.
    """

    kid: str
    header: dict[str, Any]
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes

    def check_issuer(self, issuer: str) -> None:
        """Refuse a token that does not even claim to come from ``issuer``, before its keys are asked for.

        Raises IssuerMismatch. An answer of another platform (mix-up, Sec 5.1.3 step 2; ASVS 10.2.2) is told
        apart from an unknown key this way, and causes no fetch. Nothing is believed: this can only refuse.
        """
        claimed = self.claims.get("iss")
        if isinstance(claimed, str) and claimed and claimed != issuer:
            raise IssuerMismatch

    def check_signature(self, keys: Sequence[PlatformKey]) -> None:
        """Raises SignatureInvalid unless one of ``keys`` made the signature (Sec 5.1.3 step 1)."""
        for key in keys:
            if _RS256.verify(self.signing_input, key.public_key, self.signature):
                return
        raise SignatureInvalid(kid=ascii(self.kid[:80]))


def parse_token(raw: str | None) -> Token:
    """Take a compact JWT apart (RFC 7515, RFC 7519 7.2).

    Raises IdTokenMissing, RequestTooLarge, IdTokenMalformed, IdTokenNotALaunch (``crit``, another kind of
    token), MessageTypeInvalid (a response), AlgNotAllowed (all but RS256; before the missing kid),
    KidMissing.
    """
    if not raw:
        raise IdTokenMissing
    if len(raw) > _MAX_TOKEN:
        raise RequestTooLarge(characters=len(raw))
    parts = raw.split(".")
    if len(parts) != 3:
        raise IdTokenMalformed(problem="parts")
    header_part, payload_part, signature_part = parts
    header = _json_object(_base64url(header_part, MAX_HEADER))
    if header.get("alg") != "RS256":
        raise AlgNotAllowed(alg=repr(header.get("alg"))[:40])
    if "crit" in header:  # we understand no extension, and crit forbids to ignore one (RFC 7515 4.1.11)
        raise IdTokenNotALaunch(problem="crit")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in (
        "jwt",
        "application/jwt",
    ):  # at+jwt, RFC 9068 (ASVS 9.2.2)
        raise IdTokenNotALaunch(problem="typ")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise KidMissing
    claims = _json_object(_base64url(payload_part, MAX_PAYLOAD))
    _refuse_other_kinds(claims)
    return Token(
        kid,
        header,
        claims,
        f"{header_part}.{payload_part}".encode(),
        _base64url(signature_part, MAX_SIGNATURE),
    )


def _refuse_other_kinds(claims: dict[str, Any]) -> None:
    """Another kind of token under the same key is not taken for an id_token (ASVS 9.2.2, RFC 8725 3.12).

    A client assertion or an access token has neither a nonce, without which there is no id_token in the
    implicit flow (OIDC Core 3.2.2.11), nor any claim of LTI. Told apart here, before the sender is compared:
    that of an assertion or a response of ours would be ourselves. A token without a sender is left to the
    check of ``iss``.
    """
    if claims.get(MESSAGE_TYPE) == "LtiDeepLinkingResponse":
        raise MessageTypeInvalid
    if "iss" in claims and "nonce" not in claims and not any(name.startswith(LTI_PREFIX) for name in claims):
        raise IdTokenNotALaunch(problem="no_lti_claims")


# "-" and "_" become what a2b_base64 reads; "+", "/" and "=" do not belong in base64url and become what it
# refuses.
_TO_BASE64 = bytes.maketrans(b"-_+/=", b"+/!!!")


def _base64url(part: str, limit: int) -> bytes:
    if len(part) > limit * 4 // 3 + 4:
        raise RequestTooLarge(characters=len(part))
    try:
        encoded = part.encode("ascii").translate(_TO_BASE64)
        raw = a2b_base64(encoded + b"=" * (-len(encoded) % 4), strict_mode=True)
    except ValueError:
        raise IdTokenMalformed(problem="base64url") from None
    if len(raw) > limit:
        raise RequestTooLarge(bytes=len(raw))
    return raw


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        return parse_object(raw)
    except NotStrict as fault:
        raise IdTokenMalformed(problem=fault.problem) from None


__all__ = ["MAX_PAYLOAD", "Token", "parse_token"]
