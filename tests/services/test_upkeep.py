"""Nothing stays longer than it means something, and nothing goes before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from builders import NOW, Classroom, fingerprint
from office import Office
from sqlalchemy import func, insert, select

from lms_tool.database import Database
from lms_tool.lti.claims import SCOPE_SCORE
from lms_tool.lti.state import STATE_LIFETIME
from lms_tool.models import AccessToken, AuditEvent, Base, Launch, LoginPressure, Person, UsedState
from lms_tool.services import audit, launches, pressure, sessions, upkeep

STATE = timedelta(seconds=STATE_LIFETIME)


def count(database: Database, table: type[Base]) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def sweep(database: Database, now: datetime = NOW) -> None:
    with database.write() as db:
        upkeep.sweep(db, now)


def test_launches_go_when_they_are_over(room: Classroom) -> None:
    room.arrive()
    over = NOW + sessions.ABSOLUTE
    sweep(room.database, over)
    assert count(room.database, Launch) == 1, "a replay still meets its row"
    sweep(room.database, over + upkeep.KEEP_ENDED + timedelta(seconds=1))
    assert count(room.database, Launch) == 0
    assert count(room.database, Person) == 1


def test_ended_launches_stay_beyond_the_life_of_their_state(room: Classroom) -> None:
    with room.database.write() as db:
        sessions.end(db, room.accept(db).launch_id, NOW)
    assert upkeep.KEEP_ENDED > STATE
    sweep(room.database, NOW + STATE)
    assert count(room.database, Launch) == 1
    sweep(room.database, NOW + upkeep.KEEP_ENDED + timedelta(seconds=1))
    assert count(room.database, Launch) == 0


def test_used_states_go_with_their_life(database: Database) -> None:
    with database.write() as db:
        launches.use_up(db, fingerprint(), NOW)
    sweep(database, NOW + STATE - timedelta(seconds=1))
    assert count(database, UsedState) == 1
    sweep(database, NOW + STATE + timedelta(seconds=1))
    assert count(database, UsedState) == 0


def test_tokens_go_when_they_end(office: Office) -> None:
    office.tokens.get(office.room.at, frozenset({SCOPE_SCORE}), NOW)
    sweep(office.room.database)
    assert count(office.room.database, AccessToken) == 1
    sweep(office.room.database, NOW + timedelta(hours=2))
    assert count(office.room.database, AccessToken) == 0


@pytest.mark.parametrize(("kind", "kept"), [("launch", upkeep.KEEP_AUDIT), ("refused", upkeep.KEEP_REFUSALS)])
def test_the_audit_trail_goes_in_time(database: Database, kind: str, kept: timedelta) -> None:
    with database.write() as db:
        audit.note(db, NOW, kind, "state_expired", None, "c0ffee")
    sweep(database, NOW + kept - timedelta(days=1))
    assert count(database, AuditEvent) == 1
    sweep(database, NOW + kept + timedelta(days=1))
    assert count(database, AuditEvent) == 0


def test_counts_of_past_minutes_go(room: Classroom) -> None:
    with room.database.write() as db:
        db.execute(insert(LoginPressure).values(platform_id=1, source=b"x", minute=0, count=3))
        pressure.add(db, room.at.id, b"y", int(NOW.timestamp()), 5)
    sweep(room.database)
    assert count(room.database, LoginPressure) == 1


def test_sweeping_twice_is_harmless(room: Classroom) -> None:
    room.arrive()
    for _ in range(2):
        sweep(room.database, NOW + timedelta(days=1))
    assert count(room.database, Launch) == 0
