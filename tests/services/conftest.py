"""A classroom, a platform on the other end of the wire, and a clock that stands still."""

from __future__ import annotations

import pytest
from builders import Classroom, classroom
from office import SECRET, Office, make_reconciler
from outgoing import Clock, Wire
from roster_wire import Registrar, RosterWire

from lms_tool.database import Database
from lms_tool.services import tool_keys
from lms_tool.services.vault import Vault


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(database: Database) -> Classroom:
    """The usual course, a lesson and a test in one module, placed at one platform."""
    return classroom(database)


@pytest.fixture
def office(room: Classroom, wire: Wire, clock: Clock) -> Office:
    with room.database.write() as db:
        tool_keys.ensure(db, Vault(SECRET), clock())
    return Office(room, wire, clock, *make_reconciler(room.database, wire, clock))


@pytest.fixture
def registrar(room: Classroom, clock: Clock) -> Registrar:
    return Registrar(room, RosterWire(), clock)
