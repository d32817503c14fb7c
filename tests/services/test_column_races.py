"""One column, whoever looks for it at the same time, dies over it, or loses it again."""

from __future__ import annotations

import pytest
from column_claims import SCOPES, made, named, page, row, sent_to, unnamed
from office import Office
from outgoing import answer

from lms_tool.http import AnswerLost
from lms_tool.models import Delivery
from lms_tool.services import grades
from lms_tool.services.columns import LEASE


def test_a_lost_answer_does_not_make_a_second_column(office: Office) -> None:
    office.complete(**unnamed(office))
    office.wire.after_making = AnswerLost()
    office.drain()
    assert office.wire.to("/scores") == []
    office.clock.forward(minutes=2)
    assert office.drain() == 1
    assert len(made(office)) == 1
    assert sent_to(office) == ["/1/lineitem/scores"]


def test_ags_30_two_processes_make_one_column(office: Office) -> None:
    """The second comes while the first waits for an answer, after the first one's lease of the platform ran out."""
    people = [office.complete(sub, **unnamed(office)) for sub in ("anna", "berta")]
    other = office.another()
    settled: list[int] = []

    def meanwhile() -> None:
        office.clock.forward(seconds=100)
        settled.append(other.drain(office.room.at.id))

    office.wire.script["/lineitems"] = [meanwhile]
    office.drain()
    assert settled == [0]
    office.drain()
    assert len(made(office)) == 1
    assert {office.score(person).state for person in people} == {Delivery.SENT}


def test_ags_30_whoever_was_away_for_long_makes_nothing(office: Office) -> None:
    """A process that slept through its time between asking and making: another one has made the column."""
    people = [office.complete(sub, **unnamed(office)) for sub in ("anna", "berta")]
    other = office.another()

    def asleep() -> None:
        office.clock.now += LEASE
        other.drain(office.room.at.id)

    office.wire.script["/lineitems"] = [page([]), asleep]
    office.drain()
    office.drain()
    assert len(made(office)) == 1
    assert {office.score(person).state for person in people} == {Delivery.SENT}


def test_a_process_that_died_while_looking_is_replaced(office: Office) -> None:
    anna = office.complete(**unnamed(office))

    def die() -> None:
        raise KeyboardInterrupt

    office.wire.script["/lineitems"] = [die]
    with pytest.raises(KeyboardInterrupt):
        office.drain()
    office.clock.forward(minutes=2)
    assert office.drain() == 0
    office.clock.now += LEASE
    assert office.reconciler.waiting() == [office.room.at.id]
    assert office.drain() == 1
    assert office.score(anna).state == Delivery.SENT


def test_ags_13_a_column_we_made_is_made_again_once(office: Office) -> None:
    office.complete(**unnamed(office))
    office.drain()
    office.wire.columns.clear()
    berta = office.complete("berta", **unnamed(office))
    office.wire.script["/1/lineitem/scores"] = [answer(404)]
    office.drain()
    assert len(made(office)) == 2
    assert office.score(berta).state == Delivery.SENT
    office.wire.columns.clear()
    carl = office.complete("carl", **unnamed(office))
    office.wire.always["/scores"] = answer(404)
    office.drain()
    assert len(made(office)) == 2
    assert (office.score(carl).state, office.score(carl).reason) == (Delivery.FAILED, "line_item_gone")


def test_ags_13_a_column_of_the_lms_is_not_made_again(office: Office) -> None:
    anna = office.complete(activity_id="l1", ags=named(office))
    office.wire.always["/scores"] = answer(404)
    office.drain()
    assert made(office) == []
    assert office.score(anna).reason == "line_item_gone"


def test_a_launch_that_names_the_column_while_it_is_looked_for(office: Office) -> None:
    anna = office.complete(**unnamed(office, SCOPES))

    def meanwhile() -> None:
        office.room.arrive(sub="berta", activity_id="l1", ags=named(office))

    office.wire.script["/lineitems"] = [meanwhile]
    assert office.drain() == 1
    assert office.score(anna).state == Delivery.SENT
    assert office.wire.to("/scores")[0].path == "/named/scores"


def test_sending_again_by_hand_does_not_break_in(office: Office) -> None:
    anna = office.complete(**unnamed(office))
    other = office.another()

    def by_hand() -> None:
        office.clock.forward(seconds=100)
        with office.room.database.write() as db:
            assert grades.resend(db, office.clock.now) == 1
        other.drain(office.room.at.id)

    office.wire.script["/lineitems"] = [by_hand]
    office.drain()
    office.drain()
    assert len(made(office)) == 1
    assert office.score(anna).state == Delivery.SENT
    assert row(office).making is None
