"""Workshop pages: a model on the bench, and the comparison."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from lms_tool.content.process import BLOCKS, GROUPS, Counts, Step, Steps, count
from lms_tool.content.workshop import Workshop
from lms_tool.learning import State
from lms_tool.learning.process_edits import MOST
from lms_tool.learning.processes import (
    ENOUGH,
    Difference,
    Weak,
    compare,
    complete_enough,
    difference,
    feedback,
    weak_points,
)
from lms_tool.services.workshops import Bench, Which, workshop_of
from lms_tool.web.course_pages import page_state, transfer
from lms_tool.web.lesson_pages import evidence, neighbours
from lms_tool.web.pages import (
    BlockDifference,
    ComparisonPage,
    Link,
    Named,
    PaletteBlock,
    PaletteGroup,
    ProcessCounts,
    ProcessStep,
    Solution,
    StepDetails,
    WorkshopPage,
)
from lms_tool.web.visit import Visit

PATHS: dict[Which, str] = {"as_is": "as-is", "to_be": "to-be"}
BLANK = ProcessStep(number=0, block="eingang", title=BLOCKS["eingang"].title, unit="", column=1)
PALETTE = tuple(
    PaletteGroup(
        title,
        tuple(
            PaletteBlock(one.id, one.title, one.changes_medium) for one in BLOCKS.values() if one.group == key
        ),
    )
    for key, title in GROUPS.items()
)


def model_page(
    seen: Visit, there: Bench, which: Which, number: int = 0, *, typed: StepDetails | None = None
) -> WorkshopPage:
    """One model with step ``number`` chosen (0: none); ``typed``: its form as it was refused."""
    workshop = workshop_of(seen.activity)
    if seen.room.status.activity(seen.activity.id).state is State.LOCKED:
        return WorkshopPage(model=which, url="", tabs=(), **_around(seen))
    model = there.model(which)
    writable = seen.room.records and not (which == "as_is" and workshop.given)
    url = f"{seen.url}/{PATHS[which]}"
    chosen = model[number - 1] if writable and 1 <= number <= len(model) else None
    return WorkshopPage(
        model=which,
        url=url,
        tabs=_tabs(seen),
        units=tuple(Named(unit.id, unit.title) for unit in workshop.units),
        rows=rows(workshop, model),
        counts=_counts(count(model)),
        intro_html=seen.room.html(workshop.intro_html),
        action_url=url if writable else "",
        given=which == "as_is" and workshop.given,
        copy=writable and which == "to_be" and not model and bool(there.as_is),
        version=there.version,
        data=json.dumps([asdict(step) for step in model], ensure_ascii=False) if writable else "",
        media=tuple(Named(medium.id, medium.title) for medium in workshop.media),
        palette=PALETTE if writable else (),
        hints=tuple((hint.block, seen.room.html(hint.html)) for hint in workshop.hints),
        chosen=typed or (None if chosen is None else details(workshop, number, chosen)),
        blank=BLANK if writable else None,
        most=MOST,
        minutes=seen.activity.minutes,
        **_around(seen),
    )


def comparison_page(seen: Visit, there: Bench, *, refused: bool = False) -> ComparisonPage | WorkshopPage:
    """Both models side by side; with the model solution once it was opened, or where nobody keeps anything."""
    workshop = workshop_of(seen.activity)
    if seen.room.status.activity(seen.activity.id).state is State.LOCKED:
        return model_page(seen, there, "to_be")
    found = compare(there.as_is, there.to_be)
    enough = complete_enough(workshop, there.as_is, there.to_be)
    shown = there.compared or seen.found.membership_id is None
    return ComparisonPage(
        tabs=_tabs(seen),
        as_is=_counts(found.as_is),
        to_be=_counts(found.to_be),
        units=tuple(Named(unit.id, unit.title) for unit in workshop.units),
        intro_html=seen.room.html(workshop.intro_html),
        dropped=_blocks(found.dropped) if there.to_be else (),
        added=_blocks(found.added) if there.as_is else (),
        compare_url=f"{seen.url}/compare" if seen.room.records and enough and not shown else "",
        unchanged=workshop.given and there.to_be == there.as_is,
        too_short=seen.room.records and not enough,
        refused=refused,
        enough=ENOUGH,
        given=workshop.given,
        solution=_solution(seen, workshop, there.to_be) if shown else None,
        as_is_solution=_as_is_solution(workshop, there.as_is) if shown and not workshop.given else None,
        **_around(seen),
    )


def details(workshop: Workshop, number: int, step: Step) -> StepDetails:
    hint = next((hint.html for hint in workshop.hints if hint.block == step.block), "")
    return StepDetails(
        number=number,
        title=BLOCKS[step.block].title,
        note=step.note,
        unit=step.unit,
        before=step.before,
        after=step.after,
        minutes=str(step.minutes or ""),
        days=str(step.days or ""),
        hint_html=hint,
    )


def rows(workshop: Workshop, model: Steps) -> tuple[ProcessStep, ...]:
    units = {unit.id: (column, unit.title) for column, unit in enumerate(workshop.units, 1)}
    media = {"": ""} | {medium.id: medium.title for medium in workshop.media}
    return tuple(
        ProcessStep(
            number=place + 1,
            block=step.block,
            title=BLOCKS[step.block].title,
            unit=units[step.unit][1],
            column=units[step.unit][0],
            before=media[step.before],
            after=media[step.after],
            note=step.note,
            minutes=step.minutes,
            days=step.days,
            handed_by=units[model[place - 1].unit][1] if Weak.HANDOVER in weak else "",
            media_change=Weak.MEDIA_CHANGE in weak,
            interruption=step.interrupts,
            double=Weak.DOUBLE in weak,
            loop=Weak.LOOP in weak,
        )
        for place, (step, weak) in enumerate(zip(model, weak_points(model), strict=True))
    )


def _around(seen: Visit) -> dict[str, Any]:
    """What both pages have in common with the pages of other activities."""
    room, module, activity = seen.room, seen.module, seen.activity
    status = room.status.activity(activity.id)
    locked = status.state is State.LOCKED
    before, after = neighbours(room, module, activity)
    around: dict[str, Any] = {
        "frame": room.frame(*(room.trail(module) if room.contains(module) else []), Link(activity.title)),
        "title": activity.title,
        "state": page_state(status.state) if status.counts or locked else None,
        "evidence": evidence(activity, seen.now.date()),
        "previous": before,
        "next": None if locked else after,
        "up": room.up(module),
        "transfer": transfer(room) if room.found.activity_id == activity.id else None,
    }
    return around | ({"missing": tuple(map(room.link, status.missing))} if locked else {})


def _tabs(seen: Visit) -> tuple[Link, ...]:
    keys: tuple[tuple[str, str], ...] = (*PATHS.items(), ("compare", "compare"))
    return tuple(Link(key, f"{seen.url}/{path}") for key, path in keys)


def _counts(counts: Counts) -> ProcessCounts:
    return ProcessCounts(**asdict(counts))


def _blocks(found: Iterable[tuple[str, int]]) -> tuple[BlockDifference, ...]:
    return tuple(BlockDifference(BLOCKS[block].title, times) for block, times in found)


def _solution(seen: Visit, workshop: Workshop, own: Steps) -> Solution:
    findings = feedback(workshop.checks, own) if own else ()
    return Solution(
        counts=_counts(count(workshop.to_be)),
        findings=tuple((finding.met, seen.room.html(finding.html)) for finding in findings),
        rows=rows(workshop, workshop.to_be),
        mind_html=seen.room.html(workshop.mind_html),
        **_different(workshop, difference(own, workshop.to_be) if own else Difference()),
    )


def _as_is_solution(workshop: Workshop, own: Steps) -> Solution:
    return Solution(
        counts=_counts(count(workshop.as_is)),
        findings=(),
        rows=rows(workshop, workshop.as_is),
        **_different(workshop, difference(own, workshop.as_is) if own else Difference()),
    )


def _different(workshop: Workshop, found: Difference) -> dict[str, Any]:
    units = {unit.id: unit.title for unit in workshop.units}
    return {
        "missing": _blocks(found.missing),
        "surplus": _blocks(found.surplus),
        "elsewhere": tuple(
            BlockDifference(BLOCKS[block].title, 1, units[here], units[there])
            for block, here, there in found.elsewhere
        ),
        "reordered": found.reordered,
    }
