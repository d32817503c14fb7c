"""Content selection (Deep Linking 2.0), the platform's side: what the tool sends back becomes activities.

As recorded: one item fills the form that the teacher saves; several are listed and made all at once.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

import jwt
from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from lms_tool.demo.config import Container, LmsConfig
from lms_tool.demo.messages import LTI
from lms_tool.demo.pages import page
from lms_tool.demo.platform import Platform, Visit
from lms_tool.demo.tokens import TokenRefused, check_signature

CONTENT_ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
RESPONSE = "LtiDeepLinkingResponse"
PLACED = "selected|"  # how the placement of an activity begins that came by selection


class Refused(Exception):
    """The tool's answer is not believed; ``args[0]`` says why."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One activity to be made. ``maximum`` in points; ``None``: not graded."""

    title: str
    description: str
    url: str
    custom: dict[str, str]
    container: Container
    maximum: int | None
    resource_id: str
    tag: str
    review: str | None


def blueprint(platform: Platform) -> Blueprint:
    selection = Blueprint("selection", __name__)
    course_url = f"/course/view.php?id={platform.config.course.id}"

    @selection.get("/course/select.php")
    def select() -> str:
        """The tool's picker in a frame, as large as Moodle's dialogue."""
        _editor(platform)
        return page(platform, "select.html", title="Inhalte auswählen")

    @selection.post("/mod/lti/contentitem_return.php")
    def come_back() -> str:
        visit = platform.visit()
        if visit is None and "repost" not in request.form:
            # Posted from the tool's page, the browser left our cookie out. Posted again from here, it comes.
            url = request.environ.get("REQUEST_URI", request.full_path)
            return render_template("auto_post.html", url=url, fields={**request.form, "repost": "true"})
        visit = _editor(platform)
        if request.args.get("sesskey") != visit.sesskey:
            abort(403)
        try:
            items = read_items(platform, request.form.get("JWT", ""))
        except Refused as error:
            text = f"Die Antwort des Werkzeugs wurde nicht angenommen: {error}"
            return page(platform, "returned.html", title="Fehler", text=text, course_url=course_url)
        if not items:
            return render_template("leave_frame.html", course_url=course_url)
        number = secrets.token_hex(8)
        with platform.store.writing() as db:
            db.execute("INSERT INTO selection VALUES (?, ?, ?)", (number, visit.id, json.dumps(items)))
        chosen = [read_item(platform.config, item) for item in items]
        return page(platform, "selected.html", title="Aktivitäten anlegen", chosen=chosen, number=number)

    @selection.post("/course/modedit.php")
    def save() -> Response:
        visit = _editor(platform)
        if request.form.get("sesskey") != visit.sesskey:
            abort(403)
        with platform.store.writing() as db:
            row = db.execute(
                "DELETE FROM selection WHERE id = ? AND session_id = ? RETURNING items",
                (request.form.get("number", ""), visit.id),
            ).fetchone()
            if row is None:
                abort(404)
            chosen = [read_item(platform.config, item) for item in json.loads(row["items"])]
            titles = request.form.getlist("title")
            for number, one in enumerate(chosen):
                _make(db, one, titles[number].strip() if number < len(titles) else "")
        return redirect(course_url)

    return selection


def read_items(platform: Platform, token: str) -> list[dict[str, Any]]:
    """The content items of an answer, its signature and addressee checked.

    Raises:
        Refused: it is not the tool's answer to us.
    """
    config = platform.config
    try:
        check_signature(platform, token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except (TokenRefused, jwt.PyJWTError) as error:
        raise Refused(str(error)) from error
    audience = claims.get("aud")
    if claims.get("iss") != config.client_id or config.base_url not in (
        audience if isinstance(audience, list) else [audience]
    ):
        raise Refused("iss oder aud passt nicht")
    if claims.get(f"{LTI}message_type") != RESPONSE or claims.get(f"{LTI}version") != "1.3.0":
        raise Refused("keine Antwort auf eine Auswahl")
    if claims.get(f"{LTI}deployment_id") != config.deployment_id:
        raise Refused("deployment_id passt nicht")
    items = claims.get(CONTENT_ITEMS, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refused("content_items ist keine Liste")
    return items


def read_item(config: LmsConfig, item: dict[str, Any]) -> Chosen:
    """What an item says, as far as Moodle listens: no dates, no label; a column has 1 to 100 whole points."""
    column = item.get("lineItem")
    column = column if isinstance(column, dict) else None
    maximum = column.get("scoreMaximum") if column else None
    if column is not None and not (type(maximum) is int and 1 <= maximum <= 100):
        maximum = 100
    review = column.get("submissionReview") if column else None
    custom = item.get("custom")
    return Chosen(
        title=str(item.get("title") or "Aktivität")[:255],
        description=str(item.get("text") or ""),
        url=str(item.get("url") or config.tool_launch_url),
        custom={str(k): str(v) for k, v in custom.items()} if isinstance(custom, dict) else {},
        container=Container.WINDOW if "window" in item and "iframe" not in item else Container.IFRAME,
        maximum=maximum,
        resource_id=str(column.get("resourceId") or "") if column else "",
        tag=str(column.get("tag") or "") if column else "",
        review=json.dumps(review) if isinstance(review, dict) and review.get("url") else None,
    )


def _make(db: sqlite3.Connection, one: Chosen, title: str) -> None:
    (position,) = db.execute("SELECT coalesce(max(position), 0) + 1 FROM activity").fetchone()
    graded = one.maximum is not None
    maximum = one.maximum if one.maximum is not None else 100
    activity = db.execute(
        "INSERT INTO activity (position, title, description, url, custom, container, graded, maximum,"
        " pass_grade, placement, visible) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, 1)",
        (position, title or one.title, one.description, one.url, json.dumps(one.custom), one.container,
         graded, maximum, PLACED + secrets.token_hex(8)),
    ).lastrowid  # fmt: skip
    if graded:
        db.execute(
            "INSERT INTO grade_item (activity_id, link_id, label, maximum, resource_id, tag, review)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (activity, activity, title or one.title, maximum, one.resource_id, one.tag, one.review),
        )


def _editor(platform: Platform) -> Visit:
    visit = platform.visit()
    if visit is None or not visit.person.edits_course:
        abort(403)
    return visit
