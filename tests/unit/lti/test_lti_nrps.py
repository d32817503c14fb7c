"""Rosters as platforms send them, and as they should not."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.lti.json_entries import entries
from lms_tool.lti.links import next_link
from lms_tool.lti.nrps import (
    Gathering,
    Member,
    MemberStatus,
    RosterBusy,
    RosterForbidden,
    RosterGone,
    RosterTooLarge,
    RosterUnavailable,
    RosterUnreadable,
    check_answer,
    members_url,
    read_member,
    role_filter,
)
from lms_tool.lti.roles import Role

URI = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
MOODLE = Path(__file__).parents[2] / "demo" / "recordings" / "nrps.json"
ANNA = {"user_id": "7", "roles": ["Learner"], "status": "Active", "name": "Anna Arndt"}


def page(*members: Any, **more: Any) -> bytes:
    return json.dumps({"id": "https://lms.example/m", "members": members, **more}).encode()


def gathered(*pages: bytes, limit: int = 100, wanted_role: str | None = None) -> Gathering:
    found = Gathering(limit, wanted_role)
    for body in pages:
        found.add(body)
    return found


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://lms.example/m", "https://lms.example/m?limit=1000"),
        ("https://lms.example/m?rlid=a%20b&x=", "https://lms.example/m?rlid=a%20b&x=&limit=1000"),
        ("https://lms.example/m?limit=5&rlid=1", "https://lms.example/m?rlid=1&limit=1000"),
        ("https://lms.example/m?%6Cimit=5&limit=6#x", "https://lms.example/m?limit=1000"),
    ],
)
def test_our_limit_is_merged_into_the_address(url: str, asked: str) -> None:
    assert members_url(url) == asked
    assert members_url(asked) == asked


def test_recorded_pages_of_moodle() -> None:
    calls = {call["label"]: call["response"] for call in json.loads(MOODLE.read_text())}
    whole = gathered(json.dumps(calls["all"]["body"]).encode())
    names = ("limit10", "limit10-page2", "limit10-page3", "limit10-page4")
    paged = gathered(*(json.dumps(calls[name]["body"]).encode() for name in names))
    assert paged.members == whole.members
    assert (len(whole.members), whole.skipped) == (32, 0)
    roles = [member.role for member in whole.members.values()]
    assert (roles.count(Role.INSTRUCTOR), roles.count(Role.LEARNER)) == (1, 31)
    links = [{"link": calls[name]["headers"].get("Link", "")} for name in names]
    base = "http://moodle.localhost:8051/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
    assert [bool(next_link(link, base)) for link in links] == [True, True, True, False]


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["Learner"], Role.LEARNER),
        ([URI + "Learner"], Role.LEARNER),
        (["Instructor", URI + "Learner"], Role.INSTRUCTOR),
        ([URI + "Mentor"], Role.MENTOR),
        ("Instructor", Role.INSTRUCTOR),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"], Role.ASSISTANT),
        ([], Role.LEARNER),
        (None, Role.LEARNER),
        ([7, None, {"a": 1}, "Instructor"], Role.INSTRUCTOR),
    ],
)
def test_roles_short_and_full(roles: Any, role: Role) -> None:
    member = read_member({"user_id": "7", "roles": roles})
    assert member is not None
    assert member.role is role


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Active", MemberStatus.ACTIVE),
        ("Inactive", MemberStatus.INACTIVE),
        ("inactive", MemberStatus.INACTIVE),
        ("Deleted", MemberStatus.DELETED),
        ("http://purl.imsglobal.org/vocab/lis/v2/status#Deleted", MemberStatus.DELETED),
        (None, MemberStatus.ACTIVE),
        ("Beurlaubt", MemberStatus.ACTIVE),
        (7, MemberStatus.ACTIVE),
    ],
)
def test_status(said: Any, status: MemberStatus) -> None:
    member = read_member({"user_id": "7", "status": said})
    assert member is not None
    assert member.status is status


@pytest.mark.parametrize(
    "entry",
    [None, 7, [], "7", {}, {"user_id": ""}, {"user_id": None}, {"user_id": True}, {"user_id": ["7"]},
     {"user_id": "x" * 256}, {"user_id": "a\x00"}, {"user_id": "a\ud800"}, {"name": "Anna"}],
)  # fmt: skip
def test_who_cannot_be_told_is_skipped_and_counted(entry: Any) -> None:
    found = gathered(page(entry, ANNA))
    assert (list(found.members), found.skipped) == (["7"], 1)


def test_a_number_is_an_id_too() -> None:
    assert list(gathered(page({"user_id": 21})).members) == ["21"]


def test_names_as_they_can_be_kept() -> None:
    member = read_member(
        {
            "user_id": "7",
            "name": "An\x00na \ud800<b>",
            "given_name": " ",
            "family_name": ["x"],
            "email": "a@b",
        }
    )
    assert member == Member("7", name="Anna <b>")
    long = read_member({"user_id": "7", "name": "n" * 5000})
    assert long is not None
    assert len(long.name or "") == 1000


def test_the_same_member_twice_is_one_with_both_roles() -> None:
    gone = {"user_id": "7", "roles": [URI + "Instructor"], "status": "Deleted", "family_name": "Arndt"}
    for first, second in ((ANNA, gone), (gone, ANNA)):
        found = gathered(page(first), page(second)).members
        assert set(found["7"].roles) == {"Learner", URI + "Instructor"}
        assert found["7"].status is MemberStatus.ACTIVE
        assert (found["7"].name, found["7"].family_name) == ("Anna Arndt", "Arndt")


@pytest.mark.parametrize("asked", ["Learner", URI.replace("#", "%23") + "Learner"])
def test_a_role_filter_the_platform_forgets_is_kept_by_us(asked: str) -> None:
    wanted = role_filter(f"https://lms.example/m?limit=2&role={asked}")
    assert wanted == "learner"
    teacher = {"user_id": "3", "roles": [URI + "Instructor"]}
    found = gathered(
        page(ANNA), page({"user_id": "8", "roles": [URI + "Learner"]}, teacher), wanted_role=wanted
    )
    assert list(found.members) == ["7", "8"]
    assert found.skipped == 0
    assert role_filter("https://lms.example/m?rlid=1") is None


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"7", b"{}", b'{"members": null}', b'{"members": {}}', b'{"member": []}', b"<html>",
     b'{"members": [', b'{"members": [{}', b'{"members": [{},]}', b'{"members": []', b'{"members": []} x',
     b'{"members": [] "a": 1}', b'{7: []}', b"\xff\xfe{}", b'{"members": [' + b"[" * 100_000,
     b'{"members": [' + b"9" * 5000 + b"]}"],
)  # fmt: skip
def test_what_is_no_roster_is_said_so(body: bytes) -> None:
    with pytest.raises(RosterUnreadable):
        gathered(body)


def test_a_roster_may_be_empty_or_begin_with_a_mark() -> None:
    assert gathered(page()).members == {}
    assert list(gathered(b"\xef\xbb\xbf" + page(ANNA)).members) == ["7"]


def test_more_than_the_limit_is_refused() -> None:
    people = [{"user_id": str(number)} for number in range(4)]
    assert len(gathered(page(*people), page(*people), limit=4).members) == 4
    with pytest.raises(RosterTooLarge) as refused:
        gathered(page(*people), page({"user_id": "x"}), limit=4)
    assert refused.value.lasting
    assert "LMS_TOOL_ROSTER_LIMIT" in refused.value.remedy.de


def test_a_long_page_is_read_in_good_time() -> None:
    body = page(*({**ANNA, "user_id": str(number)} for number in range(20_000)))
    begin = time.monotonic()
    assert len(gathered(body, limit=20_000).members) == 20_000
    assert time.monotonic() - begin < 5


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), json_values), st.lists(json_values), st.sampled_from([None, 0, 1, 4]))
def test_entries_are_those_json_would_read(
    others: dict[str, Any], wanted: list[Any], indent: int | None
) -> None:
    text = json.dumps(others | {"members": wanted}, indent=indent)
    assert list(entries(text, "members")) == wanted


@given(st.text(alphabet='{}[]",:members 7\\u0d8n', max_size=60))
def test_no_text_does_harm(text: str) -> None:
    try:
        found = list(entries(text, "members"))
    except ValueError:
        return
    assert json.loads(text)["members"] == found


@given(json_values)
def test_no_entry_does_harm(entry: Any) -> None:
    member = read_member(entry)
    if member is not None:
        "".join([member.user_id, *member.roles, member.name or ""]).encode()


@pytest.mark.parametrize(
    ("status", "pause", "error", "lasting", "wait"),
    [
        (401, None, RosterForbidden, True, None),
        (403, None, RosterForbidden, True, None),
        (404, None, RosterGone, True, None),
        (410, None, RosterGone, True, None),
        (429, None, RosterBusy, False, None),
        (429, "120", RosterBusy, False, 120),
        (429, "99999999999", RosterBusy, False, 3600),
        (503, "60", RosterBusy, False, 60),
        (503, None, RosterUnavailable, False, None),
        (500, None, RosterUnavailable, False, None),
        (302, None, RosterUnavailable, False, None),
        (400, None, RosterUnavailable, False, None),
    ],
)
def test_what_a_refusal_means(
    status: int, pause: str | None, error: type[Exception], lasting: bool, wait: int | None
) -> None:
    with pytest.raises(error) as refused:
        check_answer(status, {"retry-after": pause} if pause else {}, 0)
    found: Any = refused.value
    assert (found.lasting, found.retry_after) == (lasting, wait)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_means_nothing_else(status: int) -> None:
    check_answer(status, {}, 0)
