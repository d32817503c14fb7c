"""The demo LMS's own SQLite file: keys, sessions, placed activities, gradebook. People are configured."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lms_tool.demo.config import Item, LmsConfig

SCHEMA = """
CREATE TABLE IF NOT EXISTS site (guid TEXT NOT NULL, kid TEXT NOT NULL, private_pem TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, person_id INTEGER NOT NULL, sesskey TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS hint (
    id TEXT NOT NULL, session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    activity_id INTEGER NOT NULL, PRIMARY KEY (session_id, id));
-- What the tool sent back from a content selection, until the teacher saves it.
CREATE TABLE IF NOT EXISTS selection (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE, items TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS activity (
    id INTEGER PRIMARY KEY, placement TEXT NOT NULL UNIQUE, position INTEGER NOT NULL,
    visible INTEGER NOT NULL,
    title TEXT NOT NULL, description TEXT NOT NULL, url TEXT NOT NULL, custom TEXT NOT NULL,
    container TEXT NOT NULL, graded INTEGER NOT NULL, maximum REAL NOT NULL, pass_grade REAL);
-- A column of the gradebook. activity_id: the activity's own column; link_id: one the tool coupled to a link.
CREATE TABLE IF NOT EXISTS grade_item (
    id INTEGER PRIMARY KEY AUTOINCREMENT, activity_id INTEGER UNIQUE, link_id INTEGER, label TEXT NOT NULL,
    maximum REAL NOT NULL, resource_id TEXT NOT NULL, tag TEXT NOT NULL, review TEXT,
    locked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS grade (
    item_id INTEGER NOT NULL REFERENCES grade_item (id) ON DELETE CASCADE, person_id INTEGER NOT NULL,
    raw REAL, final REAL, feedback TEXT NOT NULL DEFAULT '', modified INTEGER,
    overridden INTEGER NOT NULL DEFAULT 0, locked INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (item_id, person_id));
CREATE TABLE IF NOT EXISTS completion (
    activity_id INTEGER NOT NULL, person_id INTEGER NOT NULL, state INTEGER NOT NULL,
    PRIMARY KEY (activity_id, person_id));
CREATE TABLE IF NOT EXISTS access_token (token TEXT PRIMARY KEY, scopes TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS registration_token (fingerprint TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS key_set (url TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS arrival (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received REAL NOT NULL, item_id INTEGER NOT NULL,
    person TEXT NOT NULL, points REAL, maximum REAL, progress TEXT NOT NULL, status INTEGER NOT NULL);
"""

BUSY_SECONDS = 20.0
KEPT_ARRIVALS = 5000


class Store:
    """One connection per use, so that any number of threads may share the object."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = NORMAL")
        try:
            yield db
        finally:
            db.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._open() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its beginning: what was read cannot change."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


def seed(store: Store, config: LmsConfig) -> None:
    """Make keys once and bring the placed activities in line with ``config.items``.

    Idempotent. An item is the same as one of an earlier start if content and container are the same; it then
    keeps its ids, grades and completion. What is no longer configured is hidden, never deleted.
    """
    with store.writing() as db:
        if db.execute("SELECT 1 FROM site").fetchone() is None:
            db.execute(
                "INSERT INTO site VALUES (?, ?, ?)",
                (secrets.token_hex(16), secrets.token_hex(10), _new_key()),
            )
        # What came by content selection is the teacher's, not the configuration's.
        if db.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'grade_item'").fetchone() is None:
            # Column 1 of a Moodle course is its total.
            db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('grade_item', 1)")
        db.execute("UPDATE activity SET visible = 0 WHERE placement NOT LIKE 'selected|%'")
        seen: dict[str, int] = {}
        for position, item in enumerate(config.items):
            base = f"{item.query}|{item.container}"
            seen[base] = seen.get(base, 0) + 1
            _place(db, config, item, f"{base}|{seen[base]}", position)


def _place(db: sqlite3.Connection, config: LmsConfig, item: Item, placement: str, position: int) -> None:
    url = f"{config.tool_launch_url}?{item.query}" if item.query else config.tool_launch_url
    known = db.execute("SELECT id FROM activity WHERE placement = ?", (placement,)).fetchone()
    values = (position, item.title, item.description, url, json.dumps(dict(item.custom)), item.container,
              item.graded, item.maximum, item.pass_grade)  # fmt: skip
    if known is not None:
        db.execute(
            "UPDATE activity SET position = ?, title = ?, description = ?, url = ?, custom = ?,"
            " container = ?, graded = ?, maximum = ?, pass_grade = ?, visible = 1 WHERE id = ?",
            (*values, known["id"]),
        )
        return
    activity = db.execute(
        "INSERT INTO activity (position, title, description, url, custom, container, graded, maximum,"
        " pass_grade, placement, visible) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        (*values, placement),
    ).lastrowid
    if item.graded:
        db.execute(
            "INSERT INTO grade_item (activity_id, link_id, label, maximum, resource_id, tag)"
            " VALUES (?, ?, ?, ?, ?, '')",
            (activity, activity, item.title, item.maximum, item.resource_id),
        )


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
