"""The process workshop: one model on the bench, and both compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from lms_tool.errors import Text
from lms_tool.web.pages.parts import Evidence, Frame, Link, State, Transfer


@dataclass(frozen=True, slots=True)
class ProcessCounts:
    steps: int = 0
    media_changes: int = 0
    handovers: int = 0
    interruptions: int = 0
    minutes: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStep:
    """One block in its lane. ``column`` from 1; ``before`` and ``after`` are titles of media."""

    number: int
    block: str
    title: Text
    unit: str
    column: int
    before: str = ""
    after: str = ""
    note: str = ""
    minutes: int = 0
    days: int = 0
    handed_by: str = ""  # title of the unit that had it before; "": the same one
    media_change: bool = False
    interruption: bool = False
    double: bool = False
    loop: bool = False


@dataclass(frozen=True, slots=True)
class PaletteBlock:
    id: str
    title: Text
    media_change: bool = False


@dataclass(frozen=True, slots=True)
class PaletteGroup:
    title: Text
    blocks: tuple[PaletteBlock, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Something to choose from a list."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDetails:
    """The form of the chosen step, as saved or as just typed. ``wrong``: names of fields that are no number."""

    number: int
    title: Text
    note: str
    unit: str  # ids
    before: str
    after: str
    minutes: str
    days: str
    hint_html: str = ""
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkshopPage:
    """One model. Without script every button of ``action_url`` is a form's: fields ``version``, ``step``, ``action``
    (up, down, left, right, remove, save) or ``add``. With script the whole model is sent as ``steps``.
    """

    template: ClassVar[str] = "workshop.html"

    frame: Frame
    title: str
    model: str  # as_is | to_be
    url: str
    tabs: tuple[Link, ...]  # to as_is, to_be and compare
    units: tuple[Named, ...] = ()
    rows: tuple[ProcessStep, ...] = ()
    counts: ProcessCounts = ProcessCounts()
    intro_html: str = ""
    action_url: str = ""  # POST; "": nothing can be changed here
    given: bool = False  # the process of today belongs to the task
    copy: bool = False  # tomorrow's process may begin as a copy of today's
    version: int = 0
    data: str = ""  # the model as JSON for the script
    media: tuple[Named, ...] = ()
    palette: tuple[PaletteGroup, ...] = ()
    hints: tuple[tuple[str, str], ...] = ()  # block, HTML
    chosen: StepDetails | None = None
    blank: ProcessStep | None = None  # a step for the script to fill
    most: int = 0
    state: State | None = State.OPEN
    minutes: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    previous: Link | None = None
    next: Link | None = None
    up: Link | None = None
    missing: tuple[Link, ...] = ()  # when locked: instead of the bench
    transfer: Transfer | None = None

    @property
    def number(self) -> int:
        """The chosen step; 0: none."""
        return self.chosen.number if self.chosen else 0


@dataclass(frozen=True, slots=True)
class BlockDifference:
    title: Text
    times: int = 1
    here: str = ""  # unit in the learner's process
    there: str = ""  # unit in the solution


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The model solution, and how the learner's process differs from it."""

    counts: ProcessCounts
    findings: tuple[tuple[bool, str], ...]  # met, HTML
    missing: tuple[BlockDifference, ...] = ()
    surplus: tuple[BlockDifference, ...] = ()
    elsewhere: tuple[BlockDifference, ...] = ()
    reordered: bool = False
    rows: tuple[ProcessStep, ...] = ()
    mind_html: str = ""

    @property
    def same(self) -> bool:
        return not (self.missing or self.surplus or self.elsewhere or self.reordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage:
    template: ClassVar[str] = "workshop_comparison.html"

    frame: Frame
    title: str
    tabs: tuple[Link, ...]
    as_is: ProcessCounts
    to_be: ProcessCounts
    units: tuple[Named, ...] = ()
    intro_html: str = ""
    dropped: tuple[BlockDifference, ...] = ()
    added: tuple[BlockDifference, ...] = ()
    compare_url: str = ""  # POST; "": not yet, or no more
    unchanged: bool = False  # the future process is still today's, step by step
    too_short: bool = False  # the processes are too short to be compared
    refused: bool = False  # «Mit Musterlösung vergleichen» was pressed nevertheless
    enough: int = 0  # steps that are enough
    given: bool = True
    solution: Solution | None = None
    as_is_solution: Solution | None = None  # where the learner built today's process too
    state: State | None = State.OPEN
    evidence: Evidence = field(default_factory=Evidence)
    previous: Link | None = None
    next: Link | None = None
    up: Link | None = None
    transfer: Transfer | None = None
