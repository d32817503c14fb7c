"""From the click in the LMS to a session of ours: login initiation, the launch itself, its replay."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy import insert as core_insert
from sqlalchemy.exc import IntegrityError

from lms_tool.database import Database, insert
from lms_tool.lti import errors, login
from lms_tool.lti.claims import Role
from lms_tool.lti.launch import DEEP_LINKING_REQUEST
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.lti.request_errors import ModuleNotFound
from lms_tool.lti.state import STATE_LIFETIME
from lms_tool.models import Deployment, Launch, Membership, Platform, Status, UsedState
from lms_tool.services import deployments, migration, notices, pickers, placements, places, sessions
from lms_tool.services.courses import Shelf
from lms_tool.services.lessons import Learner
from lms_tool.services.platforms import REGISTERED, Registered
from lms_tool.services.vault import Vault

# Statements of every launch are put together once: building one costs more than running it.
_LOGIN = (
    REGISTERED.add_columns(Deployment.id.label("deployment_id"))
    .outerjoin(
        Deployment,
        and_(
            Deployment.platform_id == Platform.id,
            Deployment.lti_id == bindparam("deployment"),
            Deployment.status == Status.ACTIVE,
        ),
    )
    .where(Platform.issuer == bindparam("issuer"))
)
_PLATFORM = REGISTERED.where(Platform.id == bindparam("id"))
_NEW_LAUNCH = core_insert(Launch)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Where the browser goes after a launch, and which grades became due by it."""

    launch_id: str
    picks: bool = False  # content selection: the id is a picker's
    place: str = ""  # below its address: where the session before it ran out
    first_visit: bool = False  # of this person to this context
    platforms_due: frozenset[int] = frozenset()
    roster_due: bool = False  # who is in the LMS course is to be read now
    migrated: bool | None = None  # the migration claim was believed, and what it named is the person's now

    @property
    def path(self) -> str:
        """Where it lives; everything below belongs to this one launch."""
        if self.picks:
            return f"/k/{self.launch_id}/select"
        return f"/k/{self.launch_id}/" + (f"?{urlencode({'back': self.place})}" if self.place else "")


def registration(db: Connection, request: login.LoginRequest, key: str | None = None) -> Registered:
    """The one registration a login speaks of; never "the first that fits" (LTI Core 1.3 § 3.1.3).

    ``key`` comes from a per-registration login URL.

    Raises:
        RegistrationUnknown, RegistrationInactive, LoginClientIdRequired, DeploymentUnknown.
    """
    rows = db.execute(_LOGIN, {"issuer": request.iss, "deployment": request.lti_deployment_id or ""}).all()
    found = [row for row in rows if key in (None, row.key) and request.client_id in (None, row.client_id)]
    if not found:
        raise errors.RegistrationUnknown(issuer=request.iss[:255], client_id=(request.client_id or "")[:255])
    if len(found) > 1:
        raise errors.LoginClientIdRequired(issuer=request.iss)
    platform = Registered(*found[0][:-1])
    if platform.status != Status.ACTIVE:
        raise _closed(platform)
    wanted = request.lti_deployment_id
    if (
        wanted is not None
        and found[0].deployment_id is None
        and not deployments.may_ask(db, platform.id, wanted)
    ):
        raise errors.DeploymentUnknown(platform=platform.id)
    return platform


def _closed(platform: Registered) -> errors.RegistrationInactive:
    pending = platform.status == Status.PENDING
    return (errors.RegistrationPending if pending else errors.RegistrationInactive)(platform=platform.id)


class Registry:
    """Registrations as this process read them a few seconds ago: enough to verify a token with.

    Whether a registration is still switched on is asked again in the transaction that writes the launch.
    """

    FRESH = timedelta(seconds=10)

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[int, tuple[datetime, Registered]] = {}
        self._all: tuple[datetime, tuple[Registered, ...]] | None = None

    def get(self, platform_id: int, now: datetime) -> Registered:
        """Raises RegistrationUnknown, RegistrationInactive."""
        known = self._known.get(platform_id)
        if known is not None and timedelta(0) <= now - known[0] < self.FRESH:
            return known[1]
        with self._database.read() as db:
            platform = platform_of(db, platform_id)
        self._known[platform_id] = (now, platform)
        return platform

    def all(self, now: datetime, newest: int | None = None) -> tuple[Registered, ...]:
        """Every registration, those that are switched off or still wait for approval among them; ``newest`` is the
        id of one that must be there.
        """
        if self._all is not None and timedelta(0) <= now - self._all[0] < self.FRESH:
            found = self._all[1]
            if newest is None or any(one.id == newest for one in found):
                return found
        with self._database.read() as db:
            found = tuple(Registered(*row) for row in db.execute(REGISTERED))
        self._all = now, found
        return found


def platform_of(db: Connection, platform_id: int) -> Registered:
    """The registration a state belongs to.

    Raises:
        RegistrationUnknown, RegistrationInactive: removed or switched off since the login.
    """
    row = db.execute(_PLATFORM, {"id": platform_id}).first()
    if row is None:
        raise errors.RegistrationUnknown(platform=platform_id)
    platform = Registered(*row)
    if platform.status != Status.ACTIVE:
        raise _closed(platform)
    return platform


def running(db: Connection, fingerprint: bytes, proof: str | None, now: datetime) -> Accepted | None:
    """A state that was used already: the launch or picker it became, if this browser owns it and it still runs.

    A reload of the launch POST, or the back button, must find the lesson again, not an error (DESIGN § 4).

    Raises:
        LaunchReplayed: used by somebody else, or its session is over.
    """
    row = db.execute(
        select(Launch.id, Launch.browser_hash, Launch.expires_at, Launch.ended_at, Launch.seen_at).where(
            Launch.state_fingerprint == fingerprint
        )
    ).first()
    if row is None:
        if (picker := pickers.running(db, fingerprint, proof, now)) is not None:
            return Accepted(picker, picks=True)
        used = db.scalar(select(UsedState.fingerprint).where(UsedState.fingerprint == fingerprint))
        if used is not None:
            raise errors.LaunchReplayed()
        return None
    alive = row.ended_at is None and now < row.expires_at and now - row.seen_at < sessions.IDLE
    if alive and proof and row.browser_hash == sessions.browser_hash(proof):
        return Accepted(str(row.id))
    raise errors.LaunchReplayed(launch=row.id[:6])


def use_up(db: Connection, fingerprint: bytes, now: datetime) -> None:
    """A state that ends without a launch is used all the same."""
    db.execute(
        insert(db, UsedState)
        .values(fingerprint=fingerprint, expires_at=now + timedelta(seconds=STATE_LIFETIME))
        .on_conflict_do_nothing()
    )


def accept(
    db: Connection,
    platform_id: int,
    launch: LtiLaunch,
    fingerprint: bytes,
    proof: str,
    shelf: Shelf,
    now: datetime,
    vault: Vault | None = None,
    *,
    cookieless: bool = False,
) -> Accepted:
    """Write down a verified launch: person, context, placement, membership, session, in one transaction.

    A deep linking request opens a picker instead. ``vault`` opens the secret that checks a migration claim; without
    it the claim counts as unsigned. ``cookieless``: the browser keeps no cookie and shows ``proof`` by itself.

    Raises:
        DeploymentUnknown: the platform never told us of this deployment.
        ModuleNotFound: what was placed does not exist (any more).
        AnonymousNotSupported: no person, and the module needs one.
        RoleNotPermitted: deep linking by somebody who does not write the LMS course.
        LaunchReplayed: another post with the same state was first (the unique key decided).
    """
    if launch.message_type == DEEP_LINKING_REQUEST:
        return Accepted(pickers.begin(db, platform_id, launch, fingerprint, proof, now), picks=True)
    try:
        place = placements.settle(db, platform_id, launch, fingerprint, shelf, now)
    except ModuleNotFound as error:
        if launch.role.is_staff:
            error.detail = str(error.details.get("wanted", ""))
        raise
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
        "cookieless": cookieless,
        "mentees": list(launch.role_scope_mentor) or None,
        "locale": launch.locale,
        "return_url": launch.return_url,
        "notice": place.notice,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + sessions.ABSOLUTE,
    }
    try:
        db.execute(_NEW_LAUNCH, values)
    except IntegrityError as error:
        raise errors.LaunchReplayed() from error
    notices.want(db, place.deployment_id, launch, now)
    migrated = _migrate(db, platform_id, launch, place, shelf, vault, now)
    return Accepted(
        launch_id,
        place=places.left(db, place.membership_id, place.resource_link_id, now),
        first_visit=place.first_visit,
        platforms_due=frozenset(place.platforms_due),
        roster_due=place.roster_due,
        migrated=migrated,
    )


def _migrate(
    db: Connection,
    platform_id: int,
    launch: LtiLaunch,
    place: placements.Place,
    shelf: Shelf,
    vault: Vault | None,
    now: datetime,
) -> bool | None:
    """Take over what the person had in LTI 1.1, if the launch says so with a right signature; None: it does not."""
    if launch.lti1p1 is None:
        return None
    tenant_id = db.execute(select(Platform.tenant_id).where(Platform.id == platform_id)).scalar_one()
    if vault is None or not migration.is_authentic(db, vault, tenant_id, launch):
        return False
    if place.membership_id is not None:
        graded = launch.role is Role.LEARNER
        learner = Learner(place.membership_id, *_who(db, place.membership_id), graded)
        place.platforms_due |= migration.take_over(db, tenant_id, launch, learner, shelf, now) or set()
    return True


def _who(db: Connection, membership_id: int) -> tuple[int, int]:
    """Person and context of a membership."""
    row = db.execute(
        select(Membership.person_id, Membership.context_id).where(Membership.id == membership_id)
    ).one()
    return row.person_id, row.context_id


def oddities(
    launch: LtiLaunch, accepted: Accepted, announced: login.Target | None
) -> list[tuple[str, dict[str, str]]]:
    """What was strange about a launch that works all the same: code and details for the audit trail.

    ``announced`` is the target the login named. What an LMS sends with each launch is written down once per person.
    """
    found = []
    if announced is not None and announced != launch.target:
        # Core 4.1: the token's value decides. Only ids are noted, for the login's value comes from a cookie.
        found.append(("target_differs", {"login": str(announced), "token": str(launch.target)}))
    if accepted.first_visit and launch.ags is None and launch.ags_problem:
        found.append(("ags_claim_invalid", {"problem": launch.ags_problem}))
    if accepted.first_visit and accepted.migrated is not None and launch.lti1p1 is not None:
        code = "lti1p1_migrated" if accepted.migrated else "lti1p1_signature_invalid"
        found.append((code, {"consumer_key": launch.lti1p1.consumer_key[:64]}))
    return found
