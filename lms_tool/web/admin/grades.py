"""Grades in the administration: what the LMS does not have, and sending it again."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from lms_tool.errors import Text
from lms_tool.lti.request_errors import NotFound
from lms_tool.services import grade_queue
from lms_tool.services.administrators import AdminSession
from lms_tool.services.grade_queue import Circuit, Counts, Show, Waiting
from lms_tool.web.admin.session import admin_frame, current_admin, record, show_admin
from lms_tool.web.context import runtime
from lms_tool.web.grade_wording import why
from lms_tool.web.pages import AdminCircuit, AdminGrade, AdminGradeFilter, AdminGradesPage, Notice
from lms_tool.web.queueing import deliver

blueprint = Blueprint("admin_grades", __name__, url_prefix="/admin/grades")

WARN = "none"
# What the last action did: for one grade, and for another number of them.
DONE = {
    "resent": (
        Text("Eine Note ist wieder unterwegs.", "One grade is on its way again."),
        Text("%s Noten sind wieder unterwegs.", "%s grades are on their way again."),
    ),
    "aside": (
        Text("Eine Note ist abgelegt.", "One grade was laid aside."),
        Text("%s Noten sind abgelegt.", "%s grades were laid aside."),
    ),
    "retried": (Text("Das LMS wird jetzt wieder gefragt.", "The LMS is being asked again."),) * 2,
    WARN: (Text("Bitte wählen Sie zuerst Noten aus.", "Please choose grades first."),) * 2,
}


@blueprint.get("")
def overview() -> Response:
    admin = current_admin()
    show, page = _show(request.args.get("show", "all")), request.args.get("page", 1, int)
    tool = runtime()
    now = tool.clock()
    with tool.database.read() as db:
        counts = grade_queue.counts(db, admin.tenant_id, now)
        pages = max(1, -(-getattr(counts, show) // grade_queue.PAGE))
        page = min(max(1, page), pages)
        rows = grade_queue.listing(db, admin.tenant_id, show, now, page)
        circuits = grade_queue.circuits(db, admin.tenant_id, now)
    return show_admin(_page(admin, show, counts, rows, circuits, page, pages))


@blueprint.post("")
def act() -> Response:
    """Send the chosen ones or all of them again, or lay the chosen ones aside."""
    admin = current_admin()
    show, action = _show(request.form.get("show", "all")), request.form.get("action", "")
    ids = [int(one) for one in request.form.getlist("grade") if one.isascii() and one.isdigit()]
    ids = [one for one in ids if one < 2**31]
    if action not in ("resend", "resend_all", "aside"):
        raise NotFound(action=action[:16])
    if not ids and action != "resend_all":
        return _back(show, WARN)
    tool = runtime()
    now = tool.clock()
    platforms: set[int] = set()
    with tool.database.write() as db:
        if action == "aside":
            done = grade_queue.lay_aside(db, admin.tenant_id, ids)
        elif action == "resend":
            done, platforms = grade_queue.resend_some(db, admin.tenant_id, ids, now)
        else:
            done, platforms = grade_queue.resend_all(db, admin.tenant_id, show, now)
        code = "grades_laid_aside" if action == "aside" else "grades_resent"
        record(db, admin, code, details={"count": len(done), "scores": done[: grade_queue.PAGE]})
    deliver(platforms)
    return _back(show, "aside" if action == "aside" else "resent", len(done))


@blueprint.post("/platforms/<int:platform_id>/retry")
def retry(platform_id: int) -> Response:
    """«Jetzt wieder versuchen»: the pause of one LMS is over."""
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        grade_queue.try_now(db, admin.tenant_id, platform_id, tool.clock())
        record(db, admin, "platform_pause_ended", platform_id)
    deliver([platform_id])
    return _back(Show.ALL, "retried")


def _show(value: str) -> Show:
    try:
        return Show(value)
    except ValueError:
        raise NotFound(show=value[:16]) from None


def _back(show: Show, done: str, count: int = 0) -> Response:
    return redirect(f"/admin/grades?show={show}&done={done}&n={count}", code=303)


def _notices() -> tuple[Notice, ...]:
    """What the last action did; a number and a known word from the address, nothing else of it."""
    done = request.args.get("done", "")
    if done not in DONE:
        return ()
    count = min(max(0, request.args.get("n", 0, int)), 10**6)
    sentence = DONE[done][count != 1]
    title = Text(sentence.de.replace("%s", str(count)), sentence.en.replace("%s", str(count)))
    return (Notice(title, tone="warn" if done == WARN else "done"),)


def _page(
    admin: AdminSession,
    show: Show,
    counts: Counts,
    rows: list[Waiting],
    circuits: list[Circuit],
    page: int,
    pages: int,
) -> AdminGradesPage:
    return AdminGradesPage(
        frame=admin_frame(admin, "grades", notices=_notices()),
        show=show,
        delivered=counts.delivered,
        away=counts.away,
        filters=tuple(AdminGradeFilter(key=one, count=getattr(counts, one)) for one in Show),
        grades=tuple(map(_grade, rows)),
        circuits=tuple(map(_circuit, circuits)),
        page=page,
        pages=pages,
    )


def _grade(row: Waiting) -> AdminGrade:
    reason = why(row.reason)
    return AdminGrade(
        id=row.id,
        person=row.person,
        sub=row.sub,
        activity=row.activity,
        course=row.course,
        platform=row.platform,
        platform_url=f"/admin/platforms/{row.platform_id}",
        given=row.given,
        tone="bad" if row.needs_help else "quiet" if row.reason == grade_queue.LAID_ASIDE else "sent",
        why=reason.text,
        remedy=reason.remedy if row.needs_help else None,
        since=row.since,
        next_try=row.next_try,
    )


def _circuit(circuit: Circuit) -> AdminCircuit:
    reason = why(circuit.problem or "platform_busy")
    return AdminCircuit(
        platform=circuit.platform,
        platform_url=f"/admin/platforms/{circuit.platform_id}",
        retry_url=f"/admin/grades/platforms/{circuit.platform_id}/retry",
        why=reason.text,
        remedy=reason.remedy,
        waiting=circuit.waiting,
        until=circuit.paused_until,
    )
