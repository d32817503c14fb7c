"""From the start of a quiz to its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from lms_tool.web.pages.parts import Evidence, Frame, Link, NextStep, Question, State, Transfer, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    number: int
    points: float
    max_points: int
    passed: bool
    url: str
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizStartPage:
    template: ClassVar[str] = "quiz_start.html"

    frame: Frame
    title: str
    questions: int
    pass_percent: int
    start_url: (
        str  # POST: starts or resumes; "" when no attempt is left, the quiz is locked, or another looks on
    )
    state: State | None = State.OPEN
    minutes: int = 0
    attempts: int | None = None  # allowed; None: unlimited
    used: int = 0  # attempts handed in
    resume: int = 0  # number of the question where an open attempt goes on; 0: none is open
    immediate: bool = True  # feedback after each question, not at the end
    must_pass: bool = True  # completion needs a passed attempt
    earlier: tuple[AttemptRow, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    previous: Link | None = None
    next: Link | None = None
    up: Link | None = None
    missing: tuple[Link, ...] = ()
    all_or_nothing: bool = False  # see ModulePage
    transfer: Transfer | None = None


@dataclass(frozen=True, slots=True)
class QuestionTab:
    number: int
    url: str
    answered: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """One question of an attempt.

    The form posts to ``action_url``: fields ``answer`` (ids of the chosen answers) and ``action`` = ``save``
    (by script, with ``HX-Request: true``, answered 204), ``check``, ``next`` or ``previous``; each saves the
    answer first. ``next`` on the last question leads to the hand-in page.
    """

    template: ClassVar[str] = "question.html"

    frame: Frame
    quiz_title: str
    number: int
    tabs: tuple[QuestionTab, ...]
    question: Question
    action_url: str  # POST
    attempt_url: str  # GET: hand-in page while the attempt is open, then its result
    attempt: int
    attempts: int | None = None
    immediate: bool = True
    saved: bool = False  # the answer shown is stored
    finished: bool = False  # looking back at an attempt that was handed in: nothing can be changed
    finish_url: str = ""  # POST; given once every question is answered for good

    @property
    def last(self) -> bool:
        return self.number == len(self.tabs)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInPage:
    """GET of an open attempt: what is answered, what is open, «Test abgeben»."""

    template: ClassVar[str] = "hand_in.html"

    frame: Frame
    quiz_title: str
    tabs: tuple[QuestionTab, ...]
    finish_url: str  # POST
    attempt: int
    attempts: int | None = None

    @property
    def open(self) -> tuple[QuestionTab, ...]:
        return tuple(tab for tab in self.tabs if not tab.answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    number: int
    text_html: str
    url: str
    verdict: Verdict
    points: float
    max_points: int
    answered: bool = True


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    text: str
    right: int  # questions answered fully right
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    template: ClassVar[str] = "result.html"

    frame: Frame
    quiz_title: str
    attempt: int
    points: float
    max_points: int
    pass_points: float  # points needed to pass
    passed: bool
    questions: tuple[ResultRow, ...]
    attempts: int | None = None
    objectives: tuple[ObjectiveResult, ...] = ()
    reread: tuple[Link, ...] = ()  # lessons to read again, from the questions that were not right
    next: NextStep | None = None
    up: Link | None = None
    retry_url: str = ""  # POST; "": no attempt left, or another looks on
    graded: bool = False
    transfer: Transfer | None = None
