"""The set-up guides, readable where somebody connects an LMS; nothing in them is secret."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Blueprint
from werkzeug.wrappers import Response

from lms_tool.content import guide
from lms_tool.lti.request_errors import NotFound
from lms_tool.shipped import shipped
from lms_tool.web.context import runtime
from lms_tool.web.pages import GuidePage, Link
from lms_tool.web.respond import show

ROOT = "/lti/guides"
blueprint = Blueprint("guides", __name__, url_prefix=ROOT)


@blueprint.get("")
def index() -> Response:
    return _guide("README")


@blueprint.get("/<name>")
def one(name: str) -> Response:
    return _guide(name)


def _guide(name: str) -> Response:
    """Raises NotFound: there is no such guide."""
    files = _files()
    if name not in files:
        raise NotFound(guide=name[:64])
    return show(_page(files[name], runtime().settings.base_url))


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    """Guides by name. Names from outside are looked up here, never put into a path."""
    return {file.stem: file for file in shipped("lti_config").glob("*.md")}


@lru_cache(maxsize=32)
def _page(file: Path, base_url: str) -> GuidePage:
    found = guide.render(file.read_text("utf-8"), base_url, f"{ROOT}/")
    return GuidePage(
        title=found.title,
        html=found.html.replace(f'href="{ROOT}/"', f'href="{ROOT}"').replace(f'"{ROOT}/#', f'"{ROOT}#'),
        sections=tuple(Link(heading.text, f"#{heading.id}") for heading in found.outline),
        overview_url="" if file.stem == "README" else ROOT,
    )
