"""Comparing what people type with what was meant: case, umlauts, blanks and slips of the pen do not count."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from babel.numbers import NumberFormatError, parse_decimal
from rapidfuzz.distance import OSA

_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
SHORT = 6  # in shorter words a wrong letter soon makes another word


def plain(text: str) -> str:
    """``text`` without what does not count: case, umlaut spelling, hyphens, blanks, quotation marks, a final dot."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    return re.sub(r"[\s\-‐-―_.\"'„“”‚‘’«»]+", "", bare)


def same(given: str, wanted: str, typos: int | None = None) -> bool:
    """Whether ``given`` means ``wanted``. ``typos``: letters that may be wrong, missing, too many or swapped.

    Without a number one such slip is let through in words of six letters or more.
    """
    one, other = plain(given), plain(wanted)
    allowed = (1 if len(other) >= SHORT else 0) if typos is None else typos
    return one == other or OSA.distance(one, other, score_cutoff=allowed) <= allowed


def number(text: str, unit: str = "") -> Fraction | None:
    """A number as Germans write it (1.284 or 28,8), with or without its unit; None for anything else.

    A dot that parts no thousands counts as decimal point: 28.8 is what many keyboards give.
    """
    bare = text.strip().replace("\N{NO-BREAK SPACE}", "").replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if unit and bare.lower().endswith(unit.lower().replace(" ", "")):
        bare = bare[: -len(unit.replace(" ", ""))]
    if not re.fullmatch(r"[+-]?[0-9][0-9.,]{0,15}", bare):
        return None
    try:
        return Fraction(parse_decimal(bare, locale="de_DE", strict=True))
    except NumberFormatError:
        return Fraction(bare) if re.fullmatch(r"[+-]?[0-9]+\.[0-9]+", bare) else None
