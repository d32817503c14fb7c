"""What both databases have in common, as far as the tool relies on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest
from builders import NOW, Classroom, fingerprint, launch
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from lms_tool.database import Database, get_or_make
from lms_tool.lti.errors import LaunchReplayed
from lms_tool.models import Deployment, Launch, Person, UsedState
from lms_tool.services import launches


def test_times_come_back_as_they_were(database: Database) -> None:
    moment = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with database.write() as db:
        db.execute(insert(UsedState).values(fingerprint=b"1", expires_at=moment))
    with database.read() as db:
        found = db.scalars(select(UsedState.expires_at)).one()
        assert found == moment
        assert found.tzinfo == UTC
        assert db.scalar(select(UsedState.fingerprint).where(UsedState.expires_at == moment)) == b"1"


def test_a_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError), database.write() as db:
        db.execute(insert(UsedState).values(fingerprint=b"1", expires_at=datetime(2026, 1, 1)))  # noqa: DTZ001


class Broken(Exception):
    pass


def half_done(database: Database) -> None:
    with database.write() as db:
        db.execute(insert(UsedState).values(fingerprint=b"1", expires_at=NOW))
        raise Broken


def test_an_exception_takes_everything_back(database: Database) -> None:
    with pytest.raises(Broken):
        half_done(database)
    with database.read() as db:
        assert db.execute(select(UsedState)).all() == []


def test_what_is_read_only_is_not_kept(database: Database) -> None:
    with database.read() as db:
        db.execute(select(UsedState))
    with database.write() as db:
        db.execute(insert(UsedState).values(fingerprint=b"1", expires_at=NOW))
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(UsedState)) == 1


def test_writers_queue_up(database: Database) -> None:
    """Reading, then writing, in many threads: nobody fails with «database is locked», nothing is lost."""

    def add(number: int) -> None:
        with database.write() as db:
            db.scalar(select(func.count()).select_from(UsedState))
            db.execute(insert(UsedState).values(fingerprint=str(number).encode(), expires_at=NOW))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(40)))
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(UsedState)) == 40


def test_two_first_launches_make_one_row(database: Database) -> None:
    gate = Barrier(6)

    def make(_: int) -> int:
        gate.wait()
        with database.write() as db:
            return get_or_make(db, Person, {"tenant_id": 1, "issuer": "i", "sub": "s"}, {"created_at": NOW})

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(make, range(6)))) == 1


def test_one_state_is_one_launch_however_many_post_it(room: Classroom) -> None:
    """The unique key decides, not a look before a write (DESIGN § 4)."""
    gate, state = Barrier(4), fingerprint()

    def post(number: int) -> bool:
        gate.wait()
        try:
            with room.database.write() as db:
                launches.accept(db, room.at.id, launch(room.at), state, f"browser-{number}", room.shelf, NOW)
        except LaunchReplayed:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(post, range(4))) == [False, False, False, True]
    with room.database.read() as db:
        for table, expected in ((Launch, 1), (Person, 1)):
            assert db.scalar(select(func.count()).select_from(table)) == expected


def test_tables_know_their_foreign_keys(database: Database) -> None:
    """SQLite checks them only when asked to on each connection."""
    with pytest.raises(IntegrityError), database.write() as db:
        db.execute(insert(Deployment).values(platform_id=9, lti_id="d", status="active", created_at=NOW))
