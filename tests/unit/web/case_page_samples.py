"""Branching cases, offers and cheat sheets in each state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from lms_tool.web.pages import (
    CaseChoice,
    CasePage,
    Evidence,
    Frame,
    LessonPage,
    Link,
    OfferPage,
    State,
    Transfer,
    TransferState,
    WayPoint,
)
from lms_tool.web.render import Page

MODULE = Link("eAkte", "/k/abc/m/eakte")
EVIDENCE = Evidence(sources=("Sächsisches E-Government-Gesetz, § 16",), as_of=date(2026, 11, 21))
URL = "/k/abc/a/fall"


def frame(title: str) -> Frame:
    return Frame(
        crumbs=(Link("Basis-Befähigung", "/k/abc/"), MODULE, Link(title)),
        glossary_url="/k/abc/glossary",
        person="Petra Sommer",
        own_row_url="/k/abc/members/me",
    )


BEGIN = CasePage(
    frame=frame("Die verschwundene Baulast"),
    title="Die verschwundene Baulast",
    minutes=20,
    way=(WayPoint("Der Anruf", URL, current=True),),
    scene_title="Der Anruf",
    scene_html="<p>Um elf Uhr ruft ein Notar an. Er fragt nach einer Baulast von 1994.</p>"
    "<p>Die Kollegin ist in Rente. Ihr Postfach gibt es noch, die "
    '<a class="lt-term" href="/k/abc/glossary#akte">Akte</a> auch.</p>',
    choices=(
        CaseChoice("Sie lassen das Postfach der Kollegin durchsuchen."),
        CaseChoice("Sie suchen <em>zuerst</em> in der Papierakte, auch wenn das bis morgen dauert."),
        CaseChoice("Sie bitten den Notar um Geduld."),
    ),
    action_url=f"{URL}/case",
    evidence=EVIDENCE,
    previous=Link("Die eAkte einführen", "/k/abc/a/einfuehren"),
    next=Link("Unsere Akten zählen", "/k/abc/a/zaehlen"),
    up=MODULE,
)
DECIDING = replace(
    BEGIN,
    state=State.BEGUN,
    way=(
        WayPoint("Der Anruf", f"{URL}?step=0", chosen_html="Sie lassen das Postfach durchsuchen."),
        WayPoint("Im Postfach suchen", f"{URL}?step=1", chosen_html="Sie fragen den Personalrat."),
        WayPoint("Das Gespräch mit dem Personalrat", URL, current=True),
    ),
    sent_way="0:postfach 1:personalrat",
    consequence_html="Sie haben das Postfach der Kollegin durchsuchen lassen. Die Zusage ist gefunden, aber jetzt "
    "steht der Personalrat in Ihrer Tür.",
    scene_title="Das Gespräch mit dem Personalrat",
    scene_html="<p>„In einem Dokumentensystem steht doch, wer wann was geöffnet hat“, sagt die Vorsitzende.</p>"
    '<aside class="lt-note lt-note--pruefen" aria-label="Bitte vor Ort prüfen"><span class="lt-note__ico"><svg '
    'class="lt-ico" aria-hidden="true" focusable="false"><use href="#i-pruefen"/></svg></span>'
    '<p class="lt-note__title">Bitte vor Ort prüfen</p><div class="lt-note__body"><p>Gibt es bei Ihnen eine '
    "Dienstvereinbarung?</p></div></aside>",
)
GOES_ON = replace(DECIDING, choices=(CaseChoice("Am nächsten Morgen reden Sie mit dem Amt."),))
LOOKING_BACK = replace(
    BEGIN,
    state=State.DONE,
    way=(
        replace(DECIDING.way[0], current=True),
        *DECIDING.way[1:2],
        WayPoint("Die Auskunft kommt", URL),
    ),
    choices=(replace(BEGIN.choices[0], taken=True), *BEGIN.choices[1:]),
    forward=Link("Die Auskunft kommt", URL),
)
ENDED = replace(
    DECIDING,
    state=State.DONE,
    way=(*DECIDING.way[:2], WayPoint("Die Auskunft kommt", URL, current=True)),
    scene_title="Die Auskunft kommt",
    scene_html="<p>Der Notar bedankt sich. Der Personalrat hat zum Montag eingeladen.</p>",
    choices=(),
    debrief_title="Was hätte wann geholfen?",
    debrief_html="<p><strong>Am Anfang</strong> spart ein Blick in die Akte Zeit.</p>"
    "<ul><li>Wer war zuständig?</li><li>Wo liegt die Zusage?</li></ul>"
    "<p>Nehmen Sie eine Frage mit in Ihr Rathaus: Wer darf bei uns in welches Postfach?</p>",
    ends=("Die Auskunft kommt",),
    of_ends=3,
    transfer=Transfer(TransferState.SENT, at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
)
ALL_ENDS = replace(
    ENDED, ends=("Die Auskunft kommt", "Der Notar klagt"), of_ends=2, sent_ends="a b", state=None
)
REVIEWED = replace(LOOKING_BACK, action_url="")
CASE_LOCKED = replace(
    BEGIN, missing=(Link("Die eAkte einführen", "/k/abc/a/x"),), state=State.LOCKED, next=None
)

OFFERED = OfferPage(
    frame=frame("Weiterlernen auf dem eGov-Campus"),
    title="Weiterlernen auf dem eGov-Campus",
    provider="eGov-Campus",
    url="https://egov-campus.example/kurse?id=7&lang=de",
    host="egov-campus.example",
    text_html="Eine Lernplattform von IT-Planungsrat und Föderaler IT-Kooperation. Die Module sind <em>kostenlos</em>.",
    minutes=90,
    confirm_url="/k/abc/a/angebot/confirm",
    evidence=EVIDENCE,
    up=MODULE,
    all_or_nothing=True,
)
CONFIRMED = replace(OFFERED, state=State.DONE, confirm_url="")
VOLUNTARY = replace(OFFERED, state=None, confirm_url="", minutes=0)
OFFER_LOCKED = replace(OFFERED, url="", missing=(Link("Zuerst dies"),), state=State.LOCKED, confirm_url="")

SHEET = LessonPage(
    frame=frame("Spickzettel: eAkte"),
    title="Spickzettel: eAkte",
    body_html='<h2 id="abschnitt-akte">Was gehört hinein?</h2><ul><li>Alles, was entscheidet.</li>'
    "<li>Nicht: der Newsletter.</li></ul>",
    done_url="",
    state=None,
    to_print=True,
    minutes=5,
    evidence=EVIDENCE,
    previous=Link("Abschlusstest", "/k/abc/a/test"),
    up=MODULE,
)

CASE_PAGES: dict[str, Page] = {
    "case": BEGIN,
    "case-deciding": DECIDING,
    "case-goes-on": GOES_ON,
    "case-looking-back": LOOKING_BACK,
    "case-ended": ENDED,
    "case-all-ends": ALL_ENDS,
    "case-reviewed": REVIEWED,
    "case-locked": CASE_LOCKED,
    "offer": OFFERED,
    "offer-confirmed": CONFIRMED,
    "offer-voluntary": VOLUNTARY,
    "offer-locked": OFFER_LOCKED,
    "cheatsheet": SHEET,
}
