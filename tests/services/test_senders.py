"""Who sends: one process at a time, whatever dies in the middle, and not to platforms that are switched off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, platform
from office import Office
from outgoing import answer
from sqlalchemy import update

from lms_tool.models import Delivery, Platform, Score, Status
from lms_tool.services import platforms
from lms_tool.services.delivery import LEASE, Reconciler

PLACED: dict[str, Any] = {"activity_id": "l1"}
HALF: dict[str, Any] = {"module_id": "m1", "report": "progress"}  # reading the lesson gives 50 of 100


class Killed(BaseException):
    """The process is gone: nothing of it runs any more but what the operating system does."""


def test_one_sender_at_a_time(office: Office) -> None:
    office.complete(**PLACED)
    other, sent_meanwhile = office.another(), []

    def meanwhile() -> None:
        sent_meanwhile.append(other.drain(office.room.at.id))

    office.wire.script["/scores"] = [meanwhile]
    assert office.drain() == 1
    assert sent_meanwhile == [0]
    assert len(office.posts()) == 1
    assert office.platform().delivery_lease is None


def test_the_lease_of_a_dead_sender_runs_out(office: Office) -> None:
    office.complete(**PLACED)
    with office.room.database.write() as db:
        db.execute(update(Platform).values(delivery_lease=office.clock.now + LEASE))
    assert office.drain() == 0
    assert office.wire.sent == []
    office.clock.now += LEASE
    assert office.drain() == 1


def test_a_sender_at_work_keeps_its_lease(office: Office) -> None:
    """Many grades take longer than one lease."""
    for number in range(4):
        office.complete(f"p{number}", **PLACED)
    other = office.another()
    intruded = []

    def slowly() -> None:
        office.clock.forward(seconds=LEASE.total_seconds() / 2)
        intruded.append(other.drain(office.room.at.id))

    office.wire.script["/scores"] = [slowly] * 4
    assert office.drain() == 4
    assert intruded == [0] * 4


def test_a_lost_lease_is_not_given_away(office: Office) -> None:
    """One exchange outlasts the lease; the process that took it over is still sending when the first one ends."""
    office.complete(**PLACED)
    theirs = office.clock.now + LEASE + LEASE + timedelta(seconds=30)

    def outlasts() -> None:
        office.clock.now += LEASE + timedelta(seconds=1)
        with office.room.database.write() as db:
            db.execute(update(Platform).values(delivery_lease=theirs))

    office.wire.script["/scores"] = [outlasts]
    office.drain()
    assert office.platform().delivery_lease == theirs


def test_killed_between_post_and_note(office: Office) -> None:
    """The platform has it, we do not know: the same time and the same body again, and one grade there."""
    anna = office.complete(**PLACED)
    lease_at_death: list[Any] = []

    def die() -> None:
        office.wire.honest(office.wire.sent[-1])
        lease_at_death.append(office.platform().delivery_lease)
        raise Killed

    office.wire.script["/scores"] = [die]
    with pytest.raises(Killed):
        office.drain()
    with office.room.database.write() as db:
        # kill -9 runs no `finally`: put back what the process would have left behind
        db.execute(update(Platform).values(delivery_lease=lease_at_death[0]))
    assert office.score(anna).state == Delivery.PENDING
    heir: Reconciler = office.another()
    assert heir.drain(office.room.at.id) == 0
    office.clock.now += LEASE
    assert heir.drain(office.room.at.id) == 1
    bodies = {sent.body for sent in office.wire.to("/scores")}
    assert (len(bodies), len(office.wire.to("/scores"))) == (1, 2)
    assert office.score(anna).state == Delivery.SENT


def test_a_better_grade_during_the_exchange_is_sent_afterwards(office: Office) -> None:
    anna = office.room.arrive(**HALF)
    office.read(anna)

    def meanwhile() -> None:
        with office.room.database.write() as db:
            better = {"given": 100, "version": 2, "timestamp": NOW + timedelta(seconds=1), "completed": True}
            db.execute(update(Score).values(**better))

    office.wire.script["/scores"] = [meanwhile, answer(503)]
    office.drain()
    assert office.score(anna).state == Delivery.PENDING, "the first answer was about the older grade"
    office.clock.forward(minutes=2)
    assert office.drain() == 1
    assert [post["scoreGiven"] for post in office.posts()] == [50, 100, 100]
    stamps = [post["timestamp"] for post in office.posts()]
    assert stamps[0] < stamps[1] == stamps[2]
    assert office.stored()["scoreGiven"] == 100


def test_a_disabled_platform_parks_its_grades(office: Office) -> None:
    anna = office.complete(**PLACED)
    switch(office, Status.INACTIVE)
    assert office.reconciler.waiting() == []
    assert office.drain() == 0
    assert office.wire.sent == []
    office.clock.forward(days=30)
    switch(office, Status.ACTIVE)
    assert office.reconciler.waiting() == [office.room.at.id]
    assert office.drain() == 1
    assert office.score(anna).state == Delivery.SENT


def test_switched_off_in_the_middle_sends_nothing_more(office: Office) -> None:
    office.complete(**PLACED)
    office.complete("berta", **PLACED)
    office.wire.script["/scores"] = [lambda: switch(office, Status.INACTIVE)]
    office.drain()
    assert len(office.wire.to("/scores")) == 1


def test_platforms_do_not_wait_for_each_other(office: Office) -> None:
    office.complete(**PLACED)
    with office.room.database.write() as db:
        db.execute(update(Platform).values(delivery_paused_until=office.clock.now + timedelta(hours=1)))
        elsewhere = replace(office.room, at=platform(db))
    second = replace(office, room=elsewhere)
    second.complete("berta", **PLACED)
    assert office.reconciler.waiting() == [second.room.at.id]
    assert second.drain() == 1


def switch(office: Office, status: Status) -> None:
    with office.room.database.write() as db:
        platforms.set_status(db, office.room.at.id, status)
