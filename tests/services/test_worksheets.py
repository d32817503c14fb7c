"""Worksheets: drafts, hand-ins and decisions, also when two come at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from builders import NOW, Classroom, classroom, course, lesson, module, publish
from sqlalchemy import func, select
from worksheet_samples import ACTIVITY, FORM, WHOLE, worksheet

from lms_tool.content.course import Activity, CompletionRule
from lms_tool.database import Database
from lms_tool.errors import ToolError
from lms_tool.learning import Phase, State
from lms_tool.learning.worksheets import Fault
from lms_tool.lti.claims import Role
from lms_tool.models import Base, Progress, Score, Submission, Work
from lms_tool.services import lessons, privacy, reviews, works, worksheets
from lms_tool.services.lessons import ActivityLocked, Learner
from lms_tool.services.reviews import (
    AlreadyDecided,
    OwnWorksheet,
    RemarkMissing,
    RemarkTooLong,
    SubmissionNotFound,
    Verdict,
)
from lms_tool.services.works import WorkChanged
from lms_tool.services.worksheets import Decision, Outcome, WorksheetAccepted, WorksheetWithCoach

LATER = NOW + timedelta(hours=1)
BACK = Verdict(Decision.RETURNED, "Gut beobachtet.", {"standorte": "Auch der Bauhof?", "vorgehen": " "})
WELL = Verdict(Decision.ACCEPTED, "", {})


class Class:
    """A course with one worksheet, its learners and a coach."""

    def __init__(self, database: Database, rule: CompletionRule = CompletionRule.HANDED_IN) -> None:
        self.room: Classroom = classroom(database, course(module("m1", worksheet(completion=rule))))
        self.database = database
        self.anna = self.room.arrive(sub="anna", module_id="m1")
        self.coach = self.room.arrive(sub="lotse", link="link-9", role=Role.INSTRUCTOR)

    @property
    def sheet(self) -> Activity:
        return self.room.course.by_activity[ACTIVITY][1]

    def save(self, content: dict[str, Any], version: int | None, who: Learner | None = None) -> int:
        with self.database.write() as db:
            return worksheets.save(db, who or self.anna, self.room.course, self.sheet, content, version, NOW)

    def hand_in(
        self, content: dict[str, Any] = WHOLE, version: int = 0, who: Learner | None = None
    ) -> Outcome:
        with self.database.write() as db:
            return worksheets.hand_in(
                db,
                who or self.anna,
                self.room.course,
                self.room.revision_id,
                self.sheet,
                content,
                version,
                NOW,
            )

    def decide(self, verdict: Verdict, number: int = 1, by: Learner | None = None) -> set[int] | None:
        with self.database.write() as db:
            return reviews.decide(
                db,
                self.anna,
                self.room.course,
                self.sheet.completion,
                ACTIVITY,
                number,
                verdict,
                (by or self.coach).person_id,
                LATER,
            )

    def handed(self, who: Learner | None = None) -> list[worksheets.Handed]:
        with self.database.read() as db:
            return worksheets.handed(db, (who or self.anna).membership_id, self.room.course.id, ACTIVITY)

    def work(self) -> works.Work | None:
        with self.database.read() as db:
            return works.load(db, self.anna.membership_id, self.room.course.id, ACTIVITY)

    def standing(self) -> tuple[State, Phase | None, bool]:
        """Of the worksheet, and whether the module is complete."""
        with self.database.read() as db:
            status = lessons.standing(db, self.anna.membership_id, self.room.course)
        found = status.activity(ACTIVITY)
        return found.state, found.phase, status.modules[0].state is State.DONE

    def grade(self) -> float | None:
        with self.database.read() as db:
            return db.scalar(select(Score.given).where(Score.person_id == self.anna.person_id))

    def count(self, table: type[Base]) -> int:
        with self.database.read() as db:
            return db.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def room_of(database: Database) -> Class:
    return Class(database)


def test_a_draft_is_kept_and_begins_the_worksheet(room_of: Class) -> None:
    assert room_of.save({"standorte": "ca. fünf"}, 0) == 1
    assert room_of.save({"standorte": "5", "liste": [{}, {"was": "x"}]}, 1) == 2
    work = room_of.work()
    assert work is not None
    assert work.content == {"standorte": "5", "liste": [{}, {"was": "x"}]}
    assert room_of.standing() == (State.BEGUN, None, False)
    assert (room_of.handed(), room_of.grade()) == ([], None)


def test_two_windows_do_not_overwrite_each_other_unasked(room_of: Class) -> None:
    room_of.save({"standorte": "5"}, 0)
    room_of.save({"standorte": "6"}, 1)
    with pytest.raises(WorkChanged):
        room_of.save({"standorte": "7"}, 1)
    with pytest.raises(WorkChanged):
        room_of.hand_in({**WHOLE, "standorte": "8"}, 1)
    assert room_of.save({"standorte": "6"}, 1) == 2, "the same click"
    assert room_of.save({"standorte": "7"}, None) == 3, "on purpose"
    work = room_of.work()
    assert work is not None and work.content == {"standorte": "7"}


def test_what_an_older_form_asked_for_stays_in_the_draft(room_of: Class) -> None:
    room_of.save({"standorte": "5", "alt": "noch da"}, 0)
    room_of.save({"standorte": "6"}, 1)
    work = room_of.work()
    assert work is not None and work.content == {"standorte": "6", "alt": "noch da"}
    room_of.hand_in(version=2)
    assert room_of.handed()[0].content == WHOLE


def test_an_incomplete_one_is_saved_and_not_handed_in(room_of: Class) -> None:
    outcome = room_of.hand_in({"standorte": "viele"})
    assert [(one.field.id, one.fault) for one in outcome.problems] == [
        ("standorte", Fault.NUMBER),
        ("vorgehen", Fault.MISSING),
    ]
    work = room_of.work()
    assert work is not None and (work.content, work.version) == ({"standorte": "viele"}, 1)
    assert room_of.standing() == (State.BEGUN, None, False)
    assert room_of.handed() == []


def test_handing_in_completes_by_its_rule_and_is_graded(room_of: Class) -> None:
    outcome = room_of.hand_in({**WHOLE, "liste": [*WHOLE["liste"], {}]})  # type: ignore[misc]
    assert (outcome.problems, len(outcome.due)) == ((), 1)
    (one,) = room_of.handed()
    assert (one.number, one.content, one.revision_id) == (1, WHOLE, room_of.room.revision_id)
    assert (one.decision, one.handed_in_at) == (None, NOW)
    assert room_of.standing() == (State.DONE, Phase.HANDED_IN, True)
    assert room_of.grade() == 100


def test_the_same_click_twice_is_one_hand_in(room_of: Class) -> None:
    room_of.hand_in()
    assert room_of.hand_in() == Outcome()
    assert len(room_of.handed()) == 1


def test_what_lies_with_the_coach_cannot_be_changed(room_of: Class) -> None:
    room_of.hand_in()
    with pytest.raises(WorksheetWithCoach):
        room_of.save({**WHOLE, "standorte": "6"}, 1)
    with pytest.raises(WorksheetWithCoach):
        room_of.hand_in({**WHOLE, "standorte": "6"}, 1)


def test_returned_changed_handed_in_again_accepted(database: Database) -> None:
    there = Class(database, CompletionRule.ACCEPTED)
    there.hand_in()
    assert there.standing() == (State.HANDED_IN, Phase.HANDED_IN, False)
    assert there.grade() is None
    there.decide(BACK)
    assert there.standing() == (State.RETURNED, Phase.RETURNED, False)
    (one,) = there.handed()
    assert (one.decision, one.comment, one.reviewer) == (Decision.RETURNED, "Gut beobachtet.", "")
    assert one.remarks == {"standorte": "Auch der Bauhof?"}
    assert there.save({**WHOLE, "standorte": "6"}, 1) == 2
    assert there.handed()[0].content == WHOLE, "what was handed in stays as it was"
    there.hand_in({**WHOLE, "standorte": "6"}, 2)
    assert there.standing() == (State.HANDED_IN, Phase.HANDED_IN, False)
    assert there.decide(WELL, 2)
    assert there.standing() == (State.DONE, None, True)
    assert there.grade() == 100
    with pytest.raises(WorksheetAccepted):
        there.save(WHOLE, 3)
    with pytest.raises(WorksheetAccepted):
        there.hand_in({**WHOLE, "standorte": "7"}, 3)


def test_it_may_be_handed_in_again_unchanged(room_of: Class) -> None:
    room_of.hand_in()
    room_of.decide(BACK)
    room_of.hand_in(version=1)
    assert [one.number for one in room_of.handed()] == [1, 2]


def test_what_came_back_stays_complete_where_handing_in_was_enough(room_of: Class) -> None:
    room_of.hand_in()
    room_of.decide(BACK)
    assert room_of.standing() == (State.DONE, Phase.RETURNED, True)
    assert room_of.grade() == 100


def test_deciding_twice_the_same_changes_nothing(room_of: Class) -> None:
    room_of.hand_in()
    assert room_of.decide(BACK) is not None
    assert room_of.decide(BACK) is None
    assert room_of.handed()[0].decided_at == LATER


def test_there_is_one_decision(room_of: Class) -> None:
    other = room_of.room.arrive(sub="andere", link="link-9", role=Role.INSTRUCTOR)
    room_of.hand_in()
    room_of.decide(WELL)
    for verdict, by in ((BACK, room_of.coach), (WELL, other), (replace(WELL, comment="Nein"), room_of.coach)):
        with pytest.raises(AlreadyDecided):
            room_of.decide(verdict, by=by)
    assert room_of.handed()[0].decision is Decision.ACCEPTED


def test_nobody_decides_about_the_own_worksheet(room_of: Class) -> None:
    room_of.hand_in()
    with pytest.raises(OwnWorksheet):
        room_of.decide(WELL, by=room_of.anna)
    assert room_of.handed()[0].decision is None


def test_an_older_state_is_not_decided_any_more(room_of: Class) -> None:
    room_of.hand_in()
    room_of.decide(BACK)
    room_of.hand_in(version=1)
    with pytest.raises(AlreadyDecided):
        room_of.decide(WELL, 1)
    with pytest.raises(SubmissionNotFound):
        room_of.decide(WELL, 3)


def test_nobody_gets_it_back_without_a_word(room_of: Class) -> None:
    room_of.hand_in()
    with pytest.raises(RemarkMissing):
        room_of.decide(Verdict(Decision.RETURNED, " ", {"standorte": "\n"}))
    for verdict in (replace(BACK, comment="x" * 4001), replace(BACK, remarks={"standorte": "x" * 2001})):
        with pytest.raises(RemarkTooLong):
            room_of.decide(verdict)
    assert room_of.handed()[0].decision is None


def test_locked_until_what_comes_before_is_done(database: Database) -> None:
    there = Class(database)
    there.room.course = course(module("m1", lesson("l1"), worksheet(requires=("l1",))))
    with pytest.raises(ActivityLocked):
        there.save({"standorte": "5"}, 0)
    with pytest.raises(ActivityLocked):
        there.hand_in()
    assert (there.count(Work), there.count(Submission)) == (0, 0)


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """What each answered or raised; all begin together."""
    start = Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        start.wait()
        try:
            return verb()
        except ToolError as error:
            return error

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


@pytest.mark.parametrize("turn", range(3))
def test_of_many_clicks_at_once_one_hands_in(room_of: Class, turn: int) -> None:
    answers = at_once(*[room_of.hand_in] * 5)
    assert {type(one) for one in answers} == {Outcome}
    assert len(room_of.handed()) == 1


@pytest.mark.parametrize("turn", range(3))
def test_of_two_decisions_at_once_one_wins(room_of: Class, turn: int) -> None:
    other = room_of.room.arrive(sub="andere", link="link-9", role=Role.INSTRUCTOR)
    room_of.hand_in()
    answers = at_once(lambda: room_of.decide(BACK), lambda: room_of.decide(WELL, by=other))
    assert sum(isinstance(one, AlreadyDecided) for one in answers) == 1
    won = room_of.handed()[0].decision
    assert room_of.standing()[1] == (Phase.RETURNED if won is Decision.RETURNED else None)


@pytest.mark.parametrize("turn", range(3))
def test_a_late_save_does_not_slip_in_behind_a_hand_in(room_of: Class, turn: int) -> None:
    room_of.save({"standorte": "5"}, 0)
    changed = {**WHOLE, "standorte": "6"}
    answers = at_once(lambda: room_of.hand_in(version=1), lambda: room_of.save(changed, 1))
    work, handed = room_of.work(), room_of.handed()
    assert work is not None
    if handed:
        assert handed[0].content == work.content == WHOLE
        assert isinstance(answers[1], WorksheetWithCoach)
    else:
        assert work.content == changed
        assert isinstance(answers[0], WorkChanged)


def listed(there: Class, *only: str, context: int | None = None) -> list[tuple[int, int, Decision | None]]:
    with there.database.read() as db:
        found = reviews.listing(db, context or there.anna.context_id, there.room.course.id, only or None)
    return [(one.membership_id, one.number, one.decision) for one in found]


def test_what_waits_is_listed_by_context_longest_first(room_of: Class) -> None:
    berta = room_of.room.arrive(sub="berta", module_id="m1")
    carl = room_of.room.arrive(sub="carl", module_id="m1", context_id="andere", link="link-8")
    room_of.save({"standorte": "5"}, 0)
    assert listed(room_of) == []
    for who, version in ((room_of.anna, 1), (berta, 0), (carl, 0)):
        room_of.hand_in(version=version, who=who)
    anna = room_of.anna.membership_id
    assert listed(room_of) == [(anna, 1, None), (berta.membership_id, 1, None)]
    assert listed(room_of, "berta") == [(berta.membership_id, 1, None)]
    assert listed(room_of, context=carl.context_id) == [(carl.membership_id, 1, None)]
    room_of.decide(BACK)
    room_of.hand_in(version=2)
    assert listed(room_of) == [(berta.membership_id, 1, None), (anna, 2, None)]


def test_whose_it_is_must_be_in_the_context(room_of: Class) -> None:
    carl = room_of.room.arrive(sub="carl", context_id="andere", link="link-8")
    with room_of.database.read() as db:
        found = reviews.owner(db, room_of.anna.context_id, room_of.anna.membership_id)
        assert (found.learner, found.sub) == (room_of.anna, "anna")
        assert not reviews.owner(db, room_of.coach.context_id, room_of.coach.membership_id).learner.graded
        for membership_id in (carl.membership_id, 9999):
            with pytest.raises(SubmissionNotFound):
                reviews.owner(db, room_of.anna.context_id, membership_id)


def test_who_is_erased_takes_everything_along(room_of: Class) -> None:
    room_of.hand_in()
    room_of.decide(BACK)
    with room_of.database.write() as db:
        privacy.erase(db, room_of.coach.person_id)
    assert room_of.handed()[0].comment == "Gut beobachtet.", "the remarks are the learner's"
    with room_of.database.write() as db:
        privacy.erase(db, room_of.anna.person_id)
    assert [room_of.count(table) for table in (Work, Submission, Progress)] == [0, 0, 0]


def test_a_newer_form_does_not_change_what_was_handed_in(room_of: Class) -> None:
    room_of.hand_in()
    smaller = replace(FORM, sections=FORM.sections[1:])
    with room_of.database.write() as db:
        newer = publish(db, course(module("m1", worksheet(form=smaller))))
    (one,) = room_of.handed()
    assert one.revision_id != newer
    then = room_of.room.shelf
    with room_of.database.read() as db:
        assert then.course(db, one.revision_id).by_activity[ACTIVITY][1].content == FORM


@pytest.mark.parametrize("both", [False, True])
def test_two_memberships_become_one(room_of: Class, both: bool) -> None:
    """Somebody moves from an old connection: what they handed in there comes first."""
    new = room_of.room.arrive(sub="neu", module_id="m1")
    room_of.hand_in()
    room_of.decide(BACK)
    if both:
        room_of.hand_in({**WHOLE, "standorte": "9"}, who=new)
    with room_of.database.write() as db:
        worksheets.merge(db, room_of.anna.membership_id, new.membership_id, LATER)
    found = room_of.handed(new)
    assert [(one.number, one.decision) for one in found] == (
        [(1, Decision.RETURNED), (2, None)] if both else [(1, Decision.RETURNED)]
    )
    assert room_of.handed() == []
    room_of.anna = new
    assert room_of.standing()[1] is (Phase.HANDED_IN if both else Phase.RETURNED)
    work = room_of.work()
    assert work is not None and work.content["standorte"] == ("9" if both else "5")
