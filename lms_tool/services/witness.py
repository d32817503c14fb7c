"""What the audit log keeps of people at work: who came as staff, and whose work they looked at. Ids only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from lms_tool.lti.claims import Role
from lms_tool.models import Deployment, Launch, Membership, ResourceLink
from lms_tool.services import audit


def staff_launch(db: Connection, launch_id: str, now: datetime, correlation_id: str) -> None:
    """Note that somebody launched as staff or mentor; and whose work they see, if it is a submission review."""
    reviewed = aliased(Membership)
    row = db.execute(
        select(
            Launch.role,
            Deployment.platform_id,
            ResourceLink.context_id,
            Membership.person_id,
            reviewed.person_id.label("reviewed_id"),
        )
        .join(Deployment, Deployment.id == Launch.deployment_id)
        .join(ResourceLink, ResourceLink.id == Launch.resource_link_id)
        .join(Membership, Membership.id == Launch.membership_id)
        .outerjoin(reviewed, reviewed.id == Launch.review_membership_id)
        .where(Launch.id == launch_id)
    ).first()
    if row is None or Role(row.role) is Role.LEARNER:
        return
    actor = f"person:{row.person_id}"
    details = {"role": row.role, "context": row.context_id}
    audit.note(db, now, "launch", "launched_as_staff", row.platform_id, correlation_id, details, actor=actor)
    if row.reviewed_id is not None:
        person_viewed(db, row.platform_id, row.context_id, actor, row.reviewed_id, now, correlation_id)


def person_viewed(
    db: Connection,
    platform_id: int,
    context_id: int,
    actor: str,
    person_id: int,
    now: datetime,
    correlation_id: str,
) -> None:
    """Note that ``actor`` (as in ``audit.note``) looked at the work of one person; at one's own does not count."""
    if actor == f"person:{person_id}":
        return
    details = {"person": person_id, "context": context_id}
    audit.note(db, now, "people", "person_viewed", platform_id, correlation_id, details, actor=actor)
