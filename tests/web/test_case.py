"""Branching cases without script: every way ends, nothing strange gets in, and nobody is left without a way on."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from builders import NOW, fingerprint, launch, platform, publish
from case_samples import CASE, CASE_ID, course
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lms_tool.lti.claims import Role
from lms_tool.models import Launch, Membership, Progress, Work
from lms_tool.runtime import Runtime
from lms_tool.services import launches
from lms_tool.services.platforms import Registered
from lms_tool.web import security

from .conftest import new_browser


@dataclass
class Reader:
    """One person's browser at one case. ``page`` is what it shows now, ``at`` its address."""

    client: FlaskClient
    launch_id: str
    page: str = ""
    at: str = ""
    status: int = 0
    activity: str = CASE_ID

    @property
    def url(self) -> str:
        return f"/k/{self.launch_id}/a/{self.activity}"

    def get(self, address: str = "") -> TestResponse:
        self.at = address or self.url
        return self._seen(self.client.get(self.at))

    def post(self, data: dict[str, str], path: str = "case") -> TestResponse:
        answer = self.client.post(f"{self.url}/{path}", data=data)
        if answer.status_code == 303:
            return self.get(answer.location.partition("#")[0])
        return self._seen(answer)

    def choose(self, number: int) -> TestResponse:
        return self.post({**self.hidden, "choice": str(number)})

    @property
    def hidden(self) -> dict[str, str]:
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.page))

    @property
    def scene(self) -> str:
        found = re.search(r'id="lage"[^>]*>([^<]*)<', self.page)
        return html.unescape(found[1]) if found else ""

    @property
    def way(self) -> list[str]:
        path = re.search(r'<ol class="lt-case__path">.*?</ol>', self.page, re.DOTALL)
        return (
            [html.unescape(title) for title in re.findall(r">([^<>]+)</(?:a|span)>", path[0])] if path else []
        )

    @property
    def links(self) -> list[str]:
        path = re.search(r'<ol class="lt-case__path">.*?</ol>', self.page, re.DOTALL)
        return [html.unescape(link) for link in re.findall(r'href="([^"]+)"', path[0])] if path else []

    def _seen(self, answer: TestResponse) -> TestResponse:
        self.page, self.status = answer.get_data(as_text=True), answer.status_code
        return answer


@dataclass
class Room:
    app: Flask
    tool: Runtime
    at: Registered

    def enter(self, sub: str = "anna", **changes: object) -> Reader:
        proof = f"beweis-von-{sub}-0123456789"
        said = launch(self.at, sub=sub, **changes)
        said = replace(said, custom=said.custom | {"course_id": "ernstfall"})
        with self.tool.database.write() as db:
            accepted = launches.accept(db, self.at.id, said, fingerprint(), proof, self.tool.shelf, NOW)
        browser = new_browser(self.app)
        browser.set_cookie(security.SESSION_COOKIE, proof)
        return Reader(browser, accepted.launch_id)

    def turn(self, reader: Reader, **values: object) -> None:
        with self.tool.database.write() as db:
            db.execute(update(Launch).where(Launch.id == reader.launch_id).values(**values))

    def kept(self) -> list[dict[str, object]]:
        with self.tool.database.read() as db:
            return list(db.scalars(select(Work.content)))

    def done(self) -> list[str]:
        with self.tool.database.read() as db:
            done = Progress.completed_at.is_not(None)
            return list(db.scalars(select(Progress.item_id).where(Progress.kind == "activity", done)))


@pytest.fixture
def room(app: Flask, tool: Runtime, tmp_path: Path) -> Room:
    with tool.database.write() as db:
        publish(db, course(tmp_path / "paket"))
        return Room(app, tool, platform(db))


@pytest.fixture
def anna(room: Room) -> Reader:
    reader = room.enter()
    reader.get()
    return reader


def to_the_end(reader: Reader) -> None:
    for number in (0, 0, 1, 1):
        reader.choose(number)


def test_a_case_is_played_to_its_end(room: Room, anna: Reader) -> None:
    assert (anna.status, anna.scene) == (200, "Ein Anruf am Freitag")
    assert "Folge Ihrer Entscheidung" not in anna.page
    assert room.kept() == []
    anna.choose(0)
    assert anna.scene == "Die Rufbereitschaft"
    assert "Nach zehn Minuten meldet sich die Rufbereitschaft." in anna.page
    assert anna.way == ["Ein Anruf am Freitag", "Die Rufbereitschaft"]
    anna.choose(0)
    assert "Folge Ihrer Entscheidung" not in anna.page
    anna.choose(1)
    assert room.done() == []
    anna.choose(1)
    assert anna.scene == "Drei Zeilen"
    assert "Was hätte wann geholfen?" in anna.page
    assert "1 von 2 Enden erlebt" in anna.page
    assert "Ein Ende kennen Sie noch nicht." in anna.page
    assert "Das CERT." in anna.page  # among the decisions taken
    assert "Sie haben dieses Fallbeispiel durchgespielt." in anna.page
    assert room.done() == [CASE_ID]
    assert room.kept() == [
        {
            "path": [[0, "dienstleister"], [0, "melden"], [1, "presse"], [1, "ende-offen"]],
            "ends": ["ende-offen"],
        }
    ]


def test_it_goes_on_where_it_was_left(room: Room, anna: Reader) -> None:
    anna.choose(1)
    later = room.enter()
    later.get()
    assert later.scene == "Die Mittagspause"
    assert "Ihr Weg im Fall" in later.page


def test_after_the_end_of_a_session_the_way_leads_back_to_the_case(anna: Reader) -> None:
    def back(activity: str) -> str:
        return anna.client.get(f"/k/{anna.launch_id}/?back=a/{activity}").location

    anna.choose(1)
    assert back(CASE_ID) == anna.url
    assert back("vorfall-spickzettel") == f"/k/{anna.launch_id}/"  # nothing is left to do there
    for number in (0, 1, 1):
        anna.choose(number)
    assert back(CASE_ID) == f"/k/{anna.launch_id}/"


def test_going_back_changes_nothing_until_a_new_choice_cuts_the_way(room: Room, anna: Reader) -> None:
    anna.choose(0)
    anna.choose(0)
    anna.choose(1)
    before = room.kept()
    anna.get(anna.links[1])
    assert anna.scene == "Die Rufbereitschaft"
    assert "Sie schauen auf eine frühere Stelle zurück." in anna.page
    assert "Ihre bisherige Wahl" in anna.page
    assert anna.way[-1] == "Die Zeitung ruft an"
    assert room.kept() == before
    anna.choose(1)
    assert anna.scene == "Die Mittagspause"
    assert anna.way == ["Ein Anruf am Freitag", "Die Rufbereitschaft", "Die Mittagspause"]


def test_it_can_be_played_again_and_the_ends_are_remembered(room: Room, anna: Reader) -> None:
    to_the_end(anna)
    anna.post({**anna.hidden, "action": "again"})
    assert (anna.scene, anna.way) == ("Ein Anruf am Freitag", [])
    for number in (1, 0, 0, 0):
        anna.choose(number)
    assert "Wie es weitergeht" in anna.page
    anna.choose(0)
    assert "2 von 2 Enden erlebt" in anna.page
    assert "kennen Sie noch nicht" not in anna.page
    assert room.done() == [CASE_ID]


def test_the_same_click_twice_is_one(room: Room, anna: Reader) -> None:
    sent = {**anna.hidden, "choice": "0"}
    anna.post(sent)
    anna.post(sent)
    assert anna.scene == "Die Rufbereitschaft"
    assert room.kept() == [{"path": [[0, "dienstleister"]], "ends": []}]


def test_in_a_circle_one_can_walk_for_ever(room: Room, anna: Reader) -> None:
    for _ in range(120):
        assert anna.choose(2).status_code == 200
    (kept,) = room.kept()
    assert len(kept["path"]) <= 100  # type: ignore[arg-type]
    to_the_end(anna)
    assert room.done() == [CASE_ID]


@pytest.mark.parametrize(
    "sent",
    [
        {"choice": "99"},
        {"choice": "-1"},
        {"choice": "x"},
        {"choice": "٣"},
        {},
        {"choice": "0", "way": "0:nirgends"},
        {"choice": "0", "way": "1:dienstleister"},
        {"choice": "0", "way": "9:dienstleister"},
        {"choice": "0", "way": "0:dienstleister 0:presse"},
        {"choice": "0", "way": "0:dienstleister  0:melden"},
        {"choice": "0", "way": "0:../../x"},
        {"choice": "0", "way": "0:" + "a" * 9000},
        {"choice": "0", "way": " ".join(["2:anfang"] * 101)},
        {"choice": "0", "way": "0:dienstleister 0:melden 1:presse 1:ende-offen"},
        {"choice": "0", "way": "\N{FULLWIDTH DIGIT ZERO}:dienstleister"},
    ],
)
def test_hostile_choices_are_refused_with_a_code(room: Room, anna: Reader, sent: dict[str, str]) -> None:
    answer = anna.post(sent)
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (400, "case_step_invalid")
    assert room.kept() == []


def test_strange_addresses_break_nothing(room: Room, anna: Reader) -> None:
    anna.choose(0)
    for step in ("0", "1", "2", "999", "-1", "x", "²", "1" * 400):
        assert anna.get(f"{anna.url}?step={step}&way=0:nirgends&ends=x").status_code == 200
    assert anna.client.get(f"{anna.url}/case").status_code in (404, 405)
    assert anna.client.post(f"/k/{anna.launch_id}/a/gibt-es-nicht/case").status_code == 404
    assert anna.client.post(f"/k/{anna.launch_id}/a/vorfall-angebot/case").status_code == 404


def test_a_stored_way_is_cut_where_a_new_revision_does_not_fit(
    room: Room, anna: Reader, tmp_path: Path
) -> None:
    to_the_end(anna)
    text = CASE.replace("- [Sie warten.](#abwarten)", "- [Neu.](#abwarten)\n- [Sie warten.](#abwarten)")
    text = text.replace(
        "- [Das CERT.](#presse)", "- [Niemand sonst.](#presse)\n- [Das CERT.](#presse)"
    ).replace("- [Niemand.](#presse)\n", "")
    text = text.replace(
        "- [Sie ziehen ihn.](#melden)", "- [Sie lesen nach.](#abwarten)\n- [Sie ziehen ihn.](#melden)"
    )
    with room.tool.database.write() as db:
        publish(db, course(tmp_path / "neu", case=text))
    later = room.enter()
    later.get()
    assert (later.status, later.scene) == (200, "Die Rufbereitschaft")
    later.choose(1)
    assert later.scene == "Wer muss es wissen?"
    assert room.done() == [CASE_ID]
    (kept,) = room.kept()
    assert kept["ends"] == ["ende-offen"]


def test_what_was_saved_as_another_kind_is_no_error(room: Room, anna: Reader) -> None:
    anna.choose(0)
    with room.tool.database.write() as db:
        db.execute(update(Work).values(content={"as_is": [], "to_be": [], "compared": False}))
    assert anna.get().status_code == 200
    assert anna.scene == "Ein Anruf am Freitag"
    to_the_end(anna)
    assert room.done() == [CASE_ID]


def test_without_a_person_it_is_played_and_nothing_is_kept(room: Room, anna: Reader) -> None:
    room.turn(anna, membership_id=None)
    anna.get()
    to_the_end(anna)
    assert anna.scene == "Drei Zeilen"
    assert "1 von 2 Enden erlebt" in anna.page
    assert room.kept() == []
    anna.get()  # from the address alone there is no way back to the end
    assert anna.scene == "Ein Anruf am Freitag"


def test_without_a_person_the_ends_travel_along(room: Room, anna: Reader) -> None:
    room.turn(anna, membership_id=None)
    anna.get()
    to_the_end(anna)
    assert anna.get(anna.at).status_code == 200  # a reload
    assert anna.scene == "Drei Zeilen"
    anna.get(anna.links[1])
    assert anna.scene == "Die Rufbereitschaft"
    assert "Ihre bisherige Wahl" in anna.page
    anna.choose(1)
    for number in (0, 0, 0, 0):
        anna.choose(number)
    assert "2 von 2 Enden erlebt" in anna.page
    anna.post({**anna.hidden, "action": "again"})
    assert anna.scene == "Ein Anruf am Freitag"
    assert room.kept() == []
    assert anna.get(f"{anna.url}?way=0:nirgends+x").status_code == 400
    assert anna.get(f"{anna.url}?ends={'a' * 5000}&way=0:nirgends").status_code == 200


def test_a_review_shows_the_way_and_changes_nothing(room: Room, anna: Reader) -> None:
    anna.choose(0)
    anna.choose(0)
    with room.tool.database.read() as db:
        member = db.scalar(select(Membership.id))
    teacher = room.enter(sub="lehrer", role=Role.INSTRUCTOR)
    room.turn(teacher, reviewing=True, review_membership_id=member)
    teacher.get()
    assert teacher.scene == "Wer muss es wissen?"
    assert teacher.way[0] == "Ein Anruf am Freitag"
    assert 'name="choice"' not in teacher.page
    teacher.get(teacher.links[0])
    assert "Gewählt" in teacher.page
    before = room.kept()
    answer = teacher.post({"way": "", "choice": "0"})
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (404, "not_found")
    assert room.kept() == before


def test_staff_plays_with_a_way_of_their_own(room: Room, anna: Reader) -> None:
    anna.choose(0)
    teacher = room.enter(sub="lehrer", role=Role.INSTRUCTOR)
    teacher.get()
    assert teacher.scene == "Ein Anruf am Freitag"
    teacher.choose(1)
    assert teacher.scene == "Die Mittagspause"
    assert len(room.kept()) == 2


def test_a_locked_case_shows_what_is_missing(room: Room, tmp_path: Path) -> None:
    text = CASE.replace("review: {state: draft}", "review: {state: draft}\nrequires: [vorfall-angebot]")
    with room.tool.database.write() as db:
        publish(db, course(tmp_path / "neu", case=text))
    anna = room.enter()
    anna.get()
    assert "Noch nicht offen" in anna.page
    assert "Bauamt" not in anna.page
    answer = anna.post({"way": "", "choice": "0"})
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (403, "activity_locked")
    room.turn(anna, membership_id=None)
    assert anna.post({"way": "", "choice": "0"}).status_code == 403
