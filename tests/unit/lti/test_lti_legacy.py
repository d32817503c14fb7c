"""LTI 1.1: what is accepted, what is refused, and that it ends in the same launch as LTI 1.3."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from legacy_lms import KEY, OUTCOMES, SECRET, form

from lms_tool.lti import legacy
from lms_tool.lti.claims import MAX_MENTEES, SCOPE_SCORE, Role
from lms_tool.lti.errors import LtiError
from lms_tool.lti.legacy import (
    LegacyLaunch,
    LegacyLaunchInvalid,
    LegacyLaunchTooOld,
    LegacySignatureInvalid,
)

BASE = "https://tool.example"
URL = f"{BASE}/lti/1p1/launch"
NOW = 1_790_000_000
Fields = list[tuple[str, str]]


def accept(fields: Fields, *, url: str = URL, secret: str = SECRET, now: int = NOW) -> LegacyLaunch:
    return legacy.verify(legacy.read_form(fields), secret, url, now, base_url=BASE)


def test_a_launch_says_the_same_as_one_of_today() -> None:
    found = accept(form(URL, NOW))
    launch = found.launch
    assert (launch.issuer, launch.client_id, launch.deployment_id) == (f"urn:lti1p1:{KEY}", KEY, "1")
    assert (launch.sub, launch.role, launch.locale) == ("u-1", Role.LEARNER, "de")
    assert launch.person.name == "Jürgen Weißflog"
    assert launch.context is not None
    assert (launch.context.id, launch.context.title) == ("ctx-1", "Kurs Älteres")
    assert launch.resource_link is not None
    assert (launch.resource_link.id, launch.resource_link.title) == ("rl-1", "Modul 1")
    assert launch.ags is not None
    assert (launch.ags.scopes, launch.ags.lineitem, launch.ags.lineitems) == (
        frozenset({SCOPE_SCORE}),
        OUTCOMES,
        None,
    )
    assert found.outcome is not None
    assert found.outcome.url == OUTCOMES
    assert found.outcome.sourcedid.startswith('{"data"')


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
def test_both_digests_and_an_address_with_a_query(method: str) -> None:
    url = f"{URL}?module=eakte&activity=test"
    target = accept(form(url, NOW, method=method), url=url).launch.target
    assert (target.module, target.activity) == ("eakte", "test")


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ("Instructor", Role.INSTRUCTOR),
        ("urn:lti:role:ims/lis/Instructor", Role.INSTRUCTOR),
        ("urn:lti:role:ims/lis/TeachingAssistant", Role.ASSISTANT),
        ("urn:lti:role:ims/lis/Instructor/TeachingAssistant", Role.ASSISTANT),
        ("Learner, urn:lti:instrole:ims/lis/Instructor", Role.LEARNER),
        ("urn:lti:sysrole:ims/lis/Administrator", Role.ADMINISTRATOR),
        ("urn:lti:role:ims/lis/Mentor", Role.MENTOR),
        ("", Role.LEARNER),
        ("urn:example:Chef", Role.LEARNER),
    ],
)
def test_roles(roles: str, role: Role) -> None:
    found = accept(form(URL, NOW, roles=roles))
    assert found.launch.role is role
    assert (found.outcome is not None) == (role is Role.LEARNER), "staff get no grades"


def test_custom_parameters_and_what_is_missing() -> None:
    launch = accept(
        form(
            URL,
            NOW,
            without=(
                "context_id",
                "context_title",
                "user_id",
                "lis_person_name_full",
                "lis_outcome_service_url",
            ),
            custom_module_id="eakte",
            custom_leer="",
        )
    ).launch
    assert launch.custom["module_id"] == "eakte"
    assert (launch.context, launch.sub, launch.ags) == (None, None, None)


@pytest.mark.parametrize(
    "url", [f"{BASE}/lti/1p1/launch?module=x", "https://other.example/lti/1p1/launch", f"{BASE}/lti/launch"]
)
def test_signed_for_another_address(url: str) -> None:
    with pytest.raises(LegacySignatureInvalid):
        accept(form(url, NOW))


@pytest.mark.parametrize("query", ["a=%zz", "a=[1]", "ä=1"])
def test_an_address_that_nobody_can_sign_is_refused(query: str) -> None:
    with pytest.raises(LegacySignatureInvalid):
        legacy.verify(legacy.read_form(form(URL, NOW)), SECRET, f"{URL}?{query}", NOW, base_url=BASE)


def test_a_mentor_has_no_more_people_than_can_be_asked_for() -> None:
    many = ",".join(f"u-{n}" for n in range(MAX_MENTEES + 5))
    launch = accept(form(URL, NOW, roles="Mentor", role_scope_mentor=many)).launch
    assert len(launch.role_scope_mentor) == MAX_MENTEES


def test_wrong_secret() -> None:
    with pytest.raises(LegacySignatureInvalid):
        accept(form(URL, NOW, secret="falsch"))


@pytest.mark.parametrize("method", ["PLAINTEXT", "RSA-SHA1", "HMAC-SHA512", "none"])
def test_other_methods_are_not_believed(method: str) -> None:
    fields = [(n, method if n == "oauth_signature_method" else v) for n, v in form(URL, NOW)]
    with pytest.raises(LegacySignatureInvalid):
        accept(fields)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_too_old_or_too_early(seconds: int) -> None:
    with pytest.raises(LegacyLaunchTooOld):
        accept(form(URL, NOW - seconds))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_clocks_may_differ(seconds: int) -> None:
    accept(form(URL, NOW - seconds))


FAULTS: dict[str, Callable[[Fields], Fields]] = {
    "doubled": lambda fields: [*fields, ("resource_link_id", "rl-2")],
    "doubled key": lambda fields: [*fields, ("oauth_consumer_key", "anderer")],
    "no signature": lambda fields: [pair for pair in fields if pair[0] != "oauth_signature"],
    "empty nonce": lambda fields: [(n, "" if n == "oauth_nonce" else v) for n, v in fields],
    "odd time": lambda fields: [(n, "gestern" if n == "oauth_timestamp" else v) for n, v in fields],
    "arabic time": lambda fields: [(n, "١٢٣" if n == "oauth_timestamp" else v) for n, v in fields],
    "many": lambda fields: fields + [(f"custom_{n}", "x") for n in range(300)],
    "nul in a name": lambda fields: [*fields, ("custom_\0", "x")],
    "nul in the key": lambda fields: [(n, "k\0" if n == "oauth_consumer_key" else v) for n, v in fields],
    "long key": lambda fields: [(n, "k" * 300 if n == "oauth_consumer_key" else v) for n, v in fields],
}


@pytest.mark.parametrize("name", FAULTS)
def test_malformed(name: str) -> None:
    with pytest.raises(LegacyLaunchInvalid):
        accept(FAULTS[name](form(URL, NOW)))


@pytest.mark.parametrize(
    "changes",
    [
        {"lti_message_type": "ContentItemSelectionRequest"},
        {"lti_version": "LTI-2p0"},
        {"resource_link_id": "x" * 256},
        {"user_id": "ü"},
    ],
)
def test_signed_but_not_a_launch_of_ours(changes: dict[str, str]) -> None:
    with pytest.raises(LtiError) as refusal:
        accept(form(URL, NOW, launch_presentation_return_url="https://alt.example/zurueck", **changes))
    assert refusal.value.status == 400
    assert refusal.value.return_url == "https://alt.example/zurueck"


@given(st.data())
def test_no_field_can_be_changed(data: st.DataObject) -> None:
    fields = form(URL, NOW)
    at = data.draw(st.integers(0, len(fields) - 1))
    name, value = fields[at]
    other = data.draw(st.text(max_size=30).filter(lambda text: text != value))
    fields[at] = (name, other)
    with pytest.raises(LtiError):
        accept(fields)


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=20))
def test_whatever_is_posted_ends_in_a_refusal(extra: Fields) -> None:
    with pytest.raises(LtiError):
        accept(extra)
    with pytest.raises(LtiError):
        accept([*form(URL, NOW), *extra, ("x", "y")])


def signature(secret: str, *parts: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), "&".join(parts).encode(), "sha256")).decode()


def test_the_guides_own_example_of_a_migration_signature() -> None:
    # LTI 1.3 Migration Guide, "oauth_consumer_key_sign": these values, this result.
    assert (
        signature(
            "my-lti11-secret",
            "179248902",
            "689302",
            "https://lmsvendor.com",
            "PM48OJSfGDTAzAo",
            "1551290856",
            "172we8671fd8z",
        )
        == "lWd54kFo5qU7xshAna6v8BwoBm6tmUjc6GTax6+12ps="
    )
