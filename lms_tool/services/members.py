"""Who is in an LMS course and how far they are, as its teachers may see it. No times, no order but the alphabet."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, select

from lms_tool.content.course import Course
from lms_tool.lti.roles import Role
from lms_tool.models import Membership, MemberStatus, Person, Progress, Roster, RosterEntry


@dataclass(frozen=True, slots=True)
class Member:
    """One person in a context: from the roster, from their own launch, or both."""

    name: str  # "" where the LMS names nobody: then ``pseudonym`` stands for it
    family_first: str  # the name to sort by, and to show in a list
    pseudonym: str
    role: Role
    status: MemberStatus
    since: datetime | None  # of the status; None for who is in no roster
    listed: bool  # stands in the roster
    launched: bool
    begun: bool = False
    modules_done: int = 0
    completed: bool = False
    membership_id: int | None = None  # None: never launched


@dataclass(frozen=True, slots=True)
class RosterState:
    """How the roster was read last."""

    synced_at: datetime | None
    full_at: datetime | None
    next_at: datetime | None
    problem: str | None
    skipped: int


def state(db: Connection, context_id: int) -> RosterState | None:
    """None: the LMS offers no roster for this context, as far as we know."""
    names = ("synced_at", "full_at", "next_at", "problem", "skipped")
    row = db.execute(
        select(*(getattr(Roster, name) for name in names)).where(Roster.context_id == context_id)
    ).first()
    return None if row is None else RosterState(*row)


def sub_of(db: Connection, person_id: int) -> str:
    """What the platform calls a person."""
    return str(db.execute(select(Person.sub).where(Person.id == person_id)).scalar_one())


def in_context(
    db: Connection, context_id: int, course: Course, only: Collection[str] | None = None
) -> list[Member]:
    """Everybody in the context, in alphabetical order; with ``only``: those of these subs.

    People are matched by the platform's id alone: names are no key (NR-10).
    """
    entries = select(*_ENTRY).where(RosterEntry.context_id == context_id)
    visitors = _visitors(context_id, course)
    if only is not None:
        entries = entries.where(RosterEntry.user_id.in_(only))
        visitors = visitors.where(Person.sub.in_(only))
    listed = {row.user_id: row for row in db.execute(entries)}
    here = {row.sub: row for row in db.execute(visitors)}
    members = [_member(context_id, sub, listed.get(sub), here.get(sub)) for sub in {**listed, **here}]
    return sorted(members, key=lambda one: (not one.name, _sort_key(one.family_first), one.pseudonym))


_ENTRY = [
    getattr(RosterEntry, name)
    for name in ("user_id", "name", "given_name", "family_name", "role", "status", "status_since")
]


def _visitors(context_id: int, course: Course) -> Any:
    """Who launched in the context, with what is stored of their progress in the course."""
    modules = [module.id for module in course.modules]
    done = Progress.completed_at.is_not(None)
    progress = (
        select(
            Progress.membership_id,
            func.count().label("steps"),
            func.count(case((and_(Progress.kind == "module", done, Progress.item_id.in_(modules)), 1))).label(
                "modules"
            ),
            func.count(case((and_(Progress.kind == "course", done), 1))).label("courses"),
        )
        .join(Membership, Membership.id == Progress.membership_id)
        .where(Membership.context_id == context_id, Progress.course_id == course.id)
        .group_by(Progress.membership_id)
        .subquery()
    )
    return (
        select(
            Person.sub,
            Person.name,
            Person.given_name,
            Person.family_name,
            Membership.id.label("membership_id"),
            Membership.role,
            progress.c.steps,
            progress.c.modules,
            progress.c.courses,
        )
        .join(Membership, Membership.person_id == Person.id)
        .outerjoin(progress, progress.c.membership_id == Membership.id)
        .where(Membership.context_id == context_id)
    )


def _member(context_id: int, sub: str, entry: Row[Any] | None, visitor: Row[Any] | None) -> Member:
    name, family_first = _names(entry)
    if not name:
        name, family_first = _names(visitor)
    # Moodle's roster calls a tutor a learner, the launch an instructor: who launched has the launch's role.
    role = visitor.role if visitor is not None else entry.role if entry is not None else Role.LEARNER
    return Member(
        name=name,
        family_first=family_first,
        pseudonym=pseudonym(context_id, sub),
        role=Role(role),
        status=MemberStatus(entry.status) if entry is not None else MemberStatus.ACTIVE,
        since=entry.status_since if entry is not None else None,
        listed=entry is not None,
        launched=visitor is not None,
        begun=visitor is not None and bool(visitor.steps),
        modules_done=(visitor.modules or 0) if visitor is not None else 0,
        completed=visitor is not None and bool(visitor.courses),
        membership_id=visitor.membership_id if visitor is not None else None,
    )


def pseudonym(context_id: int, sub: str) -> str:
    """Five signs that stand for a person without a name in one course, and say nothing elsewhere."""
    digest = hashlib.sha256(f"{context_id}\0{sub}".encode()).digest()
    return b32encode(digest)[:5].decode()


def _names(row: Row[Any] | None) -> tuple[str, str]:
    """A full name, and the same with the family name in front, as German lists have it."""
    if row is None:
        return "", ""
    given, family = (row.given_name or "").strip(), (row.family_name or "").strip()
    name = (row.name or "").strip() or f"{given} {family}".strip()
    if given and family:
        return name, f"{family}, {given}"
    return name, name


def _sort_key(name: str) -> str:
    """Order of German dictionaries (DIN 5007-1): umlauts as their base letters."""
    return name.casefold().translate(str.maketrans("äöü", "aou"))
