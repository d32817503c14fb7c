"""Long sentences, and pages that are hard to read as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from lms_tool.content.editorial.documents import Document
from lms_tool.content.editorial.rules import Finding

SENTENCE = 25  # words
MEDIAN = 15  # words a sentence
LIX = 50
MEASURABLE = 100  # words: figures of a shorter page say nothing
CHEATSHEET = 330  # words: what fits on a printed page A4


def sentences(document: Document) -> Iterator[Finding]:
    for passage in document.passages:
        if passage.unit.kind == "alt":
            continue
        for sentence in passage.sentences:
            if sentence.words > SENTENCE:
                yield Finding(
                    "sentence-too-long",
                    document.path,
                    passage.unit.line_of(sentence.start),
                    f"Der Satz hat {sentence.words} Wörter: „{_beginning(sentence.text)} …“",
                    f"Teilen Sie ihn; erlaubt sind {SENTENCE} Wörter.",
                )


def pages(document: Document) -> Iterator[Finding]:
    """Figures of activities; glossaries and heads of modules are no running text."""
    if not document.is_activity:
        return
    measured = document.figures
    line = document.body[0].unit.line if document.body else 1
    if measured.words >= MEASURABLE and measured.lix > LIX:
        yield Finding(
            "lix-too-high",
            document.path,
            line,
            f"Der Text ist schwer zu lesen: LIX {german(measured.lix)}.",
            f"Höchstens {LIX} sind erlaubt. Kürzen Sie Sätze, und ersetzen Sie lange Wörter.",
        )
    if measured.words >= MEASURABLE and measured.median > MEDIAN:
        yield Finding(
            "median-too-high",
            document.path,
            line,
            f"Die Hälfte der Sätze hat mehr als {MEDIAN} Wörter (Median {german(measured.median)}).",
            "Teilen Sie Sätze.",
        )
    if document.kind == "cheatsheet" and measured.words > CHEATSHEET:
        yield Finding(
            "cheatsheet-too-long",
            document.path,
            line,
            f"Der Spickzettel hat {measured.words} Wörter.",
            f"Auf eine Seite A4 passen etwa {CHEATSHEET}. Kürzen Sie ihn.",
        )


def german(number: float) -> str:
    """At most one decimal, with a comma."""
    return f"{number:.1f}".removesuffix(".0").replace(".", ",")


def _beginning(text: str) -> str:
    return " ".join(text.split()[:6])
