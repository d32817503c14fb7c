"""The page somebody is on, and the way back to it after a session has run out."""

from __future__ import annotations

import re

from lms_tool.content.course import Quiz
from lms_tool.database import Connection
from lms_tool.learning import Phase, State
from lms_tool.lti.request_errors import NotFound
from lms_tool.services import attempts, places
from lms_tool.services.attempts import AttemptNotFound
from lms_tool.services.sessions import LearningSession
from lms_tool.web.context import runtime
from lms_tool.web.room import Room

_PAGE = re.compile(r"a/(?P<activity>[a-z0-9-]{1,100})(?:/t/(?P<attempt>\d{1,4})/q/\d{1,4})?")


def note(found: LearningSession, path: str) -> None:
    """Somebody looks at this page now; written down when it is another one than before."""
    if found.learner is None or path == (found.place or ""):
        return
    tool = runtime()
    with tool.database.write() as db:
        places.remember(db, found, path, tool.clock())


def way_back(db: Connection, room: Room, path: str) -> str:
    """The address of a page seen before, if there is something left to do on it; else empty."""
    match = _PAGE.fullmatch(path)
    owner = room.found.membership_id
    if match is None or owner is None or room.found.learner is None:
        return ""
    try:
        _, activity = room.activity(match["activity"])
    except NotFound:
        return ""
    if match["attempt"] is None:
        status = room.status.activity(activity.id)
        came_back = status.phase is Phase.RETURNED  # also where handing in had completed it
        to_do = status.counts and (came_back or status.state in (State.OPEN, State.BEGUN))
        # Not to the start of a test: there is nothing yet, or the way back leads to its question.
        return f"{room.base}{path}" if to_do and not isinstance(activity.content, Quiz) else ""
    try:
        sitting = attempts.sitting(db, owner, room.course.id, activity.id, int(match["attempt"]))
    except AttemptNotFound:
        return ""
    return f"{room.base}{path}" if sitting.finished_at is None else ""
