"""``ordering``: bring the items into the right order."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions.contract import Mark, Marking, Option, Sequence
from lms_tool.content.questions.parts import between, once
from lms_tool.content.questions.shuffle import shuffled


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    html: str
    feedback_html: str


@dataclass(frozen=True, slots=True)
class Ordering:
    items: tuple[Step, ...]  # in the right order


class OrderingKind:
    """Marked by neighbours: an item is right where it follows its predecessor, the first one at the beginning.

    So one item in a wrong place does not spoil all that come after it.
    """

    name = "ordering"
    shape = Ordering
    graded = True

    def read(self, entry: Fields, markup: Markup) -> Ordering:
        found = []
        for each in entry.items("items", "„items“"):
            found.append(Step(each.slug(), markup.field(each, "text"), markup.field(each, "feedback")))
            each.close()
        between(entry, "items", len(found), 3, 8)
        once(entry, "items", [step.id for step in found])
        once(entry, "items", [step.html for step in found], "Der Text")
        return Ordering(tuple(found))

    def layout(self, data: Ordering, seed: str) -> Sequence:
        return Sequence(tuple(shuffled([Option(step.id, step.html) for step in data.items], seed)))

    def solution(self, data: Ordering) -> tuple[str, ...]:
        return tuple(step.id for step in data.items)

    def mark(self, data: Ordering, response: tuple[str, ...]) -> Marking:
        before = dict(zip(self.solution(data), ("", *self.solution(data)), strict=False))
        found = dict(zip(response, ("", *response), strict=False))
        marks = tuple(
            Mark(
                step.id,
                "missed" if not response else "right" if found.get(step.id) == before[step.id] else "wrong",
                step.feedback_html,
                bool(response),
                str(place),
            )
            for place, step in enumerate(data.items, 1)
        )
        return Marking(Fraction(sum(mark.state == "right" for mark in marks), len(marks) or 1), marks)
