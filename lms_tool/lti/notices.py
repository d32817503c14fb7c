"""Notices: what a platform tells us outside of any launch (LTI Platform Notification Service 1.0).

A tool puts the address of its handler to the platform; from then on the platform posts batches of signed notices
there. We take one kind: a course was copied (LtiContextCopyNotice), and from which.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lms_tool.errors import Text
from lms_tool.lti import claims as c
from lms_tool.lti.errors import LMS_ADMIN, LtiError, NonceMissing
from lms_tool.lti.history import MAX_ANCESTORS, is_id
from lms_tool.lti.keys import PlatformKey
from lms_tool.lti.launch import LEEWAY, Registration, check_sender_and_recipient, check_times, check_version
from lms_tool.lti.service import parse_retry_after
from lms_tool.lti.strict_json import NotStrict, parse_object
from lms_tool.lti.token import Token
from lms_tool.lti.token_errors import ClaimInvalid, ClaimMissing

CONTEXT_COPY: Final = "LtiContextCopyNotice"
HANDLER_TYPE: Final = "application/json"
MAX_BATCH: Final = 50  # notices in one post: what we ask platforms to keep to
MAX_AGE: Final = 24 * 3600  # seconds since iat: a platform may hold notices back for a while


class NoticeMalformed(LtiError):
    """The post is no batch of notices."""

    code, status = "notice_malformed", 400
    text = Text(
        "Diese Adresse nimmt nur Mitteilungen eines LMS an, und das ist keine.",
        "This address only takes notices of an LMS, and this is none.",
    )
    remedy = LMS_ADMIN


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notice. ``happened_at`` and ``expires_at`` are Unix seconds; ``origins`` are context ids."""

    deployment_id: str
    type: str
    nonce: str
    happened_at: int
    expires_at: int
    context: c.Context | None
    origins: tuple[str, ...]


def handler_request(notice_type: str, handler_url: str) -> bytes:
    """What to put to the service so that it sends notices of this type to ``handler_url``."""
    body = {"notice_type": notice_type, "handler": handler_url, "max_batch_size": MAX_BATCH}
    return json.dumps(body).encode()


def judge_handler_answer(status: int, headers: Mapping[str, str], now: int) -> tuple[str | None, int | None]:
    """Why a subscription was not taken, as a short code, and the pause the platform asks for; (None, None): it was."""
    if 200 <= status < 300:
        return None, None
    if status in (401, 403):
        return "forbidden", None
    if status in (404, 410):
        return "service_gone", None
    if 400 <= status < 500 and status not in (408, 425, 429):
        return "refused", None
    return "platform_busy", parse_retry_after(headers.get("retry-after"), now)


def read_batch(body: bytes) -> list[str]:
    """The JWTs of a posted batch, ``{"notices": [{"jwt": …}, …]}``. Raises NoticeMalformed."""
    try:
        batch = parse_object(body).get("notices")
    except NotStrict as error:
        raise NoticeMalformed(problem=error.problem) from None
    if not isinstance(batch, list) or not 0 < len(batch) <= MAX_BATCH:
        raise NoticeMalformed(problem="notices")
    raw = [entry.get("jwt") if isinstance(entry, dict) else None for entry in batch]
    found = [one for one in raw if isinstance(one, str) and one]
    if len(found) != len(raw):
        raise NoticeMalformed(problem="jwt")
    return found


def addressees(token: Token) -> tuple[str, list[str]]:
    """Who claims to have sent a notice, and to which client ids: to find the registration with, not to be believed."""
    issuer, audience = token.claims.get("iss"), token.claims.get("aud")
    names = audience if isinstance(audience, list) else [audience]
    return (issuer if isinstance(issuer, str) else ""), [name for name in names if isinstance(name, str)]


def verify_notice(token: Token, keys: Sequence[PlatformKey], expected: Registration, now: int) -> Notice:
    """Prove that ``token`` is a notice of registration ``expected``, and read it; ``now`` in Unix seconds.

    That it is used only once is the caller's business, by ``nonce``.

    Raises one of the classes in ``token_errors``, NonceMissing.
    """
    token.check_issuer(expected.issuer)
    token.check_signature(keys)
    claims = token.claims
    check_sender_and_recipient(claims, expected)
    issued = check_times(claims, now, MAX_AGE)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise NonceMissing
    check_version(claims)
    notice = claims.get(c.NOTICE)
    if notice is None:
        raise ClaimMissing("notice")
    if not isinstance(notice, dict):
        raise ClaimInvalid("notice")
    kind = c.required_id(notice, "type", "notice.type")
    context = c.read_context(claims)
    if kind == CONTEXT_COPY and context is None:
        raise ClaimMissing("context")
    return Notice(
        deployment_id=c.required_id(claims, c.DEPLOYMENT_ID, "deployment_id"),
        type=kind,
        nonce=nonce,
        happened_at=_moment(notice.get("timestamp"), issued),
        expires_at=int(min(claims["exp"], issued + MAX_AGE)) + LEEWAY,  # later it is refused as too old
        context=context,
        origins=_origins(claims.get(c.ORIGIN_CONTEXTS)),
    )


def _moment(value: object, otherwise: int) -> int:
    """An ISO 8601 time with its zone as Unix seconds; a notice without a usable one happened when it was signed."""
    if isinstance(value, str) and len(value) <= 64:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return otherwise
        if moment.tzinfo is not None:
            return max(0, min(int(moment.timestamp()), otherwise))
    return otherwise


def _origins(value: Any) -> tuple[str, ...]:
    """``origin_contexts``: what was copied, as far as it is ids."""
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(one for one in value if is_id(one)))[:MAX_ANCESTORS]
