"""Reading a roster from the platform: page by page, bounded, all or nothing (NRPS 2.0)."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from lms_tool.database import Database
from lms_tool.http import OutgoingError, TimedOut, TooLarge
from lms_tool.lti.claims import SCOPE_MEMBERSHIP_READONLY
from lms_tool.lti.links import Pages, PagingRefused, related_link
from lms_tool.lti.nrps import (
    MAX_PAGES,
    MEMBERS_TYPE,
    PAGE,
    Gathering,
    RosterBusy,
    RosterForbidden,
    RosterGone,
    RosterTooLarge,
    check_answer,
    members_url,
    role_filter,
)
from lms_tool.lti.service import ServiceError, TokenRefused
from lms_tool.services import rosters
from lms_tool.services.calls import Calls
from lms_tool.services.rosters import Found, Reading

log = logging.getLogger(__name__)

PATIENCE = 120.0  # seconds for all pages together; the lease lasts longer
BYTES_EACH = 800  # that a member may take, on the average of a page as long as the limit
PAGES_FULL = 4  # pages of that size in all
MIN_PAUSE = timedelta(seconds=5)  # a platform that is busy "for 0 seconds" is still busy
BUSY_PAUSE = timedelta(minutes=10)  # for one that does not say for how long
FIRST_WAIT = timedelta(minutes=5)  # after a failure; doubles with each further one
LONGEST_WAIT = timedelta(days=1)
# The platform gives no token for the roster: nothing to be had until somebody mends it there.
NO_RIGHT = frozenset({"invalid_scope", "unauthorized_client"})


class RosterReader:
    """``limit`` is how many members a roster may have. Network calls never happen inside a transaction."""

    def __init__(
        self,
        database: Database,
        calls: Calls,
        clock: Callable[[], datetime],
        limit: int,
        *,
        jitter: Callable[[], float] = random.random,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._calls = calls
        self._clock = clock
        self._limit = limit
        self._jitter = jitter
        self._stopwatch = stopwatch

    def waiting(self) -> list[int]:
        """Contexts whose roster is to be read now."""
        with self._database.read() as db:
            return rosters.waiting(db, self._clock())

    def read(self, context_id: int) -> bool:
        """Read one roster if it is due and nobody else does; whether everything went well.

        A reader that is killed leaves its lease to run out; then it is read again from the beginning.
        """
        with self._database.write() as db:
            reading = rosters.begin(db, context_id, self._clock())
        if reading is None:
            return False
        try:
            found = self._gather(reading)
        except (ServiceError, OutgoingError) as error:
            self._give_up(reading, error)
            return False
        with self._database.write() as db:
            done = rosters.finish(db, reading, found, self._clock())
        log.info("roster_read", extra={"context": context_id, "members": len(found.members), "kept": done})
        return done

    def _gather(self, reading: Reading) -> Found:
        """Only what changed, if the platform keeps count of that for us; else everything."""
        end = self._stopwatch() + PATIENCE
        if reading.differences_url is not None:
            try:
                return self._pages(reading, reading.differences_url, end, complete=False)
            except ServiceError as error:
                if isinstance(error, RosterBusy | TokenRefused):
                    raise
                log.info("roster_differences", extra={"context": reading.context_id, "code": error.reason})
        return self._pages(reading, members_url(reading.url), end, complete=True)

    def _pages(self, reading: Reading, start: str, end: float, *, complete: bool) -> Found:
        gathering = Gathering(self._limit, role_filter(reading.url))
        differences: str | None = None
        page_size = max(self._limit, PAGE) * BYTES_EACH
        left = page_size * PAGES_FULL
        pages = Pages(MAX_PAGES)
        url: str | None = start
        while url is not None:
            pages.turn_to(url)
            body, headers = self._page(reading, url, min(page_size, left), end)
            left -= len(body)
            gathering.add(body)
            hosts = reading.platform.hosts
            try:
                differences = related_link(headers, "differences", url, hosts) or differences
            except PagingRefused:
                log.info("roster_differences", extra={"context": reading.context_id, "code": "refused"})
            url = related_link(headers, "next", url, hosts)
        return Found(gathering.members, gathering.skipped, complete, differences)

    def _page(
        self, reading: Reading, url: str, max_bytes: int, end: float
    ) -> tuple[bytes, Mapping[str, str]]:
        now = self._clock()
        if self._stopwatch() >= end:
            raise TimedOut(step="roster")
        try:
            answer = self._calls.get(
                reading.platform, url, MEMBERS_TYPE, SCOPE_MEMBERSHIP_READONLY, now, max_bytes=max_bytes
            )
        except TooLarge:
            raise RosterTooLarge(bytes=max_bytes) from None
        check_answer(answer.status, answer.headers, int(now.timestamp()))
        return answer.body, answer.headers

    def _give_up(self, reading: Reading, error: ServiceError | OutgoingError) -> None:
        now = self._clock()
        problem, busy = error.reason, False
        wait: timedelta | None = self._wait(reading.failures)
        if isinstance(error, RosterBusy) or error.retry_after is not None:
            asked = BUSY_PAUSE if error.retry_after is None else timedelta(seconds=error.retry_after)
            problem, wait, busy = RosterBusy.code, max(MIN_PAUSE, asked), True
        elif isinstance(error, TokenRefused):
            if error.details.get("error") in NO_RIGHT:
                problem, wait = RosterForbidden.code, None
        elif isinstance(error, RosterForbidden | RosterGone | RosterTooLarge):
            wait = None
        log.info("roster_failed", extra={"context": reading.context_id, "code": error.reason})
        with self._database.write() as db:
            rosters.give_up(db, reading, problem, wait, now, busy=busy)

    def _wait(self, failures: int) -> timedelta:
        planned = FIRST_WAIT * 2.0 ** min(failures, 12) * (0.75 + self._jitter() / 2)
        return min(planned, LONGEST_WAIT)
