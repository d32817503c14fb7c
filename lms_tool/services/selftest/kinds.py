"""What a check is about, how it may end, and the words that fill its sentences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lms_tool import http
from lms_tool.errors import Text


class State(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, or will once somebody does something small
    BAD = "bad"
    OFF = "off"  # could not be looked at yet


class Name(StrEnum):
    KEYS = "keys"
    CLOCK = "clock"
    TOKEN = "token"  # noqa: S105
    MEMBERS = "members"
    LINE_ITEMS = "line_items"
    GRADES = "grades"
    LAUNCH = "launch"
    DEPLOYMENT = "deployment"
    FRAME = "frame"


TITLES: Final = {
    Name.KEYS: Text("Öffentliche Schlüssel des LMS", "Public keys of the LMS"),
    Name.CLOCK: Text("Uhren", "Clocks"),
    Name.TOKEN: Text("Zugriffstoken", "Access token"),
    Name.MEMBERS: Text("Liste der Teilnehmenden", "List of members"),
    Name.LINE_ITEMS: Text("Notenspalten lesen", "Reading grade columns"),
    Name.GRADES: Text("Noten schreiben", "Writing grades"),
    Name.LAUNCH: Text("Letzter Start", "Last launch"),
    Name.DEPLOYMENT: Text("Deployment", "Deployment"),
    Name.FRAME: Text("Anzeige im Rahmen des LMS", "Display inside a frame of the LMS"),
}

# What a token is asked for, in the order of the page.
SERVICES: Final = {
    "score": Text("Noten schreiben", "writing grades"),
    "result.readonly": Text("Notenstand lesen", "reading results"),
    "lineitem": Text("Notenspalten anlegen", "making grade columns"),
    "lineitem.readonly": Text("Notenspalten lesen", "reading grade columns"),
    "contextmembership.readonly": Text("Teilnehmende lesen", "reading members"),
}

# Why no answer came at all, by the codes of lms_tool.http.
PROBLEMS: Final = {
    error.code: error.text
    for error in (
        http.OutgoingError,
        http.AddressNotAllowed,
        http.ConnectFailed,
        http.TlsFailed,
        http.TimedOut,
        http.AnswerLost,
        http.TooLarge,
    )
}


@dataclass(frozen=True, slots=True)
class Words:
    state: State
    sentence: Text
    remedy: Text | None = None


def number(value: int | float, *, comma: bool) -> str:
    """At most one decimal."""
    text = f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
    return text.replace(".", ",") if comma else text
