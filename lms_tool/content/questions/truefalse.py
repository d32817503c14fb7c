"""True or false: a statement, and feedback for each of the two answers."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from fractions import Fraction

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions.contract import Option


@dataclass(frozen=True, slots=True)
class TrueFalse:
    correct: bool
    feedback_true_html: str  # for who answered «Richtig»
    feedback_false_html: str


class TrueFalseKind:
    name = "truefalse"
    several = False
    shape = TrueFalse

    def read(self, entry: Fields, markup: Markup) -> TrueFalse:
        return TrueFalse(
            correct=entry.flag("correct"),
            feedback_true_html=markup.field(entry, "feedback_true"),
            feedback_false_html=markup.field(entry, "feedback_false"),
        )

    def options(self, _data: TrueFalse) -> tuple[Option, ...]:
        return (Option("true", "Richtig"), Option("false", "Falsch"))

    def correct(self, data: TrueFalse) -> frozenset[str]:
        return frozenset({"true" if data.correct else "false"})

    def feedback(self, data: TrueFalse) -> dict[str, str]:
        return {"true": data.feedback_true_html, "false": data.feedback_false_html}

    def share(self, data: TrueFalse, chosen: Set[str]) -> Fraction:
        return Fraction(int(chosen == self.correct(data)))
