"""Pages of keys and of the audit log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from lms_tool.errors import Text
from lms_tool.web.audit_wording import KINDS, sentence
from lms_tool.web.pages import (
    AdminAuditPage,
    AdminFrame,
    AdminKeysPage,
    KeyRow,
    KeyState,
    TrailChoice,
    TrailLine,
)
from lms_tool.web.render import Page

OLD = "kX2yJ0m1nq3wQZ8cT4b5vR6sP7dF9gH0jKlMnBvCxYz"
NEW = "Zz9aYb8cXd7eWf6gVh5iUj4kTl3mSn2oRp1qQr0sPt9u"
AT = datetime(2026, 2, 24, 9, 42, tzinfo=UTC)


def frame(tab: str) -> AdminFrame:
    return AdminFrame(tab=tab, crumbs=(), name="A. Beier", tenant_name="SSG", waiting=3)


KEYS = AdminKeysPage(
    frame=frame("keys"),
    keys=(KeyRow(kid=OLD, state=KeyState.SIGNS, created_at=AT),),
    following=OLD,
    keyset_url="https://lernen.example.de/lti/jwks",
    days=90,
    next_at=datetime(2026, 5, 25, 9, 42, tzinfo=UTC),
)
CHANGING = replace(
    KEYS,
    keys=(
        KeyRow(kid=NEW, state=KeyState.WAITS, created_at=AT, at=datetime(2026, 2, 25, 9, 42, tzinfo=UTC)),
        KeyRow(kid=OLD, state=KeyState.SIGNS, created_at=AT),
        KeyRow(
            kid=NEW[::-1], state=KeyState.RETIRED, created_at=AT, at=datetime(2026, 2, 27, 9, 42, tzinfo=UTC)
        ),
    ),
    following="",
    days=0,
    next_at=None,
)


def line(kind: str, code: str, who: Text | None = None, **details: str) -> TrailLine:
    return TrailLine(
        at=AT,
        what=sentence(kind, code),
        who=who,
        platform="Moodle der HSF Meißen" if kind != "keys" else "",
        kind=KINDS[kind],
        code=code,
        correlation_id="4f7c92ab03de" if kind != "keys" else "",
        details=tuple(details.items()),
    )


NOBODY = Text("von selbst", "by itself")
AUDIT = AdminAuditPage(
    frame=frame("audit"),
    lines=(
        line("refused", "claim_missing:deployment_id", platform="1", missing="['deployment_id']"),
        line("people", "person_viewed", Text("Person 17", "Person 17"), person="4", context="2"),
        line("keys", "key_rotated", NOBODY, kid=NEW),
        line("registration", "platform_approved", Text("A. Beier", "A. Beier")),
    ),
    kinds=(
        TrailChoice(value="", text=Text("Alles", "Everything"), chosen=True),
        *(TrailChoice(value=kind, text=text, chosen=False) for kind, text in KINDS.items()),
    ),
    platforms=(
        TrailChoice(value="", text=Text("Alle", "All"), chosen=True),
        TrailChoice(value="1", text=Text("Moodle der HSF Meißen", "Moodle der HSF Meißen"), chosen=False),
    ),
    since="",
    until="",
    filtered=False,
    newest_url="",
    older_url="/admin/audit?before=812",
    csv_url="/admin/audit/export.csv",
    json_url="/admin/audit/export.jsonl",
)
NOTHING = replace(
    AUDIT,
    lines=(),
    since="2026-02-01",
    until="2026-02-02",
    filtered=True,
    newest_url="/admin/audit",
    older_url="",
)
ADMIN_TRAIL_PAGES: dict[str, Page] = {
    "admin_keys": KEYS,
    "admin_keys_changing": CHANGING,
    "admin_audit": AUDIT,
    "admin_audit_nothing": NOTHING,
    "admin_audit_new": replace(NOTHING, filtered=False, since="", until="", newest_url=""),
}
