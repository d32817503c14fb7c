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

Key = tuple[int, bytes, int]  # registration, source, minute


class Gauge:
    """What this process has not told the database yet, per (registration, source, minute)."""

    def __init__(self) -> None:
        self._open: dict[Key, int] = {}
        self._told: dict[Key, int] = {}  # what of it the database has
        self._blocked: dict[tuple[int, bytes], int] = {}  # until which minute
        self._minute = 0
        self._lock = Lock()

    def begun(self, platform_id: int, source: bytes, now: int) -> int:
        """Count a login; returns how many must be written to the database now (0: none).

        Raises:
            RateLimited: this source has too many open logins; says for how many seconds.
        """
        key = (platform_id, source, now // 60)
        with self._lock:
            if self._blocked.get(key[:2], -1) == key[2]:
                raise RateLimited(retry_after=60 - now % 60)
            self._forget_past(key[2])
            self._open[key] = self._open.get(key, 0) + 1
            return self._due(key)

    def completed(self, platform_id: int, source: bytes, now: int) -> int:
        """Somebody got in from there; returns what must be written (0 or negative)."""
        key = (platform_id, source, now // 60)
        with self._lock:
            self._blocked.pop(key[:2], None)
            self._open[key] = max(self._open.get(key, 0) - CREDIT, -LIMIT)
            return self._due(key)

    def block(self, platform_id: int, source: bytes, now: int) -> None:
        with self._lock:
            self._blocked[platform_id, source] = now // 60

    def _due(self, key: Key) -> int:
        """The difference to what the database has, once it matters: others only need to hear of pressure."""
        told = self._told.get(key, 0)
        wanted = max(0, self._open[key])
        if abs(wanted - told) < STEP:
            return 0
        self._told[key] = wanted
        return wanted - told

    def _forget_past(self, minute: int) -> None:
        if minute != self._minute:
            self._minute = minute
            self._open = {key: value for key, value in self._open.items() if key[2] >= minute}
            self._told = {key: value for key, value in self._told.items() if key[2] >= minute}
            self._blocked = {key: value for key, value in self._blocked.items() if value >= minute}


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
