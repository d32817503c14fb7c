"""How a page must be whatever it shows: readable for everybody, in its language, within its width."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

from .window import picture

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
WIDTHS = (1280, 360)
NARROWEST = 320
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT = 900


class Inspector:
    """Looks at pages and collects what is wrong, so that one run tells everything.

    ``faults``: page, circumstances and fault, ready to be compared with an empty list.
    """

    def __init__(self, language: str = "de") -> None:
        self.language = language
        self.faults: list[str] = []
        self.seen: list[str] = []
        self._axe = Axe()

    def look(self, page: Page, name: str) -> None:
        """All widths and colours of the page as it stands; it is not loaded again."""
        self.seen.append(name)
        self._texts(page, name)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": HEIGHT})
                self.accessible(page, f"{name} {width} {scheme}")
                self._buttons(page, f"{name} {width}")
                picture(page, f"{name}-{width}-{scheme}")
        page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
        if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROWEST:
            self.faults.append(f"{name}: {width} px wide in a window of {NARROWEST} px")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})

    def accessible(self, place: Page | Frame, name: str) -> None:
        for violation in self._axe.run(place, options=RULES).response["violations"]:
            self.faults += [f"{name}: {violation['id']}: {node['html'][:200]}" for node in violation["nodes"]]

    def _buttons(self, page: Page, name: str) -> None:
        """No button is narrower than its words."""
        cut: list[str] = page.evaluate(
            """() => [...document.querySelectorAll(".kern-btn, button")]
                .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"""
        )
        self.faults += [f"{name}: button cut off: {words}" for words in cut]

    def _texts(self, page: Page, name: str) -> None:
        facts: dict[str, Any] = page.evaluate(
            """() => ({lang: document.documentElement.lang, title: document.title.trim(),
                       headings: document.querySelectorAll("h1").length})"""
        )
        if facts["lang"] != self.language:
            self.faults.append(f"{name}: lang={facts['lang']}")
        if not facts["title"]:
            self.faults.append(f"{name}: no title")
        if facts["headings"] != 1:
            self.faults.append(f"{name}: {facts['headings']} headings of the first level")
