"""Files say which platforms there are; the database follows, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from sqlalchemy import select, update

from lms_tool.database import Database
from lms_tool.models import Deployment, Platform, Status
from lms_tool.services import platform_files, platforms, tenants
from lms_tool.services.platform_files import Fault, PlatformFilesInvalid, Synced

MOODLE = """
name = "Moodle der Hochschule"
issuer = "https://moodle.example"
client_id = "abc"
deployments = ["1"]
auth_login_url = "https://moodle.example/mod/lti/auth.php"
token_url = "https://moodle.example/mod/lti/token.php"
jwks_url = "https://moodle.example/mod/lti/certs.php"
"""


class Folder:
    """A folder of files and the database that follows it."""

    def __init__(self, place: Path, database: Database) -> None:
        self.place, self.database = place, database

    def write(self, file: str = "moodle.toml", /, **changes: str) -> None:
        """``changes`` replace or add whole values, as TOML."""
        lines = dict(line.split(" = ", 1) for line in MOODLE.strip().splitlines())
        merged = {key: value for key, value in (lines | changes).items() if value}
        (self.place / file).write_text("\n".join(f"{key} = {value}" for key, value in merged.items()))

    def sync(self) -> Synced:
        declared = platform_files.load(self.place)
        with self.database.write() as db:
            return platform_files.sync(db, declared, NOW)

    def faults(self) -> list[Fault]:
        with pytest.raises(PlatformFilesInvalid) as refused:
            self.sync()
        return list(refused.value.faults)

    def rows(self) -> list[Any]:
        with self.database.read() as db:
            return list(db.execute(select(Platform).order_by(Platform.id)))

    def deployments(self) -> dict[str, str]:
        with self.database.read() as db:
            return {
                row.lti_id: row.status for row in db.execute(select(Deployment.lti_id, Deployment.status))
            }


@pytest.fixture
def folder(tmp_path: Path, database: Database) -> Folder:
    place = tmp_path / "platforms"
    place.mkdir()
    return Folder(place, database)


def test_a_new_file_is_a_new_platform(folder: Folder) -> None:
    folder.write()
    synced = folder.sync()
    (row,) = folder.rows()
    assert [(change.file, change.platform_id, change.what) for change in synced.changes] == [
        ("moodle.toml", row.id, "added")
    ]
    assert (row.name, row.issuer, row.status, row.tenant_id) == (
        "Moodle der Hochschule",
        "https://moodle.example",
        Status.ACTIVE,
        tenants.FIRST,
    )
    assert folder.deployments() == {"1": Status.ACTIVE}


def test_repeating_changes_nothing(folder: Folder) -> None:
    folder.write()
    folder.sync()
    before = folder.rows()
    (change,) = folder.sync().changes
    assert (change.what, change.fields) == ("unchanged", ())
    assert folder.rows() == before


def test_a_changed_file_changes_the_platform_and_says_what(folder: Folder) -> None:
    folder.write()
    folder.sync()
    folder.write(name='"Neuer Name"', jwks_url='"https://moodle.example/neu"', deployments='["1", "2"]')
    (change,) = folder.sync().changes
    assert change.what == "changed"
    assert set(change.fields) == {"name", "jwks_url", "deployments"}
    assert folder.rows()[0].jwks_url == "https://moodle.example/neu"


def test_nothing_is_deleted_but_what_is_in_no_file_is_told(folder: Folder) -> None:
    folder.write(deployments='["1", "2"]')
    folder.sync()
    folder.write(deployments='["1"]')
    folder.write("zweites.toml", client_id='"def"')
    synced = folder.sync()
    first, second = folder.rows()
    assert synced.stray_deployments == ((first.id, "2"),)
    assert synced.strays == ()
    (folder.place / "moodle.toml").unlink()
    synced = folder.sync()
    assert synced.strays == (first.id,)
    assert [change.platform_id for change in synced.changes] == [second.id]
    assert len(folder.rows()) == 2
    assert set(folder.deployments()) == {"1", "2"}


@pytest.mark.parametrize(
    ("status", "active", "after"),
    [
        (Status.INACTIVE, "", Status.INACTIVE),
        (Status.INACTIVE, "true", Status.ACTIVE),
        (Status.ACTIVE, "false", Status.INACTIVE),
        (Status.ACTIVE, "", Status.ACTIVE),
        (Status.PENDING, "", Status.ACTIVE),
        (Status.PENDING, "false", Status.INACTIVE),
    ],
)
def test_a_file_switches_only_where_it_says_so(
    folder: Folder, status: Status, active: str, after: Status
) -> None:
    folder.write()
    folder.sync()
    with folder.database.write() as db:
        db.execute(update(Platform).values(status=status))
        db.execute(update(Deployment).values(status=status))
    folder.write(active=active)
    folder.sync()
    assert folder.rows()[0].status == after
    waits = Status.ACTIVE if status is Status.PENDING else status
    assert folder.deployments() == {"1": waits}


def test_platforms_go_to_the_tenant_that_the_file_names(folder: Folder) -> None:
    with folder.database.write() as db:
        other = tenants.add(db, "ssg", "SSG", NOW)
    folder.write(tenant='"ssg"')
    folder.sync()
    assert folder.rows()[0].tenant_id == other.id


def test_a_platform_of_another_tenant_is_not_taken_over(folder: Folder) -> None:
    with folder.database.write() as db:
        tenants.add(db, "ssg", "SSG", NOW)
    folder.write(tenant='"ssg"')
    folder.sync()
    folder.write()
    (fault,) = folder.faults()
    assert (fault.file, fault.key) == ("moodle.toml", "client_id")
    assert folder.rows()[0].tenant_id != tenants.FIRST


def test_one_fault_leaves_everything_as_it_was(folder: Folder) -> None:
    folder.write("gut.toml")
    folder.write("schlecht.toml", client_id='"zwei"', tenant='"niemand"')
    (fault,) = folder.faults()
    assert (fault.file, fault.key) == ("schlecht.toml", "tenant")
    assert folder.rows() == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"jwks_url": ""}, "jwks_url"),
        ({"issuer": "1"}, "issuer"),
        ({"issuer": '" "'}, "issuer"),
        ({"client_id": '"' + "x" * 300 + '"'}, "client_id"),
        ({"token_url": '"ftp://moodle.example"'}, "token_url"),
        ({"auth_login_url": '"https://moodle.example/a#b"'}, "auth_login_url"),
        ({"deployments": '"1"'}, "deployments"),
        ({"deployments": "[1]"}, "deployments"),
        ({"deployments": '[""]'}, "deployments"),
        ({"deployments": '["1", "1"]'}, "deployments"),
        ({"active": '"ja"'}, "active"),
        ({"name": '"' + "x" * 300 + '"'}, "name"),
        ({"token_audience": "true"}, "token_audience"),
        ({"secret": '"x"'}, "secret"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_told_with_file_key_and_remedy(folder: Folder, changes: dict[str, str], key: str) -> None:
    folder.write("gut.toml", client_id='"gut"')
    folder.write(**changes)
    (fault,) = folder.faults()
    assert (fault.file, fault.key) == ("moodle.toml", key)
    assert str(fault).startswith(f"moodle.toml: {key}: ")
    assert all((fault.problem.de, fault.problem.en, fault.remedy.de, fault.remedy.en))
    assert folder.rows() == []


@pytest.mark.parametrize(
    "content", [b"kein toml", b"\xff\xfe", b"a = 1\na = 2\n", b"x" * 70_000, b"[issuer"], ids=range(5)
)
def test_a_file_that_is_no_toml_is_told(folder: Folder, content: bytes) -> None:
    (folder.place / "kaputt.toml").write_bytes(content)
    (fault,) = folder.faults()
    assert (fault.file, fault.key) == ("kaputt.toml", "")


def test_all_faults_are_told_at_once(folder: Folder) -> None:
    folder.write("eins.toml", issuer="", client_id="")
    folder.write("zwei.toml", jwks_url="7")
    assert [(fault.file, fault.key) for fault in folder.faults()] == [
        ("eins.toml", "client_id"),
        ("eins.toml", "issuer"),
        ("zwei.toml", "jwks_url"),
    ]


def test_the_same_platform_twice_is_a_fault(folder: Folder) -> None:
    folder.write("eins.toml")
    folder.write("zwei.toml")
    (fault,) = folder.faults()
    assert fault.file == "zwei.toml"
    assert "eins.toml" in fault.problem.de


def test_a_folder_that_is_not_there_is_told(folder: Folder) -> None:
    folder.place.rmdir()
    (fault,) = folder.faults()
    assert fault.file == str(folder.place)


def test_changed_key_addresses_forget_the_old_keys(folder: Folder) -> None:
    folder.write()
    folder.sync()
    with folder.database.write() as db:
        db.execute(update(Platform).values(jwks=b"{}", jwks_fetched_at=NOW))
    folder.write(jwks_url='"https://moodle.example/neu"')
    folder.sync()
    assert folder.rows()[0].jwks is None


def test_the_example_in_the_guide_is_right(folder: Folder) -> None:
    guide = (Path(platforms.__file__).parents[2] / "lti_config" / "platforms" / "README.md").read_text(
        "utf-8"
    )
    (folder.place / "beispiel.toml").write_text(guide.split("```toml\n", 1)[1].split("```", 1)[0])
    assert [change.what for change in folder.sync().changes] == ["added"]
