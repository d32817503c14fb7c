"""Every command explains itself, and says in one sentence what is wrong."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from lms_tool import cli
from lms_tool.settings import Settings

COURSES = Path(__file__).parents[1] / "conformance" / "courses"
PLATFORM = {
    "--issuer": "https://lms.example",
    "--client-id": "c",
    "--deployment-id": "1",
    "--auth-login-url": "https://lms.example/auth",
    "--token-url": "https://lms.example/token",
    "--jwks-url": "https://lms.example/jwks",
}


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


ALL = list(commands(cli.main))
# Each with arguments that are right, so that only the database is wrong.
WITH_DATABASE = {
    ("serve",): (),
    ("worker",): (),
    ("db", "check"): (),
    ("platform", "add"): tuple(part for pair in PLATFORM.items() for part in pair),
    ("platform", "list"): (),
    ("platform", "legacy", "add"): ("kvhs", "--lms-url", "https://lms.example"),
    ("platform", "disable"): ("1",),
    ("platform", "enable"): ("1",),
    ("platform", "mentors"): ("1", "--allow"),
    ("platform", "invite"): (),
    ("platform", "approve"): ("1",),
    ("platform", "reject"): ("1",),
    ("platform", "test"): ("1",),
    ("platform", "sync"): (".",),
    ("keys", "rotate"): (),
    ("keys", "list"): (),
    ("keys", "reseal"): (),
    ("audit", "export"): (),
    ("courses", "load"): (str(COURSES / "pruefkurs"),),
    ("scores", "status"): (),
    ("scores", "sync"): (),
    ("person", "find"): ("u-1",),
    ("person", "erase"): ("1", "--yes"),
    ("tenant", "add"): ("ssg", "Städte- und Gemeindetag"),
    ("tenant", "list"): (),
    ("admin", "add"): ("A. Beier",),
    ("admin", "link"): ("1",),
    ("admin", "list"): (),
    ("admin", "disable"): ("1",),
}
WITHOUT_DATABASE = {("demo",), ("db", "upgrade"), ("courses", "check")}


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LMS_TOOL_{name.upper()}", raising=False)
    monkeypatch.setenv("LMS_TOOL_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def migrated(tmp_path: Path, sqlite_template: Path) -> None:
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "lms-tool.db")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments, prog_name="lms-tool")


def add(**changes: str) -> Result:
    wanted = PLATFORM | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    return run("platform", "add", *(part for pair in wanted.items() for part in pair))


def refused(result: Result, code: str = "") -> str:
    """The one sentence."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    said = result.stderr.strip()
    assert said
    assert "\n" not in said
    assert "Traceback" not in said
    assert said.startswith("lms-tool: ")
    assert re.search(r"\[[\w:]+\]$", said), "ends with the code to search for"
    if code:
        assert said.endswith(f"[{code}]")
    return said


def test_every_command_is_tried_here() -> None:
    assert set(ALL) == set(WITH_DATABASE) | WITHOUT_DATABASE


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_shows_an_example(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert f"Beispiel: lms-tool {' '.join(path)}" in shown
    command = cli.main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]  # type: ignore[assignment]
    assert command.help, "and says what the command does"


def test_the_tool_itself_explains_itself() -> None:
    result = run("--help")
    assert "Beispiel: lms-tool" in result.stdout
    for name in {path[0] for path in ALL}:
        assert re.search(rf"^  {name} +\S", result.stdout, re.MULTILINE), f"{name} has no line"


@pytest.mark.parametrize("path", WITH_DATABASE, ids=" ".join)
def test_an_unmigrated_database_is_named(path: tuple[str, ...], tmp_path: Path) -> None:
    said = refused(run(*path, *WITH_DATABASE[path]), "schema_outdated")
    assert "lms-tool db upgrade" in said


AWAY = "postgresql://niemand@127.0.0.1:1/nichts"
UPGRADE = ("db", "upgrade")


@pytest.mark.parametrize(
    ("path", "url"),
    [
        *((path, AWAY) for path in [*WITH_DATABASE, UPGRADE]),
        *((UPGRADE, url) for url in ("unsinn", "oracle://db.example/x", "sqlite:////proc/nirgends/tool.db")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value.replace("/", ""),
)
def test_a_database_that_cannot_be_had_is_named(
    path: tuple[str, ...], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_TOOL_DATABASE_URL", url)
    monkeypatch.setenv("LMS_TOOL_SECRET_KEY", "x" * 40)
    assert "LMS_TOOL_DATABASE_URL" in refused(run(*path, *WITH_DATABASE.get(path, ())))


@pytest.mark.parametrize(
    ("name", "value"),
    [("BASE_URL", "lernen.example.de"), ("SECRET_KEY", "kurz"), ("TRUSTED_NETWORKS", "zehn")],
)
def test_a_wrong_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LMS_TOOL_{name}", value)
    assert f"LMS_TOOL_{name}" in refused(run("platform", "list"), "settings_invalid")


@pytest.mark.parametrize("command", ["check", "load"])
@pytest.mark.usefixtures("migrated")
def test_a_folder_that_is_no_package_is_named(command: str, tmp_path: Path) -> None:
    for folder in ("gibt-es-nicht", "leer"):
        (tmp_path / "leer").mkdir(exist_ok=True)
        result = run("courses", command, folder)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit)
        assert folder in result.stderr
        assert result.stdout == ""


@pytest.mark.usefixtures("migrated")
def test_faults_have_place_and_remedy(tmp_path: Path) -> None:
    package = shutil.copytree(COURSES / "pruefkurs", tmp_path / "kurs")
    lesson = package / "modules/01-erstes/01-erste-lektion.md"
    lesson.write_text(lesson.read_text().replace("minutes: ", "minuten: "))
    for command in ("check", "load"):
        result = run("courses", command, str(package))
        assert result.exit_code == 1
        assert re.search(r"01-erste-lektion\.md:\d+: ", result.stderr)
    assert run("courses", "check", str(package), "--json").exit_code == 1
    assert json.loads(run("courses", "check", str(package), "--json").stdout)


def test_how_hard_pages_are_to_read_is_shown_where_asked_for() -> None:
    course = str(COURSES / "pruefkurs")
    assert "LIX" not in run("courses", "check", course).stdout
    shown = run("courses", "check", course, "--readability")
    assert shown.exit_code == 0
    head, *pages = shown.stdout.splitlines()
    assert head.split() == ["Wörter", "Sätze", "Median", "längster", "LIX", "Amstad", "Seite"]
    assert any(
        re.search(r"^ +\d+ +\d+ +[\d.]+ +\d+ +[\d.]+ +-?[\d.]+  modules/.*\.md$", line) for line in pages
    )
    data = json.loads(run("courses", "check", course, "--readability", "--json").stdout)
    assert data["faults"] == json.loads(run("courses", "check", course, "--json").stdout)
    assert data["pages"][0].keys() == {"path", "words", "sentences", "median", "longest", "lix", "amstad"}


@pytest.mark.parametrize(
    "changes",
    [
        {"jwks_url": "lms.example/jwks"},
        {"token_url": "javascript:alert(1)"},
        {"auth_login_url": "https://lms.example/auth#teil"},
        {"issuer": ""},
        {"client_id": "x" * 300},
        {"deployment_id": ""},
    ],
    ids=lambda changes: next(iter(changes)),
)
@pytest.mark.usefixtures("migrated")
def test_a_bad_registration_is_refused_and_leaves_nothing(changes: dict[str, str]) -> None:
    assert next(iter(changes)) in refused(add(**changes), "registration_invalid")
    assert json.loads(run("platform", "list", "--json").stdout) == []


@pytest.mark.usefixtures("migrated")
def test_a_registration_is_added_once_and_changed_only_on_demand() -> None:
    assert add().exit_code == 0
    assert add(deployment_id="2").exit_code == 0
    refused(add(jwks_url="https://lms.example/neu"), "registration_invalid")
    (found,) = json.loads(run("platform", "list", "--json").stdout)
    assert found["deployments"] == ["1", "2"]
    assert found["login_path"].startswith("/lti/login/")


@pytest.mark.usefixtures("migrated")
def test_an_invitation_is_a_link_and_nothing_else() -> None:
    result = run("platform", "invite")
    assert re.fullmatch(r"http://\S+/lti/register/[0-9A-Z-]{19}\n", result.stdout)
    assert result.stderr == ""
    made = json.loads(run("platform", "invite", "--days", "1", "--json").stdout)
    assert "/lti/register/" in made["url"] and made["url"] not in result.stdout
    refused(run("platform", "invite", "--tenant", "niemand"), "tenant_not_found")


@pytest.mark.parametrize("command", ["disable", "enable", "approve", "reject"])
@pytest.mark.usefixtures("migrated")
def test_a_platform_that_is_not_there_is_named(command: str) -> None:
    refused(run("platform", command, "99"), "platform_not_found")


@pytest.mark.usefixtures("migrated")
def test_a_person_who_is_not_there_is_named() -> None:
    refused(run("person", "erase", "99", "--yes"), "person_not_found")


@pytest.mark.usefixtures("migrated")
def test_deleting_asks_first() -> None:
    result = run("person", "erase", "99")
    assert result.exit_code == 1
    assert "not_found" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("platform", "list"),
        ("keys", "list"),
        ("scores", "status"),
        ("person", "find", "u-1"),
        ("courses", "check", str(COURSES / "pruefkurs")),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
@pytest.mark.usefixtures("migrated")
def test_data_comes_as_json_where_asked_for(arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    assert isinstance(json.loads(result.stdout), list)
    assert result.stderr == ""
    assert run(*arguments).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("unsinn",),
        ("platform", "unsinn"),
        ("platform", "disable", "eins"),
        ("platform", "add"),
        ("serve", "--port", "0"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_told_on_stderr(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1].startswith("Error: ")


@pytest.fixture(params=[False, True], ids=["somebody else's", "shared with whoever asks"])
def taken_port(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port on which somebody listens; a server that allows sharing (SO_REUSEPORT) does not make it free."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, request.param)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])


@pytest.mark.usefixtures("migrated")
def test_a_port_that_is_taken_ends_the_command(taken_port: int) -> None:
    command = [sys.executable, "-m", "lms_tool.cli", "serve", "--port", str(taken_port), "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        try:
            printed, said = serving.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            serving.terminate()
            raise AssertionError("it serves on a port that is somebody else's") from None
    assert serving.returncode == 1
    assert printed == ""
    assert str(taken_port) in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
