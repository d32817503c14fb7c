"""Our launch core against a platform that others have written: click, launch, lesson, grade."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lti1p3platform.content_item import TLtiResourceLink
from lti1p3platform.exceptions import LtiException
from lti1p3platform.lineitem import TDeepLinkingLineItem
from platform_half import CLIENT_ID, DEPLOYMENT, ISSUER, SecondPlatform, key_pair
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms_tool.app import create_app
from lms_tool.jobs.queue import Queue
from lms_tool.models import Delivery, Launch, Score
from lms_tool.runtime import Runtime
from lms_tool.services import courses, platforms, schema, tool_keys
from lms_tool.settings import load

TOOL = "https://tool.example"
PLACED = "course=pruefkurs&module=erstes-modul&activity=erste-lektion"
PACKAGE = Path(__file__).parents[1] / "conformance" / "courses" / "pruefkurs"


@pytest.fixture
def second() -> Iterator[SecondPlatform]:
    platform = SecondPlatform(tool_url=TOOL, placed=PLACED)
    yield platform
    platform.close()


@pytest.fixture
def app(tmp_path: Path, second: SecondPlatform) -> Iterator[Flask]:
    made = create_app(
        load(
            data_dir=tmp_path,
            database_url=f"sqlite:///{tmp_path / 'tool.db'}",
            base_url=TOOL,
            secret_key="only-for-this-test-0123456789-0123",
            trusted_networks="127.0.0.0/8",
        )
    )
    tool = runtime(made)
    schema.upgrade(tool.database)
    with tool.database.write() as db:
        tool_keys.ensure(db, tool.vault, tool.clock())
        courses.load(db, PACKAGE, tool.clock())
        new = platforms.NewPlatform(
            issuer=ISSUER,
            client_id=CLIENT_ID,
            deployment_ids=(DEPLOYMENT,),
            auth_login_url=f"{ISSUER}/authorise",
            token_url=f"{second.url}/token",
            jwks_url=f"{second.url}/jwks",
        )
        platforms.add(db, new, tool.clock())
        second.trust(tool_keys.public_set(db, tool.clock()))
    yield made
    tool.client.close()
    tool.database.dispose()


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def runtime(app: Flask) -> Runtime:
    found = app.extensions["lms_tool"]
    assert isinstance(found, Runtime)
    return found


def click(browser: FlaskClient, second: SecondPlatform, user: str = "u-42") -> dict[str, str]:
    """From the click to the form the platform's page posts to us."""
    asked = browser.get(second.login_url(user), base_url=TOOL)
    assert asked.status_code == 302, asked.headers.get("X-LTI-Error")
    assert asked.location.startswith(f"{ISSUER}/authorise?")
    form = second.authorise(asked.location)
    assert form.pop("launch_url") == f"{TOOL}/lti/launch"
    return form


def post(browser: FlaskClient, form: dict[str, str]) -> TestResponse:
    return browser.post("/lti/launch", base_url=TOOL, data=form)


def launches(app: Flask) -> int:
    with runtime(app).database.read() as db:
        return len(db.scalars(select(Launch.id)).all())


def test_the_authentication_request_is_what_the_platform_expects(
    browser: FlaskClient, second: SecondPlatform
) -> None:
    asked = browser.get(second.login_url("u-42"), base_url=TOOL)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(asked.location).query).items()}
    assert sent.pop("state")
    assert sent.pop("nonce")
    assert sent == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{TOOL}/lti/launch",
        "login_hint": "u-42",
        "lti_message_hint": "hinweis-1",
    }


def test_from_the_click_to_the_grade(app: Flask, browser: FlaskClient, second: SecondPlatform) -> None:
    entered = post(browser, click(browser, second))
    assert entered.status_code == 303, entered.headers.get("X-LTI-Error")
    home = urlsplit(entered.location).path
    page = browser.get(home, base_url=TOOL)
    assert page.status_code == 200
    assert "Dies ist der Text" in page.text or "<h1" in page.text
    assert "Jörg Zweitmann" in page.text

    done = browser.post(
        f"{home}a/erste-lektion/done", base_url=TOOL, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert done.status_code == 303
    queue: Queue = app.extensions["lms_tool_queue"]
    (platform_id,) = queue.reconciler.waiting()
    assert queue.reconciler.drain(platform_id) == 1, second.refusals
    with runtime(app).database.read() as db:
        assert db.scalars(select(Score.state)).all() == [Delivery.SENT]
    grade = second.grades["u-42"]
    assert (grade["scoreGiven"], grade["scoreMaximum"]) == (100, 100)
    assert (grade["activityProgress"], grade["gradingProgress"]) == ("Completed", "FullyGraded")
    assert second.refusals == []


def test_content_is_chosen_and_understood(browser: FlaskClient, second: SecondPlatform) -> None:
    asked = browser.get(second.login_url("u-7"), base_url=TOOL)
    data = {"csrftoken": "ä€-1"}  # the package sends an object where the specification speaks of a value
    form = second.ask_for_content(asked.location, data)
    assert form.pop("launch_url") == f"{TOOL}/lti/launch"
    opened = post(browser, form)
    assert opened.status_code == 303, opened.headers.get("X-LTI-Error")
    picker = urlsplit(opened.location).path
    assert "legt sofort an" in browser.get(picker, base_url=TOOL).text  # auto_create
    chosen = {"item": ["pruefkurs/erstes-modul", "pruefkurs/zweites-modul/zweite-lektion"]}
    sent = browser.post(picker, base_url=TOOL, data=chosen, headers={"Sec-Fetch-Site": "same-origin"})
    found = re.search(r'name="JWT" value="([^"]+)"', sent.text)
    assert found is not None
    items = second.take_content(found[1])
    assert [item["title"] for item in items] == ["Erstes Modul", "Zweite Lerneinheit"]
    for item in items:
        assert set(item) - {"type"} <= set(TLtiResourceLink.__annotations__)
        assert set(item["lineItem"]) - {"submissionReview"} <= set(TDeepLinkingLineItem.__annotations__)
    claims = jwt.decode(found[1], options={"verify_signature": False})
    assert claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == data
    second.trust({"keys": [{"kty": "RSA", "kid": "x", "alg": "RS256", "n": "AQAB", "e": "AQAB"}]})
    with pytest.raises(LtiException):
        second.take_content(found[1])


def test_a_second_click_is_a_second_launch_of_the_same_person(
    app: Flask, browser: FlaskClient, second: SecondPlatform
) -> None:
    homes = {urlsplit(post(browser, click(browser, second)).location).path for _ in range(2)}
    assert len(homes) == 2
    for home in homes:
        assert browser.get(home, base_url=TOOL).status_code == 200


def test_a_token_that_was_tampered_with_is_refused(
    app: Flask, browser: FlaskClient, second: SecondPlatform
) -> None:
    form = click(browser, second)
    header, claims, signature = form["id_token"].split(".")
    raised = urlsafe_b64decode(claims + "==").replace(b"membership#Learner", b"membership#Teacher")
    forged = urlsafe_b64encode(raised).rstrip(b"=").decode()
    assert forged != claims
    response = post(browser, form | {"id_token": f"{header}.{forged}.{signature}"})
    assert (response.status_code, response.headers["X-LTI-Error"]) == (401, "signature_invalid")
    assert launches(app) == 0


def test_a_token_signed_by_somebody_else_is_refused(
    app: Flask, browser: FlaskClient, second: SecondPlatform
) -> None:
    """The same claims and the same key id, but not this platform's key."""
    form = click(browser, second)
    claims = jwt.decode(form["id_token"], options={"verify_signature": False})
    kid = jwt.get_unverified_header(form["id_token"])["kid"]
    foreign, _ = key_pair("somebody-else")
    forged = jwt.encode(claims, foreign, "RS256", headers={"kid": kid})
    response = post(browser, form | {"id_token": forged})
    assert (response.status_code, response.headers["X-LTI-Error"]) == (401, "signature_invalid")
    assert launches(app) == 0


def test_a_launch_in_another_browser_is_refused(
    app: Flask, browser: FlaskClient, second: SecondPlatform
) -> None:
    form = click(browser, second)
    response = post(app.test_client(), form)
    assert response.status_code == 401
    assert response.headers["X-LTI-Error"] == "state_mismatch"
    assert launches(app) == 0


def test_our_proof_of_identity_is_checked_by_the_platform(
    app: Flask, browser: FlaskClient, second: SecondPlatform
) -> None:
    """The package refuses a client assertion of a key it does not know: so it really looked before."""
    home = urlsplit(post(browser, click(browser, second)).location).path
    browser.post(f"{home}a/erste-lektion/done", base_url=TOOL, headers={"Sec-Fetch-Site": "same-origin"})
    second.trust({"keys": [{"kty": "RSA", "kid": "x", "alg": "RS256", "n": "AQAB", "e": "AQAB"}]})
    queue: Queue = app.extensions["lms_tool_queue"]
    (platform_id,) = queue.reconciler.waiting()
    assert queue.reconciler.drain(platform_id) == 0
    assert second.grades == {}
    assert [refusal.split(":")[0] for refusal in second.refusals] == ["/token"]
