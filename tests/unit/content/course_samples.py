"""A small course package that is right."""

from __future__ import annotations

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)

SAMPLE: dict[str, str | bytes] = {
    "course.yaml": """\
id: probe
title: Probekurs
language: de
summary: Ein Kurs zum Prüfen.
completion: all
""",
    "glossary.yaml": """\
- id: akte
  term: Akte
  also: [Vorgangssammlung]
  text: Das *Gedächtnis* der Verwaltung. Siehe [Erste Lerneinheit](lektion:eins).
  sources: ["01:Q1"]
""",
    "media/akte.png": PNG,
    "modules/01-anfang/module.yaml": """\
id: anfang
title: Anfang
summary: Drei Sätze.
objectives:
  - id: lz1
    text: unterscheiden, was zur Akte gehört
outcome: Eine Zeile der Agenda
completion: all
requires: []
sources:
  "01:Q1":
    title: "Ein Gesetz"
    as_of: 2025-05-13
""",
    "modules/01-anfang/01-eins.md": """\
---
id: eins
title: Was gehört in die Akte?
minutes: 12
objectives: [lz1]
sources: ["01:Q1"]
as_of: 2026-11-21
review: {state: draft}
completion: viewed
requires: []
check:
  kind: truefalse
  text: Eine E-Mail kann zur Akte gehören.
  correct: true
  feedback_true: Ja. Die Form ist gleichgültig.
  feedback_false: Doch, auch eine E-Mail.
---

/// situation
Im Bauamt fragt ein Notar nach einer Baulast.
///

## Drei Fragen

Es zählt die [Aktenrelevanz](glossar:akte).

[[kontrollfrage]]

![Eine Akte enthält Vorgänge](media/akte.png)

/// merke
Die Form ist gleichgültig.
///
""",
    "modules/01-anfang/02-test.yaml": """\
id: test
kind: quiz
title: Abschlusstest
minutes: 10
attempts: 3
pass_percent: 60
feedback: immediate
completion: passed
requires: [eins]
sources: ["01:Q1"]
as_of: 2026-11-21
review: {state: draft}
questions:
  - id: f1
    kind: single
    objective: lz1
    points: 2
    text: Ein Anruf ändert eine Frist. Was tun Sie?
    answers:
      - {id: a, text: Nichts., feedback: "Nein, der Befund ginge verloren."}
      - {id: b, text: Einen Vermerk schreiben., correct: true, feedback: Ja.}
    read_more: eins
  - id: f2
    kind: multiple
    objective: lz1
    text: Was gehört zur Akte?
    answers:
      - {id: a, text: Der Antrag, correct: true, feedback: Ja.}
      - {id: b, text: Der Bescheid, correct: true, feedback: Ja.}
      - {id: c, text: Der Speiseplan, feedback: Nein.}
  - id: f3
    kind: truefalse
    objective: lz1
    text: Ein Newsletter gehört zur Akte.
    correct: false
    feedback_true: Nein.
    feedback_false: Richtig.
""",
}

LESSON = "modules/01-anfang/01-eins.md"
QUIZ = "modules/01-anfang/02-test.yaml"
MODULE = "modules/01-anfang/module.yaml"

Changes = dict[str, str | bytes | None]


def changed(path: str, old: str, new: str) -> Changes:
    """The sample's file ``path`` with ``old``, which must be there, replaced once."""
    text = SAMPLE[path]
    assert isinstance(text, str)
    assert old in text
    return {path: text.replace(old, new, 1)}
