"""As much of a browser as a load needs: one connection, cookies, redirects, and a stop-watch."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urljoin, urlsplit

TIMEOUT = 30.0  # seconds for one answer
MAX_REDIRECTS = 5


class Refused(Exception):
    """The tool's answer was not the one that was due. The message is short: it is counted and printed."""


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    text: str
    location: str | None = None


class Browser:
    """Talks to one host on the loopback interface and keeps its cookies until :meth:`forget`.

    ``waited`` is the time in seconds spent between sending a request and having its whole answer: what the
    person waits for, without what the load driver itself needs in between.
    """

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        if parts.hostname != "127.0.0.1":
            raise ValueError("loopback only")
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._connection = HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT)
        self._cookies: dict[str, str] = {}
        self.waited = 0.0

    def forget(self) -> None:
        """Be another person's browser from now on."""
        self._cookies = {}

    def get(self, url: str) -> Page:
        return self._follow(self._send("GET", url, None, {}))

    def begin(self, url: str) -> Page:
        """GET without following a redirect: it leads to the LMS."""
        return self._send("GET", url, None, {})

    def post(self, url: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> Page:
        """Send a form of the tool's own pages."""
        own = {"Sec-Fetch-Site": "same-origin", "Origin": self._origin, **(headers or {})}
        return self._follow(self._send("POST", url, fields, own))

    def post_from(self, origin: str, url: str, fields: dict[str, str]) -> Page:
        """Send a form that another site made, as the LMS sends the id_token."""
        foreign = {"Sec-Fetch-Site": "cross-site", "Origin": origin}
        return self._follow(self._send("POST", url, fields, foreign))

    def _follow(self, page: Page) -> Page:
        for _ in range(MAX_REDIRECTS):
            if page.location is None:
                return page
            page = self._send("GET", page.location, None, {})
        raise Refused("too many redirects")

    def _send(self, method: str, url: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Page:
        if not url.startswith(self._origin + "/"):
            raise Refused(f"leads away: {url[:60]}")
        headers = {"Accept": "text/html", "Accept-Language": "de", "User-Agent": "lms-tool-bench", **headers}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        body = None
        if fields is not None:
            body = urlencode(fields).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begin = time.perf_counter()
        try:
            self._connection.request(method, url.removeprefix(self._origin), body, headers)
            answer = self._connection.getresponse()
            raw = answer.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise Refused(type(error).__name__) from error
        finally:
            self.waited += time.perf_counter() - begin
        for line in answer.headers.get_all("Set-Cookie", ()):
            self._keep(line)
        location = answer.headers.get("Location")
        following = urljoin(url, location) if location and answer.status in (302, 303) else None
        return Page(url, answer.status, raw.decode("utf-8", "replace"), following)

    def _keep(self, line: str) -> None:
        pair, _, attributes = line.partition(";")
        name, _, value = pair.strip().partition("=")
        if not value or "max-age=0" in attributes.lower().replace(" ", ""):
            self._cookies.pop(name, None)
        else:
            self._cookies[name] = value
