"""Settings: documented one by one, validated with the variable's name."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lms_tool.settings import MIN_SECRET, Settings, SettingsInvalid, load

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "settings.md"
NAMES = [f"LMS_TOOL_{name.upper()}" for name in Settings.model_fields]


def paragraphs() -> dict[str, str]:
    parts = re.split(r"^## (\S+)$", DOCUMENT.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_has_its_paragraph(name: str) -> None:
    text = paragraphs().get(name, "")
    assert len(text) > 80, f"{DOCUMENT.name} says nothing about {name}"
    assert f"[`{name}`](#{name.lower()})" in DOCUMENT.read_text(), "and the table at the top leads there"


def test_nothing_is_documented_that_does_not_exist() -> None:
    assert set(paragraphs()) == set(NAMES)
    mentioned = {
        name for name in re.findall(r"LMS_TOOL_[A-Z_]+", DOCUMENT.read_text()) if not name.endswith("_")
    }
    assert mentioned <= set(NAMES)


def test_other_papers_name_only_settings_that_exist() -> None:
    papers = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "lti_config").glob("**/*.md")]
    for paper in papers:
        for name in re.findall(r"LMS_TOOL_[A-Z_]*[A-Z]\b", paper.read_text()):
            assert name in NAMES or name.startswith("LMS_TOOL_TEST_"), f"{paper.name}: {name}"


def test_defaults_are_as_documented() -> None:
    rows = dict(re.findall(r"^\| \[`(\w+)`\]\S+ \| (.+) \|$", DOCUMENT.read_text(), flags=re.MULTILINE))
    found = load()
    for name in ("base_url", "data_dir", "key_rotation_days", "courses_dir", "log_format", "proxy_hops"):
        assert rows[f"LMS_TOOL_{name.upper()}"] == f"`{getattr(found, name)}`"
    assert found.trusted_networks == found.previous_secret_keys == ()
    assert found.database_url == f"sqlite:///{Path.cwd() / 'var' / 'lms-tool.db'}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LMS_TOOL_BASE_URL", "lernen.example.de"),
        ("LMS_TOOL_BASE_URL", "https://lernen.example.de/pfad"),
        ("LMS_TOOL_BASE_URL", "https://wer:was@lernen.example.de"),
        ("LMS_TOOL_BASE_URL", "ftp://lernen.example.de"),
        ("LMS_TOOL_SECRET_KEY", "x" * (MIN_SECRET - 1)),
        ("LMS_TOOL_PREVIOUS_SECRET_KEYS", "x" * MIN_SECRET + ",kurz"),
        ("LMS_TOOL_KEY_ROTATION_DAYS", "-1"),
        ("LMS_TOOL_KEY_ROTATION_DAYS", "quartalsweise"),
        ("LMS_TOOL_LOG_FORMAT", "xml"),
        ("LMS_TOOL_TRUSTED_NETWORKS", "10.0.0.0/8,irgendwas"),
        ("LMS_TOOL_TRUSTED_NETWORKS", "10.1.2.3/8"),
        ("LMS_TOOL_PROXY_HOPS", "-1"),
        ("LMS_TOOL_PROXY_HOPS", "viele"),
    ],
)
def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as refused:
        load()
    assert refused.value.details["variable"] == name
    assert refused.value.details["problem"]


def test_networks_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_TOOL_TRUSTED_NETWORKS", " 127.0.0.0/8 , fd00::/8,")
    assert [str(network) for network in load().trusted_networks] == ["127.0.0.0/8", "fd00::/8"]


def test_previous_secrets_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = "a" * MIN_SECRET, "b" * MIN_SECRET
    monkeypatch.setenv("LMS_TOOL_PREVIOUS_SECRET_KEYS", f"{first}, {second}")
    assert load().previous_secrets == (first.encode(), second.encode())


def test_the_origin_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_TOOL_BASE_URL", "https://lernen.example.de:8443/")
    assert load().base_url == "https://lernen.example.de:8443"


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    return tmp_path / "daten" / "secret_key"


def test_the_secret_is_made_once_and_only_for_us(secret_file: Path) -> None:
    found = load(data_dir=secret_file.parent)
    with ThreadPoolExecutor(8) as threads:
        secrets = set(threads.map(lambda _: found.secret, range(8)))
    assert len(secrets) == 1
    assert secrets == {load(data_dir=secret_file.parent).secret}
    assert len(secrets.pop()) >= MIN_SECRET
    assert secret_file.stat().st_mode & 0o077 == 0
    assert list(secret_file.parent.iterdir()) == [secret_file]


def test_machines_that_share_a_database_must_share_a_secret() -> None:
    found = load(database_url="postgresql://db.example/lms")
    with pytest.raises(SettingsInvalid) as refused:
        _ = found.secret
    assert refused.value.details["variable"] == "LMS_TOOL_SECRET_KEY"
    given = load(database_url="postgresql://db.example/lms", secret_key="s" * MIN_SECRET)
    assert given.secret == b"s" * MIN_SECRET
