"""The audit trail: codes and ids of what an administrator may have to explain, no personal data."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, insert, select

from lms_tool.models import AuditEvent, Platform


class Budget:
    """How many refusals of one kind a process writes down per minute: strangers must not fill the database.

    Counted per code, so that junk of one kind does not hide another. The log still has every line.
    """

    PER_MINUTE = 30

    def __init__(self) -> None:
        self._minute = 0
        self._used: Counter[str] = Counter()
        self._lock = Lock()

    def allows(self, code: str, now: datetime) -> bool:
        minute = int(now.timestamp()) // 60
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._used.clear()
            self._used[code] += 1
            return self._used[code] <= self.PER_MINUTE


def note(
    db: Connection,
    now: datetime,
    kind: str,
    code: str,
    platform_id: int | None,
    correlation_id: str,
    details: dict[str, Any] | None = None,
    *,
    actor: str = "",
    tenant_id: int | None = None,
) -> None:
    """Add one line; ``details`` must be JSON and hold no token, name or address.

    ``actor`` says who: ``admin:3``, ``person:17``, ``cli``, ``system``. Without ``tenant_id`` the platform's counts.
    """
    if tenant_id is None and platform_id is not None:
        tenant_id = db.scalar(select(Platform.tenant_id).where(Platform.id == platform_id))
    db.execute(
        insert(AuditEvent).values(
            at=now,
            kind=kind,
            code=code[:64],
            actor=actor,
            tenant_id=tenant_id,
            platform_id=platform_id,
            correlation_id=correlation_id,
            details=details or {},
        )
    )
