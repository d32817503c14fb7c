"""What is wrong with a course package: faults with file and line, collected, never raised one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lms_tool.errors import Text, ToolError

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One finding of ``courses check``: where, what, and what to do about it (German sentences)."""

    path: str
    line: int  # from 1; 0 where the fault is a missing or unreadable file
    level: Level
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        note = "Hinweis: " if self.level == "warning" else ""
        return f"{place}: {note}{self.problem} — {self.remedy}"


class PackageError(ToolError):
    """A course package cannot be read. ``faults`` names every fault found, not only the first."""

    code = "package_invalid"
    status = 422
    text = Text("Das Kurspaket hat Fehler.", "The course package has faults.")
    remedy = Text(
        "Bitte beheben Sie die genannten Stellen und prüfen Sie das Paket noch einmal.",
        "Please mend the places named and check the package again.",
    )

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(faults=len(self.faults))

    def __str__(self) -> str:
        return "\n".join([self.text.de, *map(str, self.faults)])


class Report:
    """Collects the faults of one file; ``for_file`` gives the same collection bound to another file."""

    def __init__(self, path: str, found: list[Fault] | None = None) -> None:
        self.path = path
        self.found: list[Fault] = [] if found is None else found

    def for_file(self, path: str) -> Report:
        return Report(path, self.found)

    def error(self, line: int, problem: str, remedy: str) -> None:
        self.found.append(Fault(self.path, line, "error", problem, remedy))

    def warning(self, line: int, problem: str, remedy: str) -> None:
        self.found.append(Fault(self.path, line, "warning", problem, remedy))
