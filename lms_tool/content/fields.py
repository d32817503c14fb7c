"""YAML mappings read key by key: every value knows its line, every fault becomes a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import NamedTuple

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lms_tool.content.faults import Report

SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
SLUG_LENGTH = 64  # what the database keeps
TEXT_LENGTH = 4_000  # characters of one text value
# Neither PostgreSQL nor XML can hold these; surrogates cannot even be encoded.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_TAG = "tag:yaml.org,2002:"
_KINDS = {"str": "Text", "int": "eine Zahl", "float": "eine Kommazahl", "bool": "Ja/Nein", "null": "leer"}
_KINDS |= {"timestamp": "ein Datum", "map": "eine Zuordnung", "seq": "eine Liste"}


class Ref(NamedTuple):
    """A value of the file together with its line: the id somebody refers to."""

    value: str
    line: int


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
        self.node = node
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
        return default or ""

    def slug(self, key: str = "id") -> str:
        """An id: lower-case letters, digits and hyphens."""
        value = self.text(key)
        if value:
            is_slug(value, self.line(key), self.report)
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

    def ids(self, key: str) -> tuple[Ref, ...]:
        """A list of ids with their lines."""
        return tuple(ref for ref in self.refs(key) if is_slug(ref.value, ref.line, self.report))

    def refs(self, key: str) -> tuple[Ref, ...]:
        """A list of texts with their lines; each may occur once."""
        node = self._take(key, required=False)
        if node is None:
            return ()
        if not isinstance(node, SequenceNode):
            self.wrong(key, f"„{key}“ muss eine Liste sein.", f"Schreiben Sie {key}: [eins, zwei].")
            return ()
        found: dict[str, Ref] = {}
        for child in node.value:
            value = self._scalar(key, child, "str", "Text")
            if value is None:
                continue
            if not (value := value.strip()) or UNPRINTABLE.search(value) or len(value) > TEXT_LENGTH:
                self.report.error(
                    _line(child), f"Ein Eintrag in „{key}“ ist leer oder unlesbar.", "Streichen Sie ihn."
                )
            elif value in found:
                self.report.error(
                    _line(child), f"„{value}“ steht in „{key}“ zweimal.", "Streichen Sie eine Nennung."
                )
            else:
                found[value] = Ref(value, _line(child))
        return tuple(found.values())

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


def is_slug(value: str, line: int, report: Report) -> bool:
    """Whether ``value`` has the form of an id; a fault if not."""
    if SLUG.fullmatch(value) and len(value) <= SLUG_LENGTH:
        return True
    report.error(
        line,
        f"„{value[:40]}“ ist keine gültige Kennung.",
        f"Erlaubt sind Kleinbuchstaben a–z, Ziffern und Bindestriche, höchstens {SLUG_LENGTH} Zeichen.",
    )
    return False


def _line(node: Node) -> int:
    line: int = node.start_mark.line + 1
    return line
