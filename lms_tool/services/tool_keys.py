"""Our own signing keys: made, published, rotated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lms_tool.lti import keys
from lms_tool.models import ToolKey
from lms_tool.services.vault import Vault


@dataclass(frozen=True, slots=True)
class KeyInfo:
    kid: str
    created_at: datetime
    signs: bool
    published: bool


def ensure(session: Session, vault: Vault, now: datetime) -> None:
    """Make the first key if there is none."""
    if session.scalar(select(ToolKey.kid).limit(1)) is None:
        _add(session, vault, now)


def rotate(session: Session, vault: Vault, now: datetime) -> str:
    """Add a key. It is published at once and signs a day later, when platforms have had time to fetch it (SES-11).

    Keys that are no longer published are deleted. Returns the new key id.
    """
    ensure(session, vault, now)
    kid = _add(session, vault, now)
    known = _known(session)
    kept = {key.kid for key in keys.published(known, _seconds(now))}
    session.execute(delete(ToolKey).where(ToolKey.kid.not_in(kept)))
    return kid


def listing(session: Session, now: datetime) -> list[KeyInfo]:
    known = _known(session)
    published = {key.kid for key in keys.published(known, _seconds(now))}
    signing = keys.signing_key(known, _seconds(now)).kid if known else None
    created = dict(session.execute(select(ToolKey.kid, ToolKey.created_at)).tuples().all())
    return [KeyInfo(key.kid, created[key.kid], key.kid == signing, key.kid in published) for key in known]


def public_set(session: Session, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The JSON Web Key Set platforms fetch: public parts only (RFC 7517)."""
    published = {key.kid for key in keys.published(_known(session), _seconds(now))}
    rows = session.execute(select(ToolKey.kid, ToolKey.public_jwk).order_by(ToolKey.created_at))
    return {"keys": [jwk for kid, jwk in rows if kid in published]}


def signing(session: Session, vault: Vault, now: datetime) -> keys.ToolKey:
    """The key that signs now."""
    chosen = keys.signing_key(_known(session), _seconds(now))
    sealed = session.scalars(select(ToolKey.private_key).where(ToolKey.kid == chosen.kid)).one()
    return keys.ToolKey(chosen.kid, vault.open(sealed).decode(), chosen.published_at)


def _known(session: Session) -> list[keys.ToolKey]:
    rows = session.execute(select(ToolKey.kid, ToolKey.created_at).order_by(ToolKey.created_at))
    return [keys.ToolKey(kid, "", _seconds(created)) for kid, created in rows]


def _add(session: Session, vault: Vault, now: datetime) -> str:
    key = keys.generate(_seconds(now))
    session.add(
        ToolKey(
            kid=key.kid,
            private_key=vault.seal(key.private_pem.encode()),
            public_jwk=keys.public_jwk(key.private_pem, key.kid),
            created_at=now,
        )
    )
    session.flush()  # the policy below looks at all keys
    return key.kid


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
