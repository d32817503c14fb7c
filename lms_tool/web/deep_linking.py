"""Content selection inside the LMS: the picker, and the form that hands its answer over (Deep Linking 2.0)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lms_tool.database import Connection
from lms_tool.lti.deep_linking import DeepLinkExpired
from lms_tool.lti.login import plain_text
from lms_tool.lti.request_errors import CsrfFailed, ModuleNotFound, SessionMissing
from lms_tool.services import audit, deep_links, pickers
from lms_tool.services.deep_links import Choice, Key
from lms_tool.services.pickers import Selection
from lms_tool.web import security
from lms_tool.web.context import correlation_id, may_be_framed_by, may_send_forms_to, runtime
from lms_tool.web.pages import PickerSendPage
from lms_tool.web.picker_pages import picker_page
from lms_tool.web.respond import show

blueprint = Blueprint("deep_linking", __name__, url_prefix="/k/<picker>")

MAX_ID = 64  # characters
NOTHING_CHOSEN = 422


@blueprint.get("/select")
def select(picker: str) -> Response:
    """What there is to choose; ``course`` names the one to show, ``tick=modules`` ticks all of its modules."""
    try:
        found = _selection(picker)
    except CsrfFailed as error:  # answered: its form is spent
        raise DeepLinkExpired(**error.details) from error
    return _show(found, ticked=request.args.get("tick") == "modules")


@blueprint.post("/select")
def place(picker: str) -> Response:
    """The choice, handed over to the LMS by a form that posts itself."""
    found = _submitted(picker)
    choices = [_choice(raw, found) for raw in request.form.getlist("item")]
    if not choices:
        return _show(found, status=NOTHING_CHOSEN)
    return _hand_over(found, choices)


@blueprint.post("/cancel")
def cancel(picker: str) -> Response:
    """An answer without items: the LMS closes its dialogue."""
    return _hand_over(_submitted(picker), ())


def _selection(picker: str) -> Selection:
    """Raises SessionMissing, DeepLinkExpired, CsrfFailed."""
    tool = runtime()
    with tool.database.read() as db:
        found = pickers.find(db, picker, security.shown_proof(), tool.clock())
    may_be_framed_by(found.issuer, found.auth_login_url)
    return found


def _submitted(picker: str) -> Selection:
    """The picker a form belongs to; a form of another session proves nothing.

    Raises:
        CsrfFailed, DeepLinkExpired.
    """
    security.require_same_site()
    try:
        return _selection(picker)
    except SessionMissing as error:
        raise CsrfFailed(reason="another session") from error


def _show(found: Selection, *, ticked: bool = False, status: int = 200) -> Response:
    tool = runtime()
    with tool.database.read() as db:
        offers = deep_links.offers(db, tool.shelf, found)
    wanted = request.args.get("course")
    shown = next((one for one in offers if one.course.id == wanted), offers[0] if offers else None)
    base = f"/k/{found.picker_id}/"
    page = picker_page(
        found,
        shown,
        [one.course for one in offers],
        lambda course_id, **more: f"{base}select?{urlencode({'course': course_id, **more})}",
        base,
        ticked=ticked,
        missing=status == NOTHING_CHOSEN,
    )
    return show(page, status, found.locale)


def _hand_over(found: Selection, choices: Sequence[Choice]) -> Response:
    tool = runtime()
    now = tool.clock()
    with tool.database.write() as db:
        answer = deep_links.answer(db, tool.shelf, tool.vault, found, choices, tool.settings.base_url, now)
        if answer.items:
            _note(db, found, answer.items)
    may_send_forms_to(answer.return_url)
    page = PickerSendPage(return_url=answer.return_url, jwt=answer.jwt, items=answer.items)
    return show(page, language=found.locale)


def _note(db: Connection, found: Selection, items: int) -> None:
    audit.note(
        db,
        runtime().clock(),
        "content",
        "content_placed",
        found.platform_id,
        correlation_id(),
        {"items": items},
        actor=pickers.actor(db, found),
    )


def _choice(raw: str, found: Selection) -> Choice:
    """Raises ModuleNotFound for what can be no key of ours."""
    form = request.form
    opens = form.get(f"opens:{raw}", "")
    targets = found.settings.targets
    return Choice(
        key=_key(raw),
        title=plain_text(form.get(f"title:{raw}", ""), 255).strip(),
        report=form.get(f"report:{raw}", deep_links.DEFAULT_REPORT),
        target=opens if opens in targets else next(iter(targets), ""),
    )


def _key(raw: str) -> Key:
    parts = raw.split("/")
    if len(parts) > 3 or not all(0 < len(part) <= MAX_ID for part in parts):
        raise ModuleNotFound(wanted=plain_text(raw, 64))
    course, module, activity = (*parts, None, None)[:3]
    assert course is not None
    return course, module, activity
