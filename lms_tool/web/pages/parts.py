"""What several pages have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lms_tool.errors import Text


class State(StrEnum):
    """Where one person stands with an activity, a module, a rule. Shown as sign and word."""

    OPEN = "open"
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"  # a finished attempt below the pass mark
    LOCKED = "locked"  # a prerequisite is missing
    HANDED_IN = "handed_in"  # a worksheet lies with the coach
    RETURNED = "returned"  # a worksheet came back: the learner's turn


class Mark(StrEnum):
    """Feedback on one answer of a question."""

    NONE = ""
    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"  # right, but not chosen


class Verdict(StrEnum):
    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"
    NOTED = "noted"  # a question to oneself


class TransferState(StrEnum):
    SENT = "sent"
    PENDING = "pending"
    FAILED = "failed"
    CHANGED = "changed"  # a teacher gave another grade in the LMS, and that one counts


@dataclass(frozen=True, slots=True)
class Transfer:
    """What the LMS gradebook has. ``at``: when delivered; ``reason``: why not; ``there``: the teacher's, of 100."""

    state: TransferState
    at: datetime | None = None
    reason: Text | None = None
    there: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str = ""  # "": plain text, for the page itself or for something this launch does not contain


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner above the content, for staff hints and for what a person must know before reading on."""

    title: Text
    text: Text | None = None
    tone: str = "info"  # info | warn | done


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What surrounds every page of a launch.

    ``crumbs`` leads from the placed item to the page itself (the last one, without address): nothing above
    what was placed.
    ``content_language`` is the course's language; content carries it where the interface speaks another.
    """

    crumbs: tuple[Link, ...]
    glossary_url: str = ""
    person: str = ""
    content_language: str = "de"
    notices: tuple[Notice, ...] = ()
    members_url: str = ""  # for those who may look at others
    own_row_url: str = ""  # for those who are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The one thing most people want to do now."""

    title: str
    url: str
    kind: str = "page"  # see content.kinds
    module_number: int = 0  # 0: the module is not shown
    module_title: str = ""
    returned: bool = False  # a worksheet that came back


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sources, date and editorial state of a text. A review is shown only if somebody did it."""

    sources: tuple[str, ...] = ()
    as_of: date | None = None
    reviewed_by: str = ""  # "" while it is a draft
    reviewed_on: date | None = None
    review_until: date | None = None
    review_expired: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    html: str
    chosen: bool = False
    mark: Mark = Mark.NONE
    feedback_html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A place to fill in: chosen from ``options``, or typed. ``solution``: plain text, told once it is settled."""

    name: str  # of the form field
    html: str = ""
    value: str = ""
    options: tuple[Choice, ...] = ()
    unit: str = ""
    long: bool = False
    number: bool = False
    mark: Mark = Mark.NONE
    feedback_html: str = ""
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    verdict: Verdict
    points: float
    max_points: int
    read_more: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it stands in a form. ``locked``: answered for good, the fields are disabled."""

    text_html: str
    choices: tuple[Choice, ...] = ()
    multiple: bool = False
    fields: tuple[Field, ...] = ()  # to fill in, each by itself …
    passage: tuple[str, ...] = ()  # … or between these pieces of a text
    entry: Field | None = None  # one field for the whole answer
    items: tuple[Choice, ...] = ()  # to be brought into order, as they stand now
    picture_html: str = ""
    hint_html: str = ""
    graded: bool = True
    locked: bool = False
    feedback: Feedback | None = None
    missing: bool = False  # «Antwort prüfen» was pressed without an answer
