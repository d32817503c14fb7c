"""What the build leaves in ``static/dist``."""

from __future__ import annotations

import json
import re
from pathlib import Path

from page_samples import PAGES

from lms_tool.web import render
from lms_tool.web.render import Renderer

DIST = Path(render.__file__).parent / "static" / "dist"
MANIFEST: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))


def test_every_file_carries_its_content_in_its_name() -> None:
    """Names change with content, so all of them may be cached for ever."""
    names = {file.name for file in DIST.iterdir() if file.is_file()} - {"manifest.json"}
    assert set(MANIFEST.values()) <= names
    assert [name for name in names if not re.fullmatch(r".+-[0-9A-Za-z]{8}\.(css|js|svg|woff2)", name)] == []


def test_styles_and_scripts_ask_no_other_host() -> None:
    for name in ("app.css", "app.js"):
        text = (DIST / MANIFEST[name]).read_text("utf-8")
        asked = re.findall(r"url\(\s*[\"']?(?!data:)([^)\"']+)|@import", text)
        assert [one for one in asked if not one.startswith("./")] == []
        assert set(re.findall(r"https?://[^\"' )>]+", text)) <= {"http://www.w3.org/2000/svg"}


def test_every_component_a_page_uses_is_in_the_style_sheet(renderer: Renderer) -> None:
    """The build leaves out what no template names: it must not leave out more."""
    style = (DIST / MANIFEST["app.css"]).read_text("utf-8")
    used = {
        name
        for page in PAGES.values()
        for names in re.findall(r'class="([^"]*)"', renderer.page(page))
        for name in names.split()
        if name.startswith("kern-")
    }
    assert "kern-btn--primary" in used
    assert {name for name in used if not re.search(rf"\.{name}\b", style)} == set()


def test_licences_travel_along() -> None:
    texts = {file.name: file.read_text("utf-8") for file in (DIST / "licences").iterdir()}
    assert "EUROPEAN UNION PUBLIC LICENCE" in texts["kern-ux-native.txt"].upper()
    assert "OPEN FONT LICENSE" in texts["fontsource-fira-sans.txt"].upper()
