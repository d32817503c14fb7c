"""Courses of any shape and what somebody may have done in them."""

from __future__ import annotations

import builders
from hypothesis import strategies as st

from lms_tool.content.course import CompletionRule, Course, Module
from lms_tool.learning import Record, Records

RULES = {
    "page": (CompletionRule.VIEWED, CompletionRule.NONE),
    "quiz": (CompletionRule.PASSED, CompletionRule.ATTEMPTED, CompletionRule.NONE),
}
PERCENT = st.floats(0, 100, allow_nan=False)


@st.composite
def courses(draw: st.DrawFn, *, completable: bool = False) -> Course:
    """Prerequisites point backwards only, as ``courses check`` demands (no cycles).

    ``completable``: each module has an activity that counts, which ``courses check`` demands too; decisions must hold
    up without that, for rules can change.
    """
    modules: list[Module] = []
    activities: list[str] = []
    for m in range(draw(st.integers(1, 3))):
        own = []
        for a in range(draw(st.integers(0, 3))):
            kind = draw(st.sampled_from(("page", "quiz")))
            make = builders.lesson if kind == "page" else builders.quiz
            own.append(
                make(
                    f"a{m}-{a}",
                    completion=draw(st.sampled_from(RULES[kind])),
                    requires=tuple(
                        draw(st.sets(st.sampled_from(activities), max_size=2)) if activities else ()
                    ),
                )
            )
            activities.append(own[-1].id)
        if completable and all(activity.completion is CompletionRule.NONE for activity in own):
            own.append(builders.lesson(f"a{m}-x"))
        earlier = [module.id for module in modules]
        modules.append(
            builders.module(
                f"m{m}",
                *own,
                at_least=draw(st.none() | st.integers(1, 5)),
                requires=tuple(draw(st.sets(st.sampled_from(earlier), max_size=2)) if earlier else ()),
            )
        )
    return builders.course(*modules, at_least=draw(st.none() | st.integers(1, 5)))


@st.composite
def records(draw: st.DrawFn, course: Course) -> Records:
    """Anything that may be stored, also completions that counting alone would not give (an older revision's)."""
    record = st.builds(Record, completed=st.booleans(), percent=st.none() | PERCENT)
    done = st.builds(Record, completed=st.booleans())
    activities = [activity.id for activity in course.activities()]
    return Records(
        draw(_some(activities, record)),
        draw(_some([module.id for module in course.modules], done)),
        draw(done),
    )


def _some(ids: list[str], values: st.SearchStrategy[Record]) -> st.SearchStrategy[dict[str, Record]]:
    return st.dictionaries(st.sampled_from(ids), values) if ids else st.just({})


@st.composite
def standings(draw: st.DrawFn, *, completable: bool = False) -> tuple[Course, Records]:
    course = draw(courses(completable=completable))
    return course, draw(records(course))


@st.composite
def steps(draw: st.DrawFn) -> tuple[Course, Records, Records]:
    """A course and two records, the second of somebody who went on: nothing is taken away, percents only grow."""
    course, before = draw(standings())
    after = draw(records(course))

    def later(old: Record | None, new: Record | None) -> Record:
        percents = [r.percent for r in (old, new) if r is not None and r.percent is not None]
        completed = any(r.completed for r in (old, new) if r is not None)
        return Record(completed, max(percents, default=None))

    def merged(old: dict[str, Record], new: dict[str, Record]) -> dict[str, Record]:
        return {key: later(old.get(key), new.get(key)) for key in {*old, *new}}

    return (
        course,
        before,
        Records(
            merged(dict(before.activities), dict(after.activities)),
            merged(dict(before.modules), dict(after.modules)),
            later(before.course, after.course),
        ),
    )
