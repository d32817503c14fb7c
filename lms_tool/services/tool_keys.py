"""Our own signing keys: made, published, rotated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import aliased

from lms_tool.database import Database, insert
from lms_tool.lti import keys
from lms_tool.models import ToolKey
from lms_tool.services import audit
from lms_tool.services.vault import Vault

FIRST = ""  # what the first key of all replaces


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """One key: since when it is published, from when it signs, and when it goes.

    ``signs``: it is the one that signs now. ``published_until`` is None while nothing replaces it.
    """

    kid: str
    created_at: datetime
    signs_from: datetime
    signs: bool
    published: bool
    published_until: datetime | None


def ensure(db: Connection, vault: Vault, now: datetime) -> None:
    """Make the first key if there is none."""
    if db.scalar(select(ToolKey.kid).limit(1)) is None:
        _follow(db, vault, FIRST, now)


def rotate(db: Connection, vault: Vault, now: datetime, *, following: str | None = None) -> str | None:
    """Add a key. It is published at once and signs a day later, when platforms have had time to fetch it (SES-11).

    Keys that are no longer published are deleted. ``following`` is the newest key the caller knows: if another one
    came after it, nothing is done. Returns the new key id, None if somebody else was first.
    """
    ensure(db, vault, now)
    newest = _newest(db)
    made = _follow(db, vault, newest.kid, now) if following in (None, newest.kid) else None
    forget(db, now)
    return made


def keep_fresh(database: Database, vault: Vault, now: datetime, days: int) -> str | None:
    """Rotate when the newest key is ``days`` old (0: never), and delete what is no longer published.

    The scheduled job. Safe to run on several machines at once: the key that follows another is unique. Returns the
    new key id, None if this call made none.
    """
    with database.read() as db:  # once an hour, and nearly always for nothing: no lock for that
        known = _known(db)
        kept = keys.published(known, _seconds(now))
        due = bool(known) and days > 0 and now - _newest(db).created_at >= timedelta(days=days)
    if not due and len(kept) == len(known):
        return None
    with database.write() as db:
        if not due:
            forget(db, now)
            return None
        newest = _newest(db)
        if now - newest.created_at < timedelta(days=days):
            return None
        kid = rotate(db, vault, now, following=newest.kid)
        if kid is not None:
            audit.note(db, now, "keys", "key_rotated", None, "", {"kid": kid}, actor="system")
        return kid


def forget(db: Connection, now: datetime) -> None:
    """Delete the keys that are no longer published."""
    kept = {key.kid for key in keys.published(_known(db), _seconds(now))}
    db.execute(delete(ToolKey).where(ToolKey.kid.not_in(kept)))


def listing(db: Connection, now: datetime) -> list[KeyInfo]:
    """All keys, oldest first."""
    known = _known(db)
    seconds = _seconds(now)
    published = {key.kid for key in keys.published(known, seconds)}
    signing = keys.signing_key(known, seconds).kid if known else None
    return [
        KeyInfo(
            kid=key.kid,
            created_at=_moment(key.published_at),
            signs_from=_moment(key.published_at + keys.PUBLISHED_BEFORE_USE),
            signs=key.kid == signing,
            published=key.kid in published,
            published_until=_moment(keys.published_until(successor)) if successor else None,
        )
        for key, successor in zip_longest(known, known[1:])
    ]


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


def _newest(db: Connection) -> Any:
    """The key that no other follows."""
    successor = aliased(ToolKey)
    return db.execute(
        select(ToolKey.kid, ToolKey.created_at)
        .where(~select(successor.kid).where(successor.replaces == ToolKey.kid).exists())
        .order_by(ToolKey.created_at.desc())
        .limit(1)
    ).one()


def _follow(db: Connection, vault: Vault, replaces: str, now: datetime) -> str | None:
    """The id of a new key after ``replaces``; None if another one took that place."""
    key = keys.generate(_seconds(now))
    return db.execute(
        insert(db, ToolKey)
        .values(
            kid=key.kid,
            private_key=vault.seal(key.private_pem.encode()),
            public_jwk=keys.public_jwk(key.private_pem, key.kid),
            created_at=now,
            replaces=replaces,
        )
        .on_conflict_do_nothing()
        .returning(ToolKey.kid)
    ).scalar()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
