"""The database schema: migrations to the newest state, and whether it is reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, inspect, text

from lms_tool.database import Database
from lms_tool.errors import Text, ToolError
from lms_tool.shipped import shipped

_LOCK = 0x6C6D73  # any number; says "lms" to PostgreSQL's advisory locks


class SchemaOutdated(ToolError):
    code = "schema_outdated"
    status = 503
    text = Text("Die Datenbank ist nicht auf dem neuesten Stand.", "The database is not at the newest state.")
    remedy = Text("Rufen Sie «lms-tool db upgrade» auf.", "Run “lms-tool db upgrade”.")


@cache
def head() -> str:
    """The revision the code was written for: migrations are numbered, the number is the revision."""
    return max(path.name.split("_", 1)[0] for path in (shipped("migrations") / "versions").glob("[0-9]*.py"))


def recorded(db: Connection) -> str | None:
    """The revision the database says it has; None while it is empty."""
    if not inspect(db).has_table("alembic_version"):
        return None
    found: str | None = db.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def current(database: Database) -> str | None:
    """The same, with a connection of its own."""
    with database.read() as db:
        return recorded(db)


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply all migrations, in one transaction; two at once wait for each other."""
    with _migrating(database) as (command, config):
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to an older revision."""
    with _migrating(database) as (command, config):
        command.downgrade(config, revision)


def require_head(database: Database) -> None:
    """Raises SchemaOutdated unless every migration has been applied."""
    found = current(database)
    if found != head():
        raise SchemaOutdated(found=found, wanted=head())


@contextmanager
def _migrating(database: Database) -> Iterator[tuple[Any, Any]]:
    # Here, not above: every command looks at the schema, hardly one changes it, and Alembic takes long to load.
    from alembic import command
    from alembic.config import Config

    with database.rebuilding() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = Config()
        config.set_main_option("script_location", str(shipped("migrations")))
        config.attributes["connection"] = connection
        yield command, config
