"""Author text → HTML that may be shown: Markdown, then the allow-list, then our own boxes around it.

Pages never render or sanitise anything; what this module returns is stored and sent as it is, but for the
launch that replaces the ``_`` of ``/k/_/`` in internal addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from lms_tool.content.clean import clean
from lms_tool.content.course import Heading, Media
from lms_tool.content.dialect import Dialect, LinkKind, Run, untaken
from lms_tool.content.faults import Report
from lms_tool.content.fields import Fields, is_slug
from lms_tool.content.segments import CAPTION, CHECK, Segment, split

# How every link to an activity looks in rendered text: (id, inner HTML).
ACTIVITY_LINK = re.compile(r'<a class="lt-a" href="/k/_/a/([a-z0-9-]+)">(.*?)</a>', re.DOTALL)
TITLES = {
    "merke": "Merke",
    "probieren": "Ausprobieren",
    "pruefen": "Bitte vor Ort prüfen",
    "info": "Hinweis",
}


class Link(NamedTuple):
    """An internal link that the author wrote: checked when all files are read."""

    kind: LinkKind
    target: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Body:
    """A rendered lesson. ``checks`` are the lines of ``[[kontrollfrage]]``; the first one parts the text."""

    before: str
    after: str
    checks: tuple[int, ...]
    outline: tuple[Heading, ...]


@dataclass
class Markup:
    """Renders the texts of one package. ``links`` gathers the internal links of all of them."""

    media: dict[str, Media] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    used: set[str] = field(default_factory=set)  # names of the pictures shown somewhere
    _dialect: Dialect = field(default_factory=Dialect)

    def field(self, entry: Fields, key: str) -> str:
        """Required text ``key`` of ``entry`` as sanitised inline HTML."""
        return self.inline(entry.text(key), entry.report, entry.line(key))

    def inline(self, text: str, report: Report, line: int) -> str:
        """Running text as sanitised inline HTML; paragraphs become lines."""
        html = clean(self._dialect.inline(text, self._run(Segment("text", text, line), report, exact=False)))
        return "<br>".join(part.removeprefix("<p>").removesuffix("</p>") for part in html.split("</p>\n<p>"))

    def pieces(self, texts: list[str], report: Report, line: int) -> tuple[str, ...]:
        """Pieces of one line of text, each as inline HTML, with the blanks around them kept."""
        made = []
        for text in texts:
            html = self.inline(text, report, line).strip() if text.strip() else ""
            made.append(f"{' ' if text[:1].isspace() else ''}{html}{' ' if text[-1:].isspace() else ''}")
        return tuple(made)

    def body(self, text: str, report: Report, first_line: int, taken: set[str] | None = None) -> Body:
        """The body of a lesson, whose first line is ``first_line`` of its file.

        ``taken``: anchors and names of landmarks elsewhere on the same page; those of this text are added.
        """
        segments = split(text, report, first_line)
        parts: list[list[str]] = [[]]
        checks: list[int] = []
        labels: set[str] = set() if taken is None else taken
        outline: list[Heading] = []
        captioned = False
        for segment, following in zip_longest(segments, segments[1:]):
            if segment.kind == CHECK:
                checks.append(segment.line)
                parts.append([])
            elif segment.kind != CAPTION:
                run = self._run(segment, report)
                run.labels, run.outline = labels, outline
                if segment.kind == "text" and following and following.kind == CAPTION:
                    run.caption = " ".join(following.text.split())
                html = clean(self._dialect.body(segment.text, run))
                parts[-1].append(_box(segment.kind, html, labels))
                captioned = run.captioned
                continue
            elif not captioned:
                report.error(
                    segment.line - 1,
                    "Über der Tabellenbeschriftung steht keine Tabelle.",
                    "Setzen Sie sie direkt unter ihre Tabelle.",
                )
            captioned = False
        before, after = "\n".join(parts[0]), "\n".join(html for part in parts[1:] for html in part)
        return Body(before, after, tuple(checks), tuple(outline))

    def _run(self, segment: Segment, report: Report, *, exact: bool = True) -> Run:
        searched: dict[str, int] = {}

        def line_of(needle: str) -> int:
            """The line of the next occurrence: Markdown's tree has no positions."""
            if not needle or not exact:
                return segment.line
            at = segment.text.find(needle, searched.get(needle, -1) + 1)
            if at < 0:
                at = searched.get(needle, 0)
            searched[needle] = at
            return segment.line + segment.text.count("\n", 0, at)

        def wrong(needle: str, problem: str, remedy: str) -> None:
            report.error(line_of(needle), problem, remedy)

        def link(needle: str, kind: LinkKind, target: str) -> None:
            line = line_of(needle)
            if is_slug(target, line, report):
                self.links.append(Link(kind, target, report.path, line))

        return Run(self.media, wrong, link, shown=self.used)


def _box(kind: str, html: str, labels: set[str]) -> str:
    if kind == "text":
        return html
    if kind == "situation":
        if html.count("<p>") == 1 and html.startswith("<p>"):
            return html.replace("<p>", '<p class="lt-situation">', 1)
        return f'<div class="lt-situation">{html}</div>'
    title = TITLES[kind]
    label = untaken(title, " ", labels)
    return (
        f'<aside class="lt-note lt-note--{kind}" aria-label="{label}">'
        '<span class="lt-note__ico"><svg class="lt-ico" aria-hidden="true" focusable="false">'
        f'<use href="#i-{kind}"/></svg></span>'
        f'<p class="lt-note__title">{title}</p><div class="lt-note__body">{html}</div></aside>'
    )
