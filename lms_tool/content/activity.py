"""What lessons and tests have in common: the head of an activity, and what its module offers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms_tool.content.course import Activity, CompletionRule, Review, Source
from lms_tool.content.fields import Fields, Ref
from lms_tool.content.markup import Link, Markup

MINUTES = 240


@dataclass(frozen=True, slots=True)
class Scope:
    """What an activity may refer to. ``used`` gathers the objectives and sources that were named."""

    markup: Markup
    objectives: frozenset[str]
    sources: Mapping[str, Source]
    used: set[str]
    taken: dict[str, str]  # ids of all activities of the course so far → their files

    def require(self, ref: Ref, entry: Fields) -> None:
        """``ref`` names an activity of this course, in whatever module."""
        self.markup.links.append(Link("activity", ref.value, entry.report.path, ref.line))

    def objective(self, ref: Ref, entry: Fields) -> None:
        self.used.add(ref.value)
        if ref.value not in self.objectives:
            entry.report.error(
                ref.line,
                f"Das Lernziel „{ref.value[:40]}“ gibt es in diesem Modul nicht.",
                "Nehmen Sie eine Kennung aus „objectives“ in module.yaml.",
            )

    def objectives_of(self, entry: Fields) -> tuple[str, ...]:
        """The objectives that ``entry`` names under „objectives“."""
        refs = entry.refs("objectives")
        for ref in refs:
            self.objective(ref, entry)
        return tuple(ref.value for ref in refs)

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


def activity(
    entry: Fields,
    scope: Scope,
    *,
    kind: str,
    content: Any,
    objectives: tuple[str, ...],
    rules: Sequence[CompletionRule],
) -> Activity:
    """Read the common keys and close ``entry``. ``rules``: what „completion“ may be, the default first."""
    requires = entry.ids("requires")
    for ref in requires:
        scope.require(ref, entry)
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
        requires=tuple(ref.value for ref in requires),
    )
    if made.sources and "as_of" not in entry:
        entry.wrong("sources", "Quellen sind genannt, aber kein Stand.", "Ergänzen Sie „as_of: JJJJ-MM-TT“.")
    home = scope.taken.setdefault(made.id, entry.report.path)
    if home != entry.report.path:
        entry.wrong(
            "id", f"Die Aktivität „{made.id}“ gibt es schon in {home}.", "Wählen Sie eine eigene Kennung."
        )
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
