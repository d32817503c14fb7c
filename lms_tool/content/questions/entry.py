"""Questions with one field to type into: ``shorttext``, ``numeric`` and ``reflection``."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions.contract import Entry, Mark, Marking, State
from lms_tool.content.questions.words import number, plain, same

MAX_TYPOS = 2
MOST = 50  # texts that are accepted, or known to be wrong: each is compared with each
FIELD = "answer"  # the id of the one mark


@dataclass(frozen=True, slots=True)
class Expected:
    """One text or number that has a feedback of its own."""

    text: str
    feedback_html: str


@dataclass(frozen=True, slots=True)
class ShortText:
    accept: tuple[Expected, ...]
    wrong: tuple[Expected, ...]
    feedback_html: str  # for everything else
    typos: int | None = None


@dataclass(frozen=True, slots=True)
class Numeric:
    value: str
    tolerance: str
    unit: str
    feedback_right_html: str
    wrong: tuple[Expected, ...]
    feedback_html: str  # for everything else


@dataclass(frozen=True, slots=True)
class Reflection:
    feedback_html: str


class ShortTextKind:
    name = "shorttext"
    shape = ShortText
    graded = True

    def read(self, entry: Fields, markup: Markup) -> ShortText:
        accept = _expected(entry, "accept", "text", markup)
        wrong = _expected(entry, "wrong", "text", markup) if "wrong" in entry else ()
        typos = entry.whole("typos", 0, MAX_TYPOS) if "typos" in entry else None
        for each in wrong:
            if any(same(each.text, right.text, typos) for right in accept):
                entry.wrong(
                    "wrong",
                    f"„{each.text}“ gilt auch als richtig.",
                    "Setzen Sie „typos: 0“, oder streichen Sie die Angabe.",
                )
        return ShortText(accept, wrong, markup.field(entry, "feedback"), typos)

    def layout(self, _data: ShortText, _seed: str) -> Entry:
        return Entry()

    def solution(self, data: ShortText) -> tuple[str, ...]:
        return (data.accept[0].text,)

    def mark(self, data: ShortText, response: tuple[str, ...]) -> Marking:
        given = response[0] if response else ""
        solution = data.accept[0].text
        exact = [each for each in data.accept if plain(each.text) == plain(given)]
        for each in exact or data.accept:
            if given and same(given, each.text, data.typos):
                return _marking(True, each.feedback_html, given, solution)
        for each in data.wrong:
            if given and same(given, each.text, data.typos):
                return _marking(False, each.feedback_html, given, solution)
        return _marking(False, data.feedback_html, given, solution)


class NumericKind:
    name = "numeric"
    shape = Numeric
    graded = True

    def read(self, entry: Fields, markup: Markup) -> Numeric:
        wrong = _expected(entry, "wrong", "value", markup) if "wrong" in entry else ()
        data = Numeric(
            value=entry.text("value"),
            tolerance=entry.text("tolerance", "0"),
            unit=entry.text("unit", ""),
            feedback_right_html=markup.field(entry, "feedback_right"),
            wrong=wrong,
            feedback_html=markup.field(entry, "feedback"),
        )
        for key, text in (
            ("value", data.value),
            ("tolerance", data.tolerance),
            *(("wrong", w.text) for w in wrong),
        ):
            if text and number(text) is None:
                entry.wrong(
                    key, f"„{text[:40]}“ ist keine Zahl.", 'Schreiben Sie sie wie im Text: "3" oder "28,8".'
                )
            elif key == "wrong" and _meets(data, text):
                entry.wrong("wrong", f"{text} gilt auch als richtig.", "Verkleinern Sie die Toleranz.")
        return data

    def layout(self, data: Numeric, _seed: str) -> Entry:
        return Entry(unit=data.unit, number=True)

    def solution(self, data: Numeric) -> tuple[str, ...]:
        return (data.value,)

    def mark(self, data: Numeric, response: tuple[str, ...]) -> Marking:
        given = response[0] if response else ""
        solution = f"{data.value} {data.unit}".strip()
        if _meets(data, given):
            return _marking(True, data.feedback_right_html, given, solution)
        typed = number(given, data.unit)
        for each in data.wrong:
            if typed is not None and number(each.text) == typed:
                return _marking(False, each.feedback_html, given, solution)
        return _marking(False, data.feedback_html, given, solution)


class ReflectionKind:
    """A question to oneself: nothing is right or wrong, nothing counts."""

    name = "reflection"
    shape = Reflection
    graded = False

    def read(self, entry: Fields, markup: Markup) -> Reflection:
        return Reflection(markup.field(entry, "feedback"))

    def layout(self, _data: Reflection, _seed: str) -> Entry:
        return Entry(long=True)

    def solution(self, _data: Reflection) -> tuple[str, ...]:
        return ("–",)

    def mark(self, data: Reflection, response: tuple[str, ...]) -> Marking:
        return Marking(Fraction(0), (Mark(FIELD, "", data.feedback_html, bool(response)),))


def _meets(data: Numeric, text: str) -> bool:
    typed, wanted, within = number(text, data.unit), number(data.value), number(data.tolerance)
    return (
        typed is not None and wanted is not None and within is not None and abs(typed - wanted) <= abs(within)
    )


def _marking(right: bool, feedback: str, given: str, solution: str) -> Marking:
    state: State = "right" if right else "wrong" if given else "missed"
    return Marking(Fraction(int(right)), (Mark(FIELD, state, feedback, bool(given), solution),))


def _expected(entry: Fields, key: str, value: str, markup: Markup) -> tuple[Expected, ...]:
    found = []
    given = entry.items(key, f"„{key}“")
    if len(given) > MOST:
        entry.wrong(key, f"„{key}“ hat {len(given)} Einträge.", f"Möglich sind 1 bis {MOST}.")
    for each in given[:MOST]:
        found.append(Expected(each.text(value), markup.field(each, "feedback")))
        each.close()
    return tuple(found)
