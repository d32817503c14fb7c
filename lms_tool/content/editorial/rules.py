"""Every editorial rule by name, and how grave breaking it is. The one place to change that."""

from __future__ import annotations

from typing import NamedTuple

from lms_tool.content.faults import Level

LEVELS: dict[str, Level] = {
    "sentence-too-long": "error",
    "lix-too-high": "error",
    "median-too-high": "error",
    "no-sources": "error",
    "offer-without-sources": "warning",
    "unverified-outside-box": "error",
    "objective-unused": "warning",
    "objective-without-question": "error",
    "module-without-test": "warning",
    "generic-masculine": "error",
    "abbreviation-unexplained": "error",
    "exclamation-mark": "warning",
    "einfach": "warning",
    "guillemets": "warning",
    "cheatsheet-too-long": "warning",
}


class Finding(NamedTuple):
    """What a rule found. ``rule`` is a key of ``LEVELS``; the sentences are German."""

    rule: str
    path: str
    line: int
    problem: str
    remedy: str
