"""Limits logins that are begun and never completed, per source and registration (LOG-26).

A class of a hundred behind one address passes, for each completed launch pays for its own login and two more; a
script that throws garbage at the login URL completes none and is told to wait. Counts are shared by all processes
through the database, but written only when a process's own open count has moved by ``STEP``: normal traffic costs no
write at all.
"""

from __future__ import annotations

from threading import Lock

from sqlalchemy import Connection, delete

from lms_tool.database import insert
from lms_tool.lti.request_errors import RateLimited
from lms_tool.models import LoginPressure

LIMIT = 60  # open logins a minute
STEP = 5
CREDIT = 3  # logins that one completed launch pays for


class Gauge:
    """What this process has not told the database yet, per (registration, source, minute)."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, bytes, int], int] = {}
        self._blocked: dict[tuple[int, bytes], int] = {}  # until which minute
        self._lock = Lock()

    def begun(self, platform_id: int, source: bytes, now: int) -> int:
        """Count a login; returns how many must be written to the database now (0: none).

        Raises:
            RateLimited: this source has too many open logins; says for how many seconds.
        """
        minute = now // 60
        with self._lock:
            if self._blocked.get((platform_id, source), -1) == minute:
                raise RateLimited(retry_after=60 - now % 60)
            return self._move((platform_id, source, minute), 1)

    def completed(self, platform_id: int, source: bytes, now: int) -> int:
        """Somebody got in from there; returns what must be written (0 or negative)."""
        with self._lock:
            self._blocked.pop((platform_id, source), None)
            return self._move((platform_id, source, now // 60), -CREDIT)

    def block(self, platform_id: int, source: bytes, now: int) -> None:
        with self._lock:
            self._blocked[platform_id, source] = now // 60

    def _move(self, key: tuple[int, bytes, int], by: int) -> int:
        if len(self._open) > 4096:
            self._open = {k: v for k, v in self._open.items() if k[2] >= key[2]}
            self._blocked = {k: v for k, v in self._blocked.items() if v >= key[2]}
        value = self._open.get(key, 0) + by
        if abs(value) >= STEP:
            self._open[key] = 0
            return value
        self._open[key] = value
        return 0


def add(db: Connection, platform_id: int, source: bytes, now: int, amount: int) -> int:
    """Add to the shared count; returns what is open in this minute."""
    statement = insert(db, LoginPressure).values(
        platform_id=platform_id, source=source, minute=now // 60, count=amount
    )
    return int(
        db.execute(
            statement.on_conflict_do_update(
                index_elements=["platform_id", "source", "minute"],
                set_={"count": LoginPressure.count + amount},
            ).returning(LoginPressure.count)
        ).scalar_one()
    )


def forget(db: Connection, now: int) -> None:
    """Drop counts of past minutes."""
    db.execute(delete(LoginPressure).where(LoginPressure.minute < now // 60 - 1))
