"""A worksheet as its owner uses it, and the page that shows what goes into the Digitale Agenda."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from lms_tool.content.worksheet import Worksheet
from lms_tool.database import Connection
from lms_tool.learning.worksheets import Content, Problem
from lms_tool.lti.request_errors import NotFound
from lms_tool.services import works, worksheets
from lms_tool.services.works import Work, WorkChanged
from lms_tool.services.worksheets import Decision, Handed
from lms_tool.web.context import runtime
from lms_tool.web.pages import SubmissionPage, WorksheetPage
from lms_tool.web.queueing import deliver
from lms_tool.web.respond import go_to, show_in
from lms_tool.web.room import enter
from lms_tool.web.security import current_session
from lms_tool.web.submissions import reviewed_page
from lms_tool.web.visit import Visit, visit
from lms_tool.web.worksheet_forms import changed_rows, entered
from lms_tool.web.worksheet_pages import agenda_page, worksheet_page

blueprint = Blueprint("worksheet", __name__, url_prefix="/k/<launch>")


def show(db: Connection, seen: Visit) -> WorksheetPage | SubmissionPage:
    """The form with the draft, or what lies with the coach. In a review only what was handed in."""
    if (reviewed := reviewed_page(db, seen.found, seen.activity.id)) is not None:
        return reviewed
    work, handed = _stored(db, seen)
    return worksheet_page(seen, work, handed, _form(db, seen, handed))


@blueprint.post("/a/<activity_id>")
def enter_values(launch: str, activity_id: str) -> Response:
    """Save the draft, change a table's rows, or hand in: see ``WorksheetPage``."""
    tool = runtime()
    seen = visit(launch, activity_id, Worksheet)
    learner = seen.require_writable()
    sheet: Worksheet = seen.activity.content
    action = request.form.get("action", "save")
    content = entered(sheet, request.form.getlist)
    version = _version()
    revision_id = seen.found.revision_id
    by_script = request.headers.get("HX-Request") == "true"
    place = ""
    if action not in ("save", "keep", "hand_in"):
        rows = changed_rows(sheet, content, action)
        if rows is None or by_script:
            raise NotFound(action=action[:16])
        content, place = rows[0], f"#feld-{rows[1]}"
    assert revision_id is not None
    try:
        with tool.database.write() as db:
            if action == "hand_in":
                outcome = worksheets.hand_in(
                    db, learner, seen.room.course, revision_id, seen.activity, content, version, seen.now
                )
            else:
                wanted = None if action == "keep" else version
                version = worksheets.save(
                    db, learner, seen.room.course, seen.activity, content, wanted, seen.now
                )
    except WorkChanged as error:
        if by_script:
            raise
        return _again(seen, content, error.status, conflict=True)
    if action == "hand_in":
        deliver(outcome.due)
        if outcome.problems:
            return _again(seen, content, 422, problems=outcome.problems)
    if by_script:
        return jsonify(version=version)
    return go_to(seen.found, seen.url + place)


@blueprint.get("/agenda")
def agenda(launch: str) -> Response:
    """«Meine Bausteine für die Digitale Agenda»: everything entered in this launch's worksheets, by chapter."""
    tool, found = runtime(), current_session(launch)
    with tool.database.read() as db:
        room = enter(db, tool, found)
        owner, course_id = found.shown_membership_id, room.course.id
        if found.reviewing:  # drafts are nobody's but their owner's
            newest = worksheets.newest(db, owner, course_id)
            contents = {key: one.content for key, one in newest.items()}
        else:
            contents = worksheets.drafts(db, owner, course_id)
    title = "Bausteine für die Digitale Agenda" if found.locale == "de" else "Pieces for the Digitale Agenda"
    return show_in(found, agenda_page(room, contents, title), keep=False)


def _stored(db: Connection, seen: Visit) -> tuple[Work | None, list[Handed]]:
    owner, course_id, activity_id = seen.found.shown_membership_id, seen.room.course.id, seen.activity.id
    handed = worksheets.handed(db, owner, course_id, activity_id)
    return (works.load(db, owner, course_id, activity_id) if seen.found.learner else None), handed


def _form(db: Connection, seen: Visit, handed: list[Handed]) -> Worksheet:
    """The form that was filled in while nothing can be changed; else the published one."""
    published: Worksheet = seen.activity.content
    if not handed or (seen.found.learner and handed[-1].decision is Decision.RETURNED):
        return published
    then = runtime().shelf.course(db, handed[-1].revision_id).by_activity.get(seen.activity.id)
    return then[1].content if then and isinstance(then[1].content, Worksheet) else published


def _again(
    seen: Visit,
    content: Content,
    status: int,
    *,
    problems: tuple[Problem, ...] = (),
    conflict: bool = False,
) -> Response:
    """The page once more with what was sent: nothing that was typed is lost."""
    with runtime().database.read() as db:
        work, handed = _stored(db, seen)
    page = worksheet_page(
        seen, work, handed, seen.activity.content, sent=content, problems=problems, conflict=conflict
    )
    return show_in(seen.found, page, status, keep=False)


def _version() -> int:
    """What the form builds on. Raises NotFound for what no form of ours says."""
    sent = request.form.get("version", "0")
    if not (sent.isascii() and sent.isdigit() and len(sent) < 10):
        raise NotFound(reason="version")
    return int(sent)
