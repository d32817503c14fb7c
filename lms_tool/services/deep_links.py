"""Content selection: what there is to choose from, and the answer to the LMS."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, union_all

from lms_tool.content.course import Course
from lms_tool.learning import Report
from lms_tool.lti import deep_linking
from lms_tool.lti.deep_linking import Content, DeepLinkTooManyItems
from lms_tool.lti.manifest import ICON_PATH
from lms_tool.lti.request_errors import ModuleNotFound
from lms_tool.models import (
    Context,
    Placement,
    ResourceLink,
)
from lms_tool.models import Course as CourseRow
from lms_tool.services import pickers, tool_keys
from lms_tool.services.courses import Item, Shelf, locate, visible_to
from lms_tool.services.pickers import Selection
from lms_tool.services.vault import Vault

DEFAULT_REPORT = Report.COMPLETION.value

Key = tuple[str, str | None, str | None]  # course, module, activity


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody ticked, and how it is to appear in the LMS. Empty: as we would do it."""

    key: Key
    title: str = ""
    report: str = DEFAULT_REPORT
    target: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser posts to the LMS as ``JWT``. The address may hold a session key of the LMS."""

    return_url: str
    jwt: str
    items: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A course to choose from, with what of it stands in the LMS course already."""

    course: Course
    placed: frozenset[Key]


def offers(db: Connection, shelf: Shelf, found: Selection) -> list[Offer]:
    """All published courses this tenant may use, in their order."""
    placed = _placed(db, found)
    return [
        Offer(shelf.course(db, revision_id), frozenset(key for key in placed if key[0] == course_id))
        for course_id, revision_id in _published(db, found.tenant_id).items()
    ]


def answer(
    db: Connection,
    shelf: Shelf,
    vault: Vault,
    found: Selection,
    choices: Sequence[Choice],
    base_url: str,
    now: datetime,
) -> Answer:
    """Close the picker with these choices; none: cancelled. Each becomes a placement with an id of its own.

    Raises:
        ModuleNotFound: one of them is not published, or not for this tenant.
        DeepLinkTooManyItems: more than the LMS takes at once.
        CsrfFailed: another request has answered already.
    """
    pickers.close(db, found, now)
    chosen = list({choice.key: choice for choice in choices}.values())
    if len(chosen) > (deep_linking.MAX_ITEMS if found.settings.multiple else 1):
        raise DeepLinkTooManyItems(platform=found.platform_id, items=len(chosen))
    published = _published(db, found.tenant_id)
    contents = [_content(db, shelf, published, found, choice) for choice in chosen]
    if found.settings.kind == deep_linking.RESOURCE_LINK:  # a plain link brings no id back
        _remember(db, found, contents, now)
    items = [
        deep_linking.content_item(one, found.settings, base_url, base_url + ICON_PATH) for one in contents
    ]
    signed = deep_linking.response(
        tool_keys.signing(db, vault, now),
        found.client_id,
        found.issuer,
        found.deployment_lti_id,
        found.settings,
        items,
        int(now.timestamp()),
        secrets.token_urlsafe(24),
    )
    return Answer(found.settings.return_url, signed, len(items))


def _remember(db: Connection, found: Selection, contents: Sequence[Content], now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": one.placement_id,
            "deployment_id": found.deployment_id,
            "context_lti_id": found.context_lti_id,
            "course_id": one.course_id,
            "module_id": one.module_id,
            "activity_id": one.activity_id,
            "title": one.title,
            "report": one.report,
            "graded": one.graded,
            "created_at": now,
        }
        for one in contents
    ]
    if rows:
        db.execute(insert(Placement), rows)


def _content(
    db: Connection, shelf: Shelf, published: dict[str, int], found: Selection, choice: Choice
) -> Content:
    item = _item(db, shelf, published, choice.key)
    course = shelf.course(db, item.revision_id)
    title, text = _described(course, item, found.locale)
    graded = choice.report != deep_linking.UNGRADED
    report = choice.report if choice.report in set(Report) else DEFAULT_REPORT
    return Content(
        placement_id=secrets.token_urlsafe(16),
        course_id=item.course_id,
        module_id=item.module_id,
        activity_id=item.activity_id,
        title=choice.title.strip()[: deep_linking.MAX_TITLE] or title,
        text=text,
        report=report,
        graded=graded,
        target=choice.target or None,
    )


def _item(db: Connection, shelf: Shelf, published: dict[str, int], key: Key) -> Item:
    """Raises ModuleNotFound."""
    course_id, module_id, activity_id = key
    revision_id = published.get(course_id)
    if revision_id is not None:
        found = locate(shelf.course(db, revision_id), revision_id, module_id, activity_id)
        if found is not None:
            return found
    raise ModuleNotFound(wanted="/".join(part[:64] for part in key if part))


def _described(course: Course, item: Item, locale: str) -> tuple[str, str]:
    """Title and plain text of a course, module or activity."""
    if item.activity_id is not None:
        module, activity = course.by_activity[item.activity_id]
        within = f"Aus dem Modul „{module.title}“" if locale == "de" else f"From the module “{module.title}”"
        return activity.title, within
    if item.module_id is not None:
        module = course.by_module[item.module_id]
        return module.title, module.summary
    return course.title, course.summary


def _published(db: Connection, tenant_id: int) -> dict[str, int]:
    """Course id → revision id of what this tenant may use, in order."""
    rows = db.execute(
        select(CourseRow.id, CourseRow.revision_id)
        .where(CourseRow.revision_id.is_not(None), visible_to(tenant_id))
        .order_by(CourseRow.position)
    )
    return {row.id: row.revision_id for row in rows if row.revision_id is not None}


def _placed(db: Connection, found: Selection) -> set[Key]:
    """What was placed in this LMS course: opened there once, or sent there by an earlier selection."""
    if found.context_lti_id is None:
        return set()
    opened = (
        select(ResourceLink.course_id, ResourceLink.module_id, ResourceLink.activity_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(
            Context.deployment_id == found.deployment_id,
            Context.kind == "context",
            Context.lti_id == found.context_lti_id,
        )
    )
    sent = select(Placement.course_id, Placement.module_id, Placement.activity_id).where(
        Placement.deployment_id == found.deployment_id, Placement.context_lti_id == found.context_lti_id
    )
    return {(row[0], row[1], row[2]) for row in db.execute(union_all(opened, sent))}
