"""Question kinds: one file each, one contract, one registry.

A kind reads its part of a question from YAML into a frozen value, says how it is answered and what an answer is
worth. What is common to all questions (id, text, objective, points) is read by ``content.quiz``. Pages
and services call the functions of this module and never a kind itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from lms_tool.content.course import Question
from lms_tool.content.fields import UNPRINTABLE
from lms_tool.content.questions.choice import Multiple, Single
from lms_tool.content.questions.contract import (
    ENTRY_LENGTH,
    PART_LENGTH,
    Choices,
    Entry,
    Kind,
    Layout,
    Mark,
    Option,
    Parts,
    pairs,
)
from lms_tool.content.questions.contract import Sequence as Items
from lms_tool.content.questions.entry import NumericKind, ReflectionKind, ShortTextKind
from lms_tool.content.questions.ordering import OrderingKind
from lms_tool.content.questions.parts import CategoriseKind, GapKind, MatchingKind
from lms_tool.content.questions.picture import PictureKind
from lms_tool.content.questions.truefalse import TrueFalseKind
from lms_tool.content.questions.words import number
from lms_tool.errors import Text, ToolError

__all__ = [
    "KINDS",
    "AnswerInvalid",
    "AnswerMissing",
    "Choices",
    "Entry",
    "Items",
    "Kind",
    "Layout",
    "Mark",
    "Marked",
    "Option",
    "Parts",
    "checked",
    "graded",
    "layout",
    "mark",
    "moved",
    "response",
    "solution",
    "typed",
    "unanswered",
]

_ALL: tuple[Kind, ...] = (
    Single(),
    Multiple(),
    TrueFalseKind(),
    PictureKind(),
    ShortTextKind(),
    NumericKind(),
    MatchingKind(),
    OrderingKind(),
    GapKind(),
    CategoriseKind(),
    ReflectionKind(),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
PART_FIELD = "part."  # form fields of parts: part.ID; everything else is in „answer“


class AnswerInvalid(ToolError):
    """The response does not fit the question: unknown ids, too many of them, too much text."""

    code = "answer_invalid"
    status = 400
    text = Text("Diese Antwort gehört nicht zur Frage.", "This answer does not belong to the question.")
    remedy = Text(
        "Bitte laden Sie die Seite neu und wählen Sie noch einmal.",
        "Please reload the page and choose again.",
    )


class AnswerMissing(ToolError):
    """Nothing was answered where an answer was to be checked."""

    code = "answer_missing"
    status = 422
    text = Text("Bitte beantworten Sie die Frage.", "Please answer the question.")
    remedy = Text("Danach können Sie die Antwort prüfen.", "Then you can check the answer.")


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked response; ``0 <= points <= max_points``, not rounded; ``marks`` in the author's order.

    ``noted``: a question to oneself, which is neither right nor wrong.
    """

    points: float
    max_points: int
    verdict: Literal["right", "partial", "wrong", "noted"]
    marks: tuple[Mark, ...]


def graded(question: Question) -> bool:
    """Whether ``question`` earns points."""
    return KINDS[question.kind].graded


def layout(question: Question) -> Layout:
    """How ``question`` is answered."""
    return KINDS[question.kind].layout(question.data, question.id)


def typed(question: Question) -> bool:
    """Whether ``question`` is answered in words of one's own."""
    asked = layout(question)
    return isinstance(asked, Entry) or (
        isinstance(asked, Parts) and not all(part.options for part in asked.parts)
    )


def solution(question: Question) -> tuple[str, ...]:
    """A response that earns all the points."""
    return KINDS[question.kind].solution(question.data)


def response(question: Question, field: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    """What a form's fields say, as a response; ``field`` gives all values of a name. Empty: nothing was answered."""
    asked = layout(question)
    match asked:
        case Choices():
            return tuple(dict.fromkeys(field("answer")[: len(asked.options) + 1]))
        case Items():
            return tuple(field("answer")[: len(asked.items) + 1])
        case Entry():
            text = " ".join(field("answer")[:1]).strip()
            return (text,) if text else ()
        case Parts():
            given = [(part.id, " ".join(field(f"{PART_FIELD}{part.id}")[:1]).strip()) for part in asked.parts]
            return tuple(f"{part}={value}" for part, value in given if value)


def moved(question: Question, given: Sequence[str], move: str) -> tuple[str, ...]:
    """``given`` with one item a place up or down, as the button „ID:up“ or „ID:down“ says.

    Raises AnswerInvalid for a button that the question does not have.
    """
    item, _, way = move.partition(":")
    order = list(given)
    if not isinstance(layout(question), Items) or item not in order or way not in ("up", "down"):
        raise AnswerInvalid(question=question.id)
    place = order.index(item)
    order.insert(max(0, place - 1) if way == "up" else place + 1, order.pop(place))
    return tuple(order)


def mark(question: Question, given: Iterable[str]) -> Marked:
    """Mark a response.

    Raises ``AnswerMissing`` when nothing was answered, ``AnswerInvalid`` for what does not fit the question.
    A question left open at the end of a test is not an answer to be checked: see ``unanswered``.
    """
    answer, asked = tuple(given), layout(question)
    if isinstance(asked, Choices):
        answer = tuple(dict.fromkeys(answer))
    if not answer:
        raise AnswerMissing(question=question.id)
    if not _fits(asked, answer):
        raise AnswerInvalid(question=question.id)
    return _marked(question, answer)


def checked(question: Question, given: Iterable[str]) -> Marked:
    """Mark a response whose feedback is asked for at once, while it can still be written anew.

    Raises ``AnswerMissing`` also for words where a number is asked for: a slip of the hand settles nothing.
    """
    answer, asked = tuple(given), layout(question)
    marked = mark(question, answer)
    if isinstance(asked, Entry) and asked.number and number(answer[0], asked.unit) is None:
        raise AnswerMissing(question=question.id)
    return marked


def unanswered(question: Question) -> Marked:
    """The marking of a question that was left open when the test was handed in: no points."""
    return _marked(question, ())


def _marked(question: Question, answer: tuple[str, ...]) -> Marked:
    marking = KINDS[question.kind].mark(question.data, answer)
    verdict: Literal["right", "partial", "wrong"] = (
        "right" if marking.share == 1 else "partial" if marking.share else "wrong"
    )
    return Marked(
        points=float(marking.share * question.points),
        max_points=question.points,
        verdict=verdict if graded(question) else "noted",
        marks=marking.marks,
    )


def _fits(asked: Layout, answer: tuple[str, ...]) -> bool:
    match asked:
        case Choices():
            known = {option.id for option in asked.options}
            return known.issuperset(answer) and len(set(answer)) == len(answer) <= (
                len(known) if asked.several else 1
            )
        case Items():
            return sorted(answer) == sorted(item.id for item in asked.items)
        case Entry():
            return len(answer) == 1 and len(answer[0]) <= ENTRY_LENGTH and not UNPRINTABLE.search(answer[0])
        case Parts():
            if not all("=" in text for text in answer) or len(pairs(answer)) != len(answer):
                return False
            parts = {part.id: part for part in asked.parts}
            return all(
                key in parts
                and (
                    value in {option.id for option in parts[key].options}
                    if parts[key].options
                    else len(value) <= PART_LENGTH and not UNPRINTABLE.search(value)
                )
                for key, value in pairs(answer).items()
            )
