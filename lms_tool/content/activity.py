"""What lessons and tests have in common: the head of an activity, and what its module offers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lms_tool.content.course import Activity, CompletionRule, Lesson, Quiz, Review, Source
from lms_tool.content.fields import SLUG, Fields, Ref
from lms_tool.content.markup import Link, Markup

MINUTES = 240


@dataclass(frozen=True, slots=True)
class Scope:
    """What an activity may refer to in its module. ``used`` gathers what it did refer to."""

    markup: Markup
    objectives: frozenset[str]
    sources: Mapping[str, Source]
    used: set[str]

    def objective(self, ref: Ref, entry: Fields) -> None:
        self.used.add(ref.value)
        if ref.value not in self.objectives:
            entry.report.error(
                ref.line,
                f"Das Lernziel „{ref.value[:40]}“ gibt es in diesem Modul nicht.",
                "Nehmen Sie eine Kennung aus „objectives“ in module.yaml.",
            )

    def cited(self, entry: Fields) -> tuple[Source, ...]:
        return cited(entry, self.sources, self.used)


def cited(entry: Fields, declared: Mapping[str, Source], used: set[str]) -> tuple[Source, ...]:
    """The sources that ``entry`` names under „sources“; a fault for each that no module declares."""
    found: list[Source] = []
    for ref in entry.refs("sources"):
        used.add(ref.value)
        if ref.value in declared:
            found.append(declared[ref.value])
        else:
            entry.report.error(
                ref.line,
                f"Die Quelle „{ref.value[:40]}“ ist nirgends angegeben.",
                "Tragen Sie sie unter „sources“ in module.yaml ein.",
            )
    return tuple(found)


def required(entry: Fields, markup: Markup) -> tuple[str, ...]:
    """Ids of the activities that must be complete first."""
    refs = [ref for ref in entry.refs("requires") if known_form(ref, entry)]
    markup.links += [Link("activity", ref.value, entry.report.path, ref.line) for ref in refs]
    return tuple(ref.value for ref in refs)


def known_form(ref: Ref, entry: Fields) -> bool:
    if SLUG.fullmatch(ref.value):
        return True
    entry.report.error(
        ref.line, f"„{ref.value[:40]}“ ist keine Kennung.", "Erlaubt sind a–z, 0–9 und Bindestriche."
    )
    return False


def activity(
    entry: Fields,
    scope: Scope,
    *,
    kind: str,
    content: Lesson | Quiz,
    objectives: tuple[str, ...],
    rules: Sequence[CompletionRule],
) -> Activity:
    """Read the common keys and close ``entry``. ``rules``: what „completion“ may be, the default first."""
    made = Activity(
        id=entry.slug(),
        kind=kind,
        title=entry.text("title"),
        content=content,
        minutes=entry.whole("minutes", 1, MINUTES),
        objectives=objectives,
        sources=scope.cited(entry),
        as_of=entry.day("as_of"),
        review=_review(entry),
        completion=CompletionRule(entry.one_of("completion", rules, rules[0])),
        requires=required(entry, scope.markup),
    )
    if made.sources and "as_of" not in entry:
        entry.wrong("sources", "Quellen sind genannt, aber kein Stand.", "Ergänzen Sie „as_of: JJJJ-MM-TT“.")
    entry.close()
    return made


def _review(entry: Fields) -> Review:
    given = entry.mapping("review", "„review“")
    if given is None:
        return Review()
    if given.one_of("state", ("draft", "reviewed")) == "reviewed":
        review = Review(
            "reviewed", given.text("by"), given.day("on", required=True), given.day("until", required=True)
        )
        if review.on and review.until and review.until < review.on:
            given.wrong(
                "until", "„until“ liegt vor „on“.", "Nennen Sie den Tag, bis zu dem die Prüfung gilt."
            )
    else:
        review = Review()
        if given.keys() & {"by", "on", "until"}:
            given.wrong(
                "state",
                "Ein Entwurf nennt eine Prüfung.",
                "Setzen Sie „state: reviewed“, oder streichen Sie sie.",
            )
        given.asked("by", "on", "until")
    given.close()
    return review
