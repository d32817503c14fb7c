"""Columns: how they are asked for, which one is ours, what a new one says, what refusals mean."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lti_builders import NOW

from lms_tool.lti.ags import Outcome
from lms_tool.lti.line_items import (
    MAX_LABEL,
    Item,
    LineItemsUnreadable,
    Wanted,
    choose_of_link,
    choose_of_resource,
    judge_list,
    new_item,
    of_link_url,
    of_resource_url,
    read_list,
    read_one,
)

CONTAINER = "http://moodle.localhost:8051/mod/lti/services.php/2/lineitems?type_id=1"
WANTED = Wanted("rl-1", "m1", "grade", "Modul 1")
IDS = st.text(alphabet=st.characters(codec="utf-8"), min_size=1)


def item(number: int, link: str = "", resource: str = "", tag: str = "") -> Item:
    return Item(f"https://lms.example/items/{number}", link, resource, tag)


@given(IDS)
def test_the_list_of_one_placement(link: str) -> None:
    parts = urlsplit(of_link_url(CONTAINER, Wanted(link, "m1", "grade", "Modul")))
    assert urlsplit(CONTAINER).path == parts.path
    assert parse_qsl(parts.query, keep_blank_values=True) == [("type_id", "1"), ("resource_link_id", link)]


@given(IDS, IDS)
def test_the_list_of_our_own_ids(resource: str, tag: str) -> None:
    query = urlsplit(of_resource_url(CONTAINER, Wanted("rl-1", resource, tag, "Modul"))).query
    assert parse_qsl(query) == [("type_id", "1"), ("resource_id", resource), ("tag", tag)]


def test_a_filter_that_is_there_already_is_replaced() -> None:
    url = of_link_url("https://p1.example/li?a=%2F&resource_link_id=x&resource%5Flink_id=y&b#frag", WANTED)
    assert url == "https://p1.example/li?a=%2F&b&resource_link_id=rl-1"


def test_a_list_is_read_leniently() -> None:
    body = json.dumps(
        [
            {"id": "https://lms.example/1", "resourceLinkId": 7, "resourceId": "m1", "tag": None},
            {"id": 5},
            {"label": "ohne"},
            {"id": ""},
            "unsinn",
            None,
            {"id": "https://lms.example/2", "resourceLinkId": True, "resourceId": ["m1"]},
        ]
    ).encode()
    assert read_list(body) == [Item("https://lms.example/1", "7", "m1"), Item("https://lms.example/2")]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"lineItems": []}', b"null", b"[" * 100_000, b"\xff"])
def test_no_list(body: bytes) -> None:
    with pytest.raises(LineItemsUnreadable):
        read_list(body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": 7}'])
def test_no_column_was_made(body: bytes) -> None:
    with pytest.raises(LineItemsUnreadable):
        read_one(body)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_is_a_list_or_an_error(value: Any) -> None:
    body = json.dumps(value).encode()
    if isinstance(value, list):
        assert read_list(body) == []
    else:
        with pytest.raises(LineItemsUnreadable):
            read_list(body)


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        ([], None),
        ([item(1, "rl-2", "m1", "grade")], None),
        ([item(1, "rl-1")], 1),
        ([item(1, "rl-1", "etwas", "anderes")], 1),
        ([item(1, "rl-2"), item(2, "rl-1"), item(3)], 2),
        ([item(1, "rl-1"), item(1, "rl-1")], 1),  # on two pages
        # several, as where Moodle leaves lineitem out of the launch: never the first
        ([item(1, "rl-1", "x"), item(2, "rl-1", "m1", "grade")], 2),
        ([item(1, "rl-1", "m1", "x"), item(2, "rl-1", "m1", "grade")], 2),
        ([item(1, "rl-1", "x"), item(2, "rl-1", "m1", "bonus")], 2),
        ([item(1, "rl-1", "m1", "x"), item(2, "rl-1", "m1", "y")], None),
        ([item(1, "rl-1"), item(2, "rl-1")], None),
        # twins of ours: everybody takes the same one
        ([item(10, "rl-1", "m1", "grade"), item(9, "rl-1", "m1", "grade")], 9),
    ],
)
def test_ags_34_the_column_of_a_placement(listed: list[Item], chosen: int | None) -> None:
    for order in (listed, listed[::-1]):
        found = choose_of_link(order, WANTED)
        assert (found and found.url) == (chosen and item(chosen).url)


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        ([item(1, "", "m1", "grade")], 1),
        ([item(1, "rl-1", "m1", "grade")], 1),
        ([item(1, "rl-2", "m1", "grade")], None),  # the other placement's of the same module
        ([item(1, "", "m1")], None),
        ([item(1, "", "m2", "grade")], None),
        ([item(8, "", "m1", "grade")], None),  # one that another placement uses already
        ([item(8, "", "m1", "grade"), item(9, "", "m1", "grade")], 9),
    ],
)
def test_a_column_by_our_own_ids(listed: list[Item], chosen: int | None) -> None:
    found = choose_of_resource(listed, WANTED, {item(8).url})
    assert (found and found.url) == (chosen and item(chosen).url)


def test_without_ids_of_ours_nothing_is_ours() -> None:
    nameless = Wanted("rl-1", "", "", "Modul")
    assert choose_of_resource([item(1)], nameless, ()) is None
    assert choose_of_link([item(1, "rl-1"), item(2, "rl-1")], nameless) is None


@given(st.lists(st.builds(Item, *[st.sampled_from(["", "rl-1", "m1", "grade", "x"])] * 4)))
def test_what_is_chosen_was_listed_and_belongs_to_us(listed: list[Item]) -> None:
    found = choose_of_link(listed, WANTED)
    assert found is None or (found in listed and found.resource_link_id == "rl-1")
    loose = choose_of_resource(listed, WANTED, ())
    assert loose is None or (loose in listed and (loose.resource_id, loose.tag) == ("m1", "grade"))


def test_a_new_column() -> None:
    assert json.loads(new_item(WANTED)) == {
        "label": "Modul 1",
        "scoreMaximum": 100,
        "resourceLinkId": "rl-1",
        "resourceId": "m1",
        "tag": "grade",
        "submissionReview": {"reviewableStatus": ["InProgress", "Submitted", "Completed"]},
    }
    long = json.loads(new_item(Wanted("rl-1", "m1", "grade", "ü" * 1000)))
    assert long["label"] == "ü" * MAX_LABEL


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (302, Outcome.RETRY, "redirect_not_followed"),
        (400, Outcome.REFUSED, "line_items_refused"),
        (401, Outcome.UNAUTHORISED, "token_not_accepted"),
        (403, Outcome.FORBIDDEN, "line_items_forbidden"),
        (404, Outcome.REFUSED, "line_items_gone"),
        (405, Outcome.REFUSED, "line_items_refused"),
        (429, Outcome.THROTTLED, "platform_busy"),
        (500, Outcome.RETRY, "platform_error"),
        (503, Outcome.RETRY, "platform_error"),
    ],
)
def test_refusals(status: int, outcome: Outcome, reason: str) -> None:
    verdict = judge_list(status, {}, NOW)
    assert verdict is not None
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_a_pause_that_is_asked_for() -> None:
    for status in (429, 503):
        verdict = judge_list(status, {"retry-after": "120"}, NOW)
        assert verdict is not None
        assert (verdict.outcome, verdict.retry_after) == (Outcome.THROTTLED, 120)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success(status: int) -> None:
    assert judge_list(status, {}, NOW) is None
