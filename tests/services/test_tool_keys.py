"""Rotation of our signing keys: overlap, one key however many rotate, and no token request that fails meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import builders
import pytest
from builders import NOW
from caching import Asking, Caching
from office import SECRET, Office
from outgoing import Clock, Sent
from sqlalchemy import func, select

from lms_tool.database import Database
from lms_tool.http import Response
from lms_tool.models import AuditEvent, ToolKey
from lms_tool.services import tool_keys
from lms_tool.services.platforms import Registered
from lms_tool.services.tokens import Tokens
from lms_tool.services.vault import Vault

VAULT = Vault(SECRET)
DAY = timedelta(days=1)


@pytest.fixture
def first(database: Database) -> str:
    """The id of the first key."""
    with database.write() as db:
        tool_keys.ensure(db, VAULT, NOW)
        return tool_keys.listing(db, NOW)[0].kid


def rotate(database: Database, now: datetime) -> str | None:
    with database.write() as db:
        return tool_keys.rotate(db, VAULT, now)


def signs(database: Database, now: datetime) -> str:
    with database.read() as db:
        return tool_keys.signing(db, VAULT, now).kid


def published(database: Database, now: datetime) -> set[str]:
    with database.read() as db:
        return {key["kid"] for key in tool_keys.public_set(db, now)["keys"]}


def count(database: Database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(ToolKey)) or 0


def test_a_key_is_published_a_day_before_it_signs_and_a_week_after_it_was_replaced(
    database: Database, first: str
) -> None:
    at = NOW + 90 * DAY
    second = rotate(database, at)
    assert published(database, at) == {first, second}
    assert signs(database, at + DAY - timedelta(seconds=1)) == first
    assert signs(database, at + DAY) == second
    assert first in published(database, at + 8 * DAY - timedelta(seconds=1))
    assert published(database, at + 8 * DAY) == {second}


def test_the_listing_says_when(database: Database, first: str) -> None:
    at = (NOW + 90 * DAY).replace(microsecond=0)
    rotate(database, at)
    with database.read() as db:
        old, new = tool_keys.listing(db, at)
    assert (old.kid, old.signs, old.published_until) == (first, True, at + 8 * DAY)
    assert (new.signs, new.signs_from, new.published_until) == (False, at + DAY, None)


def test_the_schedule_rotates_when_the_newest_key_is_old(database: Database, first: str) -> None:
    assert tool_keys.keep_fresh(database, VAULT, NOW + 90 * DAY - timedelta(seconds=1), 90) is None
    assert count(database) == 1
    made = tool_keys.keep_fresh(database, VAULT, NOW + 90 * DAY, 90)
    assert made is not None and made != first
    assert tool_keys.keep_fresh(database, VAULT, NOW + 90 * DAY, 90) is None
    with database.read() as db:
        line = db.execute(select(AuditEvent)).one()
    assert (line.code, line.actor, line.details) == ("key_rotated", "system", {"kid": made})


def test_the_schedule_can_be_switched_off(database: Database, first: str) -> None:
    assert tool_keys.keep_fresh(database, VAULT, NOW + 5000 * DAY, 0) is None
    assert count(database) == 1


def test_the_schedule_deletes_private_keys_that_are_no_longer_published(
    database: Database, first: str
) -> None:
    rotate(database, NOW)
    tool_keys.keep_fresh(database, VAULT, NOW + 7 * DAY, 90)
    assert count(database) == 2
    tool_keys.keep_fresh(database, VAULT, NOW + 8 * DAY, 90)
    assert count(database) == 1


def test_machines_that_rotate_at_once_make_one_key(database: Database, first: str) -> None:
    at = NOW + 90 * DAY
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda _: tool_keys.keep_fresh(database, VAULT, at, 90), range(6)))
    assert len([kid for kid in made if kid]) == 1
    assert count(database) == 2


def test_processes_that_begin_at_once_make_one_key(database: Database) -> None:
    def begin(_: int) -> None:
        with database.write() as db:
            tool_keys.ensure(db, VAULT, NOW)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(begin, range(6)))
    assert count(database) == 1


def test_who_knew_an_older_key_makes_none(database: Database, first: str) -> None:
    rotate(database, NOW)
    with database.write() as db:
        assert tool_keys.rotate(db, VAULT, NOW, following=first) is None
    assert count(database) == 2


def test_no_token_request_fails_while_keys_rotate(database: Database, first: str) -> None:
    """Twelve days in steps of six hours, a rotation every other day, eight requests at once in each step."""
    clock = Clock(NOW)
    platform = Caching(database, clock)
    tokens = Tokens(database, Asking(platform), VAULT)  # type: ignore[arg-type]
    with database.write() as db:
        at = builders.platform(db)
    answered = 0
    for step in range(48):
        with ThreadPoolExecutor(9) as threads:
            asked = [threads.submit(ask, tokens, at, clock(), number) for number in range(8)]
            if step % 8 == 4:
                threads.submit(rotate, database, clock()).result()
            answered += sum(one.result() == "t" for one in asked)
        clock.forward(hours=6)
    assert answered == 48 * 8
    assert platform.refused == []
    assert len(platform.taken) >= 5, "the keys did change"


def ask(tokens: Tokens, at: Registered, now: datetime, number: int) -> str:
    return tokens.get(at, frozenset({f"https://scope.example/{number}"}), now)


def test_no_grade_is_lost_while_keys_rotate(office: Office) -> None:
    """Each quarter of a day somebody finishes, twelve days long; keys change every other day, tokens last an hour."""
    platform = Caching(office.room.database, office.clock)
    honest = office.wire.honest

    def answering(request: Sent) -> Response:
        if not request.path.endswith("/token"):
            return honest(request)
        proven = platform.token(request)
        return honest(request) if proven.status == 200 else proven

    office.wire.honest = answering  # type: ignore[method-assign]
    for step in range(48):
        if step % 8 == 4:
            rotate(office.room.database, office.clock())
        office.complete(f"u-{step}", activity_id="l1")
        office.drain()
        office.clock.forward(hours=6)
    assert platform.refused == []
    assert len(platform.taken) >= 5
    for number in range(48):
        assert len(office.posts(f"u-{number}")) == 1
        assert office.stored(f"u-{number}")["scoreGiven"] == 100
