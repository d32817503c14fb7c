"""A browser profile that writes down everything that should not happen in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Frame,
    Page,
    Request,
    Response,
    WebError,
)

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT = 30_000  # milliseconds; an idle machine needs a tenth of it
REFUSED_BY_SERVER = "Failed to load resource: the server responded with a status of"

Place = Page | Frame  # both are found and clicked in the same way


class Window:
    """``complaints``: errors and warnings of the console (broken policies and script errors among them) and requests
    to hosts that are not ours. ``refusals``: answers with an error status. ``posts``: addresses forms were sent to."""

    def __init__(self, context: BrowserContext, *origins: str) -> None:
        self.context, self.origins = context, origins
        self.complaints: list[str] = []
        self.refusals: list[str] = []
        self.requests: list[str] = []
        context.set_default_timeout(TIMEOUT)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)

    def page(self) -> Page:
        return self.context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REFUSED_BY_SERVER):
            self.complaints.append(f"{message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        self.requests.append(request.url)
        if (
            parts.scheme in ("http", "https", "ws", "wss")
            and f"{parts.scheme}://{parts.netloc}" not in self.origins
        ):
            self.complaints.append(f"request to {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.refusals.append(f"{response.status} {response.url}")


@contextmanager
def opened(browser: Browser, *origins: str, **options: Any) -> Iterator[Window]:
    """A new profile, closed again at the end; nothing may have been complained about then."""
    context = browser.new_context(**options)
    window = Window(context, *origins)
    yield window
    context.close()
    assert window.complaints == []


def picture(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page if somebody wants to look: ``E2E_SHOTS=DIR``."""
    if folder := os.environ.get("E2E_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
