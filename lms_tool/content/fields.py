"""YAML files read key by key: every value knows its line, every fault becomes a sentence.

YAML 1.2 without anchors, aliases and tags: nothing a reader of the file would have to look up elsewhere, and
nothing that grows when it is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from lms_tool.content.faults import Report

SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
SLUG_LENGTH = 80
TEXT_LENGTH = 4_000  # characters of one text value
DEPTH = 12  # the format itself nests four deep
# Neither PostgreSQL nor XML can hold these; surrogates cannot even be encoded.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_TAG = "tag:yaml.org,2002:"
_KINDS = {"str": "Text", "int": "eine Zahl", "float": "eine Kommazahl", "bool": "Ja/Nein", "null": "leer"}
_KINDS |= {"timestamp": "ein Datum", "map": "eine Zuordnung", "seq": "eine Liste"}
_GERMAN = {
    "mapping values are not allowed here": "Ein Doppelpunkt steht in einem Text ohne Anführungszeichen",
    "could not find expected ':'": "Hier fehlt ein Doppelpunkt",
    "found character '\\t' that cannot start any token": "Ein Tabulator steht, wo Leerzeichen stehen müssen",
    "but found another document": "Eine Zeile „---“ trennt hier ein zweites Dokument ab",
    "expected the node content, but found '<stream end>'": "Eine Klammer wird nicht geschlossen",
    "found unexpected end of stream": "Ein Anführungszeichen oder eine Klammer wird nicht geschlossen",
}


class _NoAliases(Composer):
    """Refuses anchors and aliases: a few lines of them expand to gigabytes."""

    def compose_node(self, parent: Node | None, index: object) -> Node | None:
        event = self.parser.peek_event()
        if getattr(event, "anchor", None):
            raise ComposerError(
                None, None, "Anker und Verweise (& und *) gehören nicht zum Format", event.start_mark
            )
        node: Node | None = super().compose_node(parent, index)
        return node


class Ref(NamedTuple):
    """A value of the file together with its line: the id somebody refers to."""

    value: str
    line: int


def load(text: str, report: Report, what: str, first_line: int = 1) -> Node | None:
    """Parse YAML ``text``, which starts at ``first_line`` of its file; ``None`` and a fault if that fails."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _NoAliases
    yaml.max_depth = DEPTH
    directive = re.search(r"(?m)^%", text)
    if directive:  # "%YAML 1.1" would turn "no" into false
        line = first_line + text.count("\n", 0, directive.start())
        report.error(line, "YAML-Anweisungen (%) gehören nicht zum Format.", "Streichen Sie die Zeile.")
        return None
    try:
        node: Node | None = yaml.compose("\n" * (first_line - 1) + text)
    except MaxDepthExceededError as error:
        report.error(
            error.problem_mark.line + 1,
            "Die Angaben sind zu tief verschachtelt.",
            "Schließen Sie Klammern und vergleichen Sie mit den Beispielen in courses/README.md.",
        )
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = _GERMAN.get(error.problem or "", error.problem or "Die Datei ist kein YAML")
        report.error(
            mark.line + 1 if mark else first_line,
            f"{problem}.",
            "Prüfen Sie an dieser Stelle Einrückung, Doppelpunkte und Anführungszeichen.",
        )
        return None
    except (ReaderError, YAMLError, ValueError):
        report.error(
            first_line, "Die Angaben sind kein lesbares YAML.", "Entfernen Sie Steuerzeichen und Anweisungen."
        )
        return None
    if node is None:
        report.error(
            first_line, f"{what} ist leer.", "Tragen Sie die Pflichtangaben ein (siehe courses/README.md)."
        )
    return node


def fields(node: Node | None, report: Report, what: str) -> Fields | None:
    """The mapping in ``node`` as ``Fields``, or ``None`` and a fault."""
    if node is None:
        return None
    if not isinstance(node, MappingNode):
        report.error(
            _line(node), f"{what} muss aus „Schlüssel: Wert“ bestehen.", "Schreiben Sie je Zeile eine Angabe."
        )
        return None
    return Fields(node, report, what)


def items(node: Node | None, report: Report, what: str) -> list[Fields]:
    """The list of mappings in ``node``; a fault for everything that is none."""
    if node is None:
        return []
    if not isinstance(node, SequenceNode):
        report.error(_line(node), f"{what} muss eine Liste sein.", "Beginnen Sie jeden Eintrag mit „- “.")
        return []
    found = (
        fields(child, report, f"Eintrag {number} in {what}") for number, child in enumerate(node.value, 1)
    )
    return [entry for entry in found if entry is not None]


class Fields:
    """One mapping, read key by key. ``close()`` reports the keys nobody asked for.

    A missing or faulty value is reported and answered with a stand-in: the package is refused in the end.
    """

    def __init__(self, node: MappingNode, report: Report, what: str) -> None:
        self.report = report
        self.what = what
        self.start = _line(node)
        self._nodes: dict[str, tuple[int, Node]] = {}
        self._asked: set[str] = set()
        for key, value in node.value:
            line = _line(key)
            if not isinstance(key, ScalarNode):
                report.error(
                    line, f"Ein Schlüssel in {what} ist kein Wort.", "Schreiben Sie „Schlüssel: Wert“."
                )
            elif key.value in self._nodes:
                report.error(
                    line, f"„{key.value}“ steht in {what} zweimal.", "Entfernen Sie eine der Angaben."
                )
            else:
                self._nodes[key.value] = (line, value)

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def line(self, key: str = "") -> int:
        """Line of ``key``, or of the mapping where the key is missing."""
        return self._nodes[key][0] if key in self._nodes else self.start

    def wrong(self, key: str, problem: str, remedy: str) -> None:
        self.report.error(self.line(key), problem, remedy)

    def keys(self) -> Set[str]:
        return self._nodes.keys()

    def asked(self, *keys: str) -> None:
        """These keys are known here, though their values do not matter now."""
        self._asked.update(keys)

    def close(self) -> None:
        """Report every key that was not asked for."""
        for key in self._nodes.keys() - self._asked:
            known = ", ".join(sorted(self._asked))
            self.wrong(key, f"„{key}“ ist in {self.what} nicht bekannt.", f"Möglich sind: {known}.")

    def text(self, key: str, default: str | None = None) -> str:
        """One line or paragraph of text, stripped; required unless ``default`` is given."""
        node = self._take(key, required=default is None)
        value = self._scalar(key, node, "str", "Text")
        if value is None:
            return default or ""
        if not (value := value.strip()):
            self.wrong(
                key,
                f"„{key}“ in {self.what} ist leer.",
                "Schreiben Sie einen Text oder streichen Sie die Zeile.",
            )
        elif len(value) > TEXT_LENGTH:
            self.wrong(
                key, f"„{key}“ ist länger als {TEXT_LENGTH} Zeichen.", "Kürzen oder teilen Sie den Text."
            )
        elif UNPRINTABLE.search(value):
            self.wrong(key, f"„{key}“ enthält Steuerzeichen.", "Löschen Sie die unsichtbaren Zeichen.")
        else:
            return value
        return ""

    def slug(self, key: str = "id") -> str:
        """An id: lower-case letters, digits and hyphens."""
        value = self.text(key)
        if value and not (SLUG.fullmatch(value) and len(value) <= SLUG_LENGTH):
            self._bad_slug(value, self.line(key))
        return value

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``; required unless ``default`` is given."""
        value = self._scalar(key, self._take(key, required=default is None), "int", "eine ganze Zahl")
        if value is None:
            return low if default is None else default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            self.wrong(key, f"„{key}“ ist {value[:20]}.", f"Erlaubt sind ganze Zahlen von {low} bis {high}.")
            return low
        return int(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """``true`` or ``false``; required unless ``default`` is given."""
        value = self._scalar(key, self._take(key, required=default is None), "bool", "true oder false")
        return bool(default) if value is None else value.lower() == "true"

    def one_of(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value and value not in allowed:
            self.wrong(key, f"„{key}: {value[:40]}“ gibt es nicht.", f"Möglich sind: {', '.join(allowed)}.")
            return allowed[0]
        return value

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A date written 2026-11-21, bare or in quotes."""
        node = self._take(key, required=required)
        if node is None:
            return None
        value = node.value if isinstance(node, ScalarNode) else ""
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass  # 30 February: reported below like any other text that is no date
        self.wrong(key, f"„{key}“ ist kein Datum.", "Schreiben Sie Jahr-Monat-Tag, zum Beispiel 2026-11-21.")
        return None

    def refs(self, key: str) -> tuple[Ref, ...]:
        """A list of texts with their lines; each may occur once."""
        node = self._take(key, required=False)
        if node is None:
            return ()
        if not isinstance(node, SequenceNode):
            self.wrong(key, f"„{key}“ muss eine Liste sein.", f"Schreiben Sie {key}: [eins, zwei].")
            return ()
        found: list[Ref] = []
        for child in node.value:
            value = self._scalar(key, child, "str", "Text")
            if value is None:
                continue
            if not (value := value.strip()) or UNPRINTABLE.search(value) or len(value) > TEXT_LENGTH:
                self.report.error(
                    _line(child), f"Ein Eintrag in „{key}“ ist leer oder unlesbar.", "Streichen Sie ihn."
                )
            elif any(value == other.value for other in found):
                self.report.error(
                    _line(child), f"„{value}“ steht in „{key}“ zweimal.", "Streichen Sie eine Nennung."
                )
            else:
                found.append(Ref(value, _line(child)))
        return tuple(found)

    def mapping(self, key: str, what: str) -> Fields | None:
        return fields(self._take(key, required=False), self.report, what)

    def items(self, key: str, what: str) -> list[Fields]:
        """A required list of mappings with at least one entry."""
        node = self._take(key, required=True)
        found = items(node, self.report, what)
        if isinstance(node, SequenceNode) and not node.value:
            self.wrong(key, f"„{key}“ in {self.what} ist leer.", "Tragen Sie mindestens einen Eintrag ein.")
        return found

    def is_mapping(self, key: str) -> bool:
        return key in self._nodes and isinstance(self._nodes[key][1], MappingNode)

    def is_text(self, key: str) -> bool:
        return key in self._nodes and self._nodes[key][1].tag == f"{_TAG}str"

    def entries(self) -> Iterator[tuple[Ref, Fields]]:
        """All entries of a mapping whose keys are the author's, each itself a mapping."""
        for key, (line, node) in self._nodes.items():
            self._asked.add(key)
            entry = fields(node, self.report, f"„{key}“")
            if entry is not None:
                yield Ref(key, line), entry

    def _take(self, key: str, *, required: bool) -> Node | None:
        self._asked.add(key)
        if key in self._nodes:
            return self._nodes[key][1]
        if required:
            self.wrong("", f"In {self.what} fehlt „{key}“.", f"Ergänzen Sie die Zeile „{key}: …“.")
        return None

    def _scalar(self, key: str, node: Node | None, tag: str, wanted: str) -> str | None:
        if node is None:
            return None
        if node.tag == _TAG + tag and isinstance(node, ScalarNode):
            return str(node.value)
        kind = _KINDS.get(str(node.tag).removeprefix(_TAG), "etwas anderes")
        remedy = "Setzen Sie den Wert in Anführungszeichen." if tag == "str" else "Ändern Sie den Wert."
        self.report.error(_line(node), f"„{key}“ ist {kind}, erwartet wird {wanted}.", remedy)
        return None

    def _bad_slug(self, value: str, line: int) -> None:
        self.report.error(
            line,
            f"„{value[:40]}“ ist keine gültige Kennung.",
            f"Erlaubt sind Kleinbuchstaben a–z, Ziffern und Bindestriche, höchstens {SLUG_LENGTH} Zeichen.",
        )


def _line(node: Node) -> int:
    line: int = node.start_mark.line + 1
    return line
