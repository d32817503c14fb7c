"""A teacher's own grade wins, and is shown: what stands in the LMS is read now and then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, SCOPES, line_item_url
from office import SECRET, Office
from outgoing import answer
from sqlalchemy import select, update

from lms_tool.http import ConnectFailed
from lms_tool.lti.claims import SCOPE_SCORE, AgsClaim
from lms_tool.models import Delivery, LineItem, Platform, Status
from lms_tool.services import lessons, sessions
from lms_tool.services.calls import Calls
from lms_tool.services.lessons import Learner
from lms_tool.services.results import EVERY, LATELY, ResultsReader
from lms_tool.services.tokens import Tokens
from lms_tool.services.vault import Vault

PLACED: dict[str, Any] = {"activity_id": "l1"}


@pytest.fixture
def reader(office: Office) -> ResultsReader:
    return another(office)


def another(office: Office) -> ResultsReader:
    wire: Any = office.wire
    tokens = Tokens(office.room.database, wire, Vault(SECRET))
    return ResultsReader(office.room.database, Calls(wire, wire, tokens), office.clock)


@pytest.fixture
def anna(office: Office) -> Learner:
    """Her grade has been in the LMS for an hour."""
    found = office.complete(**PLACED)
    office.drain()
    office.clock.forward(hours=1)
    return found


def overrule(office: Office, given: float, sub: str = "anna") -> None:
    """The teacher's grade stands above ours; Moodle goes on taking what we send."""
    office.grade_by_teacher(given, NOW + timedelta(days=1), sub)


def shown(office: Office, learner: Learner) -> tuple[str, float | None]:
    score = office.score(learner)
    return score.state, score.overruled_by


def test_another_grade_is_the_teachers(office: Office, reader: ResultsReader, anna: Learner) -> None:
    berta = office.complete("berta", **PLACED)
    office.drain()
    overrule(office, 88)
    assert reader.run() == 1
    assert shown(office, anna) == (Delivery.OVERRULED, 88)
    assert shown(office, berta) == (Delivery.SENT, None)
    (asked,) = office.wire.to("/results")
    assert "user_id" not in asked.url and "limit" not in asked.url
    with office.room.database.write() as db:
        accepted = office.room.accept(db, now=office.clock.now, **PLACED)
        transfer = sessions.find(db, accepted.launch_id, "beweis", office.clock.now).transfer
    assert transfer is not None
    assert (transfer.state, transfer.overruled_by) == (Delivery.OVERRULED, 88)
    assert office.drain() == 0, "nothing is sent because of it"


def test_the_teacher_takes_it_back(office: Office, reader: ResultsReader, anna: Learner) -> None:
    overrule(office, 88)
    reader.run()
    overrule(office, 100)
    office.clock.now += EVERY
    assert reader.run() == 1
    assert shown(office, anna) == (Delivery.SENT, None)


def test_a_missing_grade_says_nothing(office: Office, reader: ResultsReader, anna: Learner) -> None:
    office.wire.grades.clear()
    assert reader.run() == 1
    assert shown(office, anna) == (Delivery.SENT, None)


def test_a_better_grade_is_sent_and_the_teachers_stays(office: Office, reader: ResultsReader) -> None:
    anna = office.complete(module_id="m1", report="progress")
    office.drain()
    office.clock.forward(hours=1)
    overrule(office, 70)
    reader.run()
    assert shown(office, anna) == (Delivery.OVERRULED, 70)
    office.wire.script["/results"] = [lambda: better(office, anna)]
    office.clock.now += EVERY
    reader.run()
    assert shown(office, anna)[0] == Delivery.PENDING, "what came in meanwhile is not covered up"


def better(office: Office, learner: Learner) -> None:
    with office.room.database.write() as db:
        lessons.complete(db, learner, office.room.course, "activity", "t1", office.clock.now)
        lessons.settle(db, learner, office.room.course, office.clock.now)


def test_not_too_often(office: Office, reader: ResultsReader, anna: Learner) -> None:
    assert (reader.run(), reader.run(), another(office).run()) == (1, 0, 0)
    office.clock.now += EVERY
    assert reader.run() == 1
    assert len(office.wire.to("/results")) == 2


def test_two_processes_ask_once(office: Office, reader: ResultsReader, anna: Learner) -> None:
    other = another(office)
    (column,) = other.due()
    office.wire.script["/results"] = [lambda: other.read(column) and None]
    assert reader.run() == 1
    assert len(office.wire.to("/results")) == 1


def test_not_right_after_sending_and_not_for_ever(office: Office, reader: ResultsReader) -> None:
    office.complete(**PLACED)
    assert reader.due() == []
    office.drain()
    assert reader.due() == []
    office.clock.forward(minutes=31)
    assert len(reader.due()) == 1
    office.clock.now += LATELY
    assert reader.due() == []


def test_only_where_it_is_allowed(office: Office, reader: ResultsReader) -> None:
    only_scores = AgsClaim(frozenset({SCOPE_SCORE}), None, line_item_url(office.room.at, "link-1"))
    office.complete(**PLACED, ags=only_scores)
    office.drain()
    office.clock.forward(hours=1)
    assert reader.due() == []


@pytest.mark.parametrize(
    "change", [{"status": Status.INACTIVE}, {"delivery_paused_until": NOW + timedelta(days=1)}], ids=str
)
def test_not_where_nothing_may_be_asked(
    office: Office, reader: ResultsReader, anna: Learner, change: dict[str, Any]
) -> None:
    with office.room.database.write() as db:
        db.execute(update(Platform).values(**change))
    assert reader.due() == []


@pytest.mark.parametrize(
    "said",
    [answer(404, b"<html>"), answer(500), answer(200, b"{}"), ConnectFailed(), answer(401)],
    ids=["404", "500", "unreadable", "away", "401"],
)
def test_no_answer_changes_nothing(office: Office, reader: ResultsReader, anna: Learner, said: Any) -> None:
    """Moodle's results crash where they are asked for page by page, and may elsewhere."""
    office.wire.always["/results"] = said
    assert reader.run() == 0
    assert shown(office, anna) == (Delivery.SENT, None)
    assert office.platform().delivery_problem is None
    assert reader.due() == [], "asked again in some hours"


def test_results_in_pages(office: Office, reader: ResultsReader, anna: Learner) -> None:
    here = office.room.at.issuer + "/services/2/lineitems/link-1/lineitem/results?page=2"
    first = answer(200, b"[]", link=f'<{here}>; rel="next"')
    second = answer(200, b'[{"userId": "anna", "resultScore": 4, "resultMaximum": 5}]')
    office.wire.script["/results"] = [first, second]
    assert reader.run() == 1
    assert shown(office, anna) == (Delivery.OVERRULED, 80)


def test_a_column_without_address_is_not_asked(office: Office, reader: ResultsReader, anna: Learner) -> None:
    with office.room.database.write() as db:
        db.execute(update(LineItem).values(url=""))
        assert db.scalars(select(LineItem.scopes)).all() == [sorted(SCOPES)]
    assert reader.due() == []
