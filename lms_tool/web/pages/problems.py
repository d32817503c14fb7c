"""Pages that need no session: a refused launch, a frame without cookies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWindowPage:
    """The browser keeps no cookie in the frame: one click repeats the login first-party, without script."""

    template: ClassVar[str] = "new_window.html"

    action_url: str
    fields: tuple[tuple[str, str], ...]  # parameters of the login, repeated unchanged
    method: str = "post"  # post | get
    title: str = ""  # of the activity, if known
