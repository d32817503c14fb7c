"""``platform test`` and ``platform sync``: what they print, how they end, what they leave behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lms_tool import cli
from lms_tool.settings import Settings

FILE = """
name = "Moodle"
issuer = "https://lms.example"
client_id = "c"
deployments = ["1"]
auth_login_url = "https://lms.example/mod/lti/auth.php"
token_url = "https://127.0.0.1:1/token"
jwks_url = "https://127.0.0.1:1/jwks"
"""


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_template: Path) -> Path:
    """A migrated database of this test's own, and a folder with one file."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LMS_TOOL_{name.upper()}", raising=False)
    monkeypatch.setenv("LMS_TOOL_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "lms-tool.db")
    CliRunner().invoke(cli.main, ("db", "upgrade"))  # makes the first signing key
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "moodle.toml").write_text(FILE)
    return tmp_path / "files"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ("platform", *arguments), prog_name="lms-tool")


def registered() -> list[dict[str, Any]]:
    return list(json.loads(run("list", "--json").stdout))


def test_sync_tells_what_it_did_and_may_be_repeated() -> None:
    assert run("sync", "files").stdout == "moodle.toml: Plattform 1 eingetragen\n"
    assert run("sync", "files").stdout == "moodle.toml: Plattform 1 unverändert\n"
    (found,) = registered()
    assert (found["name"], found["deployments"]) == ("Moodle", ["1"])


def test_a_dry_run_changes_nothing() -> None:
    result = run("sync", "files", "--dry-run")
    assert result.exit_code == 0
    assert "moodle.toml: Plattform 1 eingetragen" in result.stdout
    assert "nichts geändert" in result.stdout
    assert registered() == []


def test_what_no_file_names_is_told_and_stays(own_folder: Path) -> None:
    run("sync", "files")
    (own_folder / "moodle.toml").write_text(FILE.replace('["1"]', '["2"]').replace('"Moodle"', '"Neu"'))
    said = run("sync", "files").stdout
    assert "moodle.toml: Plattform 1 geändert: name, deployments" in said
    assert "Plattform 1: Deployment 1 steht in keiner Datei; es bleibt." in said
    (own_folder / "moodle.toml").unlink()
    assert run("sync", "files").stdout == "Plattform 1 steht in keiner Datei; sie bleibt.\n"
    assert registered()[0]["deployments"] == ["1", "2"]


def test_faults_are_told_by_file_and_key(own_folder: Path) -> None:
    (own_folder / "a.toml").write_text(FILE.replace("jwks_url", "jwks"))
    result = run("sync", "files")
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert [line.split(": ")[:2] for line in lines[:-1]] == [["a.toml", "jwks"], ["a.toml", "jwks_url"]]
    assert lines[-1].endswith("[platform_files_invalid]")
    assert registered() == []


def test_sync_as_json_is_json() -> None:
    told = json.loads(run("sync", "files", "--json").stdout)
    assert told["changes"] == [{"file": "moodle.toml", "platform_id": 1, "what": "added", "fields": []}]


def test_the_self_test_ends_with_1_where_something_is_wrong() -> None:
    run("sync", "files")
    result = run("test", "1")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("✘ Öffentliche Schlüssel des LMS: Diese Adresse dürfen wir nicht aufrufen")
    assert lines[1].startswith("    So beheben Sie es: Liegt das LMS in Ihrem eigenen Netz")
    assert any(line.startswith("– Letzter Start: ") for line in lines)
    assert "Traceback" not in result.output


def test_the_self_test_as_json_has_codes_and_words() -> None:
    run("sync", "files")
    checks = {check["name"]: check for check in json.loads(run("test", "1", "--json").stdout)}
    assert (checks["keys"]["code"], checks["keys"]["state"]) == ("keys_address_not_allowed", "bad")
    assert checks["keys"]["text"]
    assert checks["keys"]["remedy"]
    assert checks["launch"]["remedy"]


def test_a_platform_that_is_not_there_is_named() -> None:
    result = run("test", "99")
    assert result.exit_code == 1
    assert result.stderr.strip().endswith("[platform_not_found]")
