"""An external offer: what, where, how long, and that one has done it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from lms_tool.web.pages.parts import Evidence, Frame, Link, State, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    template: ClassVar[str] = "offer.html"

    frame: Frame
    title: str
    provider: str = ""
    url: str = ""  # https, elsewhere
    host: str = ""
    text_html: str = ""
    minutes: int = 0
    state: State | None = State.OPEN  # None: it counts for nothing
    confirm_url: str = ""  # POST; "" where there is nothing to confirm, or nobody to do it
    evidence: Evidence = field(default_factory=Evidence)
    previous: Link | None = None
    next: Link | None = None
    up: Link | None = None
    missing: tuple[Link, ...] = ()  # when locked: instead of the card
    all_or_nothing: bool = False  # see ModulePage
    transfer: Transfer | None = None
