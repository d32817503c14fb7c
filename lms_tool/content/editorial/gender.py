"""Generic masculine: men named where everybody is meant. A short list of words that town halls use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lms_tool.content.editorial.documents import Document
from lms_tool.content.editorial.quoted import quotations, within
from lms_tool.content.editorial.rules import Finding

NEAR = 4  # words between the two forms of a pair: «Lotsin oder Lotse», «Bürgerinnen und Bürger»

# Masculine form with its inflections → stem of the feminine form, which «in» or «innen» follows.
_ENDING_IN_ER = (
    "Bürger|Mitbürger|Mitarbeiter|Nutzer|Benutzer|Anwender|Sachbearbeiter|Leiter|Amtsleiter|Fachamtsleiter|"
    "Sachgebietsleiter|Projektleiter|Hauptamtsleiter|Einwohner|Bewohner|Besucher|Antragsteller|Bürgermeister|"
    "Oberbürgermeister|Ansprechpartner|Halter|Hundehalter|Nachfolger|Vorgänger|Vertreter|Stellvertreter|Teilnehmer|"
    "Lehrer|Berater|Betreuer|Entscheider|Verwaltungsmitarbeiter|Steuerzahler|Unternehmer|Bearbeiter|Autofahrer|Leser"
)
_WORDS = re.compile(
    rf"(?P<er>{_ENDING_IN_ER})(?:n|s)?"
    r"|(?P<koll>Kolleg)en"  # «der Kollege» is one man
    r"|(?P<e>Lots|Digital-?Lots|Digitallots|Kund|Expert|Fachexpert)en?"
    r"|(?P<or>Navigator|Digital-?Navigator|Digitalnavigator|Administrator|Koordinator|Moderator|Multiplikator|Autor)(?:en|s)?"
    r"|(?P<chef>Chef)s?"
    r"|(?P<beamt>Beamt|Standesbeamt|Verwaltungsbeamt)(?:e[mnr]?)"
)
_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SINGULAR = frozenset(
    {"dem", "diesem", "einem", "einen", "eines", "des", "ihrem", "seinem", "unserem", "vom", "zum", "beim"}
)
_NAMES = re.compile(r"Digital-?Lotsen?(?:-\w+|[ \n]Sachsen)|(?:Programms?|Projekts?)[ \n]+\"?Digital-?Lotsen")


def masculine(document: Document) -> Iterator[Finding]:
    for passage in document.passages:
        text = passage.unit.text
        spared = quotations(text) + [found.span() for found in _NAMES.finditer(text)]
        tokens = list(_TOKEN.finditer(text))
        for number, token in enumerate(tokens):
            found = _WORDS.fullmatch(token[0])
            if found is None or within(token.start(), spared) or _is_one_man(tokens, number):
                continue
            stem = next(group for group in found.groups() if group).rpartition("-")[2]
            around = tokens[max(0, number - NEAR - 1) : number + NEAR + 2]
            if any(_is_feminine(other[0], stem) for other in around):
                continue
            yield Finding(
                "generic-masculine",
                document.path,
                passage.unit.line_of(token.start()),
                f"„{token[0]}“ nennt nur Männer.",
                "Nennen Sie beide Formen, oder schreiben Sie neutral (Beschäftigte, Team, Person).",
            )


def _is_one_man(tokens: list[re.Match[str]], number: int) -> bool:
    """«Sie fragt einen Kollegen»: a person of the story, not everybody who works there."""
    return tokens[number][0] == "Kollegen" and number > 0 and tokens[number - 1][0].lower() in _SINGULAR


def _is_feminine(word: str, stem: str) -> bool:
    """«Bürgerin», «Bürgerinnen» for «Bürger»; «Digital-Lotsin» for «Lots»; case does not matter."""
    return word.lower().endswith((f"{stem.lower()}in", f"{stem.lower()}innen"))
