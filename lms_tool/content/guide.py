"""The set-up guides as pages: Markdown of ``lti_config/`` with the tool's own address filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lms_tool.content.clean import clean
from lms_tool.content.course import Heading
from lms_tool.content.dialect import Dialect, Run

PLACEHOLDER = "BASE_URL"  # stands in the guides for the address of the tool
_MEANING = (
    "`BASE_URL` ist die Adresse des Lernwerkzeugs"  # says so; of no use where the address itself stands
)
_EXPLAINED = re.compile(rf"; {_MEANING}|{_MEANING}(?:, zum Beispiel `[^`]*`)?\. ?")
_RELATIVE = re.compile(r"\[([^\]]+)\]\((?!https://)([^)\s]*)\)")
_SIBLING = re.compile(r"([A-Za-z0-9-]+)\.md(#[^)]*)?")
# The dialect knows no links between guides: they travel through it under an address that nobody has.
_MARK = "https://guide.invalid/"
_MARKED = re.compile(
    rf'<a [^>]*href="{re.escape(_MARK)}([^"]*)"[^>]*>(.*?)<span[^>]*>[^<]*</span></a>', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Guide:
    title: str
    html: str  # sanitised
    outline: tuple[Heading, ...]
    faults: tuple[
        str, ...
    ] = ()  # what our Markdown does not know; a test holds that shipped guides have none


def render(text: str, base_url: str, root: str) -> Guide:
    """``text``: a guide that begins with its title. ``base_url`` is put where it says BASE_URL.

    Links to other guides lead below the path ``root``, which shows README; other files of the repository are not
    served, so only their words stay.
    """
    first, _, body = text.partition("\n")
    faults: list[str] = []
    outline: list[Heading] = []
    run = Run(
        media={},
        wrong=lambda needle, problem, _remedy: faults.append(f"{needle[:60]}: {problem}"),
        link=lambda *_: None,
        shown=set(),
        outline=outline,
    )
    marked = _RELATIVE.sub(_mark, _EXPLAINED.sub("", body).replace(PLACEHOLDER, base_url))
    html = clean(Dialect().body(marked, run))
    html = _MARKED.sub(lambda found: f'<a class="lt-a" href="{root}{found[1]}">{found[2]}</a>', html)
    return Guide(first.lstrip("# ").strip(), html, tuple(outline), tuple(faults))


def _mark(link: re.Match[str]) -> str:
    sibling = _SIBLING.fullmatch(link[2])
    if sibling is None:
        return link[1]
    path = "" if sibling[1] == "README" else f"/{sibling[1]}"
    anchor = (sibling[2] or "").replace("#", "#abschnitt-", 1)
    return f"[{link[1]}]({_MARK}{path.removeprefix('/')}{anchor})"
