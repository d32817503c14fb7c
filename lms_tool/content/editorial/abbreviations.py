"""Abbreviations are spelled out where a page first uses them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lms_tool.content.editorial.documents import READ_AS_TEXT, Document
from lms_tool.content.editorial.rules import Finding
from lms_tool.content.plaintext import Unit

# Everybody in a town hall knows these. A course adds its own under „abbreviations“ in course.yaml.
KNOWN = frozenset(
    {
        "PDF",
        "IT",
        "EU",
        "CD",
        "DVD",
        "USB",
        "PIN",
        "LMS",
        "GmbH",
        "mbH",
        "AG",
        "QR",
        "WLAN",
        "SMS",
        "TV",
        "PC",
        "LED",
    }
    | {"PLZ", "TÜV", "DIN", "ID", "OK", "WC", "KG", "LKW", "PKW", "EDV"}
)
NEAR = 200  # characters before an abbreviation in which it may be explained
# At least two capitals within one word; a hyphen ends it: in «OZG-Umsetzung» the abbreviation is «OZG».
_TOKEN = re.compile(r"(?<![\w.])(?=[^\W\d_]*[A-ZÄÖÜ][^\W\d_]*[A-ZÄÖÜ])[^\W\d_]+(?:\.[A-ZÄÖÜ]+)*\d*(?!\w)")
_ROMAN = re.compile(r"[IVXLC]+")
_NAME = re.compile(r"(?:[A-ZÄÖÜ][a-zäöüß]{2,})+")  # «PayPal»: capitals, but nothing left out
_OPENED = re.compile(r"\w[\"“”»*]?\s*\([\"„“«]?(?:(?:kurz|abgekürzt|Abkürzung|Kurzform)[: ]\s*)?[\"„“«]?$")
_LONG_FORM = re.compile(r"[\"“”»]?\s*\([^)]{0,200}[^\W\d_]{8,}|[\"“”»]?\s*\((?:[^\W\d_]+\s+){2}")
_ENUMERATED = re.compile(
    r"\([^)]*[^\W\d_]{8,},\s*$"
)  # «(§ 16 des Sächsischen E-Government-Gesetzes, SächsEGovG)»
_DEFINED = re.compile(
    r"[\"“”»]?\s+(?:steht\s+(?:hier\s+)?für|bedeutet|ist\s+die\s+Abkürzung|heißt\s+ausgeschrieben|kürzt)"
)


def unexplained(document: Document, known: Collection[str]) -> Iterator[Finding]:
    """First uses in running text that are neither explained nor linked to the glossary; headings do not count."""
    if document.kind not in READ_AS_TEXT:
        return
    seen: set[str] = set()
    for passage in document.body:
        if passage.unit.kind in ("heading", "alt"):
            continue
        for found in _TOKEN.finditer(passage.unit.text):
            token = found[0]
            if token in seen or token in KNOWN or token in known:
                continue
            if _ROMAN.fullmatch(token) or _NAME.fullmatch(token):
                continue
            seen.add(token)
            if not _is_explained(passage.unit, found):
                yield Finding(
                    "abbreviation-unexplained",
                    document.path,
                    passage.unit.line_of(found.start()),
                    f"Die Abkürzung „{token}“ wird hier zum ersten Mal verwendet und nicht erklärt.",
                    f"Schreiben Sie „Langform ({token})“, oder verlinken Sie sie ins Glossar.",
                )


def _is_explained(unit: Unit, found: re.Match[str]) -> bool:
    text = unit.text
    near = max(0, found.start() - NEAR)
    return (
        any(link.start <= found.start() < link.end and _explains(link.target) for link in unit.links)
        or _OPENED.search(text, near, found.start()) is not None
        or _LONG_FORM.match(text, found.end()) is not None
        or (
            text[found.end() : found.end() + 1] == ")"
            and _ENUMERATED.search(text, near, found.start()) is not None
        )
        or _DEFINED.match(text, found.end()) is not None
    )


def _explains(target: str) -> bool:
    return target.startswith("glossar:")
