"""Lessons and cheat sheets: Markdown files with a head."""

from __future__ import annotations

from lms_tool.content.activity import Scope, activity
from lms_tool.content.course import Activity, CompletionRule, Lesson
from lms_tool.content.fields import Fields
from lms_tool.content.frontmatter import Prose
from lms_tool.content.quiz import question

RULES = (CompletionRule.VIEWED, CompletionRule.NONE)


def cheatsheet(entry: Fields, prose: Prose, scope: Scope) -> Activity:
    """Read a page to print: a text without a question, and nothing to complete."""
    body = scope.markup.body(prose.text, entry.report, prose.first_line)
    for line in body.checks:
        entry.report.error(
            line, "Ein Spickzettel hat keine Kontrollfrage.", "Streichen Sie die Zeile [[kontrollfrage]]."
        )
    return activity(
        entry,
        scope,
        kind="cheatsheet",
        content=Lesson(body.before, body.after, None, body.outline),
        objectives=scope.objectives_of(entry),
        rules=(CompletionRule.NONE,),
    )


def lesson(entry: Fields, prose: Prose, scope: Scope) -> Activity:
    """Read a lesson: a text, and maybe a question in it."""
    report = entry.report
    body = scope.markup.body(prose.text, report, prose.first_line)
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
    objectives = scope.objectives_of(entry)
    check = None if asked is None else question(asked, scope, in_text=True)
    return activity(
        entry,
        scope,
        kind="page",
        content=Lesson(body.before, body.after, check, body.outline),
        objectives=objectives,
        rules=RULES,
    )
