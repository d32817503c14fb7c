"""The guides lead somewhere: links exist, words of our own pages are those of the pages, addresses are served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lms_tool.web import render

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "lti_config").glob("*.md"))
PAPERS = [*GUIDES, ROOT / "lti_config" / "platforms" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEMPLATES = Path(render.__file__).parent / "templates"
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
# What guides tell people to press or to look for at our side.
OWN_WORDS = (
    "Einladungslink erzeugen",
    "Ansehen und entscheiden",
    "Verbindung von Hand eintragen",
    "Freigeben",
    "Jetzt prüfen",
    "Verbinden",
    "Plattformen",
    "Schlüssel",
    "Protokoll",
    "Zugänge",
)


def named(paper: Path) -> str:
    return str(paper.relative_to(ROOT))


def anchors(paper: Path) -> set[str]:
    """As forges make them from headings."""
    headings = re.findall(r"^#+ (.+)$", paper.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_links_lead_somewhere(paper: Path) -> None:
    for link in LINK.findall(paper.read_text("utf-8")):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (paper.parent / path).resolve() if path else paper
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def test_the_readme_leads_to_every_guide() -> None:
    linked = set(LINK.findall((ROOT / "lti_config" / "README.md").read_text("utf-8")))
    assert {guide.name for guide in GUIDES} - {"README.md"} <= linked


@pytest.mark.parametrize(
    "guide", [one for one in GUIDES if one.name not in ("README.md", "alte-lms.md")], ids=named
)
def test_each_guide_says_what_was_tried_and_where_its_words_come_from(guide: Path) -> None:
    text = guide.read_text("utf-8")
    assert "**Was erprobt ist:**" in text
    assert "https://" in text.split("Quelle", 1)[1]
    assert "BASE_URL/lti/jwks" in text or "BASE_URL/lti/config/canvas.json" in text


def test_words_of_our_own_pages_are_on_our_pages() -> None:
    pages = "".join(file.read_text("utf-8") for file in TEMPLATES.glob("*.html"))
    told = "".join(paper.read_text("utf-8") for paper in PAPERS)
    for word in OWN_WORDS:
        assert f'_("{word}")' in pages, word
        assert word in told, word
