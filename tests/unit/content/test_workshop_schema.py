"""The JSON Schema of the process workshop agrees with the reader about the shape of a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_schema import accepts
from workshop_samples import BOTH_MODELS, WORKSHOP, WORKSHOP_FILE, write

from lms_tool.content import package

STEP = "{block: sichten, unit: poststelle, before: papier, after: papier, minutes: 2}"
RIGHT = [
    ("given: as_is\n", ""),
    (STEP, "{block: sichten, unit: poststelle}"),
    ("minutes: 45", "minutes: 45\ncompletion: none"),
    ("minutes: 45", "minutes: 45\nrequires: []"),
    ("{media_changes_at_most: 0}", "{minutes_at_most: 11}"),
]
WRONG = [
    ("block: sichten", "block: lesen"),
    ("given: as_is", "given: to_be"),
    ("minutes: 2}", "minutes: 1000}"),
    ("minutes: 2}", "minutes: 1.5}"),
    ("days: 5", "days: fünf"),
    ("note: Bescheid", f"note: {'x' * 301}"),
    (STEP, "{block: sichten}"),
    (STEP, "{unit: poststelle}"),
    (STEP, "{block: sichten, unit: poststelle, colour: rot}"),
    ("title: Amtsleitung", f"title: {'x' * 41}"),
    ("{with: inhaltlich}", "{with: lesen}"),
    ("{with: inhaltlich}", "{with: inhaltlich, without: scannen}"),
    ("{with: inhaltlich}", "{}"),
    ("{media_changes_at_most: 0}", "{media_changes_at_most: -1}"),
    ("    met: Die Steuerpflicht wird geprüft.\n", ""),
    ("minutes: 45", "minutes: 45\ncompletion: passed"),
    ("minutes: 45\n", ""),
    ("as_of: 2026-11-21\n", ""),
    ("intro: In", "introduction: In"),
    ("- {block: eingabe, text: Hier", "- {block: eingabe, hint: Hier"),
]


def errors(folder: Path) -> list[str]:
    return [str(fault) for fault in package.check(folder) if fault.level == "error"]


@pytest.mark.parametrize("text", [WORKSHOP, BOTH_MODELS])
def test_the_samples_are_accepted(text: str) -> None:
    assert accepts(WORKSHOP_FILE, text)


@pytest.mark.parametrize(("old", "new"), RIGHT)
def test_both_accept(tmp_path: Path, old: str, new: str) -> None:
    assert old in WORKSHOP
    text = WORKSHOP.replace(old, new, 1)
    assert accepts(WORKSHOP_FILE, text)
    assert errors(write(tmp_path, text)) == []


@pytest.mark.parametrize(("old", "new"), WRONG)
def test_both_refuse(tmp_path: Path, old: str, new: str) -> None:
    assert old in WORKSHOP
    text = WORKSHOP.replace(old, new, 1)
    assert not accepts(WORKSHOP_FILE, text)
    assert errors(write(tmp_path, text))
