"""Dynamic registration at the demo LMS, beside what a real Moodle answered."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lms_tool.demo.registration import AGS, TOKEN_SECONDS, TOOL, registration_token

from . import recorded
from .lms import Lms

LABELS = [
    call["label"]
    for call in recorded.load("registration-variants")
    if call["label"].startswith("registration:") and "update" not in call["label"]
]
CALLS = {call["label"]: call for call in recorded.load("registration-variants")}


def asked(call: dict[str, Any]) -> dict[str, Any]:
    """The request as the recorder sent it, as far as it was written down."""
    told = call["asked"]
    tool = {name: told[name] for name in ("domain", "target_link_uri", "claims") if told[name] is not None}
    messages = [
        {"type": name, "target_link_uri": f"{recorded.TOOL}/launch/deep"} for name in told["messages"]
    ]
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": f"{recorded.TOOL}/login",
        "redirect_uris": [f"{recorded.TOOL}/launch", f"{recorded.TOOL}/launch/deep"],
        "jwks_uri": f"{recorded.TOOL}/jwks",
        "token_endpoint_auth_method": told["token_endpoint_auth_method"],
        "scope": told["scope"] or "",
        TOOL: tool | {"messages": messages},
    }


def post(lms: Lms, body: Any, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token or registration_token(lms.platform)}"}
    return lms.client.post("/mod/lti/openid-registration.php", json=body, headers=headers)


@pytest.mark.parametrize("label", LABELS)
def test_a_recorded_request_is_answered_as_recorded(lms: Lms, label: str) -> None:
    call = CALLS[label]
    answer, wanted = post(lms, asked(call)), call["response"]
    assert answer.status_code == wanted["status"]
    if isinstance(wanted["body"], str):
        assert (answer.text, answer.content_type) == (wanted["body"], wanted["headers"]["Content-Type"])
        return
    got, body = answer.get_json(), wanted["body"]
    for name in (
        "response_types",
        "jwks_uri",
        "initiate_login_uri",
        "redirect_uris",
        "token_endpoint_auth_method",
    ):
        assert got[name] == body[name]
    # Quirk 3: whoever asks for one scope of the grades service is told of all of them.
    assert set(got["scope"].split()) == set(body["scope"].split())
    tool, wanted_tool = got[TOOL], body[TOOL]
    for name in ("version", "target_link_uri", "domain"):
        assert tool[name] == wanted_tool[name]
    assert [m["type"] for m in tool["messages"]] == [m["type"] for m in wanted_tool.get("messages", [])]
    assert got["client_id"] == lms.config.client_id and tool["deployment_id"] == lms.config.deployment_id


def test_a_token_is_good_once_and_for_an_hour(lms: Lms) -> None:
    body, token = asked(CALLS["registration:min"]), registration_token(lms.platform)
    assert post(lms, body, token).status_code == 200
    again, wanted = post(lms, body, token), CALLS["registration-again:min"]["response"]
    assert (again.status_code, again.text) == (wanted["status"], wanted["body"])
    late = registration_token(lms.platform)
    lms.now += TOKEN_SECONDS
    for bad in (late, "x", "a.b.c", token[:-3] + "abc"):
        assert post(lms, body, bad).status_code == 401


@pytest.mark.parametrize("body", [None, [], "x", {}, {TOOL: []}, {TOOL: {"domain": "other.example"}}])
def test_requests_that_make_no_sense(lms: Lms, body: Any) -> None:
    assert post(lms, body).status_code == 400


def test_its_configuration_is_moodles(lms: Lms) -> None:
    got, wanted = (
        lms.client.get("/mod/lti/openid-configuration.php").get_json(),
        recorded.load("openid-configuration"),
    )
    for name, value in wanted.items():
        if isinstance(value, str):
            assert got[name] == value
    assert set(got["scopes_supported"]) >= {f"{AGS}score", f"{AGS}lineitem"}
    assert set(got) == set(wanted)


def test_only_an_administrator_starts_it(lms: Lms) -> None:
    admin = lms.enter("admin")
    link = "http://tool.localhost:9009/lti/register/CODE"
    page = admin.get("/mod/lti/startltiadvregistration.php", query_string={"url": link}).text
    source = page.split('src="')[1].split('"')[0].replace("&amp;", "&")
    parts = urlsplit(source)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == link
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert query["openid_configuration"] == f"{lms.config.base_url}/mod/lti/openid-configuration.php"
    assert (
        post(
            lms, asked(json.loads(json.dumps(CALLS["registration:min"]))), query["registration_token"]
        ).status_code
        == 200
    )
    for bad in ("javascript:alert(1)", "", "/lti/register"):
        refused = admin.get("/mod/lti/startltiadvregistration.php", query_string={"url": bad})
        assert refused.status_code == 302
    for path in ("toolconfigure.php", "startltiadvregistration.php?url=http://x.example"):
        assert lms.client.get(f"/mod/lti/{path}").status_code == 403
