"""Keys in the administration: what is shown, and one new key however often the button is pressed."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms_tool.models import AuditEvent, ToolKey
from lms_tool.runtime import Runtime

from .conftest import Clock, new_browser

SignedIn = Callable[..., FlaskClient]


def following(page: str) -> str:
    found = re.search(r'name="following" value="([^"]+)"', page)
    return found[1] if found else ""


def count(tool: Runtime) -> int:
    with tool.database.read() as db:
        return db.scalar(select(func.count()).select_from(ToolKey)) or 0


def test_a_new_key_waits_for_a_day_before_the_next_may_follow(
    tool: Runtime, signed_in: SignedIn, clock: Clock
) -> None:
    browser = signed_in()
    first = following(browser.get("/admin/keys").text)
    assert first
    assert browser.post("/admin/keys", data={"following": first}).status_code == 303
    assert count(tool) == 2
    page = browser.get("/admin/keys").text
    assert following(page) == "", "no button while one waits"
    assert "unterschreibt ab" in page
    clock.pass_by(days=1)
    page = browser.get("/admin/keys").text
    assert following(page) not in ("", first)
    assert "sichtbar bis" in page
    clock.pass_by(days=7)
    assert first not in browser.get("/admin/keys").text


def test_pressing_twice_makes_one_key(tool: Runtime, signed_in: SignedIn) -> None:
    browser, colleague = signed_in(), signed_in(name="Frank Wolf")
    first = following(browser.get("/admin/keys").text)
    for one in (browser, browser, colleague):
        assert one.post("/admin/keys", data={"following": first}).status_code == 303
    assert count(tool) == 2


def test_a_form_that_names_no_key_or_another_does_nothing(tool: Runtime, signed_in: SignedIn) -> None:
    browser = signed_in()
    for data in ({}, {"following": ""}, {"following": "erfunden"}):
        browser.post("/admin/keys", data=data)
    assert count(tool) == 1


def test_nobody_else_gets_there(app: Flask, tool: Runtime, signed_in: SignedIn) -> None:
    first = following(signed_in().get("/admin/keys").text)
    stranger = new_browser(app)
    assert stranger.get("/admin/keys").status_code == 401
    assert stranger.post("/admin/keys", data={"following": first}).status_code == 401
    elsewhere = signed_in()
    elsewhere.environ_base["HTTP_ORIGIN"] = "https://evil.example"
    assert elsewhere.post("/admin/keys", data={"following": first}).status_code == 403
    assert count(tool) == 1


def test_who_published_it_is_written_down_for_everybody(tool: Runtime, signed_in: SignedIn) -> None:
    browser = signed_in("ssg")
    browser.post("/admin/keys", data={"following": following(browser.get("/admin/keys").text)})
    with tool.database.read() as db:
        line = db.execute(select(AuditEvent).where(AuditEvent.code == "key_rotated")).one()
    assert line.actor.startswith("admin:") and line.tenant_id is None
    other = signed_in("hsf", "Frank Wolf").get("/admin/audit").text
    assert "Ein neuer Signierschlüssel wurde veröffentlicht." in other
    assert "A. Beier" not in other.split("<tbody>")[1], "but not whose hand it was"
