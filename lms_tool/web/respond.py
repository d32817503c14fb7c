"""Turning pages and errors into responses."""

from __future__ import annotations

from typing import cast

from flask import current_app, g
from werkzeug.wrappers import Response

from lms_tool.web.render import Page, Renderer


def show(page: Page, status: int = 200) -> Response:
    """The page as a document in the language of the launch."""
    renderer = cast(Renderer, current_app.extensions["lms_tool_renderer"])
    return Response(renderer.page(page, g.get("locale", "de")), status, mimetype="text/html")
