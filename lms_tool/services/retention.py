"""How long people stay who have left an LMS course: until the retention set for this installation ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, select

from lms_tool.models import (
    Context,
    Deployment,
    LineItem,
    Membership,
    MemberStatus,
    Person,
    Platform,
    ResourceLink,
    RosterEntry,
    Score,
)
from lms_tool.services import audit

AT_ONCE = 100  # per run, so that nobody waits long for the database; the next run takes the rest


def forget(db: Connection, now: datetime, days: int) -> int:
    """Remove members who left more than ``days`` days ago, with their progress in that course; 0 days: nobody.

    Who is in no other course is forgotten altogether. Returns how many members were removed.
    """
    if not days:
        return 0
    over = RosterEntry.status_since < now - timedelta(days=days)
    gone = [member for member in db.execute(_GONE.where(over).limit(AT_ONCE)).all() if _remove(db, member)]
    for platform_id in sorted({member.platform_id for member in gone}):
        count = sum(member.platform_id == platform_id for member in gone)
        audit.note(
            db, now, "retention", "members_removed", platform_id, "", {"members": count}, actor="system"
        )
    return len(gone)


_GONE = (
    select(
        RosterEntry.id,
        RosterEntry.context_id,
        Platform.id.label("platform_id"),
        Person.id.label("person_id"),
        Membership.id.label("membership_id"),
    )
    .join(Context, Context.id == RosterEntry.context_id)
    .join(Deployment, Deployment.id == Context.deployment_id)
    .join(Platform, Platform.id == Deployment.platform_id)
    .outerjoin(
        Person,
        and_(
            Person.tenant_id == Platform.tenant_id,
            Person.issuer == Platform.issuer,
            Person.sub == RosterEntry.user_id,
        ),
    )
    .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.context_id == Context.id))
    .where(RosterEntry.status != MemberStatus.ACTIVE)
    .order_by(RosterEntry.status_since, RosterEntry.id)
)


def _remove(db: Connection, member: Any) -> bool:
    """False, and nothing, for somebody who came back a moment ago."""
    # In the order in which a launch writes: person, membership, entry.
    for table, key in ((Person, member.person_id), (Membership, member.membership_id)):
        if key is not None:
            db.execute(select(table.id).where(table.id == key).with_for_update())
    left = RosterEntry.id == member.id, RosterEntry.status != MemberStatus.ACTIVE
    if not db.execute(delete(RosterEntry).where(*left)).rowcount:
        return False
    if member.membership_id is None:
        return True
    columns = (
        select(LineItem.id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(ResourceLink.context_id == member.context_id)
    )
    db.execute(delete(Score).where(Score.person_id == member.person_id, Score.line_item_id.in_(columns)))
    db.execute(delete(Membership).where(Membership.id == member.membership_id))
    elsewhere = exists().where(Membership.person_id == Person.id)
    db.execute(delete(Person).where(Person.id == member.person_id, ~elsewhere))
    return True
