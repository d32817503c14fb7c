"""The line items of the fake platform (AGS 3.2): lists by Moodle's rules, with filters, pages and ``Link`` headers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from .exchange import Answer, Request

if TYPE_CHECKING:
    from .fake_platform import FakePlatform

CONTAINER = "/services/2/lineitems"
CONTAINER_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM, LINE_ITEM_READ = AGS + "lineitem", AGS + "lineitem.readonly"
FILTERS = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}


class ColumnList:
    """``page_size`` 0: all at once. ``link`` makes the headers of a page from the addresses of the next and the first.

    ``script``: answers given first, one by one.
    """

    def __init__(self, platform: FakePlatform) -> None:
        self._platform = platform
        self._numbers = itertools.count(1)
        self.page_size = 0
        self.link: Callable[[str, str], dict[str, str]] = lambda url, _: {"Link": f'<{url}>; rel="next"'}
        self.script: list[Answer] = []
        self.always: Answer | None = None

    def url(self, name: str | int) -> str:
        return f"{self._platform.url}{CONTAINER}/{name}/lineitem?type_id=1"

    def add(self, name: str | int, link: str = "", resource: str = "", tag: str = "") -> str:
        """Somebody's column; its path."""
        item = {"id": self.url(name), "label": "Spalte", "scoreMaximum": 100}
        optional = {"resourceLinkId": link, "resourceId": resource, "tag": tag}
        self._platform.columns.append(item | {key: value for key, value in optional.items() if value})
        return urlsplit(self.url(name)).path

    @property
    def made(self) -> list[dict[str, Any]]:
        """What the tool has made."""
        return [column for column in self._platform.columns if column.get("made")]

    def answer(self, request: Request) -> Answer:
        if self.script:
            return self.script.pop(0)
        if self.always is not None:
            return self.always
        if request.path != CONTAINER:
            return self._one(request)
        if request.method == "POST":
            return self._make(request)
        if not self._platform._permits(request, LINE_ITEM, LINE_ITEM_READ):
            return Answer(401, b"[]")
        if request.headers.get("accept") != CONTAINER_TYPE:
            return Answer(400, b"[]")
        return self._list(request)

    def _list(self, request: Request) -> Answer:
        query = {name: values[0] for name, values in request.query.items()}
        wanted = {FILTERS[name]: value for name, value in query.items() if name in FILTERS}
        found = [
            c for c in self._platform.columns if all(c.get(key) == value for key, value in wanted.items())
        ]
        headers = {"Content-Type": CONTAINER_TYPE}
        if self.page_size:
            first = int(query.pop("from", "0"))
            here = f"{self._platform.url}{CONTAINER}?"
            following = here + urlencode({**query, "from": first + self.page_size})
            if first + self.page_size < len(found):
                headers |= self.link(following, here + urlencode({**query, "from": 0}))
            found = found[first : first + self.page_size]
        return Answer(200, [{k: v for k, v in column.items() if k != "made"} for column in found], headers)

    def _make(self, request: Request) -> Answer:
        if not self._platform._permits(request, LINE_ITEM):
            return Answer(401, b"[]")
        column = request.json
        if request.headers.get("content-type") != ITEM_TYPE or not column.get("label"):
            return Answer(400, b"[]")
        made = {**column, "id": self.url(f"neu{next(self._numbers)}")}
        self._platform.columns.append(made | {"made": True})
        return Answer(201, made, {"Content-Type": ITEM_TYPE})

    def _one(self, request: Request) -> Answer:
        if request.path in self._platform.deleted:
            return Answer(404, b"[]")
        item = {"id": self._platform.url + request.path, "label": "Modul", "scoreMaximum": 100}
        return Answer(200, item, {"Content-Type": ITEM_TYPE})


def garbled(url: str, first: str) -> dict[str, str]:
    """As Moodle 5.1 writes it: a text for people, with typographic quotes and HTML."""
    escaped = [address.replace("&", "&amp;") for address in (first, url)]
    value = f"<{escaped[0]}>; rel=“first”, <{escaped[1]}>; rel=“next”"
    return {"Link": value.encode().decode("latin-1")}
