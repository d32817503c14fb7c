"""Worksheets: for who fills them in, for who reviews them, and what goes from them into the Digitale Agenda."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from lms_tool.errors import Text
from lms_tool.web.pages.parts import Evidence, Frame, Link, State, Transfer


class SheetState(StrEnum):
    """Who has the worksheet now."""

    DRAFT = "draft"  # never handed in
    HANDED_IN = "handed_in"  # the coach
    RETURNED = "returned"  # the learner again
    ACCEPTED = "accepted"  # nobody: done


@dataclass(frozen=True, slots=True)
class SheetChoice:
    id: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCell:
    """``name`` is the form field's; ``plain``: a date that is none stays readable in a text field."""

    name: str
    kind: str  # text | number | date | choice
    label: str
    value: str = ""
    choices: tuple[SheetChoice, ...] = ()
    unit: str = ""
    plain: bool = False
    error: Text | None = None


@dataclass(frozen=True, slots=True)
class SheetRow:
    number: int  # from 1
    cells: tuple[SheetCell, ...]
    remove: str = ""  # value of the button; "": this is the only row


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetField:
    """One question: to be filled in, or as it was said (``said``, ``said_rows``)."""

    id: str
    kind: str
    label: str
    name: str = ""
    help_html: str = ""
    example_html: str = ""
    required: bool = False
    agenda: Text | None = None  # the chapter it goes to
    unit: str = ""
    low: str = ""
    high: str = ""
    value: str = ""
    limit: int = 0  # characters
    choices: tuple[SheetChoice, ...] = ()
    plain: bool = False
    columns: tuple[str, ...] = ()
    rows: tuple[SheetRow, ...] = ()
    blank: SheetRow | None = None  # for the script: a new row, numbered where it says ``__n__``
    max_rows: int = 0
    add: str = ""  # value of the button; "": no further row
    error: Text | None = None
    said: tuple[str, ...] = ()
    said_rows: tuple[tuple[str, ...], ...] = ()
    remark: str = ""  # of the coach


@dataclass(frozen=True, slots=True)
class SheetSection:
    id: str
    title: str
    text_html: str
    fields: tuple[SheetField, ...]


@dataclass(frozen=True, slots=True)
class SheetEvent:
    """One line of «Wer hatte es wann?»; ``who`` is the coach's name, "" where it is not known."""

    kind: str  # handed_in | returned | accepted
    number: int
    at: datetime
    who: str = ""
    remarks: int = 0


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """A line of the list above the form."""

    url: str  # of the field: #…
    label: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksheetPage:
    """The form posts to ``action_url``: a field per question, ``version`` and ``action``.

    ``save`` keeps the draft (by script, with ``HX-Request: true``, answered as JSON with the new version), ``keep``
    does it over what another window saved, ``hand_in`` gives it to the coach, ``add.<field>`` and
    ``remove.<field>.<row>`` change a table; each keeps what was entered.
    """

    template: ClassVar[str] = "worksheet.html"

    frame: Frame
    title: str
    intro_html: str
    sections: tuple[SheetSection, ...]
    state: SheetState
    action_url: str = ""  # POST; "": read only
    version: int = 0
    saved: bool = False  # what the form shows is stored
    conflict: bool = False  # another window saved something else; the form shows what was sent
    problems: tuple[SheetProblem, ...] = ()  # why it could not be handed in
    trail: tuple[SheetEvent, ...] = ()
    comment: str = ""
    reviewer: str = ""
    lost_remarks: tuple[str, ...] = ()  # about questions that the form no longer asks
    checks: tuple[str, ...] = ()  # HTML
    minutes: int = 0
    completion: str = "handed_in"  # see content.course.CompletionRule
    done: bool = False  # counts as completed
    agenda_url: str = ""
    anonymous: bool = False  # nothing is kept: read only
    absent: bool = False  # a coach looks, and nothing was handed in
    evidence: Evidence = field(default_factory=Evidence)
    previous: Link | None = None
    next: Link | None = None
    up: Link | None = None
    missing: tuple[Link, ...] = ()
    all_or_nothing: bool = False  # see ModulePage
    transfer: Transfer | None = None

    @property
    def remarks(self) -> int:
        return sum(bool(one.remark) for section in self.sections for one in section.fields)

    @property
    def first_remark(self) -> str:
        """Id of the first field with a remark; "" if there is none."""
        return next((one.id for part in self.sections for one in part.fields if one.remark), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionPage:
    """What somebody handed in, for the coach.

    The form posts to ``action_url``: ``comment``, ``remark.<field>`` and ``decision`` (returned | accepted).
    """

    template: ClassVar[str] = "submission.html"

    frame: Frame
    title: str
    name: str  # "": nobody names the person; then ``pseudonym``
    pseudonym: str
    number: int
    state: SheetState
    sections: tuple[SheetSection, ...]
    action_url: str = ""  # POST; "": decided, or not for this role
    comment: str = ""
    reviewer: str = ""  # who decided; "" where nobody did, or the name is not known
    problem: Text | None = None
    trail: tuple[SheetEvent, ...] = ()
    checks: tuple[str, ...] = ()
    older: tuple[Link, ...] = ()  # other submissions of the same worksheet
    list_url: str = ""
    newest: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionRow:
    title: str  # of the worksheet
    url: str
    name: str
    pseudonym: str
    number: int
    state: SheetState
    module: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionsPage:
    template: ClassVar[str] = "submissions.html"

    frame: Frame
    waiting: tuple[SubmissionRow, ...]  # longest waiting first
    others: tuple[SubmissionRow, ...]  # decided
    members_url: str
    may_decide: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaBlock:
    """One answer on its way into the agenda."""

    label: str
    kind: str
    low: str = ""
    high: str = ""
    said: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    said_rows: tuple[tuple[str, ...], ...] = ()
    source: Link
    state: State | None = None  # of the worksheet

    @property
    def empty(self) -> bool:
        return not self.said and not self.said_rows


@dataclass(frozen=True, slots=True)
class AgendaChapter:
    id: str
    title: Text
    blocks: tuple[AgendaBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaPage:
    template: ClassVar[str] = "agenda.html"

    frame: Frame
    chapters: tuple[AgendaChapter, ...]
    begin: Link | None = None  # where to begin, while nothing is entered
    own: bool = True  # False: a coach looks, and sees only what was handed in

    @property
    def filled(self) -> int:
        return sum(not block.empty for chapter in self.chapters for block in chapter.blocks)

    @property
    def total(self) -> int:
        return sum(len(chapter.blocks) for chapter in self.chapters)
