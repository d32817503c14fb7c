"""JSON as strangers may send it: one object, UTF-8, bounded depth, no duplicate names, nothing that is no text."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 32


class NotStrict(ValueError):
    """``problem`` is a short code: ``depth``, ``json``, ``not_an_object``, ``characters``."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def parse_object(raw: bytes) -> dict[str, Any]:
    """The one object that ``raw`` is; its caller has limited the size. Raises NotStrict."""
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise NotStrict("depth")
    try:
        # Decoded here: json.loads would guess UTF-16 and UTF-32 from bytes.
        value = json.loads(raw.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise NotStrict("json") from None
    if not isinstance(value, dict):
        raise NotStrict("not_an_object")
    if _SUSPECT.search(raw) and not _storable(value):
        raise NotStrict("characters")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):  # RFC 7519 4: which of two equal names counts is not ours to guess
        raise ValueError("duplicate key")
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON


# Possessive, and content to end at the body's end: a string that is never closed must not be tried again from each
# quote in it (that would take minutes for 256 KiB, before any signature is checked).
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest


# Escapes that stand for NUL or half a surrogate pair: neither is text, and no database takes them.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _storable(value: object) -> bool:
    if isinstance(value, str):
        return _NO_TEXT.search(value) is None
    if isinstance(value, dict):
        return all(_storable(key) and _storable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_storable(item) for item in value)
    return True
