"""A course as frozen values: what a package on disk says, and what a published revision holds.

Texts ending in ``_html`` are rendered and sanitised when a package is read (``content.package``); nothing is
rendered when a page is shown. Ids are given by authors, are stable for ever and unique within their course.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any


class CompletionRule(StrEnum):
    """When one activity counts as complete."""

    NONE = "none"
    VIEWED = "viewed"  # read to the end: the reader pressed «Weiter»
    PASSED = "passed"  # a finished attempt reached ``pass_percent``
    ATTEMPTED = "attempted"  # an attempt was handed in
    FINISHED = "finished"  # a case was followed to an end, a process compared with the model solution
    HANDED_IN = "handed_in"  # a worksheet was handed in
    ACCEPTED = "accepted"  # a coach accepted the worksheet
    CONFIRMED = "confirmed"  # the learner confirms to have done it elsewhere


@dataclass(frozen=True, slots=True)
class Need:
    """How many of the parts complete the whole: all of them, or ``at_least`` n."""

    at_least: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    key: str  # "01:Q4": fact sheet and number
    title: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Editorial state; ``draft``: no specialist has read it. Nothing claims a review that did not happen."""

    state: str = "draft"
    by: str = ""
    on: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of any kind. ``data`` is the kind's own frozen value (``content.questions``)."""

    id: str
    kind: str
    text_html: str
    data: Any
    objective: str = ""
    points: int = 1
    read_more: str = ""  # id of the activity to read again
    hint_html: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the second level in a lesson; ``id`` is its anchor on the page."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Lesson:
    body_html: str  # everything before the in-text question, or the whole body
    rest_html: str = ""  # what follows the in-text question
    check: Question | None = None
    outline: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Quiz:
    questions: tuple[Question, ...]
    attempts: int | None = None  # None: unlimited
    pass_percent: int = 60
    feedback: str = "immediate"  # immediate | end


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing to do. ``content`` is the kind's own frozen value (``content.kinds``)."""

    id: str
    kind: str
    title: str
    content: Any
    minutes: int = 0
    objectives: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    as_of: date | None = None
    review: Review = field(default_factory=Review)
    completion: CompletionRule = CompletionRule.VIEWED
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Module:
    id: str
    title: str
    summary: str
    objectives: tuple[Objective, ...]
    activities: tuple[Activity, ...]
    outcome: str = ""
    completion: Need = Need()
    requires: tuple[str, ...] = ()
    anonymous: bool = False  # may be opened without a person; then nothing is recorded

    @property
    def minutes(self) -> int:
        """Reading and working time of the activities that count, in minutes; what is optional is left out."""
        return sum(one.minutes for one in self.activities if one.completion is not CompletionRule.NONE)


@dataclass(frozen=True, slots=True)
class Term:
    id: str
    term: str
    text_html: str
    also: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """A picture. A stored course holds everything but ``data``, which ``digest`` stands for."""

    name: str  # file name below media/
    content_type: str
    digest: str  # hex SHA-256 of data; part of the URL
    data: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True)
class Course:
    id: str
    title: str
    summary: str
    modules: tuple[Module, ...]
    language: str = "de"
    completion: Need = Need()
    glossary: tuple[Term, ...] = ()
    media: tuple[Media, ...] = ()

    def activities(self) -> Iterator[Activity]:
        for module in self.modules:
            yield from module.activities

    @cached_property
    def by_activity(self) -> dict[str, tuple[Module, Activity]]:
        return {activity.id: (module, activity) for module in self.modules for activity in module.activities}

    @cached_property
    def by_module(self) -> dict[str, Module]:
        return {module.id: module for module in self.modules}
