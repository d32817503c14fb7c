"""Who may administer: accounts of a tenant, their one-time entry links and their sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms_tool.models.base import Base


class Admin(Base):
    """An administrator of one tenant. There is no password: a one-time link opens a session."""

    __tablename__ = "admin"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class AdminLink(Base):
    """A one-time link into an account; only a hash of its code is kept."""

    __tablename__ = "admin_link"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admin.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AdminSession(Base):
    __tablename__ = "admin_session"

    proof_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)  # of the cookie's value
    admin_id: Mapped[int] = mapped_column(ForeignKey("admin.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
