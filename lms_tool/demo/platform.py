"""One running demo LMS: what every part of it is handed, and the sessions of its visitors."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import request

from lms_tool.demo.config import Clock, LmsConfig
from lms_tool.demo.people import Person
from lms_tool.demo.store import Store

SESSION_COOKIE = "DemoLmsSession"
SESSION_SECONDS = 7 * 86400


@dataclass(frozen=True)
class Site:
    guid: str
    kid: str
    private_pem: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that somebody entered with."""

    id: str
    person: Person
    sesskey: str


@dataclass(frozen=True)
class Platform:
    config: LmsConfig
    store: Store
    clock: Clock

    @cached_property
    def site(self) -> Site:
        with self.store.reading() as db:
            return Site(*db.execute("SELECT guid, kid, private_pem FROM site").fetchone())

    @cached_property
    def people(self) -> dict[int, Person]:
        return {person.id: person for person in self.config.people}

    def person_of(self, value: object) -> Person | None:
        """Who a service's ``userId`` means: a number or its text."""
        text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        return self.people.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 12 else None

    def local(self, seconds: float) -> datetime:
        """The moment in the server's time zone."""
        zone = self.config.timezone
        return datetime.fromtimestamp(seconds, zone) if zone else datetime.fromtimestamp(seconds).astimezone()

    def seconds(self, moment: datetime) -> float:
        """Seconds since 1970; a moment without a zone is the server's local time.

        Raises:
            ValueError, OverflowError: outside of what the machine can count.
        """
        if moment.tzinfo is None and self.config.timezone is not None:
            moment = moment.replace(tzinfo=self.config.timezone)
        return moment.timestamp()

    def enter(self, person: Person) -> str:
        """Begin a session and return the cookie's value."""
        session = secrets.token_hex(16)
        now = self.clock()
        with self.store.writing() as db:
            db.execute("DELETE FROM session WHERE created < ?", (now - SESSION_SECONDS,))
            db.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?)", (session, person.id, secrets.token_urlsafe(8), now)
            )
        return session

    def leave(self) -> None:
        with self.store.writing() as db:
            db.execute("DELETE FROM session WHERE id = ?", (request.cookies.get(SESSION_COOKIE, ""),))

    def visit(self) -> Visit | None:
        """Who sends the current request, or ``None``."""
        session = request.cookies.get(SESSION_COOKIE, "")
        with self.store.reading() as db:
            row = db.execute(
                "SELECT person_id, sesskey, created FROM session WHERE id = ?", (session,)
            ).fetchone()
        if (
            row is None
            or row["created"] < self.clock() - SESSION_SECONDS
            or row["person_id"] not in self.people
        ):
            return None
        return Visit(session, self.people[row["person_id"]], row["sesskey"])

    def activity(self, db: sqlite3.Connection, cmid: str | None) -> sqlite3.Row | None:
        """The placed activity with this course module id: one more than its own, as in a fresh Moodle."""
        if cmid is None or not (cmid.isascii() and cmid.isdigit()) or len(cmid) > 12:
            return None
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM activity WHERE id = ? AND visible", (int(cmid) - 1,)
        ).fetchone()
        return row
