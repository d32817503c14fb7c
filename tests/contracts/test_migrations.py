"""The database follows its models, forwards and back, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from builders import NOW, classroom
from sqlalchemy import inspect, select

from lms_tool.database import Database
from lms_tool.models import Base, Person
from lms_tool.services import schema
from lms_tool.services.schema import SchemaOutdated
from lms_tool.shipped import shipped


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.dispose()


def revisions() -> list[str]:
    """All revisions, oldest first."""
    walked = ScriptDirectory(str(shipped("migrations"))).walk_revisions()
    return [script.revision for script in reversed(list(walked))]


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_migrated_is_what_the_models_say(database: Database) -> None:
    assert differences(database) == []


def test_each_migration_goes_up_and_down(empty: Database) -> None:
    steps = revisions()
    seen: list[set[str]] = [tables(empty)]
    for revision in steps:
        schema.upgrade(empty, revision)
        assert schema.current(empty) == revision
        seen.append(tables(empty))
    assert seen[0] == set()
    for revision, expected in zip(["base", *steps[:-1]][::-1], seen[:-1][::-1], strict=True):
        schema.downgrade(empty, revision)
        assert tables(empty) == expected
    schema.upgrade(empty)
    assert differences(empty) == []


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(shipped("migrations"))).get_heads()) == 1


def test_upgrading_twice_is_harmless(database: Database) -> None:
    room = classroom(database)
    room.arrive()
    schema.upgrade(database)
    with database.read() as db:
        assert db.scalars(select(Person.created_at)).all() == [NOW]


def test_two_upgrades_at_once_wait_for_each_other(empty: Database) -> None:
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: schema.upgrade(empty), range(3)))
    schema.require_head(empty)


def test_an_empty_database_is_told_from_a_migrated_one(empty: Database) -> None:
    with pytest.raises(SchemaOutdated):
        schema.require_head(empty)
    schema.upgrade(empty)
    schema.require_head(empty)
    schema.downgrade(empty, "base")
    with pytest.raises(SchemaOutdated):
        schema.require_head(empty)
