"""A tenant's connections as its administrators see and change them: the list, one of them, its name, its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from lms_tool.models import (
    Admin,
    Context,
    Deployment,
    Launch,
    LineItem,
    Membership,
    Person,
    Platform,
    Score,
    Status,
)
from lms_tool.services import grades, selftest
from lms_tool.services.platforms import PlatformNotFound, RegistrationInvalid
from lms_tool.services.products import Product, label, product_of
from lms_tool.services.selftest import Check, State


class Condition(StrEnum):
    """How a connection stands, the most urgent thing first."""

    PENDING = "pending"  # registered by itself, waits for a yes
    OFF = "off"
    GRADES = "grades"  # some will not arrive unless somebody does something
    KEYS = "keys"  # its keys could not be loaded at the last launch
    SILENT = "silent"  # it did not answer; grades wait
    FAULT = "fault"  # the last self-test found something
    DEPLOYMENT = "deployment"  # one waits for a yes
    NEW = "new"  # nobody has launched yet
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Connected:
    """One line of the list."""

    id: int
    name: str
    label: str  # of the product, "Moodle 5.1"; empty if it is not known
    issuer: str
    condition: Condition
    created_at: datetime
    last_launch_at: datetime | None
    waiting: int  # grades that are not in the LMS yet


@dataclass(frozen=True, slots=True)
class KnownDeployment:
    id: int
    lti_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Details:
    """One connection with all an administrator may see of it; there is no secret in it."""

    line: Connected
    product: Product
    status: str
    lti_version: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    key: str
    scopes: tuple[str, ...] | None  # short names as granted at registration; None: entered by hand
    deployments: tuple[KnownDeployment, ...]
    approved_at: datetime | None
    approved_by: str  # a person's name, or an actor where there is none
    checked_at: datetime | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What would be deleted with a connection."""

    courses: int
    people: int
    grades_waiting: int


_WAITING = (
    select(func.count())
    .select_from(Score)
    .join(LineItem, LineItem.id == Score.line_item_id)
    .where(LineItem.platform_id == Platform.id)
    .correlate(Platform)
)
_LAUNCHED = (
    select(func.max(Launch.created_at))
    .join(Deployment, Deployment.id == Launch.deployment_id)
    .where(Deployment.platform_id == Platform.id)
    .correlate(Platform)
    .scalar_subquery()
)
_ROWS = select(
    *Platform.__table__.columns,
    _LAUNCHED.label("launched_at"),
    _WAITING.where(grades.UNDELIVERED).scalar_subquery().label("waiting"),
    _WAITING.where(grades.NEEDS_HELP).scalar_subquery().label("stuck"),
    select(func.count())
    .where(Deployment.platform_id == Platform.id, Deployment.status == Status.PENDING)
    .scalar_subquery()
    .label("deployments_waiting"),
)


def overview(db: Connection, tenant_id: int) -> tuple[Connected, ...]:
    """All connections of a tenant but those that wait for approval, in the order they came."""
    rows = db.execute(
        _ROWS.where(Platform.tenant_id == tenant_id, Platform.status != Status.PENDING).order_by(Platform.id)
    )
    return tuple(_line(row) for row in rows)


def details(db: Connection, platform_id: int, tenant_id: int) -> Details:
    """Raises PlatformNotFound: no such connection of this tenant."""
    row = db.execute(_ROWS.where(Platform.id == platform_id, Platform.tenant_id == tenant_id)).first()
    if row is None:
        raise PlatformNotFound(platform=platform_id)
    deployments = db.execute(
        select(Deployment.id, Deployment.lti_id, Deployment.status)
        .where(Deployment.platform_id == platform_id)
        .order_by(Deployment.id)
    )
    return Details(
        line=_line(row),
        product=product_of(row.product, row.auth_login_url),
        status=row.status,
        lti_version=row.lti_version,
        client_id=row.client_id,
        auth_login_url=row.auth_login_url,
        token_url=row.token_url,
        jwks_url=row.jwks_url,
        key=row.key,
        scopes=tuple(row.scopes) if row.scopes is not None else None,
        deployments=tuple(KnownDeployment(*one) for one in deployments),
        approved_at=row.approved_at,
        approved_by=_who(db, row.approved_by, tenant_id),
        checked_at=row.checked_at,
        checks=selftest.read(row.checks),
    )


def rename(db: Connection, platform_id: int, tenant_id: int, name: str) -> None:
    """Give a connection the name people read.

    Raises:
        RegistrationInvalid: no name, or one over 255 characters.
        PlatformNotFound: no such connection of this tenant.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= 255 or not name.isprintable():
        raise RegistrationInvalid(field="name", problem="must have 1 to 255 characters")
    changed = db.execute(
        update(Platform).where(Platform.id == platform_id, Platform.tenant_id == tenant_id).values(name=name)
    ).rowcount
    if not changed:
        raise PlatformNotFound(platform=platform_id)


def held(db: Connection, platform_id: int, tenant_id: int) -> Held:
    """What would be deleted with a connection. Raises PlatformNotFound."""
    row = details(db, platform_id, tenant_id)
    courses, people = db.execute(
        select(
            func.count(Context.id.distinct()).filter(Context.kind == "context"),
            func.count(Membership.person_id.distinct()),
        )
        .select_from(Deployment)
        .join(Context, Context.deployment_id == Deployment.id)
        .outerjoin(Membership, Membership.context_id == Context.id)
        .where(Deployment.platform_id == platform_id)
    ).one()
    return Held(courses, people, row.line.waiting)


def disconnect(db: Connection, platform_id: int, tenant_id: int) -> None:
    """Delete a connection with everything that came over it: courses, progress, grades that wait.

    People go too, unless another connection of the tenant to the same issuer still knows them.

    Raises:
        PlatformNotFound: no such connection of this tenant.
    """
    issuer = db.scalar(
        delete(Platform)
        .where(Platform.id == platform_id, Platform.tenant_id == tenant_id)
        .returning(Platform.issuer)
    )
    if issuer is None:
        raise PlatformNotFound(platform=platform_id)
    db.execute(
        delete(Person).where(
            Person.tenant_id == tenant_id,
            Person.issuer == issuer,
            ~select(Membership.id).where(Membership.person_id == Person.id).exists(),
        )
    )


def remember_launches(db: Connection) -> None:
    """Keep each platform's last launch before the sweep deletes what has ended."""
    db.execute(
        update(Platform)
        .where(
            _LAUNCHED.is_not(None),
            or_(Platform.last_launch_at.is_(None), Platform.last_launch_at < _LAUNCHED),
        )
        .values(last_launch_at=_LAUNCHED)
    )


def _line(row: Any) -> Connected:
    launched = max(filter(None, (row.last_launch_at, row.launched_at)), default=None)
    return Connected(
        id=row.id,
        name=row.name or row.issuer,
        label=label(row.product, row.auth_login_url),
        issuer=row.issuer,
        condition=_condition(row, launched),
        created_at=row.created_at,
        last_launch_at=launched,
        waiting=row.waiting,
    )


def _condition(row: Any, launched: datetime | None) -> Condition:
    faults = any(check.state is State.BAD for check in selftest.read(row.checks))
    found = {
        Condition.PENDING: row.status == Status.PENDING,
        Condition.OFF: row.status == Status.INACTIVE,
        Condition.GRADES: row.stuck > 0,
        Condition.KEYS: row.jwks_problem is not None,
        Condition.SILENT: row.delivery_problem is not None and row.waiting > 0,
        Condition.FAULT: faults,
        Condition.DEPLOYMENT: row.deployments_waiting > 0,
        Condition.NEW: launched is None,
    }
    return next((condition for condition, holds in found.items() if holds), Condition.FINE)


def _who(db: Connection, actor: str | None, tenant_id: int) -> str:
    """The name behind an actor of the audit log, if it is somebody of this tenant; else the actor."""
    kind, _, number = (actor or "").partition(":")
    if kind != "admin" or not number.isdecimal():
        return actor or ""
    name = db.scalar(select(Admin.name).where(and_(Admin.id == int(number), Admin.tenant_id == tenant_id)))
    return name or str(actor)
