"""The tool as an administrator runs it: command line, two web workers, one background worker, one database."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from .postgres import free_port

HERE = Path(__file__).parent
WORKERS = 2
READY = "background worker ready"
UNDER_WAY = 5.0  # seconds that a request may have been on its way


class Clock:
    """The tool's clock: the system's, plus what the tests moved it ahead. It never runs backwards."""

    def __init__(self, file: Path) -> None:
        self.file, self.offset = file, 0.0
        self._leapt = (-math.inf, 0.0)  # when (monotonic), and the offset until then
        self.before_leap: Callable[[], None] = lambda: None
        self._write()

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self.offset

    def moments(self) -> tuple[float, ...]:
        """Now, and just after a leap also what was now before it: for what was under way meanwhile."""
        when, before = self._leapt
        return (self.now(), time.time() + before) if time.monotonic() - when < UNDER_WAY else (self.now(),)

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def forward(
        self,
        *,
        seconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
        at_once: bool = False,
    ) -> None:
        """Move ahead, after whoever sends right now has finished (unless ``at_once``)."""
        if not at_once:
            self.before_leap()
        self._leapt = time.monotonic(), self.offset
        self.offset += seconds + 60 * minutes + 3600 * hours + 86400 * days
        self._write()

    def _write(self) -> None:
        draft = self.file.with_suffix(".new")
        draft.write_text(repr(self.offset))
        draft.replace(self.file)  # readers see the old number or the new one


class Tool:
    def __init__(self, directory: Path, database_url: str) -> None:
        self.directory, self.database_url = directory, database_url
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock = Clock(directory / "clock")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("LMS_TOOL_")} | {
            "LMS_TOOL_DATABASE_URL": database_url,
            "LMS_TOOL_DATA_DIR": str(directory / "data"),
            "LMS_TOOL_BASE_URL": self.url,
            "LMS_TOOL_SECRET_KEY": "only-for-the-conformance-run-0123456789",
            "LMS_TOOL_COURSES_DIR": str(HERE / "courses"),
            "LMS_TOOL_LOG_FORMAT": "json",
            "LMS_TOOL_TRUSTED_NETWORKS": "127.0.0.0/8",
            "LMS_TOOL_TEST_CLOCK": str(self.clock.file),
            "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE / "launcher")]),
        }
        self.web: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self._admin: subprocess.Popen[str] | None = None
        self._admin_lock = threading.Lock()

    @property
    def launch_url(self) -> str:
        return f"{self.url}/lti/launch"

    # -- processes ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.admin("db", "upgrade")
        for course in sorted((HERE / "courses").iterdir(), reverse=True):
            self.admin("courses", "load", str(course))
        with ThreadPoolExecutor(2) as threads:
            for started in (threads.submit(self.start_web), threads.submit(self.start_worker)):
                started.result()

    def start_web(self) -> None:
        self.web = self._spawn("serve", str(self.port), str(WORKERS))
        self._await(self._answers, "the web server does not answer", "serve")

    def start_worker(self) -> None:
        begun = self.log("worker").count(READY)
        self.worker = self._spawn("worker")
        self._await(lambda: self.log("worker").count(READY) > begun, "the worker does not start", "worker")

    def stop_web(self, sign: signal.Signals = signal.SIGTERM) -> None:
        _end(self.web, sign)
        self._await(lambda: not self._answers(), "the web server's port stays open", "serve")

    def stop_worker(self, sign: signal.Signals = signal.SIGTERM) -> None:
        _end(self.worker, sign)

    def stop(self) -> None:
        for process in (self.web, self.worker):
            _end(process, signal.SIGTERM)
        if self._admin is not None:
            self._admin.communicate(timeout=10)  # ends at the end of its input

    def _spawn(self, mode: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.directory / f"{mode}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(HERE / "launcher" / "launcher.py"), mode, *arguments],
                env=self.environment,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def _await(self, done: Callable[[], bool], problem: str, mode: str) -> None:
        process = self.worker if mode == "worker" else self.web
        until = time.monotonic() + 60
        while time.monotonic() < until:
            over = process is not None and process.poll() is not None
            if done():
                return
            if over:
                break
            time.sleep(0.05)
        raise AssertionError(f"{problem}:\n{self.log(mode)[-3000:]}")

    def log(self, mode: str) -> str:
        file = self.directory / f"{mode}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    # -- command line ------------------------------------------------------------------------------------------

    def admin(self, *arguments: str) -> str:
        """Run one ``lms-tool`` command; what it printed. Raises AssertionError when it fails."""
        with self._admin_lock:
            if self._admin is None:
                self._admin = subprocess.Popen(
                    [sys.executable, str(HERE / "launcher" / "launcher.py"), "admin"],
                    env=self.environment,
                    cwd=self.directory,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            assert self._admin.stdin and self._admin.stdout
            print(json.dumps(arguments), file=self._admin.stdin, flush=True)
            line = self._admin.stdout.readline()
        assert line, f"lms-tool {' '.join(arguments)} ended the process"
        answer = json.loads(line)
        assert answer["exit"] == 0, f"lms-tool {' '.join(arguments)}: {answer['output']}"
        return str(answer["output"])

    def memory(self) -> int:
        """Resident bytes of the web server's processes."""
        assert self.web is not None
        total = 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(process.name)) == self.web.pid:
                    total += int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except (ProcessLookupError, FileNotFoundError):
                continue
        return total

    def admin_json(self, *arguments: str) -> Any:
        return json.loads(self.admin(*arguments, "--json"))


def _end(process: subprocess.Popen[Any] | None, sign: signal.Signals) -> None:
    if process is None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, sign)  # the whole group: a web server has its own children
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
