"""The guides as pages of the tool."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from lms_tool.content.guide import render
from lms_tool.shipped import shipped

from .conftest import ORIGIN, new_browser

ROOT = "/lti/guides"
GUIDES = sorted(shipped("lti_config").glob("*.md"))


@pytest.mark.parametrize("file", GUIDES, ids=lambda file: str(file.stem))
def test_a_guide_is_shown_with_the_address_of_this_tool(app: Flask, file: Path) -> None:
    name = file.stem
    answer = new_browser(app).get(f"{ROOT}/{name}")
    assert answer.status_code == 200
    assert "BASE_URL" not in answer.text.replace("LMS_TOOL_BASE_URL", "")
    assert (ORIGIN in answer.text) == ("BASE_URL" in file.read_text("utf-8"))
    assert "ist die Adresse des Lernwerkzeugs" not in answer.text, "the address itself stands there"
    assert len(re.findall("<h1", answer.text)) == 1


@pytest.mark.parametrize("file", GUIDES, ids=lambda file: str(file.stem))
def test_a_guide_holds_only_markdown_that_we_can_show(file: Path) -> None:
    found = render(file.read_text("utf-8"), ORIGIN, f"{ROOT}/")
    assert found.faults == ()
    assert found.title


def test_every_link_between_guides_is_answered(app: Flask) -> None:
    browser = new_browser(app)
    seen, waiting = set(), [ROOT]
    while waiting:
        url = waiting.pop()
        seen.add(url)
        answer = browser.get(url)
        assert answer.status_code == 200, url
        for path, anchor in re.findall(rf'href="({ROOT}[a-z0-9/-]*)(?:#([a-z0-9-]+))?"', answer.text):
            if anchor:
                assert f'id="{anchor}"' in browser.get(path).text, f"{url}: {path}#{anchor}"
            if path not in seen:
                waiting.append(path)
    assert len(seen) >= len(GUIDES)


@pytest.mark.parametrize("name", ["gibt-es-nicht", "tool", "..%2Fdocs%2Fbetrieb", "platforms", "README.md"])
def test_nothing_else_is_served(app: Flask, name: str) -> None:
    assert new_browser(app).get(f"{ROOT}/{name}").status_code == 404


def test_links_out_of_the_guides_keep_their_words_and_lose_their_address() -> None:
    text = "# T\n\n[Betrieb](../docs/betrieb.md#x) [Moodle](moodle.md#drei) [Fremd](https://lms.example) <b>x</b>\n"
    html = render(text, ORIGIN, f"{ROOT}/").html
    assert "Betrieb <a" in html
    assert f'<a class="lt-a" href="{ROOT}/moodle#abschnitt-drei">Moodle</a>' in html
    assert 'href="https://lms.example"' in html
    assert "<b>" not in html
