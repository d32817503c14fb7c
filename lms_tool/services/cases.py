"""Branching cases: the way that a person took so far, and the ends they have met."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from lms_tool.content.case import Case
from lms_tool.content.course import Activity, CompletionRule, Course
from lms_tool.errors import Text, ToolError
from lms_tool.learning.cases import MOST, Move, Stand, Way, choose, follow, seen_ends
from lms_tool.services import works
from lms_tool.services.lessons import Learner

LENGTH = 70 * (MOST + 1)  # characters of a way as text
_MOVE = re.compile(r"([0-9]):([a-z0-9][a-z0-9-]{0,63})")


class CaseStepInvalid(ToolError):
    """What was sent is no step of this case: made up, or of a revision that had other scenes."""

    code = "case_step_invalid"
    status = 400
    text = Text("Diesen Schritt gibt es im Fallbeispiel nicht.", "There is no such step in this case.")
    remedy = Text(
        "Öffnen Sie das Fallbeispiel noch einmal. Was gespeichert ist, bleibt erhalten.",
        "Open the case again. What has been saved is kept.",
    )


@dataclass(frozen=True, slots=True)
class Play:
    """``ends``: ids of those met so far, in the order of the case. ``version`` 0: nothing is saved yet."""

    stand: Stand
    ends: tuple[str, ...] = ()
    version: int = 0


def play(db: Connection, membership_id: int | None, course_id: str, activity: Activity) -> Play:
    """Where this person stands; at the beginning where nothing is saved, or nobody to save for."""
    work = works.load(db, membership_id, course_id, activity.id)
    if work is None:
        return begin(activity)
    return resume(activity, _stored_way(work.content), _stored_ends(work.content), work.version)


def begin(activity: Activity, ends: tuple[str, ...] = ()) -> Play:
    return resume(activity, (), ends)


def resume(activity: Activity, way: Way, ends: Iterable[str], version: int = 0) -> Play:
    """A way and ends that were kept somewhere; what the case does not have any more is left out."""
    case = case_of(activity)
    stand = follow(case, way)
    return Play(stand, seen_ends(case, ends, stand), version)


def step(activity: Activity, way: Way, ends: Iterable[str], number: int) -> Play:
    """One choice further from the place that a page showed. Raises CaseStepInvalid."""
    case = case_of(activity)
    stand = follow(case, way)
    moved = choose(case, stand, number) if stand.way == way else None
    if moved is None:
        raise CaseStepInvalid(moves=len(way), choice=number)
    return Play(moved, seen_ends(case, ends, moved))


def save(
    db: Connection, learner: Learner, course: Course, activity: Activity, made: Play, now: datetime
) -> set[int]:
    """Keep where the person stands now; an end completes the activity. Returns the platforms with a grade to receive.

    The page that was clicked decides, not what another window did since: going back is free at any time.

    Raises:
        ActivityLocked, WorkChanged: see ``works.save``.
    """
    there = play(db, learner.membership_id, course.id, activity)
    ends = seen_ends(case_of(activity), (*there.ends, *made.ends), made.stand)
    works.save(db, learner, course, activity, _content(made.stand, ends), there.version, now)
    if not made.stand.ended or activity.completion is not CompletionRule.FINISHED:
        return set()
    return works.finish(db, learner, course, activity, now)


def as_text(way: Way) -> str:
    """A way as it travels in forms and addresses: ``0:auftrag 1:gespraech``."""
    return " ".join(f"{move.choice}:{move.to}" for move in way)


def from_text(text: str) -> Way:
    """Raises CaseStepInvalid for what ``as_text`` does not write."""
    moves = [_MOVE.fullmatch(piece) for piece in text.split(" ")] if text else []
    if len(text) > LENGTH or len(moves) > MOST or None in moves:
        raise CaseStepInvalid(reason="way", characters=len(text))
    return tuple(Move(int(move[1]), move[2]) for move in moves if move)


def case_of(activity: Activity) -> Case:
    assert isinstance(activity.content, Case)
    return activity.content


def _stored_way(content: dict[str, Any]) -> Way:
    """Empty where the activity was of another kind when it was saved: a worksheet may call its fields as it likes."""
    match content.get("path"):
        case [*moves] if all(isinstance(move, list) and [*map(type, move)] == [int, str] for move in moves):
            return tuple(Move(number, scene) for number, scene in moves)
    return ()


def _stored_ends(content: dict[str, Any]) -> tuple[str, ...]:
    ends = content.get("ends")
    return tuple(end for end in ends if isinstance(end, str)) if isinstance(ends, list) else ()


def _content(stand: Stand, ends: tuple[str, ...]) -> dict[str, Any]:
    return {"path": [[move.choice, move.to] for move in stand.way], "ends": list(ends)}
