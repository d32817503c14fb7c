"""Lessons: a Markdown file with front matter."""

from __future__ import annotations

from lms_tool.content.activity import Scope, activity
from lms_tool.content.course import Activity, CompletionRule, Lesson
from lms_tool.content.faults import Report
from lms_tool.content.fields import UNPRINTABLE, fields
from lms_tool.content.quiz import question
from lms_tool.content.yamltext import load

RULES = (CompletionRule.VIEWED, CompletionRule.NONE)


def lesson(text: str, report: Report, scope: Scope) -> Activity | None:
    """Read a lesson file, ``text`` with ``\\n`` line ends; ``None`` where its front matter cannot be read."""
    lines = text.split("\n")
    closing = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if lines[0].rstrip() != "---" or closing is None:
        report.error(
            1,
            "Der Kopf der Lerneinheit fehlt.",
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
        report.error(first_line, "Die Lerneinheit hat keinen Text.", "Schreiben Sie ihn unter den Kopf.")
    body = scope.markup.body(source, report, first_line)
    for line in body.checks[1:]:
        report.error(line, "Die Kontrollfrage steht zweimal im Text.", "Streichen Sie die zweite Stelle.")
    asked = entry.mapping("check", "der Kontrollfrage")
    if asked is not None and not body.checks:
        entry.wrong(
            "check",
            "Die Kontrollfrage hat keinen Platz im Text.",
            "Setzen Sie eine Zeile [[kontrollfrage]] in den Text.",
        )
    if asked is None and "check" not in entry and body.checks:
        report.error(
            body.checks[0],
            "Im Kopf fehlt die Kontrollfrage.",
            "Ergänzen Sie „check:“, oder streichen Sie die Zeile.",
        )
    for ref in (objectives := entry.refs("objectives")):
        scope.objective(ref, entry)
    check = None if asked is None else question(asked, scope, in_text=True)
    return activity(
        entry,
        scope,
        kind="page",
        content=Lesson(body.before, body.after, check, body.outline),
        objectives=tuple(ref.value for ref in objectives),
        rules=RULES,
    )
