"""Every objective is tested: a question asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from lms_tool.content.course import Quiz
from lms_tool.content.crosscheck import ReadModule
from lms_tool.content.editorial.rules import Finding


def asked(one: ReadModule) -> Iterator[Finding]:
    """Objectives that no question of the module's tests asks for, or no activity at all.

    A module without a test is only pointed out: it may be one in the making, or one to read.
    """
    tests = [activity.content for activity in one.module.activities if isinstance(activity.content, Quiz)]
    if not tests:
        yield Finding(
            "module-without-test",
            one.report.path,
            one.file.lines["key", "id"],
            "Das Modul hat keinen Test.",
            "Ergänzen Sie einen mit Fragen zu jedem Lernziel.",
        )
    known = {question.objective for test in tests for question in test.questions}
    for objective in one.module.objectives:
        line = one.file.lines["objective", objective.id]
        if tests and objective.id not in known:
            yield Finding(
                "objective-without-question",
                one.report.path,
                line,
                f"Zum Lernziel „{objective.id}“ gibt es keine Frage.",
                "Ergänzen Sie in einem Test des Moduls eine Frage, oder streichen Sie das Lernziel.",
            )
        elif objective.id not in one.used:
            yield Finding(
                "objective-unused",
                one.report.path,
                line,
                f"Zum Lernziel „{objective.id}“ gehört keine Aktivität.",
                "Nennen Sie es unter „objectives“ einer Lerneinheit.",
            )
