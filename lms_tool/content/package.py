"""Course packages on disk: read one, or check one and say what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.nodes import Node

from lms_tool.content import frontmatter, kinds
from lms_tool.content.activity import Scope
from lms_tool.content.course import Activity, Course, Media, Module, Need, Source, Term
from lms_tool.content.crosscheck import ReadModule, crosscheck
from lms_tool.content.editorial import Document, document, findings
from lms_tool.content.faults import Fault, PackageError, Report
from lms_tool.content.fields import Fields, fields, items
from lms_tool.content.files import MEDIA_LIMIT, MIB, Folder, scan
from lms_tool.content.frontmatter import Prose
from lms_tool.content.markup import Markup
from lms_tool.content.media import media
from lms_tool.content.readability import Figures
from lms_tool.content.structure import CourseFile, course_file, glossary, module_file
from lms_tool.content.yamltext import load

__all__ = ["Fault", "Inspection", "PackageError", "check", "inspect", "read"]


def read(folder: Path) -> Course:
    """The course in ``folder`` (where course.yaml is), rendered and sanitised.

    Raises ``PackageError`` with all faults if there is an error among them; warnings and editorial findings do not
    stop it.
    """
    reader = _Reader(folder)
    if reader.course is None or any(fault.level == "error" for fault in reader.found):
        raise PackageError(sorted(reader.found))
    return reader.course


def check(folder: Path) -> list[Fault]:
    """Everything that is wrong with the package in ``folder``, by file and line; warnings included."""
    return inspect(folder).faults


def inspect(folder: Path) -> Inspection:
    """The package in ``folder`` with all that is wrong with it: its structure, then what editors look for."""
    reader = _Reader(folder)
    broken = {Path(fault.path).parent for fault in reader.found if fault.level == "error"}
    modules = [one for one in reader.read if Path(one.report.path).parent not in broken]
    editorial = findings(reader.documents, modules, reader.abbreviations)
    return Inspection(sorted(reader.found), sorted(editorial), reader.documents)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What ``courses check`` found. Only errors of the structure keep a package from being read."""

    structure: list[Fault]
    editorial: list[Fault]  # modules with errors in their structure are not asked whether they are complete
    documents: list[Document]  # all that could be read

    @property
    def faults(self) -> list[Fault]:
        """All of them, by file and line."""
        return sorted(self.structure + self.editorial)

    def readability(self) -> list[tuple[str, Figures]]:
        """Path and figures of every activity."""
        return [(each.path, each.figures) for each in self.documents if each.is_activity]


class _Reader:
    """Reads one package. Every method reports into ``found`` and goes on as far as it can."""

    def __init__(self, folder: Path) -> None:
        self.found: list[Fault] = []
        self.files = scan(folder, Report(str(folder), self.found))
        self.markup = Markup()
        self.modules: dict[str, str] = {}  # id → file
        self.activities: dict[str, str] = {}
        self.documents: list[Document] = []
        self.read: list[ReadModule] = []
        self.abbreviations: tuple[str, ...] = ()
        self.course = self._course()

    def _course(self) -> Course | None:
        report = self._report("course.yaml")
        head = self._fields("course.yaml", report, "course")
        about = CourseFile("", "", "", "de", Need()) if head is None else course_file(head)
        self.abbreviations = about.abbreviations
        pictures = [self._media(path) for path in self.files.media]
        self.markup.media = {picture.name: picture for picture in pictures}
        self.read = [one for folder in self.files.modules if (one := self._module(folder)) is not None]
        course = Course(
            id=about.id,
            title=about.title,
            summary=about.summary,
            modules=tuple(one.module for one in self.read),
            language=about.language,
            completion=about.completion,
            glossary=self._glossary(
                {key: source for one in self.read for key, source in one.file.sources.items()}
            ),
            media=tuple(pictures),
        )
        for picture in pictures:
            if picture.name not in self.markup.used:
                self._report(f"media/{picture.name}").warning(
                    0, "Das Bild wird nicht verwendet.", "Löschen Sie es."
                )
        if head is not None:
            crosscheck(course, self.read, self.markup, report)
        return None if head is None else course

    def _module(self, folder: Folder) -> ReadModule | None:
        path = f"{folder.path}/module.yaml"
        report = self._report(path)
        head = self._fields(path, report, "module")
        if head is None:
            return None
        about = module_file(head)
        home = self.modules.setdefault(about.id, path)
        if home != path:
            head.wrong(
                "id", f"Das Modul „{about.id}“ gibt es schon in {home}.", "Wählen Sie eine eigene Kennung."
            )
        goals = frozenset(objective.id for objective in about.objectives)
        scope = Scope(self.markup, goals, about.sources, set(), self.activities)
        activities: dict[str, Activity] = {}
        paths: dict[str, str] = {}
        for place in folder.activities:
            made = self._activity(place, scope)
            if made is not None:
                activities[made.id] = made
                paths[made.id] = self.files.full(place)
        module = Module(
            id=about.id,
            title=about.title,
            summary=about.summary,
            objectives=about.objectives,
            activities=tuple(activities.values()),
            outcome=about.outcome,
            completion=about.completion,
            requires=tuple(ref.value for ref in about.requires),
            anonymous=about.anonymous,
        )
        return ReadModule(module, about, report, frozenset(scope.used), paths)

    def _activity(self, path: str, scope: Scope) -> Activity | None:
        report = self._report(path)
        if path.endswith(".md"):
            text = self.files.text(path, report)
            parts = None if text is None else frontmatter.part(text, report)
            if text is None or parts is None:
                return None
            self._keep(path, "page", text, parts[0].node, parts[1])
            return kinds.markdown(*parts, scope)
        entry = self._fields(path, report)
        return None if entry is None else kinds.yaml(entry, scope)

    def _glossary(self, sources: dict[str, Source]) -> tuple[Term, ...]:
        """The terms of the course and of its modules."""
        terms: dict[str, Term] = {}
        for path in self.files.glossaries:
            report = self._report(path)
            text = self.files.text(path, report)
            if text is not None:
                node = load(text, report, path)
                entries = items(node, report, path)
                if node is not None:
                    self._keep(path, "glossary", text, node)
                glossary(entries, sources, self.markup, terms)
        return tuple(terms.values())

    def _media(self, path: str) -> Media:
        report = self._report(path)
        name = path.removeprefix("media/")
        if self.files.sizes[path] > MEDIA_LIMIT:
            report.error(0, f"Das Bild ist größer als {MEDIA_LIMIT // MIB} MiB.", "Verkleinern Sie es.")
            return media(name, b"", Report(path))
        return media(name, self.files.bytes(path), report)

    def _fields(self, path: str, report: Report, kind: str = "") -> Fields | None:
        if path not in self.files.sizes:
            report.error(0, "Die Datei fehlt.", "Legen Sie sie an (siehe courses/README.md).")
            return None
        text = self.files.text(path, report)
        if text is None:
            return None
        read = fields(load(text, report, path), report, path.rpartition("/")[2])
        if read is not None:
            self._keep(path, kind, text, read.node)
        return read

    def _keep(self, path: str, kind: str, text: str, head: Node, prose: Prose | None = None) -> None:
        self.documents.append(document(self.files.full(path), kind, text, head, prose))

    def _report(self, path: str) -> Report:
        return Report(self.files.full(path), self.found)
