"""Branching cases on both databases: the way is kept, an end completes, and two clicks at once do no harm."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import case_samples
import pytest
from builders import NOW, Classroom, classroom
from sqlalchemy import delete, select

from lms_tool.content.course import Activity
from lms_tool.database import Database
from lms_tool.models import Membership, Progress, Score, Work
from lms_tool.services import cases, works
from lms_tool.services.cases import CaseStepInvalid, Play, as_text, from_text
from lms_tool.services.lessons import Learner
from lms_tool.services.works import WorkChanged

TO_AN_END = "0:dienstleister 0:melden 1:presse 1:ende-offen"


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Classroom:
    return classroom(database, case_samples.course(tmp_path))


@pytest.fixture
def activity(room: Classroom) -> Activity:
    return room.course.by_activity[case_samples.CASE_ID][1]


def at(activity: Activity, way: str) -> Play:
    return cases.resume(activity, from_text(way), ())


def save(room: Classroom, learner: Learner, activity: Activity, way: str) -> set[int]:
    with room.database.write() as db:
        return cases.save(db, learner, room.course, activity, at(activity, way), NOW)


def kept(room: Classroom, learner: Learner, activity: Activity) -> Play:
    with room.database.read() as db:
        return cases.play(db, learner.membership_id, room.course.id, activity)


def completed(room: Classroom) -> list[object]:
    with room.database.read() as db:
        wanted = Progress.item_id == case_samples.CASE_ID
        return [one for one in db.scalars(select(Progress.completed_at).where(wanted)) if one is not None]


def test_the_way_is_kept_and_an_end_completes_once(room: Classroom, activity: Activity) -> None:
    anna = room.arrive()
    assert kept(room, anna, activity).version == 0
    assert save(room, anna, activity, "0:dienstleister") == set()
    assert as_text(kept(room, anna, activity).stand.way) == "0:dienstleister"
    assert completed(room) == []
    save(room, anna, activity, TO_AN_END)
    (first,) = completed(room)
    with room.database.write() as db:
        cases.save(db, anna, room.course, activity, at(activity, TO_AN_END), NOW + timedelta(hours=1))
    assert completed(room) == [first]
    save(room, anna, activity, "")
    assert kept(room, anna, activity).ends == ("ende-offen",)
    assert completed(room) == [first], "played again, and still done"


def test_the_grade_is_wanted_in_the_same_step(room: Classroom, activity: Activity) -> None:
    anna = room.arrive(activity_id=activity.id)
    save(room, anna, activity, "0:dienstleister")
    with room.database.read() as db:
        assert db.scalars(select(Score.given)).first() is None
    assert save(room, anna, activity, TO_AN_END) == {room.at.id}
    with room.database.read() as db:
        assert db.scalar(select(Score.given)) == 100


def test_what_somebody_played_goes_with_them(room: Classroom, activity: Activity) -> None:
    anna = room.arrive()
    save(room, anna, activity, TO_AN_END)
    with room.database.write() as db:
        db.execute(delete(Membership).where(Membership.id == anna.membership_id))
        assert db.scalars(select(Work.content)).all() == []


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """What each of them returned or raised."""
    start = Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        start.wait()
        try:
            return verb()
        except WorkChanged as error:
            return error.code

    with ThreadPoolExecutor(len(verbs)) as threads:
        return list(threads.map(run, verbs))


def test_one_click_sent_four_times_at_once(room: Classroom, activity: Activity) -> None:
    anna = room.arrive()
    answers = at_once(*[lambda: save(room, anna, activity, TO_AN_END)] * 4)
    assert "work_changed" not in answers
    assert as_text(kept(room, anna, activity).stand.way) == TO_AN_END
    assert len(completed(room)) == 1


def test_two_windows_at_once_leave_one_way(room: Classroom, activity: Activity) -> None:
    anna = room.arrive()
    ways = ("0:dienstleister", "1:abwarten")
    answers = at_once(*[lambda way=way: save(room, anna, activity, way) for way in ways])  # type: ignore[misc]
    assert as_text(kept(room, anna, activity).stand.way) in ways
    assert answers.count("work_changed") <= 1


@pytest.mark.parametrize("text", ["x", "0:", ":a", "10:a", "0:a,0:b", "0:A", "0:a 0:a\n", "0:a " * 40, " "])
def test_only_what_was_written_is_read_again(text: str) -> None:
    with pytest.raises(CaseStepInvalid):
        from_text(text)


def test_a_way_survives_being_written(activity: Activity) -> None:
    assert as_text(from_text(TO_AN_END)) == TO_AN_END
    assert from_text("") == ()


@pytest.mark.parametrize(
    "content",
    [
        {"path": "Ein Text", "ends": "ab"},
        {"path": [{"was": "x", "wer": "y"}], "ends": [{"was": "x"}]},
        {"path": [["0", "dienstleister"], [0]], "ends": [1, None]},
        {"path": [[0, "dienstleister"]], "ends": ["ende-still", 3]},
    ],
)
def test_what_another_kind_of_activity_kept_is_no_way(
    room: Classroom, activity: Activity, content: dict[str, object]
) -> None:
    """An author made a case of a worksheet, whose fields may have any name."""
    anna = room.arrive()
    with room.database.write() as db:
        works.save(db, anna, room.course, activity, content, 0, NOW)
    there = kept(room, anna, activity)
    right = content["path"] == [[0, "dienstleister"]]
    assert (as_text(there.stand.way), there.ends) == (
        ("0:dienstleister", ("ende-still",)) if right else ("", ())
    )
    save(room, anna, activity, TO_AN_END)
