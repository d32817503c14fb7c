"""Questions and quiz pages in each state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from lms_tool.web.pages import (
    AttemptRow,
    Choice,
    Evidence,
    Feedback,
    Frame,
    HandInPage,
    Link,
    Mark,
    NextStep,
    ObjectiveResult,
    Question,
    QuestionPage,
    QuestionTab,
    QuizStartPage,
    ResultPage,
    ResultRow,
    State,
    Transfer,
    TransferState,
    Verdict,
)
from lms_tool.web.render import Page

FRAME = Frame(
    crumbs=(Link("Basis-Befähigung", "/k/abc/"), Link("eAkte", "/k/abc/m/eakte"), Link("Abschlusstest")),
    glossary_url="/k/abc/glossary",
    person="Petra Sommer",
)
READ_MORE = Link("Welches Recht gilt?", "/k/abc/a/recht")

CHECK = Question(
    text_html="Eine Bürgerin bestätigt am Telefon eine Frist. Was tun Sie?",
    choices=(
        Choice("a", "Nichts."),
        Choice("b", "Einen Vermerk schreiben."),
        Choice("c", "Um ein Fax bitten."),
    ),
)
CHECK_MISSING = replace(CHECK, missing=True)
CHECK_WRONG = replace(
    CHECK,
    feedback=Feedback(Verdict.WRONG, 0, 1, READ_MORE),
    choices=(
        Choice("a", "Nichts.", True, Mark.WRONG, "Auch Mündliches stützt eine Entscheidung."),
        Choice("b", "Einen Vermerk schreiben.", False, Mark.MISSED, "So ist es nachprüfbar."),
        Choice("c", "Um ein Fax bitten."),
    ),
)
SINGLE_RIGHT = Question(
    text_html="Eine E-Mail enthält eine Zusage. Was gilt?",
    locked=True,
    feedback=Feedback(Verdict.RIGHT, 1, 1),
    choices=(
        Choice("a", "In die Akte.", True, Mark.RIGHT, "Sie stützt eine Entscheidung."),
        Choice("b", "Löschen."),
    ),
)
MULTIPLE = Question(
    text_html="Welche Unterlagen gehören in die Akte?",
    multiple=True,
    choices=(Choice("a", "Zustimmung", True), Choice("b", "Sommerfest"), Choice("c", "Vermerk")),
)
MULTIPLE_PARTIAL = replace(
    MULTIPLE,
    locked=True,
    feedback=Feedback(Verdict.PARTIAL, 0.5, 2, READ_MORE),
    choices=(
        Choice("a", "Zustimmung", True, Mark.RIGHT, "Sie trägt die Entscheidung."),
        Choice("b", "Sommerfest", True, Mark.WRONG, "Es hat mit dem Fall nichts zu tun."),
        Choice("c", "Vermerk", False, Mark.MISSED, "Ohne ihn fehlt der Befund."),
    ),
)


def tabs(current: int, answered: int = 1, count: int = 3) -> tuple[QuestionTab, ...]:
    return tuple(
        QuestionTab(n, f"/k/abc/a/test/t/1/q/{n}", n <= answered, n == current) for n in range(1, count + 1)
    )


QUESTION = QuestionPage(
    frame=FRAME,
    quiz_title="Abschlusstest",
    number=2,
    tabs=tabs(2),
    question=CHECK,
    action_url="/k/abc/a/test/t/1/q/2",
    attempt_url="/k/abc/a/test/t/1",
    attempt=1,
    attempts=3,
)
START = QuizStartPage(
    frame=FRAME,
    title="Abschlusstest",
    questions=7,
    pass_percent=60,
    start_url="/k/abc/a/test/attempts",
    minutes=10,
    attempts=3,
    all_or_nothing=True,
    evidence=Evidence(("SächsArchivG",)),
    previous=Link("Was gehört in die Akte?", "/k/abc/a/akte"),
    up=Link("eAkte", "/k/abc/m/eakte"),
)
EARLIER = (
    AttemptRow(number=1, points=2.5, max_points=7, passed=False, url="/k/abc/a/test/t/1", finished_at=None),
    AttemptRow(
        number=2,
        points=6,
        max_points=7,
        passed=True,
        url="/k/abc/a/test/t/2",
        finished_at=datetime(2026, 7, 24, 9, 42, tzinfo=UTC),
    ),
)
RESULT = ResultPage(
    frame=FRAME,
    quiz_title="Abschlusstest",
    attempt=1,
    attempts=3,
    points=6.5,
    max_points=16,
    pass_points=9.6,
    passed=False,
    retry_url="/k/abc/a/test/attempts",
    graded=True,
    objectives=(
        ObjectiveResult("Akte auseinanderhalten", 4, 4),
        ObjectiveResult("Recht unterscheiden", 1, 3),
    ),
    reread=(READ_MORE,),
    up=Link("eAkte", "/k/abc/m/eakte"),
    questions=tuple(
        ResultRow(
            number=n,
            text_html=f"Frage <em>{n}</em>",
            url=f"/q/{n}",
            verdict=verdict,
            points=0.5,
            max_points=2,
        )
        for n, verdict in enumerate(Verdict, 1)
    ),
)
QUIZ_PAGES: dict[str, Page] = {
    "quiz_start": START,
    "quiz_resume": replace(
        START, state=State.FAILED, used=2, resume=4, earlier=EARLIER, attempts=None, immediate=False
    ),
    "quiz_over": replace(START, start_url="", used=3, earlier=EARLIER, state=State.FAILED),
    "quiz_locked": replace(START, start_url="", state=State.LOCKED, missing=(Link("Akte", "/k/abc/a/akte"),)),
    "quiz_passed": replace(START, state=State.DONE, used=1, transfer=Transfer(TransferState.PENDING)),
    "question": QUESTION,
    "question_missing": replace(QUESTION, question=CHECK_MISSING, attempts=None),
    "question_proof": replace(
        QUESTION, question=MULTIPLE, immediate=False, saved=True, number=3, tabs=tabs(3)
    ),
    "feedback_right": replace(QUESTION, question=SINGLE_RIGHT),
    "feedback_wrong": replace(QUESTION, question=replace(CHECK_WRONG, locked=True), number=3, tabs=tabs(3)),
    "feedback_partial": replace(
        QUESTION, question=MULTIPLE_PARTIAL, number=3, tabs=tabs(3, 3), finish_url="/finish"
    ),
    "looking_back": replace(QUESTION, question=SINGLE_RIGHT, finished=True),
    "looking_back_last": replace(QUESTION, question=SINGLE_RIGHT, finished=True, number=3, tabs=tabs(3, 3)),
    "hand_in_open": HandInPage(
        frame=FRAME, quiz_title="Abschlusstest", tabs=tabs(0), finish_url="/finish", attempt=1, attempts=3
    ),
    "hand_in": HandInPage(
        frame=FRAME, quiz_title="Abschlusstest", tabs=tabs(0, 3), finish_url="/finish", attempt=1
    ),
    "result_failed": RESULT,
    "result_over": replace(RESULT, retry_url="", attempts=1),
    "result_passed": replace(
        RESULT,
        points=13,
        passed=True,
        next=NextStep(title="Prozesse", url="/k/abc/a/prozesse"),
        transfer=Transfer(TransferState.SENT, at=datetime(2026, 2, 24, 9, 42, tzinfo=UTC)),
    ),
}
