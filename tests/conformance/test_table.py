"""The table at the end tells the truth: every case of the list is either tested here or named as later."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import CASE, COUNTS, LATER, _results, _table


def cases_with_a_test() -> set[str]:
    found = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        for line in file.read_text().splitlines():
            match = CASE.match(line.removeprefix("def "))
            if match:
                found.add(f"{match[1]}-{match[2]}")
    return found


def test_every_case_is_tested_or_later() -> None:
    cases = {f"{section}-{number:02}" for section, count in COUNTS.items() for number in range(1, count + 1)}
    assert len(cases) == 283
    assert cases_with_a_test() | set(LATER) == cases
    assert not cases_with_a_test() & set(LATER)


class Report:
    def __init__(self, name: str) -> None:
        self.nodeid = f"tests/conformance/test_log.py::{name}"


def test_a_case_fails_with_any_of_its_tests() -> None:
    reports = {
        "passed": [
            Report("test_LOG_01_get[sqlite]"),
            Report("test_LOG_01_more[sqlite]"),
            Report("test_LOG_02_x[sqlite]"),
        ],
        "failed": [Report("test_LOG_01_other[sqlite]")],
        "error": [Report("test_LOG_02_y[postgresql]")],
    }
    results = _results(dict(reports))
    assert results == {
        ("LOG-01", "sqlite"): "FEHLER",
        ("LOG-02", "sqlite"): "bestanden",
        ("LOG-02", "postgresql"): "FEHLER",
    }
    lines = _table(results)
    assert "LOG-01  FEHLER      –" in lines
    assert "0 auf beiden Datenbanken bestanden, 2 mit Fehler" in lines[-1]


def test_what_comes_later_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LATER, "DL-20", "ein Grund")
    lines = _table({("LOG-01", "sqlite"): "bestanden"})
    assert "DL-20   nächste Ausbaustufe: ein Grund" in lines
    assert lines[-1].endswith("1 nächste Ausbaustufe")
