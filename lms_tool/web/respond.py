"""Turning pages into responses.

Pages are values: what they show and nothing else. Members of a cohort who stand at the same place see the same page,
so a rendered page is kept and given to the next one; launch id and name are put in last.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import cast

from flask import current_app, g, redirect
from markupsafe import escape
from werkzeug.wrappers import Response

from lms_tool.services.sessions import LearningSession
from lms_tool.web.context import runtime
from lms_tool.web.render import Page, Renderer

KEPT = 512  # rendered pages per process, some 20 kB each
ANY_LAUNCH = "/k/_/"  # stored course texts and pages point here
ANY_PERSON = "\N{OBJECT REPLACEMENT CHARACTER}person\N{OBJECT REPLACEMENT CHARACTER}"


ANY_SESSION = 'data-seconds="_" data-member="_"'  # frame.html: how long it lasts, and whose it is


class Pages:
    """Renders pages and keeps them."""

    def __init__(self, renderer: Renderer) -> None:
        self.fresh = renderer.page
        self.kept = lru_cache(maxsize=KEPT)(renderer.page)


def show(page: Page, status: int = 200, language: str = "de") -> Response:
    """A page outside a launch, in German if nothing else is said, or, if it says so itself, in both languages."""
    # Not kept: it may hold a login's parameters or a way back with a session key of the LMS.
    return _response(_pages().fresh(page, language), status)


def show_in(found: LearningSession, page: Page, status: int = 200, *, keep: bool = True) -> Response:
    """A page of this launch, in its language.

    ``keep``: not for pages that hold what somebody typed, or that name others, as each page of a review does.
    """
    html = (_pages().kept if keep and not found.reviewing else _pages().fresh)(page, found.locale)
    # The name last: it may hold anything, also what looks like an address of ours.
    html = html.replace(f'"{ANY_LAUNCH}', f'"/k/{found.launch_id}/')
    html = html.replace(ANY_SESSION, f'data-seconds="{g.session_seconds}" data-member="{_member(found)}"', 1)
    return _response(html.replace(ANY_PERSON, str(escape(found.person_name))), status)


def go_to(found: LearningSession, url: str) -> Response:
    """On to another page of this launch, with GET."""
    return redirect(url.replace(ANY_LAUNCH, f"/k/{found.launch_id}/", 1), code=303)


def _member(found: LearningSession) -> str:
    """Tells one person's drafts in a shared browser from another's, and nothing else."""
    if found.membership_id is None:
        return ""
    return hmac.digest(runtime().source_secret, f"draft {found.membership_id}".encode(), "sha256").hex()[:16]


def _pages() -> Pages:
    return cast(Pages, current_app.extensions["lms_tool_pages"])


def _response(html: str, status: int) -> Response:
    return Response(html, status, mimetype="text/html")
