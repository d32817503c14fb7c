"""Which store huey uses, and one line per job into the services."""

from __future__ import annotations

import logging
import sqlite3
import time
from threading import Lock
from typing import Any

from huey import Huey, PostgresHuey, SqliteHuey, crontab

from lms_tool.runtime import Runtime
from lms_tool.services import retention, tool_keys, upkeep
from lms_tool.services.calls import Calls
from lms_tool.services.columns import Columns
from lms_tool.services.delivery import Reconciler
from lms_tool.services.legacy_outcomes import OldPostman, PostmanByVersion
from lms_tool.services.notices import Subscriber
from lms_tool.services.postings import Postman
from lms_tool.services.results import ResultsReader
from lms_tool.services.roster_reading import RosterReader
from lms_tool.settings import Settings

log = logging.getLogger(__name__)


NAME = "lms-tool"
TURN = 60.0  # seconds


def store(settings: Settings, *, create_tables: bool = False) -> Huey:
    """SQLite beside an SQLite database; tables in the same PostgreSQL for many machines.

    Tables are made by ``db upgrade``: two processes that start at once must not both try.
    """
    if settings.is_sqlite:
        settings.require_folder(settings.data_dir, "DATA_DIR")
        place = settings.data_dir / "queue.db"
        # A fresh or lost file is made again: nothing in it is worth keeping.
        return SqliteHuey(
            NAME, filename=str(place), results=False, create_tables=create_tables or not place.exists()
        )
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    return PostgresHuey(NAME, dsn=dsn, results=False, create_tables=create_tables)


def _store_errors(settings: Settings) -> tuple[type[Exception], ...]:
    """What it looks like when the queue's store can't be reached."""
    if settings.is_sqlite:
        return sqlite3.Error, OSError
    import psycopg  # only where it is needed: it takes long to load

    return psycopg.Error, OSError


class Queue:
    """The jobs of one process. Web processes only wake; ``consumer`` runs them."""

    def __init__(self, runtime: Runtime) -> None:
        self.errors = _store_errors(runtime.settings)
        self.huey = store(runtime.settings)
        calls = Calls(runtime.client, runtime.public_client, runtime.tokens)
        columns = Columns(runtime.database, calls, runtime.clock)
        old = OldPostman(runtime.database, calls, runtime.vault)
        postman = PostmanByVersion(Postman(calls), old)
        self.reconciler = Reconciler(runtime.database, postman, columns, runtime.clock)
        self.results = ResultsReader(runtime.database, calls, runtime.clock)
        self.rosters = RosterReader(runtime.database, calls, runtime.clock, runtime.settings.roster_limit)
        self._runtime = runtime
        self._drain = self.huey.task(name="drain")(self.drain)
        self._read_rosters = self.huey.task(name="read_rosters")(self.read_rosters)
        self._at_rosters = Lock()
        self.huey.periodic_task(crontab(minute="*"), name="sweep")(self.sweep)
        self.huey.periodic_task(crontab(minute="*/10"), name="upkeep")(self.upkeep)
        self.huey.periodic_task(crontab(minute="17"), name="rotate_keys")(self.rotate_keys)
        self.huey.periodic_task(crontab(minute="5,15,25,35,45,55"), name="read_results")(self.results.run)
        self.subscriber = Subscriber(runtime.database, calls, runtime.settings.base_url, runtime.clock)
        self.huey.periodic_task(crontab(minute="*"), name="subscribe")(self.subscriber.run)

    def drain(self, platform_id: int) -> None:
        """Send for a minute at most, then let other platforms have the thread."""
        self.reconciler.drain(platform_id, seconds=TURN)
        if platform_id in self.reconciler.waiting():
            self.wake(platform_id)

    def wake(self, platform_id: int) -> None:
        """Ask for a platform's due grades to be sent. If the queue can't take it, the sweep finds them."""
        self._put(self._drain, platform_id)

    def read_rosters(self) -> None:
        """Read the rosters that are due, for a minute at most; one thread of a process, the others send grades."""
        if not self._at_rosters.acquire(blocking=False):
            return  # whoever is at it looks again at the end
        try:
            end = time.monotonic() + TURN
            for context_id in self.rosters.waiting():
                self.rosters.read(context_id)
                if time.monotonic() >= end:
                    break
        finally:
            self._at_rosters.release()
        if self.rosters.waiting():
            self.wake_rosters()

    def wake_rosters(self) -> None:
        """Ask for the due rosters to be read. If the queue can't take it, the sweep finds them."""
        self._put(self._read_rosters)

    def _put(self, job: Any, *arguments: int) -> None:
        for last in (False, True):
            try:
                job(*arguments)
                return
            except self.errors as error:
                # Perhaps only the connection is dead, after a restart of the database: once more with a new one.
                self.huey.storage.close()
                if last:
                    log.warning("queue_unavailable", extra={"error": type(error).__name__})

    def answers(self) -> bool:
        """Whether the queue's store can be reached."""
        try:
            self.huey.pending_count()
        except self.errors:
            self.huey.storage.close()
            return False
        return True

    def sweep(self) -> None:
        """Start again whatever was left: by a lost job, a killed worker, a pause that is over."""
        for platform_id in self.reconciler.waiting():
            self.wake(platform_id)
        if self.rosters.waiting():
            self.wake_rosters()

    def upkeep(self) -> None:
        now, days = self._runtime.clock(), self._runtime.settings.retention_days
        with self._runtime.database.write() as db:
            upkeep.sweep(db, now)
        with self._runtime.database.write() as db:
            retention.forget(db, now, days)

    def rotate_keys(self) -> None:
        tool = self._runtime
        tool_keys.keep_fresh(tool.database, tool.vault, tool.clock(), tool.settings.key_rotation_days)

    def consumer(self, workers: int = 2, *, periodic: bool = True) -> Any:
        """The process that works: ``run()`` blocks until a signal. Sweeps once at the start."""
        self.sweep()
        return self.huey.create_consumer(
            workers=workers,
            periodic=periodic,
            max_delay=1.0,
            graceful_signal="TERM",  # what a service manager sends: finish the grade at hand, give the lease back
        )
