"""A web process over a migrated SQLite file, its clock, and browsers that are signed in to the administration."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms_tool.app import create_app
from lms_tool.models import AuditEvent
from lms_tool.runtime import Runtime
from lms_tool.services import administrators, tenants, tool_keys
from lms_tool.settings import load

ORIGIN = "https://tool.example"


class Clock:
    """Moves when a test says so."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, sqlite_template: Path, clock: Clock) -> Iterator[Flask]:
    shutil.copy(sqlite_template, tmp_path / "tool.db")
    made = create_app(
        load(
            data_dir=tmp_path,
            database_url=f"sqlite:///{tmp_path / 'tool.db'}",
            base_url=ORIGIN,
            secret_key="only-for-this-test-0123456789-0123",
        ),
        clock=clock,
    )
    found = runtime_of(made)
    with found.database.write() as db:
        tool_keys.ensure(db, found.vault, found.clock())
    yield made
    nothing_personal_was_written_down(found)
    found.database.dispose()


# A one-time code, a proof, a token: nothing else is that long, mixed and without a space. A key's id is public.
RANDOM = re.compile(r"(?=[a-z0-9_-]*[A-Z])(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{22,}")
PUBLIC = {"kid", "detail_kid"}


def nothing_personal_was_written_down(tool: Runtime) -> None:
    """After every test of this folder: the audit log holds codes and ids, whatever was done."""
    with tool.database.read() as db:
        rows = db.execute(select(AuditEvent.code, AuditEvent.details)).all()
    for code, details in rows:
        told = " ".join(str(value) for name, value in details.items() if name not in PUBLIC)
        for word in ("A. Beier", "Frank Wolf", "eyJ", "@"):
            assert word not in told, f"{code}: {told}"
        assert not RANDOM.search(told), f"{code}: {told}"


def runtime_of(app: Flask) -> Runtime:
    found = app.extensions["lms_tool"]
    assert isinstance(found, Runtime)
    return found


@pytest.fixture
def tool(app: Flask) -> Runtime:
    return runtime_of(app)


@pytest.fixture
def signed_in(app: Flask, tool: Runtime) -> Callable[..., FlaskClient]:
    """``signed_in("ssg")``: a browser of an administrator of that tenant, which is made if it is missing."""

    def enter(tenant: str = "standard", name: str = "A. Beier") -> FlaskClient:
        with tool.database.write() as db:
            known = {row["key"]: row["id"] for row in tenants.listing(db)}
            tenant_id = known.get(tenant) or tenants.add(db, tenant, tenant.upper(), tool.clock()).id
            code = administrators.link(
                db, administrators.add(db, tenant_id, name, tool.clock()), tenant_id, tool.clock()
            )
        browser = new_browser(app)
        assert browser.post(f"/admin/enter/{code}").status_code == 303
        return browser

    return enter


def new_browser(app: Flask) -> FlaskClient:
    """A browser: https, and it says where a form came from."""
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.environ_base["HTTP_HOST"] = "tool.example"
    client.environ_base["HTTP_ORIGIN"] = ORIGIN
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client
