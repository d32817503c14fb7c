"""Our own signing keys: made, published, rotated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from lms_tool.lti import keys
from lms_tool.models import ToolKey
from lms_tool.services.vault import Vault


@dataclass(frozen=True, slots=True)
class KeyInfo:
    kid: str
    created_at: datetime
    signs: bool
    published: bool


def ensure(db: Connection, vault: Vault, now: datetime) -> None:
    """Make the first key if there is none."""
    if db.scalar(select(ToolKey.kid).limit(1)) is None:
        _add(db, vault, now)


def rotate(db: Connection, vault: Vault, now: datetime) -> str:
    """Add a key. It is published at once and signs a day later, when platforms have had time to fetch it (SES-11).

    Keys that are no longer published are deleted. Returns the new key id.
    """
    ensure(db, vault, now)
    kid = _add(db, vault, now)
    known = _known(db)
    kept = {key.kid for key in keys.published(known, _seconds(now))}
    db.execute(delete(ToolKey).where(ToolKey.kid.not_in(kept)))
    return kid


def listing(db: Connection, now: datetime) -> list[KeyInfo]:
    known = _known(db)
    published = {key.kid for key in keys.published(known, _seconds(now))}
    signing = keys.signing_key(known, _seconds(now)).kid if known else None
    created = {row.kid: row.created_at for row in db.execute(select(ToolKey.kid, ToolKey.created_at))}
    return [KeyInfo(key.kid, created[key.kid], key.kid == signing, key.kid in published) for key in known]


def public_set(db: Connection, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The JSON Web Key Set platforms fetch: public parts only (RFC 7517)."""
    published = {key.kid for key in keys.published(_known(db), _seconds(now))}
    rows = db.execute(select(ToolKey.kid, ToolKey.public_jwk).order_by(ToolKey.created_at))
    return {"keys": [jwk for kid, jwk in rows if kid in published]}


def signing(db: Connection, vault: Vault, now: datetime) -> keys.ToolKey:
    """The key that signs now."""
    chosen = keys.signing_key(_known(db), _seconds(now))
    sealed = db.scalars(select(ToolKey.private_key).where(ToolKey.kid == chosen.kid)).one()
    return keys.ToolKey(chosen.kid, vault.open(sealed).decode(), chosen.published_at)


def _known(db: Connection) -> list[keys.ToolKey]:
    rows = db.execute(select(ToolKey.kid, ToolKey.created_at).order_by(ToolKey.created_at))
    return [keys.ToolKey(kid, "", _seconds(created)) for kid, created in rows]


def _add(db: Connection, vault: Vault, now: datetime) -> str:
    key = keys.generate(_seconds(now))
    db.execute(
        insert(ToolKey).values(
            kid=key.kid,
            private_key=vault.seal(key.private_pem.encode()),
            public_jwk=keys.public_jwk(key.private_pem, key.kid),
            created_at=now,
        )
    )
    return key.kid


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
