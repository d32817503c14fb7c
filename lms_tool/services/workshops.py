"""The process workshop: what a learner has built, change it, and compare it with the model solution."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from lms_tool.content.course import Activity, CompletionRule, Course
from lms_tool.content.fields import UNPRINTABLE
from lms_tool.content.process import BLOCKS, Step
from lms_tool.content.workshop import DAYS, MINUTES, NOTE, Workshop
from lms_tool.errors import Text, ToolError
from lms_tool.learning.process_edits import MOST, Model
from lms_tool.learning.processes import ENOUGH, complete_enough
from lms_tool.services import works
from lms_tool.services.lessons import Learner

Which = Literal["as_is", "to_be"]
LENGTH = 100_000  # characters of a model as JSON: MOST steps with the longest notes
_TEXTS = ("block", "unit", "before", "after", "note")
_NUMBERS = {"minutes": MINUTES, "days": DAYS}


class ProcessInvalid(ToolError):
    """What was sent is no process of this workshop."""

    code = "process_invalid"
    status = 400
    text = Text("Dieser Ablauf passt nicht zur Aufgabe.", "This process does not fit the task.")
    remedy = Text(
        "Ihr gespeicherter Ablauf ist unverändert. Bitte laden Sie die Seite neu.",
        "Your saved process is unchanged. Please reload the page.",
    )


class ProcessFull(ProcessInvalid):
    code = "process_full"
    text = Text(
        f"Ein Ablauf hat hier höchstens {MOST} Bausteine.", f"A process has at most {MOST} blocks here."
    )
    remedy = Text(
        "Entfernen Sie zuerst einen Baustein, oder fassen Sie Schritte zusammen.",
        "Remove a block first, or combine steps.",
    )


class ProcessGiven(ToolError):
    """The process of today belongs to the task."""

    code = "process_given"
    status = 403
    text = Text("Der heutige Ablauf ist vorgegeben.", "Today's process is given.")
    remedy = Text(
        "Ändern Sie den künftigen Ablauf unter „Künftig (Soll)“.",
        "Change the future process under “In future”.",
    )


class ProcessTooShort(ToolError):
    """There is nothing yet that could be compared."""

    code = "process_too_short"
    status = 422
    text = Text(
        "Es gibt noch keinen eigenen Ablauf zum Vergleichen.",
        "There is no process of your own to compare yet.",
    )
    remedy = Text(
        f"Bauen Sie ihn zuerst, aus mindestens {ENOUGH} Bausteinen.",
        f"First build it, from at least {ENOUGH} blocks.",
    )


@dataclass(frozen=True, slots=True)
class Bench:
    """Both models as they stand. ``version`` 0: nothing is saved yet. ``compared``: the solution was opened."""

    as_is: Model
    to_be: Model
    compared: bool = False
    version: int = 0

    def model(self, which: Which) -> Model:
        return self.as_is if which == "as_is" else self.to_be


def bench(db: Connection, membership_id: int | None, course_id: str, activity: Activity) -> Bench:
    """What this person has built; the beginning of the task where nothing is saved, or nobody to save for."""
    workshop = workshop_of(activity)
    work = works.load(db, membership_id, course_id, activity.id)
    start = workshop.as_is if workshop.given else ()
    if work is None:
        return Bench(start, start)
    return Bench(
        start if workshop.given else _restored(workshop, work.content.get("as_is", [])),
        _restored(workshop, work.content.get("to_be", [])),
        bool(work.content.get("compared")),
        work.version,
    )


def save(
    db: Connection,
    learner: Learner,
    course: Course,
    activity: Activity,
    which: Which,
    model: Model,
    version: int,
    now: datetime,
) -> int:
    """Keep ``model`` as one of the two; the other one stays. Returns the new version.

    Raises:
        ProcessGiven: this one is the author's.
        ProcessFull: it has too many steps.
        ActivityLocked, WorkChanged: see ``works.save``.
    """
    if which == "as_is" and workshop_of(activity).given:
        raise ProcessGiven(activity=activity.id)
    if len(model) > MOST:
        raise ProcessFull(steps=len(model))
    there = bench(db, learner.membership_id, course.id, activity)
    content = _content(there) | {which: [asdict(step) for step in model]}
    return works.save(db, learner, course, activity, content, version, now)


def compare(db: Connection, learner: Learner, course: Course, activity: Activity, now: datetime) -> set[int]:
    """Open the model solution: with it the activity is finished. Returns the platforms that have a grade to receive.

    Raises:
        ProcessTooShort: nothing to compare yet.
        ActivityLocked, WorkChanged: see ``works.save``.
    """
    there = bench(db, learner.membership_id, course.id, activity)
    if not complete_enough(workshop_of(activity), there.as_is, there.to_be):
        raise ProcessTooShort(steps=len(there.to_be))
    if not there.compared:
        content = _content(there) | {"compared": True}
        works.save(db, learner, course, activity, content, there.version, now)
    if activity.completion is not CompletionRule.FINISHED:
        return set()
    return works.finish(db, learner, course, activity, now)


def parse(workshop: Workshop, text: str) -> Model:
    """The steps in a JSON list, as a browser sends them. Raises ProcessInvalid, ProcessFull."""
    if len(text) > LENGTH:
        raise ProcessInvalid(reason="size", characters=len(text))
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ProcessInvalid(reason="json") from None
    if not isinstance(found, list):
        raise ProcessInvalid(reason="list")
    if len(found) > MOST:
        raise ProcessFull(steps=len(found))
    return tuple(step(workshop, one) for one in found)


def step(workshop: Workshop, given: object) -> Step:
    """One step of this workshop. Raises ProcessInvalid for keys, ids, texts and numbers that it can't have."""
    if not isinstance(given, dict) or not given.keys() <= {*_TEXTS, *_NUMBERS}:
        raise ProcessInvalid(reason="keys")
    texts = {key: given.get(key, "") for key in _TEXTS}
    numbers = {key: given.get(key, 0) for key in _NUMBERS}
    if not all(type(value) is str and not UNPRINTABLE.search(value) for value in texts.values()):
        raise ProcessInvalid(reason="text")
    if not all(type(value) is int and 0 <= value <= _NUMBERS[key] for key, value in numbers.items()):
        raise ProcessInvalid(reason="number")
    media = {"", *(medium.id for medium in workshop.media)}
    if texts["block"] not in BLOCKS or texts["unit"] not in {unit.id for unit in workshop.units}:
        raise ProcessInvalid(reason="block or unit")
    if texts["before"] not in media or texts["after"] not in media:
        raise ProcessInvalid(reason="medium")
    texts["note"] = " ".join(texts["note"].split())
    if len(texts["note"]) > NOTE:
        raise ProcessInvalid(reason="note")
    return Step(**texts, **numbers)


def workshop_of(activity: Activity) -> Workshop:
    assert isinstance(activity.content, Workshop)
    return activity.content


def _content(there: Bench) -> dict[str, Any]:
    return {
        "as_is": [asdict(one) for one in there.as_is],
        "to_be": [asdict(one) for one in there.to_be],
        "compared": there.compared,
    }


def _restored(workshop: Workshop, stored: list[dict[str, Any]]) -> Model:
    """Stored steps in a workshop whose units and media may have changed since: what still has a place stays."""
    units = {unit.id for unit in workshop.units}
    media = {medium.id for medium in workshop.media}
    model = []
    for one in stored:
        made = Step(**one)
        if made.block not in BLOCKS:
            continue
        model.append(
            Step(
                made.block,
                made.unit if made.unit in units else workshop.units[0].id,
                made.before if made.before in media else "",
                made.after if made.after in media else "",
                made.note,
                made.minutes,
                made.days,
            )
        )
    return tuple(model)
