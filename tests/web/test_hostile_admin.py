"""What somebody with an account of one tenant may type must not reach the pages of the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from .conftest import new_browser

NEW = "/admin/platforms/new"
GOOD = {
    "name": "Moodle",
    "issuer": "https://lms.example",
    "client_id": "abc",
    "deployment_id": "1",
    "auth_login_url": "https://lms.example/auth",
    "token_url": "https://lms.example/token",
    "jwks_url": "https://lms.example/keys",
    "token_audience": "",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "https://["),
        ("issuer", "//["),
        ("issuer", "https://*"),
        ("issuer", "https://lms.example;script-src-elem *"),
        ("auth_login_url", "https://["),
        ("auth_login_url", "https://lms example; sandbox/"),
        ("auth_login_url", "https://someone@lms.example/"),
        ("token_url", "https://lms.example:99999/"),
        ("jwks_url", "https://lms.example\\@other.example/"),
        ("client_id", "a\0b"),
        ("deployment_id", "a\0b"),
        ("token_audience", "a\0b"),
    ],
)
def test_what_is_no_address_is_not_entered(
    signed_in: Callable[..., FlaskClient], app: Flask, field: str, value: str
) -> None:
    browser = signed_in("one")
    assert browser.post(NEW, data={**GOOD, field: value}).status_code == 400
    assert "lms.example" not in browser.get("/admin/platforms").text
    refusal = new_browser(app).get("/lti/launch")  # a page in which each LMS may show it
    assert refusal.status_code == 405
    assert refusal.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_a_host_in_another_script_stands_in_the_header_as_browsers_write_it(
    signed_in: Callable[..., FlaskClient], app: Flask
) -> None:
    there = {name: value.replace("lms.example", "bücher.example") for name, value in GOOD.items()}
    assert signed_in("one").post(NEW, data=there).status_code == 303
    policy = new_browser(app).get("/lti/launch").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://xn--bcher-kva.example")


@pytest.mark.parametrize("path", ["platforms/{}", "platforms/{}/disconnect"])
def test_a_number_that_no_row_has_is_not_found(signed_in: Callable[..., FlaskClient], path: str) -> None:
    assert signed_in("one").get("/admin/" + path.format(2**64)).status_code == 404


@pytest.mark.parametrize(
    "path", ["people/{}/disable", "platforms/{}/test", "platforms/invitation/{}/withdraw"]
)
def test_nor_is_anything_done_to_it(signed_in: Callable[..., FlaskClient], path: str) -> None:
    assert signed_in("one").post("/admin/" + path.format(2**64)).status_code == 404


def test_a_name_that_no_database_takes_is_refused(signed_in: Callable[..., FlaskClient]) -> None:
    assert signed_in("one").post("/admin/people", data={"name": "A\0B"}).status_code == 400
