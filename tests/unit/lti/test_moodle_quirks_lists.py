"""Recorded rosters and columns of a Moodle 5.1, and whether what we place is within what Moodle takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lti_builders import NOW

from lms_tool.lti.deep_linking import Content, content_item, read_settings
from lms_tool.lti.errors import LtiError
from lms_tool.lti.line_items import (
    Wanted,
    choose_of_link,
    choose_of_resource,
    judge_list,
    new_item,
    of_link_url,
    read_list,
    read_one,
)
from lms_tool.lti.links import next_link
from lms_tool.lti.nrps import Gathering, check_answer, members_url
from lms_tool.lti.token import parse_token

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "demo" / "recordings"
CONTAINER = "http://moodle.localhost:8051/mod/lti/services.php/2/lineitems?type_id=1"
REQUEST = parse_token(json.loads((HERE / "moodle_5_1.json").read_text())["id_tokens"]["deep-linking-request"])


def load(name: str) -> dict[str, dict[str, Any]]:
    return {call["label"]: call for call in json.loads((FOLDER / f"{name}.json").read_text())}


ROSTER, COLUMNS, CHANGES = load("nrps"), load("ags-lineitems-list"), load("ags-lineitem-crud")


def body_of(call: dict[str, Any]) -> bytes:
    return json.dumps(call["response"]["body"]).encode()


def headers_of(call: dict[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in call["response"]["headers"].items()}


# --- rosters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ROSTER)
def test_only_a_success_is_a_roster(label: str) -> None:
    call = ROSTER[label]
    status, headers = call["response"]["status"], headers_of(call)
    if status == 200:
        check_answer(status, headers, NOW)
    else:
        with pytest.raises(LtiError):
            check_answer(status, headers, NOW)


def test_we_ask_with_a_limit_and_go_on_where_the_link_leads() -> None:
    call = ROSTER["rlid1-limit5"]
    assert members_url(call["request"]["url"].replace("&limit=5", ""), 5) == call["request"]["url"]
    following = next_link(headers_of(call), call["request"]["url"])
    assert following is not None
    assert {"limit=5", "from=5", "rlid=1"} == set(following.partition("?")[2].split("&"))


@pytest.mark.parametrize("label", ["limit10-page4", "all", "page beyond the end"])
def test_the_last_page_has_no_link(label: str) -> None:
    call = ROSTER[label]
    assert next_link(headers_of(call), call["request"]["url"]) is None


def test_a_page_beyond_the_end_is_nobody() -> None:
    found = Gathering(100)
    found.add(body_of(ROSTER["page beyond the end"]))
    assert (found.members, found.skipped) == ({}, 0)


def test_short_roles_names_and_empty_numbers_are_read() -> None:
    """Moodle's roster says ``Learner``, not the URI, and may send ``lis_person_sourcedid: ""``."""
    sent = ROSTER["all"]["response"]["body"]["members"]
    assert any(one["lis_person_sourcedid"] == "" for one in sent)
    found = Gathering(100)
    found.add(body_of(ROSTER["all"]))
    assert list(found.members) == [one["user_id"] for one in sent]
    for one in sent:
        member = found.members[one["user_id"]]
        assert (member.name, list(member.roles)) == (one["name"], one["roles"])


# --- columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", COLUMNS)
def test_only_a_success_is_a_list_of_columns(label: str) -> None:
    call = COLUMNS[label]
    verdict = judge_list(call["response"]["status"], headers_of(call), NOW)
    assert (verdict is None) == (call["response"]["status"] == 200)


def test_the_question_for_one_link_is_the_recorded_one() -> None:
    call = COLUMNS["list-by-resource_link_id"]
    assert of_link_url(CONTAINER, Wanted("1", "a1", "pruefung", "x")) == call["request"]["url"]
    (item,) = read_list(body_of(call))
    assert (item.resource_link_id, item.resource_id, item.tag) == ("1", "a1", "pruefung")


def test_links_written_for_people_are_read_all_the_same() -> None:
    """``rel=“next”`` and ``&amp;``: typographic, as Moodle prints them."""
    call = COLUMNS["list-limit2"]
    assert "“" in call["response"]["headers"]["Link"]
    following = next_link(headers_of(call), call["request"]["url"])
    assert following == COLUMNS["list-limit2-from2"]["request"]["url"]


def test_of_two_columns_of_a_link_ours_is_chosen_by_its_ids() -> None:
    """After ``create-coupled`` Moodle lists two and leaves ``lineitem`` out of the launch."""
    first = read_list(body_of(COLUMNS["list-by-resource_link_id"]))
    second = read_one(body_of(CHANGES["create-coupled"]))
    assert second.resource_link_id == "1"
    both = [*first, second]
    assert choose_of_link(both, Wanted("1", "a1", "pruefung", "x")) == first[0]
    assert choose_of_link(both, Wanted("1", "a1-b", "zusatz", "x")) == second
    assert choose_of_link(both, Wanted("1", "fremd", "grade", "x")) is None


def test_the_same_column_made_twice_is_two_and_all_choose_one() -> None:
    twins = [read_one(body_of(CHANGES[name])) for name in ("create-uncoupled", "create-same-again")]
    assert twins[0].url != twins[1].url
    wanted = Wanted("99", "frei-1", "frei", "x")
    assert choose_of_resource(twins, wanted, ()) == choose_of_resource(twins[::-1], wanted, ()) == twins[0]
    assert choose_of_resource(twins, wanted, {twins[0].url}) == twins[1]


def test_a_column_we_make_has_what_moodle_asks_for() -> None:
    """Label and maximum are required; one without them is refused."""
    made = json.loads(new_item(Wanted("1", "a1", "grade", "L" * 400)))
    assert CHANGES["create-no-label"]["response"]["status"] == 400
    assert made["label"] and isinstance(made["scoreMaximum"], int) and made["scoreMaximum"] > 0
    assert made["resourceLinkId"] == "1"


# --- what we place ------------------------------------------------------------------------------------------


def test_what_we_place_fits_moodles_form() -> None:
    """An integer of 1 to 100 as maximum, only ltiResourceLink, texts without markup, all custom values strings."""
    settings = read_settings(REQUEST.claims, lambda host: host == "moodle.localhost")
    content = Content("p1", "kurs", "modul", None, "Titel <b>& mehr", text="Erst <i>das</i>, dann & jenes")
    item = content_item(content, settings, "https://tool.example", "https://tool.example/icon.png")
    assert item["type"] == "ltiResourceLink"
    maximum = item["lineItem"]["scoreMaximum"]
    assert isinstance(maximum, int) and 1 <= maximum <= 100
    assert "<" not in item["text"]
    assert all(isinstance(value, str) and "\n" not in value for value in item["custom"].values())
    assert item["url"].startswith("https://tool.example/lti/launch?")
    assert not {"available", "submission", "thumbnail"} & item.keys()
