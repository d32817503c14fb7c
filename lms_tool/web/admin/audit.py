"""The audit log in the administration: what happened, page by page, and as a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lms_tool.database import Connection
from lms_tool.errors import Text
from lms_tool.services import administrators, audit_export, audit_log, platforms
from lms_tool.services.audit_log import Line, Wanted
from lms_tool.web.admin.session import admin_frame, current_admin, record, show_admin
from lms_tool.web.audit_wording import KINDS, sentence
from lms_tool.web.context import runtime
from lms_tool.web.pages import AdminAuditPage, TrailChoice, TrailLine

blueprint = Blueprint("admin_audit", __name__, url_prefix="/admin/audit")

_ZONE = ZoneInfo("Europe/Berlin")  # days are those of the town hall


@blueprint.get("")
def overview() -> Response:
    admin = current_admin()
    tool = runtime()
    wanted = _wanted()
    before = _number(request.args.get("before"))
    with tool.database.read() as db:
        lines, older = audit_log.page(db, admin.tenant_id, wanted, before)
        names = _platforms(db, admin.tenant_id)
        people = {row["id"]: str(row["name"]) for row in administrators.listing(db, admin.tenant_id)}
    return show_admin(
        AdminAuditPage(
            frame=admin_frame(admin, "audit"),
            lines=tuple(_line(line, names, people) for line in lines),
            kinds=_choices(wanted.kind, KINDS, Text("Alles", "Everything")),
            platforms=_choices(
                str(wanted.platform_id or ""),
                {str(number): Text(name, name) for number, name in names.items()},
                Text("Alle", "All"),
            ),
            since=_shown(request.args.get("since")),
            until=_shown(request.args.get("until")),
            filtered=wanted != Wanted(),
            newest_url=_address() if before is not None else "",
            older_url=_address(before=str(older)) if older is not None else "",
            csv_url=_address("/export.csv"),
            json_url=_address("/export.jsonl"),
        )
    )


@blueprint.get("/export.csv")
def as_csv() -> Response:
    return _file("csv")


@blueprint.get("/export.jsonl")
def as_json_lines() -> Response:
    return _file("jsonl")


def _file(form: str) -> Response:
    """The lines as filtered, oldest first. That somebody took them is a line itself."""
    admin = current_admin()
    tool = runtime()
    with tool.database.write() as db:
        record(db, admin, "audit_exported")
    write = audit_export.as_csv if form == "csv" else audit_export.as_json_lines
    with tool.database.read() as db:
        text = write(audit_log.lines(db, admin.tenant_id, _wanted()))
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    answer = Response(text, content_type=kind)
    today = tool.clock().astimezone(_ZONE).date().isoformat()
    answer.headers["Content-Disposition"] = f'attachment; filename="protokoll-{today}.{form}"'
    return answer


def _wanted() -> Wanted:
    """The filter in the address; what makes no sense in it is left out."""
    kind = request.args.get("kind", "")
    since, until = _day(request.args.get("since")), _day(request.args.get("until"))
    return Wanted(
        kind=kind if kind in KINDS else "",
        platform_id=_number(request.args.get("platform")),
        since=_begin(since) if since else None,
        until=_begin(until + timedelta(days=1)) if until else None,
    )


def _address(below: str = "", **more: str) -> str:
    """This page, or something below it, with the same filter."""
    kept = {name: request.args.get(name, "")[:20] for name in ("kind", "platform", "since", "until")}
    query = urlencode({name: value for name, value in (kept | more).items() if value})
    return f"/admin/audit{below}" + (f"?{query}" if query else "")


def _line(line: Line, names: Mapping[int, str], people: Mapping[int, str]) -> TrailLine:
    return TrailLine(
        at=line.at,
        what=sentence(line.kind, line.code),
        who=_who(line.actor, people),
        platform=names.get(line.platform_id or 0, ""),
        kind=KINDS.get(line.kind, Text(line.kind, line.kind)),
        code=line.code,
        correlation_id=line.correlation_id,
        details=tuple(
            (name.removeprefix("detail_"), str(value)) for name, value in sorted(line.details.items())
        ),
    )


def _who(actor: str, people: Mapping[int, str]) -> Text | None:
    kind, _, number = actor.partition(":")
    if kind == "admin":
        name = people.get(int(number)) if number.isdecimal() else None
        return Text(name, name) if name else Text("Verwaltung", "Administration")
    if kind == "person":
        return Text(f"Person {number}", f"Person {number}")
    known = {"cli": Text("Befehlszeile", "Command line"), "system": Text("von selbst", "by itself")}
    return known.get(actor) or (Text(actor, actor) if actor else None)


def _platforms(db: Connection, tenant_id: int) -> dict[int, str]:
    return {row["id"]: row["name"] or row["issuer"] for row in platforms.listing(db, tenant_id)}


def _choices(chosen: str, known: Mapping[str, Text], everything: Text) -> tuple[TrailChoice, ...]:
    return tuple(
        TrailChoice(value=value, text=text, chosen=value == chosen)
        for value, text in {"": everything, **known}.items()
    )


def _number(value: str | None) -> int | None:
    fits = value is not None and value.isascii() and value.isdigit() and len(value) < 10
    return int(value) if fits and value else None


def _day(value: str | None) -> date | None:
    try:
        found = date.fromisoformat(value or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _shown(value: str | None) -> str:
    """A day as a date field takes it."""
    found = _day(value)
    return found.isoformat() if found else ""


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), _ZONE)
