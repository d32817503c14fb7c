"""Playing a case: the choices made so far, and where they lead.

A way holds of every choice its number and the scene it led to. When a revision changes scenes, a stored way is
followed as far as it still fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lms_tool.content.case import Case, Choice, Scene

MOST = 100  # choices that are kept of one way: in a circle one can walk for ever


@dataclass(frozen=True, slots=True)
class Move:
    choice: int  # from 0
    to: str  # id of the scene


Way = tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a way leads. ``scenes``: all that it comes through, one more than moves."""

    way: Way
    scenes: tuple[Scene, ...]

    @property
    def scene(self) -> Scene:
        return self.scenes[-1]

    @property
    def ended(self) -> bool:
        return not self.scene.choices

    @property
    def last_choice(self) -> Choice | None:
        return self.scenes[-2].choices[self.way[-1].choice] if self.way else None

    @property
    def decisions(self) -> tuple[int, ...]:
        """Which of ``scenes`` were decisions that have been taken, in order."""
        return tuple(number for number, _ in enumerate(self.way) if len(self.scenes[number].choices) > 1)


def follow(case: Case, way: Way) -> Stand:
    """As far along ``way`` as it fits the case."""
    scenes = [case.scenes[0]]
    for move in way:
        choices = scenes[-1].choices
        if not 0 <= move.choice < len(choices) or choices[move.choice].to != move.to:
            break
        scenes.append(case.by_id[move.to])
    return Stand(way[: len(scenes) - 1], tuple(scenes))


def choose(case: Case, stand: Stand, number: int) -> Stand | None:
    """One move on; None where the scene has no such choice."""
    if not 0 <= number < len(stand.scene.choices):
        return None
    moved = follow(case, (*stand.way, Move(number, stand.scene.choices[number].to)))
    return moved if len(moved.way) <= MOST else follow(case, _without_circles(moved))


def back(case: Case, stand: Stand, number: int) -> Stand:
    """The situation after the first ``number`` moves."""
    return follow(case, stand.way[:number])


def seen_ends(case: Case, seen: Iterable[str], stand: Stand) -> tuple[str, ...]:
    """The ends that were met so far, in the order of the case: those ``seen`` that it still has, and this one."""
    known = {*seen, *([stand.scene.id] if stand.ended else [])}
    return tuple(end.id for end in case.ends if end.id in known)


def _without_circles(stand: Stand) -> Way:
    """The same place on a way that comes through no scene twice."""
    kept: list[Move] = []
    places = {stand.scenes[0].id: 0}  # scene → how many moves lead there
    for move in stand.way:
        kept.append(move)
        if move.to in places:
            del kept[places[move.to] :]
            places = {scene: count for scene, count in places.items() if count <= len(kept)}
        else:
            places[move.to] = len(kept)
    return tuple(kept)
