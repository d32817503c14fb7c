"""Registrations with platforms, and the keys and tokens that go with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_tool.models.base import Base


class Status(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"


class Platform(Base):
    """One registration: (issuer, client id). Two registrations may share an issuer (LTI Core 1.3 § 3.1.3)."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)  # in the per-registration login URL
    issuer: Mapped[str] = mapped_column(String(255))
    client_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255), default="")
    auth_login_url: Mapped[str] = mapped_column(String(2000))
    token_url: Mapped[str] = mapped_column(String(2000))
    jwks_url: Mapped[str] = mapped_column(String(2000))
    token_audience: Mapped[str | None] = mapped_column(String(2000))  # None: the token URL
    status: Mapped[str] = mapped_column(String(16), default=Status.ACTIVE)
    created_at: Mapped[datetime]
    # The platform's key set as last fetched; kept when a later fetch fails.
    jwks: Mapped[bytes | None] = mapped_column(LargeBinary)
    jwks_fetched_at: Mapped[datetime | None]
    jwks_expires_at: Mapped[datetime | None]
    jwks_refetched_at: Mapped[datetime | None]  # for an unknown kid: claimed by UPDATE … WHERE, once a minute
    jwks_problem: Mapped[str | None] = mapped_column(String(64))
    # Delivery of grades: who sends now, and until when everything to this platform waits.
    delivery_lease: Mapped[datetime | None]
    delivery_paused_until: Mapped[datetime | None]
    delivery_failures: Mapped[int] = mapped_column(default=0)
    delivery_problem: Mapped[str | None] = mapped_column(String(64))


class Deployment(Base):
    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("platform_id", "lti_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"))
    lti_id: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16), default=Status.ACTIVE)
    created_at: Mapped[datetime]


class AccessToken(Base):
    """A platform's access token per set of scopes, shared by all processes; encrypted with a key from SECRET_KEY."""

    __tablename__ = "access_token"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True)
    scopes: Mapped[str] = mapped_column(String(500), primary_key=True)  # sorted, joined by blanks
    value: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


class ToolKey(Base):
    """Our signing keys. A key is published before it signs and stays published after its successor signs."""

    __tablename__ = "tool_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    private_key: Mapped[bytes] = mapped_column(LargeBinary)  # PEM, encrypted with a key from SECRET_KEY
    public_jwk: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class AuditEvent(Base):
    """What happened that an administrator may have to explain; ids and codes only, no personal data."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(64))
    platform_id: Mapped[int | None]
    correlation_id: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class LoginPressure(Base):
    """Logins from one source to one registration that were begun and not completed, per minute."""

    __tablename__ = "login_pressure"

    platform_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)  # keyed hash of the address
    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=0)
