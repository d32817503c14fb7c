"""A new SECRET_KEY while people work: logins that have begun end, sessions go on, nothing that was kept is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import builders
import pytest
from conformance.crypto import Key, sign
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lms_tool.app import create_app
from lms_tool.models import Platform
from lms_tool.runtime import Runtime
from lms_tool.services.platforms import Registered
from lms_tool.settings import load

from .conftest import ORIGIN, Clock, new_browser, runtime_of

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
KEY = Key("one", "k1")
NEW = "das-neue-geheimnis-0123456789-0123"


@pytest.fixture
def at(tool: Runtime) -> Registered:
    now = tool.clock()
    jwks = json.dumps({"keys": [KEY.jwk()]}).encode()
    fetched = {"jwks": jwks, "jwks_fetched_at": now, "jwks_expires_at": now + timedelta(hours=1)}
    with tool.database.write() as db:
        builders.publish(db, builders.course())
        found = builders.platform(db, now)
        db.execute(update(Platform).where(Platform.id == found.id).values(**fetched))
    return found


def restarted(tool: Runtime, clock: Clock, *previous: str) -> Iterator[Flask]:
    """Another process over the same database, with a new secret."""
    made = create_app(
        load(
            data_dir=tool.settings.data_dir,
            database_url=tool.settings.database_url,
            base_url=ORIGIN,
            secret_key=NEW,
            previous_secret_keys=previous,
        ),
        clock=clock,
    )
    yield made
    runtime_of(made).database.dispose()


@pytest.fixture
def after(tool: Runtime, clock: Clock) -> Iterator[Flask]:
    """The new process knows the old secret."""
    yield from restarted(tool, clock, tool.settings.secret_key)


@pytest.fixture
def forgetful(tool: Runtime, clock: Clock) -> Iterator[Flask]:
    """The new process does not."""
    yield from restarted(tool, clock)


def login(browser: FlaskClient, at: Registered) -> dict[str, str]:
    answer = browser.get(
        "/lti/login",
        query_string={
            "iss": at.issuer,
            "client_id": at.client_id,
            "login_hint": "7",
            "target_link_uri": f"{ORIGIN}/lti/launch",
        },
    )
    assert answer.status_code == 302
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def id_token(tool: Runtime, at: Registered, nonce: str) -> str:
    now = int(tool.clock().timestamp())
    claims: dict[str, Any] = {
        "iss": at.issuer,
        "aud": at.client_id,
        "sub": "anna",
        "iat": now,
        "exp": now + 60,
        "nonce": nonce,
        LTI + "message_type": "LtiResourceLinkRequest",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": "d1",
        LTI + "target_link_uri": f"{ORIGIN}/lti/launch",
        LTI + "resource_link": {"id": "1"},
        LTI + "context": {"id": "klasse"},
        LTI + "roles": [],
    }
    return sign(claims, KEY)


def moved(browser: FlaskClient, app: Flask) -> FlaskClient:
    """The same browser, answered by another process."""
    other = new_browser(app)
    other._cookies = browser._cookies  # type: ignore[attr-defined]
    return other


def test_a_login_that_has_begun_ends(app: Flask, tool: Runtime, at: Registered, after: Flask) -> None:
    browser = new_browser(app)
    begun = login(browser, at)
    browser = moved(browser, after)
    form = {"state": begun["state"], "id_token": id_token(tool, at, begun["nonce"])}
    entered = browser.post("/lti/launch", data=form)
    assert entered.status_code == 303, entered.headers.get("X-LTI-Error")
    assert browser.get(entered.headers["Location"]).status_code == 200


def test_a_session_goes_on(app: Flask, tool: Runtime, at: Registered, forgetful: Flask) -> None:
    browser = new_browser(app)
    begun = login(browser, at)
    form = {"state": begun["state"], "id_token": id_token(tool, at, begun["nonce"])}
    home = browser.post("/lti/launch", data=form).headers["Location"]
    assert moved(browser, forgetful).get(home).status_code == 200


def test_without_the_old_secret_a_begun_login_is_unknown(
    app: Flask, tool: Runtime, at: Registered, forgetful: Flask
) -> None:
    browser = new_browser(app)
    begun = login(browser, at)
    form = {"state": begun["state"], "id_token": id_token(tool, at, begun["nonce"])}
    answer = moved(browser, forgetful).post("/lti/launch", data=form)
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (401, "state_unknown")
