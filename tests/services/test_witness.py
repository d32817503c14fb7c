"""Who came as staff and whose work they looked at stands in the audit log, with ids and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from builders import NOW, Classroom
from sqlalchemy import select

from lms_tool.lti.claims import PersonClaims, Role
from lms_tool.lti.launch import SUBMISSION_REVIEW_REQUEST
from lms_tool.models import AuditEvent, Person
from lms_tool.services import witness

TUTOR = PersonClaims("tutor", "Thea Tutor", "Thea", "Tutor", "thea@stadt.example")


def came(room: Classroom, **launch: Any) -> list[Any]:
    """The audit lines after a launch."""
    with room.database.write() as db:
        accepted = room.accept(db, **launch)
        witness.staff_launch(db, accepted.launch_id, NOW, "abc123")
    with room.database.read() as db:
        return list(db.execute(select(AuditEvent).order_by(AuditEvent.id)).all())


def person(room: Classroom, sub: str) -> int:
    with room.database.read() as db:
        return db.scalars(select(Person.id).where(Person.sub == sub)).one()


def review(of: str) -> dict[str, Any]:
    return {"message_type": SUBMISSION_REVIEW_REQUEST, "for_user": of}


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ASSISTANT, Role.ADMINISTRATOR, Role.MENTOR])
def test_staff_leave_a_line(room: Classroom, role: Role) -> None:
    (line,) = came(room, person=TUTOR, role=role)
    assert (line.kind, line.code, line.correlation_id) == ("launch", "launched_as_staff", "abc123")
    assert line.actor == f"person:{person(room, 'tutor')}"
    assert (line.platform_id, line.tenant_id) == (room.at.id, room.at.tenant_id)
    assert line.details["role"] == role.value
    assert "Thea" not in json.dumps(line.details) and "thea" not in json.dumps(line.details)


def test_learners_leave_none(room: Classroom) -> None:
    assert came(room, sub="anna") == []


def test_looking_at_somebodys_work_is_a_line_of_its_own(room: Classroom) -> None:
    room.arrive(sub="anna")
    launched, viewed = came(room, person=TUTOR, role=Role.INSTRUCTOR, **review("anna"))
    assert launched.code == "launched_as_staff"
    assert (viewed.kind, viewed.code) == ("people", "person_viewed")
    assert viewed.actor == launched.actor
    assert viewed.details["person"] == person(room, "anna")


def test_who_was_never_here_was_not_looked_at(room: Classroom) -> None:
    lines = came(room, person=TUTOR, role=Role.INSTRUCTOR, **review("nobody"))
    assert [line.code for line in lines] == ["launched_as_staff"]


def test_ones_own_work_is_ones_own(room: Classroom) -> None:
    room.arrive(sub="anna")
    assert came(room, sub="anna", **review("anna")) == []
