"""What somebody entered into a worksheet: brought into one form, and checked against what the form asks.

Pure. An entered state is ``{field id: value}``: a text for most kinds, a list of option ids for ``several``, a list of
rows ``{column id: text}`` for a table. What is empty is left out. A draft may hold whatever was typed, also what is no
number yet: nothing is lost, and only handing in asks for more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lms_tool.content.worksheet import CHAPTERS, LEVELS, LINE, LONG, Column, Field, Option, Worksheet
from lms_tool.errors import Text, ToolError

KEPT = 20_000  # characters of one text that a draft keeps; the form allows far fewer
KEPT_ROWS = 100

# Neither PostgreSQL nor XML can hold these.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(
    r"[-+\u2212]?([0-9]{1,3}([.\u00a0\u202f ][0-9]{3})+|[0-9]+)(,[0-9]+)?"
    r"|[-+\u2212]?[0-9]+\.([0-9]{1,2}|[0-9]{4,})"
)
_GERMAN_DATE = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})")

Content = dict[str, Any]


class EntryTooLarge(ToolError):
    """More than any form of ours lets people type: not worth keeping."""

    code = "entry_too_large"
    status = 400
    text = Text("Das ist zu viel Text für dieses Feld.", "That is too much text for this field.")
    remedy = Text("Bitte kürzen Sie Ihre Eingabe.", "Please shorten what you entered.")


class Fault(StrEnum):
    """What is wrong with an entry. ``MISSING`` keeps nobody from saving a draft."""

    MISSING = "missing"
    NUMBER = "number"
    DATE = "date"
    OPTION = "option"  # of an older form, or nobody's
    LONG = "long"
    ROWS = "rows"  # more than there may be
    FEW_ROWS = "few_rows"  # fewer than the form asks for


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, at a field or at a cell of its table (``row`` from 0)."""

    field: Field
    fault: Fault
    limit: int = 0
    column: Column | None = None
    row: int = 0


def normalise(sheet: Worksheet, raw: Mapping[str, Any]) -> Content:
    """The entries of ``raw`` that belong to ``sheet``, in its order and in one form; anything else is dropped.

    ``raw`` is a form somebody sent or an entry stored for an older form: any JSON will do.

    Raises:
        EntryTooLarge: beyond what a form of ours can send.
    """
    content: Content = {}
    for field in sheet.fields():
        value = _value(field, raw.get(field.id))
        if value:
            content[field.id] = value
    return content


def without_empty_rows(sheet: Worksheet, content: Content) -> Content:
    """As it is handed in: rows that were left empty are no rows."""
    kept: Content = {}
    for field in sheet.fields():
        value = content.get(field.id)
        if field.kind == "table" and value:
            value = [row for row in value if row]
        if value:
            kept[field.id] = value
    return kept


def problems(sheet: Worksheet, content: Content) -> tuple[Problem, ...]:
    """All that keeps a normalised ``content`` from being handed in, in the order of the form; an empty one is."""
    found = tuple(problem for field in sheet.fields() for problem in _problems(field, content.get(field.id)))
    if not found and not without_empty_rows(sheet, content):  # nothing is required, and nothing was entered
        return (Problem(next(sheet.fields()), Fault.MISSING),)
    return found


def is_number(text: str) -> bool:
    """Whether it is a number as people write it here: 1.284 or 3,5 or 1 284."""
    return _NUMBER.fullmatch(text) is not None


def number(text: str) -> Decimal:
    """The value of a text for which ``is_number`` holds."""
    plain = re.sub(r"[\u00a0\u202f ]", "", text).replace("\u2212", "-")
    if "," in plain or re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    return Decimal(plain)


@dataclass(frozen=True, slots=True)
class Said:
    """An entry as it is read: texts and names of options, one line each; ``rows`` and ``columns`` of a table."""

    lines: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def empty(self) -> bool:
        return not self.lines and not self.rows


def say(field: Field, content: Content) -> Said:
    """What ``content`` has for ``field``, as people read it."""
    value = content.get(field.id)
    if not value:
        return Said()
    if field.kind == "table":
        rows = tuple(
            tuple(_cell(column, row.get(column.id, "")) for column in field.columns) for row in value if row
        )
        return Said(columns=tuple(column.label for column in field.columns), rows=rows)
    if field.kind == "several":
        return Said(tuple(option.text for option in field.options if option.id in value))
    return Said(tuple(_line(field, value).split("\n")))


@dataclass(frozen=True, slots=True)
class Block:
    """One field that goes into the agenda: where to, and from which worksheet."""

    chapter: str
    activity_id: str
    field: Field


def blocks(sheets: Mapping[str, Worksheet]) -> dict[str, list[Block]]:
    """The agenda's chapters that these worksheets (by activity) fill, in its order, each with its fields."""
    found: dict[str, list[Block]] = {}
    for chapter in CHAPTERS:
        there = [
            Block(chapter, activity_id, field)
            for activity_id, sheet in sheets.items()
            for field in sheet.fields()
            if field.agenda == chapter
        ]
        if there:
            found[chapter] = there
    return found


def _value(field: Field, raw: Any) -> Any:
    if field.kind == "several":
        chosen = {_text(one) for one in raw[:KEPT_ROWS]} if isinstance(raw, list | tuple) else set()
        return [option.id for option in field.options if option.id in chosen]
    if field.kind == "table":
        if not isinstance(raw, list | tuple):
            return []
        if len(raw) > KEPT_ROWS:
            raise EntryTooLarge(field=field.id, rows=len(raw))
        return [_row(field, row if isinstance(row, Mapping) else {}) for row in raw]
    return _typed(field.kind, _text(raw))


def _row(field: Field, raw: Mapping[str, Any]) -> dict[str, str]:
    cells = {column.id: _typed(column.kind, _text(raw.get(column.id))) for column in field.columns}
    return {key: value for key, value in cells.items() if value}


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        return ""
    if len(raw) > KEPT:
        raise EntryTooLarge(characters=len(raw))
    return _UNPRINTABLE.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _typed(kind: str, text: str) -> str:
    """Dates in the form that a browser's field wants; everything else as it was typed."""
    if kind == "long":
        return text
    line = " ".join(text.split("\n"))
    return _iso(line) if kind == "date" else line


def _iso(text: str) -> str:
    found = _GERMAN_DATE.fullmatch(text)
    if found is None or not text.isascii():
        return text
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year + 2000 if year < 100 else year, month, day).isoformat()
    except ValueError:
        return text  # no such day: said at the field


def _is_day(text: str) -> bool:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _problems(field: Field, value: Any) -> Iterator[Problem]:
    if field.kind == "table":
        yield from _table_problems(field, value or [])
    elif not value:
        if field.required:
            yield Problem(field, Fault.MISSING)
    elif field.kind == "scale":
        if value not in levels():
            yield Problem(field, Fault.OPTION)
    elif field.kind != "several" and (fault := _fault(field.kind, field.options, value)):
        yield Problem(field, fault, _limit(field.kind))


def _table_problems(field: Field, rows: list[dict[str, str]]) -> Iterator[Problem]:
    filled = sum(bool(row) for row in rows)
    least = max(1, field.min_rows)
    if field.required and not filled and least == 1:
        yield Problem(field, Fault.MISSING)
    elif filled < least and (field.required or filled):
        yield Problem(field, Fault.FEW_ROWS, least)
    if filled > field.max_rows:
        yield Problem(field, Fault.ROWS, field.max_rows)
    for number_, row in enumerate(rows):
        for column in field.columns:
            if fault := _fault(column.kind, column.options, row.get(column.id, "")):
                yield Problem(field, fault, _limit(column.kind), column, number_)


def _fault(kind: str, options: tuple[Option, ...], text: str) -> Fault | None:
    if not text:
        return None
    if len(text) > _limit(kind):
        return Fault.LONG
    if kind == "number" and not is_number(text):
        return Fault.NUMBER
    if kind == "date" and not _is_day(text):
        return Fault.DATE
    if kind == "choice" and text not in {option.id for option in options}:
        return Fault.OPTION
    return None


def _limit(kind: str) -> int:
    return LONG if kind == "long" else LINE


def levels() -> tuple[str, ...]:
    """The steps of a scale."""
    return tuple(str(level) for level in range(1, LEVELS + 1))


def _line(field: Field, value: str) -> str:
    if field.kind == "choice":
        return next((option.text for option in field.options if option.id == value), "")
    if field.kind == "scale":
        return f"{value} / {LEVELS}" if value in levels() else ""
    if field.kind == "date":
        return _day(value)
    return f"{value} {field.unit}" if field.unit and is_number(value) else value


def _cell(column: Column, value: str) -> str:
    if column.kind == "choice":
        return next((option.text for option in column.options if option.id == value), "")
    if column.kind == "date":
        return _day(value)
    return f"{value} {column.unit}" if column.unit and is_number(value) else value


def _day(value: str) -> str:
    """21.11.2026: short, and the same in both languages."""
    if not _is_day(value):
        return value
    day = date.fromisoformat(value)
    return f"{day.day}.{day.month}.{day.year}"
