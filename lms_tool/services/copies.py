"""Copied LMS courses: a link nobody has seen before finds what its original showed.

Where the LMS carries our ids along (Moodle does: quirk 20), nothing has to be found. Where it does not, the history it
sends leads to the nearest ancestor we know. What is shown, and what is reported, is inherited; progress and line
items never are: progress hangs on a membership in the copy, and the copy's launch names a column of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from lms_tool.lti.history import CONTEXT_HISTORY, LINK_HISTORY, MAX_ANCESTORS, read_history
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.models import Context, Deployment, Placement, Platform, ResourceLink


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a link is to show; ids that are None narrow nothing down. ``report`` None: as the launch says."""

    course_id: str | None = None
    module_id: str | None = None
    activity_id: str | None = None
    report: str | None = None
    inherited: bool = False

    @property
    def ids(self) -> tuple[str | None, str | None, str | None]:
        return self.course_id, self.module_id, self.activity_id


_SHOWN = (ResourceLink.course_id, ResourceLink.module_id, ResourceLink.activity_id, ResourceLink.report)


def wanted(db: Connection, known: Any, launch: LtiLaunch) -> Wanted:
    """What the launched link shows, by the first that says so:

    the token's target link, its custom ids, its placement id, what this link inherited before, the link it was
    copied from, a link of the course that was copied. ``known`` is the row of ``placements``. Nothing: the course
    that an unplaced launch shows.
    """
    target, custom = launch.target, launch.custom
    if target.course or target.module or target.activity:
        return Wanted(target.course, target.module, target.activity)
    named = Wanted(custom.get("course_id"), custom.get("module_id"), custom.get("activity_id"))
    if any(named.ids):
        return named
    if (placed := _placed(db, known, custom.get("placement_id"))) is not None:
        return placed
    if known.link_id is not None:
        # A link that was edited in the LMS until it names nothing shows the whole course again: only what was
        # inherited stays, for there the LMS never said anything.
        return _inherited(known) if known.inherited else Wanted()
    assert launch.resource_link is not None
    return (
        _from_links(db, known.deployment_id, read_history(custom.get(LINK_HISTORY)))
        or from_contexts(db, known.deployment_id, _contexts(known, launch), launch.resource_link.title or "")
        or Wanted()
    )


def remember(db: Connection, known: Any, context_id: int, link_id: int, launch: LtiLaunch) -> None:
    """Keep the histories of a launch; one that brings none leaves what is known, for a notice may have told it."""
    of_context = _contexts(known, launch) if launch.context else []
    if of_context and of_context != known.context_ancestors:
        db.execute(update(Context).where(Context.id == context_id).values(ancestors=of_context))
    of_link = read_history(launch.custom.get(LINK_HISTORY))
    if of_link and of_link != known.link_ancestors:
        db.execute(update(ResourceLink).where(ResourceLink.id == link_id).values(ancestors=of_link))


def descend(db: Connection, context_id: int, origins: Sequence[str], since: datetime) -> None:
    """A notice says that context ``context_id`` was copied from ``origins`` at ``since``.

    Their own ancestors come after them, then what was known before. Links that were opened between the copying and
    this notice, and so show the whole course, inherit now.
    """
    row = db.execute(
        select(Context.deployment_id, Context.lti_id, Context.ancestors).where(Context.id == context_id)
    ).one()
    older = db.execute(
        select(Context.lti_id, Context.ancestors).where(
            Context.deployment_id == row.deployment_id, Context.lti_id.in_(origins), Context.kind == "context"
        )
    ).all()
    of_origin = {one.lti_id: one.ancestors or [] for one in older}
    line = [
        *origins,
        *(one for origin in origins for one in of_origin.get(origin, [])),
        *(row.ancestors or []),
    ]
    ancestors = [one for one in dict.fromkeys(line) if one != row.lti_id][:MAX_ANCESTORS]
    db.execute(update(Context).where(Context.id == context_id).values(ancestors=ancestors))
    early = db.execute(
        select(ResourceLink.id, ResourceLink.title).where(
            ResourceLink.context_id == context_id,
            ResourceLink.created_at >= since,
            ResourceLink.module_id.is_(None),
            ResourceLink.activity_id.is_(None),
            ResourceLink.inherited.is_(False),
        )
    ).all()
    for link_id, title in early:
        found = from_contexts(db, row.deployment_id, ancestors, title)
        if found is not None and found.course_id is not None:
            values = {"module_id": found.module_id, "activity_id": found.activity_id, "report": found.report}
            db.execute(
                update(ResourceLink)
                .where(ResourceLink.id == link_id)
                .values(course_id=found.course_id, inherited=True, **values)
            )


def from_contexts(db: Connection, deployment_id: int, ancestors: Sequence[str], title: str) -> Wanted | None:
    """What a link called ``title`` showed in the nearest of these contexts that we know.

    Links of one name that show different things say only what they have in common: their course, if that. The same
    goes for a context without a link of this name. None: nothing is known of any of them.
    """
    if not ancestors:
        return None
    rows = db.execute(
        select(Context.lti_id, ResourceLink.title, *_SHOWN)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(
            Context.deployment_id == deployment_id,
            Context.kind == "context",
            Context.lti_id.in_(ancestors),
        )
        .order_by(ResourceLink.id)
    ).all()
    for ancestor in ancestors:
        links = [row for row in rows if row.lti_id == ancestor]
        if links:
            return _common([row for row in links if row.title == title] or links)
    return None


def _common(links: Sequence[Any]) -> Wanted | None:
    """What all these links show alike."""
    shown = {_inherited(row) for row in links}
    if len(shown) == 1:
        return shown.pop()
    courses = {one.course_id for one in shown}
    return Wanted(courses.pop(), inherited=True) if len(courses) == 1 else None


def _from_links(db: Connection, deployment_id: int, ancestors: Sequence[str]) -> Wanted | None:
    if not ancestors:
        return None
    rows = db.execute(
        select(ResourceLink.lti_id, *_SHOWN)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(Context.deployment_id == deployment_id, ResourceLink.lti_id.in_(ancestors))
        .order_by(ResourceLink.id.desc())
    ).all()
    nearest = {row.lti_id: row for row in rows}
    return next((_inherited(nearest[one]) for one in ancestors if one in nearest), None)


def _placed(db: Connection, known: Any, placement_id: str | None) -> Wanted | None:
    """What was placed under this id, by anybody of the same tenant: a course may be restored on another platform."""
    if not placement_id:
        return None
    own = Platform.tenant_id == known.tenant_id
    row = db.execute(
        select(Placement.course_id, Placement.module_id, Placement.activity_id, Placement.report)
        .join(Deployment, Deployment.id == Placement.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(Placement.id == placement_id, own)
    ).first()
    if row is None:
        row = db.execute(
            select(*_SHOWN)
            .join(Context, Context.id == ResourceLink.context_id)
            .join(Deployment, Deployment.id == Context.deployment_id)
            .join(Platform, Platform.id == Deployment.platform_id)
            .where(
                ResourceLink.placement_id == placement_id[:64], ResourceLink.id != (known.link_id or 0), own
            )
            .order_by(ResourceLink.id)
            .limit(1)
        ).first()
    return None if row is None else _inherited(row)


def _inherited(row: Any) -> Wanted:
    return Wanted(row.course_id, row.module_id, row.activity_id, row.report, inherited=True)


def _contexts(known: Any, launch: LtiLaunch) -> list[str]:
    """Ancestors of the launched context: as the launch says, or as a notice said."""
    return read_history(launch.custom.get(CONTEXT_HISTORY)) or list(known.context_ancestors or ())
