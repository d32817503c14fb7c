"""The files of a package: which belong to it, within which limits, read as text or bytes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from lms_tool.content.faults import Report

MIB = 1024 * 1024
FILE_LIMIT = 1 * MIB
MEDIA_LIMIT = 8 * MIB
PACKAGE_LIMIT = 64 * MIB
MODULE_DIR = re.compile(r"\d{2}-[a-z0-9][a-z0-9-]*")
ACTIVITY_FILE = re.compile(r"\d{2}-[a-z0-9][a-z0-9-]*\.(md|yaml)")


@dataclass(frozen=True, slots=True)
class Folder:
    """One module's folder: the paths of its activities, in order."""

    path: str
    activities: tuple[str, ...]


@dataclass(frozen=True)
class Files:
    """A package on disk, its files by their path inside the package (with ``/``)."""

    root: Path
    sizes: dict[str, int]
    modules: tuple[Folder, ...]
    media: tuple[str, ...]
    glossaries: tuple[str, ...] = ()  # of the course, then of its modules

    def full(self, path: str) -> str:
        return str(self.root / path)

    def bytes(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def text(self, path: str, report: Report) -> str | None:
        """The file as text with ``\\n`` line ends, or ``None`` and a fault."""
        if self.sizes[path] > FILE_LIMIT:
            report.error(0, f"Die Datei ist größer als {FILE_LIMIT // MIB} MiB.", "Teilen Sie den Text auf.")
            return None
        data = self.bytes(path)
        try:
            return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            report.error(
                line, "Die Datei ist nicht in UTF-8 gespeichert.", "Speichern Sie sie mit Kodierung UTF-8."
            )
            return None


def scan(root: Path, report: Report) -> Files:
    """List the package under ``root``: links are refused, hidden files passed over, strangers named."""
    if not root.is_dir():
        report.error(0, "Diesen Ordner gibt es nicht.", "Nennen Sie den Ordner, in dem course.yaml liegt.")
        return Files(root, {}, (), ())
    sizes: dict[str, int] = {}
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        for name in sorted([*names, *subfolders]):
            place = Path(folder, name)
            path = place.relative_to(root).as_posix()
            if name.startswith("."):
                if name in subfolders:
                    subfolders.remove(name)
            elif place.is_symlink():
                report.for_file(str(place)).error(
                    0, "Verknüpfungen gehören nicht in ein Kurspaket.", "Legen Sie die Datei selbst hinein."
                )
            elif place.is_file():
                sizes[path] = place.stat().st_size
            elif not place.is_dir():
                report.for_file(str(place)).error(
                    0, "Das ist keine gewöhnliche Datei.", "Nehmen Sie sie heraus."
                )
    if sum(sizes.values()) > PACKAGE_LIMIT:
        report.error(
            0, f"Das Paket ist größer als {PACKAGE_LIMIT // MIB} MiB.", "Verkleinern Sie die Bilder."
        )
    return _sorted_out(root, sizes, report)


def _sorted_out(root: Path, sizes: dict[str, int], report: Report) -> Files:
    modules: dict[str, list[str]] = {}
    media: list[str] = []
    glossaries: list[str] = []
    for path in sorted(sizes):
        match path.split("/"):
            case ["course.yaml"]:
                pass
            case ["glossary.yaml"]:
                glossaries.insert(0, path)
            case ["media", _]:
                media.append(path)
            case ["modules", folder, "module.yaml"] if MODULE_DIR.fullmatch(folder):
                modules.setdefault(f"modules/{folder}", [])
            case ["modules", folder, "glossary.yaml"] if MODULE_DIR.fullmatch(folder):
                glossaries.append(path)
            case ["modules", folder, name] if MODULE_DIR.fullmatch(folder) and ACTIVITY_FILE.fullmatch(name):
                modules.setdefault(f"modules/{folder}", []).append(path)
            case _:
                report.for_file(str(root / path)).warning(
                    0,
                    "Diese Datei gehört nicht zum Format und wird nicht gelesen.",
                    "Module heißen modules/NN-name, Aktivitäten NN-name.md oder NN-name.yaml.",
                )
    _numbers(root, list(modules), report)
    for paths in modules.values():
        _numbers(root, paths, report)
    folders = tuple(Folder(path, tuple(sorted(paths))) for path, paths in sorted(modules.items()))
    return Files(root, sizes, folders, tuple(media), tuple(glossaries))


def _numbers(root: Path, paths: list[str], report: Report) -> None:
    """Two files with one number have no order that an author could have meant."""
    seen: set[str] = set()
    for path in paths:
        number = path.rpartition("/")[2][:2]
        if number in seen:
            report.for_file(str(root / path)).error(
                0,
                f"Die Nummer {number} gibt es hier zweimal.",
                "Nummerieren Sie in der gewünschten Reihenfolge.",
            )
        seen.add(number)
