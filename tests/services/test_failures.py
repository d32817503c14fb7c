"""What counts as a database that is away."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from lms_tool.database import Database
from lms_tool.services.failures import is_store_failure


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("x", None, ValueError()), True),
        (psycopg.OperationalError("the connection is closed"), True),
        (psycopg.InterfaceError("closed"), True),
        (IntegrityError("x", None, ValueError()), False),
        (psycopg.ProgrammingError("syntax"), False),
        (ValueError(), False),
    ],
    ids=["refused", "closed", "interface", "key", "syntax", "ours"],
)
def test_what_is_worth_trying_again(error: Exception, away: bool) -> None:
    assert is_store_failure(error) is away


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_dies_before_its_first_use(database: Database) -> None:
    """SQLAlchemy hands the driver's error through where it switches a connection to autocommit."""
    connection = database.engine.connect()
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.close()
    with pytest.raises(Exception) as failure:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("SELECT 1")
    assert is_store_failure(failure.value)
    connection.invalidate()
    connection.close()
