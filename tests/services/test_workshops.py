"""Processes are kept on both databases, survive a changed workshop, and finish an activity once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import NOW, Classroom, classroom
from sqlalchemy import select, update
from workshop_samples import ACTIVITY, course

from lms_tool.content.course import CompletionRule
from lms_tool.content.process import Step
from lms_tool.content.workshop import Unit, Workshop
from lms_tool.database import Database
from lms_tool.models import Progress, Work
from lms_tool.services import workshops
from lms_tool.services.lessons import Learner
from lms_tool.services.works import WorkChanged
from lms_tool.services.workshops import Bench, ProcessFull, ProcessGiven, ProcessTooShort, Which

MODEL = (
    Step("eingang", "steueramt", "portal", "portal"),
    Step("formell", "leitung"),
    Step("ausgang", "poststelle"),
)


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Classroom:
    return classroom(database, course(tmp_path / "paket"))


def save(
    room: Classroom,
    who: Learner,
    model: tuple[Step, ...],
    version: int,
    which: Which = "to_be",
    key: str = ACTIVITY,
) -> int:
    activity = room.course.by_activity[key][1]
    with room.database.write() as db:
        return workshops.save(db, who, room.course, activity, which, model, version, NOW)


def bench(room: Classroom, who: Learner, key: str = ACTIVITY) -> Bench:
    with room.database.read() as db:
        return workshops.bench(db, who.membership_id, room.course.id, room.course.by_activity[key][1])


def compare(room: Classroom, who: Learner, *, rule: CompletionRule = CompletionRule.FINISHED) -> set[int]:
    activity = replace(room.course.by_activity[ACTIVITY][1], completion=rule)
    with room.database.write() as db:
        return workshops.compare(db, who, room.course, activity, NOW)


def completed(room: Classroom) -> list[str]:
    with room.database.read() as db:
        return list(
            db.scalars(
                select(Progress.item_id).where(
                    Progress.kind == "activity", Progress.completed_at.is_not(None)
                )
            )
        )


def test_what_is_saved_comes_back(room: Classroom) -> None:
    anna, berta = room.arrive(), room.arrive(sub="berta")
    given = bench(room, anna)
    assert given.version == 0
    assert given.to_be == given.as_is != ()
    assert save(room, anna, MODEL, 0) == 1
    assert bench(room, anna).to_be == MODEL
    assert bench(room, anna).as_is == given.as_is
    assert bench(room, berta) == given


def test_both_models_of_a_free_workshop_are_kept_side_by_side(room: Classroom) -> None:
    anna = room.arrive()
    assert bench(room, anna, "werkstatt-frei") == Bench((), ())
    save(room, anna, MODEL, 0, "as_is", "werkstatt-frei")
    save(room, anna, MODEL[:1], 1, "to_be", "werkstatt-frei")
    assert bench(room, anna, "werkstatt-frei") == Bench(MODEL, MODEL[:1], version=2)


def test_who_builds_on_something_older_is_told(room: Classroom) -> None:
    anna = room.arrive()
    save(room, anna, MODEL, 0)
    save(room, anna, MODEL[:2], 1)
    for version in (0, 1, 7):
        with pytest.raises(WorkChanged):
            save(room, anna, MODEL[1:], version)
    assert bench(room, anna).to_be == MODEL[:2]
    assert save(room, anna, MODEL[:2], 1) == 2, "the same, sent twice"


def test_refusals(room: Classroom) -> None:
    anna = room.arrive()
    with pytest.raises(ProcessGiven):
        save(room, anna, MODEL, 0, "as_is")
    with pytest.raises(ProcessFull):
        save(room, anna, MODEL[:1] * 41, 0)
    save(room, anna, MODEL[:2], 0)
    with pytest.raises(ProcessTooShort):
        compare(room, anna)
    assert not bench(room, anna).compared
    assert completed(room) == []


def test_opening_the_solution_finishes_once_and_for_all(room: Classroom) -> None:
    anna = room.arrive()
    save(room, anna, MODEL, 0)
    compare(room, anna)
    assert completed(room) == [ACTIVITY]
    assert bench(room, anna) == replace(bench(room, anna), to_be=MODEL, compared=True, version=2)
    save(room, anna, MODEL[:1], 2)
    assert bench(room, anna).compared
    with pytest.raises(ProcessTooShort):
        compare(room, anna)
    save(room, anna, MODEL, 3)
    compare(room, anna)
    assert bench(room, anna).version == 4, "it was open already"


def test_without_a_rule_there_is_nothing_to_finish(room: Classroom) -> None:
    anna = room.arrive()
    save(room, anna, MODEL, 0)
    assert compare(room, anna, rule=CompletionRule.NONE) == set()
    assert bench(room, anna).compared
    assert completed(room) == []


def test_a_changed_workshop_takes_what_still_fits(room: Classroom) -> None:
    """Units and media may go with a new revision, blocks with a new version of the tool."""
    anna = room.arrive()
    save(room, anna, MODEL, 0)
    with room.database.write() as db:
        content = db.scalar(select(Work.content))
        assert content is not None
        content["to_be"].append({**content["to_be"][0], "block": "gibt-es-nicht-mehr"})
        db.execute(update(Work).values(content=content))
    activity = room.course.by_activity[ACTIVITY][1]
    workshop = activity.content
    assert isinstance(workshop, Workshop)
    smaller = replace(workshop, units=(Unit("amt", "Amt"), *workshop.units[1:]), media=workshop.media[:4])
    with room.database.read() as db:
        found = workshops.bench(db, anna.membership_id, room.course.id, replace(activity, content=smaller))
    assert found.to_be == (Step("eingang", "steueramt"), Step("formell", "leitung"), Step("ausgang", "amt"))
