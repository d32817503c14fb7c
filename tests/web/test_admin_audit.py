"""The audit log in the administration: filter, pages, files, and only what is the tenant's."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import builders
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from lms_tool.models import Platform
from lms_tool.runtime import Runtime
from lms_tool.services import audit, tenants, upkeep
from lms_tool.services.audit_log import PAGE

from .conftest import Clock

SignedIn = Callable[..., FlaskClient]


def note(tool: Runtime, code: str, kind: str = "admin", at: datetime | None = None, **more: Any) -> None:
    details, platform = more.pop("details", None), more.pop("platform", None)
    more.setdefault("tenant_id", tenants.FIRST)
    with tool.database.write() as db:
        audit.note(db, at or tool.clock(), kind, code, platform, "abc123", details, **more)


def shown(browser: FlaskClient, query: str = "") -> list[str]:
    """Codes of the lines, from top to bottom; of what this file noted."""
    answer = browser.get(f"/admin/audit{query}")
    assert answer.status_code == 200
    codes = re.findall(r"<dt>Code</dt><dd><code>([^<]+)</code>", answer.text)
    return [code for code in codes if code != "admin_entered"]


def platform(tool: Runtime, name: str) -> int:
    with tool.database.write() as db:
        at = builders.platform(db, tool.clock())
        db.execute(update(Platform).where(Platform.id == at.id).values(name=name))
        return at.id


def test_the_newest_comes_first_with_sentence_and_name(
    tool: Runtime, signed_in: SignedIn, clock: Clock
) -> None:
    browser = signed_in()
    at = platform(tool, "Moodle der HSF")
    note(tool, "platform_switched_off", platform=at, actor="admin:1")
    clock.pass_by(minutes=5)
    note(tool, "grades_resent", actor="cli", details={"count": 4})
    assert shown(browser) == ["grades_resent", "platform_switched_off"]
    page = browser.get("/admin/audit").text
    assert "Eine Verbindung wurde abgeschaltet." in page
    for words in ("Moodle der HSF", "A. Beier", "Befehlszeile", "abc123"):
        assert words in page


def test_a_refusal_says_what_was_said_to_the_person(tool: Runtime, signed_in: SignedIn) -> None:
    note(tool, "claim_missing:deployment_id", "refused")
    note(tool, "state_mismatch", "refused")
    page = signed_in().get("/admin/audit?kind=refused").text
    assert "Dieser Start wurde in einem anderen Browser oder Fenster begonnen." in page
    assert "noch keinen Satz" not in page


def test_filters_by_kind_platform_and_day(tool: Runtime, signed_in: SignedIn) -> None:
    browser = signed_in()
    at = platform(tool, "Eins")
    days = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    note(tool, "platform_renamed", at=days[0], platform=at)
    note(tool, "target_differs", "launch", at=days[1], platform=at)
    note(tool, "grades_resent", at=days[2])
    assert shown(browser, "?kind=launch") == ["target_differs"]
    assert shown(browser, f"?platform={at}") == ["target_differs", "platform_renamed"]
    assert shown(browser, "?since=2026-03-02&until=2026-03-02") == ["target_differs"]
    assert shown(browser, "?until=2026-03-01") == ["platform_renamed"]
    assert shown(browser, f"?kind=admin&platform={at}") == ["platform_renamed"]
    page = browser.get("/admin/audit?kind=launch&since=2026-03-02").text
    assert '<option value="launch" selected>' in page and 'value="2026-03-02"' in page


def test_a_day_is_the_town_halls(tool: Runtime, signed_in: SignedIn) -> None:
    note(
        tool, "grades_resent", at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    )  # half past midnight on the second
    assert shown(signed_in(), "?since=2026-03-02&until=2026-03-02") == ["grades_resent"]


@pytest.mark.parametrize(
    "query",
    [
        "?kind=unsinn",
        "?platform=x",
        "?platform=99999999999999999999",
        "?since=gestern",
        "?since=0001-01-01",
        "?until=9999-12-31",
        "?before=x",
        "?since=%00",
        "?kind='%20OR%201=1",
    ],
)
def test_a_filter_that_makes_no_sense_is_none(tool: Runtime, signed_in: SignedIn, query: str) -> None:
    note(tool, "grades_resent")
    assert shown(signed_in(), query) == ["grades_resent"]


def test_pages_follow_each_other_without_gap(tool: Runtime, signed_in: SignedIn, clock: Clock) -> None:
    browser = signed_in()
    wanted = [f"code_{number}" for number in range(2 * PAGE + 5)]
    for code in wanted:
        note(tool, code, "launch")
    found, query = [], "?kind=launch"
    while query:
        found += shown(browser, query)
        older = re.search(
            r'href="/admin/audit(\?[^"]*before=\d+[^"]*)"', browser.get(f"/admin/audit{query}").text
        )
        query = older[1].replace("&amp;", "&") if older else ""
        assert not query or "kind=launch" in query
    assert found == wanted[::-1]


# --- files --------------------------------------------------------------------------------------------------------


def test_the_file_holds_the_selection(tool: Runtime, signed_in: SignedIn) -> None:
    browser = signed_in()
    note(tool, "grades_resent", details={"count": 2}, actor="cli")
    note(tool, "target_differs", "launch")
    answer = browser.get("/admin/audit/export.csv?kind=admin")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="protokoll-2026-')
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["code"] for row in rows] == ["admin_entered", "grades_resent", "audit_exported"]
    assert json.loads(rows[1]["details"]) == {"count": 2}
    lines = [
        json.loads(line) for line in browser.get("/admin/audit/export.jsonl?kind=launch").text.splitlines()
    ]
    assert [line["code"] for line in lines] == ["target_differs"]


def test_no_cell_is_a_formula(tool: Runtime, signed_in: SignedIn) -> None:
    for word in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"):
        note(tool, word, "refused", actor=word)
    text = signed_in().get("/admin/audit/export.csv?kind=refused").text
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 7
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_taking_the_file_is_a_line_itself(tool: Runtime, signed_in: SignedIn) -> None:
    browser = signed_in()
    browser.get("/admin/audit/export.csv")
    assert shown(browser) == ["audit_exported"]


# --- tenants ------------------------------------------------------------------------------------------------------


def test_each_tenant_sees_its_own(tool: Runtime, signed_in: SignedIn, clock: Clock) -> None:
    ours, theirs = signed_in("ssg"), signed_in("hsf")
    with tool.database.read() as db:
        ids = {row["key"]: row["id"] for row in tenants.listing(db)}
    note(tool, "grades_resent", tenant_id=ids["ssg"])
    note(tool, "grades_laid_aside", tenant_id=ids["hsf"])
    note(tool, "registration_unknown", "refused", tenant_id=None)
    clock.pass_by(minutes=1)
    assert shown(ours) == ["grades_resent"]
    assert shown(theirs) == ["grades_laid_aside"]
    for path in ("export.csv", "export.jsonl"):
        text = ours.get(f"/admin/audit/{path}").text
        assert "grades_resent" in text
        assert "grades_laid_aside" not in text and "registration_unknown" not in text


def test_who_is_alone_sees_what_strangers_tried(tool: Runtime, signed_in: SignedIn) -> None:
    note(tool, "registration_unknown", "refused", tenant_id=None)
    assert shown(signed_in()) == ["registration_unknown"]


def test_a_platform_of_another_tenant_cannot_be_chosen(tool: Runtime, signed_in: SignedIn) -> None:
    mine = platform(tool, "Unseres")
    other = signed_in("hsf").get("/admin/audit").text
    assert "Unseres" not in other
    note(tool, "platform_renamed", platform=mine)
    assert shown(signed_in("hsf"), f"?platform={mine}") == []


def test_lines_are_old_after_half_a_year(tool: Runtime, signed_in: SignedIn, clock: Clock) -> None:
    note(tool, "grades_resent")
    for days, left in ((179, ["grades_resent"]), (181, [])):
        with tool.database.write() as db:
            upkeep.sweep(db, builders.NOW + timedelta(days=days))
        assert shown(signed_in()) == left
