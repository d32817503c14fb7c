"""Coaches read what was handed in and decide about it: staff for everybody in the course, mentors read their own."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lms_tool.content.course import CompletionRule, Course
from lms_tool.content.fields import UNPRINTABLE
from lms_tool.content.worksheet import Worksheet
from lms_tool.database import Connection
from lms_tool.lti.request_errors import NotFound, RoleNotPermitted
from lms_tool.services import members, reviews, witness, worksheets
from lms_tool.services.members import Member
from lms_tool.services.reviews import Owner, RemarkMissing, RemarkTooLong, SubmissionNotFound, Verdict
from lms_tool.services.sessions import LearningSession
from lms_tool.services.worksheets import Decision, Handed
from lms_tool.web.context import correlation_id, runtime
from lms_tool.web.members import require_right
from lms_tool.web.pages import SubmissionPage
from lms_tool.web.queueing import deliver
from lms_tool.web.respond import ANY_LAUNCH, go_to, show_in
from lms_tool.web.room import Room, enter
from lms_tool.web.security import current_session
from lms_tool.web.submission_pages import submission_page, submission_url, submissions_page

blueprint = Blueprint("submissions", __name__, url_prefix="/k/<launch>/members")
SHEET = "/<int:membership_id>/a/<activity_id>/s/<int(max=9999):number>"


@dataclass(frozen=True)
class Desk:
    """One submission with everything around it."""

    found: LearningSession
    room: Room
    owner: Owner
    member: Member
    title: str
    form: Worksheet  # that was filled in
    rule: CompletionRule
    handed: list[Handed]
    activity_id: str
    number: int

    def page(self, **more: object) -> SubmissionPage:
        return submission_page(
            self.room,
            self.member,
            self.owner.learner.membership_id,
            self.activity_id,
            self.title,
            self.form,
            self.handed,
            self.number,
            may_decide=_may_decide(self.found),
            own=self.found.person_id == self.owner.learner.person_id,
            **more,  # type: ignore[arg-type]
        )


@blueprint.get("/worksheets")
def listing(launch: str) -> Response:
    tool, found = runtime(), current_session(launch)
    require_right(found)
    only = None if found.is_staff else found.mentees
    with tool.database.read() as db:
        room = enter(db, tool, found)
        people = members.in_context(db, found.context_id, room.course, only)
        lines = reviews.listing(db, found.context_id, room.course.id, only)
    return show_in(found, submissions_page(room, lines, people, may_decide=_may_decide(found)), keep=False)


@blueprint.get(SHEET)
def show(launch: str, membership_id: int, activity_id: str, number: int) -> Response:
    tool, found = runtime(), current_session(launch)
    with tool.database.read() as db:
        desk = _desk(db, found, membership_id, activity_id, number)
    with tool.database.write() as db:
        witness.person_viewed(
            db,
            found.platform_id,
            found.context_id,
            f"person:{found.person_id}",
            desk.owner.learner.person_id,
            tool.clock(),
            correlation_id(),
        )
    return show_in(found, desk.page(), keep=False)


@blueprint.post(SHEET)
def decide(launch: str, membership_id: int, activity_id: str, number: int) -> Response:
    """«Zurückgeben mit Hinweisen» or «Annehmen»."""
    tool, found = runtime(), current_session(launch)
    if not _may_decide(found):
        raise RoleNotPermitted(role=found.role.value)
    with tool.database.read() as db:
        desk = _desk(db, found, membership_id, activity_id, number)
    wanted = request.form.get("decision", "")
    if wanted not in tuple(Decision):
        raise NotFound(decision=wanted[:16])
    asked = [field.id for field in desk.form.fields()]
    remarks = {key: _words(f"remark.{key}") for key in asked}
    verdict = Verdict(Decision(wanted), _words("comment"), remarks)
    of, now = desk.owner.learner, tool.clock()
    try:
        with tool.database.write() as db:
            due = reviews.decide(
                db,
                of,
                desk.room.course,
                desk.rule,
                activity_id,
                number,
                verdict,
                found.person_id,
                now,
            )
            actor = f"person:{found.person_id}"
            if due is not None:
                reviews.note_decision(db, verdict.decision, of, activity_id, actor, now, correlation_id())
    except (RemarkMissing, RemarkTooLong) as error:
        page = desk.page(comment=verdict.comment, remarks=remarks, problem=error.text)
        return show_in(found, page, error.status, keep=False)
    deliver(due or ())
    if found.reviewing:
        return go_to(found, submission_url(desk.room, membership_id, activity_id, number))
    return go_to(found, f"{ANY_LAUNCH}members/worksheets")


def reviewed_page(db: Connection, found: LearningSession, activity_id: str) -> SubmissionPage | None:
    """What a submission review shows of a worksheet; None where nothing was handed in, or it is one's own."""
    shown = found.shown_membership_id
    if not found.reviewing or not found.is_staff or shown is None or shown == found.membership_id:
        return None
    handed = worksheets.handed(db, shown, found.course_id, activity_id)
    return _desk(db, found, shown, activity_id, handed[-1].number).page() if handed else None


def _may_decide(found: LearningSession) -> bool:
    """Staff whom the LMS names: a decision is somebody's."""
    return found.is_staff and found.person_id is not None


def _desk(db: Connection, found: LearningSession, membership_id: int, activity_id: str, number: int) -> Desk:
    """Raises RoleNotPermitted, SubmissionNotFound: not for this person, not in this course, never handed in."""
    require_right(found)
    tool = runtime()
    room = enter(db, tool, found)
    owner = reviews.owner(db, found.context_id, membership_id)
    if not found.is_staff and owner.sub not in found.mentees:
        raise SubmissionNotFound(membership=membership_id)
    handed = worksheets.handed(db, membership_id, room.course.id, activity_id)
    shown = next((one for one in handed if one.number == number), None)
    if shown is None:
        raise SubmissionNotFound(activity=activity_id[:64], number=number)
    then = tool.shelf.course(db, shown.revision_id)
    form, title, rule = _form(then, activity_id)
    rule = (
        room.course.by_activity[activity_id][1].completion if activity_id in room.course.by_activity else rule
    )
    (member,) = members.in_context(db, found.context_id, room.course, {owner.sub})
    return Desk(found, room, owner, member, title, form, rule, handed, activity_id, number)


def _form(course: Course, activity_id: str) -> tuple[Worksheet, str, CompletionRule]:
    activity = course.by_activity[activity_id][1]
    assert isinstance(activity.content, Worksheet)  # only a worksheet is ever handed in
    return activity.content, activity.title, activity.completion


def _words(name: str) -> str:
    """What was typed, with plain line ends; signs that no database keeps are left out."""
    return UNPRINTABLE.sub("", request.form.get(name, "").replace("\r\n", "\n")).strip()
