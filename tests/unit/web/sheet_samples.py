"""Worksheets in every state, for who fills them in and for who reviews them; and the agenda they make."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from lms_tool.content.worksheet import CHAPTERS, Column, Field, Option, Section, Worksheet
from lms_tool.learning.worksheets import normalise, problems
from lms_tool.web.pages import (
    AgendaBlock,
    AgendaChapter,
    AgendaPage,
    Evidence,
    Frame,
    Link,
    SheetEvent,
    SheetState,
    State,
    SubmissionPage,
    SubmissionRow,
    SubmissionsPage,
    WorksheetPage,
)
from lms_tool.web.render import Page
from lms_tool.web.worksheet_forms import listed, to_fill_in, to_read

FORM = Worksheet(
    "Nehmen Sie auf, wo Ihre Kommune steht. Planen Sie eine Stunde ein.",
    (
        Section(
            "lage",
            "Unsere Lage",
            (
                Field(
                    "dienste",
                    "scale",
                    "Wie viele Ihrer Leistungen gibt es online?",
                    help_html="Eine grobe Schätzung genügt.",
                    example_html="2",
                    required=True,
                    low="gar keine",
                    high="fast alle",
                    agenda="bestand",
                ),
                Field(
                    "ablaeufe",
                    "long",
                    "Welche Abläufe kosten Sie heute am meisten Zeit?",
                    help_html="Zwei oder drei Stichworte reichen.",
                    example_html="Mulderode: Posteingang verteilen, Rückfragen zur Hundesteuer.",
                    required=True,
                    agenda="massnahmen",
                ),
                Field(
                    "kern",
                    "number",
                    "Wie viele Beschäftigte arbeiten in der Kernverwaltung?",
                    unit="Personen",
                ),
            ),
            "Mit diesen Angaben finden andere Kommunen Sie als Vergleich.",
        ),
        Section(
            "wer",
            "Wer macht was?",
            (
                Field(
                    "netz",
                    "choice",
                    "Sind alle Standorte angeschlossen?",
                    options=(
                        Option("ja", "Ja"),
                        Option("nein", "Nein"),
                        Option("offen", "Weiß ich noch nicht"),
                    ),
                ),
                Field(
                    "wege",
                    "several",
                    "Auf welchen Wegen kommen Anträge?",
                    required=True,
                    example_html="Post und Portal",
                    options=(Option("post", "Post"), Option("portal", "Portal"), Option("mail", "E-Mail")),
                ),
                Field("frist", "date", "Bis wann?", agenda="naechste-schritte"),
                Field("motto", "text", "Ein Satz dazu"),
                Field(
                    "zustaendig",
                    "table",
                    "Wer ist bei Ihnen wofür zuständig?",
                    help_html="Ämter und Stellen, keine Namen.",
                    example_html="Website · Hauptamt · läuft",
                    required=True,
                    min_rows=2,
                    max_rows=6,
                    agenda="ressourcen",
                    columns=(
                        Column("was", "text", "Aufgabe"),
                        Column("wer", "text", "Amt oder Stelle"),
                        Column("bis", "date", "Bis"),
                        Column("tage", "number", "Aufwand", unit="Tage"),
                        Column(
                            "stand", "choice", "Stand", (Option("offen", "offen"), Option("laeuft", "läuft"))
                        ),
                    ),
                ),
            ),
        ),
    ),
    ("Stehen Zahlen mit Herkunft dabei?", "Ist jede Aufgabe einer Stelle zugeordnet?"),
)
ENTERED = normalise(
    FORM,
    {
        "dienste": "2",
        "ablaeufe": "Posteingang verteilen, Mahnungen in der Stadtkasse,\nRückfragen zur Hundesteuer",
        "kern": "ca. dreißig",
        "wege": ["post", "mail"],
        "frist": "2027-03-31",
        "zustaendig": [
            {"was": "Informationssicherheit"},
            {"was": "Website", "wer": "Hauptamt", "stand": "laeuft"},
        ],
    },
)
REMARKS = {
    "ablaeufe": "Sehr gut beobachtet. Wie oft kommt das im Monat vor? Eine Schätzung genügt.",
    "zustaendig": "Die erste Zeile ist noch leer. Fragen Sie im Hauptamt, ob eine Stelle benannt ist.",
}
HANDED = SheetEvent("handed_in", 1, datetime(2026, 2, 12, 9, 0, tzinfo=UTC))
BACK = SheetEvent("returned", 1, datetime(2026, 2, 19, 9, 0, tzinfo=UTC), "Jörg Beyer", 2)
WELL = SheetEvent("accepted", 2, datetime(2026, 2, 24, 9, 0, tzinfo=UTC), "", 0)


def same(html: str) -> str:
    return html


def frame(*crumbs: Link, **more: str) -> Frame:
    return Frame(
        crumbs=(Link("Basis-Befähigung", "/k/_/"), *crumbs),
        glossary_url="/k/_/glossary",
        person="Silke Bauch",
        **more,  # type: ignore[arg-type]
    )


OPEN = WorksheetPage(
    frame=frame(Link("Auftakt", "/k/_/m/auftakt"), Link("Standortbogen"), own_row_url="/k/_/members/me"),
    title="Standortbogen",
    intro_html=FORM.intro_html,
    sections=to_fill_in(FORM, {}, (), {}, same),
    state=SheetState.DRAFT,
    action_url="/k/_/a/standort",
    checks=FORM.checks,
    minutes=60,
    agenda_url="/k/_/agenda",
    evidence=Evidence(("Leitfaden zur Agenda",), as_of=date(2026, 2, 1)),
    previous=Link("Was ist eine Agenda?", "/k/_/a/agenda"),
    next=Link("Abschlusstest", "/k/_/a/test"),
    up=Link("Auftakt", "/k/_/m/auftakt"),
    all_or_nothing=True,
)
FAULTS = problems(FORM, {key: value for key, value in ENTERED.items() if key != "wege"})
RETURNED = replace(
    OPEN,
    sections=to_fill_in(FORM, ENTERED, (), REMARKS, same),
    state=SheetState.RETURNED,
    version=3,
    saved=True,
    trail=(HANDED, BACK),
    comment="Ein guter Anfang.",
    reviewer="Jörg Beyer",
    lost_remarks=("Nach der Einwohnerzahl wird nicht mehr gefragt.",),
    done=True,
)
REFUSED = replace(
    RETURNED,
    sections=to_fill_in(FORM, ENTERED, FAULTS, REMARKS, same),
    problems=listed(FAULTS),
    completion="accepted",
)
WITH_COACH = replace(
    OPEN,
    sections=to_read(FORM, ENTERED, {}, same),
    state=SheetState.HANDED_IN,
    action_url="",
    trail=(HANDED,),
)
ACCEPTED = replace(
    WITH_COACH,
    sections=to_read(FORM, ENTERED, {"kern": "Sehr genau."}, same),
    state=SheetState.ACCEPTED,
    trail=(HANDED, BACK, replace(HANDED, number=2), WELL),
    comment="Danke, das genügt.",
    done=True,
)
LOCKED = replace(
    OPEN, intro_html="", sections=(), action_url="", missing=(Link("Was ist eine Agenda?", "/k/_/a/x"),)
)
REVIEW = SubmissionPage(
    frame=frame(Link("Eingereichte Arbeitsblätter", "/k/_/members/worksheets"), Link("Standortbogen")),
    title="Standortbogen",
    name="Silke Bauch",
    pseudonym="K7QXB",
    number=2,
    state=SheetState.HANDED_IN,
    sections=to_read(FORM, ENTERED, {"kern": "Bitte schätzen."}, same, remark_names=True),
    action_url="/k/_/members/4/a/standort/s/2",
    trail=(HANDED, BACK, replace(HANDED, number=2)),
    checks=FORM.checks,
    older=(Link("1", "/k/_/members/4/a/standort/s/1"),),
    list_url="/k/_/members/worksheets",
)
DECIDED = replace(
    REVIEW,
    sections=to_read(FORM, ENTERED, REMARKS, same),
    name="",
    number=1,
    state=SheetState.RETURNED,
    action_url="",
    comment="Ein guter Anfang.",
    reviewer="Jörg Beyer",
    newest=False,
)


def line(name: str, state: SheetState, number: int = 1) -> SubmissionRow:
    return SubmissionRow(
        title="Standortbogen",
        url=f"/k/_/members/4/a/standort/s/{number}",
        name=name,
        pseudonym="K7QXB",
        number=number,
        state=state,
        module="Auftakt",
    )


WAITING = (line("Bauch, Silke", SheetState.HANDED_IN), line("", SheetState.HANDED_IN, 2))
LIST = SubmissionsPage(
    frame=frame(Link("Eingereichte Arbeitsblätter"), members_url="/k/_/members"),
    waiting=WAITING,
    others=(line("Ahnert, Uwe", SheetState.RETURNED), line("Ebert, Katja", SheetState.ACCEPTED, 3)),
    members_url="/k/_/members",
)
SOURCE = Link("Standortbogen", "/k/_/a/standort")
AGENDA = AgendaPage(
    frame=frame(Link("Bausteine für die Digitale Agenda")),
    chapters=(
        AgendaChapter(
            "bestand",
            CHAPTERS["bestand"],
            (
                AgendaBlock(
                    label="Wie viele Ihrer Leistungen gibt es online?",
                    kind="scale",
                    low="gar keine",
                    high="fast alle",
                    said=("2 / 5",),
                    source=SOURCE,
                    state=State.BEGUN,
                ),
                AgendaBlock(label="Wie viele Standorte?", kind="number", source=SOURCE, state=State.LOCKED),
            ),
        ),
        AgendaChapter(
            "ressourcen",
            CHAPTERS["ressourcen"],
            (
                AgendaBlock(
                    label="Wer ist wofür zuständig?",
                    kind="table",
                    columns=("Aufgabe", "Stelle"),
                    said_rows=(("Website", "Hauptamt"), ("Kasse", "")),
                    source=SOURCE,
                    state=State.RETURNED,
                ),
                AgendaBlock(
                    label="Auf welchen Wegen?",
                    kind="several",
                    said=("Post", "E-Mail"),
                    source=SOURCE,
                    state=State.DONE,
                ),
            ),
        ),
    ),
)
EMPTY_BLOCK = AgendaBlock(label="Wie viele Standorte?", kind="number", source=SOURCE, state=State.OPEN)
SHEET_PAGES: dict[str, Page] = {
    "sheet": OPEN,
    "sheet_returned": RETURNED,
    "sheet_refused": REFUSED,
    "sheet_conflict": replace(RETURNED, conflict=True, saved=False, reviewer=""),
    "sheet_with_coach": WITH_COACH,
    "sheet_accepted": ACCEPTED,
    "sheet_locked": LOCKED,
    "sheet_anonymous": replace(WITH_COACH, state=SheetState.DRAFT, anonymous=True, trail=()),
    "sheet_absent": replace(WITH_COACH, state=SheetState.DRAFT, absent=True, trail=(), sections=()),
    "submission": REVIEW,
    "submission_refused": replace(REVIEW, problem=CHAPTERS["ziele"]),
    "submission_decided": DECIDED,
    "submission_accepted": replace(
        DECIDED, state=SheetState.ACCEPTED, newest=True, name="Silke Bauch", reviewer=""
    ),
    "submissions": LIST,
    "submissions_none": replace(LIST, waiting=(), others=(), may_decide=False),
    "agenda": AGENDA,
    "agenda_empty": replace(
        AGENDA, chapters=(AgendaChapter("bestand", CHAPTERS["bestand"], (EMPTY_BLOCK,)),), begin=SOURCE
    ),
    "agenda_later": replace(
        AGENDA, chapters=(AgendaChapter("bestand", CHAPTERS["bestand"], (EMPTY_BLOCK,)),)
    ),
    "agenda_review": replace(AGENDA, own=False),
    "agenda_none": replace(AGENDA, chapters=()),
}
