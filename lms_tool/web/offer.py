"""An external offer: its card, and «Ich habe das Angebot abgeschlossen»."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint
from werkzeug.wrappers import Response

from lms_tool.content.course import CompletionRule
from lms_tool.content.offer import Offer
from lms_tool.database import Connection
from lms_tool.learning import State
from lms_tool.lti.request_errors import NotFound
from lms_tool.services import works
from lms_tool.web.context import runtime
from lms_tool.web.course_pages import page_state, transfer
from lms_tool.web.lesson_pages import evidence, neighbours
from lms_tool.web.pages import Link, OfferPage
from lms_tool.web.queueing import deliver
from lms_tool.web.respond import go_to
from lms_tool.web.visit import Visit, visit

blueprint = Blueprint("offer", __name__, url_prefix="/k/<launch>/a/<activity_id>")


def show(_db: Connection, seen: Visit) -> OfferPage:
    room, module, activity = seen.room, seen.module, seen.activity
    offer = activity.content
    assert isinstance(offer, Offer)
    status = room.status.activity(activity.id)
    locked = status.state is State.LOCKED
    to_confirm = activity.completion is CompletionRule.CONFIRMED and status.state is not State.DONE
    alone = room.found.activity_id == activity.id
    before, after = neighbours(room, module, activity)
    return OfferPage(
        frame=room.frame(*(room.trail(module) if room.contains(module) else []), Link(activity.title)),
        title=activity.title,
        provider=offer.provider,
        url="" if locked else offer.url,
        host=urlsplit(offer.url).hostname or "",
        text_html=room.html(offer.text_html),
        minutes=activity.minutes,
        state=page_state(status.state) if status.counts or locked else None,
        confirm_url=f"{seen.url}/confirm" if to_confirm and room.records and not locked else "",
        evidence=evidence(activity, seen.now.date()),
        previous=before,
        next=None if locked else after,
        up=room.up(module),
        missing=tuple(map(room.link, status.missing)) if locked else (),
        all_or_nothing=alone and room.all_or_nothing,
        transfer=transfer(room) if alone else None,
    )


@blueprint.post("/confirm")
def confirm(launch: str, activity_id: str) -> Response:
    """The learner says so; nobody checks it, and it stays."""
    seen = visit(launch, activity_id, Offer)
    learner = seen.require_writable()
    if seen.activity.completion is not CompletionRule.CONFIRMED:
        raise NotFound(reason="nothing to confirm")
    with runtime().database.write() as db:
        due = works.finish(db, learner, seen.room.course, seen.activity, seen.now)
    deliver(due)
    return go_to(seen.found, seen.url)
