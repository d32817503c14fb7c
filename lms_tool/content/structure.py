"""``course.yaml``, ``module.yaml`` and ``glossary.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lms_tool.content.activity import cited
from lms_tool.content.course import Need, Objective, Source, Term
from lms_tool.content.fields import Fields, Ref
from lms_tool.content.markup import Markup

SOURCE_KEY_LENGTH = 20


@dataclass(frozen=True, slots=True)
class CourseFile:
    id: str
    title: str
    summary: str
    language: str
    completion: Need
    abbreviations: tuple[str, ...] = ()  # that its texts need not spell out


@dataclass(frozen=True, slots=True)
class ModuleFile:
    id: str
    title: str
    summary: str
    outcome: str
    objectives: tuple[Objective, ...]
    completion: Need
    requires: tuple[Ref, ...]
    anonymous: bool
    sources: dict[str, Source]
    lines: dict[tuple[str, str], int]  # ("key", "id"), ("objective", id), ("source", key)


def course_file(entry: Fields) -> CourseFile:
    made = CourseFile(
        id=entry.slug(),
        title=entry.text("title"),
        summary=entry.text("summary"),
        language=entry.one_of("language", ("de",), "de"),
        completion=_need(entry),
        abbreviations=tuple(ref.value for ref in entry.refs("abbreviations")),
    )
    entry.close()
    return made


def module_file(entry: Fields) -> ModuleFile:
    lines = {("key", key): entry.line(key) for key in ("id", "completion")}
    objectives: dict[str, Objective] = {}
    for given in entry.items("objectives", "„objectives“"):
        objective = Objective(given.slug(), given.text("text"))
        given.close()
        if objective.id in objectives:
            given.wrong(
                "id", f"Das Lernziel „{objective.id}“ gibt es zweimal.", "Wählen Sie eine eigene Kennung."
            )
        if objective.text.endswith("."):
            given.wrong(
                "text", "Das Lernziel endet mit einem Punkt.", "Es setzt „… können Sie“ fort: ohne Punkt."
            )
        objectives[objective.id] = objective
        lines["objective", objective.id] = given.line("id")
    sources: dict[str, Source] = {}
    declared = entry.mapping("sources", "„sources“")
    for key, given in () if declared is None else declared.entries():
        if len(key.value) > SOURCE_KEY_LENGTH or not key.value.strip():
            entry.report.error(
                key.line, "Der Quellenschlüssel ist zu lang.", "Schreiben Sie ihn wie „01:Q4“."
            )
        sources[key.value] = Source(key.value, given.text("title"), given.day("as_of"))
        lines["source", key.value] = key.line
        given.close()
    made = ModuleFile(
        id=entry.slug(),
        title=entry.text("title"),
        summary=entry.text("summary"),
        outcome=entry.text("outcome", ""),
        objectives=tuple(objectives.values()),
        completion=_need(entry),
        requires=entry.ids("requires"),
        anonymous=entry.flag("anonymous", default=False),
        sources=sources,
        lines=lines,
    )
    entry.close()
    return made


def glossary(
    entries: list[Fields], sources: Mapping[str, Source], markup: Markup, terms: dict[str, Term]
) -> None:
    """Add the terms of one file to ``terms``, in its order. ``sources``: those of all modules."""
    for entry in entries:
        term = Term(
            id=entry.slug(),
            term=entry.text("term"),
            text_html=markup.field(entry, "text"),
            also=tuple(ref.value for ref in entry.refs("also")),
            sources=cited(entry, sources, set()),
        )
        entry.close()
        if term.id in terms:
            entry.wrong(
                "id", f"Den Begriff „{term.id}“ gibt es zweimal.", "Führen Sie die Einträge zusammen."
            )
        terms[term.id] = term


def _need(entry: Fields) -> Need:
    if not entry.is_mapping("completion"):
        entry.one_of("completion", ("all",), "all")
        return Need()
    given = entry.mapping("completion", "„completion“")
    if given is None:
        return Need()
    need = Need(at_least=given.whole("at_least", 1, 999))
    given.close()
    return need
