"""The gradebook: columns, one grade per column and person, and the completion that follows from it.

Behaves as recorded from Moodle 5.1: whatever is not a full grade erases the stored one, order is kept in
whole seconds only while a grade stands, a teacher's override wins, locked things refuse.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import IntEnum

from lms_tool.demo.people import Person


class Completion(IntEnum):
    """Moodle's numbers for the state of an activity; no row at all: nothing ever happened."""

    INCOMPLETE = 0
    COMPLETE = 1
    PASSED = 2
    FAILED = 3


class Locked(Exception):
    """The grade or its column was locked by a teacher."""


class NotNewer(Exception):
    """The stored grade is as new as this score or newer."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a tool says. ``given``: ``None`` where nothing of it counts; ``modified``: whole Unix seconds."""

    given: float | None
    maximum: float
    modified: int
    comment: str = ""


def item(db: sqlite3.Connection, item_id: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute("SELECT * FROM grade_item WHERE id = ?", (item_id,)).fetchone()
    return row


def grade(db: sqlite3.Connection, item_id: int, person_id: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM grade WHERE item_id = ? AND person_id = ?", (item_id, person_id)
    ).fetchone()
    return row


def save_score(db: sqlite3.Connection, column: sqlite3.Row, person: Person, score: Score) -> None:
    """Store what a tool sent.

    Raises:
        NotNewer: the stored grade's second is not before the score's.
        Locked: nothing was changed.
    """
    old = grade(db, column["id"], person.id)
    if old is not None and old["modified"] is not None and old["modified"] >= score.modified:
        raise NotNewer
    if column["locked"] or (old is not None and old["locked"]):
        raise Locked
    raw = _rescaled(score, column["maximum"])
    own_column = column["activity_id"] is not None
    if old is not None and old["overridden"]:
        # The teacher's grade stands: only the raw value behind it follows the tool.
        if own_column:
            db.execute(
                "UPDATE grade SET raw = ? WHERE item_id = ? AND person_id = ?", (raw, column["id"], person.id)
            )
        return
    final = None if raw is None else min(max(raw, 0.0), column["maximum"])
    _write(
        db,
        column,
        person.id,
        # Columns that a tool made have no activity behind them that could deliver a raw grade.
        raw=raw if own_column else None,
        final=final,
        feedback=score.comment,
        modified=None if final is None else score.modified,
    )


def override(
    db: sqlite3.Connection, column: sqlite3.Row, person: Person, final: float, feedback: str, now: int
) -> None:
    """A teacher's grade by hand. It stands against everything the tool sends until :func:`release`."""
    old = grade(db, column["id"], person.id)
    _write(
        db,
        column,
        person.id,
        raw=None if old is None else old["raw"],
        final=min(max(final, 0.0), column["maximum"]),
        feedback=feedback,
        modified=now,
    )
    db.execute(
        "UPDATE grade SET overridden = 1 WHERE item_id = ? AND person_id = ?", (column["id"], person.id)
    )


def release(db: sqlite3.Connection, column: sqlite3.Row, person: Person) -> None:
    """Take back an override; the tool's last raw value counts again."""
    old = grade(db, column["id"], person.id)
    if old is None or not old["overridden"]:
        return
    final = None if old["raw"] is None else min(max(old["raw"], 0.0), column["maximum"])
    modified = None if final is None else old["modified"]
    _write(db, column, person.id, raw=old["raw"], final=final, feedback="", modified=modified)
    db.execute(
        "UPDATE grade SET overridden = 0 WHERE item_id = ? AND person_id = ?", (column["id"], person.id)
    )


def lock(db: sqlite3.Connection, column: sqlite3.Row, person: Person, locked: bool) -> None:
    db.execute(
        "INSERT INTO grade (item_id, person_id, locked) VALUES (?, ?, ?)"
        " ON CONFLICT (item_id, person_id) DO UPDATE SET locked = excluded.locked",
        (column["id"], person.id, locked),
    )


def lock_column(db: sqlite3.Connection, column: sqlite3.Row, locked: bool) -> None:
    """Lock or unlock a whole column; unlocking fetches the maximum from the activity again."""
    db.execute("UPDATE grade_item SET locked = ? WHERE id = ?", (locked, column["id"]))
    if not locked and column["activity_id"] is not None:
        db.execute(
            "UPDATE grade_item SET maximum = (SELECT maximum FROM activity WHERE id = activity_id)"
            " WHERE id = ?",
            (column["id"],),
        )


def viewed(db: sqlite3.Connection, activity: sqlite3.Row, person: Person) -> None:
    """Somebody opened the activity: completes one that is not graded."""
    if not activity["graded"] and person.is_enrolled:
        _complete(db, activity["id"], person.id, Completion.COMPLETE)


def completion(db: sqlite3.Connection, activity_id: int, person_id: int) -> Completion | None:
    row = db.execute(
        "SELECT state FROM completion WHERE activity_id = ? AND person_id = ?", (activity_id, person_id)
    ).fetchone()
    return None if row is None else Completion(row["state"])


def _rescaled(score: Score, maximum: float) -> float | None:
    if score.given is None:
        return None
    same_scale = score.maximum == 0 or abs(score.maximum - maximum) < 0.00001
    points = score.given if same_scale else score.given * maximum / score.maximum
    return round(points, 5)


def _write(
    db: sqlite3.Connection,
    column: sqlite3.Row,
    person_id: int,
    *,
    raw: float | None,
    final: float | None,
    feedback: str,
    modified: int | None,
) -> None:
    db.execute(
        "INSERT INTO grade (item_id, person_id, raw, final, feedback, modified) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (item_id, person_id) DO UPDATE SET raw = excluded.raw, final = excluded.final,"
        " feedback = excluded.feedback, modified = excluded.modified",
        (column["id"], person_id, raw, final, feedback, modified),
    )
    if column["activity_id"] is not None:
        _follow_grade(db, column["activity_id"], person_id, final)


def _follow_grade(db: sqlite3.Connection, activity_id: int, person_id: int, final: float | None) -> None:
    pass_grade = db.execute("SELECT pass_grade FROM activity WHERE id = ?", (activity_id,)).fetchone()[0]
    if final is None:
        # Nothing to take back where nothing ever happened.
        if completion(db, activity_id, person_id) is not None:
            _complete(db, activity_id, person_id, Completion.INCOMPLETE)
    elif pass_grade is None:
        _complete(db, activity_id, person_id, Completion.COMPLETE)
    else:
        _complete(db, activity_id, person_id, Completion.PASSED if final >= pass_grade else Completion.FAILED)


def _complete(db: sqlite3.Connection, activity_id: int, person_id: int, state: Completion) -> None:
    db.execute(
        "INSERT INTO completion (activity_id, person_id, state) VALUES (?, ?, ?)"
        " ON CONFLICT (activity_id, person_id) DO UPDATE SET state = excluded.state",
        (activity_id, person_id, state),
    )
