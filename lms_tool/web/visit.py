"""One look at one activity: what every kind's page is made from, and what they share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms_tool.content.course import Activity, Module
from lms_tool.database import Connection
from lms_tool.lti.request_errors import NotFound
from lms_tool.runtime import Runtime
from lms_tool.services.lessons import Learner
from lms_tool.services.sessions import LearningSession
from lms_tool.web.context import runtime
from lms_tool.web.room import Room, enter
from lms_tool.web.security import current_session


@dataclass(frozen=True)
class Visit:
    found: LearningSession
    room: Room
    module: Module
    activity: Activity
    now: datetime

    @property
    def url(self) -> str:
        return self.room.activity_url(self.activity)

    def require_writable(self) -> Learner:
        """Whose work this is. Raises NotFound where nothing may be recorded (a review, an anonymous launch)."""
        if self.found.learner is None:
            raise NotFound(reason="read-only")
        return self.found.learner


def visit(launch: str, activity_id: str, shape: type[Any]) -> Visit:
    """The visit that a request to ``/k/<launch>/a/<activity_id>/…`` means.

    Raises NotFound for what this launch does not contain, or what is of another kind than ``shape``.
    """
    tool = runtime()
    found = current_session(launch)
    with tool.database.read() as db:
        made = look(db, tool, found, activity_id)
    if not isinstance(made.activity.content, shape):
        raise NotFound(activity=activity_id[:64])
    return made


def look(db: Connection, tool: Runtime, found: LearningSession, activity_id: str) -> Visit:
    """Raises NotFound for what this launch does not contain."""
    room = enter(db, tool, found)
    module, activity = room.activity(activity_id)
    return Visit(found, room, module, activity, tool.clock())
