"""Scores: where they go, what they say, what the answer means."""

from __future__ import annotations

import json
import math
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lti_builders import NOW

from lms_tool.lti import (
    Comparison,
    Outcome,
    Score,
    ScoreInvalid,
    backoff,
    compare_result,
    judge,
    results_url,
    scores_url,
)
from lms_tool.lti.ags import GradingProgress, read_results, timestamp
from lms_tool.lti.service import ServiceError

LINE_ITEM = "http://moodle.localhost:8051/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"


@pytest.mark.parametrize(
    ("line_item", "scores"),
    [
        (
            LINE_ITEM,
            "http://moodle.localhost:8051/mod/lti/services.php/2/lineitems/2/lineitem/scores?type_id=1",
        ),
        ("https://p1.example/li/1", "https://p1.example/li/1/scores"),
        ("https://p1.example/li/1/?a=%2F&b=c%20d#x", "https://p1.example/li/1/scores?a=%2F&b=c%20d"),
    ],
)
def test_ags_02_the_query_stays(line_item: str, scores: str) -> None:
    assert scores_url(line_item) == scores


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
def test_results_of_one_person(user_id: str) -> None:
    parts = urlsplit(results_url(LINE_ITEM, user_id))
    assert parts.path.endswith("/lineitem/results")
    assert parse_qs(parts.query, strict_parsing=True) == {"type_id": ["1"], "user_id": [user_id]}
    assert results_url(LINE_ITEM) == LINE_ITEM.replace("?", "/results?")


def test_ags_01_body() -> None:
    score = Score("5", 100.0, timestamp(NOW))
    assert json.loads(score.body()) == {
        "userId": "5",
        "scoreGiven": 100,
        "scoreMaximum": 100,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-21T19:40:00.000+00:00",
    }
    assert score.body() == Score("5", 100, timestamp(NOW)).body()


def test_what_awaits_a_person_has_no_score() -> None:
    body = json.loads(
        Score("5", None, timestamp(NOW), grading_progress=GradingProgress.PENDING_MANUAL).body()
    )
    assert "scoreGiven" not in body
    assert "scoreMaximum" not in body


@given(given_=st.floats(), maximum=st.floats())
def test_ags_36_no_absurd_number_leaves(given_: float, maximum: float) -> None:
    try:
        body = json.loads(Score("5", given_, timestamp(NOW), score_maximum=maximum).body())
    except ScoreInvalid:
        assert not (maximum > 0 and math.isfinite(maximum) and 0 <= given_ <= maximum)
    else:
        assert 0 <= body["scoreGiven"] <= body["scoreMaximum"]


@pytest.mark.parametrize("values", [("", 1, "t"), ("5", 1, ""), ("5", None, "t")])
def test_a_score_needs_person_time_and_number(values: tuple[str, float | None, str]) -> None:
    with pytest.raises(ScoreInvalid):
        Score(*values)


@given(st.integers(0, 4_000_000_000))
def test_timestamps_say_the_second_with_offset(moment: int) -> None:
    parsed = datetime.fromisoformat(timestamp(moment))
    assert parsed.utcoffset() is not None
    assert parsed.timestamp() == moment


ECHO = (
    b'{"userId":"5","activityProgress":"Completed","timestamp":"2026-11-21T19:29:40.578Z","scoreGiven":100}'
)


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (200, b'""', Outcome.DELIVERED, "delivered"),
        (201, b"", Outcome.DELIVERED, "delivered"),
        (202, b"<html>", Outcome.DELIVERED, "delivered"),
        (204, b"", Outcome.DELIVERED, "delivered"),
        (302, b"", Outcome.RETRY, "redirect_not_followed"),
        (400, b"[]", Outcome.NOT_GRADABLE, "user_not_gradable"),
        (400, b"Incorrect score received" + ECHO, Outcome.NOT_GRADABLE, "user_not_gradable"),
        (400, b'{"error":"user not gradable"}', Outcome.NOT_GRADABLE, "user_not_gradable"),
        (
            422,
            b'{"errors":"User not found in course or is not a student"}',
            Outcome.NOT_GRADABLE,
            "user_not_gradable",
        ),
        (400, b'{"message":"timestamp is not newer"}', Outcome.CONFLICT, "timestamp_not_newer"),
        (
            400,
            b"Refusing score with an earlier timestamp for item 2",
            Outcome.CONFLICT,
            "timestamp_not_newer",
        ),
        (400, b'{"reason":"No handler found for /2/lineitems"}', Outcome.REFUSED, "refused_400"),
        (422, b"{}", Outcome.REFUSED, "refused_422"),
        (401, b"", Outcome.UNAUTHORISED, "token_not_accepted"),
        (403, b"", Outcome.FORBIDDEN, "forbidden"),
        (404, b"", Outcome.GONE, "line_item_gone"),
        (408, b"", Outcome.RETRY, "platform_timeout"),
        (409, b"[]", Outcome.CONFLICT, "timestamp_not_newer"),
        (413, b"", Outcome.REFUSED, "refused_413"),
        (500, b"oops", Outcome.RETRY, "platform_error"),
        (502, b"", Outcome.RETRY, "platform_error"),
        (503, b"", Outcome.RETRY, "platform_error"),
        (500, b"[]", Outcome.RETRY, "grade_locked"),
    ],
)
def test_verdicts(status: int, body: bytes, outcome: Outcome, reason: str) -> None:
    verdict = judge(status, {}, body, NOW)
    assert (verdict.outcome, verdict.reason, verdict.retry_after) == (outcome, reason, None)
    assert (verdict.attempts is not None) is (reason == "grade_locked")


@pytest.mark.parametrize(
    ("status", "outcome"), [(429, Outcome.THROTTLED), (503, Outcome.THROTTLED), (502, Outcome.RETRY)]
)
def test_ags_17_18_pauses(status: int, outcome: Outcome) -> None:
    verdict = judge(status, {"retry-after": "120"}, b"", NOW)
    assert (verdict.outcome, verdict.retry_after) == (outcome, 120)
    assert judge(429, {}, b"", NOW).outcome is Outcome.THROTTLED


@given(st.integers(100, 599), st.binary(max_size=200))
def test_every_answer_has_a_verdict(status: int, body: bytes) -> None:
    verdict = judge(status, {}, body, NOW)
    assert verdict.reason.replace("_", "").isalnum()
    assert (verdict.outcome is Outcome.DELIVERED) is (200 <= status < 300)


def test_a_result_where_none_was_sent_is_another() -> None:
    pending = Score("5", None, timestamp(NOW), grading_progress=GradingProgress.PENDING_MANUAL)
    there = results({"userId": "5", "resultScore": 1, "resultMaximum": 1})
    assert compare_result(there, "5", pending) == (Comparison.NEWER_DIFFERENT, 100)


def results(*entries: object) -> bytes:
    return json.dumps(list(entries)).encode()


@pytest.mark.parametrize(
    ("body", "comparison", "there"),
    [
        (results(), Comparison.ABSENT, None),
        (results({"userId": "6", "resultScore": 90, "resultMaximum": 100}), Comparison.ABSENT, None),
        (results({"userId": "5"}), Comparison.ABSENT, None),
        (results({"userId": "5", "resultScore": None}), Comparison.ABSENT, None),
        (results({"userId": "5", "resultScore": 90, "resultMaximum": 100}), Comparison.SAME, 90),
        (results({"userId": 5, "resultScore": 0.9}), Comparison.SAME, 90),
        (results({"userId": "5", "resultScore": 27, "resultMaximum": 30}), Comparison.SAME, 90),
        (results({"userId": "5", "resultScore": 88, "resultMaximum": 100}), Comparison.NEWER_DIFFERENT, 88),
        (results({"userId": "5", "resultScore": 0, "resultMaximum": 100}), Comparison.NEWER_DIFFERENT, 0),
        (results({"userId": "5", "resultScore": "90", "resultMaximum": 100}, 5), Comparison.ABSENT, None),
    ],
)
def test_ags_15_compare(body: bytes, comparison: Comparison, there: float | None) -> None:
    assert compare_result(body, "5", Score("5", 90, timestamp(NOW))) == (comparison, there)


def test_results_of_a_whole_column() -> None:
    body = results(
        {"userId": "5", "resultScore": 8, "resultMaximum": 10},
        {"userId": "6", "resultScore": 12, "resultMaximum": 10},
        {"userId": "7", "resultScore": -1, "resultMaximum": 10},
        {"userId": "8", "resultMaximum": 10},
        {"userId": "9", "resultScore": 1, "resultMaximum": 0},
    )
    assert read_results(body) == {"5": 80, "6": 100, "7": 0}


@given(st.floats(0, 100))
def test_what_moodle_stores_of_a_score_is_the_same(given_: float) -> None:
    stored = results({"userId": "5", "resultScore": round(given_, 5), "resultMaximum": 100})
    assert compare_result(stored, "5", Score("5", given_, timestamp(NOW)))[0] is Comparison.SAME


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[" * 100_000])
def test_unreadable_results(body: bytes) -> None:
    with pytest.raises(ServiceError, match="results_unreadable"):
        compare_result(body, "5", Score("5", 90, timestamp(NOW)))


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_ags_19_backoff(attempt: int, jitter: float) -> None:
    assert 0 < backoff(attempt, jitter) <= 3600
    assert backoff(1, jitter) <= 60
    assert backoff(attempt + 1, jitter) >= backoff(attempt, jitter)
    assert backoff(attempt, 0) <= backoff(attempt, jitter)
