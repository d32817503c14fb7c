"""External offers: a course elsewhere, as a card with its address; done when the learner says so."""

from __future__ import annotations

from dataclasses import dataclass

from lms_tool.content.activity import Scope, activity
from lms_tool.content.course import Activity, CompletionRule
from lms_tool.content.dialect import is_https
from lms_tool.content.fields import Fields

RULES = (CompletionRule.CONFIRMED, CompletionRule.NONE)
ADDRESS = 500  # characters
PROVIDER = 120


@dataclass(frozen=True, slots=True)
class Offer:
    provider: str
    url: str  # https
    text_html: str


def offer(entry: Fields, scope: Scope) -> Activity:
    """Read an offer; an author's mistakes go to the report, and the package is refused in the end."""
    provider = entry.text("provider")
    if len(provider) > PROVIDER:
        entry.wrong("provider", f"„provider“ ist länger als {PROVIDER} Zeichen.", "Nennen Sie nur den Namen.")
    url = entry.text("url")
    if url and (not is_https(url) or len(url) > ADDRESS):
        entry.wrong(
            "url",
            f"„{url[:60]}“ ist keine vollständige https-Adresse.",
            f"Schreiben Sie sie mit https://, höchstens {ADDRESS} Zeichen.",
        )
    return activity(
        entry,
        scope,
        kind="offer",
        content=Offer(provider, url, scope.markup.field(entry, "text")),
        objectives=scope.objectives_of(entry),
        rules=RULES,
    )
