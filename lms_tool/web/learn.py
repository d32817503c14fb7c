"""Pages of a launch: course, module, lesson, glossary, media."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lms_tool.content import questions
from lms_tool.content.case import Case
from lms_tool.content.course import Activity, Lesson, Module, Quiz
from lms_tool.content.offer import Offer
from lms_tool.content.questions import AnswerMissing
from lms_tool.content.worksheet import Worksheet
from lms_tool.content.workshop import Workshop
from lms_tool.database import Connection
from lms_tool.learning import State
from lms_tool.lti.request_errors import NotFound
from lms_tool.services import attempts, courses, lessons, sessions
from lms_tool.services.places import forget as forget_place
from lms_tool.services.sessions import LearningSession
from lms_tool.web import case, offer, places, worksheet, workshop
from lms_tool.web.context import runtime
from lms_tool.web.course_pages import course_page, glossary_page, module_page
from lms_tool.web.lesson_pages import lesson_page
from lms_tool.web.queueing import deliver
from lms_tool.web.quiz_pages import quiz_start_page
from lms_tool.web.render import Page
from lms_tool.web.respond import ANY_LAUNCH, go_to, show_in
from lms_tool.web.room import Room, enter
from lms_tool.web.security import current_session
from lms_tool.web.visit import Visit, look

blueprint = Blueprint("learn", __name__, url_prefix="/k/<launch>")

MEDIA_AGE = 365 * 24 * 3600


@blueprint.get("/")
def home(launch: str) -> Response:
    """What was placed: the course, a module, or one activity."""
    found = current_session(launch)
    if "back" in request.args:
        with runtime().database.read() as db:
            back = places.way_back(db, enter(db, runtime(), found), request.args["back"])
        return go_to(found, back or ANY_LAUNCH)
    places.note(found, "")
    if found.activity_id is not None:
        return _show_activity(found, found.activity_id)
    with runtime().database.read() as db:
        room = enter(db, runtime(), found)
    if found.module_id is not None:
        return show_in(found, module_page(room, room.module(found.module_id)))
    return show_in(found, course_page(room))


@blueprint.get("/m/<module_id>")
def module(launch: str, module_id: str) -> Response:
    found = current_session(launch)
    with runtime().database.read() as db:
        room = enter(db, runtime(), found)
    return show_in(found, module_page(room, room.module(module_id)))


@blueprint.get("/a/<activity_id>")
def activity(launch: str, activity_id: str) -> Response:
    found = current_session(launch)
    answer = _show_activity(found, activity_id)
    places.note(found, f"a/{activity_id}")
    return answer


@blueprint.post("/a/<activity_id>/done")
def done(launch: str, activity_id: str) -> Response:
    """«Weiter» at the end of a lesson: it counts as read."""
    tool = runtime()
    found = current_session(launch)
    with tool.database.write() as db:
        room = enter(db, tool, found)
        home_module, chosen = room.activity(activity_id)
        if not isinstance(chosen.content, Lesson):
            raise NotFound(activity=activity_id[:64])
        due: set[int] = set()
        if found.learner is not None:
            due = lessons.finish_lesson(db, found.learner, room.course, chosen, tool.clock())
    deliver(due)
    return go_to(found, _after(room, home_module, chosen))


@blueprint.post("/a/<activity_id>/check")
def check(launch: str, activity_id: str) -> Response:
    """The question inside a lesson: feedback at once, nothing is stored."""
    tool = runtime()
    found = current_session(launch)
    with tool.database.read() as db:
        room = enter(db, tool, found)
    home_module, chosen = room.activity(activity_id)
    if not isinstance(chosen.content, Lesson) or chosen.content.check is None:
        raise NotFound(activity=activity_id[:64])
    lessons.require_open(room.status, chosen)
    response = questions.response(chosen.content.check, request.form.getlist)
    today = tool.clock().date()
    if "move" in request.form:  # without a script, a button of a list to be ordered
        response = questions.moved(chosen.content.check, response, request.form["move"])
        return show_in(found, lesson_page(room, home_module, chosen, today, chosen=response))
    try:
        marked = questions.checked(chosen.content.check, response)
    except AnswerMissing as error:
        page = lesson_page(room, home_module, chosen, today, chosen=response, answer_missing=True)
        return show_in(found, page, error.status, keep=not questions.typed(chosen.content.check))
    page = lesson_page(room, home_module, chosen, today, chosen=response, marked=marked)
    return show_in(found, page, keep=not questions.typed(chosen.content.check))


@blueprint.get("/glossary")
def glossary(launch: str) -> Response:
    found = current_session(launch)
    with runtime().database.read() as db:
        room = enter(db, runtime(), found)
    return show_in(found, glossary_page(room))


@blueprint.get("/media/<digest>/<name>")
def media(launch: str, digest: str, name: str) -> Response:
    """A picture of the course. Named by its content, so it may be kept for ever."""
    tool = runtime()
    found = current_session(launch)
    with tool.database.read() as db:
        room = enter(db, tool, found)
        known = next((one for one in room.course.media if one.digest == digest and one.name == name), None)
        data = courses.media(db, found.revision_id, digest) if known and found.revision_id else None
    if known is None or data is None:
        raise NotFound(media=name[:64])
    answer = Response(data, mimetype=known.content_type)
    answer.headers["Cache-Control"] = f"private, max-age={MEDIA_AGE}, immutable"
    # An SVG opened by itself must not run anything either.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


@blueprint.post("/stay")
def stay(launch: str) -> Response:
    """«Ja, weitermachen»: finding the session is enough to keep it alive."""
    current_session(launch)
    return Response(status=204)


@blueprint.post("/end")
def end(launch: str) -> Response:
    """End the session; its URL opens nothing any more."""
    tool = runtime()
    found = current_session(launch)
    with tool.database.write() as db:
        sessions.end(db, found.launch_id, tool.clock())
        forget_place(db, found)
    return go_to(found, ANY_LAUNCH)


def _show_activity(found: LearningSession, activity_id: str) -> Response:
    tool = runtime()
    with tool.database.read() as db:
        seen = look(db, tool, found, activity_id)
        kind = type(seen.activity.content)
        page = SHOW[kind](db, seen)
    is_open = seen.room.status.activity(activity_id).state is State.OPEN
    if kind is Lesson and found.learner is not None and is_open:
        with tool.database.write() as db:
            lessons.begin(db, found.learner, seen.room.course, seen.activity, seen.now)
    # Whatever else there is shows what a person entered: not for memory.
    return show_in(found, page, keep=kind in (Lesson, Quiz))


def _lesson(_db: Connection, seen: Visit) -> Page:
    return lesson_page(seen.room, seen.module, seen.activity, seen.now.date())


def _quiz(db: Connection, seen: Visit) -> Page:
    sittings, running = [], None
    if (owner := seen.found.shown_membership_id) is not None:
        course = seen.room.course.id
        sittings = attempts.sittings(db, owner, course, seen.activity.id)
        open_one = next((one for one in sittings if one.finished_at is None), None)
        if open_one is not None:
            running = attempts.sitting(db, owner, course, seen.activity.id, open_one.number)
    return quiz_start_page(seen.room, seen.module, seen.activity, sittings, running, seen.now.date())


# What an activity's own address shows, by the class of its content.
SHOW: dict[type[Any], Callable[[Connection, Visit], Page]] = {
    Case: case.show,
    Offer: offer.show,
    Lesson: _lesson,
    Quiz: _quiz,
    Workshop: workshop.show,
    Worksheet: worksheet.show,
}


def _after(room: Room, home_module: Module, chosen: Activity) -> str:
    """Where «Weiter» leads: the next activity, else the module page, else the same page again."""
    if not room.contains(home_module):
        return room.base
    following = lessons.following(home_module, chosen.id)
    return room.activity_url(following) if following else room.module_url(home_module)
