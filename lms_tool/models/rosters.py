"""Who is in an LMS course, as its Names and Role Provisioning Service says; no accounts of ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_tool.lti.nrps import MemberStatus
from lms_tool.models.base import Base

__all__ = ["MemberStatus", "Roster", "RosterEntry"]


class Roster(Base):
    """How a context's roster is read, and how that went last. A row that is due is the job (``next_at``)."""

    __tablename__ = "roster"
    __table_args__ = (Index(None, "next_at"),)

    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"), primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(2000))  # as the newest launch named it
    launched_at: Mapped[
        datetime
    ]  # the newest launch, to the day: nobody reads the roster of a course that is over
    differences_url: Mapped[str | None] = mapped_column(String(2000))
    next_at: Mapped[datetime | None]  # when to read it next; None: not before somebody asks
    lease: Mapped[datetime | None]  # somebody reads it now, until then
    synced_at: Mapped[datetime | None]
    full_at: Mapped[datetime | None]  # the last complete reading: differences are trusted for a week
    failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(64))
    skipped: Mapped[int] = mapped_column(default=0)  # unreadable entries of the last reading


class RosterEntry(Base):
    """One member of a context. ``user_id`` is the platform's ``sub``; there may be no person of ours behind it.

    Nobody is shown a mail address, so none is kept.
    """

    __tablename__ = "roster_entry"
    __table_args__ = (UniqueConstraint("context_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(String(255), index=True)
    name: Mapped[str | None] = mapped_column(String(1000))
    given_name: Mapped[str | None] = mapped_column(String(1000))
    family_name: Mapped[str | None] = mapped_column(String(1000))
    roles: Mapped[list[str]]
    role: Mapped[str] = mapped_column(String(16))
    # As the platform says; who vanished from a complete roster without a word is inactive, too.
    status: Mapped[str] = mapped_column(String(16), default=MemberStatus.ACTIVE)
    status_since: Mapped[datetime]
    created_at: Mapped[datetime]
