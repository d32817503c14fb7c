"""The door for old LMSs: a signed form, with and without cookies in the frame."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from builders import course, publish
from flask import Flask
from flask.testing import FlaskClient
from legacy_lms import form
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms_tool.models import Launch, Person
from lms_tool.runtime import Runtime
from lms_tool.services import legacy, tenants

from .conftest import ORIGIN, Clock

PATH = "/lti/1p1/launch"


@pytest.fixture
def secret(tool: Runtime) -> str:
    with tool.database.write() as db:
        publish(db, course())
        return legacy.add(
            db, tool.vault, "kvhs", "KVHS", "https://alt.example/moodle", tenants.FIRST, tool.clock()
        ).secret


def browser(app: Flask, frame: str = "document") -> FlaskClient:
    client = app.test_client()
    client.environ_base |= {
        "wsgi.url_scheme": "https",
        "HTTP_HOST": "tool.example",
        "HTTP_ORIGIN": "https://alt.example",
        "HTTP_SEC_FETCH_SITE": "cross-site",
        "HTTP_SEC_FETCH_DEST": frame,
    }
    return client


def fields(clock: Clock, secret: str, path: str = PATH, **changes: str) -> list[tuple[str, str]]:
    return form(ORIGIN + path, int(clock().timestamp()), secret=secret, **changes)


def post(client: FlaskClient, path: str, sent: list[tuple[str, str]]) -> TestResponse:
    data: dict[str, Any] = {}
    for name, value in sent:
        data.setdefault(name, []).append(value)
    return client.post(path, data=data)


def rows(tool: Runtime) -> tuple[int | None, int | None]:
    with tool.database.read() as db:
        return tuple(db.scalar(select(func.count()).select_from(table)) for table in (Person, Launch))  # type: ignore[return-value]


def test_straight_into_the_lesson(app: Flask, tool: Runtime, clock: Clock, secret: str) -> None:
    client = browser(app)
    path = f"{PATH}?activity=l1"
    sent = fields(clock, secret, path)
    answer = post(client, path, sent)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    assert "Jürgen Weißflog" in page.text
    assert "frame-ancestors 'self' https://alt.example" in page.headers["Content-Security-Policy"]
    again = post(client, path, sent)
    assert again.headers["Location"] == answer.headers["Location"], "a reload finds the lesson again"
    assert rows(tool) == (1, 1)


def test_somebody_elses_form_opens_nothing_twice(
    app: Flask, tool: Runtime, clock: Clock, secret: str
) -> None:
    sent = fields(clock, secret)
    post(browser(app), PATH, sent)
    stolen = post(browser(app), PATH, sent)
    assert stolen.headers["X-LTI-Error"] == "launch_replayed"
    assert rows(tool) == (1, 1)


def test_a_frame_that_keeps_cookies_is_found_out(
    app: Flask, tool: Runtime, clock: Clock, secret: str
) -> None:
    client = browser(app, "iframe")
    path = f"{PATH}?activity=l1"
    sent = fields(clock, secret, path)
    hop = post(client, path, sent)
    assert hop.status_code == 307
    assert rows(tool) == (0, 0)
    answer = post(client, hop.headers["Location"], sent)
    assert answer.status_code == 303
    assert client.get(answer.headers["Location"]).status_code == 200


def test_a_frame_without_cookies_offers_a_window_and_uses_nothing_up(
    app: Flask, tool: Runtime, clock: Clock, secret: str
) -> None:
    frame = app.test_client(use_cookies=False)
    frame.environ_base |= browser(app, "iframe").environ_base
    sent = fields(clock, secret, custom_note='a"b<c&d')
    page = post(frame, post(frame, PATH, sent).headers["Location"], sent)
    assert page.headers["X-LTI-Error"] == "cookies_blocked"
    assert rows(tool) == (0, 0)
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    again = [(html.unescape(name), html.unescape(value)) for name, value in found]
    assert sorted(again) == sorted(sent)
    window = browser(app)
    window.environ_base |= {"HTTP_ORIGIN": ORIGIN, "HTTP_SEC_FETCH_SITE": "same-origin"}
    answer = post(window, html.unescape(re.findall(r'action="([^"]*)"', page.text)[0]), again)
    assert answer.status_code == 303
    assert window.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("lti11_signature_invalid", {"secret": "falsch"}),
        ("registration_unknown", {"oauth_consumer_key": "fremd"}),
        ("lti11_launch_invalid", {"lti_version": "LTI-9"}),
        ("module_not_found", {"custom_module_id": "weg"}),
    ],
)
def test_refusals_write_nothing(
    app: Flask, tool: Runtime, clock: Clock, secret: str, code: str, changes: dict[str, str]
) -> None:
    given = {"secret": secret} | changes
    answer = post(browser(app), PATH, form(ORIGIN + PATH, int(clock().timestamp()), **given))  # type: ignore[arg-type]
    assert answer.headers["X-LTI-Error"] == code
    assert 400 <= answer.status_code < 500
    assert 'lang="de"' in answer.text
    assert 'lang="en"' in answer.text
    assert rows(tool) == (0, 0)


def test_late_forms_and_other_methods(app: Flask, clock: Clock, secret: str) -> None:
    sent = fields(clock, secret)
    clock.pass_by(minutes=6)
    assert post(browser(app), PATH, sent).headers["X-LTI-Error"] == "lti11_timestamp_invalid"
    assert browser(app).get(PATH).headers["X-LTI-Error"] == "method_not_allowed"
