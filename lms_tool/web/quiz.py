"""A quiz in progress: begin, answer, hand in, look at the result."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lms_tool.content import questions
from lms_tool.content.course import Activity, Module, Quiz
from lms_tool.content.questions import AnswerMissing
from lms_tool.lti.request_errors import NotFound
from lms_tool.services import attempts
from lms_tool.services.attempts import AttemptNotFound, Sitting
from lms_tool.services.lessons import Learner
from lms_tool.services.sessions import LearningSession
from lms_tool.web import places
from lms_tool.web.context import runtime
from lms_tool.web.queueing import deliver
from lms_tool.web.quiz_pages import hand_in_page, question_page, result_page
from lms_tool.web.respond import go_to, show_in
from lms_tool.web.room import Room, enter
from lms_tool.web.security import current_session

blueprint = Blueprint("quiz", __name__, url_prefix="/k/<launch>/a/<activity_id>")


@dataclass(frozen=True)
class Desk:
    """An attempt with everything around it, on the revision it was begun with."""

    found: LearningSession
    room: Room
    module: Module
    activity: Activity
    quiz: Quiz
    sitting: Sitting

    @property
    def url(self) -> str:
        return f"{self.room.activity_url(self.activity)}/t/{self.sitting.number}"

    def require_writable(self) -> Learner:
        """Who answers. Raises NotFound where nothing may be recorded (a review)."""
        if self.found.learner is None:
            raise NotFound(reason="read-only")
        return self.found.learner

    def require(self, number: int) -> None:
        if not 1 <= number <= len(self.quiz.questions):
            raise NotFound(question=number)


@blueprint.post("/attempts")
def start(launch: str, activity_id: str) -> Response:
    """Begin an attempt, or go on with the open one where it stopped."""
    tool = runtime()
    found = current_session(launch)
    with tool.database.write() as db:
        room = enter(db, tool, found)
        _, activity = room.activity(activity_id)
        if found.learner is None or found.revision_id is None or not isinstance(activity.content, Quiz):
            raise NotFound(activity=activity_id[:64])
        number = attempts.begin(db, found.learner, room.course, found.revision_id, activity, tool.clock())
    desk = _desk(found, activity_id, number)
    return go_to(desk.found, f"{desk.url}/q/{attempts.first_open(desk.quiz, desk.sitting.answers)}")


@blueprint.get("/t/<int(max=9999):number>/q/<int(max=9999):question>")
def show_question(launch: str, activity_id: str, number: int, question: int) -> Response:
    desk = _desk(current_session(launch), activity_id, number)
    desk.require(question)
    places.note(desk.found, f"a/{activity_id}/t/{number}/q/{question}")
    page = question_page(desk.room, desk.module, desk.activity, desk.sitting, question)
    return show_in(desk.found, page, keep=not questions.typed(desk.quiz.questions[question - 1]))


@blueprint.post("/t/<int(max=9999):number>/q/<int(max=9999):question>")
def answer(launch: str, activity_id: str, number: int, question: int) -> Response:
    """Save what is chosen; check it, or go on to a neighbour."""
    tool = runtime()
    desk = _desk(current_session(launch), activity_id, number)
    desk.require(question)
    desk.require_writable()
    action = request.form.get("action", "save")
    if action not in ("save", "check", "next", "previous") or (
        action == "check" and desk.quiz.feedback != "immediate"
    ):
        raise NotFound(action=action[:16])
    asked = desk.quiz.questions[question - 1]
    chosen = questions.response(asked, request.form.getlist)
    if "move" in request.form:  # without a script, a button of a list to be ordered
        chosen = questions.moved(asked, chosen, request.form["move"])
    given = desk.sitting.answers.get(asked.id)
    settled = desk.sitting.finished_at is not None or (given is not None and given.checked)
    try:
        # The fields of a settled answer are disabled: a browser sends none of them, and «next» must still work.
        if not (settled and not chosen and action in ("next", "previous")):
            with tool.database.write() as db:
                attempts.save(db, desk.sitting, asked, chosen, tool.clock(), check=action == "check")
    except AnswerMissing as error:
        page = question_page(
            desk.room, desk.module, desk.activity, desk.sitting, question, answer_missing=True, chosen=chosen
        )
        return show_in(desk.found, page, error.status, keep=not questions.typed(asked))
    if action == "save" and request.headers.get("HX-Request") == "true":
        return Response(status=204)
    if action == "next":
        last = question == len(desk.quiz.questions)
        return go_to(desk.found, desk.url if last else f"{desk.url}/q/{question + 1}")
    if action == "previous":
        return go_to(desk.found, f"{desk.url}/q/{max(1, question - 1)}")
    anchor = "#ordnen" if "move" in request.form else ""
    return go_to(desk.found, f"{desk.url}/q/{question}{anchor}")


@blueprint.post("/t/<int(max=9999):number>/finish")
def finish(launch: str, activity_id: str, number: int) -> Response:
    """Hand the attempt in. Unanswered questions earn nothing."""
    tool = runtime()
    desk = _desk(current_session(launch), activity_id, number)
    learner = desk.require_writable()
    with tool.database.write() as db:
        published = tool.shelf.course(db, desk.found.revision_id or desk.sitting.revision_id)
        due = attempts.finish(db, learner, published, desk.activity, desk.sitting, tool.clock())
    deliver(due)
    return go_to(desk.found, desk.url)


@blueprint.get("/t/<int(max=9999):number>")
def result(launch: str, activity_id: str, number: int) -> Response:
    """The result; for an attempt still open, what is answered and the button to hand it in."""
    desk = _desk(current_session(launch), activity_id, number)
    if desk.sitting.result is None:
        return show_in(desk.found, hand_in_page(desk.room, desk.module, desk.activity, desk.sitting))
    membership = desk.found.shown_membership_id
    assert membership is not None
    with runtime().database.read() as db:
        all_of_them = attempts.sittings(db, membership, desk.room.course.id, activity_id)
    finished = sum(one.finished_at is not None for one in all_of_them)
    return show_in(desk.found, result_page(desk.room, desk.module, desk.activity, desk.sitting, finished))


def _desk(found: LearningSession, activity_id: str, number: int) -> Desk:
    """Raises NotFound, AttemptNotFound for what is not this person's."""
    tool = runtime()
    if found.shown_membership_id is None:
        raise AttemptNotFound(activity=activity_id[:64], attempt=number)
    with tool.database.read() as db:
        sitting = attempts.sitting(db, found.shown_membership_id, found.course_id, activity_id, number)
        room = enter(db, tool, found, sitting.revision_id)
    module, activity = room.activity(activity_id)
    if not isinstance(activity.content, Quiz):
        raise NotFound(activity=activity_id[:64])
    return Desk(found, room, module, activity, activity.content, sitting)
