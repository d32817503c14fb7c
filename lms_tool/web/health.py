"""For those who operate the tool: alive, ready, numbers."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from werkzeug.wrappers import Response

from lms_tool.observability import render_metrics
from lms_tool.services import health
from lms_tool.services.failures import is_store_failure
from lms_tool.web.context import runtime

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def live() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> Response:
    """Database reachable and migrated; what is not is named."""
    tool = runtime()
    checks = {"database": False, "migrations": False, "queue": False}
    try:
        with tool.database.read() as db:
            checks["migrations"] = health.schema_at_head(db)
            checks["database"] = True
    except Exception as error:
        if not is_store_failure(error):
            raise
    checks["queue"] = bool(current_app.extensions["lms_tool_queue"].answers())
    answer = jsonify(ready=all(checks.values()), checks=checks)
    answer.status_code = 200 if all(checks.values()) else 503
    return answer


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus; nothing about a person."""
    tool = runtime()
    with tool.database.read() as db:
        values = health.numbers(db, tool.clock())
    return Response(render_metrics(values), mimetype="text/plain; version=0.0.4; charset=utf-8")
