"""The tree as git has it: see tests/lint_tree.py, which ``make lint`` runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import lint_tree
import pytest


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    return tmp_path


def track(repository: Path, path: str, content: str) -> None:
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text(content)
    subprocess.run(["git", "-C", str(repository), "add", "--force", path], check=True)


def found(repository: Path) -> list[str]:
    return list(lint_tree.faults(repository, lint_tree.tracked(repository)))


def test_this_tree_has_no_faults() -> None:
    assert found(Path(__file__).parents[2]) == []


def test_long_files_are_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix in lint_tree.CODE:
        track(repository, f"lang{suffix}", "x\n" * 401)
        track(repository, f"kurz{suffix}", "x\n" * 400)
    track(repository, "lang.md", "x\n" * 401)
    track(repository, "migrations/versions/0001.py", "x\n" * 401)
    assert {fault.split(":")[0] for fault in found(repository)} == {
        f"lang{suffix}" for suffix in lint_tree.CODE
    }
    assert lint_tree.main(repository) == 1
    assert "401 lines" in capsys.readouterr().err


def test_untracked_files_do_not_count(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "lang.py").write_text("x\n" * 500)
    track(repository, "lms_tool/a.py", "x\n" * 10)
    assert lint_tree.main(repository) == 0
    assert capsys.readouterr().out == "lms_tool: 1 files, median 10 lines\n"


@pytest.mark.parametrize("word", [word for words in lint_tree.FORBIDDEN.values() for word in words])
def test_what_names_the_place_it_was_made_in_is_found(repository: Path, word: str) -> None:
    track(repository, "lock.json", f'{{"a": 1}}\n{{"resolved": "https://{word}/x"}}\n')
    (fault,) = found(repository)
    assert fault.startswith("lock.json:2: ")
