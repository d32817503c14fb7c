"""verify(): what an accepted launch says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lti_builders import ABSENT, AGS, BASE_URL, LTI, NOW, SECRET, Claims, Platform, Tool, put, refused

from lms_tool.lti import Launch, LtiError, Registration, Role, Target, parse_token, read_state, verify


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(put(aud=["c-one"]), id="CLM-04"),
        pytest.param(put(aud=["c-one", "other"], azp="c-one"), id="audiences with azp"),
        pytest.param(put(exp=NOW - 30), id="CLM-10"),
        pytest.param(put(iat=NOW + 45, exp=NOW + 100), id="CLM-12"),
        pytest.param(put(iat=NOW + 60, exp=NOW + 100), id="iat at the edge of leeway"),
        pytest.param(put(nbf=NOW + 60), id="nbf at the edge of leeway"),
        pytest.param(put(exp=NOW - 59), id="exp at the edge of leeway"),
        pytest.param(put(iat=NOW - 600), id="ten minutes old"),
        pytest.param(put(iat=NOW + 0.25, exp=NOW + 60.5), id="fractions of seconds"),
        pytest.param(put(nbf=NOW + 45), id="nbf within leeway"),
        pytest.param(put(exp=10**30), id="a far future"),
        pytest.param(put(resource_link={"id": "1", "title": None, "description": 7}), id="untitled link"),
        pytest.param(
            put(lis=None, launch_presentation=None, custom=None, role_scope_mentor="x"), id="CLM-65"
        ),
        pytest.param(put(launch_presentation=[], lis={"person_sourcedid": None}), id="CLM-59"),
        pytest.param(put(launch_presentation={"width": "abc", "return_url": 4}), id="CLM-59 width"),
        pytest.param(put(**{"some/vendor": {"a": [1]}}), id="CLM-63"),
    ],
)
def test_accepted(tool: Tool, change: Callable[[Claims], None]) -> None:
    launch = tool.accept(change)
    assert launch.sub == "u-1"
    assert launch.role is Role.LEARNER


def test_what_a_launch_says(tool: Tool) -> None:
    launch = tool.accept(put(custom={"Course_ID": "bb", "course_id": "bb", "placement_id": "p-1"}))
    assert (launch.issuer, launch.client_id, launch.deployment_id) == ("https://p1.example", "c-one", "d1")
    assert launch.message_type == "LtiResourceLinkRequest"
    assert (launch.person.name, launch.person.email) == ("Petra Sommer", "petra.sommer@mulderode.example")
    assert launch.resource_link is not None
    assert (launch.resource_link.id, launch.resource_link.title) == ("rl-1", "Modul 1")
    assert launch.context is not None
    assert (launch.context.id, launch.context.types) == ("ctx-1", ("CourseSection",))
    assert launch.target == Target()
    assert launch.custom == {"course_id": "bb", "placement_id": "p-1"}
    assert launch.ags is not None
    assert AGS + "scope/score" in launch.ags.scopes
    assert launch.ags.lineitem == "https://p1.example/lineitems/2/lineitem?type_id=1"
    assert launch.nrps is not None
    assert launch.nrps.url == "https://p1.example/memberships"
    assert (launch.locale, launch.iat, launch.for_user, launch.lti1p1) == ("de", NOW, None, None)


def test_clm_34_anonymous_launch_has_no_person(tool: Tool) -> None:
    assert tool.accept(put(sub=ABSENT)).sub is None


def test_clm_48_context_may_be_absent(tool: Tool) -> None:
    assert tool.accept(put(context=ABSENT)).context is None


def test_clm_25_deployments_of_the_registration(tool: Tool, platform: Platform) -> None:
    token = parse_token(platform.sign(platform.claims(tool.pending.nonce)))
    state = read_state(SECRET, tool.pending.state)
    keys = platform.key_set().candidates(token.kid)
    known = Registration(platform.issuer, platform.client_id, {"d1", "d2"})
    assert verify(token, keys, known, state, secret=SECRET, base_url=BASE_URL, now=NOW).deployment_id == "d1"
    unknown = Registration(platform.issuer, platform.client_id, {"d2"})
    with pytest.raises(LtiError) as caught:
        verify(token, keys, unknown, state, secret=SECRET, base_url=BASE_URL, now=NOW)
    assert (caught.value.code, caught.value.status) == ("deployment_unknown", 403)


def test_clm_55_names_stay_as_sent(tool: Tool) -> None:
    name = "  Zoë 😀 \u202eשלום e\u0301" + "ß" * 480
    assert tool.accept(put(name=name)).person.name == name


@pytest.mark.parametrize(
    ("locale", "presented", "language"),
    [
        ("de-DE", ABSENT, "de"),
        ("de_DE", ABSENT, "de"),
        ("DE", ABSENT, "de"),
        ("en-GB", "de", "en"),
        ("de", "en", "de"),
        (ABSENT, "en_us", "en"),
        ("xx", ABSENT, "de"),
        ("x" * 5000, "y" * 5000, "de"),
        (7, 8, "de"),
        (ABSENT, ABSENT, "de"),
    ],
)
def test_clm_56_locale(tool: Tool, locale: Any, presented: Any, language: str) -> None:
    presentation = {} if presented is ABSENT else {"locale": presented}
    assert tool.accept(put(locale=locale, launch_presentation=presentation)).locale == language


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://lms.example/course?id=3&sesskey=x", True),
        ("javascript:alert(1)", False),
        ("http://lms.example/", False),
        ("http://10.1.2.3/course", True),  # allowed by the predicate
        ("https://user@lms.example/", False),
        ("https:///course", False),
        ("https://lms.example:99999/", False),
        ("https://lms.example/\nSet-Cookie: a", False),
        ("//lms.example/", False),
        ("https://" + "a" * 5000, False),
    ],
)
def test_clm_57_return_url(tool: Tool, url: str, kept: bool) -> None:
    launch = tool.accept(
        put(launch_presentation={"return_url": url}), allow_http=lambda host: host.startswith("10.")
    )
    assert launch.return_url == (url if kept else None)


def test_a_refusal_after_the_signature_offers_the_way_back(tool: Tool) -> None:
    home = {"return_url": "https://lms.example/course?sesskey=secret"}
    refusal = refused(tool, put(version="2.0", launch_presentation=home))
    assert refusal.return_url == home["return_url"]
    assert "sesskey" not in str(refusal)


def test_a_refusal_before_the_signature_does_not(tool: Tool, other_platform: Platform) -> None:
    claims = other_platform.claims(tool.pending.nonce)
    claims[LTI + "launch_presentation"] = {"return_url": "https://evil.example/"}
    claims["iss"] = tool.platform.issuer
    token = parse_token(other_platform.sign(claims))
    with pytest.raises(LtiError) as caught:
        verify(
            token,
            tool.platform.key_set().candidates("k1"),
            Registration(tool.platform.issuer, tool.platform.client_id),
            read_state(SECRET, tool.pending.state),
            secret=SECRET,
            base_url=BASE_URL,
            now=NOW,
        )
    assert caught.value.code == "signature_invalid"
    assert caught.value.return_url is None


def test_sta_14_mix_up_is_seen_before_keys_are_asked_for(tool: Tool, other_platform: Platform) -> None:
    token = parse_token(other_platform.sign(other_platform.claims(tool.pending.nonce)))
    with pytest.raises(LtiError, match="issuer_mismatch"):
        token.check_issuer(tool.platform.issuer)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("3", "3"),
        (3, "3"),
        (True, "true"),
        (1.5, "1.5"),
        (None, None),
        ({"a": 1}, None),
        ([1], None),
        ("$Context.id.history", None),
        ("$5 und mehr", "$5 und mehr"),
        ("", ""),
        ("x" * 5000, None),
    ],
)
def test_clm_60_custom_values(tool: Tool, value: Any, kept: str | None) -> None:
    assert tool.accept(put(custom={"level": value})).custom.get("level") == kept


def test_clm_62_custom_is_bounded_and_keeps_our_own_keys(tool: Tool) -> None:
    many = {f"key {n}.__proto__": "v" for n in range(1000)}
    custom = tool.accept(put(custom={**many, "activity_id": "a-1"})).custom
    assert len(custom) == 101
    assert custom["activity_id"] == "a-1"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"scope": "https://purl.imsglobal.org/spec/lti-ags/scope/score"}, "scope_invalid"),
        ({"scope": [1]}, "scope_invalid"),
        ({"scope": ABSENT}, "scope_invalid"),
        ({"lineitems": "http://p1.example/lineitems"}, "lineitems_invalid"),
        ({"lineitem": ["x"]}, "lineitem_invalid"),
    ],
)
def test_clm_66_malformed_ags_claim_costs_the_grades_only(tool: Tool, change: Claims, problem: str) -> None:
    def spoil(claims: Claims) -> None:
        endpoint = claims[AGS + "claim/endpoint"]
        endpoint.update(change)
        for name in [name for name, value in endpoint.items() if value is ABSENT]:
            del endpoint[name]

    launch = tool.accept(spoil)
    assert (launch.ags, launch.ags_problem) == (None, problem)


def test_clm_66_without_line_item(tool: Tool) -> None:
    launch = tool.accept(lambda claims: claims[AGS + "claim/endpoint"].pop("lineitem"))
    assert launch.ags is not None
    assert (launch.ags.lineitem, launch.ags_problem) == (None, "lineitem_missing")
    launch = tool.accept(lambda claims: claims.pop(AGS + "claim/endpoint"))
    assert (launch.ags, launch.ags_problem) == (None, None)


@pytest.mark.parametrize(
    "claim",
    [
        None,
        "x",
        {},
        {"context_memberships_url": "https://p1.example/m", "service_versions": ["1.0"]},
        {"context_memberships_url": "ftp://p1.example/m", "service_versions": ["2.0"]},
    ],
)
def test_clm_67_roster_needs_version_2(tool: Tool, claim: Any) -> None:
    name = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
    assert tool.accept(lambda claims: claims.update({name: claim})).nrps is None


def test_clm_75_submission_review(tool: Tool) -> None:
    review = put(message_type="LtiSubmissionReviewRequest", for_user={"user_id": "7"})
    assert tool.accept(review).for_user == "7"

    def without_line_item(claims: Claims) -> None:
        review(claims)
        del claims[AGS + "claim/endpoint"]["lineitem"]

    assert refused(tool, without_line_item).public_code == "claim_missing:lineitem"


def test_clm_47_only_a_mentor_has_mentees(tool: Tool) -> None:
    mentor = put(
        roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"], role_scope_mentor=["u-2", 5]
    )
    launch = tool.accept(mentor)
    assert (launch.role, launch.role_scope_mentor) == (Role.MENTOR, ("u-2",))
    assert tool.accept(put(role_scope_mentor=["u-2"])).role_scope_mentor == ()
    many = put(roles=["Mentor"], role_scope_mentor=[f"u-{n}" for n in range(5000)])
    assert len(tool.accept(many).role_scope_mentor) == 1000  # a database takes only so many in one question


def test_clm_74_migration_claim_is_only_noted(tool: Tool) -> None:
    claim = tool.accept(
        put(lti1p1={"user_id": "1", "oauth_consumer_key_sign": "wrong", "context_id": 7})
    ).lti1p1
    assert claim is not None
    assert (claim.user_id, claim.signature, claim.context_id) == ("1", "wrong", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KNOWN_CLAIMS = sorted(
    [
        LTI + name
        for name in ("roles", "context", "custom", "resource_link", "launch_presentation", "lis", "for_user")
    ]
    + [
        LTI + name
        for name in ("version", "message_type", "deployment_id", "target_link_uri", "role_scope_mentor")
    ]
    + [AGS + "claim/endpoint", "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"]
    + ["iss", "aud", "azp", "sub", "iat", "exp", "nbf", "nonce", "name", "email", "locale"]
)


@given(name=st.sampled_from(KNOWN_CLAIMS), value=JSON)
@settings(max_examples=300, deadline=None)
def test_whatever_a_claim_holds_it_is_a_launch_or_a_refusal(
    rsa_keys: list[Any], name: str, value: Any
) -> None:
    result = launch_or_refusal(Tool(Platform(rsa_keys[0])), lambda claims: claims.update({name: value}))
    if isinstance(result, LtiError):
        assert 400 <= result.status < 500
    else:
        assert json.loads(json.dumps(result.custom)) == result.custom
        assert result.locale in ("de", "en")


def launch_or_refusal(tool: Tool, change: Callable[[Claims], object]) -> Launch | LtiError:
    try:
        return tool.accept(change)
    except LtiError as refusal:
        return refusal
