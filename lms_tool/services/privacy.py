"""Rights of the person whose data it is (DSGVO Art. 17)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from lms_tool.errors import Text, ToolError
from lms_tool.models import Context, Deployment, Person, Platform, RosterEntry


class PersonNotFound(ToolError):
    code = "person_not_found"
    status = 404
    text = Text("Diese Person gibt es nicht.", "There is no such person.")
    remedy = Text("Prüfen Sie die Nummer der Person.", "Check the person's number.")


def find(db: Connection, sub: str) -> list[dict[str, Any]]:
    """Everybody who has this id in an LMS (the token's ``sub``): numbers and issuers, no names."""
    rows = db.execute(
        select(Person.id, Person.issuer, Person.sub, Person.created_at)
        .where(Person.sub == sub)
        .order_by(Person.id)
    )
    return [dict(row._mapping) for row in rows]


def erase(db: Connection, person_id: int) -> int:
    """Delete a person with everything that hangs on them: progress, roster entries, grades that wait to be sent.

    Returns the tenant whose person it was.

    While the LMS lists them, the next reading of a roster brings the bare entry back: that is the LMS's to end.

    Raises:
        PersonNotFound: no such id.
    """
    person = db.execute(
        select(Person.tenant_id, Person.issuer, Person.sub).where(Person.id == person_id)
    ).first()
    if person is None:
        raise PersonNotFound(person=person_id)
    contexts = (
        select(Context.id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(Platform.tenant_id == person.tenant_id, Platform.issuer == person.issuer)
    )
    db.execute(delete(Person).where(Person.id == person_id))
    # Last, as in a launch: two transactions that lock in another order would wait for each other.
    db.execute(
        delete(RosterEntry).where(RosterEntry.user_id == person.sub, RosterEntry.context_id.in_(contexts))
    )
    return int(person.tenant_id)
