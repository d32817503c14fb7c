"""The files of a package as editorial rules see them: passages of running text that know their lines.

Read from the sources and not from the finished course: a finding names the line that its author has to change, and
a new kind of activity is covered as soon as it uses the keys below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lms_tool.content.faults import Report
from lms_tool.content.frontmatter import Prose
from lms_tool.content.plaintext import Unit, inline, units
from lms_tool.content.readability import Figures, Sentence, figures, sentences
from lms_tool.content.segments import split

# Keys whose values somebody reads. Everything else is an id, a choice of the format, or a key to something.
PROSE_KEYS = frozenset(
    {
        "title",
        "summary",
        "outcome",
        "text",
        "term",
        "intro",
        "label",
        "help",
        "example",
        "note",
        "mind",
        "hint",
    }
    | {"feedback", "feedback_true", "feedback_false", "feedback_right", "passage", "left", "right", "extra"}
    | {"options", "alt", "met", "open", "low", "high", "checks"}
)
_NO_PROSE_BELOW = frozenset({"sources", "review"})  # titles of sources are quoted as they are
_COUNTED = frozenset(
    {"text", "item"}
)  # units that a page's figures are made of; cells and headings are no sentences
READ_AS_TEXT = frozenset({"page", "case", "cheatsheet"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A unit of text, and where it stands: its YAML ``key`` or "body", and the ``box`` around it ("" for none)."""

    key: str
    box: str
    unit: Unit
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Document:
    """One file. ``kind``: "course", "module", "glossary", or that of the activity; ``head``: its YAML."""

    path: str  # as reports name it
    kind: str
    text: str  # the whole file, with ``\\n`` line ends
    head: Node
    prose: Prose | None = None

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        found = [_passage(key, "", unit) for key, unit in _strings(self.head, "", self.text.split("\n"))]
        if self.prose is not None:
            for segment in split(self.prose.text, Report(self.path), self.prose.first_line):
                box = "" if segment.kind == "text" else segment.kind
                found += [_passage("body", box, unit) for unit in units(segment.text, segment.line)]
        return tuple(found)

    @property
    def is_activity(self) -> bool:
        return self.kind not in ("course", "module", "glossary", "")

    @property
    def body(self) -> tuple[Passage, ...]:
        """The running text of a page; of other files all texts."""
        if self.prose is None:
            return self.passages
        return tuple(passage for passage in self.passages if passage.key == "body")

    @cached_property
    def figures(self) -> Figures:
        return figures(
            sentence
            for passage in self.body
            if passage.unit.kind in _COUNTED
            for sentence in passage.sentences
        )

    def line_of(self, key: str) -> int:
        """Line of a key of the head, or of its first one."""
        assert isinstance(self.head, MappingNode)
        keys = {name.value: name.start_mark.line + 1 for name, _ in self.head.value}
        return int(keys.get(key, self.head.start_mark.line + 1))

    def has(self, key: str) -> bool:
        """Whether the head gives ``key`` a value that is not empty."""
        assert isinstance(self.head, MappingNode)
        return any(name.value == key and bool(value.value) for name, value in self.head.value)


def document(path: str, kind: str, text: str, head: Node, prose: Prose | None = None) -> Document:
    """A file as a document; the ``kind`` that its head names goes before the one given."""
    if isinstance(head, MappingNode) and kind not in ("course", "module"):
        named = (value.value for name, value in head.value if name.value == "kind")
        kind = next((str(value) for value in named), kind)
    return Document(path, kind, text, head, prose)


def _passage(key: str, box: str, unit: Unit) -> Passage:
    return Passage(key, box, unit, tuple(sentences(unit.text)))


def _strings(node: Node, key: str, lines: list[str]) -> Iterator[tuple[str, Unit]]:
    """Every text below ``node`` that somebody reads, with the key it stands under."""
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if isinstance(name, ScalarNode) and name.value not in _NO_PROSE_BELOW:
                yield from _strings(value, name.value, lines)
    elif isinstance(node, SequenceNode):
        for child in node.value:
            yield from _strings(child, key, lines)
    elif isinstance(node, ScalarNode) and key in PROSE_KEYS and str(node.tag).endswith(":str"):
        text, line = _as_written(node, lines)
        if text.strip():
            yield key, inline(text, line)


def _as_written(node: ScalarNode, lines: list[str]) -> tuple[str, int]:
    """The text of a scalar with the line breaks of the file, and the line it begins in."""
    first, last = node.start_mark.line, node.end_mark.line
    if node.style in ("|", ">"):
        taken = lines[first + 1 : last + 1]
        indent = next((len(line) - len(line.lstrip()) for line in taken if line.strip()), 0)
        kept: list[str] = []
        for line in taken:
            if line.strip() and len(line) - len(line.lstrip()) < indent:
                break
            kept.append(line.strip())
        return "\n".join(kept).rstrip(), first + 2
    pieces = lines[first : last + 1]
    if first == last or not pieces:  # YAML knows rarer line breaks than \n
        return str(node.value), first + 1
    pieces[-1] = pieces[-1][: node.end_mark.column]
    pieces[0] = pieces[0][node.start_mark.column :]
    text = "\n".join(piece.strip() for piece in pieces).rstrip()
    if node.style == '"':
        text = text[1:-1].replace('\\"', '"').replace("\\\n", "\n")
    elif node.style == "'":
        text = text[1:-1].replace("''", "'")
    return text, first + 1
