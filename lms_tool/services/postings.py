"""One grade on its way: score post, and what the platform's answer means. Talks HTTP, writes no grades."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lms_tool.http import OutgoingError
from lms_tool.lti import ags
from lms_tool.lti.ags import Comparison, Outcome, Verdict
from lms_tool.lti.claims import SCOPE_RESULT_READONLY, SCOPE_SCORE
from lms_tool.lti.service import ServiceError
from lms_tool.services.calls import Calls
from lms_tool.services.platforms import Registered

GATEWAY = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Due:
    """A grade to be sent, as read from its row."""

    score_id: int
    version: int
    sub: str
    given: float
    completed: bool
    timestamp: datetime
    tries: int
    first_tried_at: datetime | None
    line_item_id: int
    url: str  # "": the column is still to be found
    scopes: frozenset[str]
    looked_up: bool
    failures: int = 0  # of the platform, in a row
    in_trouble: bool = False

    @property
    def score(self) -> ags.Score:
        progress = ags.ActivityProgress.COMPLETED if self.completed else ags.ActivityProgress.IN_PROGRESS
        return ags.Score(
            user_id=self.sub,
            score_given=self.given,
            timestamp=ags.timestamp(int(self.timestamp.timestamp())),
            activity_progress=progress,
        )


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it.

    ``whole_platform``: the trouble is not this grade's, everything to the platform waits. ``whole_column``: it is
    that of every grade in this column. ``new_url``: the column was found again under another address.
    """

    verdict: Verdict
    overruled_by: float | None = None  # percent: a newer, different grade is there
    whole_platform: bool = False
    whole_column: bool = False
    new_url: str | None = None


class Sender(Protocol):
    """Sends one grade in the way its platform understands."""

    def post(self, platform: Registered, due: Due, now: datetime) -> Posted: ...


class Postman:
    """Posts one grade; ``Reconciler`` says which and writes down what came of it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def post(self, platform: Registered, due: Due, now: datetime) -> Posted:
        """Send the grade once, with one renewal of the token, and look closer where the answer asks for it."""
        try:
            return self._post(platform, due, now)
        except OutgoingError as error:
            return Posted(Verdict(Outcome.RETRY, error.code), whole_platform=True)
        except ServiceError as error:
            return Posted(Verdict(Outcome.RETRY, error.reason, error.retry_after), whole_platform=True)

    def _post(self, platform: Registered, due: Due, now: datetime) -> Posted:
        answer = self._calls.post(
            platform,
            ags.scores_url(due.url),
            due.score.body(),
            ags.SCORE_TYPE,
            "*/*",
            SCOPE_SCORE,
            now,
        )
        verdict = ags.judge(answer.status, answer.headers, answer.body, int(now.timestamp()))
        if verdict.outcome is Outcome.UNAUTHORISED:
            return Posted(Verdict(Outcome.RETRY, verdict.reason), whole_platform=True)
        if verdict.outcome is Outcome.CONFLICT:
            return self._look_at_result(platform, due, now)
        return Posted(verdict, whole_platform=concerns_all(verdict, answer.status))

    def _look_at_result(self, platform: Registered, due: Due, now: datetime) -> Posted:
        """An equal or newer timestamp is there: our own, whose answer got lost, or a teacher's (AGS-15)."""
        if SCOPE_RESULT_READONLY not in due.scopes:
            return Posted(Verdict(Outcome.DELIVERED, "not_verified"))
        answer = self._calls.get(
            platform, ags.results_url(due.url, due.sub), ags.RESULTS_TYPE, SCOPE_RESULT_READONLY, now
        )
        if answer.status != 200:
            return Posted(Verdict(Outcome.RETRY, "results_unavailable"))
        found, there = ags.compare_result(answer.body, due.sub, due.score)
        if found is Comparison.SAME:
            return Posted(Verdict(Outcome.DELIVERED, "delivered"))
        if found is Comparison.NEWER_DIFFERENT:
            return Posted(Verdict(Outcome.DELIVERED, "overruled"), overruled_by=there)
        return Posted(Verdict(Outcome.CONFLICT, "timestamp_not_newer", attempts=3))


def concerns_all(verdict: Verdict, status: int) -> bool:
    """Whether an answer is about the platform, not about what was asked."""
    return verdict.outcome is Outcome.THROTTLED or status in GATEWAY or 300 <= status < 400
