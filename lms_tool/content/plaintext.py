"""Course Markdown as plain running text that still knows its lines: what editorial rules and figures are made from.

A text falls into units: a paragraph, a list item, a table cell, a heading. Line breaks stay in a unit's text, so that
the line of every word is known; markup is taken out, and what a link leads to is kept beside the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

UnitKind = Literal["text", "item", "cell", "heading", "alt"]

_HEADING = re.compile(r"#{1,6}[ \t]+|===[ \t]+[^\s:]+:[ \t]*")  # «=== id: title» begins a scene of a case
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])[ \t]+|:[ \t]+")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_TABLE_LINE = re.compile(r"[\s:|]*-[\s:|-]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CELLS = re.compile(r"(?<!\\)\|")
_INLINE = re.compile(
    r"!\[(?P<alt>[^\]]{0,1000})\]\([^)]{0,1000}\)"
    r"|\[(?P<words>[^\[\]]{0,1000})\]\((?P<target>[^()]{0,1000})\)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<code>`[^`\n]{0,1000}`)"
    r"|\*+|~~|__|(?<!\w)_|_(?!\w)"
)


class Linked(NamedTuple):
    """Words of a unit that are a link: their span in its text, and where they lead (``glossar:akte``)."""

    start: int
    end: int
    target: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of running text. ``line``: that of its first word; later lines follow its line breaks."""

    kind: UnitKind
    text: str
    line: int
    links: tuple[Linked, ...] = field(default=())

    def line_of(self, offset: int) -> int:
        return self.line + self.text.count("\n", 0, offset)


def units(markdown: str, first_line: int = 1) -> Iterator[Unit]:
    """The units of ``markdown``, which starts at ``first_line`` of its file. Code blocks are no running text."""
    open_: list[str] = []
    kind: UnitKind = "text"
    start = first_line
    fence = ""
    for number, given in enumerate([*markdown.split("\n"), ""], first_line):
        line = re.sub(r"^ {0,3}(?:> ?)+", "", given)
        if fence or _FENCE.match(line):
            found = _FENCE.match(line)
            fence = (
                "" if fence and found and found[1].startswith(fence) else fence or (found[1] if found else "")
            )
            line = ""
        heading, item = _HEADING.match(line), _ITEM.match(line)
        row = line.lstrip().startswith("|")
        if open_ and (heading or item or row or not line.strip()):
            yield from _unit(kind, "\n".join(open_), start)
            open_ = []
        if not line.strip() or _RULE.fullmatch(line):
            continue
        if heading:
            yield from _unit("heading", line[heading.end() :], number)
        elif row:
            yield from _cells(line, number)
        else:
            if not open_:
                kind, start = ("item" if item else "text"), number
            open_.append(line[item.end() :] if item else line.strip())


def inline(text: str, line: int = 1) -> Unit:
    """``text`` without its inline markup, as one unit; pictures are left out."""
    plain: list[str] = []
    links: list[Linked] = []
    at = length = 0

    def add(piece: str) -> None:
        nonlocal length
        plain.append(piece)
        length += len(piece)

    for found in _INLINE.finditer(text):
        add(text[at : found.start()])
        at = found.end()
        if found["words"] is not None:
            start = length
            add(re.sub(r"[*`]", "", found["words"]))
            links.append(Linked(start, length, found["target"].strip()))
        elif found["escaped"] or found["code"]:
            add(found["escaped"] or found["code"].strip("`"))
    add(text[at:])
    return Unit("text", "".join(plain), line, tuple(links))


def _cells(line: str, number: int) -> Iterator[Unit]:
    if _TABLE_LINE.fullmatch(line):
        return
    for cell in _CELLS.split(line.strip().strip("|")):
        yield from _unit("cell", cell.strip(), number)


def _unit(kind: UnitKind, text: str, line: int) -> Iterator[Unit]:
    made = inline(text, line)
    if made.text.strip():
        yield Unit(kind, made.text, line, made.links)
    for found in _INLINE.finditer(text):
        if found["alt"]:
            yield Unit("alt", found["alt"], line + text.count("\n", 0, found.start()))
