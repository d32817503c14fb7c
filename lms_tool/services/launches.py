"""From the click in the LMS to a session of ours: login initiation, the launch itself, its replay."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert as core_insert
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms_tool.database import insert
from lms_tool.lti import errors, login
from lms_tool.lti.launch import DEEP_LINKING_REQUEST
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.lti.token_errors import MessageTypeUnsupported
from lms_tool.models import Deployment, Launch, Platform, Status, UsedState
from lms_tool.services import placements, sessions
from lms_tool.services.courses import Shelf


@dataclass(frozen=True, slots=True)
class Accepted:
    """Where the browser goes after a launch, and which grades became due by it."""

    launch_id: str
    platforms_due: frozenset[int] = frozenset()


def registration(session: Session, request: login.LoginRequest, key: str | None = None) -> Platform:
    """The one registration a login speaks of; never "the first that fits" (LTI Core 1.3 § 3.1.3).

    ``key`` comes from a per-registration login URL.

    Raises:
        RegistrationUnknown, RegistrationInactive, LoginClientIdRequired, DeploymentUnknown.
    """
    statement = select(Platform).where(Platform.issuer == request.iss)
    if key is not None:
        statement = statement.where(Platform.key == key)
    if request.client_id is not None:
        statement = statement.where(Platform.client_id == request.client_id)
    found = session.scalars(statement.limit(2)).all()
    if not found:
        raise errors.RegistrationUnknown(issuer=request.iss[:255], client_id=(request.client_id or "")[:255])
    if len(found) > 1:
        raise errors.LoginClientIdRequired(issuer=request.iss)
    platform = found[0]
    if platform.status != Status.ACTIVE:
        raise errors.RegistrationInactive(platform=platform.id)
    if request.lti_deployment_id is not None:
        known = session.scalar(
            select(Deployment.id).where(
                Deployment.platform_id == platform.id,
                Deployment.lti_id == request.lti_deployment_id,
                Deployment.status == Status.ACTIVE,
            )
        )
        if known is None:
            raise errors.DeploymentUnknown(platform=platform.id)
    return platform


def platform_of(session: Session, platform_id: int) -> Platform:
    """The registration a state belongs to.

    Raises:
        RegistrationUnknown, RegistrationInactive: removed or switched off since the login.
    """
    platform = session.get(Platform, platform_id)
    if platform is None:
        raise errors.RegistrationUnknown(platform=platform_id)
    if platform.status != Status.ACTIVE:
        raise errors.RegistrationInactive(platform=platform_id)
    return platform


def running(session: Session, fingerprint: bytes, proof: str | None, now: datetime) -> str | None:
    """A state that was used already: the launch it became, if this browser owns it and it still runs.

    A reload of the launch POST, or the back button, must find the lesson again, not an error (DESIGN § 4).

    Raises:
        LaunchReplayed: used by somebody else, or its session is over.
    """
    row = session.execute(
        select(Launch.id, Launch.browser_hash, Launch.expires_at, Launch.ended_at, Launch.seen_at).where(
            Launch.state_fingerprint == fingerprint
        )
    ).first()
    if row is None:
        used = session.scalar(select(UsedState.fingerprint).where(UsedState.fingerprint == fingerprint))
        if used is not None:
            raise errors.LaunchReplayed()
        return None
    alive = row.ended_at is None and now < row.expires_at and now - row.seen_at < sessions.IDLE
    if alive and proof and row.browser_hash == sessions.browser_hash(proof):
        return str(row.id)
    raise errors.LaunchReplayed(launch=row.id[:6])


def use_up(session: Session, fingerprint: bytes, now: datetime) -> None:
    """A state that ends without a launch is used all the same."""
    session.execute(
        insert(session, UsedState)
        .values(fingerprint=fingerprint, expires_at=now + timedelta(seconds=login.STATE_LIFETIME))
        .on_conflict_do_nothing()
    )


def accept(
    session: Session,
    platform_id: int,
    launch: LtiLaunch,
    fingerprint: bytes,
    proof: str,
    shelf: Shelf,
    now: datetime,
) -> Accepted:
    """Write down a verified launch: person, context, placement, membership, session, in one transaction.

    Raises:
        DeploymentUnknown: the platform never told us of this deployment.
        ModuleNotFound: what was placed does not exist (any more).
        AnonymousNotSupported: no person, and the module needs one.
        MessageTypeUnsupported: a message we do not serve.
        LaunchReplayed: another post with the same state was first (the unique key decided).
    """
    if launch.message_type == DEEP_LINKING_REQUEST:
        raise MessageTypeUnsupported(message_type=launch.message_type)
    place = placements.settle(session, platform_id, launch, shelf, now)
    launch_id = secrets.token_urlsafe(16)
    values = {
        "id": launch_id,
        "state_fingerprint": fingerprint,
        "browser_hash": sessions.browser_hash(proof),
        "deployment_id": place.deployment_id,
        "resource_link_id": place.resource_link_id,
        "membership_id": place.membership_id,
        "reviewing": place.reviewing,
        "review_membership_id": place.review_membership_id,
        "role": launch.role,
        "locale": launch.locale,
        "return_url": launch.return_url,
        "notice": place.notice,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + sessions.ABSOLUTE,
    }
    try:
        session.execute(core_insert(Launch).values(**values))
    except IntegrityError as error:
        raise errors.LaunchReplayed() from error
    return Accepted(launch_id, frozenset(place.platforms_due))

