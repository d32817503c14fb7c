"""Where a person stands in a course: states, locks with their reason, and the one next step.

Pure: a course and what is recorded go in, a frozen picture comes out. Completion semantics follow Moodle's activity
completion; prerequisites follow its "restrict access".
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lms_tool.content.course import Activity, CompletionRule, Course, Module, Need


class State(StrEnum):
    OPEN = "open"
    BEGUN = "begun"
    FAILED = "failed"  # a quiz was handed in and not passed; further attempts may be open
    HANDED_IN = "handed_in"  # a worksheet lies with the coach
    RETURNED = "returned"  # a worksheet came back with remarks
    DONE = "done"
    LOCKED = "locked"


class Phase(StrEnum):
    """Who has a worksheet now: the coach, or the learner again."""

    HANDED_IN = "handed_in"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Record:
    """What is stored about one activity, module or course."""

    completed: bool = False
    percent: float | None = None  # best finished attempt, 0 to 100
    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """Everything recorded for one person in one course; a missing key means: never opened."""

    activities: Mapping[str, Record]
    modules: Mapping[str, Record]
    course: Record = Record()


@dataclass(frozen=True, slots=True)
class ActivityStatus:
    activity: Activity
    state: State
    percent: float | None = None
    missing: tuple[Activity | Module, ...] = ()  # why it is locked
    phase: Phase | None = None  # also of what is done: remarks may come after the hand-in completed it

    @property
    def counts(self) -> bool:
        return self.activity.completion is not CompletionRule.NONE


@dataclass(frozen=True, slots=True)
class ModuleStatus:
    module: Module
    state: State
    activities: tuple[ActivityStatus, ...]
    done: int  # completed activities among those that count
    counting: int  # activities that have a completion rule
    required: int  # how many of them the module asks for
    missing: tuple[Module, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseStatus:
    course: Course
    completed: bool
    modules: tuple[ModuleStatus, ...]
    done: int  # completed modules
    required: int

    def module(self, module_id: str) -> ModuleStatus:
        return next(status for status in self.modules if status.module.id == module_id)

    def activity(self, activity_id: str) -> ActivityStatus:
        module, _ = self.course.by_activity[activity_id]
        return next(s for s in self.module(module.id).activities if s.activity.id == activity_id)


def required(need: Need, available: int) -> int:
    """How many parts must be complete: all, or ``at_least`` n (never more than there are)."""
    return available if need.at_least is None else min(need.at_least, available)


def assess(course: Course, records: Records) -> CourseStatus:
    """The picture of ``course`` for one person.

    What was completed once stays completed, also when a later revision asks for more: a stored completion of a
    module or course wins over counting again.
    """
    done_modules = {module.id for module in course.modules if _module_done(module, records)}
    modules = tuple(_module_status(course, module, records, done_modules) for module in course.modules)
    need = required(course.completion, len(course.modules))
    completed = records.course.completed or (need > 0 and len(done_modules) >= need)
    return CourseStatus(course, completed, modules, len(done_modules), need)


def next_step(
    status: CourseStatus, module_id: str | None = None, exhausted: Container[str] = ()
) -> ActivityStatus | None:
    """What «Weiterlernen» opens: what came back, else the first begun, else the first open activity that counts.

    None when all is done or lies with the coach. Looks into ``module_id`` only, if given; never at ``exhausted``
    quizzes, for which no attempt is left.
    """
    modules = [m for m in status.modules if module_id in (None, m.module.id)]
    waiting = [s for m in modules for s in m.activities if s.counts and s.activity.id not in exhausted]
    for step in waiting:
        if step.phase is Phase.RETURNED:  # also when handing in had completed it
            return step
    for state in (State.BEGUN, State.FAILED, State.OPEN):
        for step in waiting:
            if step.state is state:
                return step
    return None


def _counting(module: Module) -> list[Activity]:
    return [a for a in module.activities if a.completion is not CompletionRule.NONE]


def _completed(records: Records, activity: Activity) -> bool:
    record = records.activities.get(activity.id)
    return record is not None and record.completed


def _module_done(module: Module, records: Records) -> bool:
    stored = records.modules.get(module.id)
    if stored is not None and stored.completed:
        return True
    counting = _counting(module)
    need = required(module.completion, len(counting))
    return need > 0 and sum(_completed(records, a) for a in counting) >= need


def _module_status(course: Course, module: Module, records: Records, done_modules: set[str]) -> ModuleStatus:
    missing = tuple(course.by_module[m] for m in module.requires if m not in done_modules)
    activities = tuple(_activity_status(course, a, records, missing) for a in module.activities)
    counting = [status for status in activities if status.counts]
    if module.id in done_modules:
        state = State.DONE
    elif missing:
        state = State.LOCKED
    elif any(status.state not in (State.OPEN, State.LOCKED) for status in activities):
        state = State.BEGUN
    else:
        state = State.OPEN
    done = sum(status.state is State.DONE for status in counting)
    return ModuleStatus(
        module, state, activities, done, len(counting), required(module.completion, len(counting)), missing
    )


def _activity_status(
    course: Course, activity: Activity, records: Records, missing_modules: tuple[Module, ...]
) -> ActivityStatus:
    record = records.activities.get(activity.id)
    percent = record.percent if record else None
    if record and record.completed:
        return ActivityStatus(activity, State.DONE, percent, phase=record.phase)
    waiting = tuple(
        course.by_activity[other][1]
        for other in activity.requires
        if not _completed(records, course.by_activity[other][1])
    )
    missing: tuple[Activity | Module, ...] = missing_modules + waiting
    if missing:
        return ActivityStatus(activity, State.LOCKED, percent, missing)
    if record is None:
        return ActivityStatus(activity, State.OPEN)
    if record.phase is not None:
        return ActivityStatus(activity, State(record.phase.value), percent, phase=record.phase)
    return ActivityStatus(activity, State.BEGUN if percent is None else State.FAILED, percent)
