"""Connections in the administration: invite, decide, test, rename, switch, enter by hand, disconnect."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from builders import platform
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lms_tool.http import ConnectFailed
from lms_tool.models import AuditEvent, Deployment, Invitation, Platform, Status
from lms_tool.runtime import Runtime
from lms_tool.services import tenants
from lms_tool.services.platforms import Registered

from .conftest import new_browser

HOME = "/admin/platforms"
FORM = {
    "name": "OPAL",
    "issuer": "https://opal.example",
    "client_id": "abc",
    "deployment_id": "7",
    "auth_login_url": "https://opal.example/lti/auth",
    "token_url": "https://opal.example/lti/token",
    "jwks_url": "https://opal.example/lti/keys",
}


@pytest.fixture
def browser(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    return signed_in()


@pytest.fixture
def at(tool: Runtime) -> Registered:
    with tool.database.write() as db:
        return platform(db, tool.clock(), name="Moodle der Hochschule")


@pytest.fixture(autouse=True)
def no_network(tool: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise ConnectFailed(host="lms.example")

    for client in (tool.client, tool.public_client):
        monkeypatch.setattr(client, "_send", away)


def row(tool: Runtime, at: Registered) -> Any:
    with tool.database.read() as db:
        return db.execute(select(Platform).where(Platform.id == at.id)).first()


def written(tool: Runtime) -> list[tuple[str, str]]:
    with tool.database.read() as db:
        return [(event.code, event.actor) for event in db.execute(select(AuditEvent).order_by(AuditEvent.id))]


def goes_to(answer: TestResponse, url: str) -> None:
    assert (answer.status_code, answer.headers["Location"]) == (303, url)


def test_strangers_see_nothing(app: Flask, at: Registered) -> None:
    for path in (HOME, f"{HOME}/{at.id}", f"{HOME}/new", f"{HOME}/{at.id}/disconnect"):
        assert new_browser(app).get(path).status_code == 401


def test_the_list_names_connections_and_their_state(browser: FlaskClient, at: Registered) -> None:
    page = browser.get(HOME).text
    assert "Moodle der Hochschule" in page
    assert "Noch kein Start" in page
    assert f'href="{HOME}/{at.id}"' in page


def test_without_connections_the_page_says_how_to_begin(browser: FlaskClient) -> None:
    assert "Noch kein LMS verbunden" in browser.get(HOME).text


def test_an_invitation_is_shown_once_and_can_be_withdrawn(browser: FlaskClient, tool: Runtime) -> None:
    page = browser.post(f"{HOME}/invitation").text
    (link,) = set(re.findall(r"https://tool\.example/lti/register/[0-9A-Z-]+", page))
    later = browser.get(HOME).text
    assert link not in later
    assert "Offene Einladung" in later
    goes_to(browser.post(f"{HOME}/invitation/1/withdraw"), HOME)
    assert "Offene Einladung" not in browser.get(HOME).text
    with tool.database.read() as db:
        assert db.scalars(select(Invitation.expires_at)).one() == tool.clock()
    assert [code for code, _ in written(tool)][-2:] == ["platform_invited", "invitation_withdrawn"]


def test_a_form_of_another_site_makes_no_invitation(browser: FlaskClient) -> None:
    answer = browser.post(
        f"{HOME}/invitation", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert "Offene Einladung" not in browser.get(HOME).text


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_registration_waits_for_a_decision(
    browser: FlaskClient, tool: Runtime, at: Registered, decision: str
) -> None:
    with tool.database.write() as db:
        db.execute(update(Platform).values(status=Status.PENDING))
    assert "Eine Anmeldung wartet auf Sie." in browser.get(HOME).text
    page = browser.get(f"{HOME}/{at.id}").text
    assert f'action="{HOME}/{at.id}/{decision}"' in page
    assert "Jetzt prüfen</span>" not in page
    browser.post(f"{HOME}/{at.id}/{decision}")
    if decision == "approve":
        assert row(tool, at).status == Status.ACTIVE
        assert "A. Beier" in browser.get(f"{HOME}/{at.id}").text
        assert "wartet auf Sie" not in browser.get(HOME).text
    else:
        assert row(tool, at) is None
    assert written(tool)[-1] == (f"platform_{decision}{'d' if decision == 'approve' else 'ed'}", "admin:1")


def test_what_waits_cannot_be_switched_on_around_the_approval(
    browser: FlaskClient, tool: Runtime, at: Registered
) -> None:
    with tool.database.write() as db:
        db.execute(update(Platform).values(status=Status.PENDING))
    browser.post(f"{HOME}/{at.id}/on")
    assert row(tool, at).status == Status.PENDING


@pytest.mark.parametrize(("decision", "after"), [("approve", Status.ACTIVE), ("reject", Status.INACTIVE)])
def test_a_deployment_waits_for_a_decision(
    browser: FlaskClient, tool: Runtime, at: Registered, decision: str, after: Status
) -> None:
    with tool.database.write() as db:
        db.execute(update(Deployment).values(status=Status.PENDING))
    assert "Ein Deployment wartet auf Sie." in browser.get(HOME).text
    (path,) = re.findall(
        rf'action="({HOME}/{at.id}/deployments/\d+/{decision})"', browser.get(f"{HOME}/{at.id}").text
    )
    goes_to(browser.post(path), f"{HOME}/{at.id}")
    with tool.database.read() as db:
        assert db.scalars(select(Deployment.status)).one() == after
    assert "Ein Deployment wartet auf Sie." not in browser.get(HOME).text
    assert browser.post(path).status_code == 404, "decided once"


def test_the_self_test_runs_and_is_shown(browser: FlaskClient, tool: Runtime, at: Registered) -> None:
    assert "Noch nicht geprüft." in browser.get(f"{HOME}/{at.id}").text
    goes_to(browser.post(f"{HOME}/{at.id}/test"), f"{HOME}/{at.id}")
    page = browser.get(f"{HOME}/{at.id}").text
    assert "keys_unreachable" in page
    assert "So beheben Sie es:" in page
    assert "2 von 3 in Ordnung" in page
    assert "Selbsttest nicht bestanden" in browser.get(HOME).text


def test_pages_speak_english_to_who_prefers_it(browser: FlaskClient, at: Registered) -> None:
    browser.post(f"{HOME}/{at.id}/test")
    page = browser.get(f"{HOME}/{at.id}", headers={"Accept-Language": "en"}).text
    assert "Public keys of the LMS" in page
    assert "How to mend it:" in page
    assert "Selbsttest" not in page


def test_a_connection_is_renamed(browser: FlaskClient, tool: Runtime, at: Registered) -> None:
    goes_to(browser.post(f"{HOME}/{at.id}/name", data={"name": " OPAL "}), f"{HOME}/{at.id}")
    assert row(tool, at).name == "OPAL"
    refused = browser.post(f"{HOME}/{at.id}/name", data={"name": " "})
    assert refused.status_code == 400
    assert "höchstens 255 Zeichen" in refused.text
    assert row(tool, at).name == "OPAL"
    assert [code for code, _ in written(tool)].count("platform_renamed") == 1


def test_a_connection_is_switched_off_and_on(browser: FlaskClient, tool: Runtime, at: Registered) -> None:
    browser.post(f"{HOME}/{at.id}/off")
    assert row(tool, at).status == Status.INACTIVE
    assert "Abgeschaltet" in browser.get(HOME).text
    browser.post(f"{HOME}/{at.id}/on")
    assert row(tool, at).status == Status.ACTIVE
    assert [code for code, _ in written(tool)][-2:] == ["platform_switched_off", "platform_switched_on"]


def test_disconnecting_asks_first(browser: FlaskClient, tool: Runtime, at: Registered) -> None:
    assert "für immer gelöscht" in browser.get(f"{HOME}/{at.id}/disconnect").text
    goes_to(browser.post(f"{HOME}/{at.id}/disconnect"), f"{HOME}/{at.id}/disconnect")
    assert row(tool, at) is not None
    goes_to(browser.post(f"{HOME}/{at.id}/disconnect", data={"sure": "yes"}), HOME)
    assert row(tool, at) is None
    assert written(tool)[-1] == ("platform_disconnected", "admin:1")
    assert browser.get(f"{HOME}/{at.id}").status_code == 404


def test_a_connection_is_entered_by_hand(browser: FlaskClient, tool: Runtime) -> None:
    assert "Verbindung eintragen" in browser.get(f"{HOME}/new").text
    answer = browser.post(f"{HOME}/new", data=FORM)
    goes_to(answer, f"{HOME}/1")
    page = browser.get(f"{HOME}/1").text
    for value in ("OPAL", "https://opal.example/lti/keys", "https://tool.example/lti/login/"):
        assert value in page
    assert written(tool)[-1] == ("platform_added", "admin:1")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"issuer": ""}, "issuer"),
        ({"client_id": "x" * 300}, "client_id"),
        ({"token_url": "ftp://opal.example"}, "token_url"),
        ({"jwks_url": "javascript:alert(1)"}, "jwks_url"),
        ({"auth_login_url": "https://opal.example/a#b"}, "auth_login_url"),
    ],
)
def test_a_wrong_value_is_shown_where_it_stands(
    browser: FlaskClient, tool: Runtime, changes: dict[str, str], wrong: str
) -> None:
    answer = browser.post(f"{HOME}/new", data=FORM | changes)
    assert answer.status_code == 400
    field = next(tag for tag in re.findall(r"<input[^>]+>", answer.text) if f'name="{wrong}"' in tag)
    assert 'aria-invalid="true"' in field
    assert 'value="OPAL"' in answer.text, "what was typed is not lost"
    with tool.database.read() as db:
        assert db.scalars(select(Platform.id)).all() == []


@pytest.mark.parametrize("client_id", ["abc", "another"])
def test_an_issuer_somebody_else_entered_is_not_taken_over(
    browser: FlaskClient, tool: Runtime, client_id: str
) -> None:
    with tool.database.write() as db:
        other = tenants.add(db, "andere", "Andere", tool.clock())
        taken = platform(db, tool.clock(), **{key: FORM[key] for key in ("issuer", "client_id")})
        db.execute(update(Platform).where(Platform.id == taken.id).values(tenant_id=other.id))
    answer = browser.post(f"{HOME}/new", data=FORM | {"client_id": client_id})
    assert answer.status_code == 400
    assert "schon eingetragen" in answer.text
    assert row(tool, taken).tenant_id == other.id


def test_hosted_lmss_share_an_issuer(browser: FlaskClient, tool: Runtime) -> None:
    assert browser.post(f"{HOME}/new", data=FORM).status_code == 303
    assert browser.post(f"{HOME}/new", data=FORM | {"client_id": "zwei"}).status_code == 303
