"""The audit log as a file: CSV for spreadsheets, JSON lines for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from lms_tool.services.audit_log import Line

COLUMNS = ("id", "at", "kind", "code", "actor", "tenant_id", "platform_id", "correlation_id", "details")
# A spreadsheet runs what begins with one of these, and a line can hold a stranger's words (an unknown issuer).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(lines: Iterable[Line]) -> str:
    """RFC 4180 with a header; ``details`` as JSON. No cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines:
        row = _plain(line)
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return text.getvalue()


def as_json_lines(lines: Iterable[Line]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(_plain(line), ensure_ascii=False) + "\n" for line in lines)


def _plain(line: Line) -> dict[str, object]:
    found = {name: getattr(line, name) for name in COLUMNS}
    return {**found, "at": line.at.isoformat(timespec="seconds")}


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
