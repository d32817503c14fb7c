"""Assignment and Grade Services 2.0: where a score goes, what it says, what the platform's answer means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Final, TypeGuard
from urllib.parse import quote, urlsplit, urlunsplit

from lms_tool.errors import Text
from lms_tool.lti.claims import SCOPE_RESULT_READONLY, SCOPE_SCORE
from lms_tool.lti.service import ServiceError, parse_retry_after

SCORE_TYPE: Final = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE: Final = "application/vnd.ims.lis.v2.resultcontainer+json"
FULL_SCORE: Final = 100
BACKOFF_FIRST: Final = 30  # seconds
BACKOFF_LIMIT: Final = 3600  # seconds
LOCKED_ATTEMPTS: Final = 12  # about five hours of backoff


class ScoreInvalid(ValueError):
    """A score that must never leave the tool (AGS-36): a programming error, not the platform's."""


class ResultsUnreadable(ServiceError):
    code = "results_unreadable"
    text = Text(
        "Das LMS hat auf die Frage nach dem Stand einer Note etwas Unlesbares geantwortet.",
        "The LMS was asked for a grade and answered something unreadable.",
    )


class ActivityProgress(StrEnum):
    """AGS 3.4.7."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class GradingProgress(StrEnum):
    """AGS 3.4.8. Moodle erases a stored grade at anything but FullyGraded with a score."""

    FULLY_GRADED = "FullyGraded"
    PENDING_MANUAL = "PendingManual"


def scores_url(line_item_url: str) -> str:
    """Where scores of this line item are posted (AGS 3.4.9): the path grows, a query stays as it is."""
    return _below(line_item_url, "/scores", "")


def results_url(line_item_url: str, user_id: str | None = None) -> str:
    """Where results are read (AGS 3.3.2): the one of ``user_id``, or all. Without a limit: Moodle fails on paged
    results.
    """
    return _below(line_item_url, "/results", "" if user_id is None else "user_id=" + quote(user_id, safe=""))


def _below(url: str, suffix: str, parameter: str) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, parameter)))
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + suffix, query, ""))


def timestamp(moment: int) -> str:
    """Unix seconds as RFC 3339 with offset and the sub-second part that AGS 3.4.4 asks for."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Score:
    """One score for one person (AGS 3.4). ``user_id`` is the platform's ``sub``; ``timestamp`` see
    ``timestamp()``.

    Without ``score_given`` nothing is graded yet. Raises ScoreInvalid for a number that is no grade.
    """

    user_id: str
    score_given: float | None
    timestamp: str
    score_maximum: float = FULL_SCORE
    activity_progress: ActivityProgress = ActivityProgress.COMPLETED
    grading_progress: GradingProgress = GradingProgress.FULLY_GRADED
    comment: str | None = None

    def __post_init__(self) -> None:
        if not self.user_id or not self.timestamp:
            raise ScoreInvalid("a score needs a person and a time")
        if not isfinite(self.score_maximum) or self.score_maximum <= 0:
            raise ScoreInvalid("score_maximum must be positive")
        if self.score_given is None:
            if self.grading_progress is GradingProgress.FULLY_GRADED:
                raise ScoreInvalid("FullyGraded without a score would erase the grade")
        elif not 0 <= self.score_given <= self.score_maximum:  # NaN fails both
            raise ScoreInvalid("score_given must lie between 0 and score_maximum")

    def body(self) -> bytes:
        """The JSON to post, the same bytes each time (AGS-20)."""
        content: dict[str, Any] = {
            "userId": self.user_id,
            "activityProgress": self.activity_progress.value,
            "gradingProgress": self.grading_progress.value,
            "timestamp": self.timestamp,
        }
        if self.score_given is not None:
            content["scoreGiven"] = _number(self.score_given)
            content["scoreMaximum"] = _number(self.score_maximum)
        if self.comment is not None:
            content["comment"] = self.comment
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


# --- what the answer means ----------------------------------------------------------------------------------


class Outcome(StrEnum):
    DELIVERED = "delivered"
    CONFLICT = "conflict"  # the platform has an equal or newer timestamp: read the result and compare
    UNAUTHORISED = "unauthorised"  # drop the token, once get a new one
    NOT_GRADABLE = "not_gradable"  # this person cannot have a grade there: final
    GONE = "gone"  # the line item does not exist any more
    FORBIDDEN = "forbidden"  # final, somebody must grant the right
    THROTTLED = "throttled"  # leave the whole platform alone for ``retry_after``
    RETRY = "retry"
    REFUSED = "refused"  # any other 4xx: final


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do after an answer. ``reason`` is a short code for staff, never the platform's words.

    ``retry_after``: seconds the platform asked for. ``attempts``: after how many tries RETRY becomes final,
    None: by the caller's general rule.
    """

    outcome: Outcome
    reason: str
    retry_after: int | None = None
    attempts: int | None = None


_SIMPLE: Final = {
    401: Verdict(Outcome.UNAUTHORISED, "token_not_accepted"),
    403: Verdict(Outcome.FORBIDDEN, "forbidden"),
    404: Verdict(Outcome.GONE, "line_item_gone"),
    408: Verdict(Outcome.RETRY, "platform_timeout"),
    409: Verdict(Outcome.CONFLICT, "timestamp_not_newer"),
    410: Verdict(Outcome.GONE, "line_item_gone"),
    425: Verdict(Outcome.RETRY, "platform_timeout"),
}
# A message about the time, not the "timestamp" key of our own body that some platforms quote back.
_ABOUT_TIME = re.compile(r"time ?stamp(?!\\*[\"']\s*:)|older|earlier|out of date|stale", re.IGNORECASE)
_ABOUT_REQUEST = re.compile(r"handler|content[ -]?type|media[ -]?type|\bscope|malformed|parse", re.IGNORECASE)
_ABOUT_PERSON = re.compile(r"user|student|learner|person|member|enrol|gradable|gradeable", re.IGNORECASE)


def judge(status: int, headers: Mapping[str, str], body: bytes, now: int) -> Verdict:
    """What the answer to a score POST means. ``headers`` are looked up as ``retry-after``; ``now`` in Unix
    seconds.

    A 400 is hard to tell: the scores we send are well formed, so without another hint it is the person that
    cannot be graded (Moodle: unknown, not enrolled, teacher; the body is ``[]``).
    """
    if 200 <= status < 300:
        return Verdict(Outcome.DELIVERED, "delivered")
    if 300 <= status < 400:
        return Verdict(Outcome.RETRY, "redirect_not_followed")
    if status == 429 or status >= 500:
        return busy(status, parse_retry_after(headers.get("retry-after"), now), body)
    if status in _SIMPLE:
        return _SIMPLE[status]
    said = body[:4096].decode("utf-8", "replace")
    if status in (400, 422):
        if _ABOUT_TIME.search(said):
            return Verdict(Outcome.CONFLICT, "timestamp_not_newer")
        if _ABOUT_PERSON.search(said) or (status == 400 and not _ABOUT_REQUEST.search(said)):
            return Verdict(Outcome.NOT_GRADABLE, "user_not_gradable")
    return Verdict(Outcome.REFUSED, f"refused_{status}")


def busy(status: int, retry_after: int | None, body: bytes = b"") -> Verdict:
    """What a 429 or 5xx means for the platform as a whole and for this request."""
    if status == 429 or (status == 503 and retry_after is not None):
        return Verdict(Outcome.THROTTLED, "platform_busy", retry_after)
    if status == 500 and body.strip() == b"[]":
        # Moodle's answer for a locked grade or column. It may be unlocked, but nobody promises it.
        return Verdict(Outcome.RETRY, "grade_locked", retry_after, LOCKED_ATTEMPTS)
    return Verdict(Outcome.RETRY, "platform_error", retry_after)


class Comparison(StrEnum):
    SAME = "same"
    NEWER_DIFFERENT = "newer_different"
    ABSENT = "absent"


def read_results(body: bytes) -> dict[str, float]:
    """The grades the platform holds in a column (AGS 3.3): percent, 0 to 100, by user id.

    Who has none is not listed, or without a score. Raises ResultsUnreadable.
    """
    try:
        results = json.loads(body)
    except (ValueError, RecursionError):
        raise ResultsUnreadable from None
    if not isinstance(results, list):
        raise ResultsUnreadable
    found: dict[str, float] = {}
    for result in results:
        if not isinstance(result, dict):
            continue
        given, maximum = result.get("resultScore"), result.get("resultMaximum", 1)
        if _is_number(given) and _is_number(maximum) and maximum > 0:
            # A teacher may give extra points, and a column may take less than nothing: shown as the ends.
            found.setdefault(str(result.get("userId")), min(100.0, max(0.0, 100 * given / maximum)))
    return found


def same_grade(there: float, given: float) -> bool:
    """Whether two percentages are one grade: compared to five decimals of the fraction, as Moodle stores them."""
    return abs(there - given) < 2e-3


def compare_result(body: bytes, user_id: str, score: Score) -> tuple[Comparison, float | None]:
    """After a CONFLICT: does the platform's result say what ``score`` says? Also the percentage it holds.

    Raises ResultsUnreadable.
    """
    there = read_results(body).get(user_id)
    if there is None:
        return Comparison.ABSENT, None
    if score.score_given is None or not same_grade(there, 100 * score.score_given / score.score_maximum):
        return Comparison.NEWER_DIFFERENT, there
    return Comparison.SAME, there


def _is_number(value: object) -> TypeGuard[float]:
    # Bounded first: isfinite() fails on an integer with hundreds of digits.
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e9 <= value <= 1e9


def backoff(attempt: int, jitter: float) -> float:
    """Seconds to wait after failed try number ``attempt`` (from 1); ``jitter`` is a random number in [0, 1).

    About 30 s, then doubling, a quarter up or down, at most an hour (AGS-19).
    """
    planned = BACKOFF_FIRST * 2.0 ** min(attempt - 1, 12)
    return min(planned * (0.75 + jitter / 2), BACKOFF_LIMIT)


SENDING_SCOPES: Final = frozenset({SCOPE_SCORE})
READING_SCOPES: Final = frozenset({SCOPE_RESULT_READONLY})
