"""What an administrator sees of grades on their way, and does about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from builders import NOW
from office import Office
from outgoing import answer
from sqlalchemy import update

from lms_tool.models import Delivery, Person, Platform, Status
from lms_tool.services import grade_queue, grades, lessons, tenants
from lms_tool.services.grade_queue import PAGE, Counts, Show, Waiting
from lms_tool.services.lessons import Learner
from lms_tool.services.platforms import PlatformNotFound

PLACED: dict[str, Any] = {"activity_id": "l1"}
TENANT = tenants.FIRST


def listed(office: Office, show: Show = Show.ALL, page: int = 1) -> list[Waiting]:
    with office.room.database.read() as db:
        return grade_queue.listing(db, TENANT, show, office.clock.now, page)


def counted(office: Office) -> Counts:
    with office.room.database.read() as db:
        return grade_queue.counts(db, TENANT, office.clock.now)


def help_wanted(office: Office) -> int:
    with office.room.database.read() as db:
        return grades.needing_help(db, TENANT)


@pytest.fixture
def people(office: Office) -> list[Learner]:
    """Of four grades one was delivered, one refused for good, one meets errors, one has just come in."""
    found = [office.complete("anna", **PLACED)]
    office.drain()
    found.append(office.complete("berta", **PLACED, name="Berta Beispiel"))
    found.append(office.complete("carl", **PLACED))
    office.wire.script["/scores"] = [answer(400, b"user not gradable"), answer(500, b"Fehler")]
    office.drain()
    found.append(office.complete("dora", **PLACED))
    return found


def test_counts(office: Office, people: list[Learner]) -> None:
    assert counted(office) == Counts(delivered=1, all=3, help=1, way=2, away=0, aside=0)
    assert help_wanted(office) == 1


def test_each_with_its_reason(office: Office, people: list[Learner]) -> None:
    berta, carl, dora = listed(office)
    assert (berta.person, berta.sub, berta.activity) == ("Berta Beispiel", "berta", "Modul")
    assert (berta.needs_help, berta.reason, berta.next_try) == (True, "user_not_gradable", None)
    assert (carl.person, carl.needs_help, carl.reason) == ("", False, "platform_error")
    assert carl.next_try == office.score(people[2]).next_try_at
    assert (dora.needs_help, dora.reason, dora.next_try) == (False, "", None)
    assert {row.since for row in (berta, carl, dora)} == {NOW}
    assert [row.sub for row in listed(office, Show.HELP)] == ["berta"]
    assert [row.sub for row in listed(office, Show.WAY)] == ["carl", "dora"]


def test_a_platform_that_is_away(office: Office, people: list[Learner]) -> None:
    office.wire.always["/scores"] = answer(429, retry_after="600")
    office.drain()
    until = office.clock.now + timedelta(seconds=600)
    assert counted(office).away == 2
    assert {(row.reason, row.next_try) for row in listed(office, Show.WAY)} == {("platform_busy", until)}
    with office.room.database.read() as db:
        (circuit,) = grade_queue.circuits(db, TENANT, office.clock.now)
    assert (circuit.problem, circuit.paused_until, circuit.waiting) == ("platform_busy", until, 3)
    office.wire.always.clear()
    assert office.drain() == 0
    with office.room.database.write() as db:
        grade_queue.try_now(db, TENANT, circuit.platform_id, office.clock.now)
    assert office.drain() == 2
    assert [row.sub for row in listed(office)] == ["berta"], "hers failed for her own sake"


def test_what_the_platform_refused_goes_with_its_circuit(office: Office) -> None:
    anna = office.complete(**PLACED)
    office.wire.script["/scores"] = [answer(403)]
    office.drain()
    assert (office.score(anna).reason, help_wanted(office)) == ("forbidden", 1)
    with office.room.database.write() as db:
        grade_queue.try_now(db, TENANT, office.room.at.id, office.clock.now)
    assert office.drain() == 1
    assert office.score(anna).state == Delivery.SENT
    assert office.platform().delivery_problem is None


@pytest.mark.parametrize("problem", ["token_refused:invalid_client", "tls_failed", "paging_refused"])
def test_what_does_not_pass_by_itself_needs_somebody(
    office: Office, people: list[Learner], problem: str
) -> None:
    with office.room.database.write() as db:
        db.execute(update(Platform).values(delivery_problem=problem))
    assert (counted(office).help, counted(office).way, help_wanted(office)) == (3, 0, 3)


def test_a_platform_that_is_switched_off(office: Office, people: list[Learner]) -> None:
    with office.room.database.write() as db:
        db.execute(update(Platform).values(status=Status.INACTIVE))
    assert counted(office).help == 3
    assert {row.reason for row in listed(office)} == {"user_not_gradable", "platform_inactive"}
    with office.room.database.read() as db:
        assert grade_queue.circuits(db, TENANT, office.clock.now) == []


def test_some_are_sent_again(office: Office, people: list[Learner]) -> None:
    berta, carl, _ = listed(office)
    with office.room.database.write() as db:
        done, platforms = grade_queue.resend_some(db, TENANT, [berta.id, 10**6], office.clock.now)
    assert (done, platforms) == ([berta.id], {office.room.at.id})
    assert office.drain() == 2
    assert [row.id for row in listed(office)] == [carl.id]


def test_what_is_shown_is_sent_again(office: Office, people: list[Learner]) -> None:
    with office.room.database.write() as db:
        assert len(grade_queue.resend_all(db, TENANT, Show.HELP, office.clock.now)[0]) == 1
        assert len(grade_queue.resend_all(db, TENANT, Show.ALL, office.clock.now)[0]) == 3
    assert office.drain() == 3
    assert counted(office) == Counts(delivered=4, all=0, help=0, way=0, away=0, aside=0)


def test_laid_aside_and_taken_up_again(office: Office, people: list[Learner]) -> None:
    berta = listed(office)[0]
    arrived = office.score(people[0]).id
    with office.room.database.write() as db:
        assert grade_queue.lay_aside(db, TENANT, [berta.id, arrived]) == [berta.id]
    assert office.score(people[0]).state == Delivery.SENT
    assert (counted(office).aside, counted(office).all) == (1, 2)
    assert [row.reason for row in listed(office, Show.ASIDE)] == ["laid_aside"]
    office.clock.forward(days=2)
    office.drain()
    assert office.score(people[1]).state == Delivery.DROPPED
    with office.room.database.write() as db:
        grade_queue.resend_some(db, TENANT, [berta.id], office.clock.now)
    assert office.drain() == 1
    assert office.score(people[1]).state == Delivery.SENT


def test_a_better_grade_takes_up_what_was_laid_aside(office: Office) -> None:
    anna = office.complete(module_id="m1", report="progress")
    with office.room.database.write() as db:
        grade_queue.lay_aside(db, TENANT, [office.score(anna).id])
    assert office.drain() == 0
    with office.room.database.write() as db:
        _, chosen = office.room.course.by_activity["t1"]
        lessons.complete(db, anna, office.room.course, "activity", chosen.id, office.clock.now)
        lessons.settle(db, anna, office.room.course, office.clock.now)
    assert office.drain() == 1
    assert office.stored()["scoreGiven"] == 100


def test_page_by_page(office: Office) -> None:
    for number in range(PAGE + 2):
        office.complete(f"p{number}", **PLACED)
    first, second = listed(office), listed(office, page=2)
    assert (len(first), len(second)) == (PAGE, 2)
    assert {row.id for row in first}.isdisjoint(row.id for row in second)


def test_others_have_nothing_to_see_or_to_do(office: Office, people: list[Learner]) -> None:
    ids = [row.id for row in listed(office)]
    before = [office.score(person) for person in people]
    with office.room.database.write() as db:
        other = tenants.add(db, "andere", "Andere", NOW).id
        assert grade_queue.listing(db, other, Show.ALL, office.clock.now) == []
        assert grade_queue.counts(db, other, office.clock.now) == Counts(0, 0, 0, 0, 0, 0)
        assert grade_queue.circuits(db, other, office.clock.now) == []
        assert grades.undelivered(db, other) == []
        assert grade_queue.resend_some(db, other, ids, office.clock.now) == ([], set())
        assert grade_queue.resend_all(db, other, Show.ALL, office.clock.now) == ([], set())
        assert grade_queue.lay_aside(db, other, ids) == []
        with pytest.raises(PlatformNotFound):
            grade_queue.try_now(db, other, office.room.at.id, office.clock.now)
    assert [office.score(person) for person in people] == before


def test_a_name_that_is_withdrawn(office: Office, people: list[Learner]) -> None:
    with office.room.database.write() as db:
        db.execute(update(Person).values(name=None, given_name=" ", family_name=""))
    assert {row.person for row in listed(office)} == {""}
