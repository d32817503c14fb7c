"""A process as a table for a spreadsheet: semicolons, UTF-8 with BOM, as German spreadsheets expect it."""

from __future__ import annotations

import csv
from io import StringIO

from lms_tool.content.process import Steps
from lms_tool.content.workshop import Workshop
from lms_tool.errors import Text
from lms_tool.web.workshop_pages import rows

HEADINGS = (
    Text("Schritt", "Step"),
    Text("Baustein", "Block"),
    Text("Stelle", "Unit"),
    Text("Was passiert genau?", "What exactly happens?"),
    Text("Medium vorher", "Medium before"),
    Text("Medium danach", "Medium after"),
    Text("Medienwechsel", "Media change"),
    Text("Übergabe", "Hand-over"),
    Text("Bearbeitung in Minuten", "Minutes of work"),
    Text("Warten in Tagen", "Days of waiting"),
)
YES = Text("ja", "yes")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet would calculate what begins so


def table(workshop: Workshop, model: Steps, language: str) -> bytes:
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_say(heading, language) for heading in HEADINGS])
    yes = _say(YES, language)
    for step in rows(workshop, model):
        writer.writerow(
            [
                step.number,
                _say(step.title, language),
                plain(step.unit),
                plain(step.note),
                plain(step.before),
                plain(step.after),
                yes if step.media_change else "",
                yes if step.handed_by else "",
                step.minutes or "",
                step.days or "",
            ]
        )
    return out.getvalue().encode("utf-8-sig")


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula (CWE-1236)."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _say(text: Text, language: str) -> str:
    return (text.en if language == "en" else text.de).replace("\N{SOFT HYPHEN}", "")
