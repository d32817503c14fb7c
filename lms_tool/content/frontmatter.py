"""Markdown files with a head between two lines ``---``: lessons, cheat sheets, cases."""

from __future__ import annotations

from typing import NamedTuple

from lms_tool.content.faults import Report
from lms_tool.content.fields import UNPRINTABLE, Fields, fields
from lms_tool.content.yamltext import load


class Prose(NamedTuple):
    """The Markdown below the head, with ``\\n`` line ends; ``first_line`` is its first line in the file."""

    text: str
    first_line: int


def part(text: str, report: Report) -> tuple[Fields, Prose] | None:
    """Head and body of a file; ``None`` and a fault where the head cannot be read."""
    lines = text.split("\n")
    closing = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if lines[0].rstrip() != "---" or closing is None:
        report.error(
            1,
            "Der Kopf der Seite fehlt.",
            "Beginnen Sie die Datei mit „---“, den Angaben und wieder „---“.",
        )
        return None
    entry = fields(load("\n".join(lines[1:closing]), report, "Der Kopf", first_line=2), report, "dem Kopf")
    if entry is None:
        return None
    source = "\n".join(lines[closing + 1 :])
    first_line = closing + 2
    if hidden := UNPRINTABLE.search(source):
        line = first_line + source.count("\n", 0, hidden.start())
        report.error(
            line, "Der Text enthält Steuerzeichen.", "Löschen Sie die unsichtbaren Zeichen in dieser Zeile."
        )
        source = UNPRINTABLE.sub("", source)
    if not source.strip():
        report.error(first_line, "Die Seite hat keinen Text.", "Schreiben Sie ihn unter den Kopf.")
    return entry, Prose(source, first_line)
