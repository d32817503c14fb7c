"""Files that are made to keep the reader busy: whatever they hold, checking takes no longer than reading it."""

from __future__ import annotations

import time
from pathlib import Path

import case_samples
import pytest
from ruamel.yaml.nodes import MappingNode, ScalarNode

from lms_tool.content import package
from lms_tool.content.faults import Report
from lms_tool.content.fields import fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions import KINDS
from lms_tool.content.yamltext import load

MANY = 60_000  # characters; a file may have sixteen times as many
SECONDS = 6.0  # of this process; each of these once took minutes for a file of full size


def busy(folder: Path) -> float:
    begun = time.process_time()
    assert package.check(folder)
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("Ein Anruf am Freitag", "x" + " " * MANY + "y"),
        ("Um elf Uhr", "\n" * MANY + "Um elf Uhr"),
        ("Um elf Uhr", "- [x\n" * (MANY // 5) + "\nUm elf Uhr"),
        ("Um elf Uhr", "." * MANY + "x"),
        ("Um elf Uhr", "|-" * MANY + "x"),
        ("[Sie ziehen ihn.]", "[" + "](#" * (MANY // 3)),
    ],
    ids=["blanks in a title", "empty lines", "choices without end", "dots", "a table's line", "brackets"],
)
def test_a_case(tmp_path: Path, place: str, words: str) -> None:
    case_samples.write(tmp_path, case=case_samples.CASE.replace(place, words, 1))
    assert busy(tmp_path) < SECONDS


def test_a_list_of_many_texts() -> None:
    report = Report("x.yaml")
    node = load("texte: []", report, "x")
    assert isinstance(node, MappingNode)
    texts = node.value[0][1]
    texts.value = [
        ScalarNode("tag:yaml.org,2002:str", f"t{number}", start_mark=texts.start_mark)
        for number in range(MANY)
    ]
    entry = fields(node, report, "x")
    assert entry is not None
    begun = time.process_time()
    assert len(entry.refs("texte")) == MANY
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("key", ["accept", "wrong"])
def test_more_answers_than_anybody_gives(key: str) -> None:
    report = Report("x.yaml")
    many = "".join(f"  - {{text: wort {number}, feedback: Ja.}}\n" for number in range(51))
    source = f"{key}:\n{many}feedback: Nein.\n" + (
        "" if key == "accept" else "accept: [{text: nichts, feedback: Ja.}]\n"
    )
    entry = fields(load(source, report, "x"), report, "x")
    assert entry is not None
    KINDS["shorttext"].read(entry, Markup())
    assert [fault.problem for fault in report.found] == [f"„{key}“ hat 51 Einträge."]
