"""Choice questions: ``single`` (exactly one answer is right) and ``multiple`` (one or more are)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions.contract import Choices, Mark, Marking, Option, State

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


class _Answers(Protocol):
    """Whatever has answers to choose from."""

    @property
    def answers(self) -> tuple[Answer, ...]: ...


class _ChoiceKind:
    shape = Choice
    graded = True
    several = False

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

    def layout(self, data: _Answers, _seed: str) -> Choices:
        return Choices(tuple(Option(answer.id, answer.html) for answer in data.answers), self.several)

    def solution(self, data: _Answers) -> tuple[str, ...]:
        return tuple(answer.id for answer in data.answers if answer.correct)

    def marks(self, data: _Answers, chosen: frozenset[str]) -> tuple[Mark, ...]:
        return tuple(
            choice_mark(answer.id, chosen, answer.correct, answer.feedback_html) for answer in data.answers
        )


class Single(_ChoiceKind):
    name = "single"

    def read(self, entry: Fields, markup: Markup) -> Choice:
        data = super().read(entry, markup)
        right = len(self.solution(data))
        if data.answers and right != 1:
            entry.wrong(
                "answers",
                f"{right} Antworten sind als richtig markiert." if right else _NONE_RIGHT,
                "Setzen Sie „correct: true“ bei genau einer Antwort, oder wählen Sie „kind: multiple“.",
            )
        return data

    def mark(self, data: _Answers, response: tuple[str, ...]) -> Marking:
        return Marking(Fraction(int(response == self.solution(data))), self.marks(data, frozenset(response)))


class Multiple(_ChoiceKind):
    name = "multiple"
    several = True

    def read(self, entry: Fields, markup: Markup) -> Choice:
        data = super().read(entry, markup)
        if data.answers and not self.solution(data):
            entry.wrong("answers", _NONE_RIGHT, "Setzen Sie „correct: true“ bei den richtigen Antworten.")
        return data

    def mark(self, data: _Answers, response: tuple[str, ...]) -> Marking:
        """(right chosen − wrong chosen) / right, not below 0: ticking everything earns nothing much."""
        right, chosen = frozenset(self.solution(data)), frozenset(response)
        share = max(Fraction(len(chosen & right) - len(chosen - right), len(right)), Fraction(0))
        return Marking(share, self.marks(data, chosen))


def choice_mark(option: str, chosen: frozenset[str], correct: bool, feedback: str) -> Mark:
    """The mark of one option."""
    state: State = ("right" if correct else "wrong") if option in chosen else "missed" if correct else ""
    return Mark(option, state, feedback, option in chosen)


def _answer(entry: Fields, markup: Markup) -> Answer:
    answer = Answer(
        id=entry.slug(),
        html=markup.field(entry, "text"),
        feedback_html=markup.field(entry, "feedback"),
        correct=entry.flag("correct", default=False),
    )
    entry.close()
    return answer
