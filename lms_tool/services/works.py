"""Activities that keep a state of their own (case, worksheet, process): load, save, finish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from lms_tool.content.course import Activity, Course
from lms_tool.database import insert
from lms_tool.errors import Text, ToolError
from lms_tool.models import Work as WorkRow
from lms_tool.services import lessons
from lms_tool.services.lessons import Learner


class WorkChanged(ToolError):
    """It was saved somewhere else in the meantime; what the other side saved stays."""

    code = "work_changed"
    status = 409
    text = Text(
        "Sie haben diese Aktivität in einem anderen Fenster weiterbearbeitet.",
        "You went on with this activity in another window.",
    )
    remedy = Text(
        "Ihre Eingaben auf dieser Seite sind noch da, aber nicht gespeichert. Kopieren Sie, was Sie brauchen, und "
        "laden Sie die Seite neu.",
        "What you entered on this page is still there, but not saved. Copy what you need and reload the page.",
    )


@dataclass(frozen=True, slots=True)
class Work:
    """A saved state; ``content`` has the form of its kind."""

    content: dict[str, Any]
    version: int
    saved_at: datetime


def load(db: Connection, membership_id: int | None, course_id: str, activity_id: str) -> Work | None:
    """What this person has saved; None where nothing is, or nobody to save for (anonymous)."""
    if membership_id is None:
        return None
    row = db.execute(
        select(WorkRow.content, WorkRow.version, WorkRow.saved_at).where(
            WorkRow.membership_id == membership_id,
            WorkRow.course_id == course_id,
            WorkRow.activity_id == activity_id,
        )
    ).first()
    return None if row is None else Work(row.content, row.version, row.saved_at)


def save(
    db: Connection,
    learner: Learner,
    course: Course,
    activity: Activity,
    content: dict[str, Any],
    version: int,
    now: datetime,
) -> int:
    """Keep ``content``; the activity counts as begun. ``version``: what it builds on, 0 for the first save.

    Returns the new version.

    Raises:
        ActivityLocked: prerequisites are not met.
        WorkChanged: somebody saved since ``version``, with another content.
    """
    lessons.require_open(lessons.standing(db, learner.membership_id, course), activity)
    lessons.begin(db, learner, course, activity, now)
    key = {
        "membership_id": learner.membership_id,
        "course_id": course.id,
        "activity_id": activity.id,
    }
    values = {"content": content, "version": version + 1, "saved_at": now}
    if version == 0:
        made = db.execute(
            insert(db, WorkRow).values(**key, **values).on_conflict_do_nothing().returning(WorkRow.version)
        ).scalar()
    else:
        made = db.execute(
            update(WorkRow)
            .where(
                *(getattr(WorkRow, name) == value for name, value in key.items()), WorkRow.version == version
            )
            .values(**values)
            .returning(WorkRow.version)
        ).scalar()
    if made is not None:
        return int(made)
    there = load(db, learner.membership_id, course.id, activity.id)
    if there is not None and there.content == content:  # the same click, sent twice
        return there.version
    raise WorkChanged(activity=activity.id, version=version)


def finish(db: Connection, learner: Learner, course: Course, activity: Activity, now: datetime) -> set[int]:
    """The activity is complete. Returns the platforms that have a grade to receive.

    Raises:
        ActivityLocked: prerequisites are not met.
    """
    lessons.require_open(lessons.standing(db, learner.membership_id, course), activity)
    lessons.complete(db, learner, course, "activity", activity.id, now)
    return lessons.settle(db, learner, course, now)
