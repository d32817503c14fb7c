"""A lesson's Markdown cut at its boxes, before Markdown sees it.

Boxes, table captions and the place of the check question stand on the outermost level only. Cutting there
first keeps line numbers exact, and lets each piece of author text be rendered and sanitised alone: what
surrounds it is ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lms_tool.content.faults import Report

BOXES = ("situation", "merke", "probieren", "pruefen", "info")
CAPTION = "table-caption"
CHECK = "kontrollfrage"
DEEPEST = 4  # headings run from ## to ####

_SLASHES = re.compile(r"(\s*)/{3,}[ \t]*(.*?)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r"(#{1,})")
_QUESTION = re.compile(r"\[\[\s*kontrollfrage\s*\]\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the body: ``text``, a box, a ``table-caption`` or the place of the ``kontrollfrage``."""

    kind: str
    text: str
    line: int  # of the first line of ``text``


def split(text: str, report: Report, first_line: int) -> list[Segment]:
    """Cut ``text``, which starts at ``first_line`` of its file, and report what is wrong with its outline."""
    cutter = _Cutter(report, first_line)
    for number, line in enumerate(text.split("\n"), first_line):
        cutter.take(line, number)
    return cutter.finish()


class _Cutter:
    def __init__(self, report: Report, line: int) -> None:
        self.report = report
        self.done: list[Segment] = []
        self.kind, self.lines, self.start = "text", list[str](), line
        self.fence, self.fence_line = "", 0
        self.level = 1  # the page's own heading

    def take(self, line: str, number: int) -> None:
        if self._in_fence(line, number):
            self.lines.append(line)
        elif slashes := _SLASHES.fullmatch(line):
            self._slashes(indented=bool(slashes[1]), name=slashes[2], number=number)
        elif _QUESTION.fullmatch(line.strip()):
            self._question(number)
        else:
            self._text(line, number)

    def finish(self) -> list[Segment]:
        if self.kind != "text":
            self.report.error(
                self.start - 1,
                f"Der Kasten „{self.kind}“ wird nicht geschlossen.",
                "Setzen Sie „///“ an sein Ende.",
            )
        if self.fence:
            self.report.error(
                self.fence_line,
                "Der Code-Block wird nicht geschlossen.",
                f"Setzen Sie „{self.fence}“ an sein Ende.",
            )
        self._cut("text", 0)
        return self.done

    def _cut(self, kind: str, start: int) -> None:
        text = "\n".join(self.lines)
        if text.strip():
            self.done.append(Segment(self.kind, text, self.start))
        elif self.kind != "text":
            self.report.error(
                self.start, f"Der Kasten „{self.kind}“ ist leer.", "Füllen oder streichen Sie ihn."
            )
        self.kind, self.lines, self.start = kind, [], start

    def _in_fence(self, line: str, number: int) -> bool:
        found = _FENCE.fullmatch(line)
        if not self.fence:
            if found:
                self.fence, self.fence_line = found[1], number
            return bool(found)
        if found and found[1].startswith(self.fence) and not found[2].strip():
            self.fence = ""
        return True

    def _slashes(self, *, indented: bool, name: str, number: int) -> None:
        if not name:
            if self.kind == "text":
                self.report.error(
                    number, "„///“ schließt einen Kasten, der nicht offen ist.", "Streichen Sie die Zeile."
                )
            else:
                self._cut("text", number + 1)
            return
        if indented:
            self.report.error(number, "Ein Kasten ist eingerückt.", "Beginnen Sie „///“ am Anfang der Zeile.")
        if self.kind != "text":
            self.report.error(
                number,
                "Ein Kasten beginnt in einem anderen.",
                "Schließen Sie den ersten Kasten vorher mit „///“.",
            )
        if name not in (*BOXES, CAPTION):
            self.report.error(
                number,
                f"Einen Kasten „{name[:40]}“ gibt es nicht.",
                f"Möglich sind: {', '.join(BOXES)}, {CAPTION}.",
            )
            name = "info"
        self._cut(name, number + 1)

    def _question(self, number: int) -> None:
        if self.kind != "text":
            self.report.error(
                number,
                "Die Kontrollfrage steht in einem Kasten.",
                "Setzen Sie [[kontrollfrage]] zwischen zwei Absätze.",
            )
            return
        self._cut("text", number + 1)
        self.done.append(Segment(CHECK, "", number))

    def _text(self, line: str, number: int) -> None:
        self.lines.append(line)
        if _QUESTION.search(line):
            self.report.error(
                number,
                "[[kontrollfrage]] steht nicht allein.",
                "Geben Sie der Kontrollfrage eine eigene Zeile.",
            )
        if not (heading := _HEADING.match(line)):
            return
        level = len(heading[1])
        if self.kind != "text":
            self.report.error(
                number, "Eine Überschrift steht in einem Kasten.", "Der Kasten hat schon einen Titel."
            )
        elif level == 1:
            self.report.error(
                number, "Die Seite hat schon eine Überschrift.", "Beginnen Sie Überschriften mit „## “."
            )
        elif level > DEEPEST:
            self.report.error(
                number, "Die Überschrift ist zu tief gegliedert.", "Nutzen Sie ##, ### oder ####."
            )
        elif level > self.level + 1:
            self.report.error(
                number,
                f"Die Überschrift springt von Ebene {self.level} auf Ebene {level}.",
                f"Schreiben Sie „{'#' * (self.level + 1)} “.",
            )
        self.level = level
