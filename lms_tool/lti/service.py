"""What the Advantage services share: client assertion, access tokens, Retry-After (Sec 4.1, RFC 7523, RFC
6749).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Final

import jwt

from lms_tool.errors import Text
from lms_tool.lti.errors import LATER, LMS_ADMIN, LtiError
from lms_tool.lti.keys import ToolKey, private_key

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME: Final = 240  # seconds from now; five minutes at most (AGS-06)
ASSERTION_BACKDATE: Final = 5  # seconds: Moodle refuses an iat that its clock has not reached
TOKEN_DEFAULT_LIFETIME: Final = 300  # seconds, where the answer names none that can be used (RFC 6749 5.1)
TOKEN_MAX_LIFETIME: Final = 24 * 3600
RETRY_AFTER_LIMIT: Final = 3600  # seconds (AGS-18)


class ServiceError(LtiError):
    """An answer of a platform's service that brings us no further.

    ``reason`` is a short, safe code for queues and logs; ``retry_after`` (seconds) is set where the platform
    asked for a pause. ``lasting`` tells a refusal, which somebody must mend, from a hitch, which passes.
    """

    code, status = "service_answer_invalid", 502
    lasting = False
    text = Text(
        "Das LMS hat auf eine Anfrage des Lernwerkzeugs etwas geantwortet, das sich nicht auswerten lässt.",
        "The LMS answered a request of the tool with something that cannot be used.",
    )
    remedy = LATER

    @property
    def reason(self) -> str:
        return self.code


class TokenAnswerInvalid(ServiceError):
    """A success of the token endpoint without a token."""

    code = "token_answer_invalid"
    lasting = True
    text = Text(
        "Das LMS hat auf die Bitte um ein Zugriffstoken keines geschickt.",
        "The LMS was asked for an access token and sent none.",
    )
    remedy = LMS_ADMIN


class TokenUnavailable(ServiceError):
    """The token endpoint is busy, broken or somewhere else (429, 5xx, 3xx)."""

    code = "token_unavailable"
    text = Text(
        "Das LMS kann gerade kein Zugriffstoken ausstellen.",
        "The LMS cannot issue an access token right now.",
    )


class TokenRefused(ServiceError):
    """The token endpoint said no. ``reason`` ends with the OAuth error code where there is a known one."""

    code = "token_refused"
    lasting = True
    text = Text(
        "Das LMS hat dem Lernwerkzeug kein Zugriffstoken gegeben.",
        "The LMS gave the tool no access token.",
    )
    remedy = Text(
        "Die Person, die das LMS betreut, prüft dort Client-ID, Adresse der Schlüssel (JWKS) und die "
        "freigegebenen "
        "Dienste dieses Werkzeugs.",
        "The administrator of the LMS checks client id, key set address (JWKS) and the services enabled for "
        "this tool.",
    )

    @property
    def reason(self) -> str:
        return f"{self.code}:{self.details['error']}" if self.details.get("error") else self.code


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token: opaque ``value``, the scopes it covers, and when to stop using it.

    ``expires_at`` (Unix seconds) lies a tenth of the lifetime, at most a minute, before the platform's own
    limit.
    """

    value: str
    expires_at: int
    scopes: frozenset[str]

    def usable(self, now: int) -> bool:
        return now < self.expires_at


def client_assertion(key: ToolKey, client_id: str, audience: str, now: int, jti: str) -> str:
    """The JWT by which we prove to the token endpoint who we are (RFC 7523 2.2, Sec 4.1.1).

    ``audience`` is the platform's authorization server, or its token URL; ``jti`` must be new each time.
    """
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now - ASSERTION_BACKDATE,
        "exp": now + ASSERTION_LIFETIME,
        "jti": jti,
    }
    return jwt.encode(claims, private_key(key.private_pem), algorithm="RS256", headers={"kid": key.kid})


def token_request(assertion: str, scopes: Collection[str]) -> dict[str, str]:
    """The form to post to the token endpoint (RFC 6749 4.4.2)."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": " ".join(sorted(scopes)),
    }


_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")  # what may stand in a header (RFC 6750 2.1, and a little more)


def parse_token_response(body: bytes, now: int, requested: Collection[str] = ()) -> AccessToken:
    """Read a 200 answer of the token endpoint, whatever its content type (Moodle says text/html).

    A lifetime that is missing, zero or no number counts as five minutes (AGS-08). Where the answer names no
    scopes it granted those ``requested`` (RFC 6749 5.1). Raises TokenAnswerInvalid.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise TokenAnswerInvalid(problem="not_json") from None
    value = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise TokenAnswerInvalid(problem="access_token")
    kind = answer.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenAnswerInvalid(problem="token_type")
    lifetime = _lifetime(answer.get("expires_in"))
    scope = answer.get("scope")
    scopes = frozenset(scope.split()) if isinstance(scope, str) else frozenset(requested)
    return AccessToken(value, now + lifetime - min(60, lifetime // 10), scopes)


def _lifetime(expires_in: object) -> int:
    if isinstance(expires_in, str) and expires_in.isascii() and expires_in.isdigit():
        return min(int(expires_in[:9]) or TOKEN_DEFAULT_LIFETIME, TOKEN_DEFAULT_LIFETIME)
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or expires_in < 1:
        return TOKEN_DEFAULT_LIFETIME
    if isinstance(expires_in, float) and not isfinite(expires_in):
        return TOKEN_DEFAULT_LIFETIME
    return int(min(expires_in, TOKEN_MAX_LIFETIME))


_OAUTH_ERRORS: Final = frozenset(  # RFC 6749 5.2
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)


def read_token_answer(
    status: int, headers: Mapping[str, str], body: bytes, now: int, requested: Collection[str] = ()
) -> AccessToken:
    """What the token endpoint answered, see ``parse_token_response``. ``headers`` are looked up in lower
    case.

    Raises TokenUnavailable, TokenRefused, TokenAnswerInvalid.
    """
    if status == 200 or status == 201:
        return parse_token_response(body, now, requested)
    if status in (408, 425, 429) or not 400 <= status < 500:
        raise TokenUnavailable(
            retry_after=parse_retry_after(headers.get("retry-after"), now), answered=status
        )
    raise TokenRefused(answered=status, error=_oauth_error(body))


def _oauth_error(body: bytes) -> str | None:
    """A known OAuth error code. Moodle puts whole sentences there, with times and names: those are not passed
    on.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, str) and error in _OAUTH_ERRORS else None


def parse_retry_after(value: str | None, now: int) -> int | None:
    """Seconds to wait by a Retry-After header: delta or HTTP date (RFC 9110 10.2.3), at most an hour.

    None where there is no header, or none that makes sense.
    """
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:12]), RETRY_AFTER_LIMIT)
    try:
        moment = parsedate_to_datetime(value)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) - now
    except (ValueError, OverflowError):
        return None
    return max(0, min(seconds, RETRY_AFTER_LIMIT))
