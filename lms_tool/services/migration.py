"""From LTI 1.1 to 1.3: who had an account in the old connection keeps it in the new one.

A platform that was moved says in each launch who the person was (LTI 1.3 Migration Guide). If the claim is signed with
the old connection's secret, progress moves over: nothing is lost, the further of two states stays.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, or_, select, update

from lms_tool.lti import legacy
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.models import (
    Attempt,
    Context,
    Course,
    Deployment,
    LtiVersion,
    Membership,
    Person,
    Platform,
    Progress,
)
from lms_tool.services import lessons, worksheets
from lms_tool.services.courses import Shelf
from lms_tool.services.lessons import Learner
from lms_tool.services.vault import Vault


def is_authentic(db: Connection, vault: Vault, tenant_id: int, launch: LtiLaunch) -> bool:
    """Whether the launch's migration claim is signed with the secret of an old connection of this tenant."""
    claim = launch.lti1p1
    if claim is None:
        return False
    sealed = db.scalar(
        select(Platform.shared_secret).where(
            Platform.tenant_id == tenant_id,
            Platform.lti_version == LtiVersion.V1P1,
            Platform.client_id == claim.consumer_key,
        )
    )
    return sealed is not None and legacy.migration_is_signed(launch, vault.open(sealed).decode())


def take_over(
    db: Connection, tenant_id: int, launch: LtiLaunch, learner: Learner, shelf: Shelf, now: datetime
) -> set[int] | None:
    """Give ``learner`` what they had as a person of the old connection in this LMS course.

    The old person goes when nothing of theirs is left. Returns the platforms that have a grade to receive, None if
    there was nothing to take over.
    """
    claim = launch.lti1p1
    if claim is None or launch.sub is None:
        return None
    row = db.execute(
        select(Person.id, Membership.id.label("membership_id"))
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.tenant_id == tenant_id,
            Person.issuer == legacy.ISSUER_PREFIX + claim.consumer_key,
            Person.sub == (claim.user_id or launch.sub),
            Membership.context_id.in_(_old_contexts(launch)),
        )
    ).first()
    if row is None:
        return None
    _merge(db, row.membership_id, learner.membership_id)
    worksheets.merge(db, row.membership_id, learner.membership_id, now)
    db.execute(delete(Membership).where(Membership.id == row.membership_id))
    if db.scalar(select(Membership.id).where(Membership.person_id == row.id).limit(1)) is None:
        db.execute(delete(Person).where(Person.id == row.id))
    due: set[int] = set()
    moved = select(Progress.course_id).where(Progress.membership_id == learner.membership_id).distinct()
    for revision_id in db.scalars(select(Course.revision_id).where(Course.id.in_(moved))).all():
        if revision_id is not None:
            due |= lessons.settle(db, learner, shelf.course(db, revision_id), now)
    return due


def _old_contexts(launch: LtiLaunch) -> Select[int]:
    """Ids of the contexts that this launch's course was in the old connection."""
    claim, link = launch.lti1p1, launch.resource_link
    assert claim is not None
    of_course = and_(
        Context.kind == "context",
        Context.lti_id == (claim.context_id or (launch.context.id if launch.context else "")),
    )
    of_link = and_(
        Context.kind == "resource_link",
        Context.lti_id == (claim.resource_link_id or (link.id if link else "")),
    )
    return (
        select(Context.id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(
            Platform.lti_version == LtiVersion.V1P1,
            Platform.client_id == claim.consumer_key,
            or_(of_course, of_link),
        )
    )


def _merge(db: Connection, old: int, new: int) -> None:
    """Move progress and attempts of one membership into another; the further state of each item stays."""
    key = (Progress.course_id, Progress.kind, Progress.item_id)
    there = {tuple(row[:3]): row for row in db.execute(_states(new))}
    for row in db.execute(_states(old)).all():
        known = there.get(tuple(row[:3]))
        at = and_(*(column == value for column, value in zip(key, row[:3], strict=True)))
        if known is None:
            db.execute(update(Progress).where(Progress.membership_id == old, at).values(membership_id=new))
            continue
        db.execute(
            update(Progress)
            .where(Progress.membership_id == new, at)
            .values(
                begun_at=min(known.begun_at, row.begun_at),
                completed_at=_earliest(known.completed_at, row.completed_at),
                percent=_best(known.percent, row.percent),
            )
        )
    # Attempts of both count, the old ones after the new: numbers only have to differ.
    last = func.max(Attempt.number)
    highest = {
        (row.course_id, row.activity_id): row.last
        for row in db.execute(
            select(Attempt.course_id, Attempt.activity_id, last.label("last"))
            .where(Attempt.membership_id == new)
            .group_by(Attempt.course_id, Attempt.activity_id)
        )
    }
    for row in db.execute(
        select(Attempt.id, Attempt.course_id, Attempt.activity_id, Attempt.number)
        .where(Attempt.membership_id == old)
        .order_by(Attempt.number)
    ).all():
        number = row.number + highest.get((row.course_id, row.activity_id), 0)
        db.execute(update(Attempt).where(Attempt.id == row.id).values(membership_id=new, number=number))


def _states(membership_id: int) -> Any:
    return select(
        Progress.course_id,
        Progress.kind,
        Progress.item_id,
        Progress.begun_at,
        Progress.completed_at,
        Progress.percent,
    ).where(Progress.membership_id == membership_id)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def _best(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)
