"""What every kind of question offers, and the forms in which questions are answered.

A response travels as a tuple of texts, whatever the kind: ids of chosen options, one typed text, ``part=value`` for
each part filled in, or the ids of all items in their order. An empty tuple means that nothing was answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup

ENTRY_LENGTH = 2_000  # characters of a typed answer
PART_LENGTH = 200  # characters typed into a gap


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen. ``html`` is inline and sanitised."""

    id: str
    html: str


@dataclass(frozen=True, slots=True)
class Part:
    """One place to fill in: chosen from ``options``, or typed where there are none."""

    id: str
    html: str  # what it belongs to; "" for a gap in a passage
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """Radio buttons, or check boxes with ``several``."""

    options: tuple[Option, ...]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One field to type into; ``long``: several lines; ``number``: nothing but a number, with ``unit`` or without."""

    unit: str = ""
    long: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """Places to fill in, each by itself, or in a text: the ``passage`` has one piece of HTML more than parts."""

    parts: tuple[Part, ...]
    passage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items to be brought into order; here as they stand at first."""

    items: tuple[Option, ...]


Layout = Choices | Entry | Parts | Sequence
State = Literal["right", "wrong", "missed", ""]


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one option, part, item or entry. ``missed``: it would have been right and was left out.

    ``solution``: what would have been right, as plain text, where the feedback's reader cannot see it.
    """

    id: str
    state: State
    feedback_html: str
    chosen: bool = True
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Marking:
    """``share``: the part of the points, 0 to 1, that the response earns."""

    share: Fraction
    marks: tuple[Mark, ...]


class Kind(Protocol):
    """One kind of question. ``data`` is the frozen value that ``read`` made; ``shape`` is its class."""

    @property
    def name(self) -> str: ...

    @property
    def shape(self) -> type[Any]: ...

    @property
    def graded(self) -> bool:
        """Whether answers earn points."""

    def read(self, entry: Fields, markup: Markup) -> Any:
        """Take this kind's keys from ``entry``, report what is wrong there, and return the kind's value."""

    def layout(self, data: Any, seed: str) -> Layout:
        """How it is answered. ``seed`` decides the order of what is shown shuffled: the same for everybody."""

    def solution(self, data: Any) -> tuple[str, ...]:
        """A response that earns all the points."""

    def mark(self, data: Any, response: tuple[str, ...]) -> Marking:
        """Mark a response that fits the layout; an empty one is a question left open."""


def pairs(response: tuple[str, ...]) -> dict[str, str]:
    """``part=value`` texts as a mapping."""
    return dict(text.split("=", 1) for text in response)


def marked(given: dict[str, str], rows: list[tuple[str, bool, str, str]]) -> Marking:
    """The marking of parts. ``rows``: id, whether what was given is right, feedback, solution as plain text."""
    marks = []
    for part, right, feedback, solution in rows:
        state: State = "right" if right else "wrong" if part in given else "missed"
        marks.append(Mark(part, state, feedback, part in given, solution))
    earned = sum(mark.state == "right" for mark in marks)
    return Marking(Fraction(earned, len(marks) or 1), tuple(marks))
