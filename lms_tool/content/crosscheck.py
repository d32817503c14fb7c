"""What can only be checked when all files of a package are read: references, cycles, reachable completion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from lms_tool.content.course import Activity, CompletionRule, Course, Module, Need, Source
from lms_tool.content.faults import Report
from lms_tool.content.markup import Markup
from lms_tool.content.structure import ModuleFile


@dataclass(frozen=True, slots=True)
class ReadModule:
    """A module with what its file said, to name lines by."""

    module: Module
    file: ModuleFile
    report: Report
    used: frozenset[str]  # objectives and sources that its activities name
    paths: dict[str, str]  # activity id → file


def crosscheck(course: Course, read: list[ReadModule], markup: Markup, report: Report) -> None:
    """Report the faults between the files; ``report`` is that of course.yaml."""
    _links(course, markup, report)
    _requirements(course, read, markup)
    _cycles(course, read, report)
    _reachable(course.completion, len(course.modules), report, 1, "Module")
    for one in read:
        line = one.file.lines["key", "completion"]
        count = sum(_completable(activity) for activity in one.module.activities)
        _reachable(one.module.completion, count, one.report, line, "Aktivitäten mit Abschluss")
        _unused(one)
    _contradictions(read)


def _links(course: Course, markup: Markup, report: Report) -> None:
    known = {"activity": set(course.by_activity), "term": {term.id for term in course.glossary}}
    names = {"activity": "Die Aktivität", "term": "Den Glossarbegriff"}
    for link in markup.links:
        if link.target not in known[link.kind]:
            report.for_file(link.path).error(
                link.line,
                f"{names[link.kind]} „{link.target}“ gibt es nicht.",
                "Prüfen Sie die Kennung, oder legen Sie den Eintrag an.",
            )


def _requirements(course: Course, read: list[ReadModule], markup: Markup) -> None:
    """Whatever is required must exist and must be something that can be completed."""
    by_line = sorted(markup.links, key=lambda link: -link.line)
    lines = {(link.path, link.target): link.line for link in by_line}  # the first mention
    for one in read:
        for ref in one.file.requires:
            if ref.value not in course.by_module:
                one.report.error(
                    ref.line, f"Das Modul „{ref.value}“ gibt es nicht.", "Prüfen Sie die Kennung."
                )
        for activity in one.module.activities:
            path = one.paths[activity.id]
            for wanted in activity.requires:
                found = course.by_activity.get(wanted)
                if found and not _completable(found[1]):
                    one.report.for_file(path).error(
                        lines[path, wanted],
                        f"Vorausgesetzt wird „{wanted}“, das keinen Abschluss hat.",
                        "Geben Sie jener Aktivität einen Abschluss, oder streichen Sie die Voraussetzung.",
                    )


def _cycles(course: Course, read: list[ReadModule], report: Report) -> None:
    """Activities wait for what they and their module require, a module that needs all for its activities."""
    waits: TopologicalSorter[tuple[str, str]] = TopologicalSorter()
    for module in course.modules:
        if module.completion == Need():
            waits.add(
                ("module", module.id), *(("activity", a.id) for a in module.activities if _completable(a))
            )
        for activity in module.activities:
            waits.add(
                ("activity", activity.id),
                *(("activity", wanted) for wanted in activity.requires),
                *(("module", wanted) for wanted in module.requires),
            )
    try:
        waits.prepare()
    except CycleError as error:
        circle = [identity for _, identity in error.args[1]]
        place = next((one for one in read if {one.module.id, *one.paths} & set(circle)), None)
        (place.report if place else report).error(
            place.file.lines["key", "id"] if place else 1,
            f"Voraussetzungen laufen im Kreis: {' → '.join(reversed(circle))}.",
            "Streichen Sie eine davon.",
        )


def _reachable(need: Need, count: int, report: Report, line: int, what: str) -> None:
    if need.at_least is not None and need.at_least > count:
        report.error(
            line,
            f"Verlangt sind {need.at_least} {what}, es gibt aber nur {count}.",
            "Verringern Sie „at_least“.",
        )
    elif count == 0:
        report.error(
            line, f"Es gibt keine {what}.", "So kann niemand abschließen. Ergänzen Sie mindestens eine."
        )


def _unused(one: ReadModule) -> None:
    for key in one.file.sources.keys() - one.used:
        one.report.warning(
            one.file.lines["source", key], f"Die Quelle „{key}“ nennt keine Aktivität.", "Streichen Sie sie."
        )


def _contradictions(read: Iterable[ReadModule]) -> None:
    first: dict[str, Source] = {}
    for one in read:
        for key, source in one.file.sources.items():
            if first.setdefault(key, source) != source:
                one.report.warning(
                    one.file.lines["source", key],
                    f"Die Quelle „{key}“ heißt in einem anderen Modul anders: {first[key].title[:80]}",
                    "Schreiben Sie Titel und Stand in allen Modulen gleich.",
                )


def _completable(activity: Activity) -> bool:
    return activity.completion is not CompletionRule.NONE
