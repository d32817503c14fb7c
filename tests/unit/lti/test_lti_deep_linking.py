"""Deep linking: what the platform accepts, what we offer it, and the signed answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lti_builders import ABSENT, BASE_URL, NOW, Tool, put

from lms_tool.lti import LtiError, generate, public_jwk
from lms_tool.lti.claims import DEEP_LINKING_DATA, DEEP_LINKING_SETTINGS
from lms_tool.lti.deep_linking import (
    HISTORY,
    MAX_ITEMS,
    TARGETS,
    Content,
    DeepLinkingSettings,
    DeepLinkTooManyItems,
    content_item,
    read_settings,
    response,
    target_url,
)
from lms_tool.lti.launch import https_only
from lms_tool.lti.login import check_target

RETURN = "https://p1.example/return?sesskey=x"
ACCEPTED = {
    "deep_link_return_url": RETURN,
    "accept_types": ["html", "ltiResourceLink"],
    "accept_presentation_document_targets": ["frame", "window", "iframe"],
    "accept_multiple": True,
}
SETTINGS = DeepLinkingSettings(RETURN, "ltiResourceLink", True, True, False, TARGETS)
KEY = generate(NOW)

ids = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
contents = st.builds(
    Content,
    placement_id=ids,
    course_id=ids,
    module_id=st.none() | ids,
    activity_id=st.none() | ids,
    title=st.text(min_size=1, max_size=400),
    text=st.text(max_size=300),
    report=st.sampled_from(["completion", "progress", "score"]),
    graded=st.booleans(),
    target=st.sampled_from([None, *TARGETS]),
)


def read(**changes: Any) -> DeepLinkingSettings:
    given_ = {name: value for name, value in (ACCEPTED | changes).items() if value is not ABSENT}
    return read_settings({DEEP_LINKING_SETTINGS: given_}, https_only)


def outcome(**changes: Any) -> DeepLinkingSettings | LtiError:
    try:
        return read(**changes)
    except LtiError as refusal:
        return refusal


def test_a_request_in_a_launch(tool: Tool) -> None:
    def change(claims: dict[str, Any]) -> None:
        put(message_type="LtiDeepLinkingRequest", resource_link=ABSENT)(claims)
        claims[DEEP_LINKING_SETTINGS] = ACCEPTED

    launch = tool.accept(change)
    assert launch.resource_link is None
    assert launch.deep_linking == read()
    assert tool.accept().deep_linking is None


def test_what_is_not_said() -> None:
    bare = read(accept_presentation_document_targets=ABSENT, accept_multiple=ABSENT)
    assert (bare.multiple, bare.line_items, bare.auto_create) == (False, True, False)
    assert bare.targets == TARGETS
    assert not bare.has_data


@pytest.mark.parametrize(
    ("value", "understood"),
    [
        (True, True),
        ("true", True),
        ("True ", True),
        ("1", True),
        (False, False),
        ("false", False),
        ("0", False),
    ],
)
def test_booleans_however_they_are_sent(value: object, understood: bool) -> None:
    found = read(accept_multiple=value, accept_lineitem=value, auto_create=value)
    assert (found.multiple, found.line_items, found.auto_create) == (understood,) * 3


@pytest.mark.parametrize("value", [None, 3, "maybe", [True], {}])
def test_what_is_no_boolean_says_nothing(value: object) -> None:
    found = read(accept_multiple=value, accept_lineitem=value)
    assert (found.multiple, found.line_items) == (False, True)


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (["ltiResourceLink", "link"], "ltiResourceLink"),
        (["link", "html"], "link"),
        ("link, ltiResourceLink", "ltiResourceLink"),
        ([None, 4, "ltiResourceLink"], "ltiResourceLink"),
    ],
)
def test_the_best_kind_that_is_accepted(types: object, kind: str) -> None:
    assert read(accept_types=types).kind == kind


def test_plain_http_only_where_the_network_is_trusted() -> None:
    claims = {
        DEEP_LINKING_SETTINGS: ACCEPTED | {"deep_link_return_url": "http://moodle.localhost:8051/r?a=1"}
    }
    with pytest.raises(LtiError) as refused:
        read_settings(claims, https_only)
    assert refused.value.public_code == "claim_invalid:deep_link_return_url"
    assert read_settings(claims, lambda host: host == "moodle.localhost").return_url.startswith("http://")


def test_the_return_address_is_in_no_details() -> None:
    """It may hold a session key, and details go to the log."""
    for changes in (
        {"accept_types": ["html"]},
        {"deep_link_return_url": "http://p1.example/r?sesskey=secret"},
    ):
        with pytest.raises(LtiError) as refused:
            read(**changes)
        assert "sesskey" not in str(refused.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*ACCEPTED, "data", "auto_create", "accept_lineitem"]), json_values))
def test_anything_is_understood_or_refused_with_a_code(changes: dict[str, Any]) -> None:
    found = outcome(**changes)
    if isinstance(found, LtiError):
        assert found.status == 400
        return
    assert DeepLinkingSettings.restored(json.loads(json.dumps(found.stored()))) == found
    assert set(found.targets) <= set(TARGETS)
    assert urlsplit(found.return_url).netloc.isascii()


@given(contents)
def test_the_address_of_an_item_opens_what_was_chosen(content: Content) -> None:
    target = check_target(target_url(BASE_URL, content), BASE_URL)
    assert target.known
    assert (target.course, target.module, target.activity) == (
        content.course_id,
        content.module_id,
        content.activity_id,
    )


@given(contents, st.sampled_from([(), ("iframe",), TARGETS]), st.booleans())
def test_items(content: Content, targets: tuple[str, ...], columns: bool) -> None:
    settings = replace(SETTINGS, targets=targets, line_items=columns)
    item = content_item(content, settings, BASE_URL, f"{BASE_URL}/icon.png")
    assert item["type"] == "ltiResourceLink"
    assert len(item["title"]) <= 255
    assert not {"<", ">"} & set(item.get("text", ""))
    custom = item["custom"]
    assert all(isinstance(value, str) for value in custom.values())
    assert custom["placement_id"] == content.placement_id
    assert HISTORY.items() <= custom.items()
    assert ("lineItem" in item) == (content.graded and columns)
    if "lineItem" in item:
        assert isinstance(item["lineItem"]["scoreMaximum"], int)
        assert item["lineItem"]["resourceId"] in (content.activity_id, content.module_id, content.course_id)
    wanted = {content.target} & set(targets)
    assert {"iframe", "window"} & set(item) == wanted
    assert json.loads(json.dumps(item)) == item


def test_a_plain_link_is_only_a_link() -> None:
    item = content_item(Content("p", "kurs", "m", None, "Modul"), replace(SETTINGS, kind="link"), BASE_URL)
    assert item == {"type": "link", "title": "Modul", "url": f"{BASE_URL}/lti/launch?course=kurs&module=m"}


@given(st.none() | st.text(), st.lists(contents, max_size=4))
def test_the_answer_is_signed_and_gives_data_back(data: str | None, chosen: list[Content]) -> None:
    settings = replace(SETTINGS, has_data=data is not None, data=data)
    items = [content_item(one, settings, BASE_URL) for one in chosen]
    token = response(KEY, "c-one", "https://p1.example", "d1", settings, items, NOW, "nonce-1")
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": KEY.kid}
    key = jwt.PyJWK(public_jwk(KEY.private_pem, KEY.kid))
    claims = jwt.decode(token, key, algorithms=["RS256"], options={"verify_exp": False, "verify_aud": False})
    assert (claims["iss"], claims["aud"], claims["nonce"]) == ("c-one", "https://p1.example", "nonce-1")
    assert NOW - 60 <= claims["iat"] <= NOW < claims["exp"] <= claims["iat"] + 600
    assert (DEEP_LINKING_DATA in claims) == (data is not None)
    assert claims.get(DEEP_LINKING_DATA) == data
    assert claims["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"] == items


@pytest.mark.parametrize(("multiple", "most"), [(False, 1), (True, MAX_ITEMS)])
def test_no_more_items_than_the_platform_takes(multiple: bool, most: int) -> None:
    settings = replace(SETTINGS, multiple=multiple)
    item = content_item(Content("p", "kurs", None, None, "Kurs"), settings, BASE_URL)
    response(KEY, "c", "i", "d", settings, [item] * most, NOW, "n")
    with pytest.raises(DeepLinkTooManyItems):
        response(KEY, "c", "i", "d", settings, [item] * (most + 1), NOW, "n")
