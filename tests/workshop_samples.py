"""A process workshop for tests: registering a dog for the dog tax. Values are for practice only."""

from __future__ import annotations

from pathlib import Path

from lms_tool.content import package
from lms_tool.content.course import Activity, Course
from lms_tool.content.workshop import Workshop

WORKSHOP_FILE = "modules/01-prozesse/40-werkstatt.yaml"
ACTIVITY = "werkstatt-hundesteuer"

WORKSHOP = """\
id: werkstatt-hundesteuer
kind: workshop
title: Hundesteuer anmelden
minutes: 45
objectives: [lz1]
sources: ["06:Q1"]
as_of: 2026-11-21
review: {state: draft}
intro: In Mulderode kommt die Anmeldung auf *Papier*. Bauen Sie den künftigen Ablauf.
units:
  - {id: poststelle, title: Poststelle}
  - {id: steueramt, title: Steueramt}
  - {id: leitung, title: Amtsleitung}
media:
  - {id: papier, title: Papier}
  - {id: email, title: E-Mail}
  - {id: fach, title: Fachverfahren}
  - {id: telefon, title: Telefon}
  - {id: portal, title: Online-Antrag}
  - {id: datei, title: Datei}
given: as_is
as_is:
  - {block: eingang, unit: poststelle, before: papier, after: papier, note: Formular kommt per Post}
  - {block: sichten, unit: poststelle, before: papier, after: papier, minutes: 2}
  - {block: formell, unit: steueramt, before: papier, after: papier, minutes: 3}
  - {block: rueckfrage, unit: steueramt, before: telefon, after: telefon, note: Chipnummer fehlt, minutes: 3}
  - {block: warten, unit: steueramt, note: Warten auf die Chipnummer, days: 5}
  - {block: eingang, unit: steueramt, before: email, after: email}
  - {block: eingabe, unit: steueramt, before: papier, after: fach, note: Angaben abtippen, minutes: 5}
  - {block: inhaltlich, unit: steueramt, before: fach, after: fach, minutes: 4}
  - {block: rechnen, unit: steueramt, before: fach, after: fach, minutes: 3}
  - {block: erstellen, unit: steueramt, before: fach, after: fach, note: Bescheid, minutes: 4}
  - {block: drucken, unit: steueramt, before: fach, after: papier, minutes: 1}
  - {block: absprache, unit: leitung, before: papier, after: papier, note: Zeichnung einholen, minutes: 3, days: 2}
  - {block: scannen, unit: steueramt, before: papier, after: datei, minutes: 3}
  - {block: ablegen, unit: steueramt, before: datei, after: datei, minutes: 2}
  - {block: ausgang, unit: poststelle, before: papier, after: papier, minutes: 1, days: 2}
to_be:
  - {block: eingang, unit: steueramt, before: portal, after: portal}
  - {block: formell, unit: steueramt, minutes: 1}
  - {block: inhaltlich, unit: steueramt, before: fach, after: fach, minutes: 4}
  - {block: rechnen, unit: steueramt, minutes: 2}
  - {block: erstellen, unit: steueramt, minutes: 3}
  - {block: ablegen, unit: steueramt, minutes: 1}
  - {block: ausgang, unit: steueramt, before: portal, after: portal, days: 1}
hints:
  - {block: eingabe, text: Hier tippt jemand ab. Was müsste vorn anders sein?}
checks:
  - id: bruch
    rule: {media_changes_at_most: 0}
    met: Die Angaben kommen gleich im Fachverfahren an.
    open: Noch wandern Daten von Hand von einem Medium ins andere.
  - id: rueckfrage
    rule: {without: rueckfrage}
    met: Pflichtfelder ersetzen die Rückfrage.
    open: Die Rückfrage kostet fünf Tage.
  - id: pruefung
    rule: {with: inhaltlich}
    met: Die Steuerpflicht wird geprüft.
    open: Wer prüft die Steuerpflicht?
mind: "Lässt Ihre Satzung den Bescheid ohne Unterschrift der Leitung zu?"
"""

BOTH_MODELS = WORKSHOP.replace("given: as_is\n", "").replace("werkstatt-hundesteuer", "werkstatt-frei")

PACKAGE = {
    "course.yaml": "id: prozesse\ntitle: Prozesse üben\nsummary: Ein Kurs zum Prüfen.\n",
    "modules/01-prozesse/module.yaml": """\
id: werkstatt
title: Prozesse
summary: Drei Sätze.
objectives:
  - id: lz1
    text: einen Ablauf vergleichen
outcome: Ein Ablauf für die Agenda
sources:
  "06:Q1":
    title: "Eine Quelle"
    as_of: 2025-05-13
""",
    WORKSHOP_FILE: WORKSHOP,
    "modules/01-prozesse/50-werkstatt-frei.yaml": BOTH_MODELS,
}


def write(root: Path, workshop: str = WORKSHOP) -> Path:
    """The package on disk; ``workshop`` in the place of its first workshop."""
    for path, content in (PACKAGE | {WORKSHOP_FILE: workshop}).items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, "utf-8")
    return root


def course(root: Path) -> Course:
    return package.read(write(root))


def sample(root: Path) -> tuple[Activity, Workshop]:
    found = course(root).by_activity[ACTIVITY][1]
    assert isinstance(found.content, Workshop)
    return found, found.content
