"""Login initiation, the authentication request's answers, and the id_token: as recorded."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from flask.testing import FlaskClient

from lms_tool.demo.config import SCOPE_SCORE
from lms_tool.demo.messages import TOKEN_SECONDS

from . import recorded
from .lms import Lms, ToolKeys

AUTH = {call["label"]: call for call in recorded.load("auth-responses")}
LTI = "https://purl.imsglobal.org/spec/lti/claim/"


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Where a page that posts itself goes, and with what."""
    action = re.search(r'<form id="ltiForm" method="post" action="([^"]*)"', page)
    assert action is not None, page
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return html.unescape(action[1]), {name: html.unescape(value) for name, value in fields}


def login(browser: FlaskClient, cmid: int = 2) -> tuple[str, dict[str, str]]:
    return form_of(browser.get(f"/mod/lti/launch.php?id={cmid}").get_data(as_text=True))


def request_for(initiation: dict[str, str], **changes: str | None) -> dict[str, str]:
    """The authentication request that a tool sends; ``None`` leaves a parameter out."""
    request: dict[str, str | None] = {
        "scope": "openid",
        "response_type": "id_token",
        "client_id": initiation["client_id"],
        "redirect_uri": f"{recorded.TOOL}/launch",
        "login_hint": initiation["login_hint"],
        "lti_message_hint": initiation["lti_message_hint"],
        "state": "st",
        "response_mode": "form_post",
        "nonce": "nn",
        "prompt": "none",
    }
    request |= changes
    return {name: value for name, value in request.items() if value is not None}


def launched(lms: Lms, username: str, cmid: int = 2, user_agent: str = "Mozilla/5.0 (X11)") -> dict[str, Any]:
    """The id_token's claims, its signature checked with the published key set."""
    browser = lms.enter(username)
    browser.environ_base["HTTP_USER_AGENT"] = user_agent
    _, initiation = login(browser, cmid)
    url = f"/mod/lti/auth.php?{urlencode(request_for(initiation))}"
    _, fields = form_of(browser.get(url).get_data(as_text=True))
    keys = jwt.PyJWKSet.from_dict(lms.client.get("/mod/lti/certs.php").json or {})
    header = jwt.get_unverified_header(fields["id_token"])
    assert set(header) == {"typ", "alg", "kid"}
    unchecked: Any = {"verify_exp": False, "verify_iat": False}
    claims: dict[str, Any] = jwt.decode(
        fields["id_token"],
        keys[header["kid"]],
        algorithms=["RS256"],
        audience=lms.config.client_id,
        options=unchecked,
    )
    return claims


@pytest.mark.parametrize(
    ("recording", "username", "cmid"),
    [
        ("launch-student-iframe", "sabine.mueller", 2),
        ("launch-teacher", "lotse", 2),
        ("launch-nonediting-teacher", "tutor", 2),
        ("launch-site-admin", "admin", 2),
        ("launch-student-no-lineitem", "sabine.mueller", 3),
    ],
)
def test_the_claims_are_the_recorded_ones(lms: Lms, recording: str, username: str, cmid: int) -> None:
    wanted = recorded.load(recording)["id_token_claims"]
    got = launched(lms, username, cmid)
    assert got["exp"] - got["iat"] == TOKEN_SECONDS == wanted["exp"] - wanted["iat"]
    assert list(got) == [name for name in wanted if name in got]  # Moodle's order
    for claims in (got, wanted):
        for name in ("nonce", "iat", "exp", "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"):
            claims.pop(name, None)
        presentation = claims[f"{LTI}launch_presentation"]
        presentation["return_url"] = re.sub("sesskey=.*", "", presentation["return_url"])
        for name in ("name", "description", "guid"):
            del claims[f"{LTI}tool_platform"][name]
        # What the teacher of the recorded course typed into the other activities, and the people's groups.
        custom = claims[f"{LTI}custom"]
        if cmid == 2:
            custom["groups"] = ""
        else:
            claims[f"{LTI}custom"] = {"context_memberships_url": custom["context_memberships_url"]}
            claims[f"{LTI}target_link_uri"] = ""
        claims[f"{LTI}target_link_uri"] = claims[f"{LTI}target_link_uri"].partition("?")[0]
    assert got == wanted


def test_on_a_phone_the_activity_takes_the_place_of_the_page(lms: Lms) -> None:
    phone = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36"
    presentation = launched(lms, "sabine.mueller", user_agent=phone)[f"{LTI}launch_presentation"]
    assert presentation["document_target"] == "frame"
    assert "launch_container=5&" in presentation["return_url"]
    view = lms.enter("sabine.mueller").get("/mod/lti/view.php?id=2", headers={"User-Agent": phone})
    assert view.location == "/mod/lti/launch.php?id=2"


def test_the_login_initiation_is_the_recorded_one(lms: Lms) -> None:
    url, got = login(lms.enter("sabine.mueller"))
    wanted = recorded.load("launch-student-iframe")["login_initiation"]["params"]
    assert url == f"{recorded.TOOL}/login"
    assert list(got) == list(wanted)
    assert re.fullmatch(r'\{"cmid":2,"launchid":"ltilaunch1_\d+"\}', got["lti_message_hint"])
    for fields in (got, wanted):
        fields["lti_message_hint"] = ""
        fields["target_link_uri"] = fields["target_link_uri"].partition("?")[0]
    assert got == wanted


def test_the_target_names_the_placed_content_in_its_query(lms: Lms) -> None:
    _, fields = login(lms.enter("sabine.mueller"))
    assert parse_qsl(urlsplit(fields["target_link_uri"]).query) == [("course", "k"), ("activity", "a1")]


NOT_SAME = {"same-hint-again", "second-registered-redirect_uri", "not-logged-in"}


@pytest.mark.parametrize("label", [label for label in AUTH if label not in NOT_SAME])
def test_an_authentication_request_is_answered_as_recorded(lms: Lms, label: str) -> None:
    call = AUTH[label]
    browser = lms.enter("sabine.mueller")
    _, initiation = login(browser)
    request = request_for(initiation, **call["changed"])
    if call["method"] == "POST":
        answer = browser.post("/mod/lti/auth.php", data=request)
    else:
        answer = browser.get("/mod/lti/auth.php", query_string=request)
    assert answer.status_code == call["status"]
    assert answer.mimetype == "text/html"
    page = answer.get_data(as_text=True)
    if call["posts_to"] is None:
        assert "ltiForm" not in page
        assert call["message"] in page
        return
    url, fields = form_of(page)
    if "id_token" in fields:
        fields["id_token"] = call["form_fields"]["id_token"]
    assert (url, fields) == (call["posts_to"], call["form_fields"])


def test_a_hint_works_once_even_if_the_first_use_failed(lms: Lms) -> None:
    browser = lms.enter("sabine.mueller")
    for first in ({}, {"client_id": "nope"}, {"redirect_uri": f"{recorded.TOOL}/other"}):
        _, initiation = login(browser)
        browser.get("/mod/lti/auth.php", query_string=request_for(initiation, **first))
        again = browser.get("/mod/lti/auth.php", query_string=request_for(initiation))
        assert again.status_code == AUTH["same-hint-again"]["status"] == 404


def test_a_hint_is_of_no_use_in_another_browser(lms: Lms) -> None:
    _, initiation = login(lms.enter("sabine.mueller"))
    other = lms.enter("sabine.mueller")
    assert other.get("/mod/lti/auth.php", query_string=request_for(initiation)).status_code == 404


def test_a_request_that_lost_our_cookie_posts_itself_once_more(lms: Lms) -> None:
    browser = lms.enter("sabine.mueller")
    _, initiation = login(browser)
    query = urlencode(request_for(initiation))
    url, fields = form_of(lms.client.get(f"/mod/lti/auth.php?{query}").get_data(as_text=True))
    assert (url, fields) == (f"/mod/lti/auth.php?{query}", AUTH["not-logged-in"]["form_fields"])
    url, fields = form_of(browser.post(url, data=fields).get_data(as_text=True))
    assert url == f"{recorded.TOOL}/launch"
    assert "id_token" in fields


def test_who_has_not_entered_goes_through_the_tool_to_an_error_page(lms: Lms) -> None:
    _, initiation = login(lms.client)
    assert initiation["login_hint"] == "0"
    request = request_for(initiation) | {"repost": "true"}
    assert lms.client.post("/mod/lti/auth.php", data=request).status_code == 404


@pytest.mark.parametrize("username", ["ausgesetzt", "verwalter"])
def test_who_is_suspended_or_not_enrolled_cannot_launch(lms: Lms, username: str) -> None:
    browser = lms.enter(username)
    for path in ("/course/view.php?id=2", "/mod/lti/view.php?id=2", "/mod/lti/launch.php?id=2"):
        assert browser.get(path).status_code == 403


@pytest.mark.parametrize("cmid", ["", "x", "99", "-1", "9" * 30, "2%00"])
def test_an_activity_that_does_not_exist_is_a_404(lms: Lms, cmid: str) -> None:
    assert lms.enter("lotse").get(f"/mod/lti/launch.php?id={cmid}").status_code == 404


def test_a_second_column_of_the_link_takes_the_lineitem_claim_away(lms: Lms) -> None:
    endpoint = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    body = {"label": "zweite", "scoreMaximum": 5, "resourceLinkId": "1"}
    headers = {
        "Authorization": f"Bearer {lms.token()}",
        "Content-Type": "application/vnd.ims.lis.v2.lineitem+json",
    }
    made = lms.client.post("/mod/lti/services.php/2/lineitems?type_id=1", json=body, headers=headers).json
    wanted = recorded.load("launch-student-two-lineitems")["id_token_claims"][endpoint]
    assert launched(lms, "sabine.mueller")[endpoint] == wanted
    lms.client.delete((made or {})["id"].removeprefix(recorded.ISSUER), headers=headers)
    assert "lineitem" in launched(lms, "sabine.mueller")[endpoint]


def test_a_tool_with_fewer_scopes_is_told_so(data_dir: Path, tool: ToolKeys) -> None:
    lms = Lms(recorded.config(data_dir, tool.url, scopes=(SCOPE_SCORE,)), tool)
    claims = launched(lms, "sabine.mueller")
    assert claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]["scope"] == [SCOPE_SCORE]
    assert "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice" not in claims
    assert "context_memberships_url" not in claims[f"{LTI}custom"]
    assert json.loads(lms.ask_token().data)["scope"] == SCOPE_SCORE
