"""Lists of participants: with and without a roster, in all states, long ones, and one's own row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sheet_samples import WAITING, line

from lms_tool.errors import Text
from lms_tool.web.pages import Frame, Link, MembersPage, OwnRowPage, SheetState
from lms_tool.web.pages.members import Left, MemberGroup, MemberRow, RosterLine, Standing
from lms_tool.web.render import Page

READ_AT = datetime(2026, 2, 24, 5, 12, tzinfo=UTC)
LEFT_AT = datetime(2026, 2, 20, 23, 30, tzinfo=UTC)  # in Saxony it is the 21st by then


def row(name: str, standing: Standing = Standing.BEGUN, done: int = 2, **more: object) -> MemberRow:
    return MemberRow(name=name, pseudonym="K7QXB", standing=standing, done=done, of=6, **more)  # type: ignore[arg-type]


def page(*groups: MemberGroup, roster: RosterLine | None, **more: object) -> MembersPage:
    frame = Frame(
        crumbs=(Link("Basis-Befähigung", "/k/_/"), Link("Teilnehmende")),
        person="Jörg Beyer",
        members_url="/k/_/members",
    )
    return MembersPage(frame=frame, groups=groups, here_url="/k/_/members", roster=roster, **more)  # type: ignore[arg-type]


READ = RosterLine(offered=True, update_url="/k/_/members/update", synced_at=READ_AT)
LEARNERS = MemberGroup(
    kind="learners",
    total=6,
    rows=(
        row("Ahnert, Uwe", Standing.DONE, 6),
        row("Bauch, Silke"),
        row("Dietze, Ronny", Standing.NOT_STARTED, 0),
        row("Ebert, Katja", Standing.STARTED, 0, unlisted=True),
        row("<b>Müller-Lüdenscheidt</b>-von-und-zu-Hohenwalde-Oberlichtenbach " * 4),
        row("", Standing.NOT_STARTED, 0),
    ),
)
GONE = MemberGroup(
    kind="left",
    total=2,
    rows=(
        row("Fritzsche, Anja", left=Left.INACTIVE, since=LEFT_AT),
        row("Göhler, Thomas", Standing.NOT_STARTED, 0, left=Left.DELETED, since=LEFT_AT),
    ),
)
OTHERS = MemberGroup(kind="others", total=1, rows=(row("Beyer, Jörg", Standing.NONE, 0),))
PROBLEM = RosterLine(
    offered=True,
    update_url="/k/_/members/update",
    synced_at=READ_AT,
    skipped=1,
    problem=Text("Das LMS gibt die Liste nicht heraus.", "The LMS does not hand out the list."),
    remedy=Text("Bitte schalten Sie den Dienst ein.", "Please switch on the service."),
)
MEMBERS = page(LEARNERS, GONE, OTHERS, roster=READ)
OWN_ROW = OwnRowPage(
    frame=Frame(
        crumbs=(Link("Basis-Befähigung", "/k/_/"), Link("Eigene Zeile")),
        person="Silke Bauch",
    ),
    row=row("Bauch, Silke"),
)
MEMBER_PAGES: dict[str, Page] = {
    "members": MEMBERS,
    "members_problem": page(LEARNERS, roster=PROBLEM),
    "members_reading": page(roster=RosterLine(offered=True, reading=True)),
    "members_no_roster": page(LEARNERS, roster=RosterLine(offered=False)),
    "members_mentor": page(LEARNERS, roster=None),
    "members_many": page(
        LEARNERS,
        roster=READ,
        first=101,
        last=200,
        total=250,
        previous=Link("", "/k/_/members?page=1"),
        next=Link("", "/k/_/members?page=3"),
    ),
    "own_row": OWN_ROW,
    "members_sheets": page(LEARNERS, roster=READ, waiting=WAITING, submissions_url="/k/_/members/worksheets"),
    "own_row_sheets": replace(OWN_ROW, sheets=(line("Bauch, Silke", SheetState.RETURNED),)),
}
