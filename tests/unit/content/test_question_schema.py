"""The JSON Schema for questions agrees with the reader about each kind."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from question_samples import SOURCES, read
from ruamel.yaml import YAML
from test_schema import REGISTRY, SCHEMAS

from lms_tool.content.questions import KINDS


def validator(name: str) -> Draft202012Validator:
    schema: dict[str, Any] = {"$ref": f"question.schema.json#/$defs/{name}"}
    return Draft202012Validator(schema, registry=REGISTRY)


def both_accept(kind: str, text: str) -> tuple[bool, bool]:
    """Whether the schema and the reader accept the question."""
    head = f"id: f1\nkind: {kind}\nobjective: lz1\ntext: Was gilt?\n"
    accepted = validator("question").is_valid(YAML(typ="safe", pure=True).load(head + text))
    _, report = read(kind, text)
    return accepted, report.found == []


def test_every_kind_is_there() -> None:
    kinds = {"question", "check", "answer", "number", "passage"} | KINDS.keys()
    assert SCHEMAS["question.schema.json"]["$defs"].keys() == kinds


@pytest.mark.parametrize("kind", KINDS)
def test_the_samples_are_accepted(kind: str) -> None:
    assert both_accept(kind, SOURCES[kind]) == (True, True)
    in_text = YAML(typ="safe", pure=True).load(f"kind: {kind}\ntext: Was gilt?\n{SOURCES[kind]}")
    assert validator("check").is_valid(in_text)
    assert not validator("check").is_valid(in_text | {"id": "f1"})
    assert not validator("check").is_valid(in_text | {"points": 1})


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("picture", "picture: media/netz.svg\n", ""),
        ("picture", "alt: Drei Linien\n", ""),
        ("picture", "media/netz.svg", "netz.svg"),
        ("picture", "text: Zwei,", "text: Zwei, correct: true,"),
        ("shorttext", "feedback: Gesucht ist das Portal.\n", ""),
        ("shorttext", "feedback: Gesucht", "typos: 3\nfeedback: Gesucht"),
        ("shorttext", ", feedback: Das ist das Konto.", ""),
        ("numeric", '"28,8"', "achtundzwanzig"),
        ("numeric", '"28,8"', "28"),
        ("numeric", "feedback_right: Ja.\n", ""),
        ("numeric", "unit: Stunden", "units: Stunden"),
        ("matching", "  - {id: b, left: Portal, right: Amt24, feedback: Weil Portal.}\n", ""),
        ("matching", "left: Netz, ", ""),
        ("matching", "[Post]", "[Post, Post]"),
        ("ordering", "  - {id: c, text: Drei, feedback: Zuletzt.}\n", ""),
        ("ordering", ", feedback: Zuerst.", ""),
        ("gap", "{{portal}} in die {{akte}}", "die Post"),
        ("gap", "accept: [Amt24, Amt 24 online], ", ""),
        ("gap", ", correct: eAkte", ""),
        ("gap", "options: [eAkte, Papierakte]", "options: [eAkte]"),
        ("categorise", "feedback:", "feedbacks:"),
        ("reflection", "feedback:", "feedbacks:"),
    ],
)
def test_both_refuse(kind: str, old: str, new: str) -> None:
    assert old in SOURCES[kind]
    assert both_accept(kind, SOURCES[kind].replace(old, new, 1)) == (False, False)


def test_a_question_to_oneself_has_no_points() -> None:
    head = {"id": "f1", "objective": "lz1", "text": "Was gilt?", "feedback": "Gut.", "kind": "reflection"}
    assert validator("question").is_valid(head)
    assert not validator("question").is_valid(head | {"points": 1})
