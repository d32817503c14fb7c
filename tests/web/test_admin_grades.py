"""The page of grades: what it says, and that its buttons do what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from builders import Classroom, classroom
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lms_tool.models import AuditEvent, Delivery, Platform, Score
from lms_tool.runtime import Runtime
from lms_tool.services import lessons
from lms_tool.web.grade_wording import CODES, why

from .conftest import Clock, new_browser

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def room(tool: Runtime) -> Classroom:
    return classroom(tool.database)


def complete(room: Classroom, clock: Clock, sub: str, name: str | None = None) -> int:
    """Somebody earns a grade; its id."""
    learner = room.arrive(sub=sub, name=name, activity_id="l1")
    with room.database.write() as db:
        _, chosen = room.course.by_activity["l1"]
        lessons.finish_lesson(db, learner, room.course, chosen, clock())
        return int(db.execute(select(Score.id).where(Score.person_id == learner.person_id)).scalar_one())


@pytest.fixture
def waiting(room: Classroom, clock: Clock) -> list[int]:
    """Two grades: one refused, one on its way."""
    ids = [complete(room, clock, "anna", "<b>Anna</b> & Co"), complete(room, clock, "4711")]
    with room.database.write() as db:
        db.execute(
            update(Score)
            .where(Score.id == ids[0])
            .values(state=Delivery.FAILED, reason="user_not_gradable", tries=1)
        )
    return ids


def score(tool: Runtime, score_id: int) -> Any:
    with tool.database.read() as db:
        return db.execute(select(Score).where(Score.id == score_id)).one()


def noted(tool: Runtime, code: str) -> list[Any]:
    with tool.database.read() as db:
        return list(db.execute(select(AuditEvent).where(AuditEvent.code == code)))


def test_what_waits_and_why(signed_in: SignIn, waiting: list[int]) -> None:
    text = signed_in().get("/admin/grades").text
    assert "&lt;b&gt;Anna&lt;/b&gt; &amp; Co" in text
    assert "Person 4711" in text
    assert "nicht mehr im Kurs" in text
    assert "Tragen Sie die Person wieder ein" in text, "and what to do about it"
    assert "Wird gerade übertragen" in text
    assert "23. November" in text, "since when"
    only = signed_in().get("/admin/grades?show=help").text
    assert "Anna" in only and "4711" not in only


def test_one_is_sent_again(signed_in: SignIn, tool: Runtime, waiting: list[int]) -> None:
    browser = signed_in()
    answer = browser.post("/admin/grades", data={"action": "resend", "grade": str(waiting[0])})
    assert answer.status_code == 303
    assert "Eine Note ist wieder unterwegs" in browser.get(answer.location).text
    assert score(tool, waiting[0]).state == Delivery.PENDING
    (line,) = noted(tool, "grades_resent")
    assert line.details == {"count": 1, "scores": [waiting[0]]}
    assert line.actor.startswith("admin:")


def test_all_are_sent_again(signed_in: SignIn, tool: Runtime, waiting: list[int]) -> None:
    browser = signed_in()
    answer = browser.post("/admin/grades", data={"action": "resend_all", "show": "all"})
    assert "2 Noten sind wieder unterwegs" in browser.get(answer.location).text
    assert score(tool, waiting[0]).state == Delivery.PENDING


def test_laid_aside_and_back(signed_in: SignIn, tool: Runtime, waiting: list[int]) -> None:
    browser = signed_in()
    browser.post("/admin/grades", data={"action": "aside", "grade": str(waiting[0])})
    assert score(tool, waiting[0]).state == Delivery.DROPPED
    assert "Anna" not in browser.get("/admin/grades").text
    assert "Anna" in browser.get("/admin/grades?show=aside").text
    assert noted(tool, "grades_laid_aside")
    browser.post("/admin/grades", data={"action": "resend", "show": "aside", "grade": str(waiting[0])})
    assert score(tool, waiting[0]).state == Delivery.PENDING


def test_nothing_chosen(signed_in: SignIn, tool: Runtime, waiting: list[int]) -> None:
    browser = signed_in()
    for nonsense in ({}, {"grade": "x"}, {"grade": "-1"}, {"grade": "9" * 30}, {"grade": "²"}):
        answer = browser.post("/admin/grades", data={"action": "resend", **nonsense})
        assert "wählen Sie zuerst Noten aus" in browser.get(answer.location).text
    assert noted(tool, "grades_resent") == []


@pytest.mark.parametrize(
    "query",
    ["show=x", "page=0", "page=-3", "page=99999999999999999999", "page=x", "done=x", "n=x&done=aside"],
)
def test_odd_addresses(signed_in: SignIn, waiting: list[int], query: str) -> None:
    answer = signed_in().get(f"/admin/grades?{query}")
    assert answer.status_code == (404 if query == "show=x" else 200)


def test_odd_forms(signed_in: SignIn, waiting: list[int]) -> None:
    for form in ({"action": "delete"}, {}, {"action": "resend", "show": "x"}):
        assert signed_in().post("/admin/grades", data=form).status_code == 404


def test_a_paused_platform_is_asked_again(
    signed_in: SignIn, tool: Runtime, room: Classroom, waiting: list[int], clock: Clock
) -> None:
    with tool.database.write() as db:
        until = clock.now.replace(hour=23)
        db.execute(update(Platform).values(delivery_problem="connect_failed", delivery_paused_until=until))
    browser = signed_in()
    text = browser.get("/admin/grades").text
    assert "Das LMS ist nicht erreichbar" in text
    (retry,) = re.findall(r'action="(/admin/grades/platforms/\d+/retry)"', text)
    answer = browser.post(retry)
    assert "Das LMS wird jetzt wieder gefragt" in browser.get(answer.location).text
    with tool.database.read() as db:
        assert db.scalars(select(Platform.delivery_paused_until)).all() == [None]
    (line,) = noted(tool, "platform_pause_ended")
    assert line.platform_id == room.at.id
    assert browser.post("/admin/grades/platforms/999/retry").status_code == 404


def test_another_tenant_sees_and_changes_nothing(
    signed_in: SignIn, tool: Runtime, room: Classroom, waiting: list[int]
) -> None:
    stranger = signed_in("fremd")
    text = stranger.get("/admin/grades").text
    assert "Anna" not in text and "Hier wartet keine Note" in text
    stranger.post("/admin/grades", data={"action": "resend", "grade": str(waiting[0])})
    stranger.post("/admin/grades", data={"action": "resend_all"})
    stranger.post("/admin/grades", data={"action": "aside", "grade": [str(one) for one in waiting]})
    assert stranger.post(f"/admin/grades/platforms/{room.at.id}/retry").status_code == 404
    assert score(tool, waiting[0]).state == Delivery.FAILED
    assert score(tool, waiting[1]).state == Delivery.PENDING


def test_only_for_administrators(app: Flask, waiting: list[int]) -> None:
    assert new_browser(app).get("/admin/grades").status_code == 401


def test_each_reason_says_what_to_do_or_passes_by_itself() -> None:
    for code in CODES:
        found = why(code)
        for text in (found.text, *([found.remedy] if found.remedy else [])):
            assert text.de.endswith(".") and text.en.endswith(".") and text.de != text.en
    assert why("refused_413") == why("never_heard_of")
    assert why("token_refused:invalid_client").remedy is not None
