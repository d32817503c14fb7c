"""Pages of the administration: what surrounds them, entering, and who has access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lms_tool.web.pages.parts import Link, Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminFrame:
    """What surrounds every page of the administration.

    ``tab``: platforms | grades | keys | audit | people. ``crumbs`` ends with the page itself; one crumb alone is a
    tab's own page. ``waiting``: grades that need somebody, shown beside their tab.
    """

    tab: str
    crumbs: tuple[Link, ...]
    name: str
    tenant_name: str
    waiting: int = 0
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminEnterPage:
    """Behind a one-time link: one button, so that a mail scanner that opens links does not use it up."""

    template: ClassVar[str] = "admin_enter.html"
    action_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPerson:
    id: int
    name: str
    seen_at: datetime | None
    disabled: bool
    own: bool  # the one who looks


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPeoplePage:
    """Accounts of the tenant. ``link``: a one-time link just made, shown once; ``link_name``: for whom."""

    template: ClassVar[str] = "admin_people.html"
    frame: AdminFrame
    people: tuple[AdminPerson, ...]
    link: str = ""
    link_name: str = ""
