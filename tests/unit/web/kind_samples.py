"""Questions that are no choices: typed, matched, ordered; open and marked."""

from __future__ import annotations

from dataclasses import replace

from quiz_samples import QUESTION

from lms_tool.web.pages import Choice, Feedback, Field, Link, Mark, Question, Verdict
from lms_tool.web.render import Page

READ_MORE = Link("Welches Recht gilt?", "/k/abc/a/recht")
LEVELS = (Choice("akte", "Akte"), Choice("vorgang", "Vorgang"), Choice("dokument", "Dokument &amp; Anlage"))

TYPED = Question(
    text_html="Wie lange darf die Prozessplattform im Monat höchstens ausfallen?",
    entry=Field(name="answer", unit="Stunden"),
    hint_html="Die Zahl steht in der Verordnung.",
)
TYPED_WRONG = replace(
    TYPED,
    locked=True,
    feedback=Feedback(Verdict.WRONG, 0, 1, READ_MORE),
    entry=Field(
        name="answer",
        unit="Stunden",
        value="24",
        mark=Mark.WRONG,
        feedback_html="Ein Tag ist zu knapp gerechnet.",
        solution="28,8 Stunden",
    ),
)
MATCHED = Question(
    text_html="Was ist was? Ordnen Sie jedem Beispiel eine Ebene zu.",
    fields=(
        Field(name="part.a", html="Baulasten Flurstück 112", value="akte", options=LEVELS),
        Field(name="part.b", html="Auskunft an den Notar vom 3. März", options=LEVELS),
        Field(name="part.c", html="Skizze vom Ortstermin", options=LEVELS),
    ),
)
MATCHED_PARTLY = replace(
    MATCHED,
    locked=True,
    feedback=Feedback(Verdict.PARTIAL, 1, 3),
    fields=(
        replace(
            MATCHED.fields[0],
            options=(replace(LEVELS[0], chosen=True),),
            mark=Mark.RIGHT,
            feedback_html="Sie hält alles zum Flurstück zusammen.",
        ),
        replace(
            MATCHED.fields[1],
            value="dokument",
            mark=Mark.WRONG,
            feedback_html="Die Auskunft ist ein einzelner Fall.",
            solution="Vorgang",
        ),
        replace(
            MATCHED.fields[2],
            mark=Mark.MISSED,
            feedback_html="Sie ist ein einzelnes Stück.",
            solution="Dokument",
        ),
    ),
)
GAPS = Question(
    text_html="Ergänzen Sie den Satz.",
    passage=("Der Antrag kommt über ", " ins Rathaus. Danach liegt er in der ", " und nicht im Postfach."),
    fields=(
        Field(name="part.portal"),
        Field(name="part.akte", options=(Choice("0", "eAkte"), Choice("1", "Papierakte"))),
    ),
)
GAPS_WRONG = replace(
    GAPS,
    feedback=Feedback(Verdict.PARTIAL, 0.5, 1),
    locked=True,
    fields=(
        replace(
            GAPS.fields[0],
            value="BundID",
            mark=Mark.WRONG,
            feedback_html="Das ist das Konto.",
            solution="Amt24",
        ),
        replace(GAPS.fields[1], value="0", mark=Mark.RIGHT, feedback_html="Dort findet ihn die Vertretung."),
    ),
)
ORDERED = Question(
    text_html="Bringen Sie den Weg eines Schriftstücks in die richtige Reihenfolge.",
    items=(
        Choice("ausgang", "Ausgang oder Bescheid"),
        Choice("eingang", "Eingang"),
        Choice("register", "Registrieren und Aktenzeichen vergeben"),
        Choice("archiv", "Dem Archiv anbieten"),
    ),
)
ORDERED_PARTLY = replace(
    ORDERED,
    locked=True,
    feedback=Feedback(Verdict.PARTIAL, 1, 4, READ_MORE),
    items=(
        replace(ORDERED.items[1], mark=Mark.RIGHT, feedback_html="Ohne Eingang kein Vorgang."),
        replace(ORDERED.items[0], mark=Mark.WRONG, feedback_html="Erst wird registriert."),
        replace(ORDERED.items[2], mark=Mark.WRONG, feedback_html="Das folgt auf den Eingang."),
        replace(ORDERED.items[3], mark=Mark.WRONG, feedback_html="Das steht am Ende."),
    ),
)
NOTE = Question(text_html="Wo hakt es bei Ihnen?", entry=Field(name="answer", long=True), graded=False)
NOTED = replace(
    NOTE,
    feedback=Feedback(Verdict.NOTED, 0, 0),
    locked=True,
    entry=Field(
        name="answer", long=True, value="Bei der Post.", feedback_html="Nehmen Sie das in die Agenda mit."
    ),
)
PICTURE = Question(
    text_html="Welche Linie ist der richtige Weg?",
    picture_html=(
        '<figure class="lt-figure"><div class="lt-figure__view" tabindex="0" role="group" aria-label="Abbildung">'
        '<img src="/k/abc/media/0/netz.svg" alt="Drei Linien A, B, C"></div></figure>'
    ),
    choices=(Choice("a", "Linie A"), Choice("b", "Linie B")),
)

QUESTION_PAGES: dict[str, Page] = {
    f"kind_{name}": replace(QUESTION, question=question)
    for name, question in {
        "typed": TYPED,
        "typed_missing": replace(TYPED, missing=True),
        "typed_wrong": TYPED_WRONG,
        "matched": MATCHED,
        "matched_partly": MATCHED_PARTLY,
        "gaps": GAPS,
        "gaps_wrong": GAPS_WRONG,
        "ordered": ORDERED,
        "ordered_partly": ORDERED_PARTLY,
        "note": NOTE,
        "noted": NOTED,
        "picture": PICTURE,
    }.items()
}
