"""Is this installation ready, and how much is waiting."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from lms_tool.models import AuditEvent, Delivery, Launch, Platform, Score, Status
from lms_tool.services.schema import head, recorded

HOUR = timedelta(hours=1)


def schema_at_head(db: Connection) -> bool:
    """Whether every migration has been applied."""
    return recorded(db) == head()


def numbers(db: Connection, now: datetime) -> dict[str, tuple[str, float]]:
    """Gauges for the metrics page: counts only."""

    def count(statement: object) -> float:
        return float(db.scalar(statement) or 0)  # type: ignore[call-overload]

    scores = select(func.count()).select_from(Score)
    oldest = db.scalar(select(func.min(Score.timestamp)).where(Score.state == Delivery.PENDING))
    return {
        "lms_tool_scores_pending": (
            "Grades the LMS does not have yet",
            count(scores.where(Score.state == Delivery.PENDING)),
        ),
        "lms_tool_scores_failed": (
            "Grades that need somebody's attention",
            count(scores.where(Score.state == Delivery.FAILED)),
        ),
        "lms_tool_scores_oldest_pending_seconds": (
            "Age of the oldest undelivered grade",
            max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        ),
        "lms_tool_sessions": (
            "Running launches",
            count(
                select(func.count())
                .select_from(Launch)
                .where(Launch.expires_at > now, Launch.ended_at.is_(None))
            ),
        ),
        "lms_tool_platforms_active": (
            "Registrations in use",
            count(select(func.count()).select_from(Platform).where(Platform.status == Status.ACTIVE)),
        ),
        "lms_tool_platforms_in_trouble": (
            "Registrations whose grades are held back",
            count(select(func.count()).select_from(Platform).where(Platform.delivery_problem.is_not(None))),
        ),
        "lms_tool_refusals_last_hour": (
            "Refused launches in the last hour",
            count(
                select(func.count())
                .select_from(AuditEvent)
                .where(AuditEvent.kind == "refused", AuditEvent.at > now - HOUR)
            ),
        ),
    }
