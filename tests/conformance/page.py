"""Reads HTML pages the way the tests need it: elements with attributes, language and text, and forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SILENT = {"script", "style", "template", "title"}


@dataclass
class Element:
    tag: str
    attrs: dict[str, str]
    lang: str  # its own or inherited
    order: int
    parts: list[str] = field(default_factory=list)
    inside: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())


class Page(HTMLParser):
    """All elements of a page in document order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.doctype = ""
        self.feed(html)
        self.close()
        self.unclosed = [element.tag for element in self._open]

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl.lower()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        lang = values.get("lang") or (self._open[-1].lang if self._open else "")
        element = Element(tag, values, lang, len(self.elements))
        self.elements.append(element)
        for outer in self._open:
            outer.inside.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index].tag == tag:
                del self._open[index:]
                return

    def handle_data(self, data: str) -> None:
        for element in self._open:
            if not any(inner.tag in _SILENT for inner in self._open) or element.tag == "title":
                element.parts.append(data)

    def all(self, tag: str = "", **attrs: str) -> list[Element]:
        """Elements with this tag and these attribute values ('' = any); ``data_x`` means ``data-x``."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            e
            for e in self.elements
            if tag in ("", e.tag)
            and all(name in e.attrs and value in ("", e.attrs[name]) for name, value in wanted.items())
        ]

    def one(self, tag: str = "", **attrs: str) -> Element:
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} elements <{tag} {attrs}>"
        return found[0]

    @property
    def text(self) -> str:
        bodies = self.all("body")
        return bodies[0].text if bodies else ""

    def links(self) -> list[str]:
        return [e.attrs["href"] for e in self.all("a", href="")]

    def form_to(self, ending: str) -> Element:
        """The form whose action ends with ``ending``."""
        found = [e for e in self.all("form") if e.attrs.get("action", "").split("?")[0].endswith(ending)]
        assert found, f"no form to …{ending}"
        return found[0]
