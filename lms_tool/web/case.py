"""A branching case: look at a scene, decide, go back, play it again.

Where nothing is recorded (an anonymous launch) the way travels in forms and addresses; it is checked like every input.
"""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lms_tool.content.case import Case
from lms_tool.database import Connection
from lms_tool.lti.request_errors import NotFound
from lms_tool.services import cases, lessons
from lms_tool.services.cases import CaseStepInvalid, Play
from lms_tool.web.case_pages import address, case_page
from lms_tool.web.context import runtime
from lms_tool.web.pages import CasePage
from lms_tool.web.queueing import deliver
from lms_tool.web.respond import go_to
from lms_tool.web.visit import Visit, visit

blueprint = Blueprint("case", __name__, url_prefix="/k/<launch>/a/<activity_id>")


def show(db: Connection, seen: Visit) -> CasePage:
    """The scene the way has come to; with ``?step=n`` the one after its first n moves, to decide anew from there."""
    return case_page(seen, _stored(db, seen), _number(request.args.get("step", "")))


@blueprint.post("/case")
def decide(launch: str, activity_id: str) -> Response:
    """One choice from the place that the page showed; or back to the beginning."""
    seen = visit(launch, activity_id, Case)
    if seen.found.reviewing:
        raise NotFound(reason="read-only")
    lessons.require_open(seen.room.status, seen.activity)
    ends = () if seen.room.records else _ends(request.form.get("ends", ""))
    if request.form.get("action") == "again":
        made = cases.begin(seen.activity, ends)
    else:
        number = _number(request.form.get("choice", ""))
        if number is None:
            raise CaseStepInvalid(reason="choice")
        made = cases.step(seen.activity, cases.from_text(request.form.get("way", "")), ends, number)
    if seen.found.learner is not None:
        with runtime().database.write() as db:
            due = cases.save(db, seen.found.learner, seen.room.course, seen.activity, made, seen.now)
        deliver(due)
    # An address for each place, so that the browser's way back leads to the scene before.
    return go_to(seen.found, address(seen, made, len(made.stand.way)))


def _stored(db: Connection, seen: Visit) -> Play:
    if seen.found.shown_membership_id is None and not seen.found.reviewing:
        way = cases.from_text(request.args.get("way", ""))
        return cases.resume(seen.activity, way, _ends(request.args.get("ends", "")))
    return cases.play(db, seen.found.shown_membership_id, seen.room.course.id, seen.activity)


def _ends(text: str) -> tuple[str, ...]:
    """What is no end of the case is left out later."""
    return tuple(text.split(" ", 100)[:100])


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
