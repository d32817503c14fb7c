"""Activity kinds: each has a reader and the class of its content, in a file of its own; this is the registry.

To add one: a file that reads it, an entry here, and a page that shows it (``web.learn``).
"""

from __future__ import annotations

from collections.abc import Callable

from lms_tool.content.activity import Scope
from lms_tool.content.case import Case, case
from lms_tool.content.course import Activity, Lesson, Quiz
from lms_tool.content.fields import Fields
from lms_tool.content.frontmatter import Prose
from lms_tool.content.lesson import cheatsheet, lesson
from lms_tool.content.offer import Offer, offer
from lms_tool.content.quiz import quiz
from lms_tool.content.worksheet import Worksheet, worksheet
from lms_tool.content.workshop import Workshop, workshop

MARKDOWN: dict[str, Callable[[Fields, Prose, Scope], Activity]] = {
    "page": lesson,
    "cheatsheet": cheatsheet,
    "case": case,
}
YAML: dict[str, Callable[[Fields, Scope], Activity]] = {
    "quiz": quiz,
    "workshop": workshop,
    "worksheet": worksheet,
    "offer": offer,
}
SHAPES: dict[str, type] = {
    "page": Lesson,
    "cheatsheet": Lesson,
    "case": Case,
    "quiz": Quiz,
    "workshop": Workshop,
    "worksheet": Worksheet,
    "offer": Offer,
}


def markdown(entry: Fields, prose: Prose, scope: Scope) -> Activity | None:
    """The activity in a Markdown file; ``None`` and a fault for a kind that nobody knows."""
    kind = entry.one_of("kind", tuple(MARKDOWN), "page")
    return MARKDOWN[kind](entry, prose, scope)


def yaml(entry: Fields, scope: Scope) -> Activity | None:
    """The activity in a YAML file; ``None`` and a fault for a kind that nobody knows."""
    known = len(entry.report.found)
    kind = entry.one_of("kind", tuple(YAML))
    # With the kind unknown, nobody can say which keys belong here.
    return YAML[kind](entry, scope) if kind and len(entry.report.found) == known else None
