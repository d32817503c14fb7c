"""Who is in the LMS course, and what a learner may read about what is seen of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from lms_tool.errors import Text
from lms_tool.web.pages.parts import Frame, Link
from lms_tool.web.pages.worksheet import SubmissionRow


class Standing(StrEnum):
    """How far somebody is, in one word. No times, no ranks."""

    NOT_STARTED = "not_started"  # never launched
    STARTED = "started"  # launched, nothing begun
    BEGUN = "begun"
    DONE = "done"
    NONE = "none"  # teaches or mentors: nobody's progress


class Left(StrEnum):
    NO = ""
    INACTIVE = "inactive"  # the LMS says so, or no longer lists the person
    DELETED = "deleted"  # the LMS says so


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    name: str  # "" where the LMS names nobody: then ``pseudonym`` stands for it
    pseudonym: str
    standing: Standing
    done: int = 0  # modules
    of: int = 0
    left: Left = Left.NO
    since: datetime | None = None  # of having left; only the day is shown
    unlisted: bool = False  # launched, but stands in no roster although there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberGroup:
    """``kind``: learners | left | others."""

    kind: str
    total: int  # of all pages
    rows: tuple[MemberRow, ...]  # on this one


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterLine:
    """Where the list comes from, and how that went."""

    offered: bool  # the LMS has told us where its roster is
    update_url: str = ""  # POST; "": not now
    synced_at: datetime | None = None
    reading: bool = False  # it is being fetched, or will be in a moment
    problem: Text | None = None
    remedy: Text | None = None
    skipped: int = 0  # unreadable entries


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersPage:
    template: ClassVar[str] = "members.html"

    frame: Frame
    groups: tuple[MemberGroup, ...]
    here_url: str
    roster: RosterLine | None = None  # None: a mentor, who sees only some
    first: int = 0  # number of the first row shown, where there are several pages
    last: int = 0
    total: int = 0
    previous: Link | None = None
    next: Link | None = None
    waiting: tuple[SubmissionRow, ...] = ()  # worksheets to review, longest waiting first
    submissions_url: str = ""  # all that were handed in; "": none was
    may_decide: bool = True  # a mentor only reads


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRowPage:
    """What those who teach see about the person who looks: the very same row."""

    template: ClassVar[str] = "own_row.html"

    frame: Frame
    row: MemberRow
    sheets: tuple[SubmissionRow, ...] = ()  # worksheets handed in
