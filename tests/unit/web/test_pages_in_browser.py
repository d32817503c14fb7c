"""Every page in Chromium: axe, no sideways scrolling, nothing that the Content-Security-Policy refuses."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from front_end import ORIGIN, Site
from page_samples import STANDING
from playwright.sync_api import Browser, expect

EVERYTHING = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


SCHEMES: tuple[tuple[Literal["light", "dark"], dict[str, object]], ...] = (
    ("light", EVERYTHING),
    ("dark", COLOURS),
)
AXED, NARROW = (1280, 360), (320, 600, 800, 1024)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(chromium: Browser, site: Site) -> None:
    """Each page once, at all widths and in both schemes: opening it takes as long as looking at it."""
    page = site.open(chromium.new_context())
    script = Axe().axe_script
    found: dict[tuple[str, str, int, str], list[str]] = {}
    wide = []
    for name in STANDING:
        page.goto(f"{ORIGIN}/{name}")
        page.evaluate(script)
        for width in (*AXED, *NARROW):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((name, width))
            for scheme, rules in SCHEMES if width in AXED else ():
                page.emulate_media(color_scheme=scheme)
                for violation in page.evaluate("rules => axe.run(document, rules)", rules)["violations"]:
                    found[name, scheme, width, violation["id"]] = [one["html"] for one in violation["nodes"]]
    page.context.close()
    assert found == {}
    assert wide == []
    assert site.complaints == []


def test_a_drawing_keeps_its_size_on_a_phone_and_is_moved_by_keyboard(chromium: Browser, site: Site) -> None:
    page = site.open(chromium.new_context(viewport={"width": 360, "height": 740}))
    page.goto(f"{ORIGIN}/kind_picture")
    view = page.get_by_role("group", name="Abbildung")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert view.evaluate("one => one.scrollWidth") >= 640
    view.focus()
    page.keyboard.press("ArrowRight")
    view.evaluate("one => one.scrollLeft || new Promise(done => one.addEventListener('scroll', done))")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert view.evaluate("one => one.scrollWidth === one.clientWidth")
    page.context.close()


def test_fira_sans_and_kern_are_there(chromium: Browser, site: Site) -> None:
    page = site.open(chromium.new_context())
    page.goto(f"{ORIGIN}/lesson")
    page.evaluate("document.fonts.ready.then(() => null)")
    assert page.evaluate("document.fonts.check('400 18px \"Fira Sans\"')")
    faces = page.evaluate("[...document.fonts].filter((face) => face.status === 'loaded').length")
    assert faces >= 2
    action = "getComputedStyle(document.body).getPropertyValue('--kern-color-action-default')"
    assert page.evaluate(action)
    page.context.close()


@pytest.mark.parametrize("name", ["lesson", "module_begun", "question_proof", "quiz_resume"])
def test_every_stop_of_the_tab_key_shows_a_ring(chromium: Browser, site: Site, name: str) -> None:
    page = site.open(chromium.new_context(viewport={"width": 800, "height": 900}))
    page.goto(f"{ORIGIN}/{name}")
    stops = 0
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops += 1
        ring = page.evaluate(
            """() => [null, "::before", "::after"].some((part) => {
                 const style = getComputedStyle(document.activeElement, part);
                 const shadow = style.boxShadow !== "none";
                 return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || shadow;
               })"""
        )
        assert ring, page.evaluate("document.activeElement.outerHTML")
    assert stops > 3
    page.context.close()


def test_without_script_everything_reads_and_answers(chromium: Browser, site: Site) -> None:
    page = site.open(chromium.new_context(java_script_enabled=False))
    page.goto(f"{ORIGIN}/question")
    page.get_by_label("Einen Vermerk schreiben.").check()
    page.get_by_role("button", name="Antwort prüfen").click()
    assert site.posts == [{"answer": ["b"], "action": ["check"]}]
    page.goto(f"{ORIGIN}/lesson")
    page.get_by_role("button", name="Weiter").click()
    assert page.title() == "next"
    page.goto(f"{ORIGIN}/error")
    expect(page.get_by_role("button")).to_have_count(0)  # copying needs script
    page.context.close()
