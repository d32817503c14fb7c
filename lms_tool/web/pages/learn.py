"""Course, module, lesson, glossary."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from lms_tool.web.pages.parts import Evidence, Frame, Link, NextStep, Question, State, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleCard:
    number: int
    title: str
    url: str
    state: State
    steps: tuple[State, ...]  # one per activity that has a completion rule
    missing: tuple[Link, ...] = ()  # modules to finish first, when locked
    transfer: Transfer | None = None

    @property
    def done(self) -> int:
        return self.steps.count(State.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePage:
    """Home of a launch that placed nothing smaller than the course."""

    template: ClassVar[str] = "course.html"

    frame: Frame
    title: str
    summary: str
    modules: tuple[ModuleCard, ...]
    required: int  # how many modules complete the course
    state: State
    next: NextStep | None = None
    transfer: Transfer | None = None
    agenda_url: str = ""  # what goes into the Digitale Agenda; "": this course has nothing for it

    @property
    def done(self) -> int:
        return sum(module.state is State.DONE for module in self.modules)


class RuleKind(StrEnum):
    READ = "read"  # all lessons read: done, total
    PASSED = "passed"  # quiz ``title`` passed: pass_percent, attempts
    ATTEMPTED = "attempted"  # quiz ``title`` handed in
    DONE = "done"  # activity ``title`` done, whatever that means for its kind
    AT_LEAST = "at_least"  # ``total`` of ``of`` activities: done, total, of


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of «Abgeschlossen, wenn …»."""

    kind: RuleKind
    state: State
    title: str = ""
    done: int = 0
    total: int = 0
    of: int = 0
    pass_percent: int = 0
    attempts: int | None = None  # None: unlimited


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    kind: str  # see content.kinds
    title: str
    url: str
    state: State | None  # None: has no completion rule
    minutes: int = 0
    current: bool = False  # the next step
    missing: tuple[Link, ...] = ()  # what to finish first, when locked
    returned: bool = False  # done, but a worksheet came back with remarks


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePage:
    template: ClassVar[str] = "module.html"

    frame: Frame
    title: str
    summary: str
    state: State
    objectives: tuple[str, ...]
    activities: tuple[ActivityRow, ...]
    rules: tuple[Rule, ...]
    number: int = 0  # 0: the module stands alone in this launch
    of: int = 0
    minutes: int = 0
    outcome: str = ""
    missing: tuple[Link, ...] = ()  # modules to finish first, when locked
    next: NextStep | None = None
    all_or_nothing: bool = False  # the LMS gets all points once this is completed, and none before
    transfer: Transfer | None = None

    @property
    def steps(self) -> tuple[State, ...]:
        return tuple(row.state for row in self.activities if row.state is not None)

    @property
    def done(self) -> int:
        return self.steps.count(State.DONE)


@dataclass(frozen=True, slots=True)
class OutlineItem:
    title: str
    url: str
    state: State | None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """Contents of the module beside a lesson. Left out where only the activity was placed."""

    title: str
    items: tuple[OutlineItem, ...]

    @property
    def steps(self) -> tuple[State, ...]:
        return tuple(item.state for item in self.items if item.state is not None)

    @property
    def done(self) -> int:
        return self.steps.count(State.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    template: ClassVar[str] = "lesson.html"

    frame: Frame
    title: str
    body_html: str
    done_url: str  # POST; "" where the lesson has no completion rule: then the pager is links only
    state: State | None = State.OPEN
    rest_html: str = ""
    to_print: bool = False  # a cheat sheet: one page of paper, nothing to complete
    position: int = 0  # number in the module, from 1; 0: not shown
    minutes: int = 0
    outline: Outline | None = None
    sections: tuple[Link, ...] = ()  # «Auf dieser Seite»: the text's second-level headings, as ``#id``
    check: Question | None = None
    check_url: str = ""  # POST
    evidence: Evidence = field(default_factory=Evidence)
    previous: Link | None = None
    next: Link | None = None  # None: the last one; «Weiter» then leads to ``up`` or ends here
    up: Link | None = None  # the module page, if this launch contains it
    missing: tuple[Link, ...] = ()  # when locked: instead of the text
    all_or_nothing: bool = False  # see ModulePage
    transfer: Transfer | None = None


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    id: str
    term: str
    text_html: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryPage:
    template: ClassVar[str] = "glossary.html"

    frame: Frame
    terms: tuple[GlossaryTerm, ...]  # in alphabetical order
