"""Question kinds: one file each, one contract, one registry.

A kind reads its part of a question from YAML into a frozen value, names its options and says what a choice
is worth. What is common to all questions (id, text, objective, points) is read by ``content.quiz``. Pages
and services call the functions of this module and never a kind itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lms_tool.content.course import Question
from lms_tool.content.questions.choice import Multiple, Single
from lms_tool.content.questions.contract import Kind, Option
from lms_tool.content.questions.truefalse import TrueFalseKind
from lms_tool.errors import Text, ToolError

__all__ = [
    "KINDS",
    "AnswerInvalid",
    "AnswerMissing",
    "Kind",
    "Marked",
    "Option",
    "OptionMark",
    "mark",
    "options",
    "several",
    "unanswered",
]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Single(), Multiple(), TrueFalseKind())}


class AnswerInvalid(ToolError):
    """The response names an answer that the question does not have, or more than it allows."""

    code = "answer_invalid"
    status = 400
    text = Text("Diese Antwort gehört nicht zur Frage.", "This answer does not belong to the question.")
    remedy = Text(
        "Bitte laden Sie die Seite neu und wählen Sie noch einmal.",
        "Please reload the page and choose again.",
    )


class AnswerMissing(ToolError):
    """Nothing was chosen where an answer was to be checked."""

    code = "answer_missing"
    status = 422
    text = Text("Bitte wählen Sie eine Antwort.", "Please choose an answer.")
    remedy = Text("Danach können Sie die Antwort prüfen.", "Then you can check the answer.")


@dataclass(frozen=True, slots=True)
class OptionMark:
    """What became of one option. ``missed``: it would have been right and was not chosen."""

    id: str
    chosen: bool
    state: Literal["right", "wrong", "missed", ""]
    feedback_html: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked response; ``0 <= points <= max_points``, not rounded; ``marks`` in the options' order."""

    points: float
    max_points: int
    verdict: Literal["right", "partial", "wrong"]
    marks: tuple[OptionMark, ...]


def several(question: Question) -> bool:
    """Whether more than one option may be chosen (check boxes), or only one (radio buttons)."""
    return KINDS[question.kind].several


def options(question: Question) -> tuple[Option, ...]:
    """The options of ``question`` in the author's order."""
    return KINDS[question.kind].options(question.data)


def mark(question: Question, response: Iterable[str]) -> Marked:
    """Mark ``response``, the ids of the chosen options in any order.

    Raises ``AnswerMissing`` when nothing was chosen, ``AnswerInvalid`` for unknown ids or too many of them.
    A question left open at the end of a test is not an answer to be checked: see ``unanswered``.
    """
    chosen = frozenset(response)
    if not chosen:
        raise AnswerMissing(question=question.id)
    known = {option.id for option in options(question)}
    if not chosen <= known or (len(chosen) > 1 and not several(question)):
        raise AnswerInvalid(question=question.id)
    return _marked(question, chosen)


def unanswered(question: Question) -> Marked:
    """The marking of a question that was left open when the test was handed in: no points."""
    return _marked(question, frozenset())


def _marked(question: Question, chosen: frozenset[str]) -> Marked:
    kind, data = KINDS[question.kind], question.data
    share, correct, feedback = kind.share(data, chosen), kind.correct(data), kind.feedback(data)
    return Marked(
        points=float(share * question.points),
        max_points=question.points,
        verdict="right" if share == 1 else "partial" if share else "wrong",
        marks=tuple(
            OptionMark(
                option.id, option.id in chosen, _state(option.id, chosen, correct), feedback[option.id]
            )
            for option in kind.options(data)
        ),
    )


def _state(
    option: str, chosen: frozenset[str], correct: frozenset[str]
) -> Literal["right", "wrong", "missed", ""]:
    if option in chosen:
        return "right" if option in correct else "wrong"
    return "missed" if option in correct else ""
