"""A branching case: one scene, the way to it, and at an end the debrief."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from lms_tool.web.pages.parts import Evidence, Frame, Link, State, Transfer


@dataclass(frozen=True, slots=True)
class WayPoint:
    """A decision on the way, or the scene that the way has come to; ``url`` leads back there."""

    title: str
    url: str
    current: bool = False  # the one that is shown
    chosen_html: str = ""


@dataclass(frozen=True, slots=True)
class CaseChoice:
    html: str
    taken: bool = False  # looking back: this is what was chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    template: ClassVar[str] = "case.html"

    frame: Frame
    title: str
    state: State | None = State.OPEN
    minutes: int = 0
    way: tuple[WayPoint, ...] = ()  # one point: at the beginning
    scene_title: str = ""
    scene_html: str = ""
    consequence_html: str = ""  # of the choice that led here
    choices: tuple[CaseChoice, ...] = ()  # two and more: a decision; one: it goes on; none: an end
    action_url: str = ""  # POST; "" where nothing can be chosen
    sent_way: str = ""  # goes along with the choice
    sent_ends: str = ""
    forward: Link | None = None  # looking back: where the way has come to
    debrief_title: str = ""
    debrief_html: str = ""
    ends: tuple[str, ...] = ()  # titles of those met so far
    of_ends: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    previous: Link | None = None
    next: Link | None = None
    up: Link | None = None
    missing: tuple[Link, ...] = ()  # when locked: instead of the case
    all_or_nothing: bool = False  # see ModulePage
    transfer: Transfer | None = None

    @property
    def ended(self) -> bool:
        return not self.choices
