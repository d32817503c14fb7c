"""Looks into the tool's database from outside: what a refused launch left behind, and what an outbox holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, Table, create_engine, func, select, text

# May change with a refusal: the audit line, the counter of the rate limit, a state used up by the platform's error.
# The rest of the database must stay as it is, to the last byte.
# Rosters are read in the background, after launches of staff that others made.
_MAY_CHANGE = {
    "audit_event",
    "login_pressure",
    "used_state",
    "access_token",
    "roster_entry",
    "alembic_version",
}
# The platform's cached key set, and what the background worker notes about grades on their way.
_MAY_CHANGE_COLUMNS = {
    "platform": ("jwks", "delivery_"),
    "score": ("state", "tries", "reason", "next_try_at", "first_tried_at", "delivered_at"),
    "line_item": ("looked_up_at",),
    "roster": (
        "differences_url",
        "full_at",
        "next_at",
        "lease",
        "synced_at",
        "failures",
        "problem",
        "skipped",
    ),
}


class Rows:
    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, pool_pre_ping=True)
        self.metadata = MetaData()
        # the job queue's own tables hold no truth: jobs come and go beside any request
        self.metadata.reflect(self.engine, only=lambda name, _: not name.startswith("huey"))
        self.protected = {
            table.name: [
                c for c in table.columns if not c.name.startswith(_MAY_CHANGE_COLUMNS.get(table.name, "-"))
            ]
            for table in self.metadata.sorted_tables
            if table.name not in _MAY_CHANGE
        }
        assert {"person", "membership", "context", "launch", "line_item", "resource_link"} <= set(
            self.protected
        )

    def table(self, name: str) -> Table:
        return self.metadata.tables[name]

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    def all(self, name: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table whose columns have the given values, in order of the primary key."""
        table = self.table(name)
        query = select(table).order_by(*table.primary_key.columns)
        for column, value in where.items():
            query = query.where(table.c[column] == value)
        with self.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def one(self, name: str, **where: Any) -> dict[str, Any]:
        found = self.all(name, **where)
        assert len(found) == 1, f"{len(found)} rows in {name} with {where}"
        return found[0]

    def count(self, name: str) -> int:
        with self.read() as connection:
            return connection.scalar(select(func.count()).select_from(self.table(name))) or 0

    def counts(self) -> dict[str, int]:
        return {name: self.count(name) for name in self.metadata.tables}

    def snapshot(self) -> dict[str, str]:
        """Count and checksum of every table that a refused launch must leave alone."""
        with self.read() as connection:
            return {name: self._checksum(connection, name) for name in self.protected}

    def _checksum(self, connection: Connection, name: str) -> str:
        columns = ", ".join(f'"{column.name}"' for column in self.protected[name])
        if self.engine.dialect.name == "postgresql":
            row = f"ROW({columns})::text"
            found = connection.execute(
                text(f"SELECT count(*), md5(string_agg({row}, ';' ORDER BY {row})) FROM \"{name}\"")
            ).one()
            return f"{found[0]} {found[1]}"
        rows = sorted(map(repr, connection.exec_driver_sql(f'SELECT {columns} FROM "{name}"').fetchall()))
        return f"{len(rows)} {hashlib.md5(';'.join(rows).encode(), usedforsecurity=False).hexdigest()}"
