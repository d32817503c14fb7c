"""Engine, sessions, and what differs between SQLite and PostgreSQL.

Services take a plain connection: Core statements over the typed tables, no identity map, no implicit flush. One verb is
one transaction: entry points open ``Database.write()`` or ``Database.read()``, call one service, and the
block's end commits. On SQLite a writing transaction takes the write lock at its start (``BEGIN IMMEDIATE``): two
writers queue up instead of one failing half-way with "database is locked".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

__all__ = ["Connection", "Database", "UtcDateTime", "get_or_make", "insert"]

BUSY_TIMEOUT_MS = 15_000


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC) if value.tzinfo is not UTC else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """The engine and its two kinds of transactions."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        # pre-ping: a database restart must not surface as an error page of the first visitor afterwards
        self.engine: Engine = create_engine(
            parsed,
            pool_pre_ping=not self.is_sqlite,
            hide_parameters=True,  # they hold names and launch ids, and errors go to the log
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._writing = self.engine.execution_options(writing=True)
        # Reading needs no transaction: each statement sees one state, and pages are made of one or two statements.
        self._reading = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that only looks; nothing done in it is kept."""
        return self._reading.connect()

    def write(self) -> AbstractContextManager[Connection]:
        """A transaction that commits at the block's end and rolls back on any exception."""
        return self._writing.begin()

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """A writing transaction in which tables may be made anew, for migrations.

        SQLite changes most of a table by copying it and dropping the old one, and with foreign keys switched on that
        would delete whatever refers to it. They are off meanwhile, and all are checked before the commit.
        """
        with self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            if self.is_sqlite:
                raw.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.execution_options(writing=True).begin():
                    yield connection
                    if self.is_sqlite and (broken := raw.execute("PRAGMA foreign_key_check").fetchone()):
                        raise RuntimeError(f"a migration left a reference without its row in {broken[0]}")
            finally:
                if self.is_sqlite:
                    raw.execute("PRAGMA foreign_keys=ON")

    def dispose(self) -> None:
        """Close all pooled connections; after a fork the child calls this and gets its own."""
        self.engine.dispose()


def insert(db: Connection, table: Any) -> Any:
    """``INSERT`` with ``on_conflict_do_…`` for the database this connection talks to."""
    return (sqlite if db.dialect.name == "sqlite" else postgresql).insert(table)


@cache
def _insert_missing(dialect: str, table: Any) -> Any:
    """Built once: putting a statement together costs more than running it."""
    return (
        (sqlite if dialect == "sqlite" else postgresql)
        .insert(table)
        .on_conflict_do_nothing()
        .returning(table.id)
    )


def get_or_make(db: Connection, table: Any, key: dict[str, Any], values: dict[str, Any]) -> int:
    """Id of the row with this unique ``key``; made with ``values`` if it is missing. The database decides races."""
    made = db.execute(_insert_missing(db.dialect.name, table), {**key, **values}).scalar()
    if made is not None:
        return int(made)
    return int(db.execute(select(table.id).filter_by(**key)).scalar_one())


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # survives kill -9; a power cut may take the last moments
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    if connection.get_execution_options().get("writing"):
        connection.connection.driver_connection.execute("BEGIN IMMEDIATE")
