"""What an administrator sees of grades on their way, and does about them; always within one tenant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, not_, or_, select, update

from lms_tool.models import Context, Delivery, LineItem, Person, Platform, ResourceLink, Score, Status
from lms_tool.services.grades import NEEDS_HELP, UNDELIVERED, again, batched, of_tenant
from lms_tool.services.platforms import PlatformNotFound
from lms_tool.services.sessions import display_name

PAGE = 50  # grades on a page
LAID_ASIDE = "laid_aside"
INACTIVE = "platform_inactive"


class Show(StrEnum):
    ALL = "all"  # whatever the LMS does not have
    HELP = "help"  # needs somebody
    WAY = "way"  # will arrive by itself
    ASIDE = "aside"  # laid aside by an administrator


@dataclass(frozen=True, slots=True)
class Waiting:
    """One grade the LMS does not have, and why."""

    id: int
    person: str  # "" where the LMS sends no names
    sub: str
    activity: str
    course: str
    platform_id: int
    platform: str
    given: float
    needs_help: bool
    reason: str  # "": nothing is wrong, it is just on its way
    since: datetime
    next_try: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    delivered: int
    all: int
    help: int
    way: int
    away: int  # of those on their way: their LMS cannot be reached or asked for patience
    aside: int


@dataclass(frozen=True, slots=True)
class Circuit:
    """A platform to which nothing is sent at the moment, or whose last answer was a refusal."""

    platform_id: int
    platform: str
    problem: str
    paused_until: datetime | None
    waiting: int


_JOINED = (
    select()
    .select_from(Score)
    .join(LineItem, LineItem.id == Score.line_item_id)
    .join(Platform, Platform.id == LineItem.platform_id)
)
_ASIDE = and_(Score.state == Delivery.DROPPED, Score.reason == LAID_ASIDE)
_CHOSEN: dict[Show, ColumnElement[bool]] = {
    Show.ALL: UNDELIVERED,
    Show.HELP: NEEDS_HELP,
    Show.WAY: and_(UNDELIVERED, not_(NEEDS_HELP)),
    Show.ASIDE: _ASIDE,
}


def counts(db: Connection, tenant_id: int, now: datetime) -> Counts:
    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    paused = and_(_CHOSEN[Show.WAY], func.coalesce(Platform.delivery_paused_until > now, False))
    row = db.execute(
        _JOINED.add_columns(
            number(Score.state.in_([Delivery.SENT, Delivery.OVERRULED])),
            *(number(_CHOSEN[show]) for show in (Show.ALL, Show.HELP, Show.WAY)),
            number(paused),
            number(_ASIDE),
        ).where(of_tenant(tenant_id))
    ).one()
    return Counts(*map(int, row))


def listing(db: Connection, tenant_id: int, show: Show, now: datetime, page: int = 1) -> list[Waiting]:
    """One page of grades, the oldest first."""
    statement: Select[tuple[object, ...]] = (
        _JOINED.add_columns(
            Score.id,
            Score.given,
            Score.state,
            Score.reason,
            Score.timestamp,
            Score.next_try_at,
            NEEDS_HELP.label("needs_help"),
            Person.sub,
            Person.name,
            Person.given_name,
            Person.family_name,
            ResourceLink.title,
            ResourceLink.course_id,
            Context.title.label("course"),
            Platform.id.label("platform_id"),
            Platform.name.label("platform"),
            Platform.issuer,
            Platform.status,
            Platform.delivery_problem,
            Platform.delivery_paused_until,
        )
        .join(Person, Person.id == Score.person_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(_CHOSEN[show], of_tenant(tenant_id))
        .order_by(Score.timestamp, Score.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    found = []
    for row in db.execute(statement):
        reason, next_try = row.reason or "", None
        if row.state == Delivery.PENDING:
            paused = row.delivery_paused_until is not None and row.delivery_paused_until > now
            if row.status != Status.ACTIVE:
                reason = INACTIVE
            elif paused:
                reason, next_try = row.delivery_problem or reason, row.delivery_paused_until
            else:
                reason = reason or row.delivery_problem or ""
                next_try = row.next_try_at if row.next_try_at > now else None
        found.append(
            Waiting(
                row.id,
                display_name(row.name, row.given_name, row.family_name),
                row.sub,
                row.title or row.course_id,
                row.course,
                row.platform_id,
                row.platform or row.issuer,
                row.given,
                bool(row.needs_help),
                reason,
                row.timestamp,
                next_try,
            )
        )
    return found


def circuits(db: Connection, tenant_id: int, now: datetime) -> list[Circuit]:
    """Platforms of the tenant that are left alone for now or refuse something, if a grade waits for them."""
    waiting = func.count(Score.id)
    rows = db.execute(
        _JOINED.add_columns(
            Platform.id,
            Platform.name,
            Platform.issuer,
            Platform.delivery_problem,
            Platform.delivery_paused_until,
            waiting.label("waiting"),
        )
        .where(
            UNDELIVERED,
            of_tenant(tenant_id),
            Platform.status == Status.ACTIVE,
            or_(Platform.delivery_problem.is_not(None), Platform.delivery_paused_until > now),
        )
        .group_by(
            Platform.id,
            Platform.name,
            Platform.issuer,
            Platform.delivery_problem,
            Platform.delivery_paused_until,
        )
        .order_by(Platform.id)
    )
    return [
        Circuit(
            row.id,
            row.name or row.issuer,
            row.delivery_problem or "",
            row.delivery_paused_until
            if row.delivery_paused_until and row.delivery_paused_until > now
            else None,
            row.waiting,
        )
        for row in rows
    ]


def resend_all(db: Connection, tenant_id: int, show: Show, now: datetime) -> tuple[list[int], set[int]]:
    """Send everything that is shown again; ids of the grades and of their platforms."""
    return again(db, _CHOSEN[show], now, tenant_id)


def resend_some(
    db: Connection, tenant_id: int, ids: Collection[int], now: datetime
) -> tuple[list[int], set[int]]:
    """Send these again, also what was laid aside; others' ids are passed over."""
    return again(db, and_(Score.id.in_(list(ids)[:PAGE]), or_(UNDELIVERED, _ASIDE)), now, tenant_id)


def lay_aside(db: Connection, tenant_id: int, ids: Collection[int]) -> list[int]:
    """Give these up, until somebody sends them again or the person does better."""
    found = list(
        db.scalars(
            _JOINED.add_columns(Score.id).where(
                Score.id.in_(list(ids)[:PAGE]), UNDELIVERED, of_tenant(tenant_id)
            )
        )
    )
    for some in batched(found):
        db.execute(update(Score).where(Score.id.in_(some)).values(state=Delivery.DROPPED, reason=LAID_ASIDE))
    return found


def try_now(db: Connection, tenant_id: int, platform_id: int, now: datetime) -> None:
    """Close a platform's circuit: what waits goes out at once, and what failed because of the platform, too.

    Raises:
        PlatformNotFound: the tenant has no such platform.
    """
    changed = db.execute(
        update(Platform)
        .where(Platform.id == platform_id, of_tenant(tenant_id))
        .values(delivery_paused_until=None, delivery_failures=0)
    ).rowcount
    if not changed:
        raise PlatformNotFound(platform=platform_id)
    refused = and_(Score.state == Delivery.FAILED, Score.reason.in_(["forbidden", "unreachable"]))
    again(db, and_(Platform.id == platform_id, or_(Score.state == Delivery.PENDING, refused)), now, tenant_id)
