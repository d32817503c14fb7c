"""One running tool per database, and the table id → result that the run prints at its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from .bed import Bed
from .postgres import server
from .rows import Rows
from .scripted_lms import ScriptedLms, scripted_lms
from .tool import Tool

DATABASES = ("sqlite", "postgresql")
ORDER = (
    "CLM",
    "JWT",
    "LOG",
    "STA",
    "DL",
    "NR",
    "DR",
    "SES",
    "AGS",
)  # the quiet ones first: AGS-27 waits for a long time-out meanwhile
CASE = re.compile(r"test_([A-Z]{2,3})_(\d\d)(?:_|$)")
COUNTS = {"LOG": 27, "STA": 32, "JWT": 35, "CLM": 77, "DL": 20, "AGS": 40, "NR": 19, "DR": 21, "SES": 12}

# What the list has and this stage of the tool has not. The table names each of them: nothing is left out silently.
LATER: dict[str, str] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--conformance-report", metavar="FILE", help="write the conformance table to this file as well"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bed" in metafunc.fixturenames:
        metafunc.parametrize("bed", DATABASES, indirect=True, scope="session")


@pytest.fixture(scope="session")
def bed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    directory = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        postgres = stack.enter_context(server()) if request.param == "postgresql" else None
        url = postgres.url if postgres else f"sqlite:///{directory / 'tool.db'}"
        tool = Tool(directory, url)
        stack.callback(tool.stop)
        tool.start()
        rows = Rows(url)
        stack.callback(rows.engine.dispose)
        bed = Bed(tool, rows, postgres)
        stack.callback(bed.close)
        yield bed
        bed.check_logs()


@pytest.fixture(scope="session")
def profile(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedLms]:
    with (
        sync_playwright() as playwright,
        scripted_lms(bed, playwright, tmp_path_factory.mktemp("profile")) as one,
    ):
        yield one


@pytest.fixture
def lms(profile: ScriptedLms) -> Iterator[ScriptedLms]:
    profile.context.clear_cookies()  # of the windows of another test
    yield profile
    for page in profile.context.pages[1:]:  # the last one would take the browser along
        page.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cases in a fixed order, one database after the other: the test bed's clock only runs forward."""
    here = Path(__file__).parent
    ours = [item for item in items if here in item.path.parents]
    rest = [item for item in items if here not in item.path.parents]
    items[:] = rest + sorted(ours, key=_place)


def _place(item: pytest.Item) -> tuple[int, int, str, str]:
    database = next((n for n, name in enumerate(DATABASES) if f"[{name}" in item.name), len(DATABASES))
    match = CASE.match(item.name)
    section = ORDER.index(match[1]) if match else -1
    return database, section, match[2] if match else "", item.name


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    results = _results(terminalreporter.stats)
    if not results:
        return
    lines = _table(results)
    terminalreporter.section("LTI conformance")
    for line in lines:
        terminalreporter.write_line(line)
    file = config.getoption("--conformance-report", None)
    if file:
        Path(file).write_text("\n".join(lines) + "\n")


def _results(stats: dict[str, list[Any]]) -> dict[tuple[str, str], str]:
    """(case, database) → passed or failed; a case with several tests fails with any of them."""
    found: dict[tuple[str, str], str] = {}
    for outcome, word in (("passed", "bestanden"), ("failed", "FEHLER"), ("error", "FEHLER")):
        for report in stats.get(outcome, []):
            name = report.nodeid.rsplit("::", 1)[-1]
            match = CASE.match(name)
            database = next((one for one in DATABASES if f"[{one}" in name), None)
            if match and database and "conformance" in report.nodeid:
                case = f"{match[1]}-{match[2]}", database
                found[case] = "FEHLER" if "FEHLER" in (word, found.get(case)) else word
    return found


def _table(results: dict[tuple[str, str], str]) -> list[str]:
    lines = [f"{'Fall':<8}{'SQLite':<12}{'PostgreSQL':<12}"]
    cases = [f"{section}-{number:02}" for section, count in COUNTS.items() for number in range(1, count + 1)]
    for case in cases:
        outcome = [results.get((case, database), "–") for database in DATABASES]
        if case in LATER and set(outcome) == {"–"}:
            lines.append(f"{case:<8}nächste Ausbaustufe: {LATER[case]}")
        else:
            lines.append(f"{case:<8}{outcome[0]:<12}{outcome[1]:<12}".rstrip())
    passed = sum(all(results.get((case, one)) == "bestanden" for one in DATABASES) for case in cases)
    failed = sum(any(results.get((case, one)) == "FEHLER" for one in DATABASES) for case in cases)
    lines.append(
        f"{len(cases)} Fälle: {passed} auf beiden Datenbanken bestanden, {failed} mit Fehler, "
        f"{sum(case in LATER for case in cases)} nächste Ausbaustufe"
    )
    return lines
