"""The reconciler: makes the LMS agree with the desired grades.

The rows are the truth; a job only drains them. For each platform one sender at a time holds a lease, so grades of one
person arrive in order and the platform is not crowded. A sender that is killed leaves its lease to run out; whatever
it was sending is sent again with the same timestamp, which the platform recognises (AGS-20, AGS-24).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from sqlalchemy import Connection, or_, select, update

from lms_tool.database import Database
from lms_tool.lti import ags
from lms_tool.lti.ags import Outcome
from lms_tool.models import Delivery, LineItem, Person, Platform, Score, Status
from lms_tool.services.columns import NONE_THERE, Columns, SearchEnded
from lms_tool.services.platforms import REGISTERED, Registered
from lms_tool.services.postings import Due, Posted, Sender

LEASE = timedelta(seconds=90)  # longer than most exchanges take; a sender that outlives it notices and stops
MIN_PAUSE = 5.0  # seconds; a platform that is busy "for 0 seconds" is still busy
PACE = 0.02  # seconds between two posts to one platform
GIVE_UP = timedelta(days=14)  # for a single grade that only ever meets errors
# Trouble of one column that an administrator of the platform must look into.
ALARMING = frozenset({"paging_refused", "paging_endless"})
Clock = Callable[[], datetime]


class Reconciler:
    def __init__(
        self,
        database: Database,
        postman: Sender,
        columns: Columns,
        clock: Clock,
        *,
        jitter: Callable[[], float] = random.random,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._postman = postman
        self._columns = columns
        self._clock = clock
        self._jitter = jitter
        self._pause = pause

    def waiting(self) -> list[int]:
        """Platforms that have a grade to receive now."""
        now = self._clock()
        with self._database.read() as db:
            return list(
                db.scalars(
                    _open_scores(select(Platform.id), now)
                    .where(_not_paused(now))
                    .distinct()
                    .order_by(Platform.id)
                )
            )

    def drain(self, platform_id: int, *, seconds: float = inf) -> int:
        """Send what is due to one platform, oldest first; returns how many grades were settled.

        Stops after about ``seconds``: a slow platform must not keep a worker from the others. Does nothing while
        somebody else holds the lease or the platform asked to be left alone.
        """
        settled = 0
        end = time.monotonic() + seconds
        while (lease := self._lease(platform_id)) is not None:
            try:
                while (
                    lease is not None
                    and time.monotonic() < end
                    and (found := self._next(platform_id)) is not None
                ):
                    platform, due = found
                    posted = self._send(platform, due)
                    if posted is not None:
                        done, lease = self._conclude(platform_id, lease, due, posted)
                        settled += done
                    self._pause(PACE)
            finally:
                if lease is not None:
                    self._release(platform_id, lease)
            if lease is None or time.monotonic() >= end:
                break
            # A grade that came in after the last look found the lease taken and gave up: look once more.
            if self._next(platform_id) is None:
                break
        return settled

    def _send(self, platform: Registered, due: Due) -> Posted | None:
        """Post one grade, after finding or making its column; None while another process is at that."""
        if not due.url:
            try:
                url = self._columns.find_or_make(platform, due.line_item_id)
            except SearchEnded as ended:
                return ended.posted
            if url is None:
                return None
            due = replace(due, url=url)
        posted = self._postman.post(platform, due, self._clock())
        if posted.verdict.outcome is Outcome.GONE and not due.looked_up:
            return self._columns.look_again(platform, due.line_item_id, due.url)
        return posted

    def _release(self, platform_id: int, lease: datetime) -> None:
        """Give back what is still ours."""
        with self._database.write() as db:
            db.execute(
                update(Platform)
                .where(Platform.id == platform_id, Platform.delivery_lease == lease)
                .values(delivery_lease=None)
            )

    def _lease(self, platform_id: int) -> datetime | None:
        """Until when this process alone sends to the platform; None if another one does."""
        now = self._clock()
        until = now + LEASE
        with self._database.write() as db:
            taken = db.execute(
                update(Platform)
                .where(
                    Platform.id == platform_id,
                    or_(Platform.delivery_lease.is_(None), Platform.delivery_lease <= now),
                )
                .values(delivery_lease=until)
            ).rowcount
        return until if taken else None

    def _next(self, platform_id: int) -> tuple[Registered, Due] | None:
        now = self._clock()
        with self._database.read() as db:
            row = db.execute(
                _open_scores(
                    REGISTERED.add_columns(
                        Platform.delivery_failures,
                        Platform.delivery_problem,
                        Score.id.label("score_id"),
                        Score.version,
                        Person.sub,
                        Score.given,
                        Score.completed,
                        Score.timestamp,
                        Score.tries,
                        Score.first_tried_at,
                        LineItem.id.label("line_item_id"),
                        LineItem.url,
                        LineItem.scopes,
                        LineItem.looked_up_at,
                    ),
                    now,
                )
                .join(Person, Person.id == Score.person_id)
                .where(Platform.id == platform_id, _not_paused(now))
                .order_by(Score.timestamp, Score.id)
                .limit(1)
            ).first()
            if row is None:
                return None
        return Registered(*row[: len(Registered._fields)]), Due(
            score_id=row.score_id,
            version=row.version,
            sub=row.sub,
            given=row.given,
            completed=row.completed,
            timestamp=row.timestamp,
            tries=row.tries,
            first_tried_at=row.first_tried_at,
            line_item_id=row.line_item_id,
            url=row.url,
            scopes=frozenset(row.scopes),
            looked_up=row.looked_up_at is not None,
            failures=row.delivery_failures,
            in_trouble=row.delivery_problem is not None,
        )

    def _conclude(
        self, platform_id: int, lease: datetime, due: Due, posted: Posted
    ) -> tuple[bool, datetime | None]:
        """Write down what came of it: whether the grade is settled for now, and the lease, if it is still ours."""
        now = self._clock()
        values = self._outcome(due, posted, now)
        with self._database.write() as db:
            about_column = posted.whole_column or posted.verdict.outcome is Outcome.GONE
            if about_column and _column_moved(db, due):
                values = {"state": Delivery.PENDING}  # a launch has named another one meanwhile
            # Only if nobody wanted another grade meanwhile: the newer one stays pending.
            db.execute(
                update(Score).where(Score.id == due.score_id, Score.version == due.version).values(**values)
            )
            if posted.verdict.outcome is Outcome.GONE:
                self._found_again(db, due, posted, now)
            if posted.whole_column:
                self._hold_column(db, due, values)
            extended = self._note(db, platform_id, lease, due, posted, now)
        return bool(values["state"] != Delivery.PENDING), extended

    def _outcome(self, due: Due, posted: Posted, now: datetime) -> dict[str, Any]:
        verdict = posted.verdict
        tries = due.tries + 1
        first = due.first_tried_at or now
        if verdict.outcome is Outcome.DELIVERED:
            overruled = verdict.reason == "overruled"
            return {
                "state": Delivery.OVERRULED if overruled else Delivery.SENT,
                "overruled_by": posted.overruled_by,
                "delivered_at": now,
                "reason": None,
                "tries": tries,
                "first_tried_at": first,
            }
        waiting: dict[str, Any] = {
            "state": Delivery.PENDING,
            "reason": verdict.reason,
            "tries": tries,
            "first_tried_at": first,
        }
        if posted.whole_platform or (verdict.outcome is Outcome.GONE and posted.new_url is not None):
            return waiting  # due again as soon as the platform takes anything
        if verdict.outcome is Outcome.CONFLICT and tries < (verdict.attempts or 1):
            # Refused as not newer, yet no grade is there: say it again with a newer time.
            return waiting | {
                "timestamp": max(now.replace(microsecond=0), due.timestamp + timedelta(seconds=1))
            }
        if verdict.outcome is Outcome.RETRY:
            bounded = verdict.attempts is not None and tries >= verdict.attempts
            if not bounded and now - first < GIVE_UP:
                return waiting | {"next_try_at": now + timedelta(seconds=ags.backoff(tries, self._jitter()))}
            reason = verdict.reason if bounded else "unreachable"
            return waiting | {"state": Delivery.FAILED, "reason": reason}
        # No column, and none to be made: the teacher wants no grade there, and nobody needs to mend that.
        state = Delivery.DROPPED if verdict.reason == NONE_THERE else Delivery.FAILED
        return waiting | {"state": state}

    def _hold_column(self, db: Connection, due: Due, values: dict[str, Any]) -> None:
        """What was said of a column holds for every grade in it: later, or not at all."""
        if values["state"] != Delivery.PENDING:
            db.execute(
                update(Score)
                .where(Score.line_item_id == due.line_item_id, Score.state == Delivery.PENDING)
                .values(state=values["state"], reason=values["reason"])
            )
        elif (next_try := values.get("next_try_at")) is not None:
            db.execute(
                update(Score)
                .where(Score.line_item_id == due.line_item_id, Score.state == Delivery.PENDING)
                .values(next_try_at=next_try)
            )

    def _found_again(self, db: Connection, due: Due, posted: Posted, now: datetime) -> None:
        values: dict[str, Any] = {"looked_up_at": now}
        if posted.new_url is not None:
            values["url"] = posted.new_url
        db.execute(
            update(LineItem).where(LineItem.id == due.line_item_id, LineItem.url == due.url).values(**values)
        )

    def _note(
        self, db: Connection, platform_id: int, lease: datetime, due: Due, posted: Posted, now: datetime
    ) -> datetime | None:
        """Open or close the platform's circuit; extend the lease, unless another process has it by now."""
        values: dict[str, Any] = {}
        if posted.whole_platform:
            failures = due.failures + 1
            wait = posted.verdict.retry_after
            seconds = max(MIN_PAUSE, wait) if wait is not None else ags.backoff(failures, self._jitter())
            values = {
                "delivery_failures": failures,
                "delivery_paused_until": now + timedelta(seconds=seconds),
                "delivery_problem": posted.verdict.reason,
            }
        elif posted.verdict.outcome is Outcome.FORBIDDEN or posted.verdict.reason in ALARMING:
            values = {"delivery_problem": posted.verdict.reason}
        elif due.failures or due.in_trouble:
            values = {"delivery_failures": 0, "delivery_paused_until": None, "delivery_problem": None}
        if values:
            db.execute(update(Platform).where(Platform.id == platform_id).values(**values))
        until = now + LEASE
        kept = db.execute(
            update(Platform)
            .where(Platform.id == platform_id, Platform.delivery_lease == lease)
            .values(delivery_lease=until)
        ).rowcount
        return until if kept else None


def _column_moved(db: Connection, due: Due) -> bool:
    """Whether the column has another address than when the grade was taken up; holds it until the commit."""
    url = db.scalar(select(LineItem.url).where(LineItem.id == due.line_item_id).with_for_update())
    return url != due.url


def _open_scores(statement: Any, now: datetime) -> Any:
    return (
        statement.select_from(Score)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Platform, Platform.id == LineItem.platform_id)
        .where(
            Score.state == Delivery.PENDING,
            Score.next_try_at <= now,
            Platform.status == Status.ACTIVE,
            # Not while somebody is looking for the column.
            or_(LineItem.url != "", LineItem.making.is_(None), LineItem.making <= now),
        )
    )


def _not_paused(now: datetime) -> Any:
    return or_(Platform.delivery_paused_until.is_(None), Platform.delivery_paused_until <= now)
