"""True or false: a statement, and feedback for each of the two answers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions.choice import choice_mark
from lms_tool.content.questions.contract import Choices, Marking, Option


@dataclass(frozen=True, slots=True)
class TrueFalse:
    correct: bool
    feedback_true_html: str  # for who answered «Richtig»
    feedback_false_html: str


class TrueFalseKind:
    name = "truefalse"
    shape = TrueFalse
    graded = True

    def read(self, entry: Fields, markup: Markup) -> TrueFalse:
        return TrueFalse(
            correct=entry.flag("correct"),
            feedback_true_html=markup.field(entry, "feedback_true"),
            feedback_false_html=markup.field(entry, "feedback_false"),
        )

    def layout(self, _data: TrueFalse, _seed: str) -> Choices:
        return Choices((Option("true", "Richtig"), Option("false", "Falsch")))

    def solution(self, data: TrueFalse) -> tuple[str, ...]:
        return ("true" if data.correct else "false",)

    def mark(self, data: TrueFalse, response: tuple[str, ...]) -> Marking:
        chosen = frozenset(response)
        marks = (
            choice_mark("true", chosen, data.correct, data.feedback_true_html),
            choice_mark("false", chosen, not data.correct, data.feedback_false_html),
        )
        return Marking(Fraction(int(response == self.solution(data))), marks)
