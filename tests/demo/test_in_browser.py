"""The demo LMS in Chromium: its pages under axe, and a launch in a frame and in a new window."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lms_tool.demo import gradebook
from lms_tool.demo.config import Container, Item, LmsConfig
from lms_tool.demo.lms import create_lms, make_lms_server
from lms_tool.demo.platform import Platform
from lms_tool.demo.processes import free_port

from .lms import quiet_port

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class LittleTool:
    """Just enough of a tool: answers a login by an authentication request, shows that the launch came."""

    origin: str = ""
    launches: list[dict[str, str]] = field(default_factory=list)

    @contextmanager
    def served(self) -> Iterator[None]:
        tool = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                fields = {name: values[0] for name, values in form.items()}
                if self.path == "/login":
                    query = {name: fields[name] for name in ("client_id", "login_hint", "lti_message_hint")}
                    query |= {"scope": "openid", "response_type": "id_token", "response_mode": "form_post"}
                    query |= {"redirect_uri": f"{tool.origin}/launch", "nonce": "n", "state": "s"}
                    self.send_response(302)
                    self.send_header("Location", f"{fields['iss']}/mod/lti/auth.php?{urlencode(query)}")
                    self.end_headers()
                    return
                tool.launches.append(fields)
                shown = f"<title>W</title><main><h1>Gestartet: {escape(self.path)}</h1></main>"
                body = f"<!doctype html><html lang=de>{shown}"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.origin = f"http://127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            yield
            server.shutdown()
            thread.join()


@dataclass
class Scene:
    lms: str
    tool: LittleTool


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    tool = LittleTool()
    with tool.served():
        port = free_port(quiet_port(5))
        config = LmsConfig(
            base_url=f"http://localhost:{port}",
            data_dir=tmp_path_factory.mktemp("lms"),
            tool_base_url=tool.origin,
            tool_login_url=f"{tool.origin}/login",
            tool_launch_url=f"{tool.origin}/launch",
            tool_jwks_url=f"{tool.origin}/jwks",
            client_id="demo",
            items=(
                Item("SächsEGovG verstehen", "k", "a", description="Wofür das Gesetz da ist."),
                Item("Abschlusstest", "k", "a", "test", container=Container.WINDOW, pass_grade=60),
                Item("Zum Nachlesen", "k", "a", "lektion", graded=False),
            ),
        )
        app = create_lms(config)
        platform: Platform = app.extensions["demo_lms"]
        with platform.store.writing() as db:
            column = gradebook.item(db, 3)
            assert column is not None
            for person, points in ((5, 95.0), (6, 40.0)):
                score = gradebook.Score(points, 100, 1_795_289_270, "Rückmeldung zum Test")
                gradebook.save_score(db, column, platform.people[person], score)
            db.execute(
                "INSERT INTO arrival VALUES (1, 1795289270, 3, '5', 95, 100, 'Completed / FullyGraded', 200)"
            )
        server = make_lms_server(app, port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Scene(config.base_url, tool)
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def visitor(browser: Browser, scene: Scene, username: str = "", **options: Any) -> Iterator[Page]:
    context = browser.new_context(**options)
    page = context.new_page()
    if username:
        page.goto(f"{scene.lms}/enter/{username}")
    yield page
    context.close()


def test_an_activity_opens_in_a_frame_as_tall_as_the_window(browser: Browser, scene: Scene) -> None:
    with visitor(browser, scene, "petra.sommer", viewport={"width": 1280, "height": 900}) as page:
        page.get_by_role("link", name="SächsEGovG verstehen").click()
        expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Gestartet: /launch")
        box = page.locator("iframe").bounding_box()
        assert box is not None
        assert box["height"] > 700
        assert box["y"] + box["height"] <= 900
        assert scene.tool.launches[-1].keys() == {"id_token", "state"}


def test_an_activity_opens_in_a_new_window_with_its_opener(browser: Browser, scene: Scene) -> None:
    with visitor(browser, scene, "petra.sommer") as page:
        with page.expect_popup() as opened:
            page.get_by_role("link", name="Abschlusstest").click()
        expect(opened.value.get_by_role("heading")).to_have_text("Gestartet: /launch")
        assert opened.value.evaluate("window.opener !== null")


def test_without_scripts_a_button_leads_on(browser: Browser, scene: Scene) -> None:
    with visitor(browser, scene, "petra.sommer", java_script_enabled=False) as page:
        page.goto(f"{scene.lms}/mod/lti/launch.php?id=3")
        page.get_by_role("button", name="Weiter").click()
        page.get_by_role("button", name="Weiter").click()
        expect(page.get_by_role("heading")).to_have_text("Gestartet: /launch")


PAGES = {
    "start": ("", "/"),
    "kurs": ("petra.sommer", "/course/view.php?id=2"),
    "rahmen": ("petra.sommer", "/mod/lti/view.php?id=2"),
    "eigene-bewertungen": ("petra.sommer", "/grade/report/index.php"),
    "bewertungen": ("thomas.lindner", "/grade/report/index.php"),
    "bearbeiten": ("thomas.lindner", "/grade/edit.php?item=3&person=5"),
    "kein-zugang": ("falk.neumann", "/course/view.php?id=2"),
    "gibt-es-nicht": ("", "/nirgends"),
}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_is_cut_off(browser: Browser, scene: Scene, name: str) -> None:
    username, path = PAGES[name]
    with visitor(browser, scene, username) as page:
        page.goto(scene.lms + path)
        if name == "rahmen":
            expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Gestartet: /launch")
        for width, scheme in ((360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = Axe().run(page)
            assert found.violations_count == 0, f"{width} {scheme}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if folder := os.environ.get("LMS_TOOL_TEST_SCREENSHOTS"):
                page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
