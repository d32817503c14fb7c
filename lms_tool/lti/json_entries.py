"""A long list inside one JSON object, entry by entry: a roster of 60 MiB must not become objects all at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any


def entries(text: str, name: str) -> Iterator[Any]:
    """The entries of the list ``name`` in the object that ``text`` is, one at a time.

    Raises ValueError, RecursionError: it is no such object. Earlier entries have been given out by then.
    """
    place = _Place(text)
    found = False
    place.need("{")
    if not place.take("}"):
        while True:
            key = place.value()
            place.need(":")
            if key == name and place.take("["):
                found = True
                yield from place.items()
            else:
                place.value()
            if not place.take(","):
                break
        place.need("}")
    if not place.ended or not found:
        raise ValueError(f"not one object with {name}")


class _Place:
    """A place in a JSON text."""

    _BLANK = re.compile(r"[ \t\n\r]*+")
    _decode = json.JSONDecoder().raw_decode

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def take(self, sign: str) -> bool:
        """Step over ``sign`` if it comes next."""
        self._skip()
        there = self._text.startswith(sign, self._at)
        self._at += there
        return there

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise ValueError(f"no {sign}")

    def value(self) -> Any:
        self._skip()
        found, self._at = self._decode(self._text, self._at)
        return found

    def items(self) -> Iterator[Any]:
        """The values up to the end of the list whose beginning was taken."""
        if self.take("]"):
            return
        while True:
            yield self.value()
            if not self.take(","):
                break
        self.need("]")

    @property
    def ended(self) -> bool:
        self._skip()
        return self._at == len(self._text)

    def _skip(self) -> None:
        match = self._BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
