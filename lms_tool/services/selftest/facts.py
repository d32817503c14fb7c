"""What the database knows of one registration before anything is asked of its LMS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select, true

from lms_tool.models import (
    Context,
    Delivery,
    Deployment,
    Launch,
    LineItem,
    MemberStatus,
    Platform,
    Roster,
    RosterEntry,
    Score,
    Status,
)
from lms_tool.services.platforms import REGISTERED, PlatformNotFound, Registered

RECENT = 20  # launches that say something about today's browsers


@dataclass(frozen=True, slots=True)
class Members:
    """The list of one course as a launch named it; ``count``: people on it when it was last read, None: never."""

    url: str
    course: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Grades:
    waiting: int
    failed: int
    delivered_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    platform: Registered
    deployments: int
    deployments_pending: int
    last_launch_at: datetime | None
    launches: int  # recent ones, at most RECENT
    launches_cookieless: int
    page_origin: str  # where the pages of the LMS come from
    members: Members | None
    columns_url: str | None
    grades: Grades


def gather(db: Connection, platform_id: int, tenant_id: int | None) -> Facts:
    """Raises PlatformNotFound; also for a platform of another tenant than the one named."""
    own = true() if tenant_id is None else Platform.tenant_id == tenant_id
    row = db.execute(REGISTERED.where(Platform.id == platform_id, own)).first()
    if row is None:
        raise PlatformNotFound(platform=platform_id)
    platform = Registered(*row)
    statuses = list(db.scalars(select(Deployment.status).where(Deployment.platform_id == platform_id)))
    recent = _recent_launches(db, platform_id)
    return Facts(
        platform=platform,
        deployments=statuses.count(Status.ACTIVE),
        deployments_pending=statuses.count(Status.PENDING),
        last_launch_at=last_launch(db, platform_id),
        launches=len(recent),
        launches_cookieless=sum(launch.cookieless for launch in recent),
        page_origin=_origin(next((one.return_url for one in recent if one.return_url), None))
        or _origin(platform.auth_login_url),
        members=_members(db, platform_id),
        columns_url=db.scalar(
            select(LineItem.container_url)
            .where(LineItem.platform_id == platform_id, LineItem.container_url.is_not(None))
            .order_by(LineItem.id.desc())
            .limit(1)
        ),
        grades=grades_of(db, platform_id),
    )


def last_launch(db: Connection, platform_id: int) -> datetime | None:
    """When anybody came from there last; ended launches are swept away, so the platform remembers the last one."""
    remembered, seen = db.execute(
        select(
            Platform.last_launch_at,
            select(func.max(Launch.created_at))
            .join(Deployment, Deployment.id == Launch.deployment_id)
            .where(Deployment.platform_id == Platform.id)
            .scalar_subquery(),
        ).where(Platform.id == platform_id)
    ).one()
    return max(filter(None, (remembered, seen)), default=None)


def grades_of(db: Connection, platform_id: int) -> Grades:
    """What of our grades the LMS has."""
    counts: dict[str, int] = {}
    delivered: list[datetime] = []
    for state, number, last in db.execute(
        select(Score.state, func.count(), func.max(Score.delivered_at))
        .join(LineItem, LineItem.id == Score.line_item_id)
        .where(LineItem.platform_id == platform_id)
        .group_by(Score.state)
    ):
        counts[state] = number
        if last is not None:
            delivered.append(last)
    return Grades(
        counts.get(Delivery.PENDING, 0),
        counts.get(Delivery.FAILED, 0),
        max(delivered, default=None),
        db.scalar(select(Platform.delivery_problem).where(Platform.id == platform_id)),
    )


def _recent_launches(db: Connection, platform_id: int) -> list[Any]:
    return list(
        db.execute(
            select(Launch.cookieless, Launch.return_url)
            .join(Deployment, Deployment.id == Launch.deployment_id)
            .where(Deployment.platform_id == platform_id)
            .order_by(Launch.created_at.desc())
            .limit(RECENT)
        )
    )


def _members(db: Connection, platform_id: int) -> Members | None:
    row = db.execute(
        select(Roster.context_id, Roster.url, Roster.synced_at, Context.title)
        .join(Context, Context.id == Roster.context_id)
        .where(Roster.platform_id == platform_id)
        .order_by(Roster.context_id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    count = None
    if row.synced_at is not None:
        count = db.scalar(
            select(func.count())
            .select_from(RosterEntry)
            .where(RosterEntry.context_id == row.context_id, RosterEntry.status == MemberStatus.ACTIVE)
        )
    return Members(row.url, row.title, count)


def _origin(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""
