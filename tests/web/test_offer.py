"""External offers: a card that leads out, and one's own word that it is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import platform, publish
from case_samples import OFFER, OFFER_ID, SHEET_ID, course
from flask import Flask
from sqlalchemy import select

from lms_tool.models import Launch, Progress
from lms_tool.runtime import Runtime

from .test_case import Reader, Room


@pytest.fixture
def room(app: Flask, tool: Runtime, tmp_path: Path) -> Room:
    with tool.database.write() as db:
        publish(db, course(tmp_path / "paket"))
        return Room(app, tool, platform(db))


@pytest.fixture
def anna(room: Room) -> Reader:
    reader = room.enter()
    reader.activity = OFFER_ID
    reader.get()
    return reader


def test_the_card_leads_out_and_says_so(anna: Reader) -> None:
    assert anna.status == 200
    link = 'href="https://egov-campus.example/kurse?id=7" target="_blank" rel="noopener noreferrer"'
    assert link in anna.page
    assert "öffnet in neuem Fenster" in anna.page
    assert "Ein Kurs für <em>alle</em>, kostenlos." in anna.page
    assert ">eGov-Campus<" in anna.page
    assert ">egov-campus.example<" in anna.page
    assert "etwa 60 Minuten" in anna.page


def test_it_is_done_when_the_learner_says_so_and_stays_done(room: Room, anna: Reader) -> None:
    assert "Das ist Ihre eigene Angabe." in anna.page
    anna.post({}, "confirm")
    assert "Sie haben bestätigt" in anna.page
    assert "Ich habe das Angebot abgeschlossen" not in anna.page
    assert room.done() == [OFFER_ID]
    with room.tool.database.read() as db:
        first = list(db.scalars(select(Progress.completed_at)))
    assert anna.post({}, "confirm").status_code == 200  # a click sent twice
    with room.tool.database.read() as db:
        assert list(db.scalars(select(Progress.completed_at))) == first


def test_looking_at_it_confirms_nothing(room: Room, anna: Reader) -> None:
    assert anna.client.get(f"{anna.url}/confirm").status_code in (404, 405)
    assert room.done() == []


def test_nobody_confirms_without_a_record(room: Room, anna: Reader) -> None:
    room.turn(anna, membership_id=None)
    anna.get()
    assert "Ich habe das Angebot abgeschlossen" not in anna.page
    assert anna.post({}, "confirm").status_code == 404
    with room.tool.database.read() as db:
        assert db.scalar(select(Launch.id).where(Launch.membership_id.is_(None))) == anna.launch_id


def test_what_is_no_offer_cannot_be_confirmed(room: Room, anna: Reader) -> None:
    anna.activity = SHEET_ID
    assert anna.post({}, "confirm").status_code == 404
    assert room.done() == []


def test_a_voluntary_offer_asks_for_nothing(room: Room, tmp_path: Path) -> None:
    with room.tool.database.write() as db:
        publish(db, course(tmp_path / "neu", offer=OFFER + "completion: none\n"))
    anna = room.enter()
    anna.activity = OFFER_ID
    anna.get()
    assert "Dieses Angebot ist freiwillig" in anna.page
    assert "Ich habe das Angebot abgeschlossen" not in anna.page
    assert anna.post({}, "confirm").status_code == 404
    assert room.done() == []


def test_a_locked_offer_shows_no_address(room: Room, tmp_path: Path) -> None:
    with room.tool.database.write() as db:
        publish(db, course(tmp_path / "neu", offer=OFFER + "requires: [vorfall-fall]\n"))
    anna = room.enter()
    anna.activity = OFFER_ID
    anna.get()
    assert "Noch nicht offen" in anna.page
    assert "egov-campus.example" not in anna.page
    assert anna.post({}, "confirm").status_code == 403


def test_a_cheat_sheet_says_what_it_is_and_can_be_printed(room: Room) -> None:
    anna = room.enter()
    anna.activity = SHEET_ID
    anna.get()
    assert '<p class="lt-pre">Spickzettel</p>' in anna.page
    assert "data-print hidden" in anna.page
    assert "Drucken Sie die Seite mit Ihrem Browser." in anna.page
    assert "gilt diese Lerneinheit als gelesen" not in anna.page
