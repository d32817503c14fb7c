"""The author guide does not lie: every example in it passes the check."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from lms_tool.content import package
from lms_tool.content.course import CompletionRule, Review
from lms_tool.content.process import BLOCKS
from lms_tool.content.questions import KINDS
from lms_tool.content.segments import BOXES, CAPTION
from lms_tool.content.worksheet import CHAPTERS, FIELD_KINDS
from lms_tool.content.workshop import LIMITS

GUIDE = Path(__file__).parents[3] / "courses" / "README.md"
QUIZ = "modules/01-rechnungen/02-abschlusstest.yaml"
LESSON = "modules/01-rechnungen/01-eingang.md"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>Wege</title></svg>'


def examples() -> list[tuple[str, str]]:
    """Info string and content of every fenced block."""
    return re.findall(r"^```(\S+[^\n]*)\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def example_course(tmp_path: Path) -> Path:
    """The course of the guide, with its small examples put into the lesson and the test."""
    files = {
        info.partition(" ")[2]: text for info, text in examples() if "/" in info or info.endswith(".yaml")
    }
    for info, text in examples():
        if info == "markdown":
            files[LESSON] += "\n" + text
        elif info == "yaml frage":
            files[QUIZ] += "  - " + textwrap.indent(text, "    ").lstrip()
    for path, text in (files | {"media/wege.svg": SVG}).items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return tmp_path


def test_every_block_is_known_and_tried() -> None:
    kinds = {info.split()[0] if info.split()[0] in ("console", "text") else info for info, _ in examples()}
    assert kinds == {
        "console",
        "text",
        "markdown",
        "yaml frage",
        "yaml course.yaml",
        "yaml glossary.yaml",
        "yaml modules/01-rechnungen/module.yaml",
        f"markdown {LESSON}",
        f"yaml {QUIZ}",
        "markdown modules/01-rechnungen/20-fallbeispiel.md",
        "yaml modules/01-rechnungen/50-angebot.yaml",
        "yaml modules/01-rechnungen/30-praxisaufgabe.yaml",
        "yaml modules/01-rechnungen/40-werkstatt.yaml",
    }


def test_the_examples_pass_the_check(example_course: Path) -> None:
    assert [str(fault) for fault in package.check(example_course)] == []
    course = package.read(example_course)
    kinds = {activity.id: activity.kind for activity in course.activities()}
    assert kinds == {
        "rechnung-eingang": "page",
        "rechnung-test": "quiz",
        "rechnung-fall": "case",
        "rechnung-angebot": "offer",
        "rechnung-praxis": "worksheet",
        "rechnung-werkstatt": "workshop",
    }
    asked = course.by_activity["rechnung-test"][1].content.questions  # type: ignore[union-attr]
    assert {question.kind for question in asked} == KINDS.keys()


def test_the_guide_names_every_word_of_the_format() -> None:
    text = GUIDE.read_text("utf-8")
    words = {*BOXES, CAPTION, *KINDS, *CompletionRule, "draft", "reviewed", "immediate", "end", "unlimited"}
    words |= {
        "id",
        "title",
        "summary",
        "language",
        "completion",
        "at_least",
        "objectives",
        "outcome",
        "requires",
    }
    words |= {
        "sources",
        "as_of",
        "review",
        "check",
        "minutes",
        "attempts",
        "pass_percent",
        "feedback",
        "questions",
    }
    words |= {"kind", "objective", "points", "text", "answers", "correct", "read_more", "term", "also"}
    words |= {
        *FIELD_KINDS,
        *CHAPTERS,
        "sections",
        "fields",
        "checks",
        "required",
        "agenda",
        "rows",
        "columns",
        "low",
    }
    words |= {
        *BLOCKS,
        *LIMITS,
        "with",
        "without",
        "units",
        "media",
        "given",
        "as_is",
        "to_be",
        "hints",
        "mind",
    }
    words |= {"feedback_true", "feedback_false", "anonymous", *Review.__slots__}
    words |= {"case", "cheatsheet", "offer", "debrief", "provider", "url"}
    assert {word for word in words if not re.search(rf"\b{word}\b", text)} == set()
