"""What holds for every tracked file: short enough to be read in one sitting, and nothing of the place it was made in.

    python tests/lint_tree.py [DIRECTORY]

Exit status 1 and one line per fault on standard error; else one line with the sizes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

LIMIT = 400  # lines
CODE = {".py", ".html", ".js", ".css", ".mjs"}
GENERATED = "migrations/versions/"

# Put together here, so that this file does not name them itself.
FORBIDDEN = {
    "a package registry's host": [
        ".".join(name)
        for name in (
            ("registry", "npmjs"),
            ("pypi", "org"),
            ("files", "python" + "hosted"),
            ("registry", "yarnpkg"),
            ("crates", "io"),
        )
    ],
    "a path of one workplace": ["/" + "work/main", "/" + "work/shared", "/tmp/" + "brief", "/" + "farm/"],
}


def tracked(root: Path) -> list[str]:
    """Paths of the files git knows and that are there, relative to ``root``."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z"], check=True, capture_output=True
    ).stdout
    return [path for path in listed.decode().split("\0") if path and (root / path).is_file()]


def lines(root: Path, paths: list[str]) -> dict[str, int]:
    """Number of lines of each file of code."""
    return {
        path: len((root / path).read_bytes().splitlines())
        for path in paths
        if Path(path).suffix in CODE and GENERATED not in path
    }


def faults(root: Path, paths: list[str]) -> Iterator[str]:
    for path, count in sorted(lines(root, paths).items(), key=lambda item: -item[1]):
        if count > LIMIT:
            yield f"{path}: {count} lines, at most {LIMIT}; split it by what changes together"
    for path in paths:
        content = (root / path).read_bytes().decode("utf-8", "replace")
        for what, words in FORBIDDEN.items():
            for number, line in enumerate(content.splitlines(), start=1):
                for word in words:
                    if word in line:
                        yield f"{path}:{number}: names {what} ({word})"


def sizes(root: Path, paths: list[str]) -> str:
    """One line: how many files of code there are and how long the middle one is."""
    counts = {
        part: [n for path, n in lines(root, paths).items() if path.startswith(f"{part}/")]
        for part in ("lms_tool", "tests")
    }
    return ", ".join(
        f"{part}: {len(n)} files, median {median(n):.0f} lines" for part, n in counts.items() if n
    )


def main(root: Path) -> int:
    paths = tracked(root)
    found = list(faults(root, paths))
    for fault in found:
        sys.stderr.write(fault + "\n")
    if not found:
        sys.stdout.write(sizes(root, paths) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1])))
