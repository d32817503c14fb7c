"""One-time links with which an LMS registers itself. Only a hash of a link's code is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update
from sqlalchemy import insert as core_insert

from lms_tool.lti.registration_errors import RegistrationInProgress, RegistrationInviteInvalid
from lms_tool.models import Invitation, Tenant
from lms_tool.services import audit

LIFETIME: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=90)
CLAIM: Final = timedelta(seconds=60)  # longer than a registration takes; a killed process frees it by this
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter is taken for a digit
_LETTERS: Final = 16  # 80 bits
_MISREAD: Final = str.maketrans("OIL", "011", "- ")


class Invited(NamedTuple):
    """A valid invitation: which tenant the LMS will belong to."""

    id: int
    tenant_id: int
    tenant_name: str


def invite(
    db: Connection,
    tenant_id: int,
    actor: str,
    now: datetime,
    correlation_id: str,
    lifetime: timedelta = LIFETIME,
) -> str:
    """Make an invitation and return its code, which is shown now and never again."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
    made = db.execute(
        core_insert(Invitation)
        .values(
            tenant_id=tenant_id,
            code_hash=_hash(letters),
            created_by=actor,
            created_at=now,
            expires_at=now + min(lifetime, LONGEST),
        )
        .returning(Invitation.id)
    ).scalar_one()
    audit.note(
        db,
        now,
        "registration",
        "platform_invited",
        None,
        correlation_id,
        {"invitation": made},
        actor=actor,
        tenant_id=tenant_id,
    )
    return "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))


def link(base_url: str, code: str) -> str:
    """What is pasted into the LMS."""
    return f"{base_url}/lti/register/{code}"


def open_invitations(db: Connection, tenant_id: int, now: datetime) -> list[dict[str, Any]]:
    """Invitations that could still be used, newest first: id, who made it, until when."""
    rows = db.execute(
        select(Invitation.id, Invitation.created_by, Invitation.created_at, Invitation.expires_at)
        .where(Invitation.tenant_id == tenant_id, *_usable(now))
        .order_by(Invitation.id.desc())
    )
    return [dict(row._mapping) for row in rows]


def withdraw(
    db: Connection, invitation_id: int, tenant_id: int, actor: str, now: datetime, correlation_id: str
) -> None:
    """Make an unused invitation worthless; one that is not there or used already stays as it is."""
    ended = db.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.tenant_id == tenant_id, *_usable(now))
        .values(expires_at=now)
    ).rowcount
    if ended:
        audit.note(
            db,
            now,
            "registration",
            "invitation_withdrawn",
            None,
            correlation_id,
            {"invitation": invitation_id},
            actor=actor,
            tenant_id=tenant_id,
        )


def was_made(db: Connection, code: str | None) -> bool:
    """Whether this code is one of ours, also if it was used or has expired."""
    return db.scalar(select(Invitation.id).where(Invitation.code_hash == _hash(code))) is not None


def find(db: Connection, code: str | None, now: datetime) -> Invited:
    """Raises RegistrationInviteInvalid: never made, used, withdrawn or expired; which of these is not told."""
    row = db.execute(
        select(Invitation.id, Invitation.tenant_id, Tenant.name)
        .join(Tenant, Tenant.id == Invitation.tenant_id)
        .where(Invitation.code_hash == _hash(code), *_usable(now))
    ).first()
    if row is None:
        raise RegistrationInviteInvalid
    return Invited(*row)


def claim(db: Connection, invitation_id: int, now: datetime) -> None:
    """Keep others from registering with it while the LMS is asked: two clicks must not make two tools there.

    Raises:
        RegistrationInProgress: somebody else does so right now.
        RegistrationInviteInvalid: it was used up or ended meanwhile.
    """
    free = or_(Invitation.claimed_until.is_(None), Invitation.claimed_until <= now)
    this = (Invitation.id == invitation_id, *_usable(now))
    taken = db.execute(update(Invitation).where(*this, free).values(claimed_until=now + CLAIM)).rowcount
    if taken:
        return
    still_open = db.scalar(select(Invitation.id).where(and_(*this)))
    raise RegistrationInProgress if still_open else RegistrationInviteInvalid


def release(db: Connection, invitation_id: int) -> None:
    """The attempt failed: the invitation may be used again."""
    db.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.used_at.is_(None))
        .values(claimed_until=None)
    )


def use_up(db: Connection, invitation_id: int, platform_id: int, now: datetime) -> None:
    """In the transaction that stores the registration: once, whatever races.

    Raises:
        RegistrationInviteInvalid: another transaction was first.
    """
    used = db.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.used_at.is_(None))
        .values(used_at=now, platform_id=platform_id, claimed_until=None)
    ).rowcount
    if not used:
        raise RegistrationInviteInvalid


def _usable(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Invitation.used_at.is_(None), Invitation.expires_at > now


def _hash(code: str | None) -> bytes:
    """Of the letters alone: people retype codes in lower case, without hyphens, and with O for 0."""
    letters = (code or "")[:64].upper().translate(_MISREAD)
    return hashlib.sha256(b"invitation:" + letters.encode(errors="replace")).digest()
