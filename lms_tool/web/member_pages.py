"""From members and the state of their roster to what the templates show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lms_tool import http
from lms_tool.lti import links, nrps, service
from lms_tool.lti.roles import Role
from lms_tool.models import MemberStatus
from lms_tool.services.members import Member, RosterState
from lms_tool.services.reviews import Line
from lms_tool.web.pages import Frame, Link, MembersPage, OwnRowPage
from lms_tool.web.pages.members import Left, MemberGroup, MemberRow, RosterLine, Standing
from lms_tool.web.room import Room
from lms_tool.web.submission_pages import submission_rows

ROWS = 100  # on a page
_LEFT = {
    MemberStatus.ACTIVE: Left.NO,
    MemberStatus.INACTIVE: Left.INACTIVE,
    MemberStatus.DELETED: Left.DELETED,
}
# What a roster's ``problem`` means; the same words as everywhere else.
_PROBLEMS = {
    error.code: error
    for error in (
        nrps.RosterUnreadable,
        nrps.RosterTooLarge,
        nrps.RosterForbidden,
        nrps.RosterGone,
        nrps.RosterBusy,
        nrps.RosterUnavailable,
        links.PagingRefused,
        links.PagingLoop,
        service.TokenRefused,
        service.TokenUnavailable,
        service.TokenAnswerInvalid,
        http.AddressNotAllowed,
        http.ConnectFailed,
        http.TlsFailed,
        http.TimedOut,
        http.AnswerLost,
    )
}


def members_page(
    room: Room,
    people: Sequence[Member],
    roster: RosterState | None,
    number: int,
    now: datetime,
    *,
    everybody: bool,
    sheets: Sequence[Line] = (),
) -> MembersPage:
    """Page ``number`` (from 1) of the people; ``everybody``: not only those whom a mentor looks after."""
    has_roster = roster is not None and roster.full_at is not None
    ordered = [(kind, one) for kind in ("learners", "left", "others") for one in people if _kind(one) == kind]
    pages = max(1, -(-len(ordered) // ROWS))
    number = min(max(1, number), pages)
    start = (number - 1) * ROWS
    shown = ordered[start : start + ROWS]
    here = f"{room.base}members"
    several = pages > 1
    return MembersPage(
        frame=_frame(room, "Teilnehmende"),
        groups=tuple(
            MemberGroup(
                kind=kind,
                total=sum(other == kind for other, _ in ordered),
                rows=tuple(_row(room, one, has_roster) for other, one in shown if other == kind),
            )
            for kind in dict.fromkeys(kind for kind, _ in shown)
        ),
        here_url=here,
        roster=_roster_line(roster, here, now) if everybody else None,
        first=start + 1 if several else 0,
        last=start + len(shown),
        total=len(ordered),
        previous=Link("", f"{here}?page={number - 1}") if number > 1 else None,
        next=Link("", f"{here}?page={number + 1}") if number < pages else None,
        waiting=submission_rows(room, [one for one in sheets if one.decision is None], people),
        submissions_url=f"{here}/worksheets" if sheets else "",
        may_decide=everybody,
    )


def own_row_page(
    room: Room, myself: Member, roster: RosterState | None, sheets: Sequence[Line] = ()
) -> OwnRowPage:
    has_roster = roster is not None and roster.full_at is not None
    return OwnRowPage(
        frame=_frame(room, "Eigene Zeile"),
        row=_row(room, myself, has_roster),
        sheets=submission_rows(room, sheets, [myself], own=True),
    )


def _frame(room: Room, title: str) -> Frame:
    """Without the notices of the course: they are about learning here, not about people.

    The template says the page's name in its own language.
    """
    return replace(room.frame(*room.beside(), Link(title)), notices=(), own_row_url="")


def _kind(member: Member) -> str:
    if member.role is not Role.LEARNER:
        return "others"
    return "learners" if member.status is MemberStatus.ACTIVE else "left"


def _row(room: Room, member: Member, has_roster: bool) -> MemberRow:
    away = member.status is not MemberStatus.ACTIVE
    return MemberRow(
        name=member.family_first,
        pseudonym=member.pseudonym,
        standing=_standing(member),
        done=member.modules_done,
        of=len(room.course.modules),
        left=_LEFT[member.status],
        since=member.since if away else None,
        unlisted=has_roster and not member.listed,
    )


def _standing(member: Member) -> Standing:
    if member.role is not Role.LEARNER:
        return Standing.NONE
    if not member.launched:
        return Standing.NOT_STARTED
    if member.completed:
        return Standing.DONE
    return Standing.BEGUN if member.begun else Standing.STARTED


def _roster_line(roster: RosterState | None, here: str, now: datetime) -> RosterLine:
    if roster is None:
        return RosterLine(offered=False)
    reading = roster.next_at is not None and roster.next_at <= now
    problem = None
    if roster.problem is not None and not reading:
        problem = _PROBLEMS.get(roster.problem.split(":")[0], nrps.RosterUnavailable)
    return RosterLine(
        offered=True,
        update_url="" if reading else f"{here}/update",
        synced_at=roster.synced_at,
        reading=reading,
        problem=problem.text if problem else None,
        remedy=problem.remedy if problem else None,
        skipped=roster.skipped,
    )
