"""Content selection: choosing what goes into the LMS course, and handing it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lms_tool.web.pages.parts import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class PickRow:
    """One thing that can be placed. ``key`` names it in the form."""

    key: str
    kind: str  # course | module | an activity's kind
    title: str
    number: int = 0  # of a module, from 1
    parts: int = 0  # modules of a course
    placed: bool = False  # stands in the LMS course already
    chosen: bool = False
    scored: bool = False  # holds a quiz, so there is a best result to report
    counts: bool = True  # can be completed, so there is something to report at all
    after: tuple[str, ...] = ()  # titles of what has to be completed before it opens
    activities: tuple[PickRow, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the activities are shown from the start."""
        return any(row.chosen for row in self.activities)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerPage:
    """One course to choose from. ``whole`` is the course as a single item."""

    template: ClassVar[str] = "picker.html"

    url: str  # POST
    cancel_url: str  # POST
    context_title: str
    title: str  # of the course; "": nothing is published
    content_language: str
    whole: PickRow | None
    modules: tuple[PickRow, ...]
    other_courses: tuple[Link, ...] = ()
    multiple: bool = True
    links_only: bool = False  # the LMS takes plain links: no grades, no choice of how it opens
    columns: bool = True  # the LMS makes the columns that items bring along
    at_once: bool = False  # the LMS keeps items without showing a form
    targets: tuple[str, ...] = ("iframe", "window")
    all_url: str = ""  # the same page with all modules ticked
    missing: bool = False  # sent off without anything ticked


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerSendPage:
    """A form that posts itself to the LMS. ``items`` 0: the person has cancelled."""

    template: ClassVar[str] = "picker_send.html"

    return_url: str
    jwt: str
    items: int
