"""A process as a picture of its own (SVG): units are columns, time runs down. Neutral colours, for paper and slides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from markupsafe import Markup, escape

from lms_tool.content.process import Steps, count
from lms_tool.content.workshop import Workshop
from lms_tool.errors import Text
from lms_tool.web.pages import ProcessStep
from lms_tool.web.workshop_pages import rows

LANE, NUMBERS, MARGIN = 240, 44, 24  # widths in px
HEAD, ROW, BLOCK = 128, 126, 102  # heights in px
LETTERS = 32  # that fit into a block's line
INK, QUIET, LINE, LANE_FILL, BLOCK_FILL = "#171a2b", "#4b5170", "#6b7190", "#f3f4f8", "#ffffff"
CHANGE, CHANGE_FILL = "#8a5a00", "#fff3d6"

NAMES = {"as_is": Text("Heute (Ist)", "Today"), "to_be": Text("Künftig (Soll)", "In future")}
WORDS = {
    "media": Text("Medienwechsel", "media change"),
    "from": Text("Übergabe von: ", "Handed over by: "),
    "minutes": Text("min", "min"),
    "day": Text("Tag", "day"),
    "days": Text("Tage", "days"),
    "double": Text("doppelt", "double work"),
    "loop": Text("hin und zurück", "back and forth"),
}
SUMMARY = Text(
    "Bausteine {steps} · Medienwechsel {media_changes} · Übergaben {handovers} · Unterbrechungen {interruptions} · "
    "Bearbeitung {minutes} min · Durchlauf in Tagen {days}",
    "Blocks {steps} · Media changes {media_changes} · Hand-overs {handovers} · Interruptions {interruptions} · "
    "Work {minutes} min · Days in all {days}",
)


def drawing(title: str, which: str, workshop: Workshop, model: Steps, language: str) -> str:
    """The whole SVG document; every text in it is escaped."""
    shown = rows(workshop, model)
    width = 2 * MARGIN + NUMBERS + LANE * len(workshop.units)
    height = HEAD + ROW * max(1, len(shown)) + MARGIN
    counts = count(model)
    summary = _say(SUMMARY, language).format(**{name: getattr(counts, name) for name in counts.__slots__})
    heading = f"{title}: {_say(NAMES[which], language)}"
    parts = [
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" '
            'aria-labelledby="t d" font-family="Fira Sans, Arial, sans-serif" font-size="14" lang="{2}">'
            '<title id="t">{3}</title><desc id="d">{4}</desc>'
            '<rect width="{0}" height="{1}" fill="#ffffff"/>'
        ).format(width, height, language, heading, summary),
        _text(MARGIN, 36, heading, 20, INK, 600),
        _text(MARGIN, 62, summary, 14, QUIET),
        *_lanes(workshop, height),
        *(_arrow(one, other) for one, other in pairwise(shown)),
        *(piece for step in shown for piece in _block(step, language)),
        Markup("</svg>\n"),
    ]
    return str(Markup("").join(parts))


def _lanes(workshop: Workshop, height: int) -> Iterator[Markup]:
    for column, unit in enumerate(workshop.units, 1):
        if column % 2:
            yield Markup('<rect x="{}" y="80" width="{}" height="{}" fill="{}"/>').format(
                _left(column), LANE, height - 80 - MARGIN // 2, LANE_FILL
            )
        yield _text(_left(column) + 12, 106, _cut(unit.title), 16, INK, 600)
    yield Markup('<path d="M{} 118H{}" stroke="{}" stroke-width="2"/>').format(
        MARGIN, _left(len(workshop.units) + 1), LINE
    )


def _block(step: ProcessStep, language: str) -> Iterator[Markup]:
    x, y = _left(step.column) + 8, _top(step)
    yield _text(MARGIN + NUMBERS - 12, y + 28, str(step.number), 14, QUIET, anchor="end")
    yield Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="{}" stroke="{}" stroke-width="{}"{}/>'
    ).format(
        x, y, LANE - 16, BLOCK,
        CHANGE_FILL if step.media_change else BLOCK_FILL,
        CHANGE if step.media_change else LINE,
        2 if step.media_change or step.interruption else 1,
        Markup(' stroke-dasharray="6 4"') if step.interruption else "",
    )  # fmt: skip
    yield _text(x + 12, y + 22, _say(step.title, language), 15, INK, 600)
    lines = filter(None, (step.note, _media(step), _times(step, language), _flags(step, language)))
    for place, line in enumerate(lines):
        yield _text(x + 12, y + 41 + 18 * place, _cut(line), 13, QUIET)
    if step.handed_by:
        yield _text(x + 4, y - 5, _cut(_say(WORDS["from"], language) + step.handed_by, 36), 12, QUIET)


def _media(step: ProcessStep) -> str:
    if step.before and step.after and step.before != step.after:
        return f"{step.before} → {step.after}"
    return step.before or step.after


def _times(step: ProcessStep, language: str) -> str:
    minutes = f"{step.minutes} {_say(WORDS['minutes'], language)}" if step.minutes else ""
    days = f"{step.days} {_say(WORDS['day' if step.days == 1 else 'days'], language)}" if step.days else ""
    return " · ".join(filter(None, (minutes, days)))


def _flags(step: ProcessStep, language: str) -> str:
    flags = (("media", step.media_change), ("double", step.double), ("loop", step.loop))
    return ", ".join(_say(WORDS[name], language) for name, there in flags if there)


def _arrow(one: ProcessStep, other: ProcessStep) -> Markup:
    """From one block down to the next; round the corner if that is in another lane."""
    x, y = _left(one.column) + LANE - 28, _top(one) + BLOCK
    to_x, to_y = _left(other.column) + LANE - 28, _top(other)
    bend = y + 5  # above the words that say who handed over
    return Markup(
        '<path d="M{0} {1}V{2}H{3}V{4}" fill="none" stroke="{5}" stroke-width="1.5"/>'
        '<path d="M{6} {7}L{3} {4}L{8} {7}" fill="none" stroke="{5}" stroke-width="1.5"/>'
    ).format(x, y, bend, to_x, to_y, LINE, to_x - 5, to_y - 6, to_x + 5)


def _text(
    x: int, y: int, words: str, size: int, colour: str, weight: int = 400, *, anchor: str = "start"
) -> Markup:
    return Markup(
        '<text x="{}" y="{}" font-size="{}" font-weight="{}" fill="{}" text-anchor="{}">{}</text>'
    ).format(x, y, size, weight, colour, anchor, escape(words))


def _left(column: int) -> int:
    return MARGIN + NUMBERS + LANE * (column - 1)


def _top(step: ProcessStep) -> int:
    return HEAD + 14 + ROW * (step.number - 1)


def _cut(words: str, letters: int = LETTERS) -> str:
    return words if len(words) <= letters else words[: letters - 1].rstrip() + "…"


def _say(text: Text, language: str) -> str:
    return (text.en if language == "en" else text.de).replace("\N{SOFT HYPHEN}", "")
