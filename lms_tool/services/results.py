"""What teachers made of our grades: read from the LMS now and then, believed, and shown (AGS 2.0 section 3.3).

An LMS takes a score politely and keeps the teacher's own grade above it (Moodle answers 200). Nobody is told of that,
so the column is read: where another grade stands, it wins and is shown as the teacher's. Nothing is concluded from a
grade that is missing, and nothing is ever sent because of what was read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, exists, or_, select, update

from lms_tool.database import Database
from lms_tool.http import OutgoingError
from lms_tool.lti import ags
from lms_tool.lti.claims import SCOPE_RESULT_READONLY
from lms_tool.lti.links import Pages, next_link
from lms_tool.lti.service import ServiceError
from lms_tool.models import Delivery, LineItem, Person, Platform, Score, Status
from lms_tool.services.calls import Calls
from lms_tool.services.platforms import REGISTERED, Registered

log = logging.getLogger(__name__)

EVERY = timedelta(hours=6)
SETTLED = timedelta(minutes=30)  # a grade that has just been sent needs no question
LATELY = timedelta(days=120)  # a course that is over is not asked about for ever
TURN = 60.0  # seconds in all for one run of the job
MAX_PAGES = 20
MAX_BYTES = 4 * 1024 * 1024  # of a page: Moodle gives a whole course at once


class ResultsReader:
    def __init__(self, database: Database, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._calls = calls
        self._clock = clock

    def run(self) -> int:
        """Read the columns that are due, for about a minute; returns how many."""
        end, done = time.monotonic() + TURN, 0
        for line_item_id in self.due():
            if time.monotonic() >= end:
                break
            done += self.read(line_item_id)
        return done

    def due(self) -> list[int]:
        """Columns with delivered grades that were not asked about lately, the longest first."""
        now = self._clock()
        delivered = exists().where(
            Score.line_item_id == LineItem.id,
            Score.state.in_([Delivery.SENT, Delivery.OVERRULED]),
            Score.delivered_at.between(now - LATELY, now - SETTLED),
        )
        with self._database.read() as db:
            rows = db.execute(
                select(LineItem.id, LineItem.scopes)
                .join(Platform, Platform.id == LineItem.platform_id)
                .where(
                    LineItem.url != "",
                    _asked_before(now - EVERY),
                    Platform.status == Status.ACTIVE,
                    or_(Platform.delivery_paused_until.is_(None), Platform.delivery_paused_until <= now),
                    delivered,
                )
                .order_by(LineItem.results_at.nulls_first(), LineItem.id)
            )
            return [line_item_id for line_item_id, scopes in rows if SCOPE_RESULT_READONLY in scopes]

    def read(self, line_item_id: int) -> bool:
        """Ask about one column and note what stands there; False if another process is at it or it said nothing."""
        now = self._clock()
        with self._database.write() as db:
            claimed = db.execute(
                update(LineItem)
                .where(LineItem.id == line_item_id, _asked_before(now - EVERY))
                .values(results_at=now)
            ).rowcount
            if not claimed:
                return False
            row = db.execute(
                REGISTERED.add_columns(LineItem.url)
                .join(LineItem, LineItem.platform_id == Platform.id)
                .where(LineItem.id == line_item_id)
            ).one()
            before = _delivered(db, line_item_id)
        try:
            there = self._ask(Registered(*row[:-1]), row.url)
        except (OutgoingError, ServiceError) as error:
            # It is asked again in some hours; grades that wait meet the same trouble and report it.
            log.info("results_unread", extra={"line_item": line_item_id, "reason": error.reason})
            return False
        with self._database.write() as db:
            for score_id, version, sub, given in before:
                if sub in there:
                    _note(db, score_id, version, given, there[sub])
        return True

    def _ask(self, platform: Registered, url: str) -> dict[str, float]:
        """All grades of a column by user id. Raises OutgoingError, ServiceError."""
        found: dict[str, float] = {}
        pages, following = Pages(MAX_PAGES), ags.results_url(url)
        while True:
            pages.turn_to(following)
            now = self._clock()
            answer = self._calls.get(
                platform, following, ags.RESULTS_TYPE, SCOPE_RESULT_READONLY, now, max_bytes=MAX_BYTES
            )
            if answer.status != 200:
                raise ags.ResultsUnreadable(answered=answer.status)
            found |= ags.read_results(answer.body)
            target = next_link(answer.headers, following, platform.hosts)
            if target is None:
                return found
            following = target


def _asked_before(moment: datetime) -> ColumnElement[bool]:
    return or_(LineItem.results_at.is_(None), LineItem.results_at <= moment)


def _delivered(db: Connection, line_item_id: int) -> list[tuple[int, int, str, float]]:
    rows = db.execute(
        select(Score.id, Score.version, Person.sub, Score.given)
        .join(Person, Person.id == Score.person_id)
        .where(Score.line_item_id == line_item_id, Score.state.in_([Delivery.SENT, Delivery.OVERRULED]))
    )
    return [(row.id, row.version, row.sub, row.given) for row in rows]


def _note(db: Connection, score_id: int, version: int, given: float, there: float) -> None:
    same = ags.same_grade(there, given)
    db.execute(
        update(Score)
        # Only if nothing better has come in since the question was asked.
        .where(
            Score.id == score_id,
            Score.version == version,
            Score.state.in_([Delivery.SENT, Delivery.OVERRULED]),
        )
        .values(state=Delivery.SENT if same else Delivery.OVERRULED, overruled_by=None if same else there)
    )
