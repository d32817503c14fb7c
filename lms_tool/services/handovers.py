"""One-time tokens that carry a session from one document to the next where no cookie can (STA-31).

A token is made only for a browser that was verified: after a launch whose state came out of the platform's storage,
or by a request that proved its session. The database keeps a hash of it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update
from sqlalchemy import insert as core_insert

from lms_tool.lti.request_errors import HandoverInvalid
from lms_tool.models import Handover, Launch

LIFETIME = timedelta(seconds=60)


def issue(db: Connection, launch_id: str, fingerprint: bytes, now: datetime) -> str:
    """A token for the launch (or picker) that began with the state of this ``fingerprint``."""
    token = secrets.token_urlsafe(24)
    db.execute(
        core_insert(Handover).values(
            token_hash=_hash(token),
            launch_id=launch_id,
            state_fingerprint=fingerprint,
            expires_at=now + LIFETIME,
        )
    )
    return token


def redeem(db: Connection, launch_id: str, token: str, now: datetime) -> bytes:
    """Use a token up; the fingerprint of the state that its launch began with. Of two at once, one wins.

    Raises:
        HandoverInvalid: unknown, used, older than a minute, or made for another launch.
    """
    fingerprint = db.scalar(
        update(Handover)
        .where(
            Handover.token_hash == _hash(token),
            Handover.launch_id == launch_id,
            Handover.used_at.is_(None),
            Handover.expires_at > now,
        )
        .values(used_at=now)
        .returning(Handover.state_fingerprint)
    )
    if fingerprint is None:
        raise HandoverInvalid(launch=launch_id[:6])
    return bytes(fingerprint)


def fingerprint_of(db: Connection, launch_id: str) -> bytes:
    """The state that a running launch began with."""
    return bytes(db.execute(select(Launch.state_fingerprint).where(Launch.id == launch_id)).scalar_one())


def forget(db: Connection, now: datetime) -> None:
    """Delete tokens that nobody can use any more."""
    db.execute(delete(Handover).where(Handover.expires_at <= now))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
