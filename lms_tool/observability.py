"""Structured logs without personal data, and the metrics page."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from lms_tool.settings import Settings


def configure_logging(settings: Settings) -> None:
    """Every log line of this process, our own and the libraries', in one shape on standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Any] = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    if settings.log_format == "json":
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # The first says nothing new at each look at the schema; the others log whole URLs or task arguments, which
    # may hold what must not be in a log.
    for name in ("alembic", "httpx2", "httpcore", "huey"):
        logging.getLogger(name).setLevel(logging.WARNING)


def render_metrics(values: dict[str, tuple[str, float]]) -> bytes:
    """Prometheus text of gauges, given as name → (help, value)."""
    registry = CollectorRegistry()
    for name, (help_text, value) in values.items():
        Gauge(name, help_text, registry=registry).set(value)
    return generate_latest(registry)
