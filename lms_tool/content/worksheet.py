"""The worksheet: a form that people fill in at home, hand in, and carry into their Digitale Agenda."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lms_tool.content.activity import Scope, activity
from lms_tool.content.course import Activity, CompletionRule
from lms_tool.content.fields import Fields
from lms_tool.errors import Text

RULES = (CompletionRule.HANDED_IN, CompletionRule.ACCEPTED, CompletionRule.NONE)
CELL_KINDS = ("text", "number", "date", "choice")
FIELD_KINDS = ("text", "long", "number", "choice", "several", "scale", "date", "table")
LEVELS = 5  # of a scale, from 1
LINE = 300  # characters of a line, and of a cell
LONG = 4_000  # characters of a longer text
ROWS = 20
COLUMNS = 5
OPTIONS = 12
SECTIONS = 6
FIELDS = 20
CELLS = 400  # of all tables together: a form that a browser can send
LABEL = 160

# Chapters of the Digitale Agenda, in its order.
CHAPTERS: dict[str, Text] = {
    "bestand": Text("Bestandsaufnahme", "Where we stand"),
    "leitbild": Text("Leitbild", "Guiding idea"),
    "ziele": Text("Ziele", "Goals"),
    "handlungsfelder": Text("Handlungsfelder", "Fields of action"),
    "massnahmen": Text("Maßnahmen", "Measures"),
    "prioritaeten": Text("Prioritäten", "Priorities"),
    "prozesse": Text("Prozesse", "Processes"),
    "ressourcen": Text("Geld und Personal", "Money and staff"),
    "beteiligung": Text("Beteiligung", "Participation"),
    "risiken": Text("Risiken", "Risks"),
    "naechste-schritte": Text("Nächste Schritte", "Next steps"),
}


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    id: str
    kind: str  # CELL_KINDS
    label: str
    options: tuple[Option, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the form. ``agenda``: the chapter its answer goes to; "" for none."""

    id: str
    kind: str  # FIELD_KINDS
    label: str
    help_html: str = ""
    example_html: str = ""
    required: bool = False
    agenda: str = ""
    unit: str = ""
    options: tuple[Option, ...] = ()
    low: str = ""  # what 1 means on a scale …
    high: str = ""  # … and LEVELS
    min_rows: int = 0
    max_rows: int = 0
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    fields: tuple[Field, ...]
    text_html: str = ""


@dataclass(frozen=True, slots=True)
class Worksheet:
    intro_html: str
    sections: tuple[Section, ...]
    checks: tuple[str, ...] = ()  # what the coach looks at, as HTML

    def fields(self) -> Iterator[Field]:
        for section in self.sections:
            yield from section.fields


def worksheet(entry: Fields, scope: Scope) -> Activity:
    """Read a worksheet; an author's mistakes go to the report, and the package is refused in the end."""
    taken: set[str] = set()
    sections = tuple(_sections(entry, scope, taken))
    content = Worksheet(scope.markup.field(entry, "intro"), sections, _checks(entry, scope))
    _whole(entry, content)
    return activity(
        entry,
        scope,
        kind="worksheet",
        content=content,
        objectives=scope.objectives_of(entry),
        rules=RULES,
    )


def _sections(entry: Fields, scope: Scope, taken: set[str]) -> Iterator[Section]:
    known: set[str] = set()
    for number, item in enumerate(entry.items("sections", "„sections“"), 1):
        item.what = f"Abschnitt {number}"
        identity = _own(item, known, "Abschnitt")
        title = item.text("title")
        text = scope.markup.field(item, "text") if "text" in item else ""
        item.asked("text")
        found = item.items("fields", f"„fields“ von Abschnitt {number}")
        yield Section(identity, title, tuple(_field(one, scope, taken) for one in found), text)
        item.close()


def _field(item: Fields, scope: Scope, taken: set[str]) -> Field:
    identity = _own(item, taken, "Feld")
    item.what = f"Feld „{identity[:40]}“"
    kind = item.one_of("kind", FIELD_KINDS)
    required = item.flag("required", default=False)
    if required and "example" not in item:
        item.wrong(
            "id",
            f"Das Pflichtfeld „{identity}“ hat kein Beispiel.",
            "Ergänzen Sie „example: …“ aus Mulderode.",
        )
    table = _rows(item) if kind == "table" else (0, 0)
    made = Field(
        id=identity,
        kind=kind or "text",
        label=_label(item),
        help_html=_optional(item, scope, "help"),
        example_html=_optional(item, scope, "example"),
        required=required,
        agenda=item.one_of("agenda", tuple(CHAPTERS), ""),
        unit=item.text("unit", "") if kind == "number" else "",
        options=_options(item) if kind in ("choice", "several") else (),
        low=item.text("low") if kind == "scale" else "",
        high=item.text("high") if kind == "scale" else "",
        min_rows=table[0],
        max_rows=table[1],
        columns=_columns(item) if kind == "table" else (),
    )
    if kind:  # without a kind nobody knows which keys belong here
        item.close()
    return made


def _optional(item: Fields, scope: Scope, key: str) -> str:
    item.asked(key)
    return scope.markup.field(item, key) if key in item else ""


def _label(item: Fields) -> str:
    label = item.text("label")
    if len(label) > LABEL:
        item.wrong(
            "label",
            f"Die Beschriftung ist länger als {LABEL} Zeichen.",
            "Kürzen Sie sie, und erklären Sie den Rest unter „help“.",
        )
    return label


def _own(item: Fields, taken: set[str], what: str) -> str:
    identity = item.slug()
    if identity in taken:
        item.wrong(
            "id",
            f"Die Kennung „{identity[:40]}“ hat in diesem Arbeitsblatt schon ein anderes {what}."
            if what == "Feld"
            else f"Die Kennung „{identity[:40]}“ gibt es hier schon.",
            "Wählen Sie eine eigene.",
        )
    taken.add(identity)
    return identity


def _options(item: Fields) -> tuple[Option, ...]:
    options: list[Option] = []
    for given in item.items("options", f"„options“ in {item.what}"):
        made = Option(given.slug(), given.text("text"))
        given.close()
        if any(made.id == other.id or (made.text and made.text == other.text) for other in options):
            given.wrong(
                "id",
                f"„{made.id[:40]}“ steht zweimal zur Auswahl.",
                "Geben Sie jeder Antwort eine eigene Kennung und einen eigenen Text.",
            )
        options.append(made)
    if options and not 2 <= len(options) <= OPTIONS:
        item.wrong(
            "options", f"Zur Auswahl stehen {len(options)} Antworten.", f"Möglich sind 2 bis {OPTIONS}."
        )
    return tuple(options)


def _rows(item: Fields) -> tuple[int, int]:
    given = item.mapping("rows", f"„rows“ in {item.what}")
    if given is None:
        if "rows" not in item:
            item.wrong(
                "", f"In {item.what} fehlt „rows“.", "Ergänzen Sie zum Beispiel rows: {min: 1, max: 10}."
            )
        return 0, 1
    least, most = given.whole("min", 0, ROWS, default=1), given.whole("max", 1, ROWS)
    given.close()
    if least > most:
        item.wrong("rows", f"„min“ ist {least}, „max“ aber {most}.", "Setzen Sie „max“ höher.")
    return least, most


def _columns(item: Fields) -> tuple[Column, ...]:
    columns: list[Column] = []
    taken: set[str] = set()
    for number, given in enumerate(item.items("columns", f"„columns“ in {item.what}"), 1):
        given.what = f"Spalte {number} von {item.what}"
        kind = given.one_of("kind", CELL_KINDS)
        made = Column(
            id=_own(given, taken, "Spalte"),
            kind=kind or "text",
            label=_label(given),
            options=_options(given) if kind == "choice" else (),
            unit=given.text("unit", "") if kind == "number" else "",
        )
        if kind:
            given.close()
        columns.append(made)
    if len(columns) > COLUMNS:
        item.wrong(
            "columns",
            f"{item.what} hat {len(columns)} Spalten.",
            f"Erlaubt sind höchstens {COLUMNS}. Teilen Sie die Tabelle.",
        )
    return tuple(columns)


def _checks(entry: Fields, scope: Scope) -> tuple[str, ...]:
    entry.asked("checks")
    return tuple(
        scope.markup.inline(ref.value, entry.report, ref.line)
        for ref in (entry.refs("checks") if "checks" in entry else ())
    )


def _whole(entry: Fields, content: Worksheet) -> None:
    """What only the whole form shows: its size, and whether the agenda gets something."""
    fields = list(content.fields())
    for what, found, most in (
        ("Abschnitte", len(content.sections), SECTIONS),
        ("Felder", len(fields), FIELDS),
        ("Tabellenzellen", sum(field.max_rows * len(field.columns) for field in fields), CELLS),
    ):
        if found > most:
            entry.wrong(
                "sections",
                f"Das Arbeitsblatt hat {found} {what}.",
                f"Erlaubt sind höchstens {most}. Kürzen oder teilen Sie es.",
            )
    if sum(bool(field.agenda) for field in fields) < 2:
        entry.report.warning(
            entry.line("sections"),
            "Weniger als zwei Felder gehen in die Digitale Agenda ein.",
            "Ergänzen Sie „agenda: …“ an den Feldern, deren Inhalt dort gebraucht wird.",
        )
    if not content.checks:
        entry.report.warning(
            entry.line(),
            "Niemand erfährt, worauf bei der Durchsicht geachtet wird.",
            "Ergänzen Sie „checks:“ mit zwei bis fünf Sätzen.",
        )
