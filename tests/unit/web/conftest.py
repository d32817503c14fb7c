"""A renderer over the built front end, and a browser to look at its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_end import ARGUMENTS, CHROMIUM, Site
from playwright.sync_api import Browser, sync_playwright

from lms_tool.web.render import Renderer


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer()


@pytest.fixture(scope="module")  # two of Playwright's loops cannot run in one process
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(renderer: Renderer) -> Site:
    return Site(renderer)
