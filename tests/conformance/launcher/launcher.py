"""Runs the tool's own entry points with a clock that the tests can move.

The tool takes its clock as an argument; production passes the system's. Here it is one that adds the seconds found
in the file LMS_TOOL_TEST_CLOCK names. Names in LMS_TOOL_TEST_NAMES (JSON) have the addresses that stand there, as a
name server of a stranger may say. Everything else is the tool as it is.

    launcher.py serve PORT WORKERS      the web server
    launcher.py worker                  the background worker
    launcher.py admin                   commands as JSON lists on stdin, one answer a line on stdout
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask import Flask

from lms_tool import cli, serving
from lms_tool.app import create_app
from lms_tool.cli import common
from lms_tool.jobs.queue import Queue
from lms_tool.observability import configure_logging
from lms_tool.runtime import build
from lms_tool.settings import load

CLOCK = Path(os.environ["LMS_TOOL_TEST_CLOCK"])
NAMES: dict[str, list[str]] = json.loads(os.environ.get("LMS_TOOL_TEST_NAMES", "{}"))


def clock() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(CLOCK.read_text()))


def answer_for_name_servers() -> None:
    ask = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host not in NAMES:
            return ask(host, port, *more, **named)
        return [(socket.AF_UNSPEC, socket.SOCK_STREAM, 6, "", (address, port)) for address in NAMES[host]]

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


def application() -> Flask:
    answer_for_name_servers()
    settings = load()
    configure_logging(settings)
    return create_app(settings, clock=clock)


def serve(port: int, workers: int) -> None:
    serving.serve("launcher:application", "127.0.0.1", port, workers)


def worker() -> None:
    settings = load()
    configure_logging(settings)
    queue = Queue(build(settings, clock))
    make = queue.huey.create_consumer
    # asks its store more often than in production: a second's nap per grade would make the tests slow
    quick = {"initial_delay": 0.02, "max_delay": 0.05}
    queue.huey.create_consumer = lambda **options: make(**options | quick)
    consumer = queue.consumer(periodic=False)  # the tests say when a minute is over
    print("background worker ready", flush=True)
    consumer.run()


class Admin:
    """The command line, in one process that stays, for starting Python takes longer than most commands."""

    def __init__(self) -> None:
        self.runtime = build(load(), clock)
        cli.runtime = common.runtime = lambda: self.runtime  # what each command is built on

    @cached_property
    def queue(self) -> Queue:
        return Queue(self.runtime)

    def run(self, command: list[str]) -> dict[str, Any]:
        if command[0] == "sweep":
            return {"exit": 0, "output": json.dumps(self.sweep({int(number) for number in command[1:]}))}
        if command[0] == "results":
            return {"exit": 0, "output": str(self.queue.results.run())}
        if command[0] == "subscribe":
            return {"exit": 0, "output": str(self.queue.subscriber.run())}
        if command[0] == "upkeep":
            self.queue.upkeep()
            return {"exit": 0, "output": ""}
        result = CliRunner().invoke(cli.main, command)
        output = result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            output += "".join(traceback.format_exception(result.exception))
        return {"exit": result.exit_code, "output": output}

    def sweep(self, without: set[int]) -> list[int]:
        """What the worker does each minute, now; ends when everything that was due has been tried."""
        reconciler = self.queue.reconciler
        waiting = set(reconciler.waiting()) - without
        self.queue.sweep()
        until = time.monotonic() + 10
        while waiting & set(reconciler.waiting()) and time.monotonic() < until:
            time.sleep(0.02)
        return sorted(waiting)


def admin() -> None:
    commands = Admin()
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever prints must not come between the answers
    for line in sys.stdin:
        try:
            answer = commands.run(json.loads(line))
        except Exception:
            answer = {"exit": 1, "output": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    mode, *arguments = sys.argv[1:]
    if mode == "serve":
        serve(*map(int, arguments))
    elif mode == "worker":
        worker()
    else:
        admin()
