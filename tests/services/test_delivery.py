"""The reconciler: the LMS agrees with the desired grade in the end, whatever happens in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from builders import NOW
from office import Office
from outgoing import answer
from sqlalchemy import select, update

from lms_tool.http import AnswerLost, ConnectFailed, TimedOut
from lms_tool.models import Delivery, LineItem
from lms_tool.services.delivery import GIVE_UP

PLACED: dict[str, Any] = {"activity_id": "l1"}
HALF: dict[str, Any] = {"module_id": "m1", "report": "progress"}  # reading the lesson gives 50 of 100


def test_delivered(office: Office) -> None:
    anna = office.complete(**PLACED)
    assert office.reconciler.waiting() == [office.room.at.id]
    assert office.drain() == 1
    score = office.score(anna)
    assert (score.state, score.delivered_at, score.reason) == (Delivery.SENT, office.clock.now, None)
    assert office.stored()["scoreGiven"] == 100
    assert office.posts() == [
        {
            "userId": "anna",
            "scoreGiven": 100,
            "scoreMaximum": 100,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": NOW.isoformat(timespec="milliseconds"),
        }
    ]
    assert office.reconciler.waiting() == []
    assert office.drain() == 0
    assert len(office.posts()) == 1


def test_oldest_first(office: Office) -> None:
    for sub in ("carl", "anna", "berta"):
        office.complete(sub, **PLACED)
        office.clock.forward(seconds=1)
    assert office.drain() == 3
    assert [sent.json["userId"] for sent in office.wire.to("/scores")] == ["carl", "anna", "berta"]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, b'{"reason": "User is not gradable"}', "user_not_gradable"),
        (403, b"", "forbidden"),
        (413, b"", "refused_413"),
    ],
)
def test_final_refusals_wait_for_somebody(office: Office, status: int, body: bytes, reason: str) -> None:
    anna = office.complete(**PLACED)
    office.wire.script["/scores"] = [answer(status, body)]
    assert office.drain() == 1
    office.clock.forward(days=30)
    assert office.drain() == 0
    assert (office.score(anna).state, office.score(anna).reason) == (Delivery.FAILED, reason)
    assert len(office.posts()) == 1
    assert (office.platform().delivery_problem == "forbidden") == (status == 403)


def test_one_bad_grade_holds_nobody_up(office: Office) -> None:
    office.complete(**PLACED)
    berta = office.complete("berta", **PLACED)
    office.wire.script["/scores"] = [answer(500, b"Fehler")]
    office.drain()
    assert office.score(berta).state == Delivery.SENT


def test_backoff_grows(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.wire.always["/scores"] = answer(500, b"Fehler")
    waits = []
    for _ in range(4):
        office.drain()
        waits.append((office.score(anna).next_try_at - office.clock.now).total_seconds())
        office.clock.now = office.score(anna).next_try_at - timedelta(seconds=1)
        assert office.drain() == 0
        office.clock.forward(seconds=1)
    assert waits == [30, 60, 120, 240]
    assert len(office.posts()) == 4


def test_a_single_grade_is_given_up_after_two_weeks(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.wire.always["/scores"] = answer(500, b"Fehler")
    while office.score(anna).state == Delivery.PENDING:
        office.drain()
        office.clock.forward(hours=6)
        assert office.clock.now < NOW + GIVE_UP + timedelta(days=1)
    assert office.score(anna).reason == "unreachable"
    assert office.clock.now > NOW + GIVE_UP


@pytest.mark.parametrize(
    "away",
    [answer(502), answer(503), answer(504), ConnectFailed(), TimedOut(), AnswerLost()],
    ids=["502", "503", "504", "refused", "timed-out", "cut"],
)
def test_a_platform_that_is_away_is_asked_once_and_loses_nothing(office: Office, away: Any) -> None:
    people = [office.complete(f"p{number}", **PLACED) for number in range(5)]
    office.wire.always["/scores"] = away
    for day in range(20):
        office.drain()
        assert len(office.wire.to("/scores")) == day + 1, "one try for all"
        assert office.drain() == 0
        assert office.reconciler.waiting() == []
        office.clock.forward(days=1)
    assert office.platform().delivery_problem is not None
    office.wire.always.clear()
    assert office.drain() == 5
    assert {office.score(person).state for person in people} == {Delivery.SENT}
    line = office.platform()
    assert (line.delivery_failures, line.delivery_problem, line.delivery_paused_until) == (0, None, None)


def test_a_token_endpoint_that_is_away_holds_everything(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.wire.script["/token"] = [answer(503)]
    office.drain()
    assert office.wire.to("/scores") == []
    assert office.score(anna).state == Delivery.PENDING
    office.clock.forward(minutes=2)
    assert office.drain() == 1


def test_429_is_obeyed_to_the_second(office: Office) -> None:
    office.complete(**PLACED)
    office.complete("berta", **PLACED)
    office.wire.script["/scores"] = [answer(429, retry_after="120")]
    office.drain()
    assert len(office.wire.to("/scores")) == 1
    office.clock.forward(seconds=119)
    assert office.drain() == 0
    office.clock.forward(seconds=1)
    assert office.drain() == 2
    assert len(office.wire.to("/scores")) == 3


@pytest.mark.parametrize("asked", ["0", "Mon, 01 Jan 2024 00:00:00 GMT"])
def test_a_pause_of_nothing_is_still_a_pause(office: Office, asked: str) -> None:
    """A busy platform that says «at once» must not be asked for ever without a breath."""
    office.complete(**PLACED)
    office.wire.script["/scores"] = [answer(429, retry_after=asked)] * 50
    office.drain()
    assert len(office.wire.to("/scores")) == 1
    assert office.platform().delivery_paused_until >= office.clock.now + timedelta(seconds=1)


def test_a_refused_token_is_renewed_once(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.wire.script["/scores"] = [answer(401)]
    assert office.drain() == 1
    used = [sent.headers["Authorization"] for sent in office.wire.to("/scores")]
    assert used == ["Bearer token-1", "Bearer token-2"]
    assert office.score(anna).state == Delivery.SENT


def test_a_platform_that_refuses_every_token_is_left_alone(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.complete("berta", **PLACED)
    office.wire.always["/scores"] = answer(401)
    office.drain()
    assert len(office.wire.to("/scores")) == 2
    assert office.score(anna).state == Delivery.PENDING
    assert office.platform().delivery_paused_until > office.clock.now


def test_409_with_our_grade_there_is_delivered(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.grade_by_teacher(100, NOW)
    assert office.drain() == 1
    assert (office.score(anna).state, len(office.posts())) == (Delivery.SENT, 1)


def test_409_with_a_newer_different_grade_is_overruled(office: Office) -> None:
    """The teacher wins, until the person does better."""
    anna = office.complete(**HALF)
    office.grade_by_teacher(70, NOW + timedelta(hours=1))
    assert office.drain() == 1
    assert office.score(anna).state == Delivery.OVERRULED
    assert office.stored()["scoreGiven"] == 70
    assert office.reconciler.waiting() == []


def test_409_without_a_grade_is_said_again_with_a_newer_time(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.wire.script["/scores"] = [answer(409)]
    assert office.drain() == 1
    first, second = office.posts()
    assert first["timestamp"] < second["timestamp"]
    assert office.score(anna).state == Delivery.SENT


def test_409_without_a_grade_is_not_repeated_for_ever(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.wire.always["/scores"] = answer(409)
    office.drain()
    assert (office.score(anna).state, office.score(anna).reason) == (Delivery.FAILED, "timestamp_not_newer")
    assert len(office.posts()) == 3


def test_409_is_looked_into_later_if_results_are_away(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.grade_by_teacher(100, NOW)
    office.wire.script["/results"] = [answer(500)]
    office.drain()
    assert office.score(anna).state == Delivery.PENDING
    office.clock.forward(minutes=1)
    office.drain()
    assert office.score(anna).state == Delivery.SENT


def test_a_column_that_moved_is_found_again(office: Office) -> None:
    anna = office.complete(**PLACED)
    moved = f"{office.room.at.issuer}/services/2/lineitems/neu/lineitem?type_id=1"
    office.wire.columns = [
        {"id": moved, "resourceLinkId": "link-1"},
        {"id": moved + "9", "resourceLinkId": "x"},
    ]
    office.wire.script["/link-1/lineitem/scores"] = [answer(404)]
    assert office.drain() == 1
    assert office.score(anna).state == Delivery.SENT
    assert [sent.path for sent in office.wire.to("/scores")][
        -1
    ] == "/services/2/lineitems/neu/lineitem/scores"
    lookup = office.wire.to("/lineitems")
    assert len(lookup) == 1
    assert "resource_link_id=link-1" in lookup[0].url
    assert "type_id=1" in lookup[0].url


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [{"id": "https://anderswo.example/lineitem", "resourceLinkId": "link-1"}],
        [{"id": f"https://lms.example/{n}", "resourceLinkId": "link-1"} for n in range(2)],
    ],
    ids=["none", "foreign host", "two"],
)
def test_a_column_that_is_gone_is_looked_up_once(office: Office, columns: list[dict[str, Any]]) -> None:
    anna = office.complete(**PLACED)
    berta = office.complete("berta", **PLACED)
    office.wire.columns = columns
    office.wire.always["/scores"] = answer(404)
    office.drain()
    assert len(office.wire.to("/lineitems")) == 1
    for person in (anna, berta):
        assert (office.score(person).state, office.score(person).reason) == (
            Delivery.FAILED,
            "line_item_gone",
        )


def test_a_new_launch_may_look_again(office: Office) -> None:
    office.complete(**PLACED)
    office.wire.always["/scores"] = answer(404)
    office.drain()
    with office.room.database.write() as db:
        db.execute(update(LineItem).values(url=f"{office.room.at.issuer}/alt"))
    office.room.arrive(now=office.clock.now, **PLACED)
    with office.room.database.read() as db:
        assert db.scalars(select(LineItem.looked_up_at)).all() == [None]
