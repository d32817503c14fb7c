"""Questions of several places to fill in: ``matching``, ``categorise`` and ``gap``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions.contract import Marking, Option, Part, Parts, marked, pairs
from lms_tool.content.questions.shuffle import shuffled
from lms_tool.content.questions.words import same

_GAP = re.compile(r"\{\{([^{}]*)\}\}")


@dataclass(frozen=True, slots=True)
class Pair:
    id: str
    left_html: str
    right: str
    feedback_html: str


@dataclass(frozen=True, slots=True)
class Matching:
    pairs: tuple[Pair, ...]
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    html: str
    category: str
    feedback_html: str


@dataclass(frozen=True, slots=True)
class Categorise:
    categories: tuple[Category, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    id: str
    accept: tuple[str, ...]  # the first is the solution; of a list, the only one
    options: tuple[str, ...]
    feedback_html: str


@dataclass(frozen=True, slots=True)
class GapText:
    passage: tuple[str, ...]  # HTML between the gaps: one piece more than there are gaps
    gaps: tuple[Gap, ...]


class MatchingKind:
    name = "matching"
    shape = Matching
    graded = True

    def read(self, entry: Fields, markup: Markup) -> Matching:
        found = []
        for each in entry.items("pairs", "„pairs“"):
            found.append(
                Pair(
                    each.slug(),
                    markup.field(each, "left"),
                    each.text("right"),
                    markup.field(each, "feedback"),
                )
            )
            each.close()
        data = Matching(tuple(found), tuple(ref.value for ref in entry.refs("extra")))
        between(entry, "pairs", len(found), 2, 8)
        once(entry, "pairs", [pair.id for pair in found])
        once(entry, "pairs", [*(pair.right for pair in found), *data.extra], "Der Text")
        return data

    def layout(self, data: Matching, seed: str) -> Parts:
        rights = [(pair.id, pair.right) for pair in data.pairs]
        rights += [(f"extra-{number}", text) for number, text in enumerate(data.extra, 1)]
        options = tuple(Option(key, escape(text)) for key, text in shuffled(rights, seed))
        return Parts(tuple(Part(pair.id, pair.left_html, options) for pair in data.pairs))

    def solution(self, data: Matching) -> tuple[str, ...]:
        return tuple(f"{pair.id}={pair.id}" for pair in data.pairs)

    def mark(self, data: Matching, response: tuple[str, ...]) -> Marking:
        given = pairs(response)
        return marked(given, [(p.id, given.get(p.id) == p.id, p.feedback_html, p.right) for p in data.pairs])


class CategoriseKind:
    name = "categorise"
    shape = Categorise
    graded = True

    def read(self, entry: Fields, markup: Markup) -> Categorise:
        categories = []
        for each in entry.items("categories", "„categories“"):
            categories.append(Category(each.slug(), each.text("text")))
            each.close()
        known = [category.id for category in categories]
        items = []
        for each in entry.items("items", "„items“"):
            items.append(
                Item(
                    each.slug(),
                    markup.field(each, "text"),
                    each.one_of("category", known) if known else each.text("category"),
                    markup.field(each, "feedback"),
                )
            )
            each.close()
        between(entry, "categories", len(categories), 2, 5)
        between(entry, "items", len(items), 2, 12)
        once(entry, "categories", known)
        once(entry, "items", [item.id for item in items])
        if items and (unused := set(known) - {item.category for item in items}):
            entry.wrong(
                "categories",
                f"In „{min(unused)}“ gehört nichts.",
                "Ordnen Sie einen Eintrag zu, oder streichen Sie die Gruppe.",
            )
        return Categorise(tuple(categories), tuple(items))

    def layout(self, data: Categorise, _seed: str) -> Parts:
        options = tuple(Option(category.id, escape(category.text)) for category in data.categories)
        return Parts(tuple(Part(item.id, item.html, options) for item in data.items))

    def solution(self, data: Categorise) -> tuple[str, ...]:
        return tuple(f"{item.id}={item.category}" for item in data.items)

    def mark(self, data: Categorise, response: tuple[str, ...]) -> Marking:
        given = pairs(response)
        names = {category.id: category.text for category in data.categories}
        return marked(
            given,
            [
                (item.id, given.get(item.id) == item.category, item.feedback_html, names[item.category])
                for item in data.items
            ],
        )


class GapKind:
    name = "gap"
    shape = GapText
    graded = True

    def read(self, entry: Fields, markup: Markup) -> GapText:
        found = {}
        for each in entry.items("gaps", "„gaps“"):
            gap = _gap(each, markup)
            each.close()
            if gap.id in found:
                each.wrong("id", f"Die Lücke „{gap.id}“ gibt es zweimal.", "Wählen Sie eine eigene Kennung.")
            found[gap.id] = gap
        text = entry.text("passage")
        places = _GAP.findall(text)
        if text and places != list(dict.fromkeys(places)):
            entry.wrong("passage", "Eine Lücke steht zweimal im Text.", "Jede Lücke hat genau eine Stelle.")
        for name in sorted(set(places) ^ set(found)) if text and found else ():
            where = "steht nur im Text" if name in places else "fehlt im Text"
            entry.wrong(
                "passage",
                f"Die Lücke „{name[:40]}“ {where}.",
                "Schreiben Sie {{KENNUNG}} in „passage“ und die Lücke unter „gaps“.",
            )
        pieces = markup.pieces(_GAP.split(text)[::2], entry.report, entry.line("passage"))
        return GapText(pieces, tuple(found[name] for name in places if name in found))

    def layout(self, data: GapText, seed: str) -> Parts:
        parts = []
        for gap in data.gaps:
            options = shuffled(list(gap.options), f"{seed}/{gap.id}")
            parts.append(
                Part(
                    gap.id, "", tuple(Option(str(gap.options.index(text)), escape(text)) for text in options)
                )
            )
        return Parts(tuple(parts), data.passage)

    def solution(self, data: GapText) -> tuple[str, ...]:
        return tuple(
            f"{gap.id}={gap.options.index(gap.accept[0]) if gap.options else gap.accept[0]}"
            for gap in data.gaps
        )

    def mark(self, data: GapText, response: tuple[str, ...]) -> Marking:
        given = pairs(response)
        rows = []
        for gap in data.gaps:
            typed = given.get(gap.id, "")
            if gap.options:
                right = typed == str(gap.options.index(gap.accept[0]))
            else:
                right = bool(typed) and any(same(typed, each) for each in gap.accept)
            rows.append((gap.id, right, gap.feedback_html, gap.accept[0]))
        return marked(given, rows)


def _gap(entry: Fields, markup: Markup) -> Gap:
    identity, feedback = entry.slug(), markup.field(entry, "feedback")
    if "options" not in entry:
        accept = tuple(ref.value for ref in entry.refs("accept"))
        if not accept:
            entry.wrong("", "Der Lücke fehlt, was hineingehört.", "Ergänzen Sie „accept“ oder „options“.")
        return Gap(identity, accept or ("",), (), feedback)
    options = tuple(ref.value for ref in entry.refs("options"))
    between(entry, "options", len(options), 2, 8)
    correct = entry.one_of("correct", options) if options else entry.text("correct")
    return Gap(identity, (correct,), options, feedback)


def between(entry: Fields, key: str, count: int, low: int, high: int) -> None:
    """A fault where ``key`` has too few or too many entries; none at all is reported elsewhere."""
    if count and not low <= count <= high:
        entry.wrong(key, f"„{key}“ hat {count} Einträge.", f"Möglich sind {low} bis {high}.")


def once(entry: Fields, key: str, values: Sequence[str], what: str = "Die Kennung") -> None:
    """A fault for each value that occurs twice."""
    for value in sorted({value for value in values if value and values.count(value) > 1}):
        entry.wrong(
            key, f"{what} „{value[:40]}“ kommt mehrmals vor.", "Jeder Eintrag braucht eigene Angaben."
        )
