"""A worksheet for tests, as an author writes it and as it is read: one field of every kind."""

from __future__ import annotations

from pathlib import Path

from lms_tool.content import package
from lms_tool.content.course import Activity, CompletionRule, Course
from lms_tool.content.worksheet import Column, Field, Option, Section, Worksheet

SHEET_FILE = "modules/01-netz/30-praxisaufgabe.yaml"
ACTIVITY = "netz-praxis"

SHEET = """\
id: netz-praxis
kind: worksheet
title: Unsere Anschlüsse aufnehmen
minutes: 60
objectives: [lz1]
sources: ["03:Q1"]
as_of: 2026-11-21
review: {state: draft}
completion: handed_in
intro: Nehmen Sie auf, *was* es gibt.
sections:
  - id: lage
    title: Unsere Lage
    text: Grobe Zahlen genügen.
    fields:
      - {id: standorte, kind: number, label: Standorte, unit: Orte, required: true, example: "5", agenda: bestand}
      - {id: vorgehen, kind: long, label: Vorgehen, help: Zwei Sätze., required: true, example: Erst fragen.,
         agenda: massnahmen}
      - {id: name, kind: text, label: Wie heißt der Plan?}
      - id: anschluss
        kind: choice
        label: Angeschlossen?
        options: [{id: ja, text: Ja}, {id: nein, text: Nein}]
  - id: plan
    title: Unser Plan
    fields:
      - id: wege
        kind: several
        label: Auf welchen Wegen?
        options: [{id: netz, text: Netz}, {id: post, text: Post}, {id: bote, text: Bote}]
      - {id: reife, kind: scale, label: Wie weit?, low: noch nicht, high: läuft, required: true, example: "2"}
      - {id: termin, kind: date, label: Bis wann?}
      - id: liste
        kind: table
        label: Vorhaben
        rows: {min: 1, max: 3}
        columns:
          - {id: was, kind: text, label: Was}
          - {id: wann, kind: date, label: Wann}
          - {id: tage, kind: number, label: Aufwand, unit: Tage}
          - {id: stand, kind: choice, label: Stand, options: [{id: offen, text: offen}, {id: laeuft, text: läuft}]}
        example: Archiv anrufen
        agenda: massnahmen
checks:
  - Sind alle Standorte dabei?
  - Steht ein Termin da?
"""

FILES = {
    "course.yaml": "id: probe\ntitle: Probe\nsummary: Ein Kurs.\n",
    "modules/01-netz/module.yaml": """\
id: netz
title: Netz
summary: Ein Modul.
objectives:
  - {id: lz1, text: Anschlüsse aufnehmen}
sources:
  "03:Q1": {title: Eine Quelle, as_of: 2026-01-15}
""",
}

STAND = (Option("offen", "offen"), Option("laeuft", "läuft"))
FORM = Worksheet(
    "Nehmen Sie auf, was es gibt.",
    (
        Section(
            "lage",
            "Unsere Lage",
            (
                Field("standorte", "number", "Standorte", required=True, agenda="bestand", unit="Orte"),
                Field("vorgehen", "long", "Vorgehen", required=True, agenda="massnahmen"),
                Field(
                    "anschluss",
                    "choice",
                    "Angeschlossen?",
                    options=(Option("ja", "Ja"), Option("nein", "Nein")),
                ),
            ),
        ),
        Section(
            "plan",
            "Unser Plan",
            (
                Field("wege", "several", "Wege", options=(Option("netz", "Netz"), Option("post", "Post"))),
                Field("reife", "scale", "Wie weit?", low="noch nicht", high="läuft"),
                Field("termin", "date", "Bis wann?"),
                Field(
                    "liste",
                    "table",
                    "Vorhaben",
                    agenda="massnahmen",
                    min_rows=1,
                    max_rows=3,
                    columns=(Column("was", "text", "Was"), Column("stand", "choice", "Stand", STAND)),
                ),
            ),
        ),
    ),
    ("Sind alle Standorte dabei?",),
)
WHOLE = {"standorte": "5", "vorgehen": "Erst fragen.", "liste": [{"was": "Archiv", "stand": "offen"}]}


def write(folder: Path, sheet: str = SHEET) -> Path:
    for path, text in (FILES | {SHEET_FILE: sheet}).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return folder


def read(folder: Path) -> Course:
    return package.read(write(folder))


def worksheet(
    key: str = ACTIVITY,
    *,
    completion: CompletionRule = CompletionRule.HANDED_IN,
    form: Worksheet = FORM,
    requires: tuple[str, ...] = (),
) -> Activity:
    return Activity(key, "worksheet", f"Blatt {key}", form, completion=completion, requires=requires)
