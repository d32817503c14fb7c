"""Who is in the course, as the page says it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, lesson, module
from builders import course as course_of
from member_samples import MEMBER_PAGES, MEMBERS, OWN_ROW

from lms_tool.learning import assess
from lms_tool.lti import nrps
from lms_tool.lti.roles import Role
from lms_tool.models import MemberStatus
from lms_tool.services.lessons import records
from lms_tool.services.members import Member, RosterState
from lms_tool.web.member_pages import ROWS, members_page, own_row_page
from lms_tool.web.pages.members import Left, Standing
from lms_tool.web.render import Renderer
from lms_tool.web.room import Room

COURSE = course_of(module("m1", lesson("l1")), module("m2", lesson("l2")))
READ = RosterState(synced_at=NOW, full_at=NOW, next_at=NOW + timedelta(hours=9), problem=None, skipped=0)


class Found:
    """What the pages ask of a session."""

    module_id = activity_id = None
    person_name = "Jörg Beyer"
    is_staff, is_seen_by_others, mentees = True, False, frozenset[str]()


def room() -> Room:
    found: Any = Found()
    return Room(found, COURSE, assess(COURSE, records(())), None, ())


def member(name: str, role: Role = Role.LEARNER, **more: Any) -> Member:
    values: dict[str, Any] = {"status": MemberStatus.ACTIVE, "since": NOW, "listed": True, "launched": True}
    return Member(name, name, "K7QXB", role, **values | more)


def shown(*people: Member, roster: RosterState | None = READ, number: int = 1, everybody: bool = True) -> Any:
    return members_page(room(), people, roster, number, NOW, everybody=everybody)


def test_learners_first_then_who_left_then_who_teaches() -> None:
    page = shown(
        member("Anna"),
        member("Berta", status=MemberStatus.INACTIVE),
        member("Carl", Role.INSTRUCTOR),
        member("Doro", Role.MENTOR),
        member("Emil"),
        member("Fritz", Role.INSTRUCTOR, status=MemberStatus.DELETED),
    )
    assert [(group.kind, group.total, [row.name for row in group.rows]) for group in page.groups] == [
        ("learners", 2, ["Anna", "Emil"]),
        ("left", 1, ["Berta"]),
        ("others", 3, ["Carl", "Doro", "Fritz"]),
    ]


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({"launched": False}, Standing.NOT_STARTED),
        ({}, Standing.STARTED),
        ({"begun": True}, Standing.BEGUN),
        ({"begun": True, "completed": True}, Standing.DONE),
        ({"role": Role.ASSISTANT, "begun": True}, Standing.NONE),
    ],
)
def test_standing(facts: dict[str, Any], standing: Standing) -> None:
    ((row,),) = [group.rows for group in shown(replace(member("Anna"), **facts)).groups]
    assert row.standing is standing


def test_only_who_left_has_a_day() -> None:
    rows = [
        group.rows[0] for group in shown(member("Anna"), member("Berta", status=MemberStatus.DELETED)).groups
    ]
    assert [(row.left, row.since) for row in rows] == [(Left.NO, None), (Left.DELETED, NOW)]


def test_who_stands_in_no_roster_is_said_so_only_where_there_is_one() -> None:
    guest = member("Gast", listed=False, since=None)
    for roster, unlisted in ((READ, True), (replace(READ, full_at=None), False), (None, False)):
        assert shown(guest, roster=roster).groups[0].rows[0].unlisted is unlisted


def test_many_come_page_by_page() -> None:
    people = [member(f"P{number:04}") for number in range(2 * ROWS + 1)]
    first, second, third = (shown(*people, number=number) for number in (1, 2, 3))
    assert (first.first, first.last, first.total, first.previous) == (1, ROWS, len(people), None)
    assert (second.first, second.last) == (ROWS + 1, 2 * ROWS)
    assert (second.previous.url, second.next.url) == ("/k/_/members?page=1", "/k/_/members?page=3")
    assert (third.groups[0].total, len(third.groups[0].rows), third.next) == (len(people), 1, None)
    assert shown(*people, number=99) == third
    assert shown(*people, number=0) == first
    assert shown(member("Anna")).first == 0


@pytest.mark.parametrize("error", [nrps.RosterForbidden, nrps.RosterTooLarge, nrps.RosterBusy])
def test_a_problem_speaks_with_the_words_of_its_error(error: type[nrps.ServiceError]) -> None:
    line = shown(roster=replace(READ, problem=error.code, next_at=None)).roster
    assert (line.problem, line.remedy) == (error.text, error.remedy)
    assert line.update_url == "/k/_/members/update"


@pytest.mark.parametrize("code", ["token_refused:invalid_client", "timed_out", "was_es_nicht_gibt"])
def test_every_problem_has_words(code: str) -> None:
    assert shown(roster=replace(READ, problem=code)).roster.problem


def test_while_it_is_read_nobody_presses() -> None:
    line = shown(roster=replace(READ, next_at=NOW, problem="roster_gone")).roster
    assert (line.reading, line.update_url, line.problem) == (True, "", None)


def test_a_mentor_sees_nothing_of_the_roster() -> None:
    assert shown(member("Anna"), everybody=False).roster is None


def test_without_a_roster_it_is_said_so() -> None:
    assert not shown(roster=None).roster.offered


def test_the_own_row_is_the_very_row_that_teachers_see() -> None:
    anna = member("Anna", begun=True, modules_done=1)
    assert own_row_page(room(), anna, READ).row == shown(anna).groups[0].rows[0]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_own_row_and_list_say_the_same(renderer: Renderer) -> None:
    listing, own = renderer.page(MEMBERS), renderer.page(OWN_ROW)
    item = re.compile(r'<li><div class="lt-item">.*?</div></li>', re.DOTALL)
    (mine,) = [found for found in item.findall(own.replace("\n", "")) if "Silke" in found]
    assert mine in listing.replace("\n", "")


def test_names_are_escaped_and_days_are_those_of_the_town_hall(renderer: Renderer) -> None:
    html = renderer.page(MEMBERS)
    assert "<b>Müller" not in html
    assert "&lt;b&gt;Müller" in html
    assert "Im LMS nicht mehr aktiv seit 21. Februar 2026" in words(html)
    assert "Ohne Namen (K7QXB)" in words(html)
    assert "2 von 6 Modulen abgeschlossen" in words(html)


def test_no_page_shows_a_time_of_learning(renderer: Renderer) -> None:
    html = words(renderer.page(MEMBER_PAGES["members_mentor"]))
    assert not re.search(r"\d{4}|Uhr|Minuten|Stunden", html.split("Lernende (6)")[1])
