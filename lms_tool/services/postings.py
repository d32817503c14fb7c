"""One grade on its way: token, score post, and what the platform's answer means. Talks HTTP, writes no grades."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit, urlunsplit

from lms_tool.http import Client, OutgoingError, Response
from lms_tool.lti import ags
from lms_tool.lti.ags import Comparison, Outcome, Verdict
from lms_tool.lti.claims import SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_RESULT_READONLY, SCOPE_SCORE
from lms_tool.lti.service import ServiceError
from lms_tool.services.platforms import Registered
from lms_tool.services.tokens import Tokens

LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
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
    url: str
    container_url: str | None
    scopes: frozenset[str]
    resource_link: str
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
    """What came of it. ``whole_platform``: the trouble is not this grade's, everything to the platform waits."""

    verdict: Verdict
    overruled: bool = False
    whole_platform: bool = False
    new_url: str | None = None  # the line item was found again under another address


class Postman:
    """``client`` may speak to the trusted networks, ``public`` only to the internet.

    Service addresses come from a platform's tokens. Only its own hosts, which an administrator entered, may lie in
    the trusted networks: no platform sends us to the neighbours of another.
    """

    def __init__(self, client: Client, public: Client, tokens: Tokens) -> None:
        self._trusting = client
        self._public = public
        self._tokens = tokens

    def post(self, platform: Registered, due: Due, now: datetime) -> Posted:
        """Send the grade once, with one renewal of the token, and look closer where the answer asks for it."""
        try:
            return self._post(platform, due, now)
        except OutgoingError as error:
            return Posted(Verdict(Outcome.RETRY, error.code), whole_platform=True)
        except ServiceError as error:
            return Posted(Verdict(Outcome.RETRY, error.reason, error.retry_after), whole_platform=True)

    def _post(self, platform: Registered, due: Due, now: datetime) -> Posted:
        seconds = int(now.timestamp())
        answer = self._send(platform, due, now)
        verdict = ags.judge(answer.status, answer.headers, answer.body, seconds)
        if verdict.outcome is Outcome.UNAUTHORISED:
            self._tokens.drop(platform, ags.SENDING_SCOPES)
            answer = self._send(platform, due, now)
            verdict = ags.judge(answer.status, answer.headers, answer.body, seconds)
            if verdict.outcome is Outcome.UNAUTHORISED:
                self._tokens.drop(platform, ags.SENDING_SCOPES)
                return Posted(Verdict(Outcome.RETRY, verdict.reason), whole_platform=True)
        if verdict.outcome is Outcome.CONFLICT:
            return self._look_at_result(platform, due, now)
        if verdict.outcome is Outcome.GONE and not due.looked_up:
            return Posted(verdict, new_url=self._find_again(platform, due, now))
        busy = verdict.outcome is Outcome.THROTTLED or answer.status in GATEWAY or 300 <= answer.status < 400
        return Posted(verdict, whole_platform=busy)

    def _send(self, platform: Registered, due: Due, now: datetime) -> Response:
        return self._client_for(platform, due.url).post(
            ags.scores_url(due.url),
            due.score.body(),
            ags.SCORE_TYPE,
            "*/*",
            headers=self._bearer(platform, frozenset({SCOPE_SCORE}), now),
        )

    def _look_at_result(self, platform: Registered, due: Due, now: datetime) -> Posted:
        """An equal or newer timestamp is there: our own, whose answer got lost, or a teacher's (AGS-15)."""
        if SCOPE_RESULT_READONLY not in due.scopes:
            return Posted(Verdict(Outcome.DELIVERED, "not_verified"))
        answer = self._client_for(platform, due.url).get(
            ags.results_url(due.url, due.sub),
            ags.RESULTS_TYPE,
            total_timeout=40.0,
            headers=self._bearer(platform, frozenset({SCOPE_RESULT_READONLY}), now),
        )
        if answer.status != 200:
            return Posted(Verdict(Outcome.RETRY, "results_unavailable"))
        found = ags.compare_result(answer.body, due.sub, due.score)
        if found is Comparison.SAME:
            return Posted(Verdict(Outcome.DELIVERED, "delivered"))
        if found is Comparison.NEWER_DIFFERENT:
            return Posted(Verdict(Outcome.DELIVERED, "overruled"), overruled=True)
        return Posted(Verdict(Outcome.CONFLICT, "timestamp_not_newer", attempts=3))

    def _find_again(self, platform: Registered, due: Due, now: datetime) -> str | None:
        """After a 404: look the column up once by its resource link (AGS-13)."""
        readable = due.scopes & {SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY}
        if due.container_url is None or not readable:
            return None
        scope = SCOPE_LINEITEM_READONLY if SCOPE_LINEITEM_READONLY in readable else SCOPE_LINEITEM
        parts = urlsplit(due.container_url)
        wanted = "resource_link_id=" + quote(due.resource_link, safe="")
        url = urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, wanted)))))
        answer = self._client_for(platform, url).get(
            url, LINE_ITEMS_TYPE, total_timeout=40.0, headers=self._bearer(platform, frozenset({scope}), now)
        )
        if answer.status != 200:
            return None
        return _other_line_item(answer.body, due)

    def _client_for(self, platform: Registered, url: str) -> Client:
        return self._trusting if urlsplit(url).hostname in platform.hosts else self._public

    def _bearer(self, platform: Registered, scopes: frozenset[str], now: datetime) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens.get(platform, scopes, now)}"}


def _other_line_item(body: bytes, due: Due) -> str | None:
    """Address of the link's one line item, if the platform names another one than we knew, on the same host."""
    try:
        items = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(items, list):
        return None
    ours = [
        item["id"]
        for item in items
        if isinstance(item, dict)
        and isinstance(item.get("id"), str)
        and item.get("resourceLinkId") == due.resource_link
    ]
    if len(ours) != 1 or ours[0] == due.url or urlsplit(ours[0]).netloc != urlsplit(due.url).netloc:
        return None
    return str(ours[0])
