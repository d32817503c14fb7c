"""Administration of keys, and the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from lms_tool.errors import Text
from lms_tool.web.pages.admin import AdminFrame


class KeyState(StrEnum):
    SIGNS = "signs"
    WAITS = "waits"  # published, and signs from ``at`` on
    RETIRED = "retired"  # published until ``at``, for what it signed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    kid: str
    state: KeyState
    created_at: datetime
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminKeysPage:
    """``following``: the newest key, which a new one would replace; "" while one waits already.

    ``next_at``: when the worker makes the next one by itself, None: it does not; ``days``: how often.
    """

    template: ClassVar[str] = "admin_keys.html"
    frame: AdminFrame
    keys: tuple[KeyRow, ...]
    following: str
    keyset_url: str
    days: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """``who``: a person with access, a number, or what acted; None: nobody we know."""

    at: datetime
    what: Text
    who: Text | None
    platform: str
    kind: Text
    code: str
    correlation_id: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailChoice:
    """A value of a filter; ``value`` "" is all."""

    value: str
    text: Text
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminAuditPage:
    """``since`` and ``until``: days as in a form field, "" for none. Addresses that are "" lead nowhere."""

    template: ClassVar[str] = "admin_audit.html"
    frame: AdminFrame
    lines: tuple[TrailLine, ...]
    kinds: tuple[TrailChoice, ...]
    platforms: tuple[TrailChoice, ...]
    since: str
    until: str
    filtered: bool
    newest_url: str
    older_url: str
    csv_url: str
    json_url: str
