"""The audit log is only added to, and gives each tenant its own."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from lms_tool.database import Database
from lms_tool.models import AuditEvent
from lms_tool.services import audit, audit_export, audit_log, tenants, upkeep
from lms_tool.services.audit_log import PAGE, Line, Wanted


def note(database: Database, code: str, kind: str = "admin", **more: Any) -> None:
    at = more.pop("at", NOW)
    with database.write() as db:
        audit.note(db, at, kind, code, None, "abc", more.pop("details", None), **more)


def codes(database: Database, tenant_id: int | None, wanted: Wanted | None = None) -> list[str]:
    with database.read() as db:
        return [line.code for line in audit_log.lines(db, tenant_id, wanted or Wanted())]


def second(database: Database) -> int:
    """Another customer."""
    with database.write() as db:
        return tenants.add(db, "ssg", "SSG", NOW).id


def test_a_line_cannot_be_changed(database: Database) -> None:
    note(database, "admin_entered", tenant_id=tenants.FIRST)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as db:
        db.execute(update(AuditEvent).values(code="nothing_happened"))
    assert codes(database, None) == ["admin_entered"]


def test_each_tenant_has_its_own_and_the_operator_all(database: Database) -> None:
    other = second(database)
    note(database, "mine", tenant_id=tenants.FIRST)
    note(database, "theirs", tenant_id=other)
    note(database, "strangers", "refused")
    note(database, "key_rotated", "keys")
    assert codes(database, tenants.FIRST) == ["mine", "key_rotated"]
    assert codes(database, other) == ["theirs", "key_rotated"]
    assert codes(database, None) == ["mine", "theirs", "strangers", "key_rotated"]


def test_a_single_tenant_is_shown_what_strangers_try(database: Database) -> None:
    note(database, "strangers", "refused")
    assert codes(database, tenants.FIRST) == ["strangers"]
    second(database)
    assert codes(database, tenants.FIRST) == []


def test_times_include_the_beginning_and_not_the_end(database: Database) -> None:
    for hours in range(4):
        note(database, f"h{hours}", at=NOW + timedelta(hours=hours))
    wanted = Wanted(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=3))
    assert codes(database, None, wanted) == ["h1", "h2"]


def test_pages_meet_without_gap_or_overlap(database: Database) -> None:
    for number in range(PAGE + 1):
        note(database, f"c{number}", tenant_id=tenants.FIRST)
    with database.read() as db:
        first, older = audit_log.page(db, tenants.FIRST, Wanted())
        rest, end = audit_log.page(db, tenants.FIRST, Wanted(), older)
    assert (len(first), len(rest), end) == (PAGE, 1, None)
    assert [line.code for line in [*first, *rest]] == [f"c{number}" for number in range(PAGE, -1, -1)]


def test_a_page_that_is_just_full_is_the_last(database: Database) -> None:
    for number in range(PAGE):
        note(database, f"c{number}", tenant_id=tenants.FIRST)
    with database.read() as db:
        lines, older = audit_log.page(db, tenants.FIRST, Wanted())
    assert len(lines) == PAGE and older is None


def test_an_export_has_an_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "_AT_ONCE", 3)
    monkeypatch.setattr(audit_log, "MAX_EXPORT", 6)
    for number in range(8):
        note(database, f"c{number}")
    assert codes(database, None) == [f"c{number}" for number in range(6)]


def test_refusals_go_after_a_month_and_the_rest_after_half_a_year(database: Database) -> None:
    note(database, "refused_once", "refused")
    note(database, "admin_entered")
    for days, left in ((29, 2), (31, 1), (179, 1), (181, 0)):
        with database.write() as db:
            upkeep.sweep(db, NOW + timedelta(days=days))
        assert len(codes(database, None)) == left


# --- files --------------------------------------------------------------------------------------------------------


def line(**changes: Any) -> Line:
    values: dict[str, Any] = {
        "id": 1,
        "at": NOW,
        "kind": "refused",
        "code": "x",
        "actor": "",
        "tenant_id": None,
        "platform_id": 2,
        "correlation_id": "abc",
        "details": {},
    }
    return Line(**values | changes)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_like_a_formula(begin: str) -> None:
    text = audit_export.as_csv([line(code=f"{begin}cmd|' /C calc'!A0", details={"issuer": f"{begin}1"})])
    _, row = csv.reader(io.StringIO(text, newline=""))
    assert row[3].startswith("'") and row[3][1:].startswith(begin)
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)


def test_what_is_no_formula_stays_as_it_is() -> None:
    _, row = csv.reader(io.StringIO(audit_export.as_csv([line(details={"ä": 'a"b,c'})]), newline=""))
    assert row == ["1", "2026-11-23T09:30:15+00:00", "refused", "x", "", "", "2", "abc", '{"ä": "a\\"b,c"}']


def test_an_empty_log_is_a_header_or_nothing(database: Database) -> None:
    assert codes(database, None) == []
    assert audit_export.as_csv([]).strip() == ",".join(audit_export.COLUMNS)
    assert audit_export.as_json_lines([]) == ""
    with database.read() as db:
        assert db.execute(select(AuditEvent)).all() == []
