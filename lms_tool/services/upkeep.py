"""Removing what has expired. Safe to run at any time, twice, and on several machines."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_

from lms_tool.models import AccessToken, AuditEvent, Launch, Picker, UsedState
from lms_tool.services import administrators, connections, handovers, places, pressure

KEEP_AUDIT = timedelta(days=180)
KEEP_REFUSALS = timedelta(days=30)
KEEP_ENDED = timedelta(hours=1)  # well beyond the life of a state: a replay still meets its row


def sweep(db: Connection, now: datetime) -> None:
    """Delete launches, pickers, states, tokens and counts that no longer mean anything."""
    connections.remember_launches(db)
    db.execute(
        delete(Launch).where(or_(Launch.expires_at < now - KEEP_ENDED, Launch.ended_at < now - KEEP_ENDED))
    )
    db.execute(delete(Picker).where(Picker.expires_at < now - KEEP_ENDED))
    db.execute(delete(UsedState).where(UsedState.expires_at < now))
    db.execute(delete(AccessToken).where(AccessToken.expires_at < now))
    db.execute(delete(AuditEvent).where(AuditEvent.at < now - KEEP_AUDIT))
    db.execute(delete(AuditEvent).where(AuditEvent.kind == "refused", AuditEvent.at < now - KEEP_REFUSALS))
    administrators.forget(db, now)
    handovers.forget(db, now)
    places.forget_old(db, now)
    pressure.forget(db, int(now.timestamp()))
