"""Columns of the gradebook (AGS 2.0 section 3.2): asking for them, choosing ours, describing a new one."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from lms_tool.errors import Text
from lms_tool.lti.ags import FULL_SCORE, Outcome, Verdict, busy
from lms_tool.lti.service import ServiceError, parse_retry_after

# Moodle takes exactly these, neither "*/*" nor a list with others.
LIST_TYPE: Final = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM_TYPE: Final = "application/vnd.ims.lis.v2.lineitem+json"
MAX_PAGES: Final = 100
MAX_LABEL: Final = 255
# Submission Review 1.0 section 3.3. Without an address of its own it opens the placement itself.
SUBMISSION_REVIEW: Final = {"reviewableStatus": ["InProgress", "Submitted", "Completed"]}


class LineItemsUnreadable(ServiceError):
    code = "line_items_unreadable"
    text = Text(
        "Das LMS hat auf die Frage nach seinen Bewertungsspalten etwas Unlesbares geantwortet.",
        "The LMS was asked for its grade columns and answered something unreadable.",
    )


@dataclass(frozen=True, slots=True)
class Item:
    """A column as the platform lists it; ``url`` is its id, as sent and not yet believed."""

    url: str
    resource_link_id: str = ""
    resource_id: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The column of one placement: whose it is (``resource_link_id``) and what we call it there."""

    resource_link_id: str
    resource_id: str
    tag: str
    label: str


def of_link_url(container_url: str, wanted: Wanted) -> str:
    """Where the columns of a placement are listed. Without a limit: Moodle's pages cannot be followed."""
    return _filtered(container_url, {"resource_link_id": wanted.resource_link_id})


def of_resource_url(container_url: str, wanted: Wanted) -> str:
    """Where columns with our own ids are listed."""
    return _filtered(container_url, {"resource_id": wanted.resource_id, "tag": wanted.tag})


def _filtered(url: str, filters: Mapping[str, str]) -> str:
    """``url`` with these parameters in place of its own ones of that name; the others stay byte by byte."""
    parts = urlsplit(url)
    kept = [p for p in parts.query.split("&") if p and unquote_plus(p.split("=", 1)[0]) not in filters]
    added = [f"{name}={quote(value, safe='')}" for name, value in filters.items()]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(kept + added), ""))


def read_list(body: bytes) -> list[Item]:
    """One page of columns; entries without an id are left out. Raises LineItemsUnreadable."""
    found = _json(body)
    if not isinstance(found, list):
        raise LineItemsUnreadable(problem="not_a_list")
    return [item for item in map(_item, found) if item is not None]


def read_one(body: bytes) -> Item:
    """The answer to a column that was made. Raises LineItemsUnreadable."""
    item = _item(_json(body))
    if item is None:
        raise LineItemsUnreadable(problem="no_id")
    return item


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise LineItemsUnreadable(problem="not_json") from None


def _item(entry: object) -> Item | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not entry["id"]:
        return None
    return Item(entry["id"], *(_text(entry.get(name)) for name in ("resourceLinkId", "resourceId", "tag")))


def _text(value: object) -> str:
    """Ids are texts; some platforms send their numbers as such."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def choose_of_link(items: Sequence[Item], wanted: Wanted) -> Item | None:
    """The placement's column among all that are listed: its only one, or the one that bears our ids.

    Never simply the first (AGS-34): a platform leaves ``lineitem`` out of the launch exactly when there are several,
    and a further one may be the teacher's or another tool's.
    """
    coupled = _once([item for item in items if item.resource_link_id == wanted.resource_link_id])
    if len(coupled) == 1:
        return coupled[0]
    return _ours(coupled, wanted)


def choose_of_resource(items: Sequence[Item], wanted: Wanted, taken: Collection[str]) -> Item | None:
    """A column with our ids that belongs to no placement, or none we know of (``taken``: addresses in use).

    The same module may be placed twice in a course: the other placement's column is not ours (AGS-34).
    """
    free = [i for i in items if i.resource_link_id in ("", wanted.resource_link_id) and i.url not in taken]
    return _ours(_once([i for i in free if i.tag == wanted.tag]), wanted)


def _ours(items: Sequence[Item], wanted: Wanted) -> Item | None:
    named = [item for item in items if item.resource_id == wanted.resource_id != ""]
    exact = [item for item in named if item.tag == wanted.tag]
    if exact:
        # Several are twins: made by us before an answer got lost. Everybody must choose the same one.
        return min(exact, key=lambda item: (len(item.url), item.url))
    return named[0] if len(named) == 1 else None


def _once(items: Sequence[Item]) -> list[Item]:
    """A column that is listed on two pages is one column."""
    return list({item.url: item for item in items}.values())


def new_item(wanted: Wanted) -> bytes:
    """The column to make (AGS 3.2.5), with submission review so that a teacher can look at the work from there."""
    content = {
        "label": wanted.label[:MAX_LABEL],
        "scoreMaximum": FULL_SCORE,
        "resourceLinkId": wanted.resource_link_id,
        "resourceId": wanted.resource_id,
        "tag": wanted.tag,
        "submissionReview": SUBMISSION_REVIEW,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


_SIMPLE: Final = {
    401: Verdict(Outcome.UNAUTHORISED, "token_not_accepted"),
    403: Verdict(Outcome.FORBIDDEN, "line_items_forbidden"),
    404: Verdict(Outcome.REFUSED, "line_items_gone"),
    408: Verdict(Outcome.RETRY, "platform_timeout"),
    410: Verdict(Outcome.REFUSED, "line_items_gone"),
    425: Verdict(Outcome.RETRY, "platform_timeout"),
}


def judge_list(status: int, headers: Mapping[str, str], now: int) -> Verdict | None:
    """Why a request for columns brought none; None for a success. ``headers`` are looked up in lower case."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Verdict(Outcome.RETRY, "redirect_not_followed")
    if status == 429 or status >= 500:
        return busy(status, parse_retry_after(headers.get("retry-after"), now))
    return _SIMPLE.get(status, Verdict(Outcome.REFUSED, "line_items_refused"))
