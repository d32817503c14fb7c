"""What every kind of question offers."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen. ``html`` is inline and sanitised."""

    id: str
    html: str


class Kind(Protocol):
    """One kind of question. ``data`` is the frozen value that ``read`` made; ``shape`` is its class.

    ``several`` tells whether more than one option may be chosen: check boxes or radio buttons.
    """

    @property
    def name(self) -> str: ...

    @property
    def several(self) -> bool: ...

    @property
    def shape(self) -> type[Any]: ...

    def read(self, entry: Fields, markup: Markup) -> Any:
        """Take this kind's keys from ``entry``, report what is wrong there, and return the kind's value."""

    def options(self, data: Any) -> tuple[Option, ...]:
        """All options in the author's order; never none."""

    def correct(self, data: Any) -> frozenset[str]:
        """Ids of the options that should be chosen; never empty."""

    def feedback(self, data: Any) -> dict[str, str]:
        """Feedback for each option id, as sanitised inline HTML."""

    def share(self, data: Any, chosen: Set[str]) -> Fraction:
        """The part of the points, 0 to 1, that the ``chosen`` option ids earn."""
