"""What all commands share: errors in one sentence, the process they run in, how rows are printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from lms_tool.content.faults import PackageError
from lms_tool.errors import ToolError
from lms_tool.runtime import Runtime, build
from lms_tool.services import schema
from lms_tool.services.failures import is_store_failure
from lms_tool.settings import load


class Group(click.Group):
    """Turns our errors into one sentence on stderr and a non-zero status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PackageError as error:
            for fault in error.faults:
                click.echo(str(fault), err=True)
            raise SystemExit(1) from error
        except ToolError as error:
            details = ", ".join(f"{name}: {value}" for name, value in error.details.items())
            sentence = f"{error.text.de} {details + '. ' if details else ''}{error.remedy.de}"
            click.echo(f"lms-tool: {sentence} [{error.public_code}]", err=True)
            raise SystemExit(1) from error
        except Exception as error:
            if not is_store_failure(error):
                raise
            click.echo(
                "lms-tool: Die Datenbank antwortet nicht oder ist leer. Prüfen Sie LMS_TOOL_DATABASE_URL und rufen Sie "
                f"«lms-tool db upgrade» auf. [{type(error).__name__}]",
                err=True,
            )
            raise SystemExit(1) from error


def runtime() -> Runtime:
    """The process for a command: settings from the environment."""
    return build(load())


def migrated() -> Runtime:
    """Raises SchemaOutdated unless `db upgrade` was run."""
    tool = runtime()
    schema.require_head(tool.database)
    return tool


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Als JSON ausgeben.")(command)


def show(rows: list[dict[str, Any]], as_json: bool, empty: str) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=plain))
    elif not rows:
        click.echo(empty)
    for row in [] if as_json else rows:
        click.echo("  ".join(f"{name}={plain(value)}" for name, value in row.items()))


def plain(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def of_tenant(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--tenant KEY``; commands get the key as ``tenant``, None for the first one."""
    return click.option("--tenant", metavar="KÜRZEL", help="Mandant; ohne Angabe der erste.")(command)
