"""Between a worksheet's questions and the fields of a page: names, values, faults, and the way back from a form.

A field is called ``f.<field>``, a cell ``f.<field>.<row>.<column>``, rows from 0; ids hold no dots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lms_tool.content.worksheet import CHAPTERS, LINE, LONG, Column, Field, Option, Section, Worksheet
from lms_tool.errors import Text
from lms_tool.learning import worksheets
from lms_tool.learning.worksheets import KEPT_ROWS, Content, Fault, Problem
from lms_tool.web.pages import SheetCell, SheetChoice, SheetField, SheetProblem, SheetRow, SheetSection

_AGAIN = "__n__"  # where the script puts the number of a new row

_WORDS: dict[Fault, Text] = {
    Fault.MISSING: Text("Bitte füllen Sie dieses Feld aus.", "Please fill in this field."),
    Fault.NUMBER: Text(
        "Bitte geben Sie eine Zahl ein, zum Beispiel 30 oder 3,5.",
        "Please enter a number, for example 30 or 3,5.",
    ),
    Fault.DATE: Text(
        "Bitte geben Sie ein Datum ein, zum Beispiel 24.2.2027.",
        "Please enter a date, for example 24.2.2027.",
    ),
    Fault.OPTION: Text(
        "Diese Antwort steht nicht mehr zur Auswahl. Bitte wählen Sie neu.",
        "This answer is no longer on offer. Please choose again.",
    ),
}


def word(problem: Problem) -> Text:
    """What a problem says at its field."""
    limit = problem.limit
    if problem.fault is Fault.MISSING and problem.field.kind in ("choice", "several", "scale"):
        return Text("Bitte wählen Sie eine Antwort.", "Please choose an answer.")
    if problem.fault is Fault.MISSING and problem.field.kind == "table":
        return Text("Bitte füllen Sie mindestens eine Zeile aus.", "Please fill in at least one row.")
    if problem.fault is Fault.LONG:
        return Text(f"Bitte kürzen Sie auf {limit} Zeichen.", f"Please shorten it to {limit} characters.")
    if problem.fault is Fault.ROWS:
        return Text(
            f"Hier sind höchstens {limit} Zeilen vorgesehen. Bitte fassen Sie zusammen.",
            f"There may be {limit} rows at most. Please merge some.",
        )
    if problem.fault is Fault.FEW_ROWS:
        return Text(
            f"Bitte füllen Sie mindestens {limit} Zeilen aus.", f"Please fill in at least {limit} rows."
        )
    return _WORDS[problem.fault]


def entered(sheet: Worksheet, getlist: Callable[[str], Sequence[str]]) -> Content:
    """What a form sent. Raises EntryTooLarge."""
    raw: dict[str, Any] = {}
    for field in sheet.fields():
        if field.kind == "table":
            raw[field.id] = _rows(field, getlist)
        elif field.kind == "several":
            raw[field.id] = list(getlist(f"f.{field.id}"))
        else:
            raw[field.id] = next(iter(getlist(f"f.{field.id}")), "")
    return worksheets.normalise(sheet, raw)


def _rows(field: Field, getlist: Callable[[str], Sequence[str]]) -> list[dict[str, str]]:
    rows = []
    for number in range(KEPT_ROWS):
        cells = {one.id: getlist(f"f.{field.id}.{number}.{one.id}") for one in field.columns}
        if any(cells.values()):  # a browser sends empty cells too
            rows.append({key: next(iter(sent), "") for key, sent in cells.items()})
    return rows


def changed_rows(sheet: Worksheet, content: Content, action: str) -> tuple[Content, str] | None:
    """``content`` after ``add.<field>`` or ``remove.<field>.<row>``, and the field; None for any other action."""
    verb, _, rest = action.partition(".")
    name, _, number = rest.partition(".")
    field = next((one for one in sheet.fields() if one.id == name and one.kind == "table"), None)
    if field is None:
        return None
    rows = list(content.get(field.id, ()))
    rows += [{} for _ in range(_shown(field, rows) - len(rows))]
    if verb == "add" and not number:
        if len(rows) < field.max_rows:
            rows.append({})
    elif verb == "remove" and _place(number) < len(rows):
        del rows[int(number)]
    else:
        return None
    return {**content, field.id: rows}, field.id


def _place(number: str) -> int:
    """The row that a button names; for what is no number of ours one that no table has."""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else KEPT_ROWS


def to_fill_in(
    sheet: Worksheet,
    content: Content,
    problems: Sequence[Problem],
    remarks: Mapping[str, str],
    html: Callable[[str], str],
) -> tuple[SheetSection, ...]:
    """The form with what was entered; ``html`` makes stored course text fit for this launch."""

    def field(one: Field) -> SheetField:
        at = [problem for problem in problems if problem.field.id == one.id]
        return _open(one, content.get(one.id), at, remarks.get(one.id, ""), html)

    return _sections(sheet, html, field)


def to_read(
    sheet: Worksheet,
    content: Content,
    remarks: Mapping[str, str],
    html: Callable[[str], str],
    *,
    remark_names: bool = False,
) -> tuple[SheetSection, ...]:
    """The form as it was filled in, with remarks; ``remark_names``: each question has a field for one."""

    def field(one: Field) -> SheetField:
        said = worksheets.say(one, content)
        return SheetField(
            id=one.id,
            kind=one.kind,
            label=one.label,
            name=f"remark.{one.id}" if remark_names else "",
            help_html=html(one.help_html),
            example_html=html(one.example_html),
            required=one.required,
            agenda=CHAPTERS.get(one.agenda),
            low=one.low,
            high=one.high,
            columns=said.columns,
            said=said.lines,
            said_rows=said.rows,
            remark=remarks.get(one.id, ""),
        )

    return _sections(sheet, html, field)


def listed(problems: Sequence[Problem]) -> tuple[SheetProblem, ...]:
    """The faults as a list above the form, one line per field."""
    lines: dict[str, SheetProblem] = {}
    for problem in problems:
        if problem.field.id not in lines:
            lines[problem.field.id] = SheetProblem(
                f"#feld-{problem.field.id}", problem.field.label, word(problem)
            )
    return tuple(lines.values())


def _sections(
    sheet: Worksheet, html: Callable[[str], str], field: Callable[[Field], SheetField]
) -> tuple[SheetSection, ...]:
    def section(one: Section) -> SheetSection:
        return SheetSection(one.id, one.title, html(one.text_html), tuple(map(field, one.fields)))

    return tuple(map(section, sheet.sections))


def _open(
    field: Field, value: Any, problems: Sequence[Problem], remark: str, html: Callable[[str], str]
) -> SheetField:
    text = value if isinstance(value, str) else ""
    whole = next((problem for problem in problems if problem.column is None), None)
    rows: tuple[SheetRow, ...] = ()
    if field.kind == "table":
        rows = _table(field, value or [], problems)
    return SheetField(
        id=field.id,
        kind=field.kind,
        label=field.label,
        name=f"f.{field.id}",
        help_html=html(field.help_html),
        example_html=html(field.example_html),
        required=field.required,
        agenda=CHAPTERS.get(field.agenda),
        unit=field.unit,
        low=field.low,
        high=field.high,
        value=text,
        limit=LONG if field.kind == "long" else LINE,
        choices=_choices(field, value or ()),
        plain=field.kind == "date" and any(problem.fault is Fault.DATE for problem in problems),
        columns=tuple(f"{one.label} ({one.unit})" if one.unit else one.label for one in field.columns),
        rows=rows,
        blank=_row(field, _AGAIN, {}, {}) if field.kind == "table" else None,
        max_rows=field.max_rows,
        add=f"add.{field.id}" if field.kind == "table" and len(rows) < field.max_rows else "",
        error=word(whole) if whole else None,
        remark=remark,
    )


def _choices(field: Field, chosen: Sequence[str]) -> tuple[SheetChoice, ...]:
    if field.kind == "scale":
        return tuple(SheetChoice(level, level, level == chosen) for level in worksheets.levels())
    several = field.kind == "several"
    return tuple(
        SheetChoice(one.id, one.text, one.id in chosen if several else one.id == chosen)
        for one in field.options
    )


def _shown(field: Field, rows: Sequence[Any]) -> int:
    """How many rows a table shows: what there is, and as many as it asks for."""
    return max(len(rows), field.min_rows, 1)


def _table(
    field: Field, rows: Sequence[Mapping[str, str]], problems: Sequence[Problem]
) -> tuple[SheetRow, ...]:
    errors = {(problem.row, problem.column.id): problem for problem in problems if problem.column is not None}
    shown = _shown(field, rows)
    padded = [*rows, *({} for _ in range(shown - len(rows)))]
    return tuple(
        _row(
            field,
            number,
            row,
            {key: problem for (at, key), problem in errors.items() if at == number},
            removable=shown > 1,
        )
        for number, row in enumerate(padded)
    )


def _row(
    field: Field,
    number: int | str,
    row: Mapping[str, str],
    errors: Mapping[str, Problem],
    *,
    removable: bool = True,
) -> SheetRow:
    cells = tuple(
        _cell(f"f.{field.id}.{number}.{column.id}", column, row.get(column.id, ""), errors.get(column.id))
        for column in field.columns
    )
    shown = number + 1 if isinstance(number, int) else 0
    return SheetRow(shown, cells, f"remove.{field.id}.{number}" if removable else "")


def _cell(name: str, column: Column, value: str, problem: Problem | None) -> SheetCell:
    return SheetCell(
        name=name,
        kind=column.kind,
        label=column.label,
        value=value,
        choices=tuple(_choice(option, value) for option in column.options),
        unit=column.unit,
        plain=problem is not None and problem.fault is Fault.DATE,
        error=word(problem) if problem else None,
    )


def _choice(option: Option, value: str) -> SheetChoice:
    return SheetChoice(option.id, option.text, option.id == value)
