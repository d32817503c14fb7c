"""Desired grades, written in the transaction of the progress that caused them; and what people see of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true, update

from lms_tool.database import insert
from lms_tool.learning import CourseStatus, Grade, Report, Scope, desired, raised
from lms_tool.models import Context as ContextRow
from lms_tool.models import Delivery, Deployment, LineItem, Person, Platform, ResourceLink, Score, Status


def desire(db: Connection, person_id: int, context_id: int, status: CourseStatus, now: datetime) -> set[int]:
    """Raise the desired grades of one person in every column of this context that the course feeds.

    Returns the ids of platforms that have something to receive. A grade never falls, an unchanged one is not sent
    again (AGS-21, AGS-23).
    """
    platforms: set[int] = set()
    rows = db.execute(
        select(
            LineItem.id,
            LineItem.platform_id,
            ResourceLink.module_id,
            ResourceLink.activity_id,
            ResourceLink.report,
            Score.id.label("score_id"),
            Score.given,
            Score.completed,
            Score.timestamp,
            Score.version,
        )
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .outerjoin(Score, (Score.line_item_id == LineItem.id) & (Score.person_id == person_id))
        .where(ResourceLink.context_id == context_id, ResourceLink.course_id == status.course.id)
    )
    for row in rows.all():
        scope = Scope(row.module_id, row.activity_id)
        if not _exists(status, scope):
            continue  # placed once, gone from the course since: what was reported stays
        old = Grade(row.given, row.completed) if row.score_id is not None else None
        new = raised(old, desired(status, scope, Report(row.report)))
        if new is None or new == old:
            continue
        _write(db, row, person_id, new, now)
        platforms.add(row.platform_id)
    return platforms


def _write(db: Connection, row: Any, person_id: int, grade: Grade, now: datetime) -> None:
    stamp = now.replace(microsecond=0)
    values = {
        "given": grade.given,
        "completed": grade.completed,
        "state": Delivery.PENDING,
        "tries": 0,
        "first_tried_at": None,
        "next_try_at": now,
        "reason": None,
    }
    if row.score_id is None:
        db.execute(
            insert(db, Score)
            .values(line_item_id=row.id, person_id=person_id, timestamp=stamp, version=1, **values)
            .on_conflict_do_nothing()
        )
        return
    stamp = max(stamp, row.timestamp + timedelta(seconds=1))
    db.execute(
        update(Score)
        .where(Score.id == row.score_id)
        .values(timestamp=stamp, version=row.version + 1, **values)
    )


def _exists(status: CourseStatus, scope: Scope) -> bool:
    if scope.activity_id is not None:
        return scope.activity_id in status.course.by_activity
    return scope.module_id is None or scope.module_id in status.course.by_module


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a learner is told about the grade of one placement; ``state`` is None while there is none."""

    state: Delivery | None
    given: float | None
    delivered_at: datetime | None
    reason: str | None
    overruled_by: float | None = None  # percent: what the LMS holds instead


# Codes of trouble that does not pass by itself: somebody must mend something at the LMS or here.
LASTING = (
    "address_not_allowed",
    "forbidden",
    "paging_endless",
    "paging_refused",
    "redirect_not_followed",
    "tls_failed",
    "token_answer_invalid",
    "token_not_accepted",
)


def _lasting(code: Any) -> ColumnElement[bool]:
    return or_(code.in_(LASTING), code.like("token_refused%"))


# A grade that will not arrive unless somebody does something; the query joins the platform.
NEEDS_HELP = or_(
    Score.state == Delivery.FAILED,
    and_(
        Score.state == Delivery.PENDING,
        or_(
            Platform.status != Status.ACTIVE,
            func.coalesce(_lasting(Platform.delivery_problem), False),
            func.coalesce(_lasting(Score.reason), False),
        ),
    ),
)
UNDELIVERED = Score.state.in_([Delivery.PENDING, Delivery.FAILED])


def of_tenant(tenant_id: int | None) -> ColumnElement[bool]:
    """The condition that a platform belongs to this tenant; None: any platform."""
    return true() if tenant_id is None else Platform.tenant_id == tenant_id


def undelivered(db: Connection, tenant_id: int | None = None) -> list[dict[str, Any]]:
    """Everything the LMS does not have yet, oldest first; ids only, no names. Of one tenant, or of all."""
    rows = db.execute(
        select(
            Score.id,
            Platform.id.label("platform"),
            ContextRow.lti_id.label("context"),
            ResourceLink.lti_id.label("resource_link"),
            Person.sub.label("user"),
            Score.given,
            Score.state,
            Score.reason,
            Score.tries,
            Score.timestamp,
            Score.next_try_at,
            Platform.delivery_problem.label("platform_problem"),
            Platform.delivery_paused_until.label("platform_paused_until"),
            Platform.status.label("platform_status"),
        )
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(ContextRow, ContextRow.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == ContextRow.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .join(Person, Person.id == Score.person_id)
        .where(UNDELIVERED, of_tenant(tenant_id))
        .order_by(Score.timestamp)
    )
    return [dict(row._mapping) for row in rows]


def needing_help(db: Connection, tenant_id: int) -> int:
    """How many grades of a tenant's platforms will not arrive unless somebody does something."""
    return (
        db.scalar(
            select(func.count())
            .select_from(Score)
            .join(LineItem, LineItem.id == Score.line_item_id)
            .join(Platform, Platform.id == LineItem.platform_id)
            .where(of_tenant(tenant_id), NEEDS_HELP)
        )
        or 0
    )


def resend(db: Connection, now: datetime, score_id: int | None = None, tenant_id: int | None = None) -> int:
    """Try failed and waiting grades again, one or all; returns how many."""
    chosen = UNDELIVERED if score_id is None else and_(UNDELIVERED, Score.id == score_id)
    return len(again(db, chosen, now, tenant_id)[0])


def again(
    db: Connection, chosen: ColumnElement[bool], now: datetime, tenant_id: int | None = None
) -> tuple[list[int], set[int]]:
    """Send these scores anew, and lift the pause of their platforms; the ids of both."""
    found = db.execute(
        select(Score.id, Score.line_item_id, Platform.id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Platform, Platform.id == LineItem.platform_id)
        .where(chosen, of_tenant(tenant_id))
        .order_by(Score.id)
    ).all()
    columns, platforms = {row[1] for row in found}, {row[2] for row in found}
    ids = [row[0] for row in found]
    # In the reconciler's order, columns before scores: two writers must not wait for each other.
    for some in batched(sorted(columns)):
        # Who asks for it by hand wants the column to be looked for again, too.
        db.execute(update(LineItem).where(LineItem.id.in_(some)).values(looked_up_at=None))
    for some in batched(ids):
        db.execute(
            update(Score)
            .where(Score.id.in_(some))
            .values(state=Delivery.PENDING, next_try_at=now, tries=0, first_tried_at=None)
        )
    for some in batched(sorted(platforms)):
        db.execute(update(Platform).where(Platform.id.in_(some)).values(delivery_paused_until=None))
    return ids, platforms


def batched(ids: list[int]) -> Iterator[list[int]]:
    """In portions that any database takes as parameters of one statement."""
    return (ids[start : start + 500] for start in range(0, len(ids), 500))
