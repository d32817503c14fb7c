"""Deployments that nobody entered: they turn up with a launch, wait, and are approved by people (case DR-18)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from lms_tool.database import insert
from lms_tool.lti.errors import DeploymentPending, DeploymentUnknown
from lms_tool.models import Deployment, Platform, Status
from lms_tool.services import audit
from lms_tool.services.platforms import PlatformNotFound

MAX_WAITING = 20  # of one platform


def may_ask(db: Connection, platform_id: int, lti_id: str) -> bool:
    """Whether a login from an unknown deployment may go on, so that its launch, once verified, asks for approval.

    Where deployments were entered by hand, all are known that should be; a login cannot be verified, so it never adds
    anything. Raises DeploymentPending where this one has asked already.
    """
    row = db.execute(
        select(
            Platform.scopes.is_not(None).label("by_itself"),
            select(func.count())
            .where(Deployment.platform_id == Platform.id)
            .scalar_subquery()
            .label("deployments"),
            select(Deployment.status)
            .where(Deployment.platform_id == Platform.id, Deployment.lti_id == lti_id)
            .scalar_subquery()
            .label("status"),
        ).where(Platform.id == platform_id)
    ).first()
    if row is None:
        return False
    if row.status == Status.PENDING:
        raise DeploymentPending(platform=platform_id)
    return row.status is None and bool(row.by_itself or not row.deployments)


def ask(
    db: Connection, platform_id: int, lti_id: str, now: datetime, correlation_id: str
) -> DeploymentUnknown:
    """A verified launch came from a deployment that is not open: note it for approval where that is the way.

    Returns what to tell the person who clicked.
    """
    try:
        new = may_ask(db, platform_id, lti_id)
    except DeploymentPending as waiting:
        return waiting
    waits = Deployment.platform_id == platform_id, Deployment.status == Status.PENDING
    if not new or (db.scalar(select(func.count()).where(*waits)) or 0) >= MAX_WAITING:
        return DeploymentUnknown(platform=platform_id)
    made = db.execute(
        insert(db, Deployment)
        .values(platform_id=platform_id, lti_id=lti_id, status=Status.PENDING, created_at=now)
        .on_conflict_do_nothing()
        .returning(Deployment.id)
    ).scalar()
    if made is not None:
        audit.note(
            db,
            now,
            "registration",
            "deployment_requested",
            platform_id,
            correlation_id,
            {"deployment": made},
        )
    return DeploymentPending(platform=platform_id)


def pending_deployments(
    db: Connection, tenant_id: int, platform_id: int | None = None
) -> list[dict[str, Any]]:
    """Deployments of running registrations that wait for approval: «Bereitstellung freigeben» (DR-18)."""
    wanted = [Platform.tenant_id == tenant_id, Deployment.status == Status.PENDING]
    if platform_id is not None:
        wanted.append(Platform.id == platform_id)
    rows = db.execute(
        select(
            Deployment.id,
            Deployment.lti_id,
            Deployment.created_at,
            Deployment.platform_id,
            Platform.name.label("platform_name"),
        )
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(*wanted)
        .order_by(Deployment.id)
    )
    return [dict(row._mapping) for row in rows]


def approve_deployment(
    db: Connection, deployment_id: int, tenant_id: int, actor: str, now: datetime, correlation_id: str
) -> None:
    """«Bereitstellung freigeben»: launches from it work from now on.

    Raises:
        PlatformNotFound: no deployment of this tenant's waits under this id.
    """
    _decide(db, deployment_id, tenant_id, Status.ACTIVE, actor, now, correlation_id)


def reject_deployment(
    db: Connection, deployment_id: int, tenant_id: int, actor: str, now: datetime, correlation_id: str
) -> None:
    """Refuse it for good: it stays as switched off, so that the next launch does not ask again.

    Raises:
        PlatformNotFound: no deployment of this tenant's waits under this id.
    """
    _decide(db, deployment_id, tenant_id, Status.INACTIVE, actor, now, correlation_id)


def _decide(
    db: Connection,
    deployment_id: int,
    tenant_id: int,
    status: Status,
    actor: str,
    now: datetime,
    correlation_id: str,
) -> None:
    platform_id = _waiting(db, deployment_id, tenant_id)
    db.execute(update(Deployment).where(Deployment.id == deployment_id).values(status=status))
    audit.note(
        db,
        now,
        "registration",
        "deployment_approved" if status is Status.ACTIVE else "deployment_rejected",
        platform_id,
        correlation_id,
        {"deployment": deployment_id},
        actor=actor,
    )


def _waiting(db: Connection, deployment_id: int, tenant_id: int) -> int:
    found = db.scalar(
        select(Deployment.platform_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(
            Deployment.id == deployment_id,
            Deployment.status == Status.PENDING,
            Platform.tenant_id == tenant_id,
        )
    )
    if found is None:
        raise PlatformNotFound(deployment=deployment_id)
    return int(found)
