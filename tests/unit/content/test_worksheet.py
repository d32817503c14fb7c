"""Worksheets: what an author writes is read whole, and every mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
import worksheet_samples as samples
from test_schema import accepts

from lms_tool.content import package, stored
from lms_tool.content.course import CompletionRule
from lms_tool.content.faults import Fault
from lms_tool.content.worksheet import CHAPTERS, FIELD_KINDS, Column, Field


def faults_of(folder: Path, sheet: str = samples.SHEET) -> list[Fault]:
    """What the check says of the worksheet's own file."""
    found = package.check(samples.write(folder, sheet))
    return [fault for fault in found if fault.path.endswith(samples.SHEET_FILE)]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    course = samples.read(tmp_path)
    assert faults_of(tmp_path) == []
    activity = course.by_activity[samples.ACTIVITY][1]
    assert (activity.kind, activity.completion) == ("worksheet", CompletionRule.HANDED_IN)
    form = activity.content
    fields = {field.id: field for field in form.fields()}
    assert {field.kind for field in fields.values()} == set(FIELD_KINDS)
    assert "<em>was</em>" in form.intro_html
    assert form.sections[0].text_html == "Grobe Zahlen genügen."
    assert fields["standorte"] == Field(
        "standorte", "number", "Standorte", example_html="5", required=True, agenda="bestand", unit="Orte"
    )
    assert fields["reife"].low == "noch nicht"
    table = fields["liste"]
    assert (table.min_rows, table.max_rows, len(table.columns)) == (1, 3, 4)
    assert table.columns[2] == Column("tage", "number", "Aufwand", unit="Tage")
    assert form.checks[1] == "Steht ein Termin da?"


def test_it_survives_being_stored(tmp_path: Path) -> None:
    course = samples.read(tmp_path)
    assert stored.restore(stored.dump(course)) == course


def test_it_may_ask_to_be_accepted(tmp_path: Path) -> None:
    text = samples.SHEET.replace("completion: handed_in", "completion: accepted")
    course = package.read(samples.write(tmp_path, text))
    assert course.by_activity[samples.ACTIVITY][1].completion is CompletionRule.ACCEPTED


MISTAKES = [
    ("completion: handed_in", "completion: viewed", "„completion: viewed“ gibt es nicht"),
    ("kind: number, label: Standorte", "kind: zahl, label: Standorte", "„kind: zahl“ gibt es nicht"),
    ("id: name, kind", "id: standorte, kind", "hat in diesem Arbeitsblatt schon ein anderes Feld"),
    ("id: reife, kind", "id: standorte, kind", "hat in diesem Arbeitsblatt schon ein anderes Feld"),
    ("id: plan", "id: lage", "Die Kennung „lage“ gibt es hier schon"),
    ("id: wann, kind", "id: was, kind", "Die Kennung „was“ gibt es hier schon"),
    ('required: true, example: "5", agenda', "required: true, agenda", "„standorte“ hat kein Beispiel"),
    ("agenda: bestand", "agenda: bestände", "„agenda: bestände“ gibt es nicht"),
    ("label: Standorte, unit", "label: '', unit", "„label“ in Feld „standorte“ ist leer"),
    ("label: Standorte, unit", f"label: {'x' * 161}, unit", "länger als 160 Zeichen"),
    ("label: Wie heißt der Plan?", "label: Plan, unit: Stück", "„unit“ ist in Feld „name“ nicht bekannt"),
    ("{id: ja, text: Ja}, {id: nein, text: Nein}", "{id: ja, text: Ja}", "stehen 1 Antworten"),
    ("{id: nein, text: Nein}", "{id: nein, text: Ja}", "„nein“ steht zweimal zur Auswahl"),
    ("{id: nein, text: Nein}", "{id: ja, text: Nein}", "„ja“ steht zweimal zur Auswahl"),
    ("low: noch nicht, ", "", "In Feld „reife“ fehlt „low“"),
    ("        rows: {min: 1, max: 3}\n", "", "In Feld „liste“ fehlt „rows“"),
    ("{min: 1, max: 3}", "{min: 3, max: 1}", "„min“ ist 3, „max“ aber 1"),
    ("{min: 1, max: 3}", "{min: 1, max: 21}", "„max“ ist 21"),
    ("{min: 1, max: 3}", "[1, 3]", "„rows“ in Feld „liste“ muss aus"),
    ("{id: wann, kind: date", "{id: wann, kind: several", "„kind: several“ gibt es nicht"),
    ("{id: wann, kind: date", "{id: wann, kind: date, options: []", "„options“ ist in Spalte 2"),
    ("title: Unser Plan", "titel: Unser Plan", "„titel“ ist in Abschnitt 2 nicht bekannt"),
    ("intro: Nehmen", "einleitung: Nehmen", "fehlt „intro“"),
    ("objectives: [lz1]", "objectives: [lz9]", "Das Lernziel „lz9“ gibt es"),
    ("help: Zwei Sätze.", 'help: "[Hier](lektion:nirgends)"', "„nirgends“ gibt es nicht"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES, ids=[said for *_, said in MISTAKES])
def test_mistakes_are_named_with_their_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in samples.SHEET
    text = samples.SHEET.replace(old, new, 1)
    faults = [fault for fault in faults_of(tmp_path, text) if fault.level == "error"]
    assert any(said in fault.problem and fault.line and fault.remedy for fault in faults), faults


def test_the_line_is_that_of_the_field(tmp_path: Path) -> None:
    text = samples.SHEET.replace("agenda: bestand", "agenda: hier")
    (fault,) = faults_of(tmp_path, text)
    assert fault.line == 1 + text[: text.index("agenda: hier")].count("\n")


def test_what_nobody_can_hand_to_the_agenda_is_a_hint(tmp_path: Path) -> None:
    text = samples.SHEET.replace(", agenda: bestand", "").replace("        agenda: massnahmen\n", "")
    text = text.replace(",\n         agenda: massnahmen", "")
    (hint,) = faults_of(tmp_path, text)
    assert hint.level == "warning"
    assert "Weniger als zwei Felder" in hint.problem
    without = samples.SHEET[: samples.SHEET.index("checks:")]
    (hint,) = faults_of(tmp_path, without)
    assert (hint.level, "worauf" in hint.problem) == ("warning", True)


@pytest.mark.parametrize(
    ("many", "said"),
    [
        ("      - {id: x%d, kind: text, label: Feld %d}\n", "Felder"),
        (
            "      - {id: x%d, kind: table, label: Tafel %d, rows: {max: 20}, columns: [{id: a, kind: text, label: A}, "
            "{id: b, kind: text, label: B}, {id: c, kind: text, label: C}]}\n",
            "Tabellenzellen",
        ),
    ],
)
def test_a_form_has_an_end(tmp_path: Path, many: str, said: str) -> None:
    lines = "".join(many % (number, number) for number in range(20))
    text = samples.SHEET.replace("      - id: wege\n", lines + "      - id: wege\n")
    assert any(said in fault.problem for fault in faults_of(tmp_path, text))


def test_each_chapter_of_the_agenda_has_a_name_in_both_languages() -> None:
    assert len(CHAPTERS) == 11
    assert all(name.de and name.en and name.de != name.en for name in CHAPTERS.values())


SHAPES = [
    said
    for said in MISTAKES
    if not any(word in said[2] for word in ("zweimal", "schon", "lz9", "nirgends", "„min“"))
]


def test_the_schema_agrees_about_what_is_right() -> None:
    assert accepts(samples.SHEET_FILE, samples.SHEET)


@pytest.mark.parametrize(("old", "new", "said"), SHAPES, ids=[said for *_, said in SHAPES])
def test_the_schema_agrees_about_what_is_wrong(old: str, new: str, said: str) -> None:
    assert not accepts(samples.SHEET_FILE, samples.SHEET.replace(old, new, 1))
