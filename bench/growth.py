"""How much our database grows: rows of each table, and bytes on disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass

import psycopg
from servers import Server


@dataclass(frozen=True)
class Size:
    rows: dict[str, int]
    bytes: int

    def since(self, before: Size) -> Size:
        rows = {table: count - before.rows.get(table, 0) for table, count in self.rows.items()}
        return Size({table: count for table, count in rows.items() if count}, self.bytes - before.bytes)


def size(server: Server) -> Size:
    """All tables, the queue's included. While nobody writes: SQLite's log is taken into the file first."""
    return _postgres(server.database_url) if server.database_url else _sqlite(server)


def _sqlite(server: Server) -> Size:
    rows: dict[str, int] = {}
    total = 0
    for file in sorted(server.data_dir.glob("*.db")):
        with closing(sqlite3.connect(file, timeout=30)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows |= {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
        total += file.stat().st_size
    return Size(rows, total)


def _postgres(url: str) -> Size:
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as db:
        tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone() for (name,) in tables}
        total = db.execute("SELECT pg_database_size(current_database())").fetchone()
    assert total is not None
    return Size({name: row[0] for name, row in rows.items() if row}, total[0])
