"""Connections in the administration: the list, invitations, one connection with its self-test."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from lms_tool.errors import Text
from lms_tool.models import Status
from lms_tool.services import connections, invitations, platforms, registrations
from lms_tool.services.administrators import AdminSession
from lms_tool.services.platforms import RegistrationInvalid
from lms_tool.web import security
from lms_tool.web.admin import connection_pages
from lms_tool.web.admin.session import admin_frame, current_admin, language, record, show_admin
from lms_tool.web.context import correlation_id, runtime
from lms_tool.web.pages import AdminDisconnectPage, Link
from lms_tool.web.queueing import deliver

blueprint = Blueprint("admin_platforms", __name__, url_prefix="/admin/platforms")

NAME_REFUSED = Text(
    "Bitte geben Sie einen Namen mit höchstens 255 Zeichen ein.",
    "Please enter a name of at most 255 characters.",
)


@blueprint.get("")
def overview() -> Response:
    return _overview(current_admin())


@blueprint.post("/invitation")
def invite() -> Response:
    """A one-time link for an LMS; shown in this answer and never again."""
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        code = invitations.invite(db, admin.tenant_id, admin.actor, tool.clock(), correlation_id())
    return _overview(admin, invitations.link(tool.settings.base_url, code))


@blueprint.post("/invitation/<int:invitation_id>/withdraw")
def withdraw(invitation_id: int) -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        invitations.withdraw(db, invitation_id, admin.tenant_id, admin.actor, tool.clock(), correlation_id())
    return redirect("/admin/platforms", code=303)


@blueprint.get("/<int:platform_id>")
def details(platform_id: int) -> Response:
    return _details(current_admin(), platform_id)


@blueprint.post("/<int:platform_id>/test")
def test(platform_id: int) -> Response:
    """«Jetzt prüfen»"""
    admin = current_admin()
    runtime().selftest.run(platform_id, admin.tenant_id)
    deliver([platform_id])  # grades that were refused may be due again
    return redirect(f"/admin/platforms/{platform_id}", code=303)


@blueprint.post("/<int:platform_id>/name")
def rename(platform_id: int) -> Response:
    admin = current_admin()
    try:
        with runtime().database.write() as db:
            connections.rename(db, platform_id, admin.tenant_id, security.single("name") or "")
            record(db, admin, "platform_renamed", platform_id)
    except RegistrationInvalid:
        return _details(admin, platform_id, NAME_REFUSED)
    return redirect(f"/admin/platforms/{platform_id}", code=303)


@blueprint.post("/<int:platform_id>/on")
def switch_on(platform_id: int) -> Response:
    return _switch(platform_id, Status.ACTIVE, "platform_switched_on")


@blueprint.post("/<int:platform_id>/off")
def switch_off(platform_id: int) -> Response:
    return _switch(platform_id, Status.INACTIVE, "platform_switched_off")


@blueprint.post("/<int:platform_id>/approve")
def approve(platform_id: int) -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        registrations.approve(db, platform_id, admin.tenant_id, admin.actor, tool.clock(), correlation_id())
    return redirect(f"/admin/platforms/{platform_id}", code=303)


@blueprint.post("/<int:platform_id>/reject")
def reject(platform_id: int) -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        registrations.reject(db, platform_id, admin.tenant_id, admin.actor, tool.clock(), correlation_id())
    return redirect("/admin/platforms", code=303)


@blueprint.post("/<int:platform_id>/deployments/<int:deployment_id>/approve")
def approve_deployment(platform_id: int, deployment_id: int) -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        registrations.approve_deployment(
            db, deployment_id, admin.tenant_id, admin.actor, tool.clock(), correlation_id()
        )
    return redirect(f"/admin/platforms/{platform_id}", code=303)


@blueprint.post("/<int:platform_id>/deployments/<int:deployment_id>/reject")
def reject_deployment(platform_id: int, deployment_id: int) -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        registrations.reject_deployment(
            db, deployment_id, admin.tenant_id, admin.actor, tool.clock(), correlation_id()
        )
    return redirect(f"/admin/platforms/{platform_id}", code=303)


@blueprint.get("/<int:platform_id>/disconnect")
def before_disconnecting(platform_id: int) -> Response:
    admin = current_admin()
    with runtime().database.read() as db:
        found = connections.details(db, platform_id, admin.tenant_id)
        held = connections.held(db, platform_id, admin.tenant_id)
    return show_admin(
        AdminDisconnectPage(
            frame=admin_frame(
                admin,
                "platforms",
                Link(found.line.name, f"/admin/platforms/{platform_id}"),
                Link("Disconnect" if language() == "en" else "Verbindung trennen"),
            ),
            id=platform_id,
            name=found.line.name,
            courses=held.courses,
            people=held.people,
            grades_waiting=held.grades_waiting,
        )
    )


@blueprint.post("/<int:platform_id>/disconnect")
def disconnect(platform_id: int) -> Response:
    """Deletes for good; the form carries the tick, so that a repeated or guessed request does nothing."""
    admin = current_admin()
    if request.form.get("sure") != "yes":
        return redirect(f"/admin/platforms/{platform_id}/disconnect", code=303)
    with runtime().database.write() as db:
        connections.disconnect(db, platform_id, admin.tenant_id)
        record(db, admin, "platform_disconnected", platform_id)
    return redirect("/admin/platforms", code=303)


def _switch(platform_id: int, status: Status, code: str) -> Response:
    """On or off; what waits for approval is not switched on around it."""
    admin = current_admin()
    with runtime().database.write() as db:
        if connections.details(db, platform_id, admin.tenant_id).status != Status.PENDING:
            platforms.set_status(db, platform_id, status, admin.tenant_id)
            record(db, admin, code, platform_id)
    return redirect(f"/admin/platforms/{platform_id}", code=303)


def _overview(admin: AdminSession, link: str = "") -> Response:
    tool = runtime()
    with tool.database.read() as db:
        rows = connections.overview(db, admin.tenant_id)
        pending = registrations.pending(db, admin.tenant_id)
        deployments = registrations.pending_deployments(db, admin.tenant_id)
        usable = invitations.open_invitations(db, admin.tenant_id, tool.clock())
    frame = admin_frame(admin, "platforms")
    return show_admin(connection_pages.overview(frame, rows, pending, deployments, usable, link))


def _details(admin: AdminSession, platform_id: int, error: Text | None = None) -> Response:
    tool = runtime()
    with tool.database.read() as db:
        found = connections.details(db, platform_id, admin.tenant_id)
    frame = admin_frame(admin, "platforms", Link(found.line.name))
    page = connection_pages.details(frame, found, tool.settings.base_url, error)
    return show_admin(page, 400 if error else 200)
