"""Finding or making the column of a placement that the launch did not name (AGS 2.0 sections 3.1 and 3.2).

Asked for by the reconciler when a grade is due, never by a launch: nobody waits for it, and a column that nobody has a
grade for is not made. Whoever looks holds ``LineItem.making``, so that two processes make one column (AGS-30); each
look begins with asking the platform, so a column whose making was not answered is found, not made again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, or_, select, update

from lms_tool.database import Database
from lms_tool.http import OutgoingError
from lms_tool.lti import line_items
from lms_tool.lti.ags import Outcome, Verdict
from lms_tool.lti.claims import SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, service_url
from lms_tool.lti.line_items import Item, Wanted
from lms_tool.lti.links import Pages, PagingLoop, PagingRefused, next_link
from lms_tool.lti.service import ServiceError, TokenRefused
from lms_tool.models import LineItem, ResourceLink
from lms_tool.services.calls import Calls
from lms_tool.services.platforms import Registered
from lms_tool.services.postings import Posted, concerns_all

LEASE = timedelta(minutes=5)  # longer than everything below takes together
PATIENCE = 60.0  # seconds for a list with all its pages
NONE_THERE = "no_line_item"  # and we may not, or should not, make one
# Ends of a search that another launch may change: it names the column, or grants the right to make it.
COLUMN_REASONS = frozenset(
    {NONE_THERE, "line_item_gone", "line_items_forbidden", "line_items_gone", "line_items_refused"}
)


class SearchEnded(Exception):
    """No column came of it; ``posted`` says why and what waits."""

    def __init__(self, posted: Posted) -> None:
        self.posted = posted


@dataclass(frozen=True, slots=True)
class Column:
    """A column to look for, as read from its row."""

    id: int
    platform_id: int
    container_url: str | None
    scopes: frozenset[str]
    made_by_us: bool
    wanted: Wanted


class Columns:
    def __init__(self, database: Database, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._calls = calls
        self._clock = clock

    def find_or_make(self, platform: Registered, line_item_id: int) -> str | None:
        """The address of a column whose row has none yet; None while another process is looking for it.

        Raises:
            SearchEnded: it is not there, or the platform said nothing useful.
        """
        now = self._clock()
        until = now + LEASE
        with self._database.write() as db:
            if not _take(db, line_item_id, now, until):
                # Another process has just found it, or still looks.
                return db.scalar(select(LineItem.url).where(LineItem.id == line_item_id)) or None
            column = _read(db, line_item_id)
        try:
            with _as_ends():
                url = self._find(platform, column)
                if made := url is None:
                    if SCOPE_LINEITEM not in column.scopes:
                        raise SearchEnded(Posted(Verdict(Outcome.REFUSED, NONE_THERE), whole_column=True))
                    held = self._hold_on(line_item_id, until)
                    if held is None:
                        return None
                    until = held
                    url = self._make(platform, column)
        except SearchEnded:
            with self._database.write() as db:
                _give_back(db, line_item_id, until)
            raise
        with self._database.write() as db:
            _give_back(db, line_item_id, until, url=url, made_by_us=made)
            return db.scalar(select(LineItem.url).where(LineItem.id == line_item_id)) or url

    def look_again(self, platform: Registered, line_item_id: int, gone: str) -> Posted:
        """After a 404: look the column up once more (AGS-13); one that we made ourselves is to be made again.

        A column that the LMS made and somebody removed there is not replaced: that was a teacher's decision.
        """
        with self._database.read() as db:
            column = _read(db, line_item_id)
        verdict = Verdict(Outcome.GONE, "line_item_gone")
        try:
            with _as_ends():
                found = self._find(platform, column, gone)
        except SearchEnded as ended:
            waits = ended.posted.verdict.outcome in (Outcome.RETRY, Outcome.THROTTLED)
            return ended.posted if waits else Posted(verdict)
        if found is None and column.made_by_us and SCOPE_LINEITEM in column.scopes:
            found = ""  # without an address it goes the way of a new one
        return Posted(verdict, new_url=found)

    def _hold_on(self, line_item_id: int, until: datetime) -> datetime | None:
        """Asking may have taken long: make sure that the column is still ours to make, for as long as that takes."""
        longer = self._clock() + LEASE
        with self._database.write() as db:
            kept = db.execute(
                update(LineItem)
                .where(LineItem.id == line_item_id, LineItem.making == until, LineItem.url == "")
                .values(making=longer)
            ).rowcount
        return longer if kept else None

    def _find(self, platform: Registered, column: Column, gone: str = "") -> str | None:
        """By the placement's id, then by our own ids; if one is ``gone``, only by the former, and never that one."""
        container, wanted = column.container_url, column.wanted
        if container is None or not column.scopes & {SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY}:
            return None
        end = time.monotonic() + PATIENCE

        def listed(url: str) -> list[Item]:
            return [i for i in self._list(platform, column, url, end) if i.url != gone]

        chosen = line_items.choose_of_link(listed(line_items.of_link_url(container, wanted)), wanted)
        if chosen is None and not gone:
            with self._database.read() as db:
                taken = _taken(db, column)
            others = listed(line_items.of_resource_url(container, wanted))
            chosen = line_items.choose_of_resource(others, wanted, taken)
        return None if chosen is None else self._believed(platform, container, chosen)

    def _list(self, platform: Registered, column: Column, url: str, end: float) -> Iterator[Item]:
        readable = SCOPE_LINEITEM_READONLY in column.scopes
        scope = SCOPE_LINEITEM_READONLY if readable else SCOPE_LINEITEM
        pages = Pages(line_items.MAX_PAGES)
        following: str | None = url
        while following is not None:
            pages.turn_to(following)
            if time.monotonic() > end:
                raise PagingLoop(problem="takes too long")
            now = self._clock()  # anew each time: this may take minutes, and a token is asked for with it
            answer = self._calls.get(platform, following, line_items.LIST_TYPE, scope, now)
            _check(answer.status, line_items.judge_list(answer.status, answer.headers, int(now.timestamp())))
            yield from line_items.read_list(answer.body)
            following = next_link(answer.headers, following, platform.hosts)

    def _make(self, platform: Registered, column: Column) -> str:
        assert column.container_url is not None
        now = self._clock()
        answer = self._calls.post(
            platform,
            column.container_url,
            line_items.new_item(column.wanted),
            line_items.ITEM_TYPE,
            line_items.ITEM_TYPE,
            SCOPE_LINEITEM,
            now,
        )
        _check(answer.status, line_items.judge_list(answer.status, answer.headers, int(now.timestamp())))
        return self._believed(platform, column.container_url, line_items.read_one(answer.body))

    def _believed(self, platform: Registered, container: str, item: Item) -> str:
        """The column's address, if grades may go there: where the list is, or by https to a host of the platform."""
        url = service_url(item.url, lambda host: self._calls.allows_http(platform, host))
        if url is not None:
            found, here = urlsplit(url), urlsplit(container)
            same = (found.scheme, found.netloc) == (here.scheme, here.netloc)
            if same or (
                found.scheme == "https" and found.port in (None, 443) and found.hostname in platform.hosts
            ):
                return url
        raise SearchEnded(Posted(Verdict(Outcome.REFUSED, "line_items_refused"), whole_column=True))


def _check(status: int, verdict: Verdict | None) -> None:
    """Raises SearchEnded unless the answer was a success."""
    if verdict is None:
        return
    if verdict.outcome is Outcome.UNAUTHORISED:
        raise SearchEnded(Posted(Verdict(Outcome.RETRY, verdict.reason), whole_platform=True))
    raise SearchEnded(Posted(verdict, whole_platform=concerns_all(verdict, status), whole_column=True))


@contextmanager
def _as_ends() -> Iterator[None]:
    """What the wire and the other side's answers raise, as ends of a search."""
    try:
        yield
    except PagingRefused as error:
        # Nothing is made while a part of the list is unknown; somebody must look at that platform (AGS-32).
        raise SearchEnded(Posted(Verdict(Outcome.RETRY, error.reason), whole_column=True)) from error
    except TokenRefused as error:
        if error.details.get("error") == "invalid_scope":  # Moodle promises rights that it does not grant
            refused = Verdict(Outcome.FORBIDDEN, "line_items_forbidden")
            raise SearchEnded(Posted(refused, whole_column=True)) from error
        raise SearchEnded(Posted(Verdict(Outcome.RETRY, error.reason), whole_platform=True)) from error
    except line_items.LineItemsUnreadable as error:
        raise SearchEnded(Posted(Verdict(Outcome.RETRY, error.reason), whole_column=True)) from error
    except ServiceError as error:
        waiting = Verdict(Outcome.RETRY, error.reason, error.retry_after)
        raise SearchEnded(Posted(waiting, whole_platform=True)) from error
    except OutgoingError as error:
        raise SearchEnded(Posted(Verdict(Outcome.RETRY, error.code), whole_platform=True)) from error


def _take(db: Connection, line_item_id: int, now: datetime, until: datetime) -> bool:
    return bool(
        db.execute(
            update(LineItem)
            .where(
                LineItem.id == line_item_id,
                LineItem.url == "",
                or_(LineItem.making.is_(None), LineItem.making <= now),
            )
            .values(making=until)
        ).rowcount
    )


def _give_back(db: Connection, line_item_id: int, until: datetime, **found: object) -> None:
    """Unless it was taken over, or a launch has named the column meanwhile."""
    db.execute(
        update(LineItem)
        .where(LineItem.id == line_item_id, LineItem.making == until, LineItem.url == "")
        .values(making=None, **found)
    )


def _read(db: Connection, line_item_id: int) -> Column:
    row = db.execute(
        select(
            LineItem.id,
            LineItem.platform_id,
            LineItem.container_url,
            LineItem.scopes,
            LineItem.made_by_us,
            LineItem.resource_id,
            LineItem.tag,
            LineItem.label,
            ResourceLink.lti_id,
        )
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(LineItem.id == line_item_id)
    ).one()
    wanted = Wanted(row.lti_id, row.resource_id or "", row.tag or "", row.label)
    return Column(row.id, row.platform_id, row.container_url, frozenset(row.scopes), row.made_by_us, wanted)


def _taken(db: Connection, column: Column) -> frozenset[str]:
    """Columns of this platform that other placements report to."""
    return frozenset(
        db.scalars(
            select(LineItem.url).where(
                LineItem.platform_id == column.platform_id, LineItem.id != column.id, LineItem.url != ""
            )
        )
    )
