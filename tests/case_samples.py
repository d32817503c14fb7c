"""A small course with a branching case, an offer elsewhere and a cheat sheet."""

from __future__ import annotations

from pathlib import Path

from lms_tool.content import package
from lms_tool.content.case import Case
from lms_tool.content.course import Activity, Course

CASE_FILE = "modules/01-vorfall/20-fallbeispiel.md"
OFFER_FILE = "modules/01-vorfall/50-angebot.yaml"
SHEET_FILE = "modules/01-vorfall/90-spickzettel.md"
CASE_ID = "vorfall-fall"
OFFER_ID = "vorfall-angebot"
SHEET_ID = "vorfall-spickzettel"

CASE = """\
---
id: vorfall-fall
kind: case
title: "Die seltsame E-Mail"
minutes: 20
objectives: [lz1]
sources: ["01:Q1"]
as_of: 2026-11-21
review: {state: draft}
---

=== anfang: Ein Anruf am Freitag
Um elf Uhr ruft das Bauamt an. "Da stimmt etwas nicht", sagt die Kollegin.

- Der Bildschirm ist schwarz.
- Das Telefon geht.

/// merke
Ruhe bewahren.
///

- [Sie rufen *sofort* den Dienstleister an.](#dienstleister)
  Nach zehn Minuten meldet sich die Rufbereitschaft. Sie fragt nach der [Akte](glossar:akte).
- [Sie schreiben eine E-Mail
  und gehen in die Mittagspause.](#abwarten)
- [Sie fragen noch einmal nach.](#anfang)

=== dienstleister: Die Rufbereitschaft
Sie sollen den Stecker ziehen.

- [Sie ziehen ihn.](#melden)
- [Sie warten.](#abwarten)
  Es wird nicht besser.

=== abwarten: Die Mittagspause
Um 13 Uhr ist die E-Mail noch ungelesen.

- [Sie rufen jetzt an.](#melden)
- [Sie gehen nach Hause.](#melden)

=== melden: Wer muss es wissen?
Die Bürgermeisterin fragt, wer informiert wurde.

- [Niemand.](#presse)
- [Das CERT.](#presse)

=== presse: Die Zeitung ruft an
Was sagen Sie?

- [Nichts.](#schweigen)
- [Die Wahrheit.](#ende-offen)

=== schweigen: Das Wochenende
Es vergeht.

- [Am Montag schlagen Sie die Zeitung auf.](#ende-still)

=== ende-still: Am Montag steht es in der Zeitung
Der Artikel ist lang.

/// merke
Wer schweigt, wird zitiert.
///

=== ende-offen: Drei Zeilen
Der Artikel ist kurz.

=== debrief: Was hätte wann geholfen?
Ein Zettel am Telefon.

/// merke
Die Nummer steht auf dem Zettel.
///
"""
OFFER = """\
id: vorfall-angebot
kind: offer
title: "Ernstfall üben"
provider: eGov-Campus
url: https://egov-campus.example/kurse?id=7
text: Ein Kurs für *alle*, kostenlos.
minutes: 60
objectives: [lz1]
sources: ["01:Q1"]
as_of: 2026-11-21
review: {state: draft}
"""
SHEET = """\
---
id: vorfall-spickzettel
kind: cheatsheet
title: "Spickzettel: Ernstfall"
minutes: 5
objectives: [lz1]
sources: ["01:Q1"]
as_of: 2026-11-21
review: {state: draft}
---

## Zuerst

- Stecker ziehen.
- Anrufen.
"""
PACKAGE = {
    "course.yaml": "id: ernstfall\ntitle: Ernstfall\nsummary: Ein Kurs.\n",
    "glossary.yaml": "- id: akte\n  term: Akte\n  text: Das Gedächtnis.\n",
    "modules/01-vorfall/module.yaml": """\
id: vorfall
title: Der Vorfall
summary: Drei Sätze.
objectives: [{id: lz1, text: einen Vorfall melden}]
sources: {"01:Q1": {title: "Ein Gesetz", as_of: 2025-05-13}}
""",
    CASE_FILE: CASE,
    OFFER_FILE: OFFER,
    SHEET_FILE: SHEET,
}


def write(root: Path, **changes: str) -> Path:
    """The package below ``root``; ``case``, ``offer``, ``sheet`` put other texts in the place of those files."""
    files = {"case": CASE_FILE, "offer": OFFER_FILE, "sheet": SHEET_FILE}
    for path, text in (PACKAGE | {files[name]: text for name, text in changes.items()}).items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return root


def course(root: Path, **changes: str) -> Course:
    return package.read(write(root, **changes))


def case_activity(root: Path, **changes: str) -> tuple[Activity, Case]:
    found = course(root, **changes).by_activity[CASE_ID][1]
    assert isinstance(found.content, Case)
    return found, found.content
