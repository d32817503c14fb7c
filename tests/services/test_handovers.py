"""One-time tokens that carry a session from one document to the next (STA-31)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from outgoing import Clock
from sqlalchemy import func, select

from lms_tool.database import Database
from lms_tool.lti.request_errors import HandoverInvalid
from lms_tool.models import Handover
from lms_tool.services import handovers, upkeep

FINGERPRINT = b"f" * 32


def issue(database: Database, clock: Clock, launch: str = "launch-1") -> str:
    with database.write() as db:
        return handovers.issue(db, launch, FINGERPRINT, clock.now)


def redeem(database: Database, clock: Clock, token: str, launch: str = "launch-1") -> bytes:
    with database.write() as db:
        return handovers.redeem(db, launch, token, clock.now)


def test_good_once(database: Database, clock: Clock) -> None:
    token = issue(database, clock)
    assert redeem(database, clock, token) == FINGERPRINT
    with pytest.raises(HandoverInvalid):
        redeem(database, clock, token)


def test_of_many_at_once_one_wins(database: Database, clock: Clock) -> None:
    token = issue(database, clock)

    def take(_: int) -> bool:
        try:
            return redeem(database, clock, token) == FINGERPRINT
        except HandoverInvalid:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(16))) == 1


def test_only_for_its_launch_and_only_for_a_minute(database: Database, clock: Clock) -> None:
    token = issue(database, clock)
    for launch in ("launch-2", "", "launch-1 "):
        with pytest.raises(HandoverInvalid):
            redeem(database, clock, token, launch)
    for strange in ("", "x", "ä\ud800", token[:-1]):
        with pytest.raises(HandoverInvalid):
            redeem(database, clock, strange)
    clock.now += timedelta(seconds=59)
    late = issue(database, clock)
    assert redeem(database, clock, token) == FINGERPRINT
    clock.now += timedelta(seconds=60)
    with pytest.raises(HandoverInvalid):
        redeem(database, clock, late)


def test_the_token_itself_is_not_kept_and_old_ones_are_forgotten(database: Database, clock: Clock) -> None:
    token = issue(database, clock)
    with database.write() as db:
        (row,) = db.execute(select(Handover.__table__)).all()
        assert token.encode() not in row.token_hash + row.launch_id.encode()
        upkeep.sweep(db, clock.now + timedelta(seconds=59))
        assert db.scalar(select(func.count()).select_from(Handover)) == 1
        upkeep.sweep(db, clock.now + timedelta(seconds=60))
        assert db.scalar(select(func.count()).select_from(Handover)) == 0
