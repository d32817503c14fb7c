"""Registrations that LMSs asked for themselves: stored as pending, protected from each other, approved by people.

An issuer that is known is never taken over: whoever registers it again must name the same addresses, for those decide
whose keys sign its launches. Hosted LMSs share one issuer among many customers, each with a client id of their own;
that is no conflict as long as the addresses are the same.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, select, update

from lms_tool.database import insert
from lms_tool.lti.registration import Granted, PlatformConfiguration, short_scopes
from lms_tool.lti.registration_errors import RegistrationConflict
from lms_tool.models import Deployment, Platform, Status
from lms_tool.services import audit
from lms_tool.services.deployments import approve_deployment, pending_deployments, reject_deployment
from lms_tool.services.invitations import Invited
from lms_tool.services.platforms import PlatformNotFound

MAX_NAME = 255

__all__ = [
    "Granted",
    "Known",
    "Stored",
    "approve",
    "approve_deployment",
    "check_conflict",
    "known",
    "pending",
    "pending_deployments",
    "reject",
    "reject_deployment",
    "store",
]


class Known(NamedTuple):
    """A registration with the same issuer."""

    id: int
    tenant_id: int
    client_id: str
    name: str
    status: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    token_audience: str | None

    @property
    def endpoints(self) -> tuple[str, str, str]:
        return self.auth_login_url, self.token_url, self.jwks_url


class Stored(NamedTuple):
    """A registration that was agreed on. ``updated``: it was there before, and nothing was added."""

    platform_id: int
    status: str
    updated: bool


def known(db: Connection, issuer: str) -> tuple[Known, ...]:
    """All registrations of this issuer, of every tenant."""
    columns = [getattr(Platform, name) for name in Known._fields]
    rows = db.execute(select(*columns).where(Platform.issuer == issuer).order_by(Platform.id))
    return tuple(Known(*row) for row in rows)


def check_conflict(known: tuple[Known, ...], platform: PlatformConfiguration) -> None:
    """Raises RegistrationConflict: the issuer is known with another login, token or key set address."""
    for one in known:
        if one.endpoints != platform.endpoints:
            raise RegistrationConflict(platform=one.id, differs=_differs(one, platform))


def store(
    db: Connection,
    invited: Invited,
    platform: PlatformConfiguration,
    granted: Granted,
    name: str,
    now: datetime,
    correlation_id: str,
) -> Stored:
    """Write down what the LMS granted: a new registration that waits for approval, or news about a known one.

    A known one keeps its status, its addresses and the name that people gave it; a deployment it did not have waits
    for approval.

    Raises:
        RegistrationConflict: the addresses differ from the known ones, or the client id is another tenant's.
    """
    others = known(db, platform.issuer)
    check_conflict(others, platform)
    values = {
        "product": platform.product,
        "scopes": short_scopes(granted.scopes or frozenset()),
        "token_audience": platform.token_audience,
    }
    made = db.execute(
        insert(db, Platform)
        .values(
            tenant_id=invited.tenant_id,
            key=secrets.token_hex(8),
            issuer=platform.issuer,
            client_id=granted.client_id,
            name=_name(name, platform),
            auth_login_url=platform.authorization_endpoint,
            token_url=platform.token_endpoint,
            jwks_url=platform.jwks_uri,
            status=Status.PENDING,
            created_at=now,
            delivery_failures=0,
            **values,
        )
        .on_conflict_do_nothing()
        .returning(Platform.id)
    ).scalar()
    if made is None:
        stored = _renew(db, invited, platform, granted, values)
    else:
        stored = Stored(int(made), Status.PENDING, updated=False)
    if granted.deployment_id is not None:
        # While the registration waits nothing of it is open; on one that runs, or was switched off and may run again,
        # a new deployment waits by itself.
        status = Status.ACTIVE if stored.status == Status.PENDING else Status.PENDING
        db.execute(
            insert(db, Deployment)
            .values(
                platform_id=stored.platform_id, lti_id=granted.deployment_id, status=status, created_at=now
            )
            .on_conflict_do_nothing()
        )
    code = "platform_registered_again" if stored.updated else "platform_registered"
    audit.note(
        db,
        now,
        "registration",
        code,
        stored.platform_id,
        correlation_id,
        {"invitation": invited.id, "host": urlsplit(platform.issuer).hostname},
    )
    return stored


def _renew(
    db: Connection,
    invited: Invited,
    platform: PlatformConfiguration,
    granted: Granted,
    values: dict[str, Any],
) -> Stored:
    # The unique key said that it is there: read it now, after whoever made it.
    one = next((one for one in known(db, platform.issuer) if one.client_id == granted.client_id), None)
    if one is None:  # somebody rejected it at this very moment
        raise RegistrationConflict(differs="removed")
    if one.tenant_id != invited.tenant_id or one.endpoints != platform.endpoints:
        raise RegistrationConflict(platform=one.id, differs="tenant")
    db.execute(update(Platform).where(Platform.id == one.id).values(**values))
    return Stored(one.id, one.status, updated=True)


# --- people decide ------------------------------------------------------------------------------------------


def pending(db: Connection, tenant_id: int) -> list[dict[str, Any]]:
    """Registrations that wait for approval, oldest first, with their deployment ids."""
    rows = db.execute(
        select(
            Platform.id,
            Platform.name,
            Platform.issuer,
            Platform.client_id,
            Platform.auth_login_url,
            Platform.product,
            Platform.scopes,
            Platform.created_at,
        )
        .where(Platform.tenant_id == tenant_id, Platform.status == Status.PENDING)
        .order_by(Platform.id)
    ).all()
    deployments: dict[int, list[str]] = {row.id: [] for row in rows}
    for platform_id, lti_id in db.execute(
        select(Deployment.platform_id, Deployment.lti_id)
        .where(Deployment.platform_id.in_(deployments))
        .order_by(Deployment.id)
    ):
        deployments[platform_id].append(lti_id)
    return [{**row._mapping, "deployments": deployments[row.id]} for row in rows]


def approve(
    db: Connection, platform_id: int, tenant_id: int, actor: str, now: datetime, correlation_id: str
) -> None:
    """Switch a pending registration on. One that is on already stays so.

    Raises:
        PlatformNotFound: no such registration of this tenant.
        RegistrationConflict: meanwhile its issuer was switched on with other addresses.
    """
    one, issuer = _of_tenant(db, platform_id, tenant_id)
    if one.status != Status.PENDING:
        return
    for other in known(db, issuer):
        if other.id != platform_id and other.status == Status.ACTIVE and other.endpoints != one.endpoints:
            raise RegistrationConflict(platform=other.id, differs="addresses")
    changed = db.execute(
        update(Platform)
        .where(Platform.id == platform_id, Platform.status == Status.PENDING)
        .values(status=Status.ACTIVE, approved_at=now, approved_by=actor)
    ).rowcount
    if changed:
        audit.note(db, now, "registration", "platform_approved", platform_id, correlation_id, actor=actor)


def reject(
    db: Connection, platform_id: int, tenant_id: int, actor: str, now: datetime, correlation_id: str
) -> None:
    """Remove a pending registration; nothing hangs on it, for it never let anybody in.

    Raises:
        PlatformNotFound: no such registration of this tenant, or it does not wait (any more).
    """
    _, issuer = _of_tenant(db, platform_id, tenant_id)
    removed = db.execute(
        delete(Platform).where(Platform.id == platform_id, Platform.status == Status.PENDING)
    ).rowcount
    if not removed:
        raise PlatformNotFound(platform=platform_id)
    audit.note(
        db,
        now,
        "registration",
        "platform_rejected",
        platform_id,
        correlation_id,
        {"host": urlsplit(issuer).hostname},
        actor=actor,
        tenant_id=tenant_id,
    )


def _of_tenant(db: Connection, platform_id: int, tenant_id: int) -> tuple[Known, str]:
    """The registration and its issuer. Raises PlatformNotFound."""
    columns = [getattr(Platform, name) for name in Known._fields]
    row = db.execute(
        select(*columns, Platform.issuer).where(Platform.id == platform_id, Platform.tenant_id == tenant_id)
    ).first()
    if row is None:
        raise PlatformNotFound(platform=platform_id)
    return Known(*row[:-1]), row.issuer


def _name(name: str, platform: PlatformConfiguration) -> str:
    given = "".join(filter(str.isprintable, " ".join(name.split())))[:MAX_NAME]
    return given or urlsplit(platform.issuer).hostname or platform.issuer


def _differs(one: Known, platform: PlatformConfiguration) -> str:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    pairs = zip(names, one.endpoints, platform.endpoints, strict=True)
    return ", ".join(name for name, ours, theirs in pairs if ours != theirs)
