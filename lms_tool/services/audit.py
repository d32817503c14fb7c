"""The audit trail: codes and ids of what an administrator may have to explain, no personal data."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, insert

from lms_tool.models import AuditEvent


class Budget:
    """How many refusals one process writes down per minute: whoever is not known must not fill the database.

    The log still has every line.
    """

    PER_MINUTE = 120

    def __init__(self) -> None:
        self._minute = 0
        self._used = 0
        self._lock = Lock()

    def allows(self, now: datetime) -> bool:
        minute = int(now.timestamp()) // 60
        with self._lock:
            if minute != self._minute:
                self._minute, self._used = minute, 0
            self._used += 1
            return self._used <= self.PER_MINUTE


def note(
    db: Connection,
    now: datetime,
    kind: str,
    code: str,
    platform_id: int | None,
    correlation_id: str,
    details: dict[str, Any] | None = None,
) -> None:
    """Add one line; ``details`` must be JSON and hold no token, name or address."""
    db.execute(
        insert(AuditEvent).values(
            at=now,
            kind=kind,
            code=code[:64],
            platform_id=platform_id,
            correlation_id=correlation_id,
            details=details or {},
        )
    )
