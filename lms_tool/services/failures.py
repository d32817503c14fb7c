"""Telling a database that is away from a mistake of ours."""

from __future__ import annotations

import sys

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def is_store_failure(error: Exception) -> bool:
    """Whether the database could not be reached, or was busy beyond its time-out: worth trying again."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        return True
    # A connection that dies between its test and its first use (switching to autocommit) comes as the driver's own.
    if (psycopg := sys.modules.get("psycopg")) and isinstance(
        error, psycopg.OperationalError | psycopg.InterfaceError
    ):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated
