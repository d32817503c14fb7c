"""Tenants, their registrations with platforms, and the keys and tokens that go with them."""

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
    PENDING = "pending"  # registered by itself, waits for an administrator's yes


class LtiVersion(StrEnum):
    V1P3 = "1.3"
    V1P1 = "1.1"  # an old LMS, switched on by hand; see services.legacy


class Tenant(Base):
    """A customer: owns platforms, the people who come from them, and the courses it wrote."""

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)  # what commands call it
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class Platform(Base):
    """One registration: (issuer, client id). Two registrations may share an issuer (LTI Core 1.3 § 3.1.3)."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), index=True)
    lti_version: Mapped[str] = mapped_column(String(8), default=LtiVersion.V1P3)
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
    product: Mapped[str] = mapped_column(String(64), default="")  # "moodle 4.1" as the registration named it
    scopes: Mapped[list[str] | None]  # granted at registration, short names; None: entered by hand, unknown
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(64))  # an actor, as in the audit log
    # LTI 1.1 only: the secret shared with the consumer key (client_id), sealed. Also checks 1.3 migration claims.
    shared_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Mentors of this LMS may look at the people their launch names (LTI Core 1.3 § 5.4.3, role_scope_mentor).
    mentors: Mapped[bool] = mapped_column(default=False)
    last_launch_at: Mapped[datetime | None]  # to the minute, by anybody
    checked_at: Mapped[datetime | None]  # the last self-test and what it found: [{"check", "ok", "code", …}]
    checks: Mapped[list[dict[str, Any]] | None]
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


class Invitation(Base):
    """A one-time link with which an LMS may register itself. Only a hash of its code is kept."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]  # somebody registers with it right now, until then
    used_at: Mapped[datetime | None]
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id", ondelete="SET NULL"))


class NoticeSubscription(Base):
    """A notice a deployment sends us when something happens there (Platform Notification Service)."""

    __tablename__ = "notice_subscription"

    deployment_id: Mapped[int] = mapped_column(
        ForeignKey("deployment.id", ondelete="CASCADE"), primary_key=True
    )
    notice_type: Mapped[str] = mapped_column(String(64), primary_key=True)
    service_url: Mapped[str] = mapped_column(String(2000))
    subscribed_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(64))


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
    __table_args__ = (UniqueConstraint("replaces"),)

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    private_key: Mapped[bytes] = mapped_column(LargeBinary)  # PEM, encrypted with a key from SECRET_KEY
    public_jwk: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    # The key it follows, "" for the first: unique, so that two machines that rotate at once make one key.
    replaces: Mapped[str | None] = mapped_column(String(64))


class AuditEvent(Base):
    """What happened that an administrator may have to explain; ids and codes only, no personal data.

    Append-only: a trigger refuses every UPDATE.
    """

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64), default="")  # "admin:3", "person:17", "cli", "system", ""
    tenant_id: Mapped[int | None] = mapped_column(index=True)
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
