"""Entering and leaving the administration, and who else may."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from lms_tool.services import administrators, audit
from lms_tool.services.administrators import ABSOLUTE, AdminSession
from lms_tool.web import security
from lms_tool.web.admin.session import COOKIE, admin_frame, current_admin, record, show_admin
from lms_tool.web.context import correlation_id, runtime
from lms_tool.web.pages import AdminEnterPage, AdminPeoplePage, AdminPerson

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/")
def start() -> Response:
    current_admin()
    return redirect("/admin/platforms")


@blueprint.get("/enter/<code>")
def before_entering(code: str) -> Response:
    """A page with one button: programs that look into mails open links, but press nothing."""
    tool = runtime()
    with tool.database.read() as db:
        administrators.check_link(db, code, tool.clock())
    return show_admin(AdminEnterPage(action_url=request.path))


@blueprint.post("/enter/<code>")
def enter(code: str) -> Response:
    security.require_same_site()
    tool = runtime()
    now = tool.clock()
    with tool.database.write() as db:
        admin, proof = administrators.enter(db, code, now)
        audit.note(
            db,
            now,
            "admin",
            "admin_entered",
            None,
            correlation_id(),
            actor=admin.actor,
            tenant_id=admin.tenant_id,
        )
    answer = redirect("/admin/", code=303)
    answer.set_cookie(
        COOKIE,
        proof,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )
    return answer


@blueprint.post("/leave")
def leave() -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        administrators.leave(db, request.cookies.get(COOKIE, ""))
        record(db, admin, "admin_left")
    answer = redirect("/admin/left", code=303)
    answer.set_cookie(COOKIE, "", max_age=0, path="/", secure=True, httponly=True, samesite="Lax")
    return answer


@blueprint.get("/left")
def left() -> Response:
    """After signing out."""
    return show_admin(AdminEnterPage(action_url=""))


@blueprint.get("/people")
def people() -> Response:
    return _people(current_admin())


@blueprint.post("/people")
def invite_colleague() -> Response:
    """A new account; its link is shown once, in this answer."""
    admin = current_admin()
    tool = runtime()
    now = tool.clock()
    name = (security.single("name") or "").strip()
    with tool.database.write() as db:
        admin_id = administrators.add(db, admin.tenant_id, name, now)
        code = administrators.link(db, admin_id, admin.tenant_id, now)
        record(db, admin, "admin_added", details={"admin": admin_id})
    return _people(admin, code, name)


@blueprint.post("/people/<int:admin_id>/link")
def new_link(admin_id: int) -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        code = administrators.link(db, admin_id, admin.tenant_id, tool.clock())
        record(db, admin, "admin_link_made", details={"admin": admin_id})
        name = next(
            row["name"] for row in administrators.listing(db, admin.tenant_id) if row["id"] == admin_id
        )
    return _people(admin, code, name)


@blueprint.post("/people/<int:admin_id>/disable")
def disable(admin_id: int) -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        administrators.disable(db, admin_id, admin.tenant_id, tool.clock())
        record(db, admin, "admin_disabled", details={"admin": admin_id})
    return redirect("/admin/people", code=303)


def _people(admin: AdminSession, code: str = "", name: str = "") -> Response:
    tool = runtime()
    with tool.database.read() as db:
        rows = administrators.listing(db, admin.tenant_id)
    return show_admin(
        AdminPeoplePage(
            frame=admin_frame(admin, "people"),
            people=tuple(
                AdminPerson(
                    id=row["id"],
                    name=row["name"],
                    seen_at=row["seen_at"],
                    disabled=row["disabled_at"] is not None,
                    own=row["id"] == admin.admin_id,
                )
                for row in rows
            ),
            link=f"{tool.settings.base_url}/admin/enter/{code}" if code else "",
            link_name=name if code else "",
        )
    )
