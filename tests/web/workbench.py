"""Somebody in front of a process workshop: a browser without script that presses buttons."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from builders import NOW, fingerprint, launch, platform, publish
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse
from workshop_samples import ACTIVITY, course

from lms_tool.models import Launch
from lms_tool.runtime import Runtime
from lms_tool.services import launches
from lms_tool.services.platforms import Registered
from lms_tool.web import security

from .conftest import new_browser

BY_SCRIPT = {"HX-Request": "true"}
BLOCK = re.compile(r'data-part="title">([^<]*)<')


@dataclass
class Bench:
    """One person's browser at one workshop. ``page`` is what it shows now."""

    client: FlaskClient
    launch_id: str
    activity: str = ACTIVITY
    page: str = ""
    status: int = 0

    def url(self, path: str = "") -> str:
        return f"/k/{self.launch_id}/a/{self.activity}" + (f"/{path}" if path else "")

    def get(self, path: str = "") -> TestResponse:
        return self._seen(self.client.get(self.url(path)))

    def post(self, path: str, data: dict[str, Any], **more: Any) -> TestResponse:
        answer = self.client.post(self.url(path), data=data, **more)
        if answer.status_code == 303:
            return self._seen(self.client.get(answer.location))
        return self._seen(answer)

    def add(self, block: str, path: str = "to-be") -> None:
        after = re.search(r'name="after" value="(\d+)"', self.page)
        assert after is not None
        self.post(path, {"version": self.version, "after": after[1], "add": block})

    def press(self, action: str, step: int, path: str = "to-be", **fields: Any) -> TestResponse:
        return self.post(path, {"version": self.version, "step": step, "action": action, **fields})

    def save(self, steps: object, version: int, path: str = "to-be") -> TestResponse:
        sent = steps if isinstance(steps, str) else json.dumps(steps)
        return self.client.post(self.url(path), data={"version": version, "steps": sent}, headers=BY_SCRIPT)

    @property
    def version(self) -> int:
        found = re.search(r'name="version" value="(\d+)"', self.page)
        assert found is not None, self.page[:2000]
        return int(found[1])

    @property
    def titles(self) -> list[str]:
        """Titles of the blocks in the lanes, from top to bottom."""
        lanes = re.search(r'<ol class="lt-lanes.*?</ol>', self.page, re.DOTALL)
        return [html.unescape(title) for title in BLOCK.findall(_without_forms(lanes[0]))] if lanes else []

    @property
    def counts(self) -> dict[str, int]:
        return {name: int(value) for name, value in re.findall(r'data-count="(\w+)">(\d+)<', self.page)}

    def _seen(self, answer: TestResponse) -> TestResponse:
        self.page, self.status = answer.get_data(as_text=True), answer.status_code
        return answer


@dataclass
class Workplace:
    """The sample course, published, and people who come from an LMS."""

    app: Flask
    tool: Runtime
    at: Registered

    def enter(self, sub: str = "anna", activity: str = ACTIVITY, **changes: Any) -> Bench:
        proof = f"beweis-von-{sub}-0123456789"
        said = launch(self.at, sub=sub, **changes)
        said = replace(said, custom=said.custom | {"course_id": "prozesse"})
        with self.tool.database.write() as db:
            accepted = launches.accept(db, self.at.id, said, fingerprint(), proof, self.tool.shelf, NOW)
        browser = new_browser(self.app)
        browser.set_cookie(security.SESSION_COOKIE, proof)
        return Bench(browser, accepted.launch_id, activity)

    def turn(self, bench: Bench, **values: Any) -> None:
        """Make another kind of launch of it: a review, an anonymous one."""
        with self.tool.database.write() as db:
            db.execute(update(Launch).where(Launch.id == bench.launch_id).values(**values))


def workplace(app: Flask, tool: Runtime, folder: Path) -> Workplace:
    with tool.database.write() as db:
        publish(db, course(folder))
        return Workplace(app, tool, platform(db))


def _without_forms(lanes: str) -> str:
    return re.sub(r"<section.*?</section>", "", lanes, flags=re.DOTALL)
