"""What is said must be backed: pages name sources, and doubtful statements stand in their box."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lms_tool.content.editorial.documents import READ_AS_TEXT, Document
from lms_tool.content.editorial.quoted import quotations, within
from lms_tool.content.editorial.rules import Finding

STATING = READ_AS_TEXT | {"quiz", "worksheet", "workshop"}
_DOUBT = re.compile(
    r"\b(?:nicht\s+(?:\w+\s+)?belegt|unbelegt|ungeklärt|unbestätigt|vermutlich|mutmaßlich|angeblich"
    r"|dem\s+Vernehmen\s+nach|vor\s+Veröffentlichung\s+prüfen)\b",
    re.IGNORECASE,
)


def sources(document: Document) -> Iterator[Finding]:
    if document.kind in STATING and not document.has("sources"):
        yield Finding(
            "no-sources",
            document.path,
            document.line_of("sources"),
            "Die Seite nennt keine Quelle.",
            "Ergänzen Sie „sources: […]“ und „as_of“ mit den Schlüsseln aus module.yaml.",
        )
    elif document.kind == "offer" and not document.has("sources"):
        yield Finding(
            "offer-without-sources",
            document.path,
            document.line_of("sources"),
            "Das Angebot nennt keine Quelle.",
            "Ergänzen Sie „sources: […]“, wenn der Text Tatsachen nennt (Kosten, Dauer, Anbieter).",
        )


def unverified(document: Document) -> Iterator[Finding]:
    """Only running text has boxes; in a question or a worksheet such a statement may stand in no way."""
    for passage in document.body:
        if passage.box == "pruefen" or document.kind not in STATING:
            continue
        said = quotations(passage.unit.text)
        for found in _DOUBT.finditer(passage.unit.text):
            if not within(found.start(), said):
                yield Finding(
                    "unverified-outside-box",
                    document.path,
                    passage.unit.line_of(found.start()),
                    f"„{' '.join(found[0].split())}“ gehört in den Kasten „pruefen“.",
                    "Setzen Sie die Aussage in „/// pruefen“ und nennen Sie, wer es weiß, oder streichen Sie sie.",
                )
