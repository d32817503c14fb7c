"""Platforms' keys: cached for all processes, kept while the platform is down, never asked for too often."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from builders import platform
from conformance.crypto import Key
from outgoing import Clock, Wire, answer
from sqlalchemy import select

from lms_tool.database import Database
from lms_tool.http import TimedOut
from lms_tool.lti.token_errors import KidUnknown, PlatformKeysUnavailable
from lms_tool.models import Platform
from lms_tool.services.platform_keys import PATIENCE, REFETCH, RETRY, STALE, KeyRing
from lms_tool.services.platforms import Registered

OLD, NEW = Key("one", "k1"), Key("two", "k2")
HOUR = timedelta(hours=1)  # how long keys are kept if the platform says nothing


@pytest.fixture
def at(database: Database, wire: Wire) -> Registered:
    publish(wire, OLD)
    with database.write() as db:
        return platform(db)


@pytest.fixture
def ring(database: Database, wire: Wire) -> KeyRing:
    return KeyRing(database, wire)  # type: ignore[arg-type]


def publish(wire: Wire, *keys: Key) -> None:
    wire.keys = json.dumps({"keys": [key.jwk() for key in keys]}).encode()


def ask(ring: KeyRing, at: Registered, clock: Clock, key: Key = OLD) -> Any:
    return ring.candidates(at.id, at.jwks_url, key.kid, clock())


def fetches(wire: Wire) -> int:
    return len(wire.to("/jwks"))


def test_fetched_once_for_all_processes(
    ring: KeyRing, at: Registered, wire: Wire, clock: Clock, database: Database
) -> None:
    first = ask(ring, at, clock)
    assert ask(ring, at, clock) == first
    other = ask(KeyRing(database, wire), at, clock)  # type: ignore[arg-type]
    assert other[0].public_key.public_numbers() == first[0].public_key.public_numbers()
    assert fetches(wire) == 1


def test_renewed_when_their_time_is_over(ring: KeyRing, at: Registered, wire: Wire, clock: Clock) -> None:
    ask(ring, at, clock)
    publish(wire, OLD, NEW)
    clock.now += HOUR - timedelta(seconds=1)
    ask(ring, at, clock)
    assert fetches(wire) == 1
    clock.forward(seconds=1)
    ask(ring, at, clock, NEW)
    assert fetches(wire) == 2


def test_a_withdrawn_key_ends_with_the_next_fetch(
    ring: KeyRing, at: Registered, wire: Wire, clock: Clock
) -> None:
    ask(ring, at, clock)
    publish(wire, NEW)
    clock.now += HOUR
    with pytest.raises(KidUnknown):
        ask(ring, at, clock)


@pytest.mark.parametrize(
    "failure", [TimedOut(), answer(500), answer(200, b"<html>"), answer(200, b'{"keys": []}')], ids=str
)
def test_stale_keys_serve_while_the_platform_is_down(
    ring: KeyRing, at: Registered, wire: Wire, clock: Clock, database: Database, failure: Any
) -> None:
    ask(ring, at, clock)
    wire.always["/jwks"] = failure
    clock.now += STALE - timedelta(seconds=1)
    assert ask(ring, at, clock)
    assert ask(KeyRing(database, wire), at, clock), "a process that starts meanwhile has them too"  # type: ignore[arg-type]
    with database.read() as db:
        row = db.execute(select(Platform.jwks, Platform.jwks_problem)).one()
    assert row.jwks == wire.keys, "a failed fetch never empties the cache"
    assert row.jwks_problem is not None
    clock.forward(seconds=2)
    with pytest.raises(PlatformKeysUnavailable):
        ask(ring, at, clock)
    del wire.always["/jwks"]
    clock.now += RETRY
    assert ask(ring, at, clock)


def test_a_dead_platform_is_not_asked_for_each_launch(
    ring: KeyRing, at: Registered, wire: Wire, clock: Clock
) -> None:
    wire.always["/jwks"] = TimedOut()
    for _ in range(10):
        with pytest.raises(PlatformKeysUnavailable) as refused:
            ask(ring, at, clock)
        assert refused.value.retry_after == RETRY.total_seconds()
    assert fetches(wire) == 1


def test_a_new_key_is_found_at_once(ring: KeyRing, at: Registered, wire: Wire, clock: Clock) -> None:
    ask(ring, at, clock)
    publish(wire, OLD, NEW)
    clock.forward(seconds=1)
    assert ask(ring, at, clock, NEW)
    assert ask(ring, at, clock, OLD)
    assert fetches(wire) == 2


def test_unknown_kids_cause_one_fetch_a_minute_in_all_processes(
    ring: KeyRing, at: Registered, wire: Wire, clock: Clock, database: Database
) -> None:
    other = KeyRing(database, wire)  # type: ignore[arg-type]
    for one in (ring, other):
        ask(one, at, clock)
    clock.forward(minutes=1)
    begin = clock.now
    for number in range(6):
        with pytest.raises(KidUnknown):
            ask((ring, other)[number % 2], at, clock, Key("one", f"forged-{number}"))
        clock.forward(seconds=PATIENCE + 1)
    assert clock.now - begin < REFETCH
    assert fetches(wire) == 2
    clock.now = begin + REFETCH
    publish(wire, OLD, NEW)
    assert ask(ring, at, clock, NEW)
    assert fetches(wire) == 3


def test_a_failed_refetch_keeps_what_is_there(
    ring: KeyRing, at: Registered, wire: Wire, clock: Clock
) -> None:
    ask(ring, at, clock)
    wire.always["/jwks"] = TimedOut()
    clock.forward(seconds=1)
    with pytest.raises(KidUnknown):
        ask(ring, at, clock, NEW)
    assert ask(ring, at, clock, OLD)
