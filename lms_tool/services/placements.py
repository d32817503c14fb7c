"""Where a launch lands: deployment, context, resource link, person, membership and line item.

One query looks everything up; only what is missing or has changed is written. Each insert leaves the decision to the
table's unique key, so that two first launches at once end with one row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from lms_tool.content import course as content
from lms_tool.database import get_or_make
from lms_tool.learning import Report
from lms_tool.lti.claims import Role
from lms_tool.lti.errors import DeploymentUnknown, LaunchReplayed, RegistrationInactive
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.lti.request_errors import AnonymousNotSupported, ModuleNotFound, RoleNotPermitted
from lms_tool.models import (
    Context,
    Course,
    Deployment,
    LineItem,
    Membership,
    Person,
    Platform,
    ResourceLink,
    Roster,
    RosterEntry,
    Status,
    UsedState,
)
from lms_tool.services import copies, lessons, line_items, rosters
from lms_tool.services.courses import Item, Shelf, locate, resolve

_KNOWN = (
    select(
        Deployment.id.label("deployment_id"),
        Deployment.status,
        Platform.status.label("platform_status"),
        Platform.tenant_id,
        Context.id.label("context_id"),
        Context.title.label("context_title"),
        Context.label.label("context_label"),
        Context.ancestors.label("context_ancestors"),
        ResourceLink.id.label("link_id"),
        ResourceLink.title.label("link_title"),
        ResourceLink.placement_id,
        ResourceLink.course_id,
        ResourceLink.module_id,
        ResourceLink.activity_id,
        ResourceLink.report,
        ResourceLink.ancestors.label("link_ancestors"),
        ResourceLink.inherited,
        Course.revision_id,
        LineItem.id.label("line_item_id"),
        LineItem.url,
        LineItem.container_url,
        LineItem.scopes,
        LineItem.resource_id,
        Person.id.label("person_id"),
        Person.name,
        Person.given_name,
        Person.family_name,
        Person.email,
        Membership.id.label("membership_id"),
        Membership.role,
        Roster.url.label("roster_url"),
        Roster.launched_at.label("roster_launched_at"),
        RosterEntry.status.label("entry_status"),
        select(UsedState.fingerprint)
        .where(UsedState.fingerprint == bindparam("fingerprint"))
        .scalar_subquery()
        .label("used"),
    )
    .select_from(Deployment)
    .join(Platform, Platform.id == Deployment.platform_id)
    .outerjoin(
        Context,
        and_(
            Context.deployment_id == Deployment.id,
            Context.kind == bindparam("kind"),
            Context.lti_id == bindparam("context"),
        ),
    )
    .outerjoin(
        ResourceLink, and_(ResourceLink.context_id == Context.id, ResourceLink.lti_id == bindparam("link"))
    )
    .outerjoin(Course, Course.id == ResourceLink.course_id)
    .outerjoin(LineItem, and_(LineItem.resource_link_id == ResourceLink.id, LineItem.purpose == "grade"))
    .outerjoin(
        Person,
        and_(
            Person.tenant_id == Platform.tenant_id,
            Person.issuer == bindparam("issuer"),
            Person.sub == bindparam("sub"),
        ),
    )
    .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.context_id == Context.id))
    .outerjoin(Roster, Roster.context_id == Context.id)
    .outerjoin(
        RosterEntry, and_(RosterEntry.context_id == Context.id, RosterEntry.user_id == bindparam("sub"))
    )
    .where(Deployment.platform_id == bindparam("platform"), Deployment.lti_id == bindparam("deployment"))
)


@dataclass(slots=True)
class Place:
    """The rows a session of ours hangs on."""

    deployment_id: int
    resource_link_id: int
    membership_id: int | None
    first_visit: bool = False
    reviewing: bool = False
    review_membership_id: int | None = None
    notice: str | None = None
    platforms_due: set[int] = field(default_factory=set)
    roster_due: bool = False  # who is in the LMS course is to be read now


def settle(
    db: Connection, platform_id: int, launch: LtiLaunch, fingerprint: bytes, shelf: Shelf, now: datetime
) -> Place:
    """Find or make every row of a launch's place; ``fingerprint`` is that of its state.

    Raises:
        LaunchReplayed, RegistrationInactive, DeploymentUnknown, ModuleNotFound, AnonymousNotSupported,
        RoleNotPermitted.
    """
    link = launch.resource_link
    assert link is not None  # every accepted message type carries one
    kind, context_key = ("context", launch.context.id) if launch.context else ("resource_link", link.id)
    known = db.execute(
        _KNOWN,
        {
            "platform": platform_id,
            "deployment": launch.deployment_id,
            "kind": kind,
            "context": context_key,
            "link": link.id,
            "issuer": launch.issuer,
            "sub": launch.sub,
            "fingerprint": fingerprint,
        },
    ).first()
    if known is None or known.status != Status.ACTIVE:
        raise DeploymentUnknown(platform=platform_id)
    if known.used is not None:
        raise LaunchReplayed(platform=platform_id)
    if known.platform_status != Status.ACTIVE:
        raise RegistrationInactive(platform=platform_id)
    if not launch.target.known:
        raise ModuleNotFound(wanted=launch.target_link_uri[:255])
    wanted = copies.wanted(db, known, launch)
    item = _item(db, shelf, known, wanted)
    if launch.sub is None and not item.anonymous:
        raise AnonymousNotSupported(module=item.module_id)
    context_id = known.context_id or _context(db, known.deployment_id, kind, context_key, now)
    _rename_context(db, known, context_id, launch)
    link_id = _link(db, known, context_id, launch, wanted, item, now)
    copies.remember(db, known, context_id, link_id, launch)
    label = link.title or _title(shelf.course(db, item.revision_id), item)
    column = line_items.keep(db, known, platform_id, link_id, launch, item, label, now)
    place = Place(known.deployment_id, link_id, None, notice=column.notice)
    if column.due:
        place.platforms_due.add(platform_id)
    if launch.sub is not None:
        person_id = _person(db, known, launch, now)
        place.first_visit = known.membership_id is None
        place.membership_id = _membership(db, known, person_id, context_id, launch.role, now)
    # The roster before its entry: its reader locks them in this order.
    place.roster_due = rosters.keep(db, known, platform_id, context_id, launch, now)
    rosters.welcome(db, known.entry_status, context_id, launch.sub, now)
    if launch.for_user is not None:
        place.reviewing = True
        place.review_membership_id = _reviewed(db, known.tenant_id, launch, context_id)
    if column.new:
        # A column that is new to us: who is already complete gets the grade now.
        course = shelf.course(db, item.revision_id)
        for learner in lessons.learners_in(db, context_id, Role.LEARNER):
            place.platforms_due |= lessons.settle(db, learner, course, now)
    return place


def _item(db: Connection, shelf: Shelf, known: Any, wanted: copies.Wanted) -> Item:
    """What is placed; looked up again only if the link now names something else than it did, or it is gone."""
    ids = wanted.ids
    same = (known.module_id, known.activity_id) == ids[1:] and ids[0] in (None, known.course_id)
    if same and known.revision_id is not None:
        found = locate(shelf.course(db, known.revision_id), known.revision_id, *ids[1:])
        if found is not None:
            return found
    return resolve(db, shelf, *ids, tenant_id=known.tenant_id)


def _title(course: content.Course, item: Item) -> str:
    if item.activity_id is not None:
        return course.by_activity[item.activity_id][1].title
    return course.title if item.module_id is None else course.by_module[item.module_id].title


def _context(db: Connection, deployment_id: int, kind: str, lti_id: str, now: datetime) -> int:
    values = {"deployment_id": deployment_id, "kind": kind, "lti_id": lti_id}
    return get_or_make(db, Context, values, {"title": "", "label": "", "created_at": now})


def _rename_context(db: Connection, known: Any, context_id: int, launch: LtiLaunch) -> None:
    if launch.context is None:
        return
    title, label = launch.context.title or "", launch.context.label or ""
    if (known.context_title, known.context_label) != (title, label):
        db.execute(update(Context).where(Context.id == context_id).values(title=title, label=label))


def _link(
    db: Connection,
    known: Any,
    context_id: int,
    launch: LtiLaunch,
    wanted: copies.Wanted,
    item: Item,
    now: datetime,
) -> int:
    assert launch.resource_link is not None
    report = launch.custom.get("report") or wanted.report
    values = {
        "title": launch.resource_link.title or "",
        "placement_id": (launch.custom.get("placement_id") or "")[:64] or None,
        "course_id": item.course_id,
        "module_id": item.module_id,
        "activity_id": item.activity_id,
        "report": report if report in set(Report) else Report.COMPLETION.value,
        "inherited": wanted.inherited,
    }
    if known.link_id is None:
        key = {"context_id": context_id, "lti_id": launch.resource_link.id}
        return get_or_make(db, ResourceLink, key, {**values, "created_at": now})
    before = {
        "title": known.link_title,
        "placement_id": known.placement_id,
        "course_id": known.course_id,
        "module_id": known.module_id,
        "activity_id": known.activity_id,
        "report": known.report,
        "inherited": known.inherited,
    }
    if before != values:
        db.execute(update(ResourceLink).where(ResourceLink.id == known.link_id).values(**values))
    return int(known.link_id)


def _person(db: Connection, known: Any, launch: LtiLaunch, now: datetime) -> int:
    """Names and e-mail follow the LMS, also when it stops sending them (CLM-71, CLM-72)."""
    values = {
        "name": launch.person.name,
        "given_name": launch.person.given_name,
        "family_name": launch.person.family_name,
        "email": launch.person.email,
    }
    if known.person_id is None:
        key = {"tenant_id": known.tenant_id, "issuer": launch.issuer, "sub": launch.sub}
        return get_or_make(db, Person, key, {**values, "created_at": now})
    before = {name: getattr(known, name) for name in values}
    if before != values:
        db.execute(update(Person).where(Person.id == known.person_id).values(**values))
    return int(known.person_id)


def _membership(
    db: Connection, known: Any, person_id: int, context_id: int, role: Role, now: datetime
) -> int:
    if known.membership_id is None:
        key = {"person_id": person_id, "context_id": context_id}
        return get_or_make(db, Membership, key, {"role": role.value, "created_at": now})
    if known.role != role:
        db.execute(update(Membership).where(Membership.id == known.membership_id).values(role=role.value))
    return int(known.membership_id)


def _reviewed(db: Connection, tenant_id: int, launch: LtiLaunch, context_id: int) -> int | None:
    """Whose work is looked at; None if that person has not been here yet (Submission Review 1.0)."""
    if launch.role in (Role.LEARNER, Role.MENTOR) and launch.for_user != launch.sub:
        raise RoleNotPermitted(role=launch.role.value)
    return db.scalar(
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Person.tenant_id == tenant_id,
            Person.issuer == launch.issuer,
            Person.sub == launch.for_user,
            Membership.context_id == context_id,
        )
    )
