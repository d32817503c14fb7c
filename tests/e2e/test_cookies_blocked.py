"""A browser that keeps no cookie at all in frames of other sites: only the first-party way is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from lms_tool.content.course import Course

from .cookies import CookieProbe
from .demo import Demo
from .look import HEIGHT, SCHEMES, WIDTHS, Inspector
from .moves import enter, frame_of, lessons, read_on
from .window import ARGUMENTS, CHROMIUM, Window, picture

BLOCK = 2  # content setting


@pytest.fixture
def blocking(playwright: Playwright, demo: Demo, tmp_path: Path) -> Iterator[tuple[Window, CookieProbe]]:
    """A profile whose owner has forbidden the tool's cookies in the LMS's pages, and a probe of the same rule."""
    with CookieProbe() as probe:
        rules = {
            f"{inside},{outside}": {"setting": BLOCK}
            for outside, inside in ((demo.lms, demo.tool), probe.origins)
        }
        (tmp_path / "Default").mkdir()
        settings = {"profile": {"content_settings": {"exceptions": {"cookies": rules}}}}
        (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings))
        context = playwright.chromium.launch_persistent_context(
            tmp_path,
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            viewport={"width": WIDTHS[0], "height": HEIGHT},
        )
        ours = Window(context, demo.lms, demo.tool, *probe.origins)
        yield ours, probe
        context.close()


def test_the_activity_opens_in_a_window_of_its_own(
    blocking: tuple[Window, CookieProbe], demo: Demo, course: Course
) -> None:
    ours, probe = blocking
    page, module = ours.page(), course.modules[5]
    assert probe.cookies_in_a_frame(page) == set()
    enter(page, demo.lms, "aylin.yildiz")
    page.get_by_role("link", name=module.title).click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ein Klick fehlt noch")
    assert not [url for url in ours.requests if "/auth.php" in url]  # the LMS's hint is not spent

    inspector = Inspector()
    inside = frame_of(page)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            inspector.accessible(inside, f"neues-fenster {width} {scheme}")
            picture(page, f"neues-fenster-{width}-{scheme}")
    assert inspector.faults == []
    assert inside.evaluate("document.documentElement.lang") == "de"
    assert inside.evaluate("document.documentElement.scrollWidth <= innerWidth")

    with page.expect_popup() as opened:
        frame.get_by_role("link", name="In neuem Fenster öffnen").click()
    tool = opened.value
    expect(tool.get_by_role("heading", level=1)).to_have_text(module.title)
    expect(tool.get_by_text("Aylin Yıldız")).to_be_visible()
    tool.get_by_role("link", name="Beginnen").click()
    read_on(tool, lessons(module)[0])
    expect(tool.get_by_role("heading", level=1)).to_have_text(lessons(module)[1].title)
    assert launched_nothing_in_the_frame(ours, demo)
    assert ours.refusals == []
    assert ours.complaints == []


def launched_nothing_in_the_frame(ours: Window, demo: Demo) -> bool:
    """One launch in all: the one of the new window."""
    return ours.requests.count(f"{demo.tool}/lti/launch") == 1
