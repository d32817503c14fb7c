"""Every further launch recorded from a Moodle 5.1: copies, containers, roles, odd targets, what privacy leaves out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lti_builders import BASE_URL, LTI, NOW, SECRET, Platform

from lms_tool.lti import (
    Launch,
    LtiError,
    Registration,
    Role,
    issue,
    parse_key_set,
    parse_token,
    platform_error,
    read_state,
    verify,
)
from lms_tool.lti.claims import SCOPE_LINEITEM, SCOPE_SCORE
from lms_tool.lti.errors import PlatformError

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "moodle_5_1.json").read_text())
TOKENS = RECORDED["id_tokens"] | json.loads((HERE / "moodle_5_1_more.json").read_text())["id_tokens"]
AUTH = json.loads((HERE.parents[1] / "demo" / "recordings" / "auth-responses.json").read_text())
ELSEWHERE = "launch-link-item-as-activity"
REVIEW = "submission-review-without-own-url"
REFUSED = (ELSEWHERE, REVIEW)


@pytest.fixture
def launch(platform: Platform) -> Any:
    def replay(name: str) -> Launch:
        """The recorded claims, fresh again; a target on the recorded tool becomes the same one on ours."""
        claims = parse_token(TOKENS[name]).claims
        pending = issue(SECRET, 7, NOW)
        target = urlsplit(claims[LTI + "target_link_uri"])
        if target.hostname == "tool.localhost":
            query = f"?{target.query}" if target.query else ""
            claims[LTI + "target_link_uri"] = f"{BASE_URL}/lti/launch{query}"
        claims |= {"nonce": pending.nonce, "iat": NOW, "exp": NOW + 60}
        token = parse_token(platform.sign(claims))
        return verify(
            token,
            platform.key_set().candidates(token.kid),
            Registration(claims["iss"], claims["aud"]),
            read_state(SECRET, pending.state),
            secret=SECRET,
            base_url=BASE_URL,
            now=NOW,
            allow_http=lambda host: host == "moodle.localhost",
        )

    return replay


@pytest.mark.parametrize("name", [one for one in TOKENS if one not in REFUSED])
def test_a_recorded_launch_is_one(launch: Any, name: str) -> None:
    """Signed by Moodle's own key, one string as ``aud``, no ``azp``, alive for a minute; and accepted."""
    token = parse_token(TOKENS[name])
    token.check_signature(parse_key_set(json.dumps(RECORDED["jwks"]).encode()).candidates(token.kid))
    assert isinstance(token.claims["aud"], str)
    assert "azp" not in token.claims
    assert token.claims["exp"] - token.claims["iat"] == 60
    said = launch(name)
    assert said.issuer == "http://moodle.localhost:8051"
    assert said.sub and said.sub.isdigit()
    if said.deep_linking is None:
        assert said.return_url and "sesskey=" in said.return_url
    else:
        assert said.return_url is None, "content selection has an address of its own"


def test_a_link_that_leads_elsewhere_is_refused(launch: Any) -> None:
    """Moodle makes an activity of any pasted ``link`` item, with its address as the target."""
    with pytest.raises(LtiError) as caught:
        launch(ELSEWHERE)
    assert caught.value.code == "target_link_uri_not_allowed"


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("launch-student-iframe", "iframe"),
        ("launch-student-new-window", "window"),
        ("launch-student-replace-window", "frame"),
        ("launch-student-mobile-browser", "frame"),
    ],
)
def test_where_it_is_shown(launch: Any, name: str, container: str) -> None:
    assert launch(name).presentation.document_target == container


def test_a_copy_has_another_place_and_the_same_content(launch: Any) -> None:
    first, twin, copy = (
        launch(name)
        for name in (
            "launch-student-iframe",
            "launch-student-duplicated-activity",
            "launch-student-course-copy",
        )
    )
    assert len({one.resource_link.id for one in (first, twin, copy)}) == 3
    assert first.context.id == twin.context.id != copy.context.id
    assert first.target_link_uri == twin.target_link_uri == copy.target_link_uri
    assert len({one.ags.lineitem for one in (first, twin, copy)}) == 3
    unlike = ("resource_link",)  # holds the link's own id
    assert {key: value for key, value in first.custom.items() if key not in unlike} == {
        key: value for key, value in twin.custom.items() if key not in unlike
    }
    assert copy.custom.get("context_history", "") == ""  # Moodle does not say where a copy came from


def test_a_second_column_of_the_link_takes_the_line_item_away(launch: Any) -> None:
    said = launch("launch-student-two-lineitems")
    assert (said.ags.lineitem, said.ags_problem) == (None, "lineitem_missing")
    assert said.ags.lineitems.endswith("/2/lineitems?type_id=1")
    assert SCOPE_LINEITEM in said.ags.scopes


def test_fewer_scopes_are_believed_from_the_claim(launch: Any) -> None:
    said = launch("launch-privacy-name-only-readonly-ags")
    assert SCOPE_SCORE in said.ags.scopes
    assert SCOPE_LINEITEM not in said.ags.scopes
    assert (said.person.email, said.person.name is not None) == (None, True)


def test_a_manager_who_is_not_enrolled_is_staff(launch: Any) -> None:
    assert launch("launch-manager-not-enrolled").role is Role.INSTRUCTOR


def test_the_first_role_is_not_the_main_one(launch: Any) -> None:
    said = launch("launch-site-admin")
    assert not said.roles[0].endswith("membership#Instructor")
    assert said.role is Role.INSTRUCTOR


def test_language_is_the_persons(launch: Any) -> None:
    assert (launch("launch-student-english").locale, launch("launch-student-iframe").locale) == ("en", "de")


def test_an_empty_number_of_a_person_is_none(launch: Any) -> None:
    """Moodle sends ``person_sourcedid: ""`` for who has no ID number."""
    empty = [
        name
        for name, raw in TOKENS.items()
        if parse_token(raw).claims.get(LTI + "lis", {}).get("person_sourcedid") == "" and name not in REFUSED
    ]
    assert empty, "the recordings have some"
    for name in empty:
        assert launch(name).sub


def test_submission_review_of_a_link_with_two_columns_is_refused(launch: Any) -> None:
    """Moodle then leaves out which column it is about; the message requires one (Submission Review 1.0)."""
    with pytest.raises(LtiError) as caught:
        launch(REVIEW)
    assert str(caught.value).startswith("claim_missing:lineitem")


@pytest.mark.parametrize(
    "call", [one for one in AUTH if "error" in (one["form_fields"] or {})], ids=lambda c: c["label"]
)
def test_refusals_of_the_authentication_request_come_to_the_launch(call: dict[str, Any]) -> None:
    """Moodle posts ``error`` and ``state`` there, without an id_token."""
    form = call["form_fields"]
    assert "id_token" not in form
    error = platform_error(form["error"], form.get("error_description"))
    assert type(error) is not PlatformError, "each has an explanation of its own"
    assert form["error"] not in error.text.de, "Moodle's own words are for staff"
