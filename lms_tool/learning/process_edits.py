"""Changing a process step by step: each edit takes steps and gives new ones. Steps are numbered from 1."""

from __future__ import annotations

from dataclasses import replace

from lms_tool.content.process import BLOCKS, Step
from lms_tool.content.workshop import Workshop

MOST = 40  # steps of a learner's model

Model = tuple[Step, ...]


def insert(workshop: Workshop, steps: Model, block: str, after: int, unit: str = "") -> Model:
    """A new step after ``after`` (0: at the beginning), in the unit and on the medium of the step before it."""
    after = max(0, min(after, len(steps)))
    last = steps[after - 1] if after else None
    medium = last.after if last else ""
    made = Step(
        block=block,
        unit=unit or (last.unit if last else workshop.units[0].id),
        before=medium,
        after="" if BLOCKS[block].changes_medium else medium,
    )
    return (*steps[:after], made, *steps[after:])


def remove(steps: Model, number: int) -> Model:
    return steps[: number - 1] + steps[number:]


def move(steps: Model, number: int, to: int) -> Model:
    """Step ``number`` becomes step ``to``, or the first or last one."""
    to = max(1, min(to, len(steps)))
    rest = remove(steps, number)
    return (*rest[: to - 1], steps[number - 1], *rest[to - 1 :])


def hand(workshop: Workshop, steps: Model, number: int, by: int) -> Model:
    """Step ``number`` goes to the unit ``by`` columns further to the right (or left, below 0)."""
    units = [unit.id for unit in workshop.units]
    place = units.index(steps[number - 1].unit) + by
    unit = units[max(0, min(place, len(units) - 1))]
    return put(steps, number, replace(steps[number - 1], unit=unit))


def put(steps: Model, number: int, step: Step) -> Model:
    return (*steps[: number - 1], step, *steps[number:])
