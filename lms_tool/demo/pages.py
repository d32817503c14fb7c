"""What people see of the demo LMS: entering as somebody, the course, coming back from the tool."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from lms_tool.demo.config import Container
from lms_tool.demo.gradebook import Completion
from lms_tool.demo.people import Role
from lms_tool.demo.platform import SESSION_COOKIE, Platform

REASONS = {
    403: "Sie haben hier keinen Zugang: Sie sind in diesem Kurs nicht eingeschrieben, oder Ihre Einschreibung"
    " ist ausgesetzt.",
    404: "Diese Seite gibt es nicht.",
    405: "Diese Adresse nimmt solche Anfragen nicht an.",
}

COMPLETION_WORDS = {
    None: "offen",
    Completion.INCOMPLETE: "offen",
    Completion.COMPLETE: "abgeschlossen",
    Completion.PASSED: "bestanden",
    Completion.FAILED: "nicht bestanden",
}


def page(platform: Platform, template: str, *, title: str, **values: Any) -> str:
    """A page with the LMS around it."""
    return render_template(
        template,
        title=title,
        visit=platform.visit(),
        site_name=platform.config.site_name,
        course=platform.config.course,
        **values,
    )


def message(platform: Platform, title: str, text: str) -> str:
    return page(platform, "message.html", title=title, text=text)


def add_filters(app: Flask, platform: Platform) -> None:
    app.add_template_filter(lambda value: f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ","), "points")
    app.add_template_filter(lambda at: f"{platform.local(at):%d.%m.%Y, %H:%M:%S} Uhr", "moment")
    app.add_template_filter(lambda state: COMPLETION_WORDS[state], "completion")


def blueprint(platform: Platform) -> Blueprint:
    pages = Blueprint("pages", __name__)
    config = platform.config
    course_url = f"/course/view.php?id={config.course.id}"

    @pages.get("/")
    def start() -> str:
        active = [person for person in config.people if person.may_open_course]
        return page(
            platform,
            "start.html",
            title="Eintreten",
            learners=[person for person in active if person.role is Role.STUDENT],
            staff=[person for person in active if person.role is not Role.STUDENT],
            shut_out=[person for person in config.people if not person.may_open_course],
        )

    @pages.get("/enter/<username>")
    def enter(username: str) -> Response:
        person = next((person for person in config.people if person.username == username), None)
        if person is None:
            abort(404)
        response = redirect(course_url)
        response.set_cookie(SESSION_COOKIE, platform.enter(person), httponly=True, samesite="Lax")
        return response

    @pages.post("/leave")
    def leave() -> Response:
        platform.leave()
        response = redirect("/")
        response.delete_cookie(SESSION_COOKIE)
        return response

    @pages.get("/course/view.php")
    def course() -> Response | str:
        visit = platform.visit()
        if visit is None:
            return redirect("/")
        if request.args.get("id") != str(config.course.id):
            abort(404)
        if not visit.person.may_open_course:
            abort(403)
        with platform.store.reading() as db:
            activities = db.execute(
                "SELECT activity.*, completion.state FROM activity LEFT JOIN completion"
                " ON activity_id = activity.id AND person_id = ? WHERE visible ORDER BY position",
                (visit.person.id,),
            ).fetchall()
        return page(
            platform,
            "course.html",
            title=config.course.title,
            activities=activities,
            window=Container.WINDOW,
            is_learner=visit.person.role is Role.STUDENT,
        )

    @pages.get("/mod/lti/return.php")
    def come_back() -> Response | str:
        """Where the tool sends people: out of the frame and back to the course, or a page with its words."""
        visit = platform.visit()
        if visit is None or request.args.get("sesskey") != visit.sesskey:
            abort(403)
        if request.args.get("lti_errormsg"):
            text = f"Das externe Werkzeug meldet einen Fehler: {request.args['lti_errormsg']}"
            return page(platform, "returned.html", title="Fehler", text=text, course_url=course_url)
        if request.args.get("lti_msg"):
            return page(
                platform, "returned.html", title="Zurück", text=request.args["lti_msg"], course_url=course_url
            )
        if request.args.get("launch_container") == str(Container.IFRAME.number):
            return render_template("leave_frame.html", course_url=course_url)
        return redirect(course_url)

    @pages.route("/mod/lti/service.php", methods=["GET", "POST"])
    def outcomes() -> Response:
        """LTI 1.1's outcomes: claimed in every launch, as in Moodle; the service itself is not built."""
        response = make_response("LTI 1.1 outcomes are not offered here.", 501)
        response.content_type = "text/plain; charset=utf-8"
        return response

    return pages
