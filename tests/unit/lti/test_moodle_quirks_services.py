"""Every recorded answer of a Moodle 5.1 to scores, result queries and token requests: what the tool makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lti_builders import NOW

from lms_tool.lti import (
    Comparison,
    LtiError,
    Outcome,
    Score,
    compare_result,
    judge,
    read_token_answer,
    results_url,
    scores_url,
)
from lms_tool.lti.ags import SCORE_TYPE, read_results, timestamp

FOLDER = Path(__file__).parents[2] / "demo" / "recordings"
MORE = json.loads(Path(__file__).with_name("moodle_5_1_more.json").read_text())


def load(name: str) -> dict[str, dict[str, Any]]:
    return {call["label"]: call for call in json.loads((FOLDER / f"{name}.json").read_text())}


SCORES, RESULTS, TOKENS = load("ags-scores"), load("ags-results"), load("token-endpoint")
COLUMN = "http://moodle.localhost:8051/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"


def body_of(call: dict[str, Any]) -> bytes:
    """As Moodle sent it: empty for nothing, else JSON."""
    body = call["response"]["body"]
    return b"" if body == "" else body.encode() if isinstance(body, str) else json.dumps(body).encode()


def verdict(label: str) -> tuple[Outcome, str]:
    call = SCORES[label]
    said = judge(call["response"]["status"], call["response"]["headers"], body_of(call), NOW)
    return said.outcome, said.reason


POSTED = [label for label, call in SCORES.items() if call["request"]["method"] == "POST"]


@pytest.mark.parametrize("label", [one for one in POSTED if SCORES[one]["response"]["status"] == 200])
def test_200_with_nothing_in_it_is_delivered(label: str) -> None:
    assert verdict(label)[0] is Outcome.DELIVERED


@pytest.mark.parametrize("label", [one for one in POSTED if SCORES[one]["response"]["status"] != 200])
def test_no_refusal_counts_as_delivered(label: str) -> None:
    assert verdict(label)[0] is not Outcome.DELIVERED


@pytest.mark.parametrize(
    "label", ["after-future", "same-timestamp-again", "same-second-other-score", "older-timestamp"]
)
def test_a_time_that_is_not_newer_is_a_conflict(label: str) -> None:
    assert verdict(label) == (Outcome.CONFLICT, "timestamp_not_newer")


@pytest.mark.parametrize("label", ["unknown-user", "user-not-enrolled", "teacher", "tutor"])
def test_who_cannot_be_graded_is_final(label: str) -> None:
    """The reason stands only in the status line; the body is an empty list."""
    assert body_of(SCORES[label]) == b"[]"
    assert verdict(label) == (Outcome.NOT_GRADABLE, "user_not_gradable")


@pytest.mark.parametrize("label", ["content-type-json", "scores-url-naive-append"])
def test_a_request_moodle_has_no_handler_for_is_not_taken_for_a_person(label: str) -> None:
    assert verdict(label)[0] is Outcome.REFUSED


@pytest.mark.parametrize("label", ["after-grade-locked", "item-locked"])
def test_a_locked_grade_is_not_tried_for_ever(label: str) -> None:
    call = SCORES[label]
    said = judge(call["response"]["status"], call["response"]["headers"], body_of(call), NOW)
    assert (said.outcome, said.reason) == (Outcome.RETRY, "grade_locked")
    assert said.attempts is not None


def test_tokens_and_columns_that_are_gone() -> None:
    assert verdict("no-token")[0] is verdict("readonly-scope")[0] is Outcome.UNAUTHORISED
    assert verdict("lineitem-unknown")[0] is Outcome.GONE


def test_our_scores_are_of_the_form_that_was_stored() -> None:
    """Everything whose absence or form Moodle refused is there, and nothing that erases a grade."""
    ours = json.loads(Score("5", 90, timestamp(NOW)).body())
    stored = SCORES["grade-90-first"]["request"]
    assert ours.keys() == stored["body"].keys()
    assert {name: type(value) for name, value in ours.items()} == {
        name: type(value) for name, value in stored["body"].items()
    }
    assert ours["gradingProgress"] == stored["body"]["gradingProgress"] == "FullyGraded"
    assert stored["headers"]["Content-Type"] == SCORE_TYPE
    assert scores_url(COLUMN) == stored["url"]


@pytest.mark.parametrize("label", ["results", "results-accept-star", "results-limit3-without-type_id"])
def test_results_are_read_whole(label: str) -> None:
    call = RESULTS[label]
    there = read_results(body_of(call))
    assert list(there) == [one["userId"] for one in call["response"]["body"]]
    assert there["5"] == pytest.approx(90)
    assert there["6"] == pytest.approx(33.33333)


def test_a_grade_of_zero_is_a_grade_and_nobody_is_none() -> None:
    zero = [one for one in RESULTS["results"]["response"]["body"] if one["resultScore"] == 0]
    assert zero, "the recording has one"
    there = read_results(body_of(RESULTS["results"]))
    assert all(there[one["userId"]] == 0 for one in zero)
    assert "12345" not in there
    assert read_results(body_of(RESULTS["results-user-unknown"])) == {}


def test_the_question_for_one_person_is_the_recorded_one() -> None:
    assert results_url(COLUMN, "5") == RESULTS["results-user"]["request"]["url"]
    assert results_url(COLUMN) == RESULTS["results"]["request"]["url"], "paging crashes: no limit"


def test_a_teachers_override_is_seen_in_the_result_only() -> None:
    assert verdict("after-teacher-override")[0] is Outcome.DELIVERED
    said = compare_result(body_of(RESULTS["results-after-override"]), "11", Score("11", 95, timestamp(NOW)))
    assert said == (Comparison.NEWER_DIFFERENT, pytest.approx(88))


@pytest.mark.parametrize("label", TOKENS)
def test_token_answers(label: str) -> None:
    """The granted scopes are believed, not those asked for; sentences Moodle puts in ``error`` are not passed on."""
    call = TOKENS[label]
    said = call["response"]
    asked = ((call["request"]["body"] or {}).get("scope") or "").split()
    if said["status"] == 200:
        token = read_token_answer(200, said["headers"], body_of(call), NOW, asked)
        assert token.value == said["body"]["access_token"]
        assert token.scopes == frozenset(said["body"]["scope"].split()) <= frozenset(asked)
        assert NOW + 3000 < token.expires_at < NOW + 3600
    else:
        with pytest.raises(LtiError) as caught:
            read_token_answer(said["status"], said["headers"], body_of(call), NOW, asked)
        reason = caught.value.reason  # type: ignore[attr-defined]
        assert reason in ("token_refused", f"token_refused:{said['body']['error']}")
        assert " " not in reason


@pytest.mark.parametrize(
    "call",
    MORE["token_endpoint_when_our_keys_may_not_be_fetched"],
    ids=lambda call: str(call["label"]).split(" ")[0],
)
def test_a_moodle_that_may_not_fetch_our_keys_refuses_with_an_html_page(call: dict[str, Any]) -> None:
    said = call["response"]
    if said["status"] == 200:
        assert read_token_answer(200, said["headers"], body_of(call), NOW).value
    else:
        assert said["status"] == 404
        with pytest.raises(LtiError) as caught:
            read_token_answer(404, said["headers"], body_of(call), NOW)
        error: Any = caught.value
        assert (error.reason, error.lasting) == ("token_refused", True)
        assert "JWKS" in error.remedy.de
