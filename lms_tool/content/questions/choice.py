"""Choice questions: ``single`` (exactly one answer is right) and ``multiple`` (one or more are)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from fractions import Fraction

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions.contract import Option

_NONE_RIGHT = "Keine Antwort ist als richtig markiert."


@dataclass(frozen=True, slots=True)
class Answer:
    id: str
    html: str
    feedback_html: str
    correct: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    answers: tuple[Answer, ...]


class _ChoiceKind:
    shape = Choice

    def read(self, entry: Fields, markup: Markup) -> Choice:
        found = entry.items("answers", "„answers“")
        answers = tuple(_answer(fields, markup) for fields in found)
        if len(found) == 1:
            entry.wrong("answers", "Es gibt nur eine Antwort.", "Schreiben Sie mindestens zwei Antworten.")
        for what, counted in (
            ("Die Kennung", Counter(answer.id for answer in answers)),
            ("Der Text", Counter(answer.html for answer in answers)),
        ):
            for value, times in counted.items():
                if value and times > 1:
                    entry.wrong(
                        "answers",
                        f"{what} „{value[:40]}“ kommt {times}-mal vor.",
                        "Jede Antwort braucht eigene Angaben.",
                    )
        return Choice(answers)

    def options(self, data: Choice) -> tuple[Option, ...]:
        return tuple(Option(answer.id, answer.html) for answer in data.answers)

    def correct(self, data: Choice) -> frozenset[str]:
        return frozenset(answer.id for answer in data.answers if answer.correct)

    def feedback(self, data: Choice) -> dict[str, str]:
        return {answer.id: answer.feedback_html for answer in data.answers}


class Single(_ChoiceKind):
    name = "single"
    several = False

    def read(self, entry: Fields, markup: Markup) -> Choice:
        data = super().read(entry, markup)
        right = len(self.correct(data))
        if data.answers and right != 1:
            entry.wrong(
                "answers",
                f"{right} Antworten sind als richtig markiert." if right else _NONE_RIGHT,
                "Setzen Sie „correct: true“ bei genau einer Antwort, oder wählen Sie „kind: multiple“.",
            )
        return data

    def share(self, data: Choice, chosen: Set[str]) -> Fraction:
        return Fraction(int(chosen == self.correct(data)))


class Multiple(_ChoiceKind):
    name = "multiple"
    several = True

    def read(self, entry: Fields, markup: Markup) -> Choice:
        data = super().read(entry, markup)
        if data.answers and not self.correct(data):
            entry.wrong("answers", _NONE_RIGHT, "Setzen Sie „correct: true“ bei den richtigen Antworten.")
        return data

    def share(self, data: Choice, chosen: Set[str]) -> Fraction:
        """(right chosen − wrong chosen) / right, not below 0: ticking everything earns nothing much."""
        right = self.correct(data)
        return max(Fraction(len(chosen & right) - len(chosen - right), len(right)), Fraction(0))


def _answer(entry: Fields, markup: Markup) -> Answer:
    answer = Answer(
        id=entry.slug(),
        html=markup.field(entry, "text"),
        feedback_html=markup.field(entry, "feedback"),
        correct=entry.flag("correct", default=False),
    )
    entry.close()
    return answer
