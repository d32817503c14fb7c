"""A set-up guide for one LMS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lms_tool.web.pages.parts import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidePage:
    """German only. ``overview_url``: to all guides; "" on that page itself."""

    template: ClassVar[str] = "guide.html"

    title: str
    html: str
    sections: tuple[Link, ...] = ()
    overview_url: str = ""
