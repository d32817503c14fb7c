"""The demo LMS as a Flask application, and as a process: ``python -m lms_tool.demo.lms CONFIG.json PORT``."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lms_tool.demo import (
    ags,
    gradebook_pages,
    lineitems,
    nrps,
    oidc,
    pages,
    registration,
    selection,
    services,
    tokens,
)
from lms_tool.demo.config import Clock, Container, Course, Item, LmsConfig
from lms_tool.demo.platform import Platform
from lms_tool.demo.store import Store, seed

__all__ = ["Container", "Item", "LmsConfig", "create_lms", "make_lms_server", "read_config", "write_config"]

MAX_BODY_BYTES = 2_000_000
RESOURCES = (lineitems.ITEMS, lineitems.ITEM, ags.SCORES, ags.RESULTS, nrps.MEMBERSHIPS)


def create_lms(config: LmsConfig, *, clock: Clock = time.time) -> Flask:
    """Open (or make) the LMS's store under ``config.data_dir``, seed it and wire the application."""
    store = Store(config.data_dir / "lms.db")
    seed(store, config)
    platform = Platform(config, store, clock)
    app = Flask(__name__)
    app.extensions["demo_lms"] = platform
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    pages.add_filters(app, platform)
    for part in (pages, gradebook_pages, oidc, selection, tokens, registration):
        app.register_blueprint(part.blueprint(platform))
    app.register_blueprint(services.blueprint(platform, RESOURCES))

    @app.errorhandler(oidc.InvalidRequest)
    def invalid_request(_: oidc.InvalidRequest) -> tuple[str, int]:
        return pages.message(platform, "Fehler", "Ungültige Anfrage (Invalid request)."), 404

    @app.errorhandler(tokens.KeySetUnreachable)
    @app.errorhandler(services.Crashed)
    def crashed(error: Exception) -> tuple[str, int]:
        return pages.message(platform, "Fehler", f"Die Anfrage ist fehlgeschlagen. {error}"), 404

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int]:
        return pages.message(
            platform, "Fehler", pages.REASONS.get(error.code or 500, error.name)
        ), error.code or 500

    return app


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: status lines may hold what a tool posted, names and grades among it."""


def make_lms_server(app: Flask, port: int, host: str = "127.0.0.1") -> BaseWSGIServer:
    """A server, one thread per request; ``port`` 0 takes a free one. Call ``serve_forever`` and ``shutdown``.

    Reasons in status lines reach the client as they are, which not every WSGI server allows.
    """
    return make_server(host, port, app, threaded=True, request_handler=_QuietHandler)


def write_config(config: LmsConfig, path: Path) -> None:
    """For the LMS's own process. People and time zone are always the built-in ones there."""
    shown = asdict(config)
    del shown["people"], shown["timezone"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(shown, default=str, indent=2), encoding="utf-8")


def read_config(path: Path) -> LmsConfig:
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    items = tuple(Item(**item | {"container": Container(item["container"])}) for item in stored.pop("items"))
    course, scopes = Course(**stored.pop("course")), tuple(stored.pop("scopes"))
    return LmsConfig(
        **stored | {"data_dir": Path(stored["data_dir"])}, items=items, course=course, scopes=scopes
    )


if __name__ == "__main__":
    make_lms_server(create_lms(read_config(Path(sys.argv[1]))), int(sys.argv[2])).serve_forever()
