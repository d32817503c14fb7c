"""Branching cases: scenes with choices that lead to other scenes, and a debrief after every end.

A Markdown file with a head; its body is cut at lines ``=== id: title``. Choices are the list at the end of a scene.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from lms_tool.content.activity import Scope, activity
from lms_tool.content.branches import fewest_decisions, leading_to, reached
from lms_tool.content.course import Activity, CompletionRule
from lms_tool.content.faults import Report
from lms_tool.content.fields import Fields, is_slug
from lms_tool.content.frontmatter import Prose

RULES = (CompletionRule.FINISHED, CompletionRule.NONE)
DEBRIEF = "debrief"
SCENES = 60
CHOICES = 4  # of one scene
DECISIONS = 4  # scenes with more than one choice, at least
ENDS = 2  # at least
TITLE = 120  # characters

_SCENE = re.compile(r"===[ \t]+(?P<id>[^\s:]+)[ \t]*:[ \t]*(?P<title>\S.*)")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_ITEM = re.compile(r"[-*+][ \t]+(?P<text>.*)")
_BEGINS = re.compile(r"[-*+][ \t]+\[")
_TARGET = re.compile(r"\[(?P<text>.*?)\]\(#(?P<to>[^()\s]*)\)(?P<consequence>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Choice:
    """One way on. ``consequence_html``: what follows at once, shown above the next scene; empty for nothing."""

    text_html: str
    to: str
    consequence_html: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Two to four choices: a decision. One: it goes on. None: an end."""

    id: str
    title: str
    html: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Case:
    scenes: tuple[Scene, ...]  # begins with the first
    debrief: Scene

    @cached_property
    def by_id(self) -> dict[str, Scene]:
        return {scene.id: scene for scene in self.scenes}

    @cached_property
    def ends(self) -> tuple[Scene, ...]:
        return tuple(scene for scene in self.scenes if not scene.choices)


@dataclass
class _Item:
    """A choice as it is written: its lines without the sign of the list and the indentation."""

    line: int
    lines: list[str]


@dataclass
class _Part:
    """A scene as it is written. ``line``: that of ``=== id: title``; ``lines`` follow it, then the choices."""

    id: str
    title: str
    line: int
    lines: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)


def case(entry: Fields, prose: Prose, scope: Scope) -> Activity:
    """Read a case; an author's mistakes go to the report, and the package is refused in the end."""
    reader = _Reader(entry.report, scope, prose.first_line)
    return activity(
        entry,
        scope,
        kind="case",
        content=reader.read(prose.text),
        objectives=scope.objectives_of(entry),
        rules=RULES,
    )


class _Reader:
    def __init__(self, report: Report, scope: Scope, first_line: int) -> None:
        self.report = report
        self.scope = scope
        self.first_line = first_line
        self.targets: dict[str, list[int]] = {}  # of every scene, the lines whose choices lead there
        self.labels: set[str] = set()  # names of landmarks in any end: the debrief stands on the same page

    def read(self, text: str) -> Case:
        parts: dict[str, _Part] = {}
        for part in self._parts(text):
            if part.id in parts:
                self.report.error(
                    part.line, f"Die Szene „{part.id}“ gibt es zweimal.", "Wählen Sie eine eigene Kennung."
                )
            else:
                parts[part.id] = part
        for part in parts.values():
            self._split(part)
        last = parts.pop(DEBRIEF, None)
        scenes = tuple(self._scene(part) for part in parts.values())
        self._check(scenes, {part.id: part.line for part in parts.values()})
        if last is None:
            self.report.error(
                self.first_line,
                "Dem Fallbeispiel fehlt die Auswertung.",
                "Ergänzen Sie am Ende „=== debrief: Titel“ mit Text: Was hätte wann geholfen?",
            )
            return Case(scenes, Scene(DEBRIEF, "", ""))
        if last.items:
            self.report.error(
                last.items[0].line,
                "Die Auswertung hat Entscheidungen.",
                "Streichen Sie sie: Mit ihr endet der Fall.",
            )
        return Case(scenes, Scene(DEBRIEF, last.title, self._body(last, self.labels)))

    def _parts(self, text: str) -> list[_Part]:
        """The text cut at its ``===`` lines."""
        parts: list[_Part] = []
        before = False
        for number, line in enumerate(text.split("\n"), self.first_line):
            if line.startswith("==="):
                parts.append(self._head(line, number))
            elif parts:
                parts[-1].lines.append(line)
            elif line.strip() and not before:
                before = True
                self.report.error(
                    number,
                    "Vor der ersten Szene steht Text.",
                    "Beginnen Sie mit einer Zeile „=== anfang: Titel“.",
                )
        return parts

    def _head(self, line: str, number: int) -> _Part:
        found = _SCENE.fullmatch(line.rstrip(" \t"))
        if found is None:
            self.report.error(
                number,
                "Diese Zeile beginnt keine Szene.",
                "Schreiben Sie „=== kennung: Titel“, zum Beispiel „=== anfang: Der Anruf“.",
            )
            return _Part(f"={number}", "", number)  # a name that nobody can lead to
        if is_slug(found["id"], number, self.report) and len(found["title"]) > TITLE:
            self.report.error(
                number, f"Der Titel der Szene ist länger als {TITLE} Zeichen.", "Kürzen Sie ihn."
            )
        return _Part(found["id"], found["title"], number)

    def _split(self, part: _Part) -> None:
        """Part the text of a scene from its choices, and take out what may not stand in it."""
        text: list[str] = []
        for offset, line in enumerate(part.lines):
            number = part.line + 1 + offset
            if not part.items and not _begins_choice(part.lines, offset):
                text.append(self._plain(line, number))
            elif item := _ITEM.fullmatch(line):
                part.items.append(_Item(number, [item["text"]]))
            elif not line.strip() or line[0].isspace():
                part.items[-1].lines.append(line.strip())
            else:
                self.report.error(
                    number,
                    "Nach den Entscheidungen steht noch Text.",
                    "Setzen Sie ihn davor. Eine Folge steht unter ihrer Entscheidung, zwei Leerzeichen eingerückt.",
                )
                break
        part.lines = text

    def _plain(self, line: str, number: int) -> str:
        if not _HEADING.match(line):
            return line
        self.report.error(
            number,
            "In einer Szene steht eine Überschrift.",
            "Streichen Sie sie, oder beginnen Sie eine neue Szene.",
        )
        return ""

    def _scene(self, part: _Part) -> Scene:
        if len(part.items) > CHOICES:
            self.report.error(
                part.items[CHOICES].line,
                f"Die Szene „{part.id}“ hat mehr als {CHOICES} Entscheidungen.",
                "Fassen Sie Wege zusammen.",
            )
        choices = tuple(choice for item in part.items if (choice := self._choice(item)) is not None)
        # An end shares its page with the debrief, every other scene stands alone.
        labels: set[str] = set()
        html = self._body(part, labels)
        if not part.items:
            self.labels |= labels
        return Scene(part.id, part.title, html, choices)

    def _body(self, part: _Part, labels: set[str]) -> str:
        text = "\n".join(part.lines)
        if not text.strip():
            self.report.error(
                part.line, f"Die Szene „{part.id}“ hat keinen Text.", "Schreiben Sie, was geschieht."
            )
        body = self.scope.markup.body(text, self.report, part.line + 1, labels)
        for line in body.checks:
            self.report.error(
                line,
                "Ein Fallbeispiel hat keine Kontrollfrage.",
                "Streichen Sie die Zeile [[kontrollfrage]].",
            )
        return "\n".join(filter(None, (body.before, body.after)))

    def _choice(self, item: _Item) -> Choice | None:
        found = _TARGET.fullmatch("\n".join(item.lines))
        if found is None or not found["to"]:
            self.report.error(
                item.line,
                "Der Entscheidung fehlt ihr Ziel.",
                "Schreiben Sie „- [Text der Entscheidung](#kennung-der-szene)“.",
            )
            return None
        if not found["text"].strip():
            self.report.error(
                item.line, "Der Entscheidung fehlt ihr Text.", "Schreiben Sie ihn in die eckigen Klammern."
            )
            return None
        self.targets.setdefault(found["to"], []).append(item.line)
        text = self.scope.markup.inline(" ".join(found["text"].split()), self.report, item.line)
        if "<a " in text or "<img " in text:
            self.report.error(
                item.line,
                "In einer Entscheidung steht ein Link oder ein Bild.",
                "Sie wird eine Schaltfläche. Setzen Sie den Link in den Text der Szene.",
            )
        start = found.start("consequence") + len(found["consequence"]) - len(found["consequence"].lstrip())
        line = item.line + found.string.count("\n", 0, start)
        consequence = found["consequence"].strip()
        html = self.scope.markup.inline(consequence, self.report, line) if consequence else ""
        return Choice(text, found["to"], html)

    def _check(self, scenes: tuple[Scene, ...], lines: dict[str, int]) -> None:
        """What can only be said of the whole case."""
        for target, places in self.targets.items():
            for line in places:
                self._target(target, target in lines, line)
        decisions = sum(len(scene.choices) > 1 for scene in scenes)
        ends = [scene.id for scene in scenes if not scene.choices]
        counts = (
            (len(scenes) > SCENES, f"Das Fallbeispiel hat mehr als {SCENES} Szenen.", "Kürzen Sie es."),
            (
                decisions < DECISIONS,
                f"Das Fallbeispiel hat nur {decisions} Szenen mit einer Wahl.",
                f"Geben Sie ihm mindestens {DECISIONS}.",
            ),
            (
                len(ends) < ENDS,
                f"Das Fallbeispiel hat zu wenige Enden: {len(ends)}.",
                f"Geben Sie ihm mindestens {ENDS} Szenen ohne Entscheidung.",
            ),
        )
        for wrong, problem, remedy in counts:
            if wrong:
                self.report.error(self.first_line, problem, remedy)
        graph = {scene.id: [choice.to for choice in scene.choices] for scene in scenes}
        there = reached(graph, [scenes[0].id] if scenes else [])
        leaving = leading_to(graph, ends)
        fewest = fewest_decisions(graph, scenes[0].id) if scenes else None
        if decisions >= DECISIONS and fewest is not None and fewest < DECISIONS:
            self.report.warning(
                self.first_line,
                f"Ein Weg kommt nach nur {fewest} Entscheidungen an ein Ende.",
                f"Führen Sie jeden Weg über mindestens {DECISIONS}: Auch ein schlechter Weg geht weiter.",
            )
        for scene in scenes:
            if scene.id not in there:
                self.report.error(
                    lines[scene.id],
                    f"Zur Szene „{scene.id}“ führt kein Weg.",
                    f"Verweisen Sie mit (#{scene.id}) darauf, oder streichen Sie sie.",
                )
            if scene.id not in leaving:
                self.report.error(
                    lines[scene.id],
                    f"Von der Szene „{scene.id}“ führt kein Weg zu einem Ende.",
                    "Ergänzen Sie eine Entscheidung, die aus dem Kreis herausführt.",
                )

    def _target(self, target: str, known: bool, line: int) -> None:
        if target == DEBRIEF:
            self.report.error(
                line,
                "Eine Entscheidung führt in die Auswertung.",
                "Führen Sie zu einem Ende. Die Auswertung folgt von selbst.",
            )
        elif not known:
            self.report.error(
                line,
                f"Die Szene „{target[:40]}“ gibt es nicht.",
                "Prüfen Sie die Kennung, oder schreiben Sie die Szene.",
            )


def _begins_choice(lines: list[str], at: int) -> bool:
    """Whether line ``at`` begins a choice; its text may run over several lines."""
    if not _BEGINS.match(lines[at]):
        return False
    item = [lines[at]]
    for following in range(at + 1, len(lines)):
        line = lines[following]
        if not line.strip() or not line[0].isspace():
            break
        item.append(line)
    return "](#" in "\n".join(item)
