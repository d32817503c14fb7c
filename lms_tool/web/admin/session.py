"""Who administers, in which language, and what surrounds their pages."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from lms_tool.database import Connection
from lms_tool.services import administrators, audit, grades
from lms_tool.services.administrators import TOUCH, AdminSession
from lms_tool.web import security
from lms_tool.web.context import correlation_id, runtime
from lms_tool.web.pages import AdminFrame, Link, Notice
from lms_tool.web.render import Page
from lms_tool.web.respond import show

COOKIE = "__Host-lms-tool-admin"


def current_admin() -> AdminSession:
    """The administrator this browser belongs to; their queries take ``tenant_id``.

    Raises:
        AdminSessionMissing: not signed in, or no longer.
        CsrfFailed: something is to be changed, and the request does not come from one of our pages.
    """
    if request.method not in security.SAFE:
        security.require_same_site()
    tool = runtime()
    now = tool.clock()
    proof = request.cookies.get(COOKIE)
    with tool.database.read() as db:
        found = administrators.find(db, proof, now)
    if now - found.seen_at >= TOUCH and proof:
        with tool.database.write() as db:
            administrators.touch(db, proof, now)
    return found


def language() -> str:
    """German, unless the browser prefers English."""
    return request.accept_languages.best_match(("de", "en")) or "de"


def show_admin(page: Page, status: int = 200) -> Response:
    """A page of the administration, in the browser's language. Nobody may put it into a frame."""
    return show(page, status, language())


def admin_frame(admin: AdminSession, tab: str, *crumbs: Link, notices: tuple[Notice, ...] = ()) -> AdminFrame:
    """What surrounds a page; ``crumbs`` leads from the tab's page to the page itself, for deeper pages only."""
    tool = runtime()
    with tool.database.read() as db:
        waiting = grades.needing_help(db, admin.tenant_id)
    return AdminFrame(
        tab=tab,
        crumbs=crumbs,
        name=admin.name,
        tenant_name=admin.tenant_name,
        waiting=waiting,
        notices=notices,
    )


def record(
    db: Connection,
    admin: AdminSession,
    code: str,
    platform_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write down what an administrator did, in the transaction that does it."""
    audit.note(
        db,
        runtime().clock(),
        "admin",
        code,
        platform_id,
        correlation_id(),
        details,
        actor=admin.actor,
        tenant_id=admin.tenant_id,
    )
