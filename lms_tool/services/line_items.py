"""The column of a placement, as its newest launch speaks of it (AGS 2.0 section 3.1).

A launch that names the column is believed. One that names none, but says where columns are, leaves a row without
address: desired grades are written all the same, and the reconciler finds or makes the column when the first one is
due (``services.columns``). Which of these placements want a grade at all:

- one placed by content selection: as was chosen there;
- one linked by hand: yes, unless its custom parameter says ``report=none``. An LMS that has no switch for «no grade»
  shows such a placement the same way as one whose column is still missing, and a grade that never arrives does more
  harm than a column somebody has to hide;
- without the right to make columns, one may still be found there (several belong to a placement, and the LMS leaves
  it to us to choose). If there is none, nobody is bothered with it.

A column we know stays known when a later launch does not name it: Moodle leaves it out as soon as a placement has two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from lms_tool.database import get_or_make
from lms_tool.lti.claims import SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_SCORE, AgsClaim
from lms_tool.lti.deep_linking import LINE_ITEM_TAG, UNGRADED
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.models import Delivery, Deployment, LineItem, Placement, Score
from lms_tool.services.columns import COLUMN_REASONS
from lms_tool.services.courses import Item

_FINDING = frozenset({SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY})


@dataclass(frozen=True, slots=True)
class Kept:
    new: bool = False  # who is complete already gets the grade now
    due: bool = False  # grades that had no way to go have one now
    notice: str | None = None  # why no grades travel for this placement; shown to staff only


def keep(
    db: Connection, known: Any, platform_id: int, link_id: int, launch: LtiLaunch, item: Item, label: str,
    now: datetime,
) -> Kept:  # fmt: skip
    """Write down what the launch says about its column; ``known`` is the row found for it, with or without one."""
    claim = launch.ags
    if claim is None or SCOPE_SCORE not in claim.scopes:
        return Kept(notice="ags_claim_invalid" if claim is None and launch.ags_problem else "scores_off")
    if launch.custom.get("report") == UNGRADED and known.line_item_id is None:
        return Kept()
    url = claim.lineitem or known.url or ""
    values = {
        "url": url,
        "container_url": claim.lineitems or known.container_url,
        "scopes": sorted(claim.scopes),
        "resource_id": resource_id(item),
    }
    if known.line_item_id is not None:
        changed = {name: getattr(known, name) for name in values} != values
        due = changed and _change(db, known, values, label, now)
        return Kept(due=due, notice=None if url else _missing(claim))
    if not url and not _FINDING & claim.scopes:
        return Kept(notice="no_line_item")
    if not url and (claim.lineitems is None or not _wants_grade(db, platform_id, launch)):
        return Kept(notice="no_line_item" if claim.lineitems is None else None)
    made = get_or_make(
        db,
        LineItem,
        {"resource_link_id": link_id, "purpose": LINE_ITEM_TAG},
        {"platform_id": platform_id, "tag": LINE_ITEM_TAG, "label": label[:255], **values},
    )
    return Kept(new=bool(made), notice=None if url else _missing(claim))


def resource_id(item: Item) -> str:
    """What we call the column there, to find it again; the same in every LMS course and every copy."""
    return item.activity_id or item.module_id or item.course_id


def _missing(claim: AgsClaim) -> str | None:
    return None if SCOPE_LINEITEM in claim.scopes else "no_line_item"


def _change(db: Connection, known: Any, values: dict[str, Any], label: str, now: datetime) -> bool:
    """Take over what is different; whether grades that failed for want of a column may go now."""
    db.execute(
        update(LineItem)
        .where(LineItem.id == known.line_item_id)
        .values(**values, tag=LINE_ITEM_TAG, label=label[:255], looked_up_at=None)
    )
    return bool(
        db.execute(
            update(Score)
            .where(
                Score.line_item_id == known.line_item_id,
                Score.state.in_([Delivery.FAILED, Delivery.DROPPED]),
                Score.reason.in_(COLUMN_REASONS),
            )
            .values(state=Delivery.PENDING, next_try_at=now, tries=0, first_tried_at=None, reason=None)
        ).rowcount
    )


def _wants_grade(db: Connection, platform_id: int, launch: LtiLaunch) -> bool:
    placement_id = (launch.custom.get("placement_id") or "")[:64]
    if not placement_id:
        return True
    graded = db.scalar(
        select(Placement.graded)
        .join(Deployment, Deployment.id == Placement.deployment_id)
        .where(Placement.id == placement_id, Deployment.platform_id == platform_id)
    )
    return graded is not False
