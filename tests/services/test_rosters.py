"""What a reading of the roster changes, and what it leaves alone."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from builders import NOW
from outgoing import answer
from roster_wire import PATH, Registrar, member
from sqlalchemy import func, select

from lms_tool.http import AnswerLost, Response, TimedOut, TooLarge
from lms_tool.lti.nrps import MAX_PAGES
from lms_tool.lti.roles import Role
from lms_tool.models import MemberStatus, Person
from lms_tool.services import rosters

ACTIVE, INACTIVE, DELETED = MemberStatus.ACTIVE, MemberStatus.INACTIVE, MemberStatus.DELETED


def test_the_union_of_all_pages(registrar: Registrar) -> None:
    registrar.wire.members = [member(str(number)) for number in range(25)]
    registrar.wire.page_size = 10
    here = registrar.come()
    assert registrar.reader.waiting() == [here]
    assert registrar.sync(here)
    assert set(registrar.entries(here)) == {str(number) for number in range(25)}
    assert len(registrar.asked) == 3
    assert all("limit=1000" in sent.url for sent in registrar.asked)
    assert registrar.asked[0].headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert len(registrar.wire.tokens) == 1
    assert registrar.reader.waiting() == []
    assert not registrar.sync(here), "nothing is due any more"
    with registrar.room.database.read() as db:
        assert db.scalar(select(func.count()).select_from(Person)) == 1, "a roster makes no accounts"


def test_names_and_roles_follow_the_platform(registrar: Registrar) -> None:
    registrar.wire.members = [member("7", name="Anna Arndt", given_name="Anna", family_name="Arndt")]
    here = registrar.come()
    registrar.sync(here)
    before = registrar.entries(here)["7"]
    assert (before.name, before.family_name, before.role) == ("Anna Arndt", "Arndt", Role.LEARNER)
    registrar.wire.members = [member("7", "Instructor")]
    again(registrar, here)
    after = registrar.entries(here)["7"]
    assert (after.name, after.family_name, after.role, after.roles) == (
        None,
        None,
        "instructor",
        ["Instructor"],
    )
    assert (after.id, after.status_since) == (before.id, before.status_since)


def test_who_vanished_is_inactive_from_that_day_on(registrar: Registrar) -> None:
    registrar.wire.members = [member("7"), member("8"), member("9")]
    here = registrar.come()
    registrar.sync(here)
    registrar.wire.members = [member("7"), member("8", status="Deleted")]
    left = again(registrar, here, days=1)
    assert registrar.statuses(here) == {"7": (ACTIVE, NOW), "8": (DELETED, left), "9": (INACTIVE, left)}
    again(registrar, here, days=1)
    assert registrar.statuses(here)["9"] == (INACTIVE, left), "the first day counts"
    registrar.wire.members = [member("7", status="Inactive"), member("8"), member("9")]
    back = again(registrar, here, days=1)
    assert registrar.statuses(here) == {"7": (INACTIVE, back), "8": (ACTIVE, back), "9": (ACTIVE, back)}


@pytest.mark.parametrize(
    "broken",
    [answer(500), answer(200, b"<html>"), answer(200, b"{}"), answer(302), TimedOut(), AnswerLost(),
     answer(403), answer(429), TooLarge()],
    ids=["500", "html", "no members", "redirect", "slow", "cut", "403", "429", "too large"],
)  # fmt: skip
def test_a_page_that_fails_changes_nothing(registrar: Registrar, broken: Any) -> None:
    registrar.wire.members = [member("7"), member("8")]
    here = registrar.come()
    registrar.sync(here)
    before = registrar.statuses(here)
    registrar.wire.members, registrar.wire.page_size = [member("9"), member("10"), member("11")], 1
    press(registrar, here, minutes=1)
    registrar.wire.script[PATH] = [None, broken]  # type: ignore[list-item]
    assert not registrar.sync(here)
    assert len(registrar.asked) == 3
    assert registrar.statuses(here) == before
    row = registrar.roster(here)
    assert (row.failures, row.lease, row.synced_at) == (1, None, NOW)
    assert row.problem


@pytest.mark.parametrize("target", ["https://evil.example/more", "http://lms.example/more"])
def test_a_page_elsewhere_is_not_asked_for(registrar: Registrar, target: str) -> None:
    registrar.wire.members = [member("7")]
    registrar.wire.extra_link = f'<{target}>; rel="next"'
    here = registrar.come()
    assert not registrar.sync(here)
    assert registrar.roster(here).problem == "paging_refused"
    assert registrar.entries(here) == {}
    assert not [sent for sent in registrar.wire.sent if sent.url.startswith(target)]


def test_pages_in_a_circle_end(registrar: Registrar) -> None:
    registrar.wire.members = [member("7")]
    registrar.wire.extra_link = f'<{registrar.room.at.issuer}{PATH}?limit=1000>; rel="next"'
    here = registrar.come()
    assert not registrar.sync(here)
    assert len(registrar.asked) == 1
    assert registrar.roster(here).problem == "paging_endless"


def test_pages_without_end_end(registrar: Registrar) -> None:
    def page_after(number: int) -> Response:
        link = f'<{registrar.room.at.issuer}{PATH}?page={number}>; rel="next"'
        return answer(200, b'{"members": []}', link=link)

    registrar.wire.script[PATH] = [page_after(number) for number in range(2 * MAX_PAGES)]
    here = registrar.come()
    assert not registrar.sync(here)
    assert len(registrar.asked) == MAX_PAGES
    assert registrar.roster(here).problem == "paging_endless"


def test_a_platform_that_is_too_slow_is_given_up(registrar: Registrar) -> None:
    """Each page comes in time, all together do not."""
    registrar.wire.members, registrar.wire.page_size = [member(str(number)) for number in range(9)], 1
    here = registrar.come()
    ticks = count(0, 50)
    registrar.reader = registrar.another(stopwatch=lambda: next(ticks))
    assert not registrar.sync(here)
    assert len(registrar.asked) == 2
    assert registrar.roster(here).problem == "timed_out"


def test_what_cannot_be_read_is_counted_and_nobody_vanishes(registrar: Registrar) -> None:
    registrar.wire.members = [member("7"), member("8")]
    here = registrar.come()
    registrar.sync(here)
    registrar.wire.members = [member("7"), {"name": "Wer bin ich"}, None]
    again(registrar, here)
    assert registrar.roster(here).skipped == 2
    assert registrar.statuses(here)["8"][0] == ACTIVE, "one of them may be this person"
    registrar.wire.members = [member("7")]
    again(registrar, here)
    assert registrar.roster(here).skipped == 0
    assert registrar.statuses(here)["8"][0] == INACTIVE


def test_differences_are_kept_and_used_for_a_week(registrar: Registrar) -> None:
    registrar.wire.members = [member("7"), member("8")]
    registrar.wire.changed, registrar.wire.page_size = [], 1
    here = registrar.come()
    registrar.sync(here)
    registrar.wire.changed = [member("8", status="Deleted"), member("9")]
    again(registrar, here, days=1)
    assert registrar.asked[-1].url.endswith("/differences?since=1")
    assert {sub: status for sub, (status, _) in registrar.statuses(here).items()} == {
        "7": ACTIVE, "8": DELETED, "9": ACTIVE,
    }  # fmt: skip
    registrar.wire.changed = []
    again(registrar, here, days=1)
    assert registrar.asked[-1].url.endswith("/differences?since=2"), "the newest address"
    assert registrar.statuses(here)["7"][0] == ACTIVE, "who did not change has not vanished"
    assert registrar.roster(here).full_at == NOW
    full = again(registrar, here, days=6)
    assert "limit=1000" in registrar.asked[-1].url
    assert registrar.roster(here).full_at == full


@pytest.mark.parametrize("said", [answer(404), answer(400), answer(200, b"nichts")])
def test_differences_that_are_gone_mean_everything(registrar: Registrar, said: Any) -> None:
    registrar.wire.members, registrar.wire.changed = [member("7")], []
    here = registrar.come()
    registrar.sync(here)
    registrar.wire.members = [member("8")]
    registrar.wire.script["/differences"] = [said]
    again(registrar, here)
    assert registrar.statuses(here)["7"][0] == INACTIVE
    assert registrar.roster(here).problem is None


def test_after_differences_that_failed_everything_is_read(registrar: Registrar) -> None:
    registrar.wire.members, registrar.wire.changed = [member("7")], []
    here = registrar.come()
    registrar.sync(here)
    registrar.wire.script["/differences"] = [AnswerLost()]
    press(registrar, here, minutes=1)
    assert not registrar.sync(here)
    again(registrar, here)
    assert "limit=1000" in registrar.asked[-1].url


def test_differences_elsewhere_are_forgotten(registrar: Registrar) -> None:
    registrar.wire.members = [member("7")]
    registrar.wire.extra_link = '<https://evil.example/changes>; rel="differences"'
    here = registrar.come()
    assert registrar.sync(here)
    assert registrar.roster(here).differences_url is None


def test_a_roster_beyond_the_limit_is_not_kept(registrar: Registrar) -> None:
    registrar.wire.members = [member(str(number)) for number in range(5)]
    registrar.wire.page_size = 2
    registrar.reader = registrar.another(limit=4)
    here = registrar.come()
    assert not registrar.sync(here)
    assert registrar.entries(here) == {}
    row = registrar.roster(here)
    assert (row.problem, row.next_at) == ("roster_too_large", None)
    registrar.wire.members.pop()
    press(registrar, here, minutes=1)
    assert registrar.sync(here)


def test_a_role_filter_is_kept_where_the_platform_forgets_it(registrar: Registrar) -> None:
    registrar.wire.members = [member("7"), member("3", "Instructor"), member("8")]
    registrar.wire.page_size = 1
    here = registrar.come(url=f"{registrar.room.at.issuer}{PATH}?role=Learner")
    registrar.sync(here)
    assert set(registrar.entries(here)) == {"7", "8"}


def test_two_readers_read_once(registrar: Registrar) -> None:
    """The second comes while the first is at it; a third after the first was given up for dead."""
    registrar.wire.members = [member("7")]
    here = registrar.come()
    reads: list[bool] = []

    def meanwhile() -> None:
        reads.append(registrar.another().read(here))
        registrar.clock.forward(minutes=6)
        registrar.wire.members = [member("8")]
        reads.append(registrar.another().read(here))

    registrar.wire.script[PATH] = [meanwhile]
    assert not registrar.sync(here), "its lease was over: what it read is not written down"
    assert reads == [False, True]
    assert set(registrar.entries(here)) == {"8"}


def test_a_reader_that_was_killed_is_followed_by_another(registrar: Registrar) -> None:
    registrar.wire.members = [member("7")]
    here = registrar.come()

    def killed() -> None:
        raise KeyboardInterrupt

    registrar.wire.script[PATH] = [killed]
    with pytest.raises(KeyboardInterrupt):
        registrar.sync(here)
    assert registrar.reader.waiting() == []
    registrar.clock.now += rosters.LEASE
    assert registrar.reader.waiting() == [here]
    assert registrar.sync(here)


def again(registrar: Registrar, here: int, **span: float) -> Any:
    """Read once more, by hand, after a time; when that was."""
    press(registrar, here, **(span or {"minutes": 1}))
    assert registrar.sync(here)
    return registrar.clock.now


def press(registrar: Registrar, here: int, **span: float) -> None:
    registrar.clock.forward(**span)
    with registrar.room.database.write() as db:
        assert rosters.ask(db, here, registrar.clock.now, by_hand=True)
