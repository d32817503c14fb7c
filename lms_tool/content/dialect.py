"""Our Markdown: which syntax there is, and what links, pictures, tables and headings become.

Deliberately less than Python-Markdown offers. No raw HTML and no attribute lists, since nothing may smuggle
markup; no setext headings, since a line of hyphens is a rule; no footnotes and abbreviations, since sources
stand in the front matter and terms in the glossary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Literal
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from lms_tool.content.course import Heading, Media

LinkKind = Literal["activity", "term"]
MEDIA_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
BRACKETS = 1_000  # in one text; Markdown's time for links grows with their square

_HTML = r"(<(\/?[a-zA-Z][^<>@ ]*( [^<>]*)?|!--(?:(?!<!--|-->).)*--|[!?][a-zA-Z][^<>]*)>)"
_SMARTY = {
    "left-double-quote": "„",
    "right-double-quote": "“",
    "left-single-quote": "‚",
    "right-single-quote": "’",  # far more often an apostrophe than a closing quote
    "ellipsis": "…",
    "ndash": "–",
    "mdash": "—",
}
_INTERNAL: dict[str, tuple[LinkKind, str]] = {
    "lektion": ("activity", "/k/_/a/"),
    "glossar": ("term", "/k/_/glossary#"),
}
_BLOCKS = ("indent", "code", "hashheader", "setextheader", "hr", "olist", "ulist", "quote", "reference")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass
class Run:
    """One rendering: what the author may refer to, and where findings go (with words to find them by)."""

    media: Mapping[str, Media]
    wrong: Callable[[str, str, str], None]  # needle, problem, remedy
    link: Callable[[str, LinkKind, str], None]  # needle, kind, id
    shown: set[str]  # names of the pictures that were met
    caption: str = ""  # Markdown for the caption of the table at the end of the text
    captioned: bool = False  # whether there was such a table
    labels: set[str] = field(default_factory=set)  # anchors and names of landmarks that are taken
    outline: list[Heading] = field(default_factory=list)


class Dialect:
    """Two Markdown converters, for bodies and for running text, made once and used for a whole package."""

    def __init__(self) -> None:
        self._body = Markdown(
            extensions=[
                "def_list",
                "sane_lists",
                "smarty",
                "tables",
                "pymdownx.betterem",
                "pymdownx.superfences",
            ],
            extension_configs={
                "smarty": {"substitutions": _SMARTY},
                "tables": {"use_align_attribute": True},
                "pymdownx.highlight": {"use_pygments": False},
            },
            output_format="html",
        )
        self._inline = Markdown(
            extensions=["smarty", "pymdownx.betterem"],
            extension_configs={"smarty": {"substitutions": _SMARTY}},
            output_format="html",
        )
        for name in _BLOCKS:  # in running text «1. Januar» is no list and «# 4» no heading
            self._inline.parser.blockprocessors.deregister(name)
        self._body.parser.blockprocessors.deregister("setextheader")
        self._rules = [_Rules(self._body), _Rules(self._inline)]
        for rules in self._rules:
            rules.install()

    def body(self, text: str, run: Run) -> str:
        """Unsafe HTML of a piece of lesson text."""
        return self._convert(0, text, run)

    def inline(self, text: str, run: Run) -> str:
        """Unsafe HTML of running text: ``p`` elements with inline content."""
        return self._convert(1, text, run)

    def _convert(self, which: int, text: str, run: Run) -> str:
        if text.count("[") > BRACKETS:
            run.wrong("[", f"Der Text hat mehr als {BRACKETS} eckige Klammern.", "Teilen Sie den Text auf.")
            return ""
        self._rules[which].begin(run)
        try:
            return self._rules[which].md.reset().convert(text)
        except RecursionError:
            run.wrong(
                "", "Der Text ist zu tief verschachtelt.", "Nehmen Sie Klammern, Zitate oder Listen heraus."
            )
            return ""


class _RawHtml(InlineProcessor):
    """Raw HTML stays visible as text, and is reported."""

    def __init__(self, md: Markdown, rules: _Rules) -> None:
        super().__init__(_HTML, md)
        self.rules = rules

    def handleMatch(  # type: ignore[override] # noqa: N802 – Markdown's name
        self, m: re.Match[str], _data: str
    ) -> tuple[str, int, int]:
        self.rules.run_.wrong(
            m[0],
            f"HTML ist nicht erlaubt: {m[0][:40]}",
            "Schreiben Sie Markdown, oder setzen Sie die Stelle in `…`.",
        )
        return m[0], m.start(0), m.end(0)


class _Caption(Treeprocessor):
    """Before inline parsing: the caption joins the table above it, so that it may hold links and emphasis."""

    def __init__(self, md: Markdown, rules: _Rules) -> None:
        super().__init__(md)
        self.rules = rules

    def run(self, root: Element) -> None:
        run = self.rules.run_
        run.captioned = bool(run.caption) and len(root) > 0 and root[-1].tag == "table"
        if not run.captioned:
            return
        caption = Element("caption")
        caption.text = run.caption
        root[-1].insert(0, caption)


class _Rules(Treeprocessor):
    """After everything else: links, pictures, tables and headings of the finished tree."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.md: Markdown = md

    def install(self) -> None:
        md = self.md
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("automail")
        md.inlinePatterns.register(_RawHtml(md, self), "html", 90)
        md.treeprocessors.register(_Caption(md, self), "lt-caption", 30)
        md.treeprocessors.register(self, "lt-rules", -10)  # after "unescape" (0): addresses as they will be

    def begin(self, run: Run) -> None:
        self.run_ = run

    def run(self, root: Element) -> None:
        parents = {child: parent for parent in root.iter() for child in parent}
        for element in list(root.iter()):
            match element.tag:
                case "a":
                    self._link(element)
                case "img":
                    self._picture(element, parents, root)
                case "table":
                    self._table(element, parents[element])
                case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                    self._heading(element, nested=parents[element] is not root)

    def _link(self, link: Element) -> None:
        address = link.get("href", "")
        link.attrib.clear()
        scheme, _, target = address.partition(":")
        if not "".join(link.itertext()).strip() and not len(link):
            self.run_.wrong(
                address, "Ein Link hat keinen Text.", "Schreiben Sie, wohin er führt: [Text](Ziel)."
            )
        if scheme in _INTERNAL:
            kind, prefix = _INTERNAL[scheme]
            self.run_.link(address, kind, target)
            link.set("class", "lt-term" if kind == "term" else "lt-a")
            link.set("href", prefix + target)
        elif is_https(address):
            link.set("class", "lt-a lt-ext")
            link.set("href", address)
            link.set("rel", "noopener noreferrer")
            link.set("target", "_blank")
            SubElement(link, "span", {"class": "kern-sr-only"}).text = " (öffnet ein neues Fenster)"
        else:
            self.run_.wrong(
                address,
                f"Der Link „{address[:60]}“ führt an kein erlaubtes Ziel.",
                "Erlaubt sind lektion:KENNUNG, glossar:KENNUNG und vollständige https-Adressen.",
            )

    def _picture(self, picture: Element, parents: dict[Element, Element], root: Element) -> None:
        address, alt, title = picture.get("src", ""), picture.get("alt", "").strip(), picture.get("title", "")
        picture.attrib.clear()
        name = address.removeprefix("media/")
        self.run_.shown.add(name)
        if not address.startswith("media/") or name not in self.run_.media:
            self.run_.wrong(
                address,
                f"Das Bild „{address[:60]}“ gibt es nicht.",
                "Legen Sie es in media/ und schreiben Sie media/NAME.",
            )
        else:
            picture.set("src", f"/k/_/media/{self.run_.media[name].digest}/{name}")
        if not alt:
            self.run_.wrong(
                address, "Das Bild hat keinen Alternativtext.", "Sagen Sie in […], was das Bild aussagt."
            )
        picture.set("alt", alt)
        paragraph = parents[picture]
        if (
            parents.get(paragraph) is root
            and len(paragraph) == 1
            and not (paragraph.text or picture.tail or "").strip()
        ):
            self._figure(paragraph, picture, title)

    def _figure(self, figure: Element, picture: Element, title: str) -> None:
        """A picture of its own: on a phone it keeps a size in which its words can be read, and is moved sideways."""
        figure.tag = "figure"
        figure.set("class", "lt-figure")
        figure.remove(picture)
        label = {"role": "group", "aria-label": title or "Abbildung"}
        view = SubElement(figure, "div", {"class": "lt-figure__view", "tabindex": "0", **label})
        view.append(picture)
        if title:
            SubElement(figure, "figcaption").text = title

    def _table(self, table: Element, parent: Element) -> None:
        caption = table.find("caption")
        label = self._text(caption) if caption is not None else ""
        label = untaken(f"Tabelle: {label}" if label else "Tabelle", " ", self.run_.labels)
        table.set("class", "lt-tbl lt-tbl--stack")
        heads = [self._text(cell) for cell in table.iterfind("thead/tr/th")]
        for cell in table.iter():
            if cell.tag in ("th", "td") and cell.attrib.pop("align", "") == "right":
                cell.set("class", "r")
        for cell in table.iterfind("thead/tr/th"):
            if self._text(cell):
                cell.set("scope", "col")
            else:
                cell.tag = "td"  # a header cell without a word says nothing to a screen reader
        for row in table.iterfind("tbody/tr"):
            for head, cell in zip(heads, row, strict=False):
                if head:
                    cell.set("data-l", head)
            if len(row) and self._text(row[0]):
                row[0].tag = "th"
                row[0].attrib.pop("data-l", None)
                row[0].set("scope", "row")
        region = Element(
            "div", {"class": "lt-scroll", "tabindex": "0", "role": "region", "aria-label": label}
        )
        region.append(table)
        region.tail, table.tail = table.tail, None
        parent[list(parent).index(table)] = region

    def _heading(self, heading: Element, *, nested: bool) -> None:
        text = self._text(heading)
        if nested:
            self.run_.wrong(
                text, "Eine Überschrift steht in einer Liste oder einem Zitat.", "Setzen Sie sie davor."
            )
        if not text:
            self.run_.wrong(
                "#", "Eine Überschrift ist leer.", "Schreiben Sie einen Text oder streichen Sie sie."
            )
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower().translate(_UMLAUTS)).strip("-")
        heading.set("id", untaken(f"abschnitt-{slug}", "-", self.run_.labels))
        if heading.tag == "h2":
            self.run_.outline.append(Heading(heading.attrib["id"], text))

    def _text(self, element: Element) -> str:
        """The words of ``element``. Typographic marks are still place-holders at this point."""
        stash = self.md.htmlStash.rawHtmlBlocks
        words = HTML_PLACEHOLDER_RE.sub(lambda found: str(stash[int(found[1])]), "".join(element.itertext()))
        return unescape(words).strip()


def untaken(wanted: str, separator: str, taken: set[str]) -> str:
    """``wanted``, numbered if it is taken: anchors must be unique, and so must the names of landmarks."""
    label, number = wanted, 1
    while label in taken:
        number += 1
        label = f"{wanted}{separator}{number}"
    taken.add(label)
    return label


def is_https(address: str) -> bool:
    """Whether ``address`` is a whole https address that a link may lead to: with a host, without a user."""
    if re.search(r"[\x00-\x20\x7f\\\"<>]", address) or not address.startswith("https://"):
        return False
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and (parts.port or 443) > 0
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        return False
