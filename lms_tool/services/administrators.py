"""Administrators of a tenant: accounts without passwords, one-time links into them, sessions in a browser.

An account administers exactly one tenant. Who runs the installation itself does that on the command line.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, or_, select, true, update
from sqlalchemy import insert as core_insert

from lms_tool.errors import Text, ToolError
from lms_tool.models import Admin, AdminLink, Tenant
from lms_tool.models import AdminSession as SessionRow

LINK_LIFETIME = timedelta(days=1)
IDLE = timedelta(days=7)
ABSOLUTE = timedelta(days=30)
TOUCH = timedelta(minutes=10)


class AdminNotFound(ToolError):
    code = "admin_not_found"
    status = 404
    text = Text("Diesen Zugang gibt es nicht.", "There is no such account.")
    remedy = Text("„lms-tool admin list“ zeigt alle Zugänge.", "“lms-tool admin list” shows all accounts.")


class AdminInvalid(ToolError):
    code = "admin_invalid"
    status = 400
    text = Text("Der Name fehlt oder ist zu lang.", "The name is missing or too long.")
    remedy = Text(
        "Geben Sie einen Namen mit höchstens 255 Zeichen an.", "Give a name of at most 255 characters."
    )


class AdminLinkInvalid(ToolError):
    code = "admin_link_invalid"
    status = 403
    text = Text(
        "Dieser Link gilt nicht mehr. Er öffnet die Verwaltung nur einmal und nur einen Tag lang.",
        "This link is no longer valid. It opens the administration only once and for one day.",
    )
    remedy = Text(
        "Lassen Sie sich einen neuen Link geben: von einer Kollegin mit Zugang oder von der Person, die das "
        "Lernwerkzeug betreibt („lms-tool admin link“).",
        "Ask for a new link: a colleague with access or the person who runs this tool (“lms-tool admin link”) "
        "can make one.",
    )


class AdminSessionMissing(ToolError):
    code = "admin_session_missing"
    status = 401
    text = Text(
        "Sie sind nicht in der Verwaltung angemeldet.", "You are not signed in to the administration."
    )
    remedy = AdminLinkInvalid.remedy


@dataclass(frozen=True, slots=True)
class AdminSession:
    """Who administers, and whose things."""

    admin_id: int
    tenant_id: int
    name: str
    tenant_name: str
    seen_at: datetime

    @property
    def actor(self) -> str:
        """How the audit log calls them."""
        return f"admin:{self.admin_id}"


def add(db: Connection, tenant_id: int, name: str, now: datetime) -> int:
    """A new account; its id. Raises AdminInvalid."""
    name = name.strip()
    if not 0 < len(name) <= 255 or not name.isprintable():
        raise AdminInvalid()
    return int(
        db.execute(
            core_insert(Admin).values(tenant_id=tenant_id, name=name, created_at=now).returning(Admin.id)
        ).scalar_one()
    )


def link(db: Connection, admin_id: int, tenant_id: int | None, now: datetime) -> str:
    """The code of a new one-time link into an account; only its hash is kept.

    Raises:
        AdminNotFound: no such account (of this tenant, if one is named), or it is disabled.
    """
    own = true() if tenant_id is None else Admin.tenant_id == tenant_id
    if db.scalar(select(Admin.id).where(Admin.id == admin_id, Admin.disabled_at.is_(None), own)) is None:
        raise AdminNotFound(admin=admin_id)
    code = secrets.token_urlsafe(24)
    db.execute(
        core_insert(AdminLink).values(
            code_hash=_hash(code), admin_id=admin_id, expires_at=now + LINK_LIFETIME
        )
    )
    return code


def check_link(db: Connection, code: str, now: datetime) -> None:
    """Raises AdminLinkInvalid unless ``enter`` would open a session with this code."""
    alive = AdminLink.used_at.is_(None) & (AdminLink.expires_at > now) & Admin.disabled_at.is_(None)
    found = db.scalar(
        select(Admin.id)
        .join(AdminLink, AdminLink.admin_id == Admin.id)
        .where(AdminLink.code_hash == _hash(code), alive)
    )
    if found is None:
        raise AdminLinkInvalid()


def enter(db: Connection, code: str, now: datetime) -> tuple[AdminSession, str]:
    """Use up a link: the session, and the proof its browser keeps.

    Raises:
        AdminLinkInvalid: unknown, used, expired, or the account is disabled.
    """
    check_link(db, code, now)
    admin_id = db.execute(
        update(AdminLink)
        .where(AdminLink.code_hash == _hash(code), AdminLink.used_at.is_(None))
        .values(used_at=now)
        .returning(AdminLink.admin_id)
    ).scalar()
    if admin_id is None:  # another click was first
        raise AdminLinkInvalid()
    proof = secrets.token_urlsafe(32)
    db.execute(
        core_insert(SessionRow).values(
            proof_hash=_hash(proof), admin_id=admin_id, created_at=now, seen_at=now, expires_at=now + ABSOLUTE
        )
    )
    return find(db, proof, now), proof


def find(db: Connection, proof: str | None, now: datetime) -> AdminSession:
    """The session this browser proves to own.

    Raises:
        AdminSessionMissing: there is none, or it is over.
    """
    row = db.execute(
        select(Admin.id, Admin.tenant_id, Admin.name, Tenant.name.label("tenant"), SessionRow.seen_at)
        .join(Admin, Admin.id == SessionRow.admin_id)
        .join(Tenant, Tenant.id == Admin.tenant_id)
        .where(
            SessionRow.proof_hash == _hash(proof or ""),
            SessionRow.expires_at > now,
            SessionRow.seen_at > now - IDLE,
            Admin.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        raise AdminSessionMissing()
    return AdminSession(*row)


def touch(db: Connection, proof: str, now: datetime) -> None:
    """Note that the session is in use."""
    db.execute(update(SessionRow).where(SessionRow.proof_hash == _hash(proof)).values(seen_at=now))


def leave(db: Connection, proof: str) -> None:
    """End a session."""
    db.execute(delete(SessionRow).where(SessionRow.proof_hash == _hash(proof)))


def disable(db: Connection, admin_id: int, tenant_id: int | None, now: datetime) -> None:
    """Close an account; its sessions end at once. Raises AdminNotFound."""
    own = true() if tenant_id is None else Admin.tenant_id == tenant_id
    if not db.execute(update(Admin).where(Admin.id == admin_id, own).values(disabled_at=now)).rowcount:
        raise AdminNotFound(admin=admin_id)
    db.execute(delete(SessionRow).where(SessionRow.admin_id == admin_id))


def listing(db: Connection, tenant_id: int | None = None) -> list[dict[str, Any]]:
    """All accounts, of one tenant or of all."""
    own = true() if tenant_id is None else Admin.tenant_id == tenant_id
    rows = db.execute(
        select(
            Admin.id,
            Tenant.key.label("tenant"),
            Admin.name,
            Admin.created_at,
            Admin.disabled_at,
            select(SessionRow.seen_at)
            .where(SessionRow.admin_id == Admin.id)
            .order_by(SessionRow.seen_at.desc())
            .limit(1)
            .scalar_subquery()
            .label("seen_at"),
        )
        .join(Tenant, Tenant.id == Admin.tenant_id)
        .where(own)
        .order_by(Admin.id)
    )
    return [dict(row._mapping) for row in rows]


def forget(db: Connection, now: datetime) -> None:
    """Delete links and sessions that open nothing any more."""
    db.execute(delete(AdminLink).where(AdminLink.expires_at < now))
    db.execute(delete(SessionRow).where(or_(SessionRow.expires_at < now, SessionRow.seen_at < now - IDLE)))


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
