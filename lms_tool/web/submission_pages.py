"""Worksheets that were handed in: from what is stored to what coaches see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lms_tool.content.worksheet import Worksheet
from lms_tool.errors import Text
from lms_tool.learning import worksheets as entries
from lms_tool.services.members import Member
from lms_tool.services.reviews import Line
from lms_tool.services.worksheets import Handed
from lms_tool.web.pages import Frame, Link, Notice, SheetState, SubmissionPage, SubmissionRow, SubmissionsPage
from lms_tool.web.room import Room
from lms_tool.web.worksheet_forms import to_read
from lms_tool.web.worksheet_pages import events, sheet_state

OWN = (
    Text("Das ist Ihr eigenes Arbeitsblatt.", "This is your own worksheet."),
    Text("Darüber entscheidet jemand anders.", "Somebody else decides about it."),
)


def submission_url(room: Room, membership_id: int, activity_id: str, number: int) -> str:
    return f"{room.base}members/{membership_id}/a/{activity_id}/s/{number}"


def submission_rows(
    room: Room, lines: Sequence[Line], people: Sequence[Member], *, own: bool = False
) -> tuple[SubmissionRow, ...]:
    """Lines of people who are still known; ``own``: they lead to the worksheet itself."""
    by_membership = {one.membership_id: one for one in people if one.membership_id is not None}
    rows = []
    for line in lines:
        member = by_membership.get(line.membership_id)
        known = room.course.by_activity.get(line.activity_id)
        if member is None or known is None:
            continue
        module, activity = known
        url = submission_url(room, line.membership_id, line.activity_id, line.number)
        rows.append(
            SubmissionRow(
                title=activity.title,
                url=room.link(activity).url if own else url,
                name=member.name,
                pseudonym=member.pseudonym,
                number=line.number,
                state=SheetState.HANDED_IN if line.decision is None else SheetState(line.decision.value),
                module=module.title,
            )
        )
    return tuple(rows)


def submissions_page(
    room: Room, lines: Sequence[Line], people: Sequence[Member], *, may_decide: bool
) -> SubmissionsPage:
    waiting = [line for line in lines if line.decision is None]
    others = [line for line in lines if line.decision is not None]
    members_url = f"{room.base}members"
    return SubmissionsPage(
        frame=_frame(room, Link(_name(room))),
        waiting=submission_rows(room, waiting, people),
        others=submission_rows(room, others, people),
        members_url=members_url,
        may_decide=may_decide,
    )


def submission_page(
    room: Room,
    member: Member,
    membership_id: int,
    activity_id: str,
    title: str,
    form: Worksheet,
    handed: Sequence[Handed],
    number: int,
    *,
    may_decide: bool,
    own: bool = False,
    comment: str | None = None,
    remarks: Mapping[str, str] | None = None,
    problem: Text | None = None,
) -> SubmissionPage:
    """Submission ``number``; ``own``: the reader's, who does not decide about it.

    ``comment`` and ``remarks`` are what a refused form held.
    """
    shown = next(one for one in handed if one.number == number)
    newest = shown is handed[-1]
    open_ = may_decide and not own and newest and shown.decision is None

    def url(wanted: int) -> str:
        return submission_url(room, membership_id, activity_id, wanted)

    list_url = f"{room.base}members/worksheets"
    frame = _frame(room, Link(_name(room), list_url), Link(title))
    return SubmissionPage(
        frame=replace(frame, notices=(Notice(*OWN),)) if own else frame,
        title=title,
        name=member.name,
        pseudonym=member.pseudonym,
        number=number,
        state=sheet_state(shown),
        sections=to_read(
            form,
            entries.normalise(form, shown.content),
            shown.remarks if remarks is None else remarks,
            room.html,
            remark_names=open_,
        ),
        action_url=url(number) if open_ else "",
        comment=shown.comment if comment is None else comment,
        reviewer=shown.reviewer,
        problem=problem,
        trail=events(handed),
        checks=tuple(map(room.html, form.checks)),
        older=tuple(Link(str(one.number), url(one.number)) for one in handed if one is not shown),
        list_url=list_url,
        newest=newest,
    )


def _frame(room: Room, *trail: Link) -> Frame:
    """Without the notices about one's own learning: they have no place here."""
    return replace(room.frame(*room.beside(), *trail), notices=(), own_row_url="")


def _name(room: Room) -> str:
    return "Eingereichte Arbeitsblätter" if room.found.locale == "de" else "Worksheets handed in"
