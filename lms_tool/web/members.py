"""Who is in the LMS course: for staff and, as far as their launch names people, for mentors; own row for learners."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lms_tool.lti.request_errors import RoleNotPermitted
from lms_tool.lti.roles import Role
from lms_tool.services import members, reviews, rosters
from lms_tool.services.sessions import LearningSession
from lms_tool.web.context import runtime
from lms_tool.web.member_pages import members_page, own_row_page
from lms_tool.web.queueing import read_rosters
from lms_tool.web.respond import ANY_LAUNCH, go_to, show_in
from lms_tool.web.room import enter
from lms_tool.web.security import current_session

blueprint = Blueprint("members", __name__, url_prefix="/k/<launch>/members")


@blueprint.get("")
def listing(launch: str) -> Response:
    tool, found = runtime(), current_session(launch)
    require_right(found)
    with tool.database.read() as db:
        room = enter(db, tool, found)
        everybody = found.is_staff
        only = None if everybody else found.mentees
        people = members.in_context(db, found.context_id, room.course, only)
        sheets = reviews.listing(db, found.context_id, room.course.id, only)
        roster = members.state(db, found.context_id)
    number = request.args.get("page", "1")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    page = members_page(room, people, roster, wanted, tool.clock(), everybody=everybody, sheets=sheets)
    return show_in(found, page, keep=False)


@blueprint.post("/update")
def update(launch: str) -> Response:
    """«Jetzt aktualisieren»: the worker fetches the roster, this page does not wait for the LMS."""
    tool, found = runtime(), current_session(launch)
    if not found.is_staff:
        raise RoleNotPermitted(role=found.role.value)
    with tool.database.write() as db:
        asked = rosters.ask(db, found.context_id, tool.clock(), by_hand=True)
    if asked:
        read_rosters()
    return go_to(found, f"{ANY_LAUNCH}members")


@blueprint.get("/me")
def own_row(launch: str) -> Response:
    """What those who teach see about me."""
    tool, found = runtime(), current_session(launch)
    if not found.is_seen_by_others or found.person_id is None:
        raise RoleNotPermitted(role=found.role.value)
    with tool.database.read() as db:
        room = enter(db, tool, found)
        sub = members.sub_of(db, found.person_id)
        (myself,) = members.in_context(db, found.context_id, room.course, {sub})
        roster = members.state(db, found.context_id)
        sheets = reviews.listing(db, found.context_id, room.course.id, {sub})
    return show_in(found, own_row_page(room, myself, roster, sheets), keep=False)


def require_right(found: LearningSession) -> None:
    """Raises RoleNotPermitted for learners (NR-19), and for mentors who may look at nobody (CLM-47)."""
    if not found.is_staff and not (found.role is Role.MENTOR and found.mentees):
        raise RoleNotPermitted(role=found.role.value)
