"""The tests' own walls hold: nothing leaves this machine, and databases start empty."""

from __future__ import annotations

import socket

import pytest
from builders import classroom
from sqlalchemy import func, select

from lms_tool.database import Database
from lms_tool.models import Person


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_no_connection_leaves_this_machine(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as out, pytest.raises(AssertionError, match=r"socket\.connect"):
        out.connect((address, 443))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_database_of_its_own(database: Database, turn: int) -> None:
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Person)) == 0
    classroom(database).arrive()
