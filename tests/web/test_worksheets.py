"""Worksheets in the browser without script, from the first word to the agenda; and who may see what."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from builders import Classroom, classroom, course, fingerprint, launch, lesson, module
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse
from worksheet_samples import ACTIVITY, worksheet

from lms_tool.content.course import CompletionRule
from lms_tool.lti.claims import PersonClaims, Role
from lms_tool.lti.launch import SUBMISSION_REVIEW_REQUEST
from lms_tool.models import AuditEvent, Membership, Person, Platform, Submission, Work
from lms_tool.runtime import Runtime
from lms_tool.services import launches
from lms_tool.web.security import SESSION_COOKIE

from .conftest import new_browser

WHOLE = {
    "f.standorte": "5",
    "f.vorgehen": "Erst fragen.\r\nDann planen.",
    "f.wege": ["netz", "post"],
    "f.reife": "2",
    "f.liste.0.was": "Archiv",
    "f.liste.0.stand": "offen",
}


class School:
    """A course with a lesson and a worksheet, and people with browsers."""

    def __init__(self, app: Flask, tool: Runtime, rule: CompletionRule = CompletionRule.ACCEPTED) -> None:
        self.app, self.tool = app, tool
        self.room: Classroom = classroom(
            tool.database, course(module("m1", lesson("l1"), worksheet(completion=rule), anonymous=True))
        )

    def enter(self, sub: str | None = "anna", **wanted: Any) -> Desk:
        proof = f"beweis-von-{sub}-0123456789"
        name = wanted.pop("name", sub and sub.title())
        wanted = {"name": name, "link": wanted.pop("link", "link-1")} | wanted
        if wanted.get("message_type"):
            wanted["person"] = PersonClaims(sub, name, None, None, None)
            wanted.pop("name")
        with self.tool.database.write() as db:
            said = launch(self.room.at, **({"sub": sub} | wanted))
            accepted = launches.accept(
                db, self.room.at.id, said, fingerprint(), proof, self.tool.shelf, self.tool.clock()
            )
        browser = new_browser(self.app)
        browser.set_cookie(SESSION_COOKIE, proof)
        return Desk(browser, f"/k/{accepted.launch_id}/")

    def rows(self, table: Any) -> list[Any]:
        with self.tool.database.read() as db:
            return list(db.execute(select(table)).all())

    def membership(self, sub: str) -> int:
        with self.tool.database.read() as db:
            return db.execute(
                select(Membership.id).join(Person, Person.id == Membership.person_id).where(Person.sub == sub)
            ).scalar_one()


class Desk:
    """One person's browser in one launch."""

    def __init__(self, browser: FlaskClient, base: str) -> None:
        self.browser, self.base = browser, base
        self.sheet = f"{base}a/{ACTIVITY}"

    def get(self, path: str) -> TestResponse:
        return self.browser.get(self.base + path)

    def look(self) -> str:
        answer = self.browser.get(self.sheet)
        assert answer.status_code == 200, answer.headers.get("X-LTI-Error")
        return answer.text

    def version(self) -> str:
        return re.findall(r'name="version" value="(\d+)"', self.look())[0]

    def send(self, action: str = "save", version: str | None = None, **fields: Any) -> TestResponse:
        data = {"action": action, "version": self.version() if version is None else version} | fields
        return self.browser.post(self.sheet, data=data)


def words(page: str) -> str:
    main = page[page.index("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def school(app: Flask, tool: Runtime) -> School:
    return School(app, tool)


def test_a_draft_without_script(school: School) -> None:
    anna = school.enter()
    page = words(anna.look())
    assert "Geht in die Digitale Agenda: Bestandsaufnahme" in page
    assert "Darauf achtet Ihre Lotsin oder Ihr Lotse Sind alle Standorte dabei?" in page
    answer = anna.send(**WHOLE)
    assert (answer.status_code, answer.location) == (303, anna.sheet)
    page = anna.look()
    assert "Dann planen.</textarea>" in page
    assert re.search(r'value="netz"[^>]* checked', page)
    assert 'data-state="saved"' in page
    assert "Eingereicht" not in words(page)


def test_rows_are_added_and_removed_by_buttons(school: School) -> None:
    anna = school.enter()
    first = {"f.liste.0.was": "Archiv", "f.liste.0.stand": "offen"}
    answer = anna.send("add.liste", **first)
    assert answer.location == f"{anna.sheet}#feld-liste"
    page = anna.look()
    assert page.count("<tr data-row>") == 3  # and the one that the script copies
    second = first | {"f.liste.1.was": "Bauhof", "f.liste.1.stand": ""}
    anna.send("add.liste", **second)
    page = anna.look()
    assert 'value="add.liste" data-add hidden' in page, "three rows are the most"
    anna.send("add.liste", **second, **{"f.liste.2.was": "Kita", "f.liste.2.stand": ""})
    assert anna.look().count("<tr data-row>") == 4
    anna.send("remove.liste.0", **second, **{"f.liste.2.was": "Kita", "f.liste.2.stand": ""})
    page = anna.look()
    assert page.count("<tr data-row>") == 3
    assert "Archiv" not in page
    assert page.index("Bauhof") < page.index("Kita")


def test_what_is_missing_is_said_above_and_at_the_field(school: School) -> None:
    anna = school.enter()
    answer = anna.send(
        "hand_in", **{"f.standorte": "ca. dreißig", "f.liste.0.was": "", "f.liste.0.stand": ""}
    )
    assert answer.status_code == 422
    page = words(answer.text)
    assert "Noch 2 Stellen, dann können Sie einreichen" in page
    assert 'href="#feld-vorgehen"' in answer.text
    assert 'id="feld-standorte"' in answer.text
    assert page.count("Bitte geben Sie eine Zahl ein, zum Beispiel 30 oder 3,5.") == 2
    assert 'value="ca. dreißig"' in answer.text
    again = words(anna.look())
    assert again.count("Bitte geben Sie eine Zahl ein") == 1, "what can't be read stays said"
    assert "Bitte füllen Sie dieses Feld aus." not in again
    assert school.rows(Submission) == []


def test_back_and_forth(school: School) -> None:
    anna, coach = school.enter(), school.enter("lotse", role=Role.INSTRUCTOR, name="Jörg Beyer")
    assert anna.send("hand_in", **WHOLE).location == anna.sheet
    page = anna.look()
    assert "Liegt bei Ihrer Lotsin oder Ihrem Lotsen." in words(page)
    assert "<textarea" not in page and 'name="action"' not in page
    assert "Sie haben eingereicht (Fassung 1)" in words(page)

    members = coach.get("members").text
    assert "Arbeitsblätter zur Durchsicht (1)" in words(members)
    (url,) = set(re.findall(r'href="([^"]+/s/1)"', members))
    submission = coach.browser.get(url)
    assert "Erst fragen." in submission.text and "Netz" in submission.text
    assert words(submission.text).count("Hinweis schreiben") == 7
    refused = coach.browser.post(url, data={"decision": "returned", "remark.standorte": " "})
    assert (refused.status_code, "was noch zu tun ist" in refused.text) == (422, True)
    sent = {"decision": "returned", "comment": "Fast fertig.", "remark.standorte": "Auch der Bauhof?"}
    assert coach.browser.post(url, data=sent).status_code == 303
    assert coach.browser.post(url, data=sent).status_code == 303, "the same click twice"
    other = coach.browser.post(url, data={"decision": "accepted"})
    assert (other.status_code, other.headers["X-LTI-Error"]) == (409, "worksheet_decided")

    page = anna.look()
    text = words(page)
    assert "Jörg Beyer hat das Arbeitsblatt zurückgegeben." in text
    assert "Fast fertig." in text and "Hinweis von Jörg Beyer Auch der Bauhof?" in text
    assert 'aria-describedby="hinweis-standorte"' in page
    assert "Jetzt liegt es bei Ihnen." in text
    assert "Sie sind dran" in words(anna.get("m/m1").text)
    anna.send("hand_in", **WHOLE | {"f.standorte": "6"})
    waiting = coach.get("members/worksheets").text
    (url,) = set(re.findall(r'href="([^"]+/s/2)"', waiting))
    page = words(coach.browser.get(url).text)
    assert "6 Orte" in page and "Andere Fassungen: 1" in page
    assert coach.browser.post(url, data={"decision": "accepted", "comment": "Danke."}).status_code == 303
    text = words(anna.look())
    assert "Jörg Beyer hat das Arbeitsblatt angenommen. Danke." in text
    assert "Erledigt" in text
    assert "Gerade wartet nichts" in words(coach.get("members/worksheets").text)
    codes = [row.code for row in school.rows(AuditEvent) if row.kind == "people"]
    assert codes.count("worksheet_returned") == codes.count("worksheet_accepted") == 1
    assert codes.count("person_viewed") == 2
    assert anna.send("save", version="9", **WHOLE).headers["X-LTI-Error"] == "worksheet_accepted"


def test_the_script_gets_the_new_version(school: School) -> None:
    anna = school.enter()
    by_script = {"HX-Request": "true"}
    data = {"action": "save", "version": "0", "f.standorte": "5"}
    answer = anna.browser.post(anna.sheet, data=data, headers=by_script)
    assert answer.json == {"version": 1}
    answer = anna.browser.post(anna.sheet, data=data | {"f.standorte": "6"}, headers=by_script)
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (409, "work_changed")


def test_two_windows_and_nothing_is_lost(school: School) -> None:
    anna = school.enter()
    anna.send(**{"f.standorte": "5", "f.vorgehen": "Im ersten Fenster"})
    answer = anna.send("hand_in", version="0", **WHOLE | {"f.vorgehen": "Im zweiten Fenster"})
    assert answer.status_code == 409
    assert "Im zweiten Fenster</textarea>" in answer.text
    assert "In einem anderen Fenster wurde weitergeschrieben." in words(answer.text)
    assert "data-conflict>" in answer.text
    assert "Im ersten Fenster" in anna.look()
    assert anna.send("keep", version="0", **{"f.vorgehen": "Im zweiten Fenster"}).status_code == 303
    assert "Im zweiten Fenster" in anna.look()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"action": "burn"}, 404),
        ({"action": "add.standorte"}, 404),
        ({"action": "add.liste.1"}, 404),
        ({"action": "remove.liste.99"}, 404),
        ({"action": "remove.liste.00009"}, 404),
        ({"action": "remove.liste.²"}, 404),
        ({"version": "-1"}, 404),
        ({"version": "9" * 40}, 404),
        ({"f.vorgehen": "x" * 20_001}, 400),
        ({"f.vorgehen": "a\x00b\ufffe"}, 303),
        ({"f.anschluss": "vielleicht", "f.fremd": "x"}, 303),
        ({"f.wege": ["x"] * 300}, 303),
    ],
)
def test_no_form_of_ours(school: School, fields: dict[str, Any], status: int) -> None:
    anna = school.enter()
    answer = anna.browser.post(anna.sheet, data={"action": "save", "version": "0"} | fields)
    assert answer.status_code == status, answer.headers.get("X-LTI-Error")
    anna.look()


def test_drafts_are_nobodys_business(school: School) -> None:
    anna, coach = school.enter(), school.enter("lotse", role=Role.INSTRUCTOR)
    anna.send(**WHOLE | {"f.vorgehen": "Streng vertraulich"})
    membership = school.membership("anna")
    review = school.enter(
        "lotse",
        role=Role.INSTRUCTOR,
        message_type=SUBMISSION_REVIEW_REQUEST,
        for_user="anna",
    )
    for answer in (
        coach.get("members"),
        coach.get("members/worksheets"),
        coach.get(f"members/{membership}/a/{ACTIVITY}/s/1"),
        coach.get("agenda"),
        review.get(f"a/{ACTIVITY}"),
        review.get("agenda"),
    ):
        assert "Streng vertraulich" not in answer.text
    assert coach.get(f"members/{membership}/a/{ACTIVITY}/s/1").status_code == 404
    assert "Hier ist noch nichts eingereicht." in words(review.look())
    assert review.browser.post(review.sheet, data={"action": "save"} | WHOLE).status_code == 404
    anna.send("hand_in", **WHOLE)
    anna_row = words(anna.get("members/me").text)
    assert "Entwürfe sehen nur Sie." in anna_row and f"Blatt {ACTIVITY}" in anna_row


def test_a_review_launch_shows_what_was_handed_in_and_may_decide(school: School) -> None:
    anna = school.enter()
    anna.send("hand_in", **WHOLE)
    review = school.enter(
        "lotse",
        role=Role.INSTRUCTOR,
        message_type=SUBMISSION_REVIEW_REQUEST,
        for_user="anna",
        activity_id=ACTIVITY,
    )
    page = review.look()
    assert "Annehmen" in page
    (url,) = re.findall(r'action="([^"]+/s/1)"', page)
    answer = review.browser.post(url, data={"decision": "accepted"})
    assert (answer.status_code, answer.location) == (303, url)
    assert "Angenommen" in words(review.browser.get(url).text)
    assert "5 Orte" in words(review.get("agenda").text)


def test_only_who_may(school: School) -> None:
    anna, berta = school.enter(), school.enter("berta")
    anna.send("hand_in", **WHOLE)
    membership = school.membership("anna")
    path = f"members/{membership}/a/{ACTIVITY}/s/1"
    for learner in (anna, berta):
        assert learner.get(path).status_code == 403
        assert learner.get("members/worksheets").status_code == 403
        assert learner.browser.post(learner.base + path, data={"decision": "accepted"}).status_code == 403
    elsewhere = school.enter("fremd", role=Role.INSTRUCTOR, context_id="andere", link="link-7")
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.browser.post(elsewhere.base + path, data={"decision": "accepted"}).status_code == 404
    coach = school.enter("lotse", role=Role.INSTRUCTOR)
    for wrong in (
        f"members/{membership}/a/l1/s/1",
        f"members/{membership}/a/{ACTIVITY}/s/2",
        f"members/9999/a/{ACTIVITY}/s/1",
    ):
        assert coach.get(wrong).status_code == 404
    assert coach.browser.post(coach.base + path, data={"decision": "vielleicht"}).status_code == 404
    assert school.rows(Submission)[0].decision is None


def test_a_mentor_reads_the_own_people_and_decides_nothing(school: School) -> None:
    with school.tool.database.write() as db:
        db.execute(update(Platform).values(mentors=True))
    anna, berta = school.enter(), school.enter("berta")
    for one in (anna, berta):
        one.send("hand_in", **WHOLE)
    mentor = school.enter("mentorin", role=Role.MENTOR, role_scope_mentor=("anna",))
    text = words(mentor.get("members/worksheets").text)
    assert "Anna" in text and "Berta" not in text
    mine, other = (f"members/{school.membership(sub)}/a/{ACTIVITY}/s/1" for sub in ("anna", "berta"))
    page = mentor.get(mine)
    assert "Erst fragen." in page.text and "Annehmen" not in page.text
    assert mentor.get(other).status_code == 404
    assert mentor.browser.post(mentor.base + mine, data={"decision": "accepted"}).status_code == 403


def test_the_agenda_of_what_was_entered(school: School) -> None:
    anna = school.enter()
    page = anna.get("agenda")
    assert page.status_code == 200
    assert "Noch nichts eingetragen Beginnen Sie mit diesem Arbeitsblatt: Blatt netz-praxis" in words(
        page.text
    )
    assert "Meine Bausteine für die Digitale Agenda" in words(anna.get("").text)
    anna.send(**WHOLE)
    text = words(anna.get("agenda").text)
    assert "2 von 3" not in text and "3 von 3 Bausteinen ausgefüllt" in text
    assert (
        text.index("Bestandsaufnahme")
        < text.index("5 Orte")
        < text.index("Maßnahmen")
        < text.index("Dann planen.")
    )
    assert "Archiv offen" in text
    alone = school.enter("carl", module_id="m1", activity_id="l1", link="link-5")
    assert "Hier gibt es keine Bausteine" in words(alone.get("agenda").text)


def test_without_a_person_it_is_read_only(school: School) -> None:
    nobody = school.enter(None, module_id="m1", link="link-3")
    page = nobody.look()
    assert "Zum Ausfüllen melden Sie sich bitte im LMS" in words(page)
    assert "Vorgehen" in words(page) and "<textarea" not in page
    assert nobody.browser.post(nobody.sheet, data={"action": "save"} | WHOLE).status_code == 404
    assert nobody.get("agenda").status_code == 200
    assert school.rows(Work) == []


def test_a_new_launch_goes_on_in_the_worksheet(school: School) -> None:
    """The page of an ended session promises it, and what could not be saved waits there."""
    anna, coach = school.enter(), school.enter("lotse", role=Role.INSTRUCTOR)
    back = f"?back=a/{ACTIVITY}"
    assert anna.get(back).location == anna.sheet
    anna.send("hand_in", **WHOLE)
    assert anna.get(back).location == anna.base, "nothing to do there now"
    path = f"members/{school.membership('anna')}/a/{ACTIVITY}/s/1"
    coach.browser.post(coach.base + path, data={"decision": "returned", "comment": "Fast."})
    assert anna.get(back).location == anna.sheet


def test_staff_may_try_it(school: School) -> None:
    staff = school.enter("lotse", role=Role.INSTRUCTOR)
    assert staff.send("hand_in", **WHOLE).status_code == 303
    assert "Prüfen: Blatt netz-praxis Lotse" in words(staff.get("members").text)


def test_hostile_words_stay_words(school: School) -> None:
    evil = "<script>alert(1)</script>{{7*7}}\"'"
    anna, coach = school.enter(), school.enter("lotse", role=Role.INSTRUCTOR, name=evil)
    anna.send("hand_in", **WHOLE | {"f.vorgehen": evil, "f.liste.0.was": evil})
    path = f"members/{school.membership('anna')}/a/{ACTIVITY}/s/1"
    coach.browser.post(
        coach.base + path, data={"decision": "returned", "remark.standorte": evil, "comment": evil}
    )
    for page in (anna.look(), anna.get("agenda").text, coach.get(path).text, coach.get("members").text):
        assert "<script>alert" not in page and "49" not in words(page)


def test_english(school: School) -> None:
    anna = school.enter(locale="en")
    assert "Your draft is saved while you write." in words(anna.look())
