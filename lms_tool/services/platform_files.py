"""Registrations as files: one TOML file per platform, brought into the database all together or not at all.

A file says what should be there. Nothing is deleted: what is registered and in no file is reported.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select, update

from lms_tool.errors import Text, ToolError
from lms_tool.models import Deployment, Platform, Status
from lms_tool.services import platforms, tenants
from lms_tool.services.platforms import NewPlatform, RegistrationInvalid
from lms_tool.services.tenants import TenantNotFound

MAX_FILE: Final = 64 * 1024  # bytes
REQUIRED: Final = ("issuer", "client_id", "auth_login_url", "token_url", "jwks_url")
OPTIONAL: Final = ("name", "token_audience", "tenant")
LIST: Final = "deployments"
SWITCH: Final = "active"
KEYS: Final = (*REQUIRED, *OPTIONAL, LIST, SWITCH)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in a file, at which key, and how to mend it; ``key`` is empty where the whole file is meant."""

    file: str
    key: str
    problem: Text
    remedy: Text

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.problem.de} {self.remedy.de}"


class PlatformFilesInvalid(ToolError):
    """Nothing was changed. ``faults`` has all of them, by file."""

    code = "platform_files_invalid"
    status = 400
    text = Text("Die Dateien der Plattformen haben Fehler.", "The files of the platforms have faults.")
    remedy = Text(
        "Geändert wurde nichts. Beheben Sie die genannten Stellen und rufen Sie den Befehl noch einmal auf.",
        "Nothing was changed. Mend the places named and run the command again.",
    )

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults=len(faults))
        self.faults = tuple(sorted(faults))


@dataclass(frozen=True, slots=True)
class Declared:
    """One file's content, every value of the right type."""

    file: str
    platform: NewPlatform
    tenant: str | None
    active: bool | None  # None: the file does not say


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one file: ``added``, ``changed`` (``fields`` says what) or ``unchanged``."""

    file: str
    platform_id: int
    what: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Synced:
    """``strays``: registered platforms that no file names; ``stray_deployments``: (platform, deployment), likewise."""

    changes: tuple[Change, ...]
    strays: tuple[int, ...]
    stray_deployments: tuple[tuple[int, str], ...]


def load(directory: Path) -> tuple[Declared, ...]:
    """Read all ``*.toml`` of a folder, by name.

    Raises:
        PlatformFilesInvalid: there is no such folder, or a file has faults.
    """
    if not directory.is_dir():
        raise PlatformFilesInvalid([_fault(str(directory), "", "no_folder")])
    faults: list[Fault] = []
    found: list[Declared] = []
    for file in sorted(directory.glob("*.toml")):
        declared = _read(file, faults)
        if declared is not None:
            found.append(declared)
    places: dict[tuple[str, str], str] = {}
    for one in found:
        same = places.setdefault((one.platform.issuer, one.platform.client_id), one.file)
        if same != one.file:
            faults.append(_fault(one.file, "client_id", "twice", other=same))
    if faults:
        raise PlatformFilesInvalid(faults)
    return tuple(found)


def sync(db: Connection, declared: tuple[Declared, ...], now: datetime) -> Synced:
    """Make the registrations agree with the files, in this transaction.

    Raises:
        PlatformFilesInvalid: a tenant is unknown, or a registration belongs to another one; roll back then.
    """
    faults: list[Fault] = []
    changes: list[Change] = []
    for one in declared:
        try:
            changes.append(_apply(db, one, now))
        except TenantNotFound:
            faults.append(_fault(one.file, "tenant", "tenant", value=str(one.tenant)))
        except RegistrationInvalid as error:
            field = str(error.details.get("field", "client_id"))
            faults.append(_fault(one.file, field, "refused", reason=str(error.details.get("problem", ""))))
    if faults:
        raise PlatformFilesInvalid(faults)
    named = {change.platform_id: one for change, one in zip(changes, declared, strict=True)}
    strays = [
        number for number in db.scalars(select(Platform.id).order_by(Platform.id)) if number not in named
    ]
    deployments = db.execute(
        select(Deployment.platform_id, Deployment.lti_id).order_by(Deployment.platform_id, Deployment.id)
    )
    return Synced(
        tuple(changes),
        tuple(strays),
        tuple(
            (number, lti_id)
            for number, lti_id in deployments
            if number in named and lti_id not in named[number].platform.deployment_ids
        ),
    )


def _apply(db: Connection, one: Declared, now: datetime) -> Change:
    tenant = tenants.by_key(db, one.tenant)
    before = _state(db, one.platform)
    added = platforms.add(db, one.platform, now, tenant_id=tenant.id, update=True)
    # What is in a file has been approved by whoever wrote it; a platform switched off stays so unless the file says.
    waiting = before is not None and before["status"] == Status.PENDING
    if waiting and one.active is not False:
        approved = {"status": Status.ACTIVE, "approved_at": now, "approved_by": "cli"}
        db.execute(update(Platform).where(Platform.id == added.id).values(**approved))
    elif one.active is not None:
        platforms.set_status(db, added.id, Status.ACTIVE if one.active else Status.INACTIVE)
    db.execute(
        update(Deployment)
        .where(
            Deployment.platform_id == added.id,
            Deployment.lti_id.in_(one.platform.deployment_ids),
            Deployment.status == Status.PENDING,
        )
        .values(status=Status.ACTIVE)
    )
    if before is None:
        return Change(one.file, added.id, "added")
    after = _state(db, one.platform) or {}
    fields = tuple(name for name, value in after.items() if before[name] != value)
    return Change(one.file, added.id, "changed" if fields else "unchanged", fields)


def _state(db: Connection, platform: NewPlatform) -> dict[str, Any] | None:
    """Of the registration with this issuer and client id: what a file can change."""
    row = db.execute(
        select(
            Platform.id,
            Platform.name,
            Platform.auth_login_url,
            Platform.token_url,
            Platform.jwks_url,
            Platform.token_audience,
            Platform.status,
        ).where(Platform.issuer == platform.issuer, Platform.client_id == platform.client_id)
    ).first()
    if row is None:
        return None
    state = dict(row._mapping)
    number = state.pop("id")
    state[LIST] = db.execute(
        select(Deployment.lti_id, Deployment.status)
        .where(Deployment.platform_id == number)
        .order_by(Deployment.id)
    ).all()
    return state


def _read(file: Path, faults: list[Fault]) -> Declared | None:
    """One file; adds what is wrong with it to ``faults`` and returns None then."""
    name, before = file.name, len(faults)
    try:
        if file.stat().st_size > MAX_FILE:
            raise ValueError("size")
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:  # tomllib and UnicodeDecodeError are ValueErrors
        faults.append(_fault(name, "", "toml", reason=str(error).splitlines()[0][:200]))
        return None
    for key in content.keys() - set(KEYS):
        faults.append(_fault(name, key[:60], "unknown", keys=", ".join(KEYS)))
    for key in REQUIRED:
        if key not in content:
            faults.append(_fault(name, key, "missing"))
    for key in (*REQUIRED, *OPTIONAL):
        if key in content and not (isinstance(content[key], str) and content[key].strip()):
            faults.append(_fault(name, key, "text"))
    ids = content.get(LIST, [])
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        faults.append(_fault(name, LIST, "list"))
    elif twice := [one for one, number in Counter(ids).items() if number > 1]:
        faults.append(_fault(name, LIST, "repeated", value=twice[0][:60]))
    if not isinstance(content.get(SWITCH, True), bool):
        faults.append(_fault(name, SWITCH, "switch"))
    if len(faults) > before:
        return None
    platform = NewPlatform(
        **{key: content[key] for key in REQUIRED},
        deployment_ids=tuple(ids),
        name=content.get("name", ""),
        token_audience=content.get("token_audience"),
    )
    try:
        platforms.check(platform)
    except RegistrationInvalid as error:
        field = str(error.details.get("field", "")).replace("deployment_id", LIST)
        faults.append(_fault(name, field, "refused", reason=str(error.details.get("problem", ""))))
        return None
    return Declared(name, platform, content.get("tenant"), content.get(SWITCH))


_FAULTS: Final = {
    "no_folder": (
        Text("Diesen Ordner gibt es nicht.", "There is no such folder."),
        Text("Nennen Sie den Ordner mit den Dateien.", "Name the folder that holds the files."),
    ),
    "toml": (
        Text("Kein lesbares TOML ({reason}).", "No readable TOML ({reason})."),
        Text('Eine Zeile sieht so aus: name = "Wert".', 'A line looks like this: name = "value".'),
    ),
    "unknown": (
        Text("Diese Angabe gibt es nicht.", "There is no such entry."),
        Text("Möglich sind: {keys}.", "Possible are: {keys}."),
    ),
    "missing": (
        Text("Diese Angabe fehlt.", "This entry is missing."),
        Text(
            "Sie steht im LMS in den Details des Werkzeugs.", "The LMS shows it in the details of the tool."
        ),
    ),
    "text": (
        Text("Hier muss ein Text stehen.", "This has to be a text."),
        Text("Setzen Sie den Wert in Anführungszeichen.", "Put the value into quotes."),
    ),
    "list": (
        Text("Hier muss eine Liste von Texten stehen.", "This has to be a list of texts."),
        Text('Zum Beispiel: deployments = ["1"].', 'For example: deployments = ["1"].'),
    ),
    "repeated": (
        Text("„{value}“ steht doppelt.", "“{value}” stands twice."),
        Text("Nennen Sie jedes Deployment einmal.", "Name each deployment once."),
    ),
    "switch": (
        Text("Hier muss true oder false stehen.", "This has to be true or false."),
        Text("Ohne Anführungszeichen.", "Without quotes."),
    ),
    "twice": (
        Text("Dieselbe Verbindung steht schon in {other}.", "The same connection stands in {other} already."),
        Text(
            "Aussteller und Client-ID zusammen dürfen nur einmal vorkommen.",
            "Issuer and client id together may stand only once.",
        ),
    ),
    "tenant": (
        Text("Den Mandanten „{value}“ gibt es nicht.", "There is no tenant “{value}”."),
        Text("„lms-tool tenant list“ zeigt alle.", "“lms-tool tenant list” shows all."),
    ),
    "refused": (
        Text("Dieser Wert geht nicht ({reason}).", "This value does not do ({reason})."),
        Text("Vergleichen Sie ihn mit der Angabe im LMS.", "Compare it with the LMS."),
    ),
}


def _fault(file: str, key: str, kind: str, **values: str) -> Fault:
    problem, remedy = (Text(text.de.format(**values), text.en.format(**values)) for text in _FAULTS[kind])
    return Fault(file, key, problem, remedy)
