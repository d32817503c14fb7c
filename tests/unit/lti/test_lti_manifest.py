"""What we tell an LMS about ourselves."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from registration_builders import AGS, CONFIGURATION, TOOL, configuration, raw

from lms_tool.lti.manifest import (
    ManifestInvalid,
    canvas_configuration,
    read_manifest,
    registration_request,
)
from lms_tool.lti.registration import read_configuration
from lms_tool.shipped import shipped

SHIPPED = tomllib.loads((shipped("lti_config") / "tool.toml").read_text("utf-8"))
MANIFEST = read_manifest(SHIPPED)
BASE = "https://lernen.example.de"
NOTICES = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"


def asked(**changes: Any) -> dict[str, Any]:
    return registration_request(MANIFEST, BASE, read_configuration(raw(configuration(**changes))))


def test_dr_16_our_request() -> None:
    request = registration_request(MANIFEST, BASE)
    assert request["application_type"] == "web"
    assert request["response_types"] == ["id_token"]
    assert set(request["grant_types"]) == {"implicit", "client_credentials"}
    assert request["token_endpoint_auth_method"] == "private_key_jwt"
    assert request["initiate_login_uri"] == f"{BASE}/lti/login"
    assert request["redirect_uris"] == [f"{BASE}/lti/launch"]
    assert request["jwks_uri"] == f"{BASE}/lti/jwks"
    assert request["client_name"] and request["client_name#en"] != request["client_name"]
    assert len(request["scope"].split()) == 5, "no scope beyond grades and roster"
    tool = request[TOOL]
    assert (tool["domain"], tool["target_link_uri"]) == ("lernen.example.de", f"{BASE}/lti/launch")
    assert set(tool["claims"]) == {"iss", "sub", "name", "given_name", "family_name"}
    assert set(tool["custom_parameters"].values()) == {"$Context.id.history", "$ResourceLink.id.history"}
    assert [message["type"] for message in tool["messages"]] == [
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
        "LtiSubmissionReviewRequest",
    ]
    assert all(message["target_link_uri"] == f"{BASE}/lti/launch" for message in tool["messages"])


def test_moodle_matches_tools_by_host_and_port() -> None:
    request = registration_request(MANIFEST, "http://tool.localhost:9009")
    assert request[TOOL]["domain"] == "tool.localhost:9009"


def test_only_offered_scopes_are_asked_for() -> None:
    assert asked()["scope"].split() == [AGS + "score", AGS + "lineitem"]
    assert len(asked(scopes_supported=None)["scope"].split()) == 5
    assert len(asked(scopes_supported=["openid"])["scope"].split()) == 5


def test_notices_are_asked_for_where_the_platform_tells_of_copies() -> None:
    assert NOTICES not in asked()["scope"]
    assert NOTICES in asked(scopes_supported=[NOTICES])["scope"].split()
    tells = {"notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"]}
    assert NOTICES in asked(scopes_supported=None, **{CONFIGURATION: tells})["scope"].split()


def test_placements_are_those_the_platform_has() -> None:
    def placements(*shown: str) -> list[str]:
        lti = {"messages_supported": [{"type": "LtiDeepLinkingRequest", "placements": list(shown)}]}
        messages = asked(**{CONFIGURATION: lti})[TOOL]["messages"]
        found: list[str] = messages[1]["placements"]
        return found

    assert placements() == ["ContentArea"]
    assert placements("ContentArea", "RichTextEditor") == ["ContentArea"]
    assert placements("link_selection", "x") == ["link_selection"]


def test_canvas_has_a_form_of_its_own() -> None:
    form = canvas_configuration(MANIFEST, BASE)
    assert form["oidc_initiation_url"] == f"{BASE}/lti/login"
    assert form["public_jwk_url"] == f"{BASE}/lti/jwks"
    assert form["target_link_uri"] == f"{BASE}/lti/launch"
    assert AGS + "score" in form["scopes"]
    (extension,) = form["extensions"]
    assert extension["platform"] == "canvas.instructure.com"
    assert {place["placement"] for place in extension["settings"]["placements"]} == {
        "assignment_selection",
        "link_selection",
    }


@pytest.mark.parametrize(
    "damage",
    [
        {"name": None},
        {"name": {"de": "nur deutsch"}},
        {"scopes": ["score", "everything"]},
        {"messages": [{"label": {"de": "a", "en": "b"}}]},
        {"messages": 5},
        {"claims": None},
    ],
)
def test_a_faulty_manifest_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid):
        read_manifest(SHIPPED | damage)
