"""The root of every error that a person may see.

One class per reason. Views never build error texts: they render what the error carries, so a reason reads the same
on a page, in JSON, on the command line and in the log.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple


class Text(NamedTuple):
    """A sentence for people in both languages of the interface."""

    de: str
    en: str


class ToolError(Exception):
    """A refusal with a stable machine code, an HTTP status, what happened and who can mend it.

    ``details`` go to the log and the audit trail only: ids, claim names, host names; never tokens, names of people,
    or unbounded input.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    text: ClassVar[Text] = Text("Es ist ein Fehler aufgetreten.", "An error occurred.")
    remedy: ClassVar[Text] = Text(
        "Bitte versuchen Sie es später noch einmal.",
        "Please try again later.",
    )

    def __init__(self, *, retry_after: int | None = None, **details: Any) -> None:
        super().__init__(self.code)
        self.retry_after = retry_after  # seconds, becomes the Retry-After header
        self.details = details

    @property
    def public_code(self) -> str:
        """The code as it leaves the tool; subclasses may qualify it (``claim_missing:exp``)."""
        return self.code

    def __str__(self) -> str:
        shown = ", ".join(f"{key}={value!r}" for key, value in self.details.items())
        return f"{self.public_code}: {self.text.de}" + (f" ({shown})" if shown else "")
