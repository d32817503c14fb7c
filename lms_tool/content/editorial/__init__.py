"""Editorial quality as code: what ``courses check`` finds in texts that are structurally right.

One file for each group of rules; ``rules.LEVELS`` says how grave each rule is. A package with editorial findings can
still be loaded: readers are no editors, and a course in the making has to be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from lms_tool.content.crosscheck import ReadModule
from lms_tool.content.editorial import abbreviations, evidence, gender, length, objectives, tone
from lms_tool.content.editorial.documents import Document, document
from lms_tool.content.editorial.rules import LEVELS, Finding
from lms_tool.content.faults import Fault

__all__ = ["LEVELS", "Document", "document", "findings"]

_OF_A_DOCUMENT: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    length.sentences,
    length.pages,
    evidence.sources,
    evidence.unverified,
    gender.masculine,
    tone.style,
)


def findings(
    documents: Iterable[Document], modules: Iterable[ReadModule], abbreviations_known: Collection[str] = ()
) -> list[Fault]:
    """Everything the editorial rules find. ``abbreviations_known``: those that a course need not explain."""
    found: list[Finding] = []
    for each in documents:
        for find in _OF_A_DOCUMENT:
            found += find(each)
        found += abbreviations.unexplained(each, abbreviations_known)
    for one in modules:
        found += objectives.asked(one)
    return [Fault(path, line, LEVELS[rule], problem, remedy) for rule, path, line, problem, remedy in found]
