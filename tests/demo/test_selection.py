"""Content selection at the demo LMS: the request as recorded, and what it makes of a tool's answer."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import pytest
from flask.testing import FlaskClient

from lms_tool.demo.config import Container
from lms_tool.demo.selection import PLACED, read_item

from . import recorded
from .lms import Lms
from .test_launch_recorded import form_of, request_for

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RESPONSES = {one["variant"]: one for one in recorded.load("deep-linking-responses")["variants"]}


def asked(lms: Lms, browser: FlaskClient) -> dict[str, Any]:
    """The claims of a selection request."""
    _, initiation = form_of(browser.get("/mod/lti/contentitem.php").get_data(as_text=True))
    url = f"/mod/lti/auth.php?{urlencode(request_for(initiation))}"
    _, fields = form_of(browser.get(url).get_data(as_text=True))
    claims: dict[str, Any] = jwt.decode(fields["id_token"], options={"verify_signature": False})
    return claims


def answer(lms: Lms, items: list[dict[str, Any]], **changes: Any) -> str:
    claims = {
        "iss": lms.config.client_id,
        "aud": lms.config.base_url,
        "iat": int(lms.now),
        "exp": int(lms.now) + 60,
        "nonce": "n",
        f"{LTI}deployment_id": lms.config.deployment_id,
        f"{LTI}message_type": "LtiDeepLinkingResponse",
        f"{LTI}version": "1.3.0",
        f"{DL}content_items": items,
    }
    return jwt.encode(claims | changes, lms.tool.keys["tool-1"], algorithm="RS256", headers={"kid": "tool-1"})


def posted(lms: Lms, browser: FlaskClient, token: str) -> str:
    """What the LMS shows when the tool's answer arrives."""
    url = asked(lms, browser)[f"{DL}deep_linking_settings"]["deep_link_return_url"]
    return browser.post(url.removeprefix(lms.config.base_url), data={"JWT": token}).get_data(as_text=True)


def saved(browser: FlaskClient, page: str, **fields: Any) -> int:
    hidden = dict(part.split('" value="') for part in page.split('name="')[1:] if '" value="' in part)
    values = {name: hidden[name].split('"')[0] for name in ("sesskey", "number")}
    return browser.post("/course/modedit.php", data=values | fields).status_code


def made(lms: Lms) -> list[dict[str, Any]]:
    with lms.platform.store.reading() as db:
        rows = db.execute(
            "SELECT activity.*, resource_id, tag, review FROM activity"
            " LEFT JOIN grade_item ON grade_item.activity_id = activity.id WHERE placement LIKE ? ORDER BY activity.id",
            (f"{PLACED}%",),
        )
        return [dict(row) for row in rows]


def test_the_request_is_the_recorded_one(lms: Lms) -> None:
    wanted = recorded.load("deep-linking-request")
    browser = lms.enter("lotse")
    _, initiation = form_of(browser.get("/mod/lti/contentitem.php").get_data(as_text=True))
    assert list(initiation) == list(wanted["login_initiation"]["params"])
    claims, expected = asked(lms, browser), wanted["id_token_claims"]
    assert list(claims) == list(expected)
    for one in (claims, expected):
        for name in ("nonce", "iat", "exp", f"{LTI}target_link_uri", f"{LTI}custom"):
            del one[name]
        for name in ("name", "description", "guid"):
            del one[f"{LTI}tool_platform"][name]
        settings = one[f"{DL}deep_linking_settings"]
        settings["deep_link_return_url"] = settings["deep_link_return_url"].split("sesskey")[0]
        del settings["title"]
    assert claims == expected


@pytest.mark.parametrize("username", ["sabine.mueller", "tutor"])
def test_only_who_edits_the_course_may_choose(lms: Lms, username: str) -> None:
    browser = lms.enter(username)
    assert "Inhalte auswählen" not in browser.get("/course/view.php?id=2").get_data(as_text=True)
    for path in ("/course/select.php", "/mod/lti/contentitem.php"):
        assert browser.get(path).status_code == 403
    assert browser.post("/course/modedit.php", data={"number": "x"}).status_code == 403


def test_the_hint_of_a_selection_is_good_once(lms: Lms) -> None:
    browser = lms.enter("lotse")
    _, initiation = form_of(browser.get("/mod/lti/contentitem.php").get_data(as_text=True))
    url = f"/mod/lti/auth.php?{urlencode(request_for(initiation))}"
    assert browser.get(url).status_code == 200
    assert browser.get(url).status_code == 404


def test_several_items_become_activities_in_their_order(lms: Lms) -> None:
    browser, variant = lms.enter("lotse"), RESPONSES["multi"]
    items = variant["jwt_claims"][f"{DL}content_items"]
    page = posted(lms, browser, answer(lms, items))
    assert [title in page for title in ("Grundlagen E-Akte – Prüfung", "Nur Fenster")] == [True, True]
    assert made(lms) == []  # nothing before the teacher has said yes
    assert saved(browser, page) == 302
    assert saved(browser, page) == 404  # once only
    expected = variant["activities_after_saving"]
    assert [one["title"] for one in made(lms)] == [one["name"] for one in expected]
    for one, wanted in zip(made(lms), expected, strict=True):
        assert one["url"] == (wanted["toolurl"] or lms.config.tool_launch_url)
        custom = "\n".join(f"{name}={value}" for name, value in json.loads(one["custom"]).items())
        assert custom == wanted["custom"]
        assert str(one["graded"]) == wanted["acceptgrades"]
    first = made(lms)[0]
    assert (first["resource_id"], first["tag"], first["maximum"]) == ("a1", "pruefung", 87)
    assert json.loads(first["review"])["url"] == f"{recorded.TOOL}/launch?review=1"
    assert made(lms)[3]["maximum"] == 100  # 1.5 is no maximum
    course = browser.get("/course/view.php?id=2").get_data(as_text=True)
    assert course.index("Grundlagen E-Akte") < course.index("Nur Fenster")


def test_one_item_fills_a_form(lms: Lms) -> None:
    browser = lms.enter("lotse")
    item = {
        "type": "ltiResourceLink",
        "title": "Modul",
        "url": f"{recorded.TOOL}/launch?course=k",
        "text": "<b>",
    }
    page = posted(lms, browser, answer(lms, [item]))
    assert '<input id="title" name="title" required maxlength="255" value="Modul">' in page
    assert "<b>" not in page
    assert saved(browser, page, title="Mein Modul") == 302
    (one,) = made(lms)
    assert (one["title"], one["graded"], one["container"]) == ("Mein Modul", 0, "iframe")
    # opened as any other activity
    _, initiation = form_of(browser.get(f"/mod/lti/launch.php?id={one['id'] + 1}").get_data(as_text=True))
    assert urlsplit(initiation["target_link_uri"]).query == "course=k"


def test_what_was_chosen_stays_after_a_restart(lms: Lms) -> None:
    browser = lms.enter("lotse")
    saved(
        browser,
        posted(lms, browser, answer(lms, [{"type": "ltiResourceLink", "title": "Bleibt"}])),
        title="Bleibt",
    )
    again = Lms(lms.config, lms.tool)
    assert "Bleibt" in again.enter("lotse").get("/course/view.php?id=2").get_data(as_text=True)


def test_nothing_chosen_changes_nothing(lms: Lms) -> None:
    browser = lms.enter("lotse")
    assert "Zurück zum Kurs" in posted(lms, browser, answer(lms, []))
    assert made(lms) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "https://other.example"},
        {"aud": []},
        {f"{LTI}message_type": "LtiResourceLinkRequest"},
        {f"{LTI}deployment_id": "2"},
        {f"{LTI}version": "1.1"},
        {f"{DL}content_items": {"type": "link"}},
        {f"{DL}content_items": ["x"]},
        {"exp": 1},
    ],
)
def test_an_answer_that_is_not_the_tools_is_refused(lms: Lms, changes: dict[str, Any]) -> None:
    page = posted(lms, lms.enter("lotse"), answer(lms, [{"type": "ltiResourceLink"}], **changes))
    assert "nicht angenommen" in page
    assert made(lms) == []


def test_an_unsigned_answer_is_refused(lms: Lms) -> None:
    token = answer(lms, [])
    for broken in ("", "x", token[:-8] + "AAAAAAAA", jwt.encode({"iss": "x"}, None, algorithm="none")):
        assert "nicht angenommen" in posted(lms, lms.enter("lotse"), broken)


def test_another_session_cannot_answer(lms: Lms) -> None:
    browser = lms.enter("lotse")
    url = asked(lms, browser)[f"{DL}deep_linking_settings"]["deep_link_return_url"]
    path = url.removeprefix(lms.config.base_url)
    token = answer(lms, [{"type": "ltiResourceLink"}])
    assert lms.enter("admin").post(path, data={"JWT": token}).status_code == 403
    # the browser left the cookie out: posted again from the LMS's own page
    _, fields = form_of(lms.client.post(path, data={"JWT": token}).get_data(as_text=True))
    assert fields == {"JWT": token, "repost": "true"}


@pytest.mark.parametrize(
    ("item", "container"),
    [
        ({}, Container.IFRAME),
        ({"iframe": {}}, Container.IFRAME),
        ({"window": {"targetName": "_blank"}}, Container.WINDOW),
        ({"iframe": {}, "window": {}}, Container.IFRAME),
    ],
)
def test_where_it_opens(lms: Lms, item: dict[str, Any], container: Container) -> None:
    assert read_item(lms.config, item).container is container
