"""Pages for a frame that keeps no cookie: they work by script, and show a way out where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lms_tool.web.pages.problems import NewWindowPage


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepInStoragePage:
    """Puts the browser's half of a login into the platform's storage, then goes on to the platform.

    ``target`` is a frame of the platform's page (``_parent``: that page itself), ``origin`` the only one that may
    read the messages. ``silent_url``: where to go when nobody answers.
    """

    template: ClassVar[str] = "storage.html"

    target: str
    origin: str
    key: str
    state: str
    nonce: str
    secret: str
    next_url: str
    silent_url: str
    window: NewWindowPage  # without script


@dataclass(frozen=True, slots=True, kw_only=True)
class AskStoragePage:
    """Asks the platform's storage for the same again, and sends the platform's message once more with it."""

    template: ClassVar[str] = "storage_return.html"

    target: str
    origin: str
    key: str
    action_url: str
    fields: tuple[tuple[str, str], ...]  # the message, unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrancePage:
    """First document of a session without cookies: fetches the proof for a one-time token, then shows ``next_url``."""

    template: ClassVar[str] = "entrance.html"

    session_url: str
    token: str
    next_url: str
