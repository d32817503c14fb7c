"""Content selection: the picker's session, what there is to choose from, and the answer to the LMS."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, union_all, update
from sqlalchemy.exc import IntegrityError

from lms_tool.content.course import Course
from lms_tool.learning import Report
from lms_tool.lti import deep_linking, errors
from lms_tool.lti.claims import Role
from lms_tool.lti.deep_linking import Content, DeepLinkExpired, DeepLinkingSettings, DeepLinkTooManyItems
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.lti.manifest import ICON_PATH
from lms_tool.lti.request_errors import CsrfFailed, ModuleNotFound, RoleNotPermitted, SessionMissing
from lms_tool.models import (
    Context,
    Deployment,
    Launch,
    Picker,
    Placement,
    Platform,
    ResourceLink,
    Status,
    UsedState,
)
from lms_tool.models import Course as CourseRow
from lms_tool.services import tool_keys
from lms_tool.services.courses import Item, Shelf, locate, visible_to
from lms_tool.services.sessions import browser_hash
from lms_tool.services.vault import Vault

LIFETIME = timedelta(hours=2)
AUTHORS = frozenset({Role.INSTRUCTOR, Role.ADMINISTRATOR})
NO_GRADE = "none"
DEFAULT_REPORT = Report.COMPLETION.value

Key = tuple[str, str | None, str | None]  # course, module, activity


@dataclass(frozen=True, slots=True)
class Selection:
    """A running picker and the launch it came from."""

    picker_id: str
    platform_id: int
    tenant_id: int
    issuer: str
    auth_login_url: str
    client_id: str
    deployment_id: int
    deployment_lti_id: str
    context_lti_id: str | None
    context_title: str
    locale: str
    settings: DeepLinkingSettings


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


def begin(
    db: Connection, platform_id: int, launch: LtiLaunch, fingerprint: bytes, proof: str, now: datetime
) -> str:
    """Open a picker for a verified deep linking launch; ``fingerprint`` is that of its state. Returns its id.

    Raises:
        RoleNotPermitted: only those who may write the LMS course place something in it.
        DeploymentUnknown, RegistrationInactive.
        LaunchReplayed: the state was used before (the unique key decides between two posts at once).
    """
    assert launch.deep_linking is not None
    if launch.role not in AUTHORS:
        raise RoleNotPermitted(role=launch.role.value)
    row = db.execute(
        select(Deployment.id, Deployment.status, Platform.status.label("platform_status"))
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(Deployment.platform_id == platform_id, Deployment.lti_id == launch.deployment_id)
    ).first()
    if row is None or row.status != Status.ACTIVE:
        raise errors.DeploymentUnknown(platform=platform_id)
    if row.platform_status != Status.ACTIVE:
        raise errors.RegistrationInactive(platform=platform_id)
    used = union_all(
        select(UsedState.fingerprint).where(UsedState.fingerprint == fingerprint),
        select(Launch.state_fingerprint).where(Launch.state_fingerprint == fingerprint),
    )
    if db.execute(used).first() is not None:
        raise errors.LaunchReplayed(platform=platform_id)
    picker_id = secrets.token_urlsafe(16)
    try:
        db.execute(
            insert(Picker).values(
                id=picker_id,
                state_fingerprint=fingerprint,
                browser_hash=browser_hash(proof),
                deployment_id=row.id,
                context_lti_id=launch.context.id if launch.context else None,
                context_title=(launch.context.title or "") if launch.context else "",
                sub=launch.sub,
                locale=launch.locale,
                settings=launch.deep_linking.stored(),
                created_at=now,
                expires_at=now + LIFETIME,
            )
        )
    except IntegrityError as error:
        raise errors.LaunchReplayed(platform=platform_id) from error
    return picker_id


def running(db: Connection, fingerprint: bytes, proof: str | None, now: datetime) -> str | None:
    """The picker that this state opened, if there is one.

    Raises:
        LaunchReplayed: it is another browser's, or it is over.
    """
    row = db.execute(
        select(Picker.id, Picker.browser_hash, Picker.expires_at, Picker.answered_at).where(
            Picker.state_fingerprint == fingerprint
        )
    ).first()
    if row is None:
        return None
    if row.answered_at is None and now < row.expires_at and proof and row.browser_hash == browser_hash(proof):
        return str(row.id)
    raise errors.LaunchReplayed(launch=row.id[:6])


_SELECTION = (
    select(
        Picker.browser_hash,
        Picker.expires_at,
        Picker.answered_at,
        Picker.context_lti_id,
        Picker.context_title,
        Picker.locale,
        Picker.settings,
        Deployment.id.label("deployment_id"),
        Deployment.lti_id,
        Deployment.status,
        Platform.id.label("platform_id"),
        Platform.tenant_id,
        Platform.issuer,
        Platform.auth_login_url,
        Platform.client_id,
        Platform.status.label("platform_status"),
    )
    .join(Deployment, Deployment.id == Picker.deployment_id)
    .join(Platform, Platform.id == Deployment.platform_id)
)


def find(db: Connection, picker_id: str, proof: str | None, now: datetime) -> Selection:
    """The picker of this address, if this browser owns it.

    Raises:
        SessionMissing: no such picker, another browser's, or its platform is switched off.
        DeepLinkExpired: its time is over.
        CsrfFailed: it has been answered; its form is spent.
    """
    row = db.execute(_SELECTION.where(Picker.id == picker_id)).first() if proof else None
    if row is None or proof is None or row.browser_hash != browser_hash(proof):
        raise SessionMissing(reason="unknown picker or other browser")
    if row.platform_status != Status.ACTIVE or row.status != Status.ACTIVE:
        raise SessionMissing(reason="platform switched off")
    if row.answered_at is not None:
        raise CsrfFailed(platform=row.platform_id, reason="answered before")
    if now >= row.expires_at:
        raise DeepLinkExpired(platform=row.platform_id)
    return Selection(
        picker_id=picker_id,
        platform_id=row.platform_id,
        tenant_id=row.tenant_id,
        issuer=row.issuer,
        auth_login_url=row.auth_login_url,
        client_id=row.client_id,
        deployment_id=row.deployment_id,
        deployment_lti_id=row.lti_id,
        context_lti_id=row.context_lti_id,
        context_title=row.context_title,
        locale=row.locale,
        settings=DeepLinkingSettings.restored(row.settings),
    )


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
    closed = db.execute(
        update(Picker)
        .where(Picker.id == found.picker_id, Picker.answered_at.is_(None))
        .values(answered_at=now)
    ).rowcount
    if not closed:
        raise CsrfFailed(platform=found.platform_id, reason="answered before")
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
    graded = choice.report != NO_GRADE
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
