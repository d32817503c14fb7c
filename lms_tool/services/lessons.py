"""A person works through a course: what is recorded, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from lms_tool.content.course import Activity, CompletionRule, Course, Module
from lms_tool.database import insert
from lms_tool.errors import Text, ToolError
from lms_tool.learning import CourseStatus, Phase, Record, Records, State, assess
from lms_tool.models import Membership, Progress
from lms_tool.services import grades


class ActivityLocked(ToolError):
    code = "activity_locked"
    status = 403
    text = Text("Diese Aktivität ist noch nicht offen.", "This activity is not open yet.")
    remedy = Text(
        "Schließen Sie zuerst ab, was auf der Modulseite als Voraussetzung steht.",
        "First complete what the module page lists as prerequisite.",
    )


_RECORDS = select(
    Progress.kind, Progress.item_id, Progress.completed_at, Progress.percent, Progress.phase
).where(Progress.membership_id == bindparam("membership"), Progress.course_id == bindparam("course"))


# kind, item id, completed, best percent, phase of a worksheet
Rows = tuple[tuple[str, str, bool, float | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Learner:
    """Whose progress, where: everything a verb needs to know about the person who acts."""

    membership_id: int
    person_id: int
    context_id: int
    graded: bool  # only learners get grades: a platform refuses them for staff


def rows(db: Connection, membership_id: int | None, course_id: str) -> Rows:
    """What is stored about one membership in one course; nothing without a membership (anonymous)."""
    if membership_id is None:
        return ()
    found = db.execute(_RECORDS, {"membership": membership_id, "course": course_id})
    return tuple(
        (kind, item_id, done_at is not None, percent, phase)
        for kind, item_id, done_at, percent, phase in found
    )


def records(found: Rows) -> Records:
    """The stored rows as the decisions want them."""
    activities: dict[str, Record] = {}
    modules: dict[str, Record] = {}
    course = Record()
    for kind, item_id, completed, percent, phase in found:
        record = Record(completed, percent, Phase(phase) if phase else None)
        if kind == "activity":
            activities[item_id] = record
        elif kind == "module":
            modules[item_id] = record
        else:
            course = record
    return Records(activities, modules, course)


def standing(db: Connection, membership_id: int | None, course: Course) -> CourseStatus:
    """Where the person stands; without a membership (anonymous): at the beginning."""
    return assess(course, records(rows(db, membership_id, course.id)))


def require_open(status: CourseStatus, activity: Activity) -> None:
    """Raises ActivityLocked, with what is missing in the details."""
    found = status.activity(activity.id)
    if found.state is State.LOCKED:
        raise ActivityLocked(activity=activity.id, missing=[part.id for part in found.missing])


def begin(db: Connection, learner: Learner, course: Course, activity: Activity, now: datetime) -> None:
    db.execute(
        insert(db, Progress)
        .values(
            membership_id=learner.membership_id,
            course_id=course.id,
            kind="activity",
            item_id=activity.id,
            begun_at=now,
        )
        .on_conflict_do_nothing()
    )


def finish_lesson(
    db: Connection, learner: Learner, course: Course, activity: Activity, now: datetime
) -> set[int]:
    """The lesson was read to its end. Returns the platforms that have a grade to receive.

    Raises:
        ActivityLocked: prerequisites are not met.
    """
    require_open(standing(db, learner.membership_id, course), activity)
    if activity.completion is CompletionRule.VIEWED:
        complete(db, learner, course, "activity", activity.id, now)
    else:
        begin(db, learner, course, activity, now)
    return settle(db, learner, course, now)


def complete(
    db: Connection, learner: Learner, course: Course, kind: str, item_id: str, now: datetime
) -> None:
    """Mark as complete, once: the first completion's time stays."""
    statement = insert(db, Progress).values(
        membership_id=learner.membership_id,
        course_id=course.id,
        kind=kind,
        item_id=item_id,
        begun_at=now,
        completed_at=now,
    )
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["membership_id", "course_id", "kind", "item_id"],
            set_={"completed_at": now},
            where=Progress.completed_at.is_(None),
        )
    )


def settle(db: Connection, learner: Learner, course: Course, now: datetime) -> set[int]:
    """Draw the conclusions of a recorded step, in its transaction: completions of modules and course, then grades."""
    # Two steps of one person at the same moment must not each conclude from half the picture.
    db.execute(
        select(Membership.id)
        .where(Membership.id == learner.membership_id)
        # Not the stronger lock: what refers to the row (this step's own insert) already holds a share of its key.
        .with_for_update(key_share=True)
    )
    known = records(rows(db, learner.membership_id, course.id))
    status = assess(course, known)
    for module in status.modules:
        stored = known.modules.get(module.module.id)
        if module.state is State.DONE and not (stored and stored.completed):
            complete(db, learner, course, "module", module.module.id, now)
    if status.completed and not known.course.completed:
        complete(db, learner, course, "course", course.id, now)
    if not learner.graded:
        return set()
    return grades.desire(db, learner.person_id, learner.context_id, status, now)


def learners_in(db: Connection, context_id: int, graded_role: str) -> list[Learner]:
    """All learners of a context."""
    rows = db.execute(
        select(Membership.id, Membership.person_id).where(
            Membership.context_id == context_id, Membership.role == graded_role
        )
    )
    return [Learner(membership_id, person_id, context_id, True) for membership_id, person_id in rows]


def following(module: Module, activity_id: str) -> Activity | None:
    """The activity after this one in its module."""
    ids = [activity.id for activity in module.activities]
    position = ids.index(activity_id) + 1
    return module.activities[position] if position < len(ids) else None
