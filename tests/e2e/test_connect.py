"""An LMS that nobody has heard of is connected in the browser of its administrator, and an activity opens in it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from lms_tool.content.course import Course
from lms_tool.demo.config import Item, LmsConfig
from lms_tool.demo.lms import create_lms, make_lms_server
from lms_tool.demo.processes import free_port

from .conftest import OpenWindow
from .demo import Demo
from .moves import enter, frame_of, open_in_frame
from .window import picture

PREFERRED_PORT = 8351
NAME = "Moodle der Kreisvolkshochschule"


@pytest.fixture
def stranger(demo: Demo, course: Course, tmp_path: Path) -> Iterator[str]:
    """The address of an LMS whose administrator has placed an activity, and which the tool does not know."""
    port = free_port(PREFERRED_PORT)
    config = LmsConfig(
        base_url=f"http://localhost:{port}",
        data_dir=tmp_path,
        tool_base_url=demo.tool,
        tool_login_url=f"{demo.tool}/lti/login",
        tool_launch_url=f"{demo.tool}/lti/launch",
        tool_jwks_url=f"{demo.tool}/lti/jwks",
        client_id="kvhs",
        items=(Item(course.modules[0].title, course.id, course.modules[0].id),),
        site_name="Kreisvolkshochschule",
    )
    server = make_lms_server(create_lms(config), port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield config.base_url
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_lms_registers_itself(window: OpenWindow, demo: Demo, course: Course, stranger: str) -> None:
    link = demo.command("platform", "invite").strip()
    ours = window(viewport={"width": 1000, "height": 900}, locale="de-DE")
    ours.origins += (stranger,)
    page = ours.page()
    enter(page, stranger, "heike.albrecht")
    page.get_by_role("link", name="Tools", exact=True).click()
    page.get_by_label("Tool-URL").fill(link)
    page.get_by_role("button", name="LTI Advantage hinzufügen").click()
    frame = frame_of(page)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Mit diesem Lernwerkzeug verbinden?")
    picture(page, "verbinden-vorschau")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    frame.get_by_label("Name dieser Verbindung").fill(NAME)
    frame.get_by_role("button", name="Verbinden").click()
    page.wait_for_url("**registered=1")  # the tool's last page told the LMS to close it
    (platform,) = (row for row in _platforms(demo) if row["issuer"] == stranger)
    assert (platform["status"], platform["name"]) == ("pending", NAME)

    title = course.modules[0].title
    learner = window(viewport={"width": 1000, "height": 900}, locale="de-DE")
    learner.origins += (stranger,)
    waiting = learner.page()
    enter(waiting, stranger, "petra.sommer")
    waiting.get_by_role("link", name=title, exact=True).click()
    told = frame_of(waiting)
    expect(told.get_by_text("wartet noch auf die Freigabe")).to_be_visible()

    demo.command("platform", "approve", str(platform["id"]))
    enter(waiting, stranger, "petra.sommer")
    expect(open_in_frame(waiting, title).get_by_role("heading", level=1)).to_have_text(title)
    assert not ours.refusals
    assert all(re.match("403 .*/lti/login", line) for line in learner.refusals)


def _platforms(demo: Demo) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(demo.command("platform", "list", "--json"))
    return found


@pytest.mark.parametrize("width", [360, 1280])
def test_what_to_type_by_hand(window: OpenWindow, demo: Demo, width: int) -> None:
    ours = window(
        viewport={"width": width, "height": 900},
        locale="de-DE",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = ours.page()
    page.goto(f"{demo.tool}/lti/config")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Kopieren Anmeldung").click()
    expect(page.get_by_role("button", name="Kopiert")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{demo.tool}/lti/login"
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
