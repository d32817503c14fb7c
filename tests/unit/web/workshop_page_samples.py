"""The process workshop in each state."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from workshop_samples import sample

from lms_tool.content.process import Step, count
from lms_tool.learning.process_edits import MOST
from lms_tool.web.pages import (
    BlockDifference,
    ComparisonPage,
    Evidence,
    Frame,
    Link,
    Named,
    ProcessCounts,
    ProcessStep,
    Solution,
    State,
    WorkshopPage,
)
from lms_tool.web.render import Page
from lms_tool.web.workshop_pages import BLANK, PALETTE, details, rows

with TemporaryDirectory() as folder:
    ACTIVITY, WORKSHOP = sample(Path(folder))
FRAME = Frame(
    crumbs=(
        Link("Basis-Befähigung", "/k/abc/"),
        Link("Prozesse", "/k/abc/m/p"),
        Link("Hundesteuer anmelden"),
    ),
    glossary_url="/k/abc/glossary",
    person="Petra Sommer",
)
URL = "/k/abc/a/werkstatt"
TABS = tuple(
    Link(key, f"{URL}/{path}")
    for key, path in (("as_is", "as-is"), ("to_be", "to-be"), ("compare", "compare"))
)
UNITS = tuple(Named(unit.id, unit.title) for unit in WORKSHOP.units)


def counts(model: tuple[Step, ...]) -> ProcessCounts:
    return ProcessCounts(**asdict(count(model)))


def on_bench(model: tuple[Step, ...], chosen: int = 0) -> WorkshopPage:
    return WorkshopPage(
        frame=FRAME,
        title="Hundesteuer anmelden",
        model="to_be",
        url=f"{URL}/to-be",
        tabs=TABS,
        units=UNITS,
        rows=rows(WORKSHOP, model),
        counts=counts(model),
        intro_html=WORKSHOP.intro_html,
        action_url=f"{URL}/to-be",
        version=3,
        data=json.dumps([asdict(step) for step in model], ensure_ascii=False),
        media=tuple(Named(medium.id, medium.title) for medium in WORKSHOP.media),
        palette=PALETTE,
        hints=tuple((hint.block, hint.html) for hint in WORKSHOP.hints),
        chosen=details(WORKSHOP, chosen, model[chosen - 1]) if chosen else None,
        blank=BLANK,
        most=MOST,
        minutes=45,
        state=State.BEGUN,
        evidence=Evidence(("Übungsbeispiel",)),
        up=Link("Prozesse", "/k/abc/m/p"),
    )


BUILDING = on_bench(WORKSHOP.as_is)
CHOSEN = on_bench(WORKSHOP.as_is, 7)
DOUBLE: tuple[ProcessStep, ...] = rows(
    WORKSHOP, (*WORKSHOP.to_be[:2], WORKSHOP.to_be[1], *WORKSHOP.as_is[11:14])
)
SOLUTION = Solution(
    counts=counts(WORKSHOP.to_be),
    findings=tuple((number != 1, check.met_html) for number, check in enumerate(WORKSHOP.checks)),
    missing=(BlockDifference(PALETTE[0].blocks[0].title, 2),),
    surplus=(BlockDifference(PALETTE[3].blocks[1].title),),
    elsewhere=(BlockDifference(PALETTE[1].blocks[1].title, 1, "Amtsleitung", "Steueramt"),),
    rows=rows(WORKSHOP, WORKSHOP.to_be),
    mind_html=WORKSHOP.mind_html,
)
COMPARISON = ComparisonPage(
    frame=FRAME,
    title="Hundesteuer anmelden",
    tabs=TABS,
    as_is=counts(WORKSHOP.as_is),
    to_be=counts((*WORKSHOP.to_be, WORKSHOP.as_is[10])),
    units=UNITS,
    dropped=(BlockDifference(PALETTE[3].blocks[1].title, 2), BlockDifference(PALETTE[4].blocks[1].title)),
    added=(BlockDifference(PALETTE[5].blocks[0].title),),
    compare_url=f"{URL}/compare",
    evidence=Evidence(("Übungsbeispiel",)),
    up=Link("Prozesse", "/k/abc/m/p"),
)
WORKSHOP_PAGES: dict[str, Page] = {
    "workshop": BUILDING,
    "workshop_chosen": CHOSEN,
    "workshop_wrong": replace(CHOSEN, chosen=replace(CHOSEN.chosen, minutes="fünf", wrong=("minutes",))),  # type: ignore[type-var]
    "workshop_empty": replace(on_bench(()), copy=True, version=0),
    "workshop_given": replace(
        BUILDING, model="as_is", url=f"{URL}/as-is", action_url="", palette=(), given=True, blank=None, data=""
    ),
    "workshop_review": replace(BUILDING, rows=DOUBLE, action_url="", palette=(), blank=None, state=State.DONE),
    "workshop_nothing": replace(BUILDING, rows=(), action_url="", palette=(), blank=None),
    "workshop_locked": WorkshopPage(
        frame=FRAME,
        title="Hundesteuer anmelden",
        model="to_be",
        url="",
        tabs=(),
        state=State.LOCKED,
        missing=(Link("Bausteine", "/k/abc/a/bausteine"),),
    ),
    "comparison": COMPARISON,
    "comparison_too_short": replace(
        COMPARISON, to_be=ProcessCounts(), compare_url="", too_short=True, refused=True, enough=3, dropped=(), added=()
    ),
    "comparison_solution": replace(COMPARISON, compare_url="", solution=SOLUTION, state=State.DONE),
    "comparison_free": replace(
        COMPARISON,
        compare_url="",
        given=False,
        solution=replace(SOLUTION, missing=(), surplus=(), elsewhere=()),
        as_is_solution=replace(SOLUTION, reordered=True, rows=rows(WORKSHOP, WORKSHOP.as_is), mind_html=""),
    ),
}  # fmt: skip
