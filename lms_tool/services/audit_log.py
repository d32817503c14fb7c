"""Reading the audit log: page by page for a tenant's administrators, as a whole for an export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true

from lms_tool.models import AuditEvent, Tenant

PAGE = 50
MAX_EXPORT = 100_000  # lines in one file; a narrower time brings the rest
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One event: codes and ids only."""

    id: int
    at: datetime
    kind: str
    code: str
    actor: str
    tenant_id: int | None
    platform_id: int | None
    correlation_id: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log: by kind, platform and time (``since`` inclusive, ``until`` exclusive); None or "" is all."""

    kind: str = ""
    platform_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


_LINE = (
    AuditEvent.id,
    AuditEvent.at,
    AuditEvent.kind,
    AuditEvent.code,
    AuditEvent.actor,
    AuditEvent.tenant_id,
    AuditEvent.platform_id,
    AuditEvent.correlation_id,
    AuditEvent.details,
)


def page(
    db: Connection, tenant_id: int, wanted: Wanted, before: int | None = None
) -> tuple[list[Line], int | None]:
    """The newest lines of a tenant, or those older than id ``before``; and the id to go on before, None at the end."""
    found = _select(tenant_id, wanted).order_by(AuditEvent.id.desc()).limit(PAGE + 1)
    if before is not None:
        found = found.where(AuditEvent.id < before)
    lines = [Line(*row) for row in db.execute(found)]
    return lines[:PAGE], lines[PAGE - 1].id if len(lines) > PAGE else None


def lines(db: Connection, tenant_id: int | None, wanted: Wanted) -> Iterator[Line]:
    """Lines oldest first, at most ``MAX_EXPORT``; of one tenant, or (None) of the whole installation."""
    last = 0
    for _ in range(0, MAX_EXPORT, _AT_ONCE):
        found = _select(tenant_id, wanted).where(AuditEvent.id > last).order_by(AuditEvent.id).limit(_AT_ONCE)
        rows = db.execute(found).all()
        for row in rows:
            yield Line(*row)
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id


def _select(tenant_id: int | None, wanted: Wanted) -> Select[Any]:
    conditions = [_visible_to(tenant_id)]
    if wanted.kind:
        conditions.append(AuditEvent.kind == wanted.kind)
    if wanted.platform_id is not None:
        conditions.append(AuditEvent.platform_id == wanted.platform_id)
    if wanted.since is not None:
        conditions.append(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditEvent.at < wanted.until)
    return select(*_LINE).where(*conditions)


def _visible_to(tenant_id: int | None) -> ColumnElement[bool]:
    """A tenant's own lines, and those of nobody's that concern it.

    Keys are everybody's. Other lines without a tenant tell of strangers, such as an LMS that is not registered: they
    help whoever is alone in an installation, and would tell one customer of another's attempts.
    """
    if tenant_id is None:
        return true()
    alone = select(func.count(Tenant.id)).scalar_subquery() == 1
    nobodys = and_(AuditEvent.tenant_id.is_(None), or_(AuditEvent.kind == "keys", alone))
    return or_(AuditEvent.tenant_id == tenant_id, nobodys)
