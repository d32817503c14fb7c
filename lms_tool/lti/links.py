"""Web links of a service's answer (RFC 8288): the next page of a list, the changes since it was read.

Where they lead is not believed. The token goes along with the next request, so a link stays with the service that
gave it: the same origin, or https at a host that an administrator entered for the platform.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from lms_tool.errors import Text
from lms_tool.lti.claims import MAX_URL
from lms_tool.lti.errors import LMS_ADMIN
from lms_tool.lti.service import ServiceError

MAX_HEADER: Final = 16 * 1024  # characters


class PagingRefused(ServiceError):
    """The way to the rest of a list can't be taken: what was read so far is not the whole."""

    code = "paging_refused"
    text = Text(
        "Das LMS nennt für die nächste Seite seiner Antwort eine Adresse, die wir nicht aufrufen.",
        "The LMS names an address for the next page of its answer that we do not call.",
    )
    remedy = LMS_ADMIN


class PagingLoop(PagingRefused):
    """Pages that lead back to one we know, or go on for longer than anybody needs."""

    code = "paging_endless"
    text = Text(
        "Die Antwort des LMS nimmt kein Ende: Ihre Seiten führen im Kreis oder werden zu viele.",
        "The answer of the LMS does not end: its pages lead in a circle or are too many.",
    )


Source = Mapping[str, str] | str | None


def next_link(answer: Source, base_url: str, allowed_hosts: Collection[str | None] = ()) -> str | None:
    """The address of the next page, absolute; None on the last page.

    ``answer`` is the answer's headers (looked up in lower case) or the value of its ``Link`` header; ``base_url`` the
    address it came from; ``allowed_hosts`` further hosts that may be asked by https. Raises PagingRefused.
    """
    return related_link(answer, "next", base_url, allowed_hosts)


def related_link(
    answer: Source, relation: str, base_url: str, allowed_hosts: Collection[str | None] = ()
) -> str | None:
    """Like ``next_link``, for another relation."""
    value = answer if isinstance(answer, str) or answer is None else answer.get("link")
    if not value:
        return None
    if len(value) > MAX_HEADER:
        raise PagingRefused(problem="header too long")
    for target, relations, anchor in _links(_readable(value)):
        if relation in relations and (anchor is None or urljoin(base_url, anchor) == base_url):
            return _checked(target, base_url, allowed_hosts)
    return None


class Pages:
    """The pages of one list as they are read; ends what would not end by itself.

    ``limit`` is how many there may be.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: set[str] = set()

    def turn_to(self, url: str) -> None:
        """Raises PagingLoop: this one was read before, or it is one too many."""
        if url in self._seen or len(self._seen) >= self._limit:
            raise PagingLoop(pages=len(self._seen), again=url in self._seen)
        self._seen.add(url)


_TARGET = re.compile(r"\s*<([^<>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*(?P<name>[\w!#$&+.^`|~*-]+)
        (?:\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<token>[^\s;,"]*)))?""",
    re.VERBOSE,
)
_NEXT_LINK = re.compile(r"[^,<]*+(?:,|(?=<)|$)")
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"'})


def _readable(value: str) -> str:
    """Moodle prints the header of its line items as if it were a text for people: “next”, and ``&amp;``."""
    with suppress(UnicodeError):  # else it was read as what it is
        value = value.encode("latin-1").decode()
    return value.translate(_QUOTES).replace("&amp;", "&")


def _links(value: str) -> Iterator[tuple[str, frozenset[str], str | None]]:
    """Target, relations in lower case and anchor of each link (RFC 8288 3); what is no link is passed over."""
    position = 0
    while position < len(value):
        match = _TARGET.match(value, position)
        if match is not None:
            target, position = match[1].strip(), match.end()
            parameters: dict[str, str] = {}
            while parameter := _PARAMETER.match(value, position):
                position = parameter.end()
                said = parameter["quoted"] if parameter["token"] is None else parameter["token"]
                # The first one counts where a name is repeated (RFC 8288 3.3).
                parameters.setdefault(parameter["name"].lower(), re.sub(r"\\(.)", r"\1", said or ""))
            yield target, frozenset(parameters.get("rel", "").lower().split()), parameters.get("anchor")
        rest = _NEXT_LINK.match(value, position)
        end = rest.end() if rest else len(value)
        position = end if end > position else position + (match is None)


def _checked(target: str, base_url: str, allowed_hosts: Collection[str | None]) -> str:
    try:
        found = urlsplit(urljoin(base_url, target))
        host, port, base = found.hostname, found.port, urlsplit(base_url)
        same_origin = (found.scheme, host, port or _PORTS.get(found.scheme)) == (
            base.scheme,
            base.hostname,
            base.port or _PORTS.get(base.scheme),
        )
    except ValueError:
        raise PagingRefused(problem="not an address") from None
    fit = target.isprintable() and " " not in target and "\\" not in target and len(target) <= MAX_URL
    if not fit or not host or "@" in found.netloc:
        raise PagingRefused(problem="not an address")
    elsewhere = found.scheme == "https" and port in (None, 443) and host in allowed_hosts
    if not same_origin and not elsewhere:
        raise PagingRefused(scheme=found.scheme[:16], host=host[:255])
    url = urlunsplit(found._replace(fragment=""))
    if len(url) > MAX_URL:  # a short one can be long once it is absolute, and where it is kept has that width
        raise PagingRefused(problem="not an address")
    return url


_PORTS: Final = {"https": 443, "http": 80}
