"""YAML text → nodes that know their lines.

YAML 1.2 without anchors, aliases and directives: nothing a reader of the file would have to look up
elsewhere, and nothing that grows when it is expanded.
"""

from __future__ import annotations

import re

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node
from ruamel.yaml.reader import ReaderError

from lms_tool.content.faults import Report

DEPTH = 12  # the format itself nests four deep

# The parser's commonest complaints, by how they begin.
_GERMAN = {
    "mapping values are not allowed": "Ein Doppelpunkt steht in einem Text ohne Anführungszeichen",
    "could not find expected ':'": "Hier fehlt ein Doppelpunkt",
    "found character '\\t'": "Ein Tabulator steht, wo Leerzeichen stehen müssen",
    "but found another document": "Eine Zeile „---“ trennt hier ein zweites Dokument ab",
    "expected <block end>": "Die Einrückung passt nicht zu den Zeilen darüber",
    "expected the node content": "Hier fehlt ein Wert, oder eine Klammer wird nicht geschlossen",
    "expected ',' or": "In der Klammer fehlt ein Komma, oder sie wird nicht geschlossen",
    "found unexpected end of stream": "Ein Anführungszeichen wird nicht geschlossen",
    "Anker": "Anker und Verweise (& und *) gehören nicht zum Format",
}


class _NoAliases(Composer):
    """Refuses anchors and aliases: a few lines of them expand to gigabytes."""

    def compose_node(self, parent: Node | None, index: object) -> Node | None:
        event = self.parser.peek_event()
        if getattr(event, "anchor", None):
            raise ComposerError(None, None, "Anker", event.start_mark)
        node: Node | None = super().compose_node(parent, index)
        return node


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
        said = error.problem or ""
        known = (german for start, german in _GERMAN.items() if said.startswith(start))
        report.error(
            mark.line + 1 if mark else first_line,
            f"{next(known, 'Hier ist die Datei kein gültiges YAML')}.",
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
