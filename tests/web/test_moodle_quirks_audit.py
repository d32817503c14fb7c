"""What a Moodle does beside launches leaves no line among the refused launches."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from lms_tool.models import AuditEvent

from .conftest import new_browser, runtime_of


def audited(app: Flask) -> list[str]:
    with runtime_of(app).database.read() as db:
        return list(db.scalars(select(AuditEvent.code).order_by(AuditEvent.id)))


def test_a_look_at_the_address_of_an_activity_is_no_refused_launch(app: Flask) -> None:
    """Saving an activity, Moodle fetches its address to see whether it is a cartridge of LTI 1.0."""
    answer = new_browser(app).get(
        "/lti/launch?course=kurs&module=m1", headers={"User-Agent": "MoodleBot/1.0"}
    )
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (405, "method_not_allowed")
    assert audited(app) == []


@pytest.mark.parametrize("message", ["id_token=a.b.c&state=x", "state=x"])
def test_a_message_in_an_address_is_one(app: Flask, message: str) -> None:
    assert new_browser(app).get(f"/lti/launch?{message}").status_code == 405
    assert audited(app) == ["method_not_allowed"]
