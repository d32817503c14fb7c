"""Where a launch lands: deployment, context, resource link, person, membership and line item.

One query looks everything up; only what is missing or has changed is written. Each insert leaves the decision to the
table's unique key, so that two first launches at once end with one row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from lms_tool.database import get_or_make
from lms_tool.learning import Report
from lms_tool.lti.claims import SCOPE_SCORE, Role
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
    Status,
    UsedState,
)
from lms_tool.services import lessons
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
        ResourceLink.id.label("link_id"),
        ResourceLink.title.label("link_title"),
        ResourceLink.placement_id,
        ResourceLink.course_id,
        ResourceLink.module_id,
        ResourceLink.activity_id,
        ResourceLink.report,
        Course.revision_id,
        LineItem.id.label("line_item_id"),
        LineItem.url,
        LineItem.container_url,
        LineItem.scopes,
        Person.id.label("person_id"),
        Person.name,
        Person.given_name,
        Person.family_name,
        Person.email,
        Membership.id.label("membership_id"),
        Membership.role,
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
    item = _item(db, shelf, known, launch)
    if launch.sub is None and not item.anonymous:
        raise AnonymousNotSupported(module=item.module_id)
    context_id = known.context_id or _context(db, known.deployment_id, kind, context_key, now)
    _rename_context(db, known, context_id, launch)
    link_id = _link(db, known, context_id, launch, item, now)
    place = Place(known.deployment_id, link_id, None, notice=_notice(launch))
    if launch.sub is not None:
        person_id = _person(db, known, launch, now)
        place.first_visit = known.membership_id is None
        place.membership_id = _membership(db, known, person_id, context_id, launch.role, now)
    if launch.for_user is not None:
        place.reviewing = True
        place.review_membership_id = _reviewed(db, launch, context_id)
    if _line_item(db, known, platform_id, link_id, launch):
        # A column that is new to us: who is already complete gets the grade now.
        course = shelf.course(db, item.revision_id)
        for learner in lessons.learners_in(db, context_id, Role.LEARNER):
            place.platforms_due |= lessons.settle(db, learner, course, now)
    return place


def _item(db: Connection, shelf: Shelf, known: Any, launch: LtiLaunch) -> Item:
    """What is placed; looked up again only if the link now names something else than it did, or it is gone."""
    wanted = _wanted(launch)
    same = (known.module_id, known.activity_id) == wanted[1:] and wanted[0] in (None, known.course_id)
    if same and known.revision_id is not None:
        found = locate(shelf.course(db, known.revision_id), known.revision_id, *wanted[1:])
        if found is not None:
            return found
    return resolve(db, shelf, *wanted, tenant_id=known.tenant_id)


def _wanted(launch: LtiLaunch) -> tuple[str | None, str | None, str | None]:
    """Course, module and activity asked for: the token's target link decides, then its custom parameters."""
    target = launch.target
    if target.course or target.module or target.activity:
        return target.course, target.module, target.activity
    custom = launch.custom
    return custom.get("course_id"), custom.get("module_id"), custom.get("activity_id")


def _context(db: Connection, deployment_id: int, kind: str, lti_id: str, now: datetime) -> int:
    values = {"deployment_id": deployment_id, "kind": kind, "lti_id": lti_id}
    return get_or_make(db, Context, values, {"title": "", "label": "", "created_at": now})


def _rename_context(db: Connection, known: Any, context_id: int, launch: LtiLaunch) -> None:
    if launch.context is None:
        return
    title, label = launch.context.title or "", launch.context.label or ""
    if (known.context_title, known.context_label) != (title, label):
        db.execute(update(Context).where(Context.id == context_id).values(title=title, label=label))


def _link(db: Connection, known: Any, context_id: int, launch: LtiLaunch, item: Item, now: datetime) -> int:
    assert launch.resource_link is not None
    report = launch.custom.get("report", "")
    values = {
        "title": launch.resource_link.title or "",
        "placement_id": (launch.custom.get("placement_id") or "")[:64] or None,
        "course_id": item.course_id,
        "module_id": item.module_id,
        "activity_id": item.activity_id,
        "report": report if report in set(Report) else Report.COMPLETION.value,
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


def _reviewed(db: Connection, launch: LtiLaunch, context_id: int) -> int | None:
    """Whose work is looked at; None if that person has not been here yet (Submission Review 1.0)."""
    if launch.role in (Role.LEARNER, Role.MENTOR) and launch.for_user != launch.sub:
        raise RoleNotPermitted(role=launch.role.value)
    return db.scalar(
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Person.issuer == launch.issuer, Person.sub == launch.for_user, Membership.context_id == context_id
        )
    )


def _notice(launch: LtiLaunch) -> str | None:
    """Why no grades travel for this placement; shown to staff only."""
    if launch.ags is None and launch.ags_problem:
        return "ags_claim_invalid"
    if launch.ags is None or SCOPE_SCORE not in launch.ags.scopes:
        return "scores_off"
    if launch.ags.lineitem is None:
        return "no_line_item"
    return None


def _line_item(db: Connection, known: Any, platform_id: int, link_id: int, launch: LtiLaunch) -> bool:
    """Keep the column the claim names; True if it is new to us."""
    claim = launch.ags
    if claim is None or claim.lineitem is None or SCOPE_SCORE not in claim.scopes:
        # Moodle leaves `lineitem` out as soon as a link has two of them: what is known stays known.
        return False
    values = {"url": claim.lineitem, "container_url": claim.lineitems, "scopes": sorted(claim.scopes)}
    if known.line_item_id is None:
        made = get_or_make(
            db,
            LineItem,
            {"resource_link_id": link_id, "purpose": "grade"},
            {"platform_id": platform_id, **values},
        )
        return bool(made)
    if {name: getattr(known, name) for name in values} != values:
        db.execute(
            update(LineItem).where(LineItem.id == known.line_item_id).values(**values, looked_up_at=None)
        )
    return False
