"""Hand due grades and rosters to the background worker once the transaction that caused them is committed."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app


def deliver(platform_ids: Iterable[int]) -> None:
    """Wake the worker for these platforms. If that fails, the periodic sweep finds the rows all the same."""
    queue = current_app.extensions["lms_tool_queue"]
    for platform_id in platform_ids:
        queue.wake(platform_id)


def read_rosters() -> None:
    """Wake the worker for the rosters that are due."""
    current_app.extensions["lms_tool_queue"].wake_rosters()
