"""Grades as desired state: what the LMS should show. The reconciler makes it agree."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_tool.models.base import Base


class LineItem(Base):
    """The platform's column for one placement and purpose: as the newest launch named it, or found or made by us.

    ``url`` is empty while the column is still to be found: grades wait for it (AGS 2.0 § 3.1, 3.2).
    """

    __tablename__ = "line_item"
    __table_args__ = (UniqueConstraint("resource_link_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id", ondelete="CASCADE"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(16), default="grade")
    url: Mapped[str] = mapped_column(String(2000))
    container_url: Mapped[str | None] = mapped_column(String(2000))
    scopes: Mapped[list[str]]  # short names granted by the launch claim
    looked_up_at: Mapped[datetime | None]  # a 404 is looked into once
    resource_id: Mapped[str | None] = mapped_column(String(255))  # what we call it there, to find it again
    tag: Mapped[str | None] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(String(255), default="")  # of a column we have to make
    making: Mapped[datetime | None]  # a process looks for or makes it now, until then (AGS-30)
    made_by_us: Mapped[bool] = mapped_column(default=False)
    results_at: Mapped[datetime | None]  # when the platform was last asked what stands there


class Delivery(StrEnum):
    PENDING = "pending"  # to be sent, now or at next_try_at
    SENT = "sent"  # the platform has it
    OVERRULED = "overruled"  # the LMS holds a newer, different grade: the teacher wins
    FAILED = "failed"  # will not be tried again unless somebody asks; reason says why
    DROPPED = "dropped"  # an administrator laid it aside, or there is no column and none is wanted


class Score(Base):
    """The grade a person should have in a line item. Changing it raises ``version`` and ``timestamp``."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("line_item_id", "person_id"), Index(None, "state", "next_try_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    given: Mapped[float]  # 0 to 100
    completed: Mapped[bool]
    # Strictly increasing in whole seconds per person and line item: Moodle compares whole seconds (AGS 2.0 § 3.4).
    timestamp: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(16), default=Delivery.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(64))
    delivered_at: Mapped[datetime | None]
    overruled_by: Mapped[float | None]  # 0 to 100: the grade the LMS holds instead of ours


class Outcome(Base):
    """LTI 1.1: the id under which the old LMS takes the grade of one person in one column."""

    __tablename__ = "outcome"

    line_item_id: Mapped[int] = mapped_column(
        ForeignKey("line_item.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    sourcedid: Mapped[str] = mapped_column(String(2000))
