"""Where somebody stands: what follows from any course and any record."""

from __future__ import annotations

import builders
from builders import lesson, module, quiz
from course_strategies import standings, steps
from hypothesis import given

from lms_tool.content.course import CompletionRule, Course
from lms_tool.learning import Record, Records, State, assess, next_step

DONE = Record(completed=True)


@given(standings())
def test_every_part_has_exactly_one_place(standing: tuple[Course, Records]) -> None:
    course, records = standing
    found = assess(course, records)
    assert [m.module for m in found.modules] == list(course.modules)
    assert [a.activity for m in found.modules for a in m.activities] == list(course.activities())


@given(standings())
def test_counts_are_honest(standing: tuple[Course, Records]) -> None:
    found = assess(*standing)
    assert found.done == sum(m.state is State.DONE for m in found.modules)
    for m in found.modules:
        assert m.done == sum(a.state is State.DONE for a in m.activities if a.counts)
        assert 0 <= m.done <= m.counting
        assert 0 <= m.required <= m.counting


@given(standings())
def test_locked_always_says_why(standing: tuple[Course, Records]) -> None:
    course, records = standing
    found = assess(course, records)
    for m in found.modules:
        assert (m.state is State.LOCKED) <= bool(m.missing)
        for a in m.activities:
            assert (a.state is State.LOCKED) == bool(a.missing)
            for part in a.missing:
                asked = part.id in a.activity.requires or part.id in m.module.requires
                assert asked, "only what is asked for may be missing"
                there = found.module(part.id) if part.id in course.by_module else found.activity(part.id)
                assert there.state is not State.DONE


@given(standings())
def test_stored_completion_wins(standing: tuple[Course, Records]) -> None:
    course, records = standing
    found = assess(course, records)
    for a in course.activities():
        if (record := records.activities.get(a.id)) and record.completed:
            assert found.activity(a.id).state is State.DONE
    for m in course.modules:
        if (record := records.modules.get(m.id)) and record.completed:
            assert found.module(m.id).state is State.DONE
    assert found.completed or not records.course.completed


@given(steps())
def test_going_on_never_takes_anything_away(step: tuple[Course, Records, Records]) -> None:
    course, before, after = step
    old, new = assess(course, before), assess(course, after)
    assert old.completed <= new.completed
    assert old.done <= new.done
    for was, now in zip(old.modules, new.modules, strict=True):
        assert (was.state is State.DONE) <= (now.state is State.DONE)
        assert (now.state is State.LOCKED) <= (was.state is State.LOCKED)
        assert was.done <= now.done
        for a, b in zip(was.activities, now.activities, strict=True):
            assert set(b.missing) <= set(a.missing) or b.state is State.DONE


@given(standings())
def test_what_was_stored_makes_the_same_picture_again(standing: tuple[Course, Records]) -> None:
    """Completions that are concluded and then stored conclude nothing further: one look is enough."""
    course, records = standing
    found = assess(course, records)
    concluded = {m.module.id: DONE for m in found.modules if m.state is State.DONE}
    again = assess(course, Records(records.activities, concluded, Record(found.completed)))
    assert again == found


@given(standings())
def test_next_step_is_open_and_counts(standing: tuple[Course, Records]) -> None:
    found = assess(*standing)
    step = next_step(found)
    waiting = [
        a
        for m in found.modules
        for a in m.activities
        if a.counts and a.state not in (State.DONE, State.LOCKED)
    ]
    if step is None:
        assert not waiting
    else:
        assert step in waiting


@given(standings())
def test_next_step_stays_inside_the_module(standing: tuple[Course, Records]) -> None:
    course, _ = standing
    found = assess(*standing)
    for m in course.modules:
        step = next_step(found, m.id)
        assert step is None or step.activity in m.activities


def test_begun_goes_before_failed_before_open() -> None:
    course = builders.course(module("m", lesson("a"), quiz("b"), lesson("c")))
    found = assess(course, Records({"b": Record(percent=20.0), "c": Record()}, {}))
    assert [a.state for a in found.modules[0].activities] == [State.OPEN, State.FAILED, State.BEGUN]
    assert (step := next_step(found)) is not None
    assert step.activity.id == "c"


def test_all_of_counts_only_what_has_a_rule() -> None:
    course = builders.course(module("m", lesson("a"), lesson("b", completion=CompletionRule.NONE)))
    found = assess(course, Records({"a": DONE}, {}))
    assert found.modules[0].state is State.DONE
    assert found.completed


def test_at_least_n_of_a_module_and_of_a_course() -> None:
    three = (lesson("a"), lesson("b"), lesson("c"))
    course = builders.course(module("m", *three, at_least=2), module("n", lesson("d")), at_least=1)
    one = assess(course, Records({"b": DONE}, {}))
    assert (one.modules[0].state, one.completed) == (State.BEGUN, False)
    two = assess(course, Records({"b": DONE, "c": DONE}, {}))
    assert (two.modules[0].state, two.completed) == (State.DONE, True)


def test_at_least_more_than_there_are_means_all() -> None:
    course = builders.course(module("m", lesson("a"), lesson("b"), at_least=5))
    assert assess(course, Records({"a": DONE}, {})).modules[0].state is State.BEGUN
    assert assess(course, Records({"a": DONE, "b": DONE}, {})).modules[0].state is State.DONE


def test_a_module_without_rules_is_never_complete_by_itself() -> None:
    course = builders.course(module("m", lesson("a", completion=CompletionRule.NONE)))
    assert not assess(course, Records({"a": DONE}, {})).completed


def test_prerequisites_lock_with_their_reason() -> None:
    course = builders.course(
        module("m", lesson("a"), quiz("b", requires=("a",))), module("n", lesson("c"), requires=("m",))
    )
    found = assess(course, Records({}, {}))
    assert found.activity("b").missing == (course.by_activity["a"][1],)
    assert found.module("n").missing == (course.by_module["m"],)
    assert found.activity("c").missing == (course.by_module["m"],)
    found = assess(course, Records({"a": DONE}, {}))
    assert found.activity("b").state is State.OPEN
    assert found.activity("c").state is State.LOCKED
    found = assess(course, Records({"a": DONE, "b": DONE}, {}))
    assert found.activity("c").state is State.OPEN


def test_done_is_not_locked_again_by_a_new_prerequisite() -> None:
    course = builders.course(module("m", lesson("a"), quiz("b", requires=("a",))))
    assert assess(course, Records({"b": DONE}, {})).activity("b").state is State.DONE
