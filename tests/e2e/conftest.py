from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from lms_tool.content.course import Course
from lms_tool.content.package import read

pytest.register_assert_rewrite(f"{__package__}.moves", f"{__package__}.window", f"{__package__}.look")

from .campus import Campus, campus_of  # noqa: E402
from .demo import Demo, start_demo  # noqa: E402
from .probe import write_courses  # noqa: E402
from .window import ARGUMENTS, CHROMIUM, TIMEOUT, Window, opened  # noqa: E402

OpenWindow = Callable[..., Window]


@pytest.fixture(scope="session")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the demo loads: the small course first, then the shipped ones."""
    folder = tmp_path_factory.mktemp("courses")
    write_courses(folder)
    return folder


@pytest.fixture(scope="session")
def course(courses: Path) -> Course:
    """The small course."""
    return read(courses / "a-probe")


@pytest.fixture(scope="session")
def shipped(courses: Path) -> Course:
    """The Basis-Befähigung."""
    return read(courses / "basis-befaehigung")


@pytest.fixture(scope="session")
def demo(courses: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = start_demo(tmp_path_factory.mktemp("demo"), courses)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def campus(demo: Demo, course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    with campus_of(demo, course, tmp_path_factory.mktemp("campus")) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield chromium
    chromium.close()


@pytest.fixture
def window(request: pytest.FixtureRequest, browser: Browser, demo: Demo) -> Iterator[OpenWindow]:
    """Opens browser profiles for this test; at its end none of them may have complained."""
    with ExitStack() as stack:

        def open_one(**options: Any) -> Window:
            origins = [demo.lms, demo.tool]
            if "campus" in request.fixturenames:
                campus: Campus = request.getfixturevalue("campus")
                origins.append(campus.lms)
            one: AbstractContextManager[Window] = opened(browser, *origins, **options)
            return stack.enter_context(one)

        yield open_one
