"""What a process costs, where it is weak, and how it differs from another."""

from __future__ import annotations

from collections import Counter

import pytest
import workshop_samples as samples
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.content.process import BLOCKS, Step, count
from lms_tool.content.workshop import Medium, Unit, Workshop
from lms_tool.learning import process_edits as edits
from lms_tool.learning.processes import (
    Difference,
    Weak,
    compare,
    complete_enough,
    difference,
    feedback,
    weak_points,
)

UNITS = ("a", "b", "c")
MEDIA = ("", "papier", "fach")
BENCH = Workshop(
    "", tuple(Unit(one, one.upper()) for one in UNITS), tuple(Medium(one, one) for one in MEDIA[1:]), (), ()
)
steps = st.lists(
    st.builds(
        Step,
        block=st.sampled_from(sorted(BLOCKS)),
        unit=st.sampled_from(UNITS),
        before=st.sampled_from(MEDIA),
        after=st.sampled_from(MEDIA),
        minutes=st.integers(0, 60),
        days=st.integers(0, 9),
    ),
    max_size=12,
).map(tuple)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return samples.sample(tmp_path_factory.mktemp("paket"))[1]


def test_the_exercise_s_weak_points(workshop: Workshop) -> None:
    found = weak_points(workshop.as_is)
    assert [number for number, weak in enumerate(found, 1) if Weak.MEDIA_CHANGE in weak] == [7, 11, 13]
    assert [number for number, weak in enumerate(found, 1) if Weak.HANDOVER in weak] == [3, 12, 13, 15]
    assert [number for number, weak in enumerate(found, 1) if Weak.WAITING in weak] == [5, 12, 15]
    assert [number for number, weak in enumerate(found, 1) if Weak.LOOP in weak] == [13]
    assert not any(Weak.DOUBLE in weak for weak in found)


def test_doing_the_same_twice_running_is_double_work_only_in_the_same_unit() -> None:
    twice = weak_points((Step("sichten", "a"), Step("sichten", "a"), Step("sichten", "b")))
    assert [Weak.DOUBLE in weak for weak in twice] == [False, True, False]


def test_back_and_forth_is_a_loop_on_each_way_back() -> None:
    ways = weak_points(tuple(Step("weiter", unit) for unit in "abbaab"))
    assert [Weak.LOOP in weak for weak in ways] == [False, False, False, True, False, True]
    assert not any(Weak.LOOP in weak for weak in weak_points(tuple(Step("weiter", u) for u in "abc")))


def test_a_media_change_is_a_block_of_that_group_or_another_medium() -> None:
    assert Step("scannen", "a").changes_medium
    assert Step("sichten", "a", "papier", "fach").changes_medium
    assert not Step("sichten", "a", "papier", "papier").changes_medium
    assert not Step("sichten", "a", "papier", "").changes_medium


def test_the_exercise_compared(workshop: Workshop) -> None:
    found = compare(workshop.as_is, workshop.to_be)
    assert (found.as_is.steps, found.to_be.steps) == (15, 7)
    assert found.added == ()
    dropped = dict(found.dropped)
    assert sum(dropped.values()) == 8
    assert set(dropped) == {
        "eingang", "sichten", "rueckfrage", "warten", "eingabe", "drucken", "absprache", "scannen",
    }  # fmt: skip


def test_feedback_speaks_of_what_was_built(workshop: Workshop) -> None:
    before = feedback(workshop.checks, workshop.as_is)
    assert [finding.met for finding in before] == [False, False, True]
    assert before[1].html == "Die Rückfrage kostet fünf Tage."
    assert all(finding.met for finding in feedback(workshop.checks, workshop.to_be))


def test_what_differs_from_the_solution(workshop: Workshop) -> None:
    solution = workshop.to_be
    assert difference(solution, solution).none
    assert difference(solution[1:], solution).missing == (("eingang", 1),)
    assert difference((*solution, Step("drucken", "leitung")), solution).surplus == (("drucken", 1),)
    moved = edits.hand(workshop, solution, 2, 1)
    assert difference(moved, solution) == Difference(elsewhere=(("formell", "leitung", "steueramt"),))
    assert difference(edits.move(solution, 1, 3), solution) == Difference(reordered=True)


def test_what_is_enough_to_be_compared(workshop: Workshop) -> None:
    assert complete_enough(workshop, (), workshop.to_be[:3])
    assert not complete_enough(workshop, (), workshop.to_be[:2])
    assert not complete_enough(BENCH, (), workshop.to_be)
    assert complete_enough(BENCH, workshop.as_is[:3], workshop.to_be)


@given(steps)
def test_marks_agree_with_counts(model: tuple[Step, ...]) -> None:
    marks, counts = weak_points(model), count(model)
    assert len(marks) == counts.steps
    assert sum(Weak.MEDIA_CHANGE in weak for weak in marks) == counts.media_changes
    assert sum(Weak.HANDOVER in weak for weak in marks) == counts.handovers
    assert sum(Weak.WAITING in weak for weak in marks) >= counts.interruptions
    assert all(Weak.HANDOVER in weak for weak in marks if Weak.LOOP in weak)


@given(steps, steps)
def test_comparing_is_the_same_from_both_sides(one: tuple[Step, ...], other: tuple[Step, ...]) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there.as_is, there.to_be, there.dropped, there.added) == (
        back.to_be,
        back.as_is,
        back.added,
        back.dropped,
    )
    rebuilt = Counter(step.block for step in one) - Counter(dict(there.dropped)) + Counter(dict(there.added))
    assert rebuilt == Counter(step.block for step in other)


@given(steps, steps)
def test_no_difference_means_the_same_work_in_the_same_order(
    one: tuple[Step, ...], other: tuple[Step, ...]
) -> None:
    assert difference(one, one).none
    if difference(one, other).none:
        assert [step.block for step in one] == [step.block for step in other]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(-3, 60)), max_size=30))
def test_edits_keep_every_step_and_every_unit(orders: list[tuple[int, int, int]]) -> None:
    model: edits.Model = ()
    for what, number, to in orders:
        chosen = min(max(number, 1), len(model))
        blocks = Counter(step.block for step in model)
        if what == 0 or not model:
            block = sorted(BLOCKS)[number % 24]
            model = edits.insert(BENCH, model, block, to)
            assert Counter(step.block for step in model) == blocks + Counter([block])
        elif what == 1:
            gone = model[chosen - 1]
            model = edits.remove(model, chosen)
            assert Counter(step.block for step in model) == blocks - Counter([gone.block])
        elif what == 2:
            step = model[chosen - 1]
            model = edits.move(model, chosen, to)
            assert model[max(1, min(to, len(model))) - 1] is step
            assert Counter(one.block for one in model) == blocks
        else:
            model = edits.hand(BENCH, model, chosen, to)
            assert Counter(one.block for one in model) == blocks
        assert all(step.unit in UNITS for step in model)


def test_a_new_step_goes_on_where_the_one_before_it_stopped() -> None:
    model = (Step("eingang", "b", "papier", "papier"), Step("ausgang", "c"))
    assert edits.insert(BENCH, model, "sichten", 1)[1] == Step("sichten", "b", "papier", "papier")
    assert edits.insert(BENCH, model, "scannen", 1)[1] == Step("scannen", "b", "papier", "")
    assert edits.insert(BENCH, model, "scannen", 0)[0] == Step("scannen", "a")
    assert edits.insert(BENCH, model, "sichten", 1, "c")[1].unit == "c"
