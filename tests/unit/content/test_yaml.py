"""YAML that cannot be read is named in German, with its line."""

from __future__ import annotations

import pytest

from lms_tool.content.faults import Report
from lms_tool.content.fields import fields
from lms_tool.content.yamltext import load


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: c: d", 2, "Doppelpunkt steht in einem Text"),
        ("a: 1\nb\nc: 2", 3, "fehlt ein Doppelpunkt"),
        ("a: 1\n\tb: 2", 2, "Tabulator"),
        ("a: 1\n---\nb: 2", 2, "zweites Dokument"),
        ("a:\n  - b\n c: 3", 3, "Einrückung"),
        ("a: [1, 2", 1, "Klammer"),
        ("a: {b: 1\nc: 2}", 2, "Klammer"),
        ('a: "b\nc: 2', 2, "Anführungszeichen wird nicht geschlossen"),
        ("a: &x 1\nb: *x", 1, "Anker"),
        ("a: 1\nb: *x", 2, "Anker"),
        ("a: 1\n%YAML 1.1\n", 2, "Anweisungen"),
        ("a:\n" + "[" * 20, 2, "zu tief"),
        ("a: @b", 1, "kein gültiges YAML"),
        ("", 1, "ist leer"),
        ("# nur eine Bemerkung", 1, "ist leer"),
        ("a: \x00", 1, "kein lesbares YAML"),
    ],
)
def test_what_cannot_be_read(text: str, line: int, words: str) -> None:
    report = Report("x.yaml")
    assert load(text, report, "x.yaml") is None
    (fault,) = report.found
    assert (fault.line, fault.level) == (line, "error")
    assert words in fault.problem
    assert fault.problem.endswith(".")


def test_lines_count_from_where_the_text_stands_in_its_file() -> None:
    report = Report("x.md")
    load("a: 1\nb: c: d", report, "Der Kopf", first_line=10)
    assert [fault.line for fault in report.found] == [11]


def test_values_are_what_they_look_like() -> None:
    report = Report("x.yaml")
    entry = fields(
        load("a: no\nb: 014\nc: '7'\nd: 12:30\ne: 2026-11-21\nf: [no, yes]", report, ""), report, ""
    )
    assert entry is not None
    assert (entry.text("a"), entry.whole("b", 0, 99), entry.text("c"), entry.text("d")) == (
        "no",
        14,
        "7",
        "12:30",
    )
    assert str(entry.day("e")) == "2026-11-21"
    assert [ref.value for ref in entry.refs("f")] == ["no", "yes"]
    entry.close()
    assert report.found == []


def test_all_double_and_unknown_keys_are_named() -> None:
    report = Report("x.yaml")
    entry = fields(load("a: 1\na: 2\na: 3\nb: 4", report, ""), report, "x.yaml")
    assert entry is not None
    entry.whole("a", 1, 1)
    entry.close()
    assert [(fault.line, fault.problem) for fault in report.found] == [
        (2, "„a“ steht in x.yaml zweimal."),
        (3, "„a“ steht in x.yaml zweimal."),
        (4, "„b“ ist in x.yaml nicht bekannt."),
    ]
