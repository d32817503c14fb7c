"""What one demo LMS is set up with: its address, the one tool it knows, course, placed items, people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlencode

from lms_tool.demo.people import PEOPLE, Person

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPE_LINEITEM = AGS + "lineitem"
SCOPE_LINEITEM_READ = AGS + "lineitem.readonly"
SCOPE_RESULT = AGS + "result.readonly"
SCOPE_SCORE = AGS + "score"
SCOPE_MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ALL_SCOPES = (SCOPE_LINEITEM, SCOPE_LINEITEM_READ, SCOPE_RESULT, SCOPE_SCORE, SCOPE_MEMBERS)

Clock = Callable[[], float]  # seconds since 1970


class Container(StrEnum):
    """Where an activity opens: ``document_target`` of the launch. ``FRAME`` replaces the LMS's own page.

    The number is what Moodle writes in ``launch_container``.
    """

    IFRAME = "iframe"
    WINDOW = "window"
    FRAME = "frame"

    @property
    def number(self) -> int:
        return {Container.IFRAME: 3, Container.WINDOW: 4, Container.FRAME: 5}[self]


@dataclass(frozen=True, slots=True)
class Course:
    id: int = 2  # 1 is the site itself, as in Moodle
    short_name: str = "BBDN"
    title: str = "Basis-Befähigung für Digital-Navigatoren"
    id_number: str = "BBDN-2026"


@dataclass(frozen=True, slots=True)
class Item:
    """An activity that somebody placed in the course.

    ``course_id``, ``module_id`` and ``activity_id`` name the tool's content; what is given travels in the
    query of ``target_link_uri``. ``maximum`` is the gradebook column's (points). ``pass_grade`` in points of
    that column: completion asks for it; ``None``: any grade completes. An item that is not graded is complete
    once it was opened.
    """

    title: str
    course_id: str = ""
    module_id: str = ""
    activity_id: str = ""
    graded: bool = True
    container: Container = Container.IFRAME
    description: str = ""
    maximum: int = 100
    pass_grade: float | None = None
    custom: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """``course=…&module=…&activity=…``, without what is not set."""
        ids = {"course": self.course_id, "module": self.module_id, "activity": self.activity_id}
        return urlencode({name: value for name, value in ids.items() if value})

    @property
    def resource_id(self) -> str:
        return self.activity_id or self.module_id or self.course_id


@dataclass(frozen=True, slots=True)
class LmsConfig:
    """``base_url`` is the issuer: an origin without a trailing slash, e.g. ``http://localhost:8051``.

    ``timezone`` is the server's, for time stamps without a zone; ``None``: that of this machine.
    """

    base_url: str
    data_dir: Path
    tool_base_url: str
    tool_login_url: str
    tool_launch_url: str
    tool_jwks_url: str
    client_id: str
    deployment_id: str = "1"
    items: tuple[Item, ...] = ()
    people: tuple[Person, ...] = PEOPLE
    course: Course = Course()
    scopes: tuple[str, ...] = ALL_SCOPES
    site_name: str = "Lernplattform Musterkreis"
    tool_name: str = "Lernwerkzeug"
    timezone: tzinfo | None = None

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        return (self.tool_launch_url,)

    @property
    def services_url(self) -> str:
        return f"{self.base_url}/mod/lti/services.php"
