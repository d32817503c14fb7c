"""A small course for the browser: six short modules, so that a walk through one is a minute's work, and one with a
question of each kind that is no choice.

The shipped curricula are there as well; what these tests hold is the tool, whatever is written in it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from lms_tool.content.package import PackageError, read

from .demo import REPOSITORY

TITLES = (
    "Post annehmen",
    "Akten führen",
    "Rechnungen prüfen",
    "Anträge bearbeiten",
    "Daten schützen",
    "Notfall",
)

CHAINED = 3  # in this module one lesson waits for the other

COURSE = """\
id: a-probe
title: Probekurs
summary: Sechs kurze Module für den Browser.
abbreviations: [KDN]
"""
GLOSSARY = """\
- id: eingang
  term: Eingang
  text: Der Weg, auf dem ein Schriftstück ins Haus kommt.
"""
MODULE = """\
id: modul-{n}
title: {title}
summary: Ein kurzes Modul mit zwei Lerneinheiten und einem Test.
objectives:
  - {{id: lz1, text: den Weg eines Schriftstücks beschreiben}}
  - {{id: lz2, text: einen Fall einordnen}}
outcome: Eine Zeile für die Bestandsaufnahme.
sources:
  "Q1": {{title: Beispielsatzung, as_of: 2026-01-15}}
"""
LESSON = """\
---
id: seite-{n}-{k}
title: Kapitel {n}.{k}
minutes: 5
objectives: [lz1]
sources: ["Q1"]
as_of: 2026-11-21
check:
  kind: single
  text: Ein Brief liegt auf dem Tisch. Was geschieht zuerst?
  answers:
    - {{id: a, text: Er bekommt einen Eingangsvermerk., correct: true, feedback: Ja. So ist der Tag belegt.}}
    - {{id: b, text: Er geht ins Fachamt., feedback: Nein. Dann fehlt der Tag des Eingangs.}}
---

/// situation
In der Poststelle liegen drei Briefe. Niemand weiß, wann sie kamen.
///

## Der erste Handgriff

Jeder [Eingang](glossar:eingang) bekommt einen Vermerk mit Tag und Uhrzeit. Danach geht das Schriftstück weiter.

| Weg | Wer öffnet? |
| --- | --- |
| Brief | Poststelle |
| E-Mail | Fachamt |

/// table-caption
Zwei Wege ins Haus
///

[[kontrollfrage]]

## Was danach kommt

Das Fachamt liest das Schriftstück und entscheidet, was zu tun ist.

/// merke
- Erst der Vermerk, dann der Weg.
///
"""
QUIZ = """\
id: test-{n}
kind: quiz
title: Abschlusstest
minutes: 5
attempts: 3
requires: [seite-{n}-1, seite-{n}-2]
sources: ["Q1"]
as_of: 2026-11-21
questions:
  - id: f1
    kind: single
    objective: lz1
    text: Ein Umschlag kommt ohne Absender. Was tun Sie?
    read_more: seite-{n}-1
    answers:
      - {{id: a, text: Ich lege ihn zur Seite., feedback: Dann fehlt der Tag des Eingangs.}}
      - {{id: b, text: Ich vermerke den Eingang., correct: true, feedback: Ja. Der Tag ist belegt.}}
      - {{id: c, text: Ich sende ihn zurück., feedback: Ohne Absender geht das nicht.}}
  - id: f2
    kind: multiple
    objective: lz2
    points: 2
    text: Welche Wege führen ins Haus?
    answers:
      - {{id: a, text: Brief, correct: true, feedback: "Ja, über die Poststelle."}}
      - {{id: b, text: E-Mail, correct: true, feedback: "Ja, im Fachamt."}}
      - {{id: c, text: Schwarzes Brett, feedback: "Nein, dort hängt etwas aus."}}
  - id: f3
    kind: truefalse
    objective: lz1
    text: Der Vermerk nennt den Tag des Eingangs.
    correct: true
    feedback_true: Ja. Darauf kommt es an.
    feedback_false: Doch. Ohne den Tag fehlt der Nachweis.
  - id: f4
    kind: single
    objective: lz2
    text: Wer entscheidet in der Sache?
    answers:
      - {{id: a, text: Das Fachamt., correct: true, feedback: Ja. Dort liegt die Zuständigkeit.}}
      - {{id: b, text: Die Poststelle., feedback: Sie nimmt an und verteilt.}}
"""
KINDS = """\
id: test-arten
kind: quiz
title: Alle Arten
minutes: 5
attempts: unlimited
sources: ["Q1"]
as_of: 2026-11-21
questions:
  - id: ordnen
    kind: ordering
    objective: lz1
    text: In welcher Reihenfolge geht der Brief?
    hint: Fragen Sie sich, was den Tag belegt.
    items:
      - {id: a, text: Eingang vermerken, feedback: Das belegt den Tag.}
      - {id: b, text: Ins Fachamt geben, feedback: Danach ist das Fachamt dran.}
      - {id: c, text: Antwort schreiben, feedback: Zuletzt geht die Antwort hinaus.}
  - id: zuordnen
    kind: matching
    objective: lz2
    text: Wer macht was?
    pairs:
      - {id: a, left: Poststelle, right: nimmt an, feedback: Sie öffnet die Briefe.}
      - {id: b, left: Fachamt, right: entscheidet, feedback: Dort liegt die Zuständigkeit.}
    extra: [zahlt aus]
  - id: gruppen
    kind: categorise
    objective: lz2
    text: Papier oder Datei?
    categories: [{id: papier, text: Papier}, {id: datei, text: Datei}]
    items:
      - {id: a, text: Brief, category: papier, feedback: Er ist gedruckt.}
      - {id: b, text: E-Mail, category: datei, feedback: Sie liegt im Postfach.}
  - id: luecke
    kind: gap
    objective: lz1
    text: Ergänzen Sie den Satz.
    passage: "Den Brief öffnet die {{wer}}. Dann bekommt er einen {{was}}."
    gaps:
      - {id: wer, accept: [Poststelle], feedback: Sie ist der erste Halt.}
      - {id: was, options: [Eingangsvermerk, Bescheid], correct: Eingangsvermerk, feedback: Er nennt den Tag.}
  - id: zahl
    kind: numeric
    objective: lz1
    text: Wie viele Briefe liegen auf dem Tisch?
    value: "3"
    unit: Briefe
    feedback_right: Ja, drei.
    feedback: Zählen Sie noch einmal.
  - id: wort
    kind: shorttext
    objective: lz1
    text: Wie heißt die Stelle, die Briefe öffnet?
    accept: [{text: Poststelle, feedback: "Ja, die Poststelle."}]
    feedback: Gesucht ist die Poststelle.
  - id: selbst
    kind: reflection
    objective: lz1
    text: Wo kommen bei Ihnen Briefe an?
    feedback: Nehmen Sie das in die Bestandsaufnahme mit.
"""


def write_courses(folder: Path) -> Path:
    """Put the small course and the shipped ones into ``folder``; returns where the small one lies."""
    for shipped in sorted((REPOSITORY / "courses").glob("*/course.yaml")):
        try:
            read(shipped.parent)
        except PackageError:
            continue  # tests/unit/content/test_shipped_courses.py says what is wrong with it
        shutil.copytree(shipped.parent, folder / shipped.parent.name)
    small = folder / "a-probe"
    (small / "modules").mkdir(parents=True)
    (small / "course.yaml").write_text(COURSE, "utf-8")
    (small / "glossary.yaml").write_text(GLOSSARY, "utf-8")
    for n, title in enumerate(TITLES, 1):
        module = small / "modules" / f"{n:02}-modul"
        module.mkdir()
        (module / "module.yaml").write_text(MODULE.format(n=n, title=title), "utf-8")
        for k in (1, 2):
            text = LESSON.format(n=n, k=k)
            if k == 2 and n == CHAINED:
                text = text.replace("minutes: 5", f"minutes: 5\nrequires: [seite-{n}-1]")
            (module / f"{k:02}-seite.md").write_text(text, "utf-8")
        (module / "80-test.yaml").write_text(QUIZ.format(n=n), "utf-8")
    kinds = small / "modules" / "90-arten"
    kinds.mkdir()
    (kinds / "module.yaml").write_text(MODULE.format(n="arten", title="Fragen üben"), "utf-8")
    (kinds / "80-test.yaml").write_text(KINDS, "utf-8")
    return small
