"""The factory: settings → process → blueprints → error pages. Wiring only; the one file that knows every other."""

from __future__ import annotations

import gc
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lms_tool.jobs.queue import Queue
from lms_tool.observability import configure_logging
from lms_tool.runtime import Clock, build
from lms_tool.settings import Settings, load
from lms_tool.web import (
    admin,
    case,
    cookieless,
    deep_linking,
    errors,
    guides,
    health,
    learn,
    legacy,
    lti,
    members,
    notices,
    offer,
    quiz,
    register,
    security,
    submissions,
    worksheet,
    workshop,
)
from lms_tool.web.render import Renderer
from lms_tool.web.respond import Pages
from lms_tool.web.whole import whole_answers

STATIC = Path(__file__).parent / "web" / "static"
ASSET_AGE = 365 * 24 * 3600  # their names change with their content


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """One web process of the tool.

    ``clock`` returns aware UTC times; the system's clock if it is not given.

    Raises:
        SettingsInvalid: a setting is missing.
        FrontEndNotBuilt: styles and scripts have not been built.
    """
    app = Flask("lms_tool.web", static_folder=str(STATIC), static_url_path="/static")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = ASSET_AGE
    app.config["MAX_CONTENT_LENGTH"] = security.MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = security.MAX_BODY
    runtime = build(settings, clock)
    app.wsgi_app = whole_answers(app.wsgi_app)  # type: ignore[assignment,method-assign]
    app.extensions["lms_tool"] = runtime
    app.extensions["lms_tool_queue"] = Queue(runtime)
    app.extensions["lms_tool_pages"] = Pages(Renderer())
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxy_hops, x_proto=settings.proxy_hops, x_host=0
        )
    security.install(app)
    errors.install(app)
    for blueprint in (
        lti.blueprint,
        notices.blueprint,
        register.blueprint,
        guides.blueprint,
        legacy.blueprint,
        learn.blueprint,
        quiz.blueprint,
        case.blueprint,
        offer.blueprint,
        workshop.blueprint,
        worksheet.blueprint,
        members.blueprint,
        submissions.blueprint,
        deep_linking.blueprint,
        cookieless.blueprint,
        health.blueprint,
        admin.access.blueprint,
        admin.audit.blueprint,
        admin.grades.blueprint,
        admin.keys.blueprint,
        admin.platforms.blueprint,
    ):
        app.register_blueprint(blueprint)
    return app


def from_environment() -> Flask:
    """What a WSGI server loads in each of its worker processes: ``lms_tool.app:from_environment()``."""
    settings = load()
    configure_logging(settings)
    app = create_app(settings)
    # What has been imported lives as long as the process: looking through it for garbage again and again is waste.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    return app
