"""Who gets into the administration, and who does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms_tool.models import Admin, AuditEvent
from lms_tool.runtime import Runtime
from lms_tool.services import administrators, tenants

from .conftest import Clock, new_browser


def link(tool: Runtime, name: str = "A. Beier") -> str:
    with tool.database.write() as db:
        admin_id = administrators.add(db, tenants.FIRST, name, tool.clock())
        return administrators.link(db, admin_id, None, tool.clock())


def refused(answer: object, code: str) -> None:
    assert answer.headers["X-LTI-Error"] == code  # type: ignore[attr-defined]


def test_a_link_opens_the_administration_once(app: Flask, tool: Runtime) -> None:
    code = link(tool)
    browser = new_browser(app)
    assert "Anmelden" in browser.get(f"/admin/enter/{code}").text
    assert "Anmelden" in browser.get(f"/admin/enter/{code}").text, "looking does not use it up"
    assert browser.post(f"/admin/enter/{code}").status_code == 303
    assert "A. Beier" in browser.get("/admin/people").text
    other = new_browser(app)
    refused(other.post(f"/admin/enter/{code}"), "admin_link_invalid")
    refused(other.get("/admin/people"), "admin_session_missing")


def test_the_cookie_is_for_this_host_alone_and_no_script(app: Flask, tool: Runtime) -> None:
    answer = new_browser(app).post(f"/admin/enter/{link(tool)}")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert word in cookie


def test_a_link_lasts_a_day(app: Flask, tool: Runtime, clock: Clock) -> None:
    code = link(tool)
    clock.pass_by(days=1, seconds=1)
    refused(new_browser(app).post(f"/admin/enter/{code}"), "admin_link_invalid")


def test_a_form_of_another_site_changes_nothing(
    app: Flask, tool: Runtime, signed_in: Callable[..., FlaskClient]
) -> None:
    browser = signed_in()
    browser.environ_base["HTTP_ORIGIN"] = "https://evil.example"
    browser.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    refused(browser.post("/admin/people", data={"name": "Eve"}), "csrf_failed")
    refused(browser.post(f"/admin/enter/{link(tool)}"), "csrf_failed")
    with tool.database.read() as db:
        assert "Eve" not in db.scalars(select(Admin.name)).all()


@pytest.mark.parametrize("idle", [{"days": 8}, {"days": 31}])
def test_sessions_end(signed_in: Callable[..., FlaskClient], clock: Clock, idle: dict[str, float]) -> None:
    browser = signed_in()
    clock.pass_by(**idle)
    refused(browser.get("/admin/people"), "admin_session_missing")


def test_a_session_in_use_lives_on_but_not_for_ever(
    signed_in: Callable[..., FlaskClient], clock: Clock
) -> None:
    browser = signed_in()
    for _ in range(5):
        clock.pass_by(days=5)
        assert browser.get("/admin/people").status_code == 200
    clock.pass_by(days=6)
    refused(browser.get("/admin/people"), "admin_session_missing")


def test_leaving_ends_the_session_at_the_server(signed_in: Callable[..., FlaskClient]) -> None:
    browser = signed_in()
    cookie = browser.get_cookie("__Host-lms-tool-admin")
    assert cookie is not None
    assert browser.post("/admin/leave").headers["Location"] == "/admin/left"
    browser.set_cookie("__Host-lms-tool-admin", cookie.value)
    refused(browser.get("/admin/people"), "admin_session_missing")


def test_a_colleague_gets_a_link_and_can_be_blocked(
    app: Flask, tool: Runtime, signed_in: Callable[..., FlaskClient]
) -> None:
    browser = signed_in()
    page = browser.post("/admin/people", data={"name": "Frank <b>Wolf</b>"}).text
    assert "Frank &lt;b&gt;Wolf&lt;/b&gt;" in page
    code = page.split("https://tool.example/admin/enter/")[1].split("<")[0]
    colleague = new_browser(app)
    assert colleague.post(f"/admin/enter/{code}").status_code == 303
    assert code not in browser.get("/admin/people").text, "shown once"
    with tool.database.read() as db:
        admin_id = db.scalars(select(Admin.id).order_by(Admin.id.desc())).first()
    assert browser.post(f"/admin/people/{admin_id}/disable").status_code == 303
    refused(colleague.get("/admin/people"), "admin_session_missing")
    with tool.database.read() as db:
        events = db.execute(select(AuditEvent.code, AuditEvent.actor, AuditEvent.tenant_id)).all()
    assert ("admin_added", "admin:1", 1) in events
    assert ("admin_disabled", "admin:1", 1) in events


@pytest.mark.parametrize("name", ["", "   ", "x" * 256])
def test_a_name_is_needed(signed_in: Callable[..., FlaskClient], name: str) -> None:
    refused(signed_in().post("/admin/people", data={"name": name}), "admin_invalid")


def test_accounts_of_another_tenant_are_not_there(signed_in: Callable[..., FlaskClient]) -> None:
    signed_in("standard", "Eins")
    other = signed_in("ssg", "Zwei")
    assert "Eins" not in other.get("/admin/people").text
    for action in ("link", "disable"):
        refused(other.post(f"/admin/people/1/{action}"), "admin_not_found")


def test_nobody_may_frame_the_administration(signed_in: Callable[..., FlaskClient]) -> None:
    assert "frame-ancestors 'none'" in signed_in().get("/admin/people").headers["Content-Security-Policy"]


def test_english_for_who_asks(signed_in: Callable[..., FlaskClient]) -> None:
    browser = signed_in()
    assert (
        "Give somebody else access"
        in browser.get("/admin/people", headers={"Accept-Language": "en-GB,en"}).text
    )


@pytest.mark.parametrize("path", ["/admin/nowhere", "/admin/platforms/999", "/admin/platforms/invitation"])
def test_a_page_that_is_missing_leads_back_to_the_administration(
    signed_in: Callable[..., FlaskClient], path: str
) -> None:
    answer = signed_in().get(path)
    assert answer.status_code in (404, 405)
    assert 'href="/admin/"' in answer.text
