"""Pages that need no session: a refused launch, a frame without cookies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from lms_tool.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """A refusal, German first, English below; needs no session and no language.

    ``return_url`` comes from the platform (``launch_presentation``) and is offered with its host visible, so
    that nobody is led away unseen. ``retry_url`` starts the same login again.
    """

    template: ClassVar[str] = "error.html"

    code: str
    status: int
    text: Text
    remedy: Text
    correlation_id: str
    at: datetime
    launch: bool = True  # it happened while opening an activity, not on a page of it
    return_url: str = ""
    return_host: str = ""
    retry_url: str = ""
    home_url: str = ""  # of the administration, for a page that is missing there


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWindowPage:
    """The browser keeps no cookie in the frame: one click repeats the login first-party, without script.

    The click follows a link: Chromium applies our ``form-action 'self'`` also to the redirect that answers a
    form, and the login answers with a redirect to the platform.
    """

    template: ClassVar[str] = "new_window.html"

    action_url: str
    fields: tuple[tuple[str, str], ...]  # parameters of the login, repeated unchanged
    code: str = "cookies_blocked"
    title: str = ""  # of the activity, if known

    @property
    def url(self) -> str:
        return f"{self.action_url}?{urlencode(self.fields)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyWindowPage:
    """LTI 1.1 in a frame that keeps no cookie: one click sends the signed form from a window of its own."""

    template: ClassVar[str] = "legacy_window.html"

    action_url: str
    fields: tuple[tuple[str, str], ...]  # the form as the LMS signed it
    title: str = ""
