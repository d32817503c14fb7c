"""One launch is one session: finding it, keeping it alive, ending it.

Everything a page needs to know about who is looking, and at what, comes with the session in one query; so a switched-
off platform or deployment ends its sessions with the next request.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from lms_tool.lti.claims import Role
from lms_tool.lti.request_errors import SessionExpired, SessionMissing
from lms_tool.models import (
    Context,
    Course,
    Delivery,
    Deployment,
    Launch,
    LineItem,
    Membership,
    Person,
    Place,
    Platform,
    ResourceLink,
    Roster,
    Score,
    Status,
)
from lms_tool.services.grades import Transfer
from lms_tool.services.lessons import Learner

IDLE = timedelta(hours=4)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)  # how exactly the last activity is known: no write per page view

# What a role may see grows in this order; an older session never exceeds the newest launch's role.
RANK = {Role.LEARNER: 0, Role.MENTOR: 0, Role.ASSISTANT: 1, Role.INSTRUCTOR: 2, Role.ADMINISTRATOR: 2}


@dataclass(frozen=True, slots=True)
class LearningSession:
    launch_id: str
    membership_id: int | None  # None: anonymous, nothing is recorded
    reviewing: bool  # looks at the work of ``shown_membership_id``, read-only
    shown_membership_id: int | None  # whose progress the pages show
    person_id: int | None
    person_name: str
    context_id: int
    context_title: str
    resource_link_id: int
    platform_id: int
    platform_origins: tuple[str, str]  # URLs whose origins may frame us
    role: Role
    locale: str
    course_id: str
    revision_id: int | None
    module_id: str | None
    activity_id: str | None
    report: str  # what the LMS is told of it, see ``learning.grading``
    return_url: str | None
    notice: str | None
    seen_at: datetime
    expires_at: datetime  # whatever happens until then
    place: str | None  # the page seen last through this placement, see ``places``
    transfer: Transfer | None  # of the placed item; None: the LMS has no column for it
    mentees: frozenset[str] = frozenset()  # subs a mentor may look at; nobody where mentors are not let in
    roster_problem: str | None = None  # why the roster is not read any more; None: it is, or there is none

    @property
    def is_staff(self) -> bool:
        return RANK[self.role] > 0

    @property
    def is_seen_by_others(self) -> bool:
        """Whether those who teach see how far this person is."""
        return self.learner is not None and self.learner.graded

    @property
    def learner(self) -> Learner | None:
        """Whose progress this session records; None for an anonymous one and for a review."""
        if self.membership_id is None or self.person_id is None or self.reviewing:
            return None
        return Learner(self.membership_id, self.person_id, self.context_id, self.role is Role.LEARNER)


_SESSION = (
    select(
        Launch.browser_hash,
        Launch.expires_at,
        Launch.ended_at,
        Launch.seen_at,
        Launch.role,
        Launch.locale,
        Launch.return_url,
        Launch.notice,
        Launch.membership_id,
        Launch.reviewing,
        Launch.review_membership_id,
        Launch.mentees,
        Membership.role.label("member_role"),
        Person.id.label("person_id"),
        Person.name,
        Person.given_name,
        Person.family_name,
        Context.id.label("context_id"),
        Context.title.label("context_title"),
        ResourceLink.id.label("resource_link_id"),
        ResourceLink.course_id,
        ResourceLink.module_id,
        ResourceLink.activity_id,
        ResourceLink.report,
        Course.revision_id,
        Deployment.status.label("deployment_status"),
        Platform.id.label("platform_id"),
        Platform.status.label("platform_status"),
        Platform.issuer,
        Platform.auth_login_url,
        Platform.mentors,
        Roster.problem.label("roster_problem"),
        Roster.next_at.label("roster_next_at"),
        Place.path.label("place"),
        LineItem.url.label("line_item_url"),
        Score.state.label("score_state"),
        Score.given.label("score_given"),
        Score.delivered_at.label("score_delivered_at"),
        Score.reason.label("score_reason"),
        Score.overruled_by.label("score_overruled_by"),
    )
    .join(ResourceLink, ResourceLink.id == Launch.resource_link_id)
    .join(Context, Context.id == ResourceLink.context_id)
    .join(Deployment, Deployment.id == Launch.deployment_id)
    .join(Platform, Platform.id == Deployment.platform_id)
    .join(Course, Course.id == ResourceLink.course_id)
    .outerjoin(Roster, Roster.context_id == Context.id)
    .outerjoin(Membership, Membership.id == Launch.membership_id)
    .outerjoin(Person, Person.id == Membership.person_id)
    .outerjoin(
        Place,
        and_(Place.membership_id == Membership.id, Place.resource_link_id == ResourceLink.id),
    )
    .outerjoin(LineItem, and_(LineItem.resource_link_id == ResourceLink.id, LineItem.purpose == "grade"))
    .outerjoin(Score, and_(Score.line_item_id == LineItem.id, Score.person_id == Person.id))
    .where(Launch.id == bindparam("launch"))
)


def browser_hash(proof: str) -> bytes:
    return hashlib.sha256(proof.encode()).digest()


def platform_id(db: Connection, launch_id: str) -> int | None:
    """The platform a launch came from, over or not; None for a launch that never was."""
    query = select(Deployment.platform_id).join(Launch, Launch.deployment_id == Deployment.id)
    return db.scalar(query.where(Launch.id == launch_id))


def find(db: Connection, launch_id: str, proof: str | None, now: datetime) -> LearningSession:
    """The running session of ``launch_id``, if this browser owns it.

    Raises:
        SessionMissing: no such launch, another browser's, ended, or its platform is switched off.
        SessionExpired: it was ours and its time is over.
    """
    if not proof:
        raise SessionMissing(reason="no proof")
    row = db.execute(_SESSION, {"launch": launch_id}).first()
    if row is None or row.browser_hash != browser_hash(proof):
        raise SessionMissing(reason="unknown launch or other browser")
    if row.platform_status != Status.ACTIVE or row.deployment_status != Status.ACTIVE:
        raise SessionMissing(reason="platform switched off")
    if row.ended_at is not None:
        raise SessionMissing(reason="ended")
    if now >= row.expires_at or now - row.seen_at >= IDLE:
        raise SessionExpired()
    role = Role(row.role)
    if row.member_role is not None and RANK[Role(row.member_role)] < RANK[role]:
        role = Role(row.member_role)
    if row.reviewing and RANK[role] == 0 and row.review_membership_id != row.membership_id:
        raise SessionMissing(reason="no longer staff")  # who was a tutor yesterday sees nobody's work today
    return LearningSession(
        launch_id=launch_id,
        membership_id=row.membership_id,
        reviewing=row.reviewing,
        shown_membership_id=row.review_membership_id if row.reviewing else row.membership_id,
        person_id=row.person_id,
        person_name=display_name(row.name, row.given_name, row.family_name),
        context_id=row.context_id,
        context_title=row.context_title,
        resource_link_id=row.resource_link_id,
        platform_id=row.platform_id,
        platform_origins=(row.issuer, row.auth_login_url),
        role=role,
        locale=row.locale,
        course_id=row.course_id,
        revision_id=row.revision_id,
        module_id=row.module_id,
        activity_id=row.activity_id,
        report=row.report,
        return_url=row.return_url,
        notice=row.notice,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        place=row.place,
        transfer=_transfer(row),
        mentees=_mentees(row),
        roster_problem=row.roster_problem if row.roster_next_at is None else None,
    )


def _mentees(row: Any) -> frozenset[str]:
    """Nobody for who is no mentor any more, and where the platform's mentors are not let in (CLM-47)."""
    allowed = row.mentors and row.role == row.member_role == Role.MENTOR and not row.reviewing
    return frozenset(row.mentees or ()) if allowed else frozenset()


def _transfer(row: Any) -> Transfer | None:
    """What is known of the grade; None where there is no column, or none was found yet and nothing is due."""
    if row.line_item_url is None or row.reviewing:
        return None
    state = Delivery(row.score_state) if row.score_state else None
    if not row.line_item_url and state in (None, Delivery.DROPPED):
        return None
    return Transfer(state, row.score_given, row.score_delivered_at, row.score_reason, row.score_overruled_by)


def touch(db: Connection, launch_id: str, now: datetime) -> None:
    """Note that the session is in use."""
    db.execute(update(Launch).where(Launch.id == launch_id).values(seen_at=now))


def needs_touch(found: LearningSession, now: datetime) -> bool:
    return now - found.seen_at >= TOUCH


def seconds_left(found: LearningSession, now: datetime, touched: bool) -> int:
    """How long the session lasts if nothing more happens; ``touched``: its last activity is now."""
    idle_end = (now if touched else found.seen_at) + IDLE
    return max(0, int((min(found.expires_at, idle_end) - now).total_seconds()))


def end(db: Connection, launch_id: str, now: datetime) -> None:
    """End the session at once; its URL and cookie open nothing any more."""
    db.execute(update(Launch).where(Launch.id == launch_id, Launch.ended_at.is_(None)).values(ended_at=now))


def display_name(name: str | None, given: str | None, family: str | None) -> str:
    """What to call a person: the full name, else its parts, else nothing (the page then greets without a name)."""
    return (name or "").strip() or " ".join(part for part in (given, family) if part and part.strip())


def member_name(db: Connection, membership_id: int) -> str:
    """The display name of a member."""
    row = db.execute(
        select(Person.name, Person.given_name, Person.family_name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.id == membership_id)
    ).one()
    return display_name(row.name, row.given_name, row.family_name)
