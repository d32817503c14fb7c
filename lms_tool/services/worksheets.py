"""Worksheets as their owner has them: draft, hand-in, and what came back. Each verb is one transaction, safe to repeat.

Who has a worksheet now follows from its newest submission: undecided, it lies with the coach and nothing can be
changed; returned, it is the owner's again; accepted, it is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from lms_tool.content.course import Activity, CompletionRule, Course
from lms_tool.content.worksheet import Worksheet
from lms_tool.database import insert
from lms_tool.errors import Text, ToolError
from lms_tool.learning import Phase
from lms_tool.learning.worksheets import Content, Problem, problems, without_empty_rows
from lms_tool.models import Membership, Person, Progress, Submission, Work
from lms_tool.services import lessons, works
from lms_tool.services.lessons import Learner
from lms_tool.services.sessions import display_name


class Decision(StrEnum):
    RETURNED = "returned"
    ACCEPTED = "accepted"


class WorksheetWithCoach(ToolError):
    code = "worksheet_with_coach"
    status = 409
    text = Text(
        "Dieses Arbeitsblatt liegt schon zur Durchsicht.",
        "This worksheet has already been handed in for review.",
    )
    remedy = Text(
        "Ändern können Sie es wieder, wenn Ihre Lotsin oder Ihr Lotse es zurückgibt. Was Sie zuletzt eingereicht "
        "haben, ist gespeichert.",
        "You can change it again when your coach returns it. What you handed in last is saved.",
    )


class WorksheetAccepted(ToolError):
    code = "worksheet_accepted"
    status = 409
    text = Text("Dieses Arbeitsblatt ist schon angenommen.", "This worksheet has already been accepted.")
    remedy = Text(
        "Es lässt sich nicht mehr ändern. Sie können es jederzeit lesen.",
        "It can no longer be changed. You can read it at any time.",
    )


@dataclass(frozen=True, slots=True)
class Handed:
    """A worksheet as it was handed in, with what became of it."""

    number: int  # from 1
    revision_id: int  # of the form that was filled in
    content: Content
    handed_in_at: datetime
    decision: Decision | None = None  # None: nobody has decided yet
    decided_at: datetime | None = None
    reviewer: str = ""  # name; "" where it is not known
    comment: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)  # by field id


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of handing in. With ``problems`` only the draft was saved."""

    problems: tuple[Problem, ...] = ()
    due: Set[int] = frozenset()  # platforms that have a grade to receive


def handed(db: Connection, membership_id: int | None, course_id: str, activity_id: str) -> list[Handed]:
    """Everything this person handed in here, oldest first."""
    if membership_id is None:
        return []
    rows = db.execute(
        select(
            Submission.number,
            Submission.revision_id,
            Submission.content,
            Submission.handed_in_at,
            Submission.decision,
            Submission.decided_at,
            Submission.comment,
            Submission.remarks,
            Person.name,
            Person.given_name,
            Person.family_name,
        )
        .outerjoin(Person, Person.id == Submission.reviewer_id)
        .where(
            Submission.membership_id == membership_id,
            Submission.course_id == course_id,
            Submission.activity_id == activity_id,
        )
        .order_by(Submission.number)
    )
    return [_handed(row) for row in rows]


def save(
    db: Connection,
    learner: Learner,
    course: Course,
    activity: Activity,
    content: Content,
    version: int | None,
    now: datetime,
) -> int:
    """Keep a draft; returns its new version. ``version`` None: over whatever was saved before.

    Raises:
        ActivityLocked, WorkChanged: see ``works.save``.
        WorksheetWithCoach, WorksheetAccepted: it can't be changed now.
    """
    hold(db, learner.membership_id)
    _require_mine(_newest(db, learner, course, activity))
    return _keep(db, learner, course, activity, content, version, now)


def hand_in(
    db: Connection,
    learner: Learner,
    course: Course,
    revision_id: int,
    activity: Activity,
    content: Content,
    version: int,
    now: datetime,
) -> Outcome:
    """Give it to the coach if it is complete; the draft is saved either way. The same click twice changes nothing.

    Raises:
        ActivityLocked, WorkChanged: see ``works.save``.
        WorksheetWithCoach, WorksheetAccepted: another state of it was handed in already.
    """
    sheet = activity.content
    assert isinstance(sheet, Worksheet)
    whole = without_empty_rows(sheet, content)
    hold(db, learner.membership_id)
    newest = _newest(db, learner, course, activity)
    if newest is not None and newest.decision is None and newest.content == whole:
        return Outcome()
    _require_mine(newest)
    _keep(db, learner, course, activity, content, version, now)
    if found := problems(sheet, content):
        return Outcome(found)
    db.execute(
        insert(db, Submission).values(
            membership_id=learner.membership_id,
            course_id=course.id,
            activity_id=activity.id,
            number=1 if newest is None else newest.number + 1,
            revision_id=revision_id,
            content=whole,
            handed_in_at=now,
        )
    )
    note_phase(db, learner.membership_id, course.id, activity.id, Phase.HANDED_IN, now)
    if activity.completion is CompletionRule.HANDED_IN:
        lessons.complete(db, learner, course, "activity", activity.id, now)
    return Outcome(due=lessons.settle(db, learner, course, now))


def drafts(db: Connection, membership_id: int | None, course_id: str) -> dict[str, Content]:
    """Everything this person is working on in the course, by activity: their own eyes only."""
    if membership_id is None:
        return {}
    rows = db.execute(
        select(Work.activity_id, Work.content).where(
            Work.membership_id == membership_id, Work.course_id == course_id
        )
    )
    return {row.activity_id: row.content for row in rows}


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest submission of one worksheet."""

    number: int
    decision: Decision | None
    content: Content


def newest(db: Connection, membership_id: int | None, course_id: str) -> dict[str, Newest]:
    """The newest submission of each worksheet this person handed in, by activity."""
    if membership_id is None:
        return {}
    rows = db.execute(
        select(Submission.activity_id, Submission.number, Submission.decision, Submission.content)
        .where(Submission.membership_id == membership_id, Submission.course_id == course_id)
        .order_by(Submission.number)
    )
    return {
        activity_id: Newest(number, Decision(decision) if decision else None, content)
        for activity_id, number, decision, content in rows
    }


def hold(db: Connection, membership_id: int) -> None:
    """One step of one person at a time: what follows reads a state that stays until the commit."""
    db.execute(select(Membership.id).where(Membership.id == membership_id).with_for_update(key_share=True))


def note_phase(
    db: Connection, membership_id: int, course_id: str, activity_id: str, phase: Phase | None, now: datetime
) -> None:
    """Write down who has the worksheet now; None: nobody, it is accepted."""
    db.execute(
        insert(db, Progress)
        .values(
            membership_id=membership_id,
            course_id=course_id,
            kind="activity",
            item_id=activity_id,
            begun_at=now,
            phase=phase,
        )
        .on_conflict_do_update(
            index_elements=["membership_id", "course_id", "kind", "item_id"], set_={"phase": phase}
        )
    )


def merge(db: Connection, old: int, new: int, now: datetime) -> None:
    """Move what one membership worked on and handed in to another one of the same person.

    Where both have something, the newer draft stays; what the old one handed in comes before the new one's.
    """
    key = (Work.course_id, Work.activity_id)
    there = {(row.course_id, row.activity_id): row for row in db.execute(_works(new)).all()}
    for row in db.execute(_works(old)).all():
        here = row.course_id, row.activity_id
        known = there.get(here)
        values = {"content": row.content, "version": row.version + 1, "saved_at": row.saved_at}
        if known is None:
            db.execute(
                insert(db, Work).values(
                    membership_id=new, course_id=row.course_id, activity_id=row.activity_id, **values
                )
            )
        elif known.saved_at < row.saved_at:
            values["version"] = max(known.version, row.version) + 1
            db.execute(
                update(Work)
                .where(
                    Work.membership_id == new, *(one == value for one, value in zip(key, here, strict=True))
                )
                .values(**values)
            )
        _merge_submissions(db, old, new, *here, now)


def _works(membership_id: int) -> Any:
    return select(Work.course_id, Work.activity_id, Work.content, Work.version, Work.saved_at).where(
        Work.membership_id == membership_id
    )


def _merge_submissions(
    db: Connection, old: int, new: int, course_id: str, activity_id: str, now: datetime
) -> None:
    of_sheet = Submission.course_id == course_id, Submission.activity_id == activity_id
    before = db.scalar(select(func.max(Submission.number)).where(Submission.membership_id == old, *of_sheet))
    if before is None:
        return
    ids = db.scalars(
        select(Submission.id)
        .where(Submission.membership_id == new, *of_sheet)
        .order_by(Submission.number.desc())
    ).all()
    for id_ in ids:  # from the last one: each number must be free
        db.execute(update(Submission).where(Submission.id == id_).values(number=Submission.number + before))
    db.execute(update(Submission).where(Submission.membership_id == old, *of_sheet).values(membership_id=new))
    decision = db.scalars(
        select(Submission.decision)
        .where(Submission.membership_id == new, *of_sheet)
        .order_by(Submission.number.desc())
        .limit(1)
    ).one()
    phases = {None: Phase.HANDED_IN, Decision.RETURNED: Phase.RETURNED, Decision.ACCEPTED: None}
    note_phase(db, new, course_id, activity_id, phases[Decision(decision) if decision else None], now)


def _newest(db: Connection, learner: Learner, course: Course, activity: Activity) -> Newest | None:
    return newest(db, learner.membership_id, course.id).get(activity.id)


def _require_mine(last: Newest | None) -> None:
    """Raises WorksheetWithCoach, WorksheetAccepted."""
    if last is None or last.decision is Decision.RETURNED:
        return
    raise WorksheetWithCoach() if last.decision is None else WorksheetAccepted()


def _keep(
    db: Connection,
    learner: Learner,
    course: Course,
    activity: Activity,
    content: Content,
    version: int | None,
    now: datetime,
) -> int:
    sheet = activity.content
    assert isinstance(sheet, Worksheet)
    there = works.load(db, learner.membership_id, course.id, activity.id)
    # What an older form asked for stays: a later one may ask for it again.
    asked = {one.id for one in sheet.fields()}
    kept = {key: value for key, value in (there.content if there else {}).items() if key not in asked}
    if version is None:
        version = there.version if there else 0
    return works.save(db, learner, course, activity, kept | content, version, now)


def _handed(row: Row[Any]) -> Handed:
    return Handed(
        number=row.number,
        revision_id=row.revision_id,
        content=row.content,
        handed_in_at=row.handed_in_at,
        decision=Decision(row.decision) if row.decision else None,
        decided_at=row.decided_at,
        reviewer=display_name(row.name, row.given_name, row.family_name),
        comment=row.comment or "",
        remarks=row.remarks or {},
    )
