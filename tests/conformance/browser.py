"""A small browser: cookies by Chromium's rules with third-party cookies blocked, and the headers Chromium sends.

It follows nothing by itself unless asked, opens a connection per request (so that requests spread over the tool's
workers) and can come from any loopback address (so that limits per source can be seen).
"""

from __future__ import annotations

import http.client
import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

Form = Mapping[str, str] | Sequence[tuple[str, str]]

_sources = itertools.count()


def new_source() -> str:
    """A loopback address nobody else in this run uses."""
    n = next(_sources)
    return f"127.{2 + n // 62500}.{n // 250 % 250}.{1 + n % 250}"


@dataclass(frozen=True)
class Response:
    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        return self.headers.get(name) or ""

    @property
    def location(self) -> str:
        """Where a redirect leads, absolute; empty without one."""
        return urljoin(self.url, self.header("Location")) if self.header("Location") else ""

    @cached_property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def set_cookies(self) -> list[str]:
        return self.headers.get_all("Set-Cookie") or []

    @property
    def error(self) -> str:
        return self.header("X-LTI-Error")


@dataclass
class Cookie:
    name: str
    value: str
    path: str
    same_site: str
    http_only: bool
    expires: float | None  # seconds of the test bed's clock


@dataclass
class Browser:
    """``frame`` is the site whose page embeds the tool; None means the tool is the top-level page."""

    origin: str  # the tool's
    now: Callable[[], float]
    frame: str | None = "https://p1.example"
    source: str = field(default_factory=new_source)
    language: str = "de"
    jar: dict[tuple[str | None, str, str], Cookie] = field(default_factory=dict)
    cookies_blocked: bool = False

    def request(
        self,
        method: str,
        url: str,
        *,
        form: Form | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        site: str = "cross-site",
        accept: str = "text/html,application/xhtml+xml",
        timeout: float = 20,
    ) -> Response:
        """One request to the tool. ``site`` is what Sec-Fetch-Site says; ``headers`` may change or drop (None)."""
        split = urlsplit(urljoin(self.origin, url))
        assert f"{split.scheme}://{split.netloc}" == self.origin, (
            f"browser asked for a foreign address: {url}"
        )
        sent: dict[str, str | None] = {
            "Host": split.netloc,
            "Accept": accept,
            "Accept-Language": self.language,
            "Sec-Fetch-Site": site,
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document" if self.frame is None else "iframe",
            "Cookie": self._cookie_header(split.path, method, site),
        }
        if form is not None:
            body = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if method not in ("GET", "HEAD"):
            sent["Origin"] = self.origin if site == "same-origin" else (self.frame or "https://p1.example")
        final = {k: v for k, v in (sent | dict(headers or {})).items() if v is not None}
        connection = http.client.HTTPConnection(
            split.hostname or "", split.port, timeout=timeout, source_address=(self.source, 0)
        )
        begin = time.monotonic()
        try:
            # a server may answer before it has taken a large body in: then the answer counts
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(
                    method, split.path + (f"?{split.query}" if split.query else ""), body=body, headers=final
                )
            raw = connection.getresponse()
            response = Response(split.geturl(), raw.status, raw.headers, raw.read(), time.monotonic() - begin)
        finally:
            connection.close()
        for line in response.set_cookies:
            self._keep(line, split.path)
        return response

    def get(self, url: str, *, site: str = "same-origin", **more: Any) -> Response:
        return self.request("GET", url, site=site, **more)

    def post(self, url: str, form: Form, *, site: str = "same-origin", **more: Any) -> Response:
        return self.request("POST", url, form=form, site=site, **more)

    def follow(self, response: Response, *, site: str = "same-origin", **more: Any) -> Response:
        """Go where redirects lead, as long as that is the tool."""
        for _ in range(5):
            if not (
                response.location.startswith(self.origin + "/") and response.status in (302, 303, 307, 308)
            ):
                return response
            assert response.status in (302, 303), f"redirect with {response.status} would repeat a POST"
            response = self.request("GET", response.location, site=site, **more)
        raise AssertionError(f"more than five redirects, last {response.location}")

    def cookie_names(self) -> list[str]:
        return sorted(cookie.name for cookie in self._valid())

    def _valid(self) -> list[Cookie]:
        now = self.now()
        return [
            c
            for key, c in self.jar.items()
            if key[0] == self.frame and (c.expires is None or c.expires > now)
        ]

    def _cookie_header(self, path: str, method: str, site: str) -> str | None:
        if self.cookies_blocked:
            return None
        sent = [
            f"{cookie.name}={cookie.value}"
            for cookie in self._valid()
            if _path_matches(path, cookie.path) and self._same_site_allows(cookie, method, site)
        ]
        return "; ".join(sent) or None

    def _same_site_allows(self, cookie: Cookie, method: str, site: str) -> bool:
        if cookie.same_site == "none" or site in ("same-origin", "none"):
            return True
        return cookie.same_site == "lax" and method == "GET" and self.frame is None

    def _keep(self, line: str, path: str) -> None:
        """Store a cookie, or refuse it as the browser would (RFC 6265bis section 5.7, CHIPS)."""
        if self.cookies_blocked:
            return
        attributes = {
            p.split("=")[0].strip().lower(): p.partition("=")[2].strip() for p in line.split(";")[1:]
        }
        name, _, value = line.split(";")[0].strip().partition("=")
        same_site = attributes.get("samesite", "lax").lower()
        host_only_root = (
            "secure" in attributes and attributes.get("path") == "/" and "domain" not in attributes
        )
        if name.startswith("__Host-") and not host_only_root:
            return
        if same_site == "none" and "secure" not in attributes:
            return
        if self.frame is not None and (same_site != "none" or "partitioned" not in attributes):
            return  # a third-party cookie outside its partition
        expires: float | None = None
        if "max-age" in attributes:
            expires = self.now() + int(attributes["max-age"])
        elif "expires" in attributes:
            expires = parsedate_to_datetime(attributes["expires"]).timestamp()
        where = attributes.get("path") or path.rsplit("/", 1)[0] or "/"
        self.jar[self.frame, name, where] = Cookie(
            name, value, where, same_site, "httponly" in attributes, expires
        )


def _path_matches(path: str, cookie_path: str) -> bool:
    return path == cookie_path or path.startswith(cookie_path.rstrip("/") + "/")


def cookie_attributes(line: str) -> dict[str, str]:
    """Attributes of a Set-Cookie line in lower case, with the name under ``name``."""
    name = line.split("=", 1)[0].strip()
    parts = (part.strip().partition("=") for part in line.split(";")[1:])
    return {"name": name} | {key.lower(): value for key, _, value in parts}
