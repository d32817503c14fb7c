"""One page of each kind and state, with the texts of an invented town."""

from __future__ import annotations

from datetime import UTC, date, datetime

from admin_samples import ADMIN_PAGES
from case_page_samples import CASE_PAGES
from kind_samples import QUESTION_PAGES
from member_samples import MEMBER_PAGES
from picker_samples import PICKER_PAGES
from quiz_samples import CHECK, CHECK_MISSING, CHECK_WRONG, QUIZ_PAGES
from register_samples import REGISTER_PAGES
from sheet_samples import SHEET_PAGES
from workshop_page_samples import WORKSHOP_PAGES

from lms_tool.errors import Text
from lms_tool.web.pages import (
    ActivityRow,
    AskStoragePage,
    CoursePage,
    EntrancePage,
    ErrorPage,
    Evidence,
    Frame,
    GlossaryPage,
    GlossaryTerm,
    KeepInStoragePage,
    LegacyWindowPage,
    LessonPage,
    Link,
    ModuleCard,
    ModulePage,
    NewWindowPage,
    NextStep,
    Notice,
    Outline,
    OutlineItem,
    Rule,
    RuleKind,
    State,
    Transfer,
    TransferState,
)
from lms_tool.web.render import Page

MORNING = datetime(2026, 2, 24, 9, 42, tzinfo=UTC)
COURSE = Link("Basis-Befähigung", "/k/abc/")
MODULE = Link("eAkte", "/k/abc/m/eakte")
NEXT = NextStep(title="Was gehört in die Akte?", url="/k/abc/a/akte", module_number=2, module_title="eAkte")
LONG_NAME = "Maximiliane Freifrau von Hohenstein-Wiesenbrück zu Mulderode und Oberlungwitz"


def frame(*crumbs: Link, person: str = "Petra Sommer", notices: tuple[Notice, ...] = ()) -> Frame:
    return Frame(crumbs=crumbs, glossary_url="/k/abc/glossary", person=person, notices=notices)


def card(number: int, title: str, state: State, **more: object) -> ModuleCard:
    steps = (State.DONE if state is State.DONE else State.OPEN,) * 4
    return ModuleCard(number=number, title=title, url=f"/k/abc/m/{number}", state=state, steps=steps, **more)  # type: ignore[arg-type]


COURSE_BEGUN = CoursePage(
    frame=frame(Link("Basis-Befähigung")),
    title="Basis-Befähigung",
    summary="Sechs Module für Digital-Navigatorinnen und Digital-Navigatoren.",
    required=3,
    state=State.BEGUN,
    next=NEXT,
    transfer=Transfer(TransferState.PENDING),
    modules=(
        card(1, "SächsEGovG", State.DONE, transfer=Transfer(TransferState.SENT, at=MORNING)),
        card(2, "eAkte", State.BEGUN),
        card(3, "IT-Architektur", State.OPEN),
        card(4, "Prozesse mit PICTURE", State.LOCKED, missing=(MODULE, Link("IT-Architektur"))),
    ),
)
COURSE_NEW = CoursePage(
    frame=frame(
        Link("Basis-Befähigung"),
        person="",
        notices=(
            Notice(Text("Keine Notenübertragung.", "No grade transfer."), Text("Warum.", "Why."), "warn"),
            Notice(Text("Sie lesen mit.", "You are reading along.")),
        ),
    ),
    title="Basis-Befähigung",
    summary="Sechs Module.",
    required=1,
    state=State.OPEN,
    next=NEXT,
    modules=(card(1, "SächsEGovG", State.OPEN),),
)
COURSE_EMPTY = CoursePage(
    frame=frame(Link("Neuer Kurs")), title="Neuer Kurs", summary="", required=0, state=State.OPEN, modules=()
)
COURSE_DONE = CoursePage(
    frame=frame(Link("Basis-Befähigung"), person=LONG_NAME),
    title="Basis-Befähigung",
    summary="",
    required=1,
    state=State.DONE,
    modules=(card(1, "SächsEGovG", State.DONE),),
)
ACTIVITIES = (
    ActivityRow(
        kind="page", title="Akte, Vorgang, Dokument", url="/k/abc/a/avd", state=State.DONE, minutes=12
    ),
    ActivityRow(
        kind="page", title="Was gehört in die Akte?", url="/k/abc/a/akte", state=State.BEGUN, current=True
    ),
    ActivityRow(kind="page", title="Zum Weiterlesen", url="/k/abc/a/mehr", state=None),
    ActivityRow(
        kind="quiz",
        title="Abschlusstest",
        url="/k/abc/a/test",
        state=State.LOCKED,
        minutes=10,
        missing=(Link("Was gehört in die Akte?", "/k/abc/a/akte"),),
    ),
)
MODULE_BEGUN = ModulePage(
    frame=frame(COURSE, Link("eAkte")),
    title="eAkte",
    summary="Wie aus Papier eine Akte wird, die alle finden.",
    state=State.BEGUN,
    number=2,
    of=4,
    minutes=44,
    objectives=("Akte, Vorgang und Dokument auseinanderhalten", "entscheiden, was in die Akte gehört"),
    outcome="Ein Satz zum Stand der Aktenführung.",
    activities=ACTIVITIES,
    next=NEXT,
    all_or_nothing=True,
    rules=(
        Rule(kind=RuleKind.READ, state=State.BEGUN, done=1, total=2),
        Rule(kind=RuleKind.PASSED, state=State.OPEN, title="Abschlusstest", pass_percent=60, attempts=3),
    ),
)
MODULE_LOCKED = ModulePage(
    frame=frame(Link("eAkte"), person=""),
    title="eAkte",
    summary="",
    state=State.LOCKED,
    minutes=190,
    objectives=(),
    activities=(),
    missing=(Link("IT-Architektur"),),
    rules=(
        Rule(kind=RuleKind.AT_LEAST, state=State.BEGUN, done=1, total=3, of=4),
        Rule(kind=RuleKind.ATTEMPTED, state=State.OPEN, title="Probetest"),
    ),
    transfer=Transfer(TransferState.FAILED, reason=Text("Das LMS ist voll.", "The LMS is full.")),
)
BODY = """<p class="lt-situation">Im Bauamt von Mulderode fragt ein Notar nach einer Baulast.</p>
<p>Es zählt die <a class="lt-term" href="/k/abc/glossary#aktenrelevanz">Aktenrelevanz</a>.</p>
<h2 id="drei-fragen">Drei Fragen</h2>
<ol><li>Braucht eine Vertretung es?</li><li>Stützt es eine Entscheidung?</li></ol>
<aside class="lt-note lt-note--merke" aria-label="Merke"><span class="lt-note__ico"><svg class="lt-ico"
aria-hidden="true" focusable="false"><use href="#i-merke"/></svg></span><p class="lt-note__title">Merke</p>
<div class="lt-note__body"><p>Die Form ist gleichgültig.</p></div></aside>
<h2 id="mails">E-Mails</h2>
<div class="lt-scroll" tabindex="0" role="region" aria-label="Tabelle"><table class="lt-tbl">
<caption>Beispiele</caption>
<thead><tr><th scope="col">Beispiel</th><th scope="col">In die Akte?</th></tr></thead>
<tbody><tr><th scope="row">Zusage</th><td>Ja</td></tr></tbody></table></div>"""
OUTLINE = Outline(
    "eAkte", tuple(OutlineItem(row.title, row.url, row.state, row.current) for row in ACTIVITIES)
)
LESSON = LessonPage(
    frame=frame(COURSE, MODULE, Link("Was gehört in die Akte?")),
    title="Was gehört in die Akte?",
    body_html=BODY,
    rest_html="<p>Und so weiter.</p>",
    done_url="/k/abc/a/akte/done",
    position=2,
    minutes=1,
    outline=OUTLINE,
    sections=(Link("Drei Fragen", "#drei-fragen"), Link("E-Mails", "#mails")),
    check=CHECK,
    check_url="/k/abc/a/akte/check",
    evidence=Evidence(("SächsArchivG § 2", "Baustein E-Akte"), as_of=date(2026, 11, 21)),
    previous=Link("Akte, Vorgang, Dokument", "/k/abc/a/avd"),
    next=Link("Zum Weiterlesen", "/k/abc/a/mehr"),
    up=MODULE,
)
LESSON_WRONG = LessonPage(
    frame=frame(COURSE, MODULE, Link("Akte")),
    title="Akte",
    body_html=BODY,
    done_url="/k/abc/a/akte/done",
    check=CHECK_WRONG,
    check_url="/k/abc/a/akte/check",
    evidence=Evidence(reviewed_by="Jörg Beyer", reviewed_on=date(2025, 1, 2), as_of=date(2025, 1, 1)),
    up=MODULE,
)
LESSON_ALONE = LessonPage(
    frame=frame(Link("Akte"), person=LONG_NAME),
    title="Akte",
    body_html=BODY,
    done_url="/k/abc/a/akte/done",
    check=CHECK_MISSING,
    check_url="/k/abc/a/akte/check",
    all_or_nothing=True,
    evidence=Evidence(
        as_of=date(2025, 1, 1),
        reviewed_by="Jörg Beyer",
        reviewed_on=date(2025, 1, 2),
        review_until=date(2026, 1, 2),
        review_expired=True,
    ),
)
LESSON_READ = LessonPage(
    frame=frame(Link("Akte")),
    title="Akte",
    body_html=BODY,
    done_url="/k/abc/a/akte/done",
    state=State.DONE,
    transfer=Transfer(TransferState.SENT, at=MORNING),
)
LESSON_LOCKED = LessonPage(
    frame=frame(COURSE, MODULE, Link("Akte")),
    title="Akte",
    body_html="",
    done_url="",
    state=State.LOCKED,
    missing=(Link("Akte, Vorgang, Dokument", "/k/abc/a/avd"),),
    previous=Link("Akte, Vorgang, Dokument", "/k/abc/a/avd"),
    up=MODULE,
)
GLOSSARY = GlossaryPage(
    frame=frame(COURSE, Link("Glossar")),
    terms=(
        GlossaryTerm("aktenrelevanz", "Aktenrelevanz", "Muss zur Akte genommen werden."),
        GlossaryTerm("egovg", "SächsEGovG", "Ein Gesetz.", ("Sächsisches E-Government-Gesetz",)),
    ),
)
ERROR = ErrorPage(
    code="deployment_unknown",
    status=403,
    text=Text("Dieser Kursbereich ist noch nicht freigeschaltet.", "This course area is not enabled yet."),
    remedy=Text("Geben Sie diese Meldung weiter.", "Pass this message on."),
    correlation_id="q7-4kd2",
    at=MORNING,
    return_url="https://kurs.example/zurueck?a=1&b=2",
    return_host="kurs.example",
    retry_url="/lti/login?iss=x",
)
NEW_WINDOW = NewWindowPage(
    action_url="/lti/login",
    fields=(("iss", "https://kurs.example"), ("lti_message_hint", '{"cmid": "7"}')),
    title="Akte",
)
KEEP_IN_STORAGE = KeepInStoragePage(
    target="_parent",
    origin="https://kurs.example",
    key="lms-tool-abc",
    state="state-1",
    nonce="nonce-1",
    secret="secret-1",
    next_url="https://kurs.example/auth?a=1&state=state-1",
    silent_url="/lti/login?storage=unavailable",
    window=NEW_WINDOW,
)
ASK_STORAGE = AskStoragePage(
    target="lms_frame",
    origin="https://kurs.example",
    key="lms-tool-abc",
    action_url="/lti/launch/stored",
    fields=(("state", "state-1"), ("id_token", 'a.b.c"<')),
)

PAGES: dict[str, Page] = {
    "course_begun": COURSE_BEGUN,
    "course_new": COURSE_NEW,
    "course_empty": COURSE_EMPTY,
    "course_done": COURSE_DONE,
    "module_begun": MODULE_BEGUN,
    "module_locked": MODULE_LOCKED,
    "lesson": LESSON,
    "lesson_wrong": LESSON_WRONG,
    "lesson_alone": LESSON_ALONE,
    "lesson_read": LESSON_READ,
    "lesson_locked": LESSON_LOCKED,
    "glossary": GLOSSARY,
    "glossary_empty": GlossaryPage(frame=frame(COURSE, Link("Glossar")), terms=()),
    "error": ERROR,
    "new_window": NEW_WINDOW,
    "storage": KEEP_IN_STORAGE,
    "storage_return": ASK_STORAGE,
    "entrance": EntrancePage(session_url="/k/abc/session", token="once", next_url="/k/abc/"),
    "legacy_window": LegacyWindowPage(
        action_url="/lti/1p1/launch?module=eakte", fields=(("oauth_nonce", "n"), ("custom_a", '"x"'))
    ),
    **QUIZ_PAGES,
    **QUESTION_PAGES,
    **MEMBER_PAGES,
    **PICKER_PAGES,
    **ADMIN_PAGES,
    **REGISTER_PAGES,
    **SHEET_PAGES,
    **WORKSHOP_PAGES,
    **CASE_PAGES,
}
# These leave by themselves as soon as their script runs.
STANDING = [name for name in PAGES if name not in ("storage", "storage_return", "entrance")]
