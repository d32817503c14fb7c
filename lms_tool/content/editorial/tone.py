"""Small matters of style: exclamation marks, «einfach», the wrong quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lms_tool.content.editorial.documents import Document
from lms_tool.content.editorial.quoted import quotations, within
from lms_tool.content.editorial.rules import Finding

_RULES = (
    (
        "exclamation-mark",
        re.compile(r"!"),
        "Hier steht ein Ausrufezeichen.",
        "Setzen Sie einen Punkt.",
    ),
    (
        "einfach",
        re.compile(r"\b[Ee]infach\b(?!-)"),
        "„einfach“ hilft niemandem, der es schwer findet.",
        "Streichen Sie das Wort, oder sagen Sie, wie lange es dauert.",
    ),
    (
        "guillemets",
        re.compile(r"[«»‹›]"),
        "Hier stehen Anführungszeichen in Pfeilform.",
        'Schreiben Sie gerade Anführungszeichen ("…"); daraus werden „deutsche“.',
    ),
)
_SPOKEN_TOO = frozenset({"guillemets"})  # rules that hold inside quotations as well


def style(document: Document) -> Iterator[Finding]:
    """One finding for each rule and passage: the author reads the whole passage anyway."""
    for passage in document.passages:
        text = passage.unit.text
        said = quotations(text)
        for rule, pattern, problem, remedy in _RULES:
            places = (found.start() for found in pattern.finditer(text))
            place = next((at for at in places if rule in _SPOKEN_TOO or not within(at, said)), None)
            if place is not None:
                yield Finding(rule, document.path, passage.unit.line_of(place), problem, remedy)
