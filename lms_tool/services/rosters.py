"""The roster of an LMS course: when it is read next, and what a reading changes. Talks no HTTP.

A row of ``Roster`` is the truth about what is to be read; whoever reads holds its lease. Only the address that a
launch named is ever read: Moodle would give a tool the members of any course. Nothing is read for a course in which
nobody is there to look at it: reading begins with the first launch of staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update
from sqlalchemy import insert as core_insert

from lms_tool.database import insert
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.lti.nrps import Member, MemberStatus, RosterBusy
from lms_tool.models import Context, Deployment, Platform, Roster, RosterEntry, Status
from lms_tool.services.platforms import REGISTERED, Registered

LEASE = timedelta(minutes=5)  # longer than a reading may take
FRESH = timedelta(minutes=10)  # a launch of staff wants nothing newer
JUST_NOW = timedelta(seconds=30)  # nor does a second press of the button
TRUSTED = timedelta(days=7)  # how long differences are believed before everything is read again
IN_USE = timedelta(days=60)  # since the newest launch; then the course is over
NIGHT = 1, 3  # begins at this hour (UTC), spreads over so many
TOUCH = timedelta(days=1)  # how exactly the newest launch is known
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """A roster to be read now, and until when that is ours alone."""

    context_id: int
    platform: Registered
    url: str
    differences_url: str | None  # None: everything is read
    failures: int
    lease: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What a reading brought. ``complete``: the whole roster, not only what changed."""

    members: Mapping[str, Member]
    skipped: int
    complete: bool
    differences_url: str | None


def keep(
    db: Connection, known: Any, platform_id: int, context_id: int, launch: LtiLaunch, now: datetime
) -> bool:
    """Remember where the launch says the roster is; True if it is to be read now.

    ``known`` has what is stored: ``roster_url`` and ``roster_launched_at``, None if nothing is.
    """
    if launch.nrps is None or launch.context is None:
        return False  # CLM-67; without a context there are no members
    url = launch.nrps.url
    if known.roster_url is None:
        if not launch.role.is_staff:
            return False
        made = db.execute(
            insert(db, Roster)
            .values(context_id=context_id, platform_id=platform_id, url=url, launched_at=now, next_at=now)
            .on_conflict_do_nothing()
            .returning(Roster.context_id)
        ).scalar()
        return made is not None
    here = Roster.context_id == context_id
    if known.roster_url != url:
        db.execute(update(Roster).where(here).values(url=url, differences_url=None, launched_at=now))
        # What stood against the old address says nothing about the new one; a pause is about the platform.
        trouble = Roster.problem.is_not(None) & (Roster.problem != RosterBusy.code)
        db.execute(
            update(Roster)
            .where(here, trouble)
            .values(problem=None, failures=0, next_at=tonight(now, context_id))
        )
    elif now - known.roster_launched_at >= TOUCH:
        db.execute(update(Roster).where(here).values(launched_at=now))
    return launch.role.is_staff and ask(db, context_id, now)


def welcome(
    db: Connection, entry_status: str | None, context_id: int, sub: str | None, now: datetime
) -> None:
    """Somebody launches whom the roster had lost: the LMS lets them in, so they are there."""
    if entry_status in (None, MemberStatus.ACTIVE):
        return
    db.execute(
        update(RosterEntry)
        .where(RosterEntry.context_id == context_id, RosterEntry.user_id == sub)
        .values(status=MemberStatus.ACTIVE, status_since=now)
    )


def ask(db: Connection, context_id: int, now: datetime, *, by_hand: bool = False) -> bool:
    """Have the roster read now, unless that was just done, failed or was forbidden; True if it will be.

    ``by_hand``: somebody pressed the button, so only a pause that the platform asked for stands against it.
    """
    at_rest = or_(Roster.problem.is_(None), Roster.problem != RosterBusy.code, Roster.next_at <= now)
    since = now - (JUST_NOW if by_hand else FRESH)
    old = or_(Roster.synced_at.is_(None), Roster.synced_at <= since, Roster.problem.is_not(None))
    wanted = [Roster.context_id == context_id, at_rest, old]
    if not by_hand:
        wanted.append(Roster.problem.is_(None))
    return bool(db.execute(update(Roster).where(*wanted).values(next_at=now)).rowcount)


def waiting(db: Connection, now: datetime) -> list[int]:
    """Contexts whose roster is due and is not being read, the longest overdue first."""
    return list(db.scalars(select(Roster.context_id).where(_due(now)).order_by(Roster.next_at).limit(CHUNK)))


def begin(db: Connection, context_id: int, now: datetime) -> Reading | None:
    """Take the lease of a roster that is due; None if somebody else has it, or nothing is to be done."""
    until = now + LEASE
    taken = db.execute(
        update(Roster).where(Roster.context_id == context_id, _due(now)).values(lease=until)
    ).rowcount
    if not taken:
        return None
    row = db.execute(
        REGISTERED.add_columns(Roster.url, Roster.differences_url, Roster.full_at, Roster.failures)
        .join(Roster, Roster.platform_id == Platform.id)
        .where(Roster.context_id == context_id)
    ).one()
    trusted = row.full_at is not None and now - row.full_at < TRUSTED
    return Reading(
        context_id=context_id,
        platform=Registered(*row[: len(Registered._fields)]),
        url=row.url,
        differences_url=row.differences_url if trusted else None,
        failures=row.failures,
        lease=until,
    )


def finish(db: Connection, reading: Reading, found: Found, now: datetime) -> bool:
    """Write down who is there now, and when to look again; False, and nothing, if the lease is no longer ours."""
    values: dict[str, Any] = {
        "lease": None,
        "synced_at": now,
        "failures": 0,
        "problem": None,
        "skipped": found.skipped,
        "differences_url": found.differences_url,
        "next_at": tonight(now, reading.context_id),
    }
    if found.complete:
        values["full_at"] = now
    if not _conclude(db, reading, values):
        return False
    _retire(db, reading.context_id, now)
    _store(db, reading.context_id, found, now)
    return True


def give_up(
    db: Connection,
    reading: Reading,
    problem: str,
    wait: timedelta | None,
    now: datetime,
    *,
    busy: bool = False,
) -> None:
    """Nothing came of it, and nothing changes. ``wait``: until the next try; None: not before somebody asks.

    ``busy``: the platform asked for that pause, so its other rosters wait, too.
    """
    again = None if wait is None else now + wait
    values = {
        "lease": None,
        "failures": reading.failures + 1,
        "problem": problem,
        "next_at": again,
        "differences_url": None,  # perhaps the trouble was there: next time everything
    }
    if not _conclude(db, reading, values) or not busy:
        return
    db.execute(
        update(Roster)
        .where(Roster.platform_id == reading.platform.id, Roster.next_at < again)
        .values(next_at=again)
    )


def tonight(now: datetime, context_id: int) -> datetime:
    """The next night's turn of a context: not all at once, and each at its own time."""
    hour, hours = NIGHT
    minutes = context_id * 7919 % (hours * 60)
    turn = now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(minutes=minutes)
    return turn if turn > now + timedelta(hours=1) else turn + timedelta(days=1)


def _due(now: datetime) -> Any:
    switched_on = (
        select(Context.id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(
            Context.id == Roster.context_id,
            Deployment.status == Status.ACTIVE,
            Platform.status == Status.ACTIVE,
        )
        .exists()
    )
    free = or_(Roster.lease.is_(None), Roster.lease <= now)
    return and_(Roster.next_at <= now, free, switched_on)


def _conclude(db: Connection, reading: Reading, values: dict[str, Any]) -> bool:
    ours = Roster.context_id == reading.context_id, Roster.lease == reading.lease
    return bool(db.execute(update(Roster).where(*ours).values(**values)).rowcount)


def _retire(db: Connection, context_id: int, now: datetime) -> None:
    """Nobody has been in this course for long: it is read again when somebody comes."""
    db.execute(
        update(Roster)
        .where(Roster.context_id == context_id, Roster.launched_at < now - IN_USE)
        .values(next_at=None)
    )


def _store(db: Connection, context_id: int, found: Found, now: datetime) -> None:
    known = {
        row.user_id: row
        for row in db.execute(select(*_ENTRY, RosterEntry.id).where(RosterEntry.context_id == context_id))
    }
    new, changed = [], []
    for member in found.members.values():
        values = _values(member)
        row = known.get(member.user_id)
        if row is None:
            new.append({**values, "context_id": context_id, "status_since": now, "created_at": now})
        elif any(getattr(row, name) != value for name, value in values.items()):
            since = row.status_since if row.status == member.status else now
            changed.append(
                {f"new_{name}": value for name, value in values.items()} | {"row": row.id, "since": since}
            )
    if new:
        db.execute(core_insert(RosterEntry), new)
    if changed:
        db.execute(_CHANGE, changed)
    # An entry that could not be read may be anybody: then nobody has vanished (NR-15).
    if found.complete and not found.skipped:
        gone = [
            row.id for user_id, row in known.items() if user_id not in found.members and row.status == _ACTIVE
        ]
        for start in range(0, len(gone), CHUNK):
            db.execute(
                update(RosterEntry)
                .where(RosterEntry.id.in_(gone[start : start + CHUNK]))
                .values(status=MemberStatus.INACTIVE, status_since=now)
            )


def _values(member: Member) -> dict[str, Any]:
    return {
        "user_id": member.user_id,
        "name": member.name,
        "given_name": member.given_name,
        "family_name": member.family_name,
        "roles": list(member.roles),
        "role": member.role.value,
        "status": member.status.value,
    }


_ACTIVE = MemberStatus.ACTIVE
_NAMES = ("user_id", "name", "given_name", "family_name", "roles", "role", "status")
_ENTRY = [getattr(RosterEntry, name) for name in (*_NAMES, "status_since")]
_CHANGE = (
    update(RosterEntry.__table__)  # type: ignore[arg-type]
    .where(RosterEntry.__table__.c.id == bindparam("row"))
    .values({name: bindparam(f"new_{name}") for name in _NAMES} | {"status_since": bindparam("since")})
)
