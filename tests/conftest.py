"""What tests share: a migrated database of each kind, and no way out to the network."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from secrets import token_hex
from typing import Any

import hypothesis
import pytest
from conformance.postgres import server
from sqlalchemy import create_engine, make_url, text

from lms_tool.database import Database
from lms_tool.services import schema

DATABASES = ("sqlite", "postgresql")

# Other processes share the machine: a slow example is no fault. Failing examples are printed, not kept in a folder.
hypothesis.settings.register_profile("lms-tool", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("lms-tool")


class OutgoingConnection(AssertionError):
    """A test tried to reach another machine."""


def _refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto"):
        return
    address = arguments[1]
    if not isinstance(address, tuple) or address[0] == "localhost":  # a Unix socket's address is a text
        return
    try:
        loopback = ip_address(address[0]).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise OutgoingConnection(f"{event}{address}")


# An audit hook sees every socket of this process, whichever library opens it.
sys.addaudithook(_refuse_other_machines)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    database.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An empty database on the server given by LMS_TOOL_TEST_POSTGRES_URL, or of a cluster of our own."""
    with server() as found:
        yield found.url


@pytest.fixture(scope="session")
def new_postgres(postgres_url: str) -> Callable[..., Any]:
    """``with new_postgres(template) as url``: a database that is gone afterwards."""

    @contextmanager
    def make(template: str = "template1") -> Iterator[str]:
        name = f"test_{token_hex(6)}"
        _administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}")
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        _administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")

    return make


@pytest.fixture(scope="session")
def postgres_template(new_postgres: Callable[..., Any]) -> Iterator[str]:
    """Name of a migrated, empty PostgreSQL database to copy."""
    with new_postgres() as url:
        database = Database(url)
        schema.upgrade(database)
        database.dispose()
        yield str(make_url(url).database)


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without any table, one test after the other on SQLite and PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("new_postgres")() as url:
        yield url


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database of this test's own, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "tool.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        found = Database(f"sqlite:///{file}")
        yield found
        found.dispose()
        return
    template = request.getfixturevalue("postgres_template")
    with request.getfixturevalue("new_postgres")(template) as url:
        found = Database(url)
        yield found
        found.dispose()


def _administer(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
