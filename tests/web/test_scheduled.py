"""What the worker does by the clock is wired to the services that do it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from lms_tool.jobs.queue import Queue
from lms_tool.runtime import Runtime
from lms_tool.services import tool_keys

from .conftest import Clock


def due(queue: Queue, hour: int, minute: int) -> set[str]:
    """Names of the jobs that come at this time of day."""
    moment = datetime(2026, 11, 23, hour, minute, tzinfo=UTC)
    return {task.name for task in queue.huey._registry.periodic_tasks if task.validate_datetime(moment)}


def test_when_jobs_come(app: Flask) -> None:
    queue: Queue = app.extensions["lms_tool_queue"]
    assert {"sweep", "subscribe"} <= due(queue, 9, 31)
    assert "rotate_keys" not in due(queue, 9, 31)
    hours = [hour for hour in range(24) if "rotate_keys" in due(queue, hour, 17)]
    assert hours == list(range(24))


def test_the_worker_rotates_keys_after_ninety_days(app: Flask, tool: Runtime, clock: Clock) -> None:
    queue: Queue = app.extensions["lms_tool_queue"]

    def keys() -> int:
        with tool.database.read() as db:
            return len(tool_keys.listing(db, tool.clock()))

    clock.pass_by(days=89)
    queue.rotate_keys()
    assert keys() == 1
    clock.pass_by(days=1)
    queue.rotate_keys()
    queue.rotate_keys()
    assert keys() == 2


def test_nothing_to_subscribe_to_is_no_work(app: Flask) -> None:
    assert app.extensions["lms_tool_queue"].subscriber.run() == 0
