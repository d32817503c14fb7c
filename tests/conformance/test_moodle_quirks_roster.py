"""Rosters as the recorded Moodles give them (quirks 35 to 38 of the recordings), against the running tool."""

from __future__ import annotations

from .bed import Bed
from .claims import INSTRUCTOR, LEARNER, put, roles
from .fake_roster import member
from .roster_visit import Class, begin


def test_a_page_past_the_end_is_empty_and_says_nothing(bed: Bed) -> None:
    """Moodle answers 200 and no members; with a roster that shrank between two pages that is the last page."""
    klasse = begin(bed, [member("u1"), member("u2")], page_size=1)
    klasse.platform.next_url = lambda url: url.replace("from=1", "from=7")
    assert klasse.again()["problem"] is None
    assert klasse.statuses() == {"u1": "active", "u2": "inactive"}


def test_a_tutor_is_a_learner_only_in_the_roster(bed: Bed) -> None:
    klasse = begin(bed, [member("tutor", "Learner", name="Theo Tutor"), member("u1", name="Ines Jäger")])
    assert any("Theo" in line and "Noch nicht gestartet" in line for line in klasse.shown())
    klasse.learner("tutor").enter(roles(INSTRUCTOR))
    (line,) = [line for line in klasse.shown() if "Tutor" in line]
    assert "gestartet" not in line and "Modulen" not in line


def test_who_may_not_see_the_activity_is_not_asked_about(bed: Bed) -> None:
    """We do not add ``rlid``: Moodle would leave out whom a group keeps from this one activity."""
    klasse = begin(bed, [member("u1")])
    assert set(klasse.platform.asked[0].query) == {"limit"}


def test_only_the_address_of_the_claim_is_read(bed: Bed) -> None:
    """Moodle hands out the members of any course, and repeats the address among the custom parameters."""
    at = bed.fresh()
    klasse = Class(bed, at, bed.at_lesson(at))
    other = f"{at.platform.url}/services/1/memberships"
    custom = put("custom", {"context_memberships_url": other, "system_setting_url": other})
    klasse.teacher.enter(roles(INSTRUCTOR), custom)
    klasse.settled()
    klasse.learner("u1").enter(roles(LEARNER), custom)
    klasse.again()
    assert {request.path for request in at.platform.requests if "memberships" in request.path} == {
        "/services/2/memberships"
    }


def test_suspended_people_are_simply_absent(bed: Bed) -> None:
    klasse = begin(bed, [member("u1", name="Ines Jäger"), member("u2", name="Lars Krüger")])
    suspended = klasse.learner("u2")
    suspended.enter()
    suspended.complete()
    klasse.again([member("u1", name="Ines Jäger")])
    assert klasse.statuses()["u2"] == "inactive"
    (line,) = [line for line in klasse.shown() if "Krüger" in line]
    assert "1 von" in line or "Begonnen" in line, "what was reached is still there"
    klasse.learner("u2").enter()
    assert klasse.statuses()["u2"] == "active", "the LMS lets the person in again"
