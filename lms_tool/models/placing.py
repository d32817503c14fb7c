"""Putting content into an LMS course: the picker's session and what was placed with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms_tool.models.base import Base


class Picker(Base):
    """One deep linking launch: its id is in the picker's URL, the browser proves that it owns it."""

    __tablename__ = "picker"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    context_lti_id: Mapped[str | None] = mapped_column(String(255))
    context_title: Mapped[str] = mapped_column(String(1000), default="")
    sub: Mapped[str | None] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(2))
    settings: Mapped[dict[str, Any]]  # deep_linking_settings as understood, ``data`` byte for byte
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Placement(Base):
    """What was placed by content selection. Its id travels in ``custom``; copies of the LMS course carry it on."""

    __tablename__ = "placement"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"), index=True)
    context_lti_id: Mapped[str | None] = mapped_column(String(255), index=True)  # where it was placed first
    course_id: Mapped[str] = mapped_column(String(64))
    module_id: Mapped[str | None] = mapped_column(String(64))
    activity_id: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(1000), default="")
    report: Mapped[str] = mapped_column(String(16))
    graded: Mapped[bool]
    created_at: Mapped[datetime]
