"""The database schema: migrations to the newest state, and whether it is reached."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

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
    """The revision the code was written for."""
    found = ScriptDirectory(str(shipped("migrations"))).get_current_head()
    assert found is not None
    return found


def current(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply all migrations, in one transaction; two at once wait for each other."""
    with database.engine.execution_options(writing=True).begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to an older revision."""
    with database.engine.execution_options(writing=True).begin() as connection:
        command.downgrade(_config(connection), revision)


def require_head(database: Database) -> None:
    """Raises SchemaOutdated unless every migration has been applied."""
    found = current(database)
    if found != head():
        raise SchemaOutdated(found=found, wanted=head())


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(shipped("migrations"))))
    config.attributes["connection"] = connection
    return config
