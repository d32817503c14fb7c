"""What one launch contains: the placed course, module or activity, and where the person stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lms_tool.content.course import Activity, Course, Module
from lms_tool.content.markup import ACTIVITY_LINK
from lms_tool.database import Connection
from lms_tool.errors import Text
from lms_tool.learning import CourseStatus
from lms_tool.learning.grading import Report
from lms_tool.lti.request_errors import ModuleNotFound, NotFound
from lms_tool.runtime import Runtime
from lms_tool.services import attempts, lessons
from lms_tool.services.grades import Transfer
from lms_tool.services.sessions import LearningSession, member_name
from lms_tool.web import wording
from lms_tool.web.pages import Frame, Link, Notice
from lms_tool.web.respond import ANY_LAUNCH, ANY_PERSON


@dataclass(frozen=True)
class Room:
    """A session, its course and the person's standing: everything pages are made of."""

    found: LearningSession
    course: Course
    status: CourseStatus
    transfer: Transfer | None  # of the placed item; None: the LMS has no column for it
    notices: tuple[Notice, ...]
    exhausted: frozenset[str] = frozenset()  # quizzes not passed, with no attempt left

    @property
    def base(self) -> str:
        """Where this launch's addresses begin; ``respond.show_in`` puts its id in."""
        return ANY_LAUNCH

    @property
    def records(self) -> bool:
        """Whether what the person does is kept: not for anonymous launches and reviews."""
        return self.found.learner is not None

    @property
    def all_or_nothing(self) -> bool:
        """Whether the LMS hears of the placed item only when it is completed, and then of all the points."""
        return self.transfer is not None and self.found.report == Report.COMPLETION

    def module(self, module_id: str) -> Module:
        """Raises NotFound for what this launch does not contain."""
        placed = self.found
        module = self.course.by_module.get(module_id)
        if module is None or placed.activity_id is not None or placed.module_id not in (None, module_id):
            raise NotFound(module=module_id[:64])
        return module

    def activity(self, activity_id: str) -> tuple[Module, Activity]:
        """Raises NotFound for what this launch does not contain."""
        found = self.course.by_activity.get(activity_id)
        if found is None or not self.contains(found[0], found[1]):
            raise NotFound(activity=activity_id[:64])
        return found

    def contains(self, module: Module, activity: Activity | None = None) -> bool:
        placed = self.found
        if placed.activity_id is not None:
            return activity is not None and activity.id == placed.activity_id
        return placed.module_id in (None, module.id)

    def link(self, part: Module | Activity) -> Link:
        """A link, or plain text for what this launch does not contain."""
        if isinstance(part, Module):
            inside = self.contains(part)
            return Link(part.title, self.module_url(part) if inside else "")
        module, _ = self.course.by_activity[part.id]
        return Link(part.title, self.activity_url(part) if self.contains(module, part) else "")

    def module_url(self, module: Module) -> str:
        return self.base if self.found.module_id == module.id else f"{self.base}m/{module.id}"

    def activity_url(self, activity: Activity) -> str:
        return f"{self.base}a/{activity.id}"

    def up(self, module: Module) -> Link | None:
        """The module page, if this launch contains it."""
        return self.link(module) if self.contains(module) else None

    def number(self, module: Module) -> int:
        """Position of the module in the course, from 1; 0 where only a part of the course was placed."""
        if self.found.module_id is not None:
            return 0
        return [m.id for m in self.course.modules].index(module.id) + 1

    def html(self, text: str) -> str:
        """Stored course text; links to what this launch does not contain become plain text."""
        if self.found.module_id is None or ANY_LAUNCH not in text:
            return text
        return ACTIVITY_LINK.sub(self._keep_inside, text)

    def frame(self, *trail: Link, notices: tuple[Notice, ...] = ()) -> Frame:
        """What surrounds a page; ``trail`` leads from the placed item to the page itself."""
        return Frame(
            crumbs=trail,
            glossary_url=f"{self.base}glossary" if self.course.glossary else "",
            person=ANY_PERSON if self.found.person_name else "",
            content_language=self.course.language,
            notices=self.notices + notices,
            members_url=f"{self.base}members" if self.found.is_staff or self.found.mentees else "",
            own_row_url=f"{self.base}members/me" if self.found.is_seen_by_others else "",
        )

    def trail(self, module: Module | None = None, activity: Activity | None = None) -> list[Link]:
        """Crumbs from the placed item down to a page's parent."""
        crumbs = []
        if self.found.module_id is None:
            crumbs.append(Link(self.course.title, self.base))
        if module is not None and self.found.activity_id is None:
            crumbs.append(Link(module.title, self.module_url(module)))
        if activity is not None:
            crumbs.append(Link(activity.title, self.activity_url(activity)))
        return crumbs

    def beside(self) -> list[Link]:
        """Crumbs to a page that belongs to no module, such as the glossary: the way back to the placed item."""
        placed = self.found
        if placed.activity_id is not None:
            return [Link(self.course.by_activity[placed.activity_id][1].title, self.base)]
        if placed.module_id is not None:
            return [Link(self.course.by_module[placed.module_id].title, self.base)]
        return self.trail()

    def _keep_inside(self, match: re.Match[str]) -> str:
        found = self.course.by_activity.get(match[1])
        return match[0] if found and self.contains(*found) else match[2]


def enter(db: Connection, tool: Runtime, found: LearningSession, revision_id: int | None = None) -> Room:
    """Look around: course, standing and grade of the placed item.

    ``revision_id`` names the revision an attempt was begun with; else the published one is shown.

    Raises:
        ModuleNotFound: what was placed is no longer part of the published course.
    """
    wanted = revision_id or found.revision_id
    if wanted is None:
        raise ModuleNotFound(course=found.course_id)
    course = tool.shelf.course(db, wanted)
    if found.activity_id is not None and found.activity_id not in course.by_activity:
        raise ModuleNotFound(activity=found.activity_id)
    if found.module_id is not None and found.module_id not in course.by_module:
        raise ModuleNotFound(module=found.module_id)
    status = tool.standings.of(course, wanted, lessons.rows(db, found.shown_membership_id, course.id))
    exhausted: frozenset[str] = frozenset()
    if found.shown_membership_id is not None:
        exhausted = attempts.exhausted(db, found.shown_membership_id, status)
    return Room(found, course, status, found.transfer, _notices(db, found), exhausted)


def _notices(db: Connection, found: LearningSession) -> tuple[Notice, ...]:
    if found.reviewing:
        if found.shown_membership_id is None:
            return (Notice(wording.NOT_HERE_YET, tone="info"),)
        name = member_name(db, found.shown_membership_id) or "–"
        return (
            Notice(
                Text(f"Sie sehen den Stand von {name}", f"You are looking at the progress of {name}"),
                wording.REVIEW_IS_READ_ONLY,
            ),
        )
    if not found.is_staff:
        return () if found.membership_id is not None else (Notice(wording.ANONYMOUS, tone="info"),)
    roster = (Notice(*wording.ROSTER_OFF, tone="warn"),) if found.roster_problem is not None else ()
    if found.notice is not None:
        return (Notice(*wording.STAFF_NOTICES[found.notice], tone="warn"), *roster)
    return (Notice(wording.STAFF, tone="info"), *roster)
