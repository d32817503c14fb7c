"""Published courses. A revision is immutable: processes may keep it in memory for as long as they like."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_tool.models.base import Base


class Course(Base):
    __tablename__ = "course"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # the author's stable id
    position: Mapped[int] = mapped_column(unique=True)  # the first one is what an unplaced launch shows
    revision_id: Mapped[
        int | None
    ]  # what learners see; no foreign key, for the two tables refer to each other
    created_at: Mapped[datetime]
    # Who wrote it; None: it came with the tool and is there for everybody.
    tenant_id: Mapped[int | None] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), index=True)


class Revision(Base):
    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))  # of the package's files: equal means nothing changed
    content: Mapped[dict[str, Any]]  # the course with every text rendered (content.stored)
    published_at: Mapped[datetime]


class RevisionFile(Base):
    """The package as the author wrote it, file by file: what an export gives back without loss."""

    __tablename__ = "revision_file"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("blob.digest"))


class Blob(Base):
    """File contents by SHA-256: unchanged files of the next revision and media cost no second copy."""

    __tablename__ = "blob"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
