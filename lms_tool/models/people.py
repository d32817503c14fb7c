"""Who learns where: persons, LMS contexts, placements, memberships, launches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_tool.models.base import Base


class Person(Base):
    """A person is (issuer, sub); names and e-mail may be missing, and vanish when the LMS stops sending them.

    Within a tenant: two customers may use the same hosted LMS, and so the same issuer.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("tenant_id", "issuer", "sub"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    issuer: Mapped[str] = mapped_column(String(255))
    sub: Mapped[str] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(String(1000))
    given_name: Mapped[str | None] = mapped_column(String(1000))
    family_name: Mapped[str | None] = mapped_column(String(1000))
    email: Mapped[str | None] = mapped_column(String(1000))
    created_at: Mapped[datetime]


class Context(Base):
    """An LMS course (kind ``context``), or one resource link that came without a context (kind ``resource_link``).

    The second kind keeps the rest of the tool simple: progress always belongs to a membership, and a link without a
    context is a room of its own (LTI Core 1.3 § 5.4.1: the claim is optional).
    """

    __tablename__ = "context"
    __table_args__ = (UniqueConstraint("deployment_id", "kind", "lti_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16), default="context")
    lti_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(1000), default="")
    label: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime]
    # LTI ids of the courses this one was copied from, nearest first ($Context.id.history, or a copy notice).
    ancestors: Mapped[list[str] | None]


class ResourceLink(Base):
    """A placement in the LMS and what it shows: a course, one of its modules, or one activity."""

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("context_id", "lti_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"))
    lti_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(1000), default="")
    placement_id: Mapped[str | None] = mapped_column(String(64), index=True)
    course_id: Mapped[str] = mapped_column(String(64))
    module_id: Mapped[str | None] = mapped_column(String(64))
    activity_id: Mapped[str | None] = mapped_column(String(64))
    report: Mapped[str] = mapped_column(String(16), default="completion")
    created_at: Mapped[datetime]
    ancestors: Mapped[list[str] | None]  # LTI ids of the links this one was copied from, nearest first
    inherited: Mapped[bool] = mapped_column(
        default=False
    )  # what it shows came from an ancestor, not from the LMS


class Membership(Base):
    """One person in one context. All progress hangs here, so a copied LMS course starts empty."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("person_id", "context_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))  # of the newest launch; an older session may not exceed it
    created_at: Mapped[datetime]


class Launch(Base):
    """One launch is one session: the id is in every URL, the browser proves with a cookie that it owns it."""

    __tablename__ = "launch"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    # The unique key that makes state (and the nonce bound to it) single use: two racing posts, one row.
    state_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    resource_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id", ondelete="CASCADE"))
    # None: an anonymous launch, read-only (LTI Core 1.3 § 5.3.6.1)
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id", ondelete="CASCADE"), index=True
    )
    # A submission review shows somebody's work, read-only (LTI Submission Review 1.0, for_user); None: not here yet
    reviewing: Mapped[bool] = mapped_column(default=False)
    review_membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(16))
    mentees: Mapped[list[str] | None]  # role_scope_mentor: the subs a mentor may look at
    # The browser keeps no cookie of ours in this frame: the proof travels in a header or a body.
    cookieless: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(String(2))
    return_url: Mapped[str | None] = mapped_column(String(2000))
    notice: Mapped[str | None] = mapped_column(
        String(64)
    )  # a service that is off for this launch; staff see it
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Place(Base):
    """The page of an activity that somebody saw last through one placement: a relaunch goes on there.

    ``path`` stands below the launch's address: ``a/<activity>`` or ``a/<quiz>/t/<attempt>/q/<question>``.
    """

    __tablename__ = "place"

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("membership.id", ondelete="CASCADE"), primary_key=True
    )
    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_link.id", ondelete="CASCADE"), primary_key=True
    )
    # of whoever saw it; while that launch lives, a new one begins at the start
    launch_id: Mapped[str] = mapped_column(String(32))
    path: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime] = mapped_column(index=True)


class UsedState(Base):
    """A state that ended without a launch (the platform answered with an error)."""

    __tablename__ = "used_state"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Handover(Base):
    """Carries a verified launch from one document to the next without a cookie: once, within a minute.

    Only a hash of the token is kept; it is made after the state was verified, never before. ``launch_id`` names a
    launch or a picker, ``state_fingerprint`` the state it began with.
    """

    __tablename__ = "handover"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    launch_id: Mapped[str] = mapped_column(String(32))
    state_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
