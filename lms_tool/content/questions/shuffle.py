"""An order that gives nothing away, and is the same for everybody: pages are kept and compared."""

from __future__ import annotations

import hashlib
from typing import TypeVar

T = TypeVar("T")


def shuffled(items: list[T], seed: str) -> list[T]:
    """``items`` in an order drawn from ``seed``; never the order they came in, if there is another."""
    drawn = sorted(items, key=lambda item: hashlib.sha256(f"{seed}\0{item}".encode()).digest())
    return [*drawn[1:], drawn[0]] if drawn == items and len(items) > 1 else drawn
