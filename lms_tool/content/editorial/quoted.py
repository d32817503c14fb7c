"""Quotations in running text: other people's words, and words that are spoken about."""

from __future__ import annotations

import re
from collections.abc import Iterable

Span = tuple[int, int]
# Straight quotes open after a gap or bracket and close before one; smarty turns them into „…“.
_QUOTED = re.compile(r"„[^“”\"]{0,1000}[“”\"]|«[^»]{0,1000}»|»[^«]{0,1000}«|(?<!\w)\"[^\"]{0,1000}\"(?!\w)")


def quotations(text: str) -> list[Span]:
    return [found.span() for found in _QUOTED.finditer(text)]


def within(offset: int, spans: Iterable[Span]) -> bool:
    return any(start <= offset < end for start, end in spans)
