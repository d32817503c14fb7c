"""An example of each kind of question, as an author writes it."""

from __future__ import annotations

from typing import Any

from lms_tool.content.course import Media, Question
from lms_tool.content.faults import Report
from lms_tool.content.fields import fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions import KINDS
from lms_tool.content.yamltext import load

CHOICES = """\
answers:
  - {id: a, text: "*Eins*", correct: true, feedback: "Ja, **eins**."}
  - {id: b, text: Zwei, feedback: Nein.}
"""
SOURCES = {
    "single": CHOICES,
    "multiple": CHOICES.replace("Zwei,", "Zwei, correct: true,")
    + "  - {id: c, text: Drei, feedback: Nein.}\n",
    "truefalse": "correct: false\nfeedback_true: Nein.\nfeedback_false: Ja.\n",
    "picture": "picture: media/netz.svg\nalt: Drei Linien\n" + CHOICES,
    "shorttext": """\
accept:
  - {text: Amt24, feedback: Ja.}
wrong:
  - {text: BundID, feedback: Das ist das Konto.}
feedback: Gesucht ist das Portal.
""",
    "numeric": """\
value: "28,8"
tolerance: "0,1"
unit: Stunden
feedback_right: Ja.
wrong:
  - {value: "24", feedback: Das ist ein Tag.}
feedback: Nein.
""",
    "matching": """\
pairs:
  - {id: a, left: Netz, right: KDN, feedback: Weil Netz.}
  - {id: b, left: Portal, right: Amt24, feedback: Weil Portal.}
extra: [Post]
""",
    "ordering": """\
items:
  - {id: a, text: Eins, feedback: Zuerst.}
  - {id: b, text: Zwei, feedback: Danach.}
  - {id: c, text: Drei, feedback: Zuletzt.}
""",
    "gap": """\
passage: "Der Antrag kommt über {{portal}} in die {{akte}}."
gaps:
  - {id: portal, accept: [Amt24, Amt 24 online], feedback: Das Portal.}
  - {id: akte, options: [eAkte, Papierakte], correct: eAkte, feedback: Die Akte.}
""",
    "categorise": """\
categories:
  - {id: muss, text: muss}
  - {id: kann, text: kann}
items:
  - {id: a, text: Land, category: muss, feedback: Weil Land.}
  - {id: b, text: Gemeinde, category: kann, feedback: Weil Gemeinde.}
""",
    "reflection": "feedback: Andere notieren das auch.\n",
}
PICTURE = Media("netz.svg", "image/svg+xml", "0" * 64)


def read(kind: str, source: str) -> tuple[Any, Report]:
    report = Report("quiz.yaml")
    entry = fields(load(source, report, "quiz.yaml"), report, "Frage 1")
    assert entry is not None
    data = KINDS[kind].read(entry, Markup(media={PICTURE.name: PICTURE}))
    entry.close()
    return data, report


def question(kind: str, points: int = 1, source: str | None = None) -> Question:
    data, report = read(kind, source or SOURCES[kind])
    assert report.found == []
    return Question(id="f1", kind=kind, text_html="?", data=data, points=points if KINDS[kind].graded else 0)
