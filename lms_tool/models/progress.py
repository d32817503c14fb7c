"""What a person did in a course, per membership."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_tool.models.base import Base


class Progress(Base):
    """State of one activity, module or course. ``completed_at`` is only ever unset by an explicit, logged reset."""

    __tablename__ = "progress"

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("membership.id", ondelete="CASCADE"), primary_key=True
    )
    course_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)  # activity | module | course
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    begun_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    percent: Mapped[float | None]  # best finished attempt of a quiz, 0 to 100
    phase: Mapped[str | None] = mapped_column(String(12))  # of a worksheet: handed_in | returned


class Attempt(Base):
    """One attempt at a quiz, on the revision it was begun with."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("membership_id", "course_id", "activity_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="CASCADE"))
    course_id: Mapped[str] = mapped_column(String(64))
    activity_id: Mapped[str] = mapped_column(String(64))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    number: Mapped[int]  # from 1
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    points: Mapped[float | None]
    max_points: Mapped[int | None]


class Answer(Base):
    __tablename__ = "answer"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    response: Mapped[list[str]]  # chosen option ids
    saved_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]  # feedback was shown: the answer can't be changed any more


class Work(Base):
    """What a person is working on in an activity that keeps a state of its own: a case, a worksheet, a process."""

    __tablename__ = "work"

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("membership.id", ondelete="CASCADE"), primary_key=True
    )
    course_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    activity_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[dict[str, Any]]  # its form is the kind's
    version: Mapped[int]  # from 1; grows with every save, so that two tabs do not overwrite each other
    saved_at: Mapped[datetime]


class Submission(Base):
    """A worksheet as it was handed in, and what became of it."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("membership_id", "course_id", "activity_id", "number"),
        ForeignKeyConstraint(
            ["membership_id", "course_id", "activity_id"],
            ["work.membership_id", "work.course_id", "work.activity_id"],
            name="fk_submission_work",
            ondelete="CASCADE",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    membership_id: Mapped[int]
    course_id: Mapped[str] = mapped_column(String(64))
    activity_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]  # from 1
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))  # the form that was filled in
    content: Mapped[dict[str, Any]]
    handed_in_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(
        String(12)
    )  # returned | accepted; None: nobody has decided yet
    decided_at: Mapped[datetime | None]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    comment: Mapped[str | None] = mapped_column(String(4000))
    remarks: Mapped[dict[str, Any] | None]  # field id → what the reviewer says about it
