"""Tests, and what all questions have in common."""

from __future__ import annotations

from lms_tool.content.activity import Scope, activity
from lms_tool.content.course import Activity, CompletionRule, Question, Quiz
from lms_tool.content.fields import Fields, Ref, is_slug
from lms_tool.content.questions import KINDS

RULES = (CompletionRule.PASSED, CompletionRule.ATTEMPTED, CompletionRule.NONE)
ATTEMPTS = 99
POINTS = 100


def quiz(entry: Fields, scope: Scope) -> Activity:
    """Read a test; its objectives are those of its questions."""
    questions: list[Question] = []
    for number, asked in enumerate(entry.items("questions", "„questions“"), 1):
        asked.what = f"Frage {number}"
        made = question(asked, scope)
        if any(made.id == other.id for other in questions):
            asked.wrong(
                "id", f"Die Kennung „{made.id}“ hat schon eine andere Frage.", "Wählen Sie eine eigene."
            )
        questions.append(made)
    content = Quiz(
        questions=tuple(questions),
        attempts=_attempts(entry),
        pass_percent=entry.whole("pass_percent", 1, 100, default=60),
        feedback=entry.one_of("feedback", ("immediate", "end"), "immediate"),
    )
    if questions and not any(asked.points for asked in questions):
        entry.wrong("questions", "Keine Frage zählt Punkte.", "Ergänzen Sie eine Frage, die Punkte gibt.")
    objectives = tuple(dict.fromkeys(asked.objective for asked in questions))
    test = activity(entry, scope, kind="quiz", content=content, objectives=objectives, rules=RULES)
    for each in questions:
        if each.read_more and each.read_more == test.id:
            entry.wrong(
                "questions",
                f"Frage „{each.id}“ verweist auf den eigenen Test.",
                "Nennen Sie eine Lerneinheit.",
            )
    return test


def question(entry: Fields, scope: Scope, *, in_text: bool = False) -> Question:
    """Read one question and close ``entry``. A question in a lesson's text has neither id nor points."""
    kind = entry.one_of("kind", tuple(KINDS))
    points = 1 if not kind or KINDS[kind].graded else 0
    if in_text:
        identity, objective = "check", entry.text("objective", "")
    else:
        identity, objective = entry.slug(), entry.text("objective")
        if points:  # a question to oneself has none to give
            points = entry.whole("points", 1, POINTS, default=1)
    if objective:
        scope.objective(Ref(objective, entry.line("objective")), entry)
    made = Question(
        id=identity,
        kind=kind or "single",
        text_html=scope.markup.field(entry, "text"),
        data=KINDS[kind].read(entry, scope.markup) if kind else None,
        objective=objective,
        points=points,
        read_more=entry.text("read_more", ""),
        hint_html=scope.markup.field(entry, "hint") if "hint" in entry else "",
    )
    if made.read_more and is_slug(made.read_more, entry.line("read_more"), entry.report):
        scope.require(Ref(made.read_more, entry.line("read_more")), entry)
    if kind:  # without a kind nobody knows which keys belong here
        entry.close()
    return made


def _attempts(entry: Fields) -> int | None:
    if entry.is_text("attempts"):
        entry.one_of("attempts", ("unlimited",))
        return None
    return entry.whole("attempts", 1, ATTEMPTS)
