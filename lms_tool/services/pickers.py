"""The picker's session: opened by a deep linking launch, owned by a browser, closed by one answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, union_all, update
from sqlalchemy.exc import IntegrityError

from lms_tool.lti import errors
from lms_tool.lti.claims import Role
from lms_tool.lti.deep_linking import DeepLinkExpired, DeepLinkingSettings
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.lti.request_errors import CsrfFailed, RoleNotPermitted, SessionMissing
from lms_tool.models import Deployment, Launch, Person, Picker, Platform, Status, UsedState
from lms_tool.services.sessions import browser_hash

LIFETIME = timedelta(hours=2)
AUTHORS = frozenset({Role.INSTRUCTOR, Role.ADMINISTRATOR})


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
    sub: str | None
    locale: str
    settings: DeepLinkingSettings


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
        Picker.sub,
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
        sub=row.sub,
        locale=row.locale,
        settings=DeepLinkingSettings.restored(row.settings),
    )


def actor(db: Connection, found: Selection) -> str:
    """Who chooses, as the audit trail names people; empty for somebody who has not learned here."""
    person_id = db.scalar(
        select(Person.id).where(
            Person.tenant_id == found.tenant_id, Person.issuer == found.issuer, Person.sub == found.sub
        )
    )
    return "" if person_id is None else f"person:{person_id}"


def close(db: Connection, found: Selection, now: datetime) -> None:
    """Nobody can answer it any more; of two answers at once, the first counts.

    Raises:
        CsrfFailed: another request has answered already.
    """
    closed = db.execute(
        update(Picker)
        .where(Picker.id == found.picker_id, Picker.answered_at.is_(None))
        .values(answered_at=now)
    ).rowcount
    if not closed:
        raise CsrfFailed(platform=found.platform_id, reason="answered before")
