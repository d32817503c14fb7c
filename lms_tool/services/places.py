"""Where somebody was when a session ran out, so that the next launch of the same placement goes on there (SES-05)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, select

from lms_tool.database import insert
from lms_tool.models import Launch, Place
from lms_tool.services.sessions import IDLE, LearningSession

KEEP = timedelta(days=14)  # after that people look for the start, not for a page they have forgotten


def remember(db: Connection, found: LearningSession, path: str, now: datetime) -> None:
    """This page is shown now. ``path`` stands below the launch's address; empty: the start."""
    if found.membership_id is None:
        return
    values = {"launch_id": found.launch_id, "path": path, "seen_at": now}
    db.execute(
        insert(db, Place)
        .values(membership_id=found.membership_id, resource_link_id=found.resource_link_id, **values)
        .on_conflict_do_update(index_elements=["membership_id", "resource_link_id"], set_=values)
    )


def left(db: Connection, membership_id: int | None, resource_link_id: int, now: datetime) -> str:
    """Where the last session stopped, if its time ran out; empty if it still runs, was ended, or is long ago."""
    row = db.execute(
        select(Place.path, Place.seen_at, Launch.ended_at, Launch.expires_at, Launch.seen_at.label("used_at"))
        .outerjoin(Launch, Launch.id == Place.launch_id)
        .where(and_(Place.membership_id == membership_id, Place.resource_link_id == resource_link_id))
    ).first()
    if row is None or now - row.seen_at > KEEP:
        return ""
    if row.expires_at is None:  # the launch is forgotten already
        return str(row.path)
    over = now >= row.expires_at or now - row.used_at >= IDLE
    return str(row.path) if over and row.ended_at is None else ""


def forget(db: Connection, found: LearningSession) -> None:
    """Who ends a session begins the next one at the start."""
    db.execute(delete(Place).where(Place.launch_id == found.launch_id))


def forget_old(db: Connection, now: datetime) -> None:
    db.execute(delete(Place).where(Place.seen_at < now - KEEP))
