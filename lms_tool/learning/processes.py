"""Looking at a process: where it is weak, what a change brings, and how far it is from the model solution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lms_tool.content.process import Counts, Step, Steps, count
from lms_tool.content.workshop import Check, Workshop

ENOUGH = 3  # steps of a model that is worth comparing


class Weak(StrEnum):
    """Where work gets lost."""

    MEDIA_CHANGE = "bruch"  # by hand from one medium to another
    HANDOVER = "uebergabe"  # another unit goes on
    WAITING = "warten"  # nobody does anything
    DOUBLE = "doppelt"  # the same unit does the same twice running
    LOOP = "schleife"  # back to the unit that has just handed over


def weak_points(steps: Steps) -> tuple[frozenset[Weak], ...]:
    """What is weak at each step."""
    runs = [step.unit for place, step in enumerate(steps) if not place or steps[place - 1].unit != step.unit]
    found: list[frozenset[Weak]] = []
    run = 0
    for place, step in enumerate(steps):
        last = steps[place - 1] if place else None
        weak = set()
        if step.changes_medium:
            weak.add(Weak.MEDIA_CHANGE)
        if step.interrupts or step.days:
            weak.add(Weak.WAITING)
        if last is not None and last.unit != step.unit:
            run += 1
            weak.add(Weak.HANDOVER)
            if run >= 2 and runs[run - 2] == step.unit:
                weak.add(Weak.LOOP)
        if last is not None and (last.block, last.unit) == (step.block, step.unit):
            weak.add(Weak.DOUBLE)
        found.append(frozenset(weak))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Today's process and tomorrow's. ``dropped`` and ``added``: (block, how often), in the catalogue's order."""

    as_is: Counts
    to_be: Counts
    dropped: tuple[tuple[str, int], ...]
    added: tuple[tuple[str, int], ...]


def compare(as_is: Steps, to_be: Steps) -> Comparison:
    return Comparison(count(as_is), count(to_be), _surplus(as_is, to_be), _surplus(to_be, as_is))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says about the learner's process."""

    check: Check
    met: bool

    @property
    def html(self) -> str:
        return self.check.met_html if self.met else self.check.open_html


def feedback(checks: Sequence[Check], to_be: Steps) -> tuple[Finding, ...]:
    return tuple(Finding(check, check.holds(to_be)) for check in checks)


@dataclass(frozen=True, slots=True)
class Difference:
    """How the learner's process differs from the model solution; ``elsewhere``: (block, unit here, unit there)."""

    missing: tuple[tuple[str, int], ...] = ()
    surplus: tuple[tuple[str, int], ...] = ()
    elsewhere: tuple[tuple[str, str, str], ...] = ()
    reordered: bool = False  # the same blocks in another order

    @property
    def none(self) -> bool:
        return self == Difference()


def difference(own: Steps, solution: Steps) -> Difference:
    missing, surplus = _surplus(solution, own), _surplus(own, solution)
    return Difference(
        missing=missing,
        surplus=surplus,
        elsewhere=_elsewhere(own, solution),
        reordered=not missing and not surplus and [s.block for s in own] != [s.block for s in solution],
    )


def complete_enough(workshop: Workshop, as_is: Steps, to_be: Steps) -> bool:
    """Whether there is something to compare: a process of tomorrow, and of today where it was not given.

    Where it was given, tomorrow's begins as its copy: an untouched copy is nobody's work.
    """
    if workshop.given and tuple(to_be) == tuple(workshop.as_is):
        return False
    return len(to_be) >= ENOUGH and (workshop.given or len(as_is) >= ENOUGH)


def _surplus(many: Steps, few: Steps) -> tuple[tuple[str, int], ...]:
    """Blocks that ``many`` has more often than ``few``, in the order of their first appearance."""
    more = Counter(step.block for step in many)
    more.subtract(Counter(step.block for step in few))
    return tuple((block, times) for block, times in more.items() if times > 0)


def _elsewhere(own: Steps, solution: Steps) -> tuple[tuple[str, str, str], ...]:
    """Blocks that occur once in both, but in different units."""
    here, there = _once(own), _once(solution)
    return tuple(
        (block, step.unit, there[block].unit)
        for block, step in here.items()
        if block in there and there[block].unit != step.unit
    )


def _once(steps: Steps) -> dict[str, Step]:
    times = Counter(step.block for step in steps)
    return {step.block: step for step in steps if times[step.block] == 1}
