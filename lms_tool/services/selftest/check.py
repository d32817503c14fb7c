"""What one check of the self-test found, as a value that survives in the database and reads in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lms_tool.errors import Text
from lms_tool.services.products import Product
from lms_tool.services.selftest.kinds import PROBLEMS, SERVICES, TITLES, Name, State, number
from lms_tool.services.selftest.menus import REMEDIES
from lms_tool.services.selftest.words import WORDS

Value = str | int | float | list[str]


class Language(StrEnum):
    DE = "de"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the self-test. ``code`` decides state and sentence; ``values`` fill it.

    ``values`` hold counts, codes, host names and course titles; nothing of a person and no token. ``millis``: how long
    the LMS took; ``at``: when the thing reported happened.
    """

    name: Name
    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    millis: int | None = None
    at: datetime | None = None

    @property
    def state(self) -> State:
        return WORDS[self.code].state

    @property
    def title(self) -> Text:
        return TITLES[self.name]

    @property
    def sentence(self) -> Text:
        """What was found."""
        return _filled(WORDS[self.code].sentence, self.values)

    def remedy(self, product: Product = Product.OTHER) -> Text | None:
        """What to mend, in the words of the LMS's own menus where they are known; None if there is nothing to do."""
        text = REMEDIES.get((self.code, product)) or WORDS[self.code].remedy
        return _filled(text, self.values) if text is not None else None

    def stored(self) -> dict[str, Any]:
        """As ``Platform.checks`` keeps it."""
        return {
            "name": self.name.value,
            "code": self.code,
            "values": dict(self.values),
            "millis": self.millis,
            "at": self.at.isoformat() if self.at else None,
        }


def read(rows: list[dict[str, Any]] | None) -> tuple[Check, ...]:
    """What ``Platform.checks`` holds; lines of another version of the tool that mean nothing to us are left out."""
    return tuple(
        Check(
            Name(row["name"]),
            row["code"],
            row["values"],
            row["millis"],
            datetime.fromisoformat(row["at"]) if row["at"] else None,
        )
        for row in rows or []
        if row.get("name") in list(Name) and row.get("code") in WORDS
    )


def _filled(text: Text, values: Mapping[str, Value]) -> Text:
    return Text(
        text.de.format(**{name: _shown(name, value, Language.DE) for name, value in values.items()}),
        text.en.format(**{name: _shown(name, value, Language.EN) for name, value in values.items()}),
    )


def _shown(name: str, value: Value, language: Language) -> str:
    if name == "problem":
        return str(getattr(PROBLEMS[str(value)], language))
    if isinstance(value, list):
        return ", ".join(str(getattr(SERVICES[one], language)) if one in SERVICES else one for one in value)
    if isinstance(value, str):
        return value
    return number(value, comma=language is Language.DE)
