"""The ways through a branching case, as a graph: which scenes can be reached, and from which one gets out again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

Graph = Mapping[str, Iterable[str]]  # every scene with the scenes that its choices lead to


def reached(graph: Graph, starts: Iterable[str]) -> set[str]:
    """The scenes that a way from one of ``starts`` comes through, with these; targets outside of the graph are none."""
    found: set[str] = set()
    waiting = [start for start in starts if start in graph]
    while waiting:
        scene = waiting.pop()
        if scene not in found:
            found.add(scene)
            waiting += [target for target in graph[scene] if target in graph]
    return found


def leading_to(graph: Graph, targets: Iterable[str]) -> set[str]:
    """The scenes from which a way leads to one of ``targets``, with these."""
    backwards: dict[str, list[str]] = {scene: [] for scene in graph}
    for scene, onward in graph.items():
        for target in onward:
            if target in backwards:
                backwards[target].append(scene)
    return reached(backwards, targets)


def fewest_decisions(graph: Graph, start: str) -> int | None:
    """How many scenes with a choice the shortest way from ``start`` to an end meets; None: there is no such way."""
    onward = {scene: list(targets) for scene, targets in graph.items()}
    counted = {start: 0}
    waiting = deque([start] if start in onward else [])
    while waiting:
        scene = waiting.popleft()
        if not onward[scene]:
            return counted[scene]  # ways with fewer decisions were all looked at before
        step = int(len(onward[scene]) > 1)
        for target in onward[scene]:
            if target in onward and counted[scene] + step < counted.get(target, len(onward) + 1):
                counted[target] = counted[scene] + step
                if step:
                    waiting.append(target)
                else:
                    waiting.appendleft(target)
    return None
