"""Tenants: the customers of one installation. What belongs to one is never seen by another."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from lms_tool.database import insert
from lms_tool.errors import Text, ToolError
from lms_tool.models import Admin, Course, Person, Platform
from lms_tool.models import Tenant as TenantRow

FIRST = 1  # made with the database; an installation with one customer needs no other
_KEY = re.compile(r"[a-z][a-z0-9-]{1,31}")


class TenantNotFound(ToolError):
    code = "tenant_not_found"
    status = 404
    text = Text("Diesen Mandanten gibt es nicht.", "There is no such tenant.")
    remedy = Text("„lms-tool tenant list“ zeigt alle.", "“lms-tool tenant list” shows all.")


class TenantInvalid(ToolError):
    code = "tenant_invalid"
    status = 400
    text = Text("Der Mandant lässt sich so nicht anlegen.", "The tenant cannot be made like this.")
    remedy = Text(
        "Das Kürzel besteht aus 2 bis 32 Kleinbuchstaben, Ziffern und Bindestrichen, beginnt mit einem Buchstaben "
        "und ist noch frei.",
        "The key has 2 to 32 lower-case letters, digits and hyphens, begins with a letter and is not taken yet.",
    )


class Tenant(NamedTuple):
    id: int
    key: str
    name: str


def add(db: Connection, key: str, name: str, now: datetime) -> Tenant:
    """Make a tenant.

    Raises:
        TenantInvalid: the key is malformed or taken, or the name is missing.
    """
    name = name.strip()
    if not _KEY.fullmatch(key) or not 0 < len(name) <= 255:
        raise TenantInvalid(key=key[:64])
    made = db.execute(
        insert(db, TenantRow)
        .values(key=key, name=name, created_at=now)
        .on_conflict_do_nothing()
        .returning(TenantRow.id)
    ).scalar()
    if made is None:
        raise TenantInvalid(key=key, problem="taken")
    return Tenant(int(made), key, name)


def by_key(db: Connection, key: str | None) -> Tenant:
    """The tenant that commands call ``key``; the first one where none is named.

    Raises:
        TenantNotFound: there is no such tenant.
    """
    wanted = TenantRow.id == FIRST if key is None else TenantRow.key == key
    row = db.execute(select(TenantRow.id, TenantRow.key, TenantRow.name).where(wanted)).first()
    if row is None:
        raise TenantNotFound(tenant=(key or "")[:64])
    return Tenant(*row)


def listing(db: Connection) -> list[dict[str, Any]]:
    """All tenants with how much they own."""

    def count(table: Any) -> Any:
        return select(func.count()).where(table.tenant_id == TenantRow.id).scalar_subquery()

    rows = db.execute(
        select(
            TenantRow.id,
            TenantRow.key,
            TenantRow.name,
            count(Platform).label("platforms"),
            count(Person).label("people"),
            count(Course).label("courses"),
            count(Admin).label("administrators"),
        ).order_by(TenantRow.id)
    )
    return [dict(row._mapping) for row in rows]
