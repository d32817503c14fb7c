"""Kills processes of a running tool, and starts them again as a service manager does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from conformance.tool import WORKERS, Tool

LEASE_SECONDS = 91  # a killed sender's lease is over after this time
VICTIMS = ["web worker"] * 10 + ["worker"] * 8 + ["web parent"]
STANDSTILL = 120.0  # seconds without any progress after which the test gives up


class Reaper:
    """Kills what the ``dice`` say, each time a few more requests were answered or grades were sent.

    So the kills fall into the middle of the work on a fast machine and on a slow one. Web workers are replaced by
    their parent. When the parent is gone, or gave up because the same worker died twice in a few seconds, the rest
    of its process group is removed and the web server started anew, as systemd does with ``Restart=always``; the
    same for the background worker.

    ``answered`` and ``sent`` count what the tool has done so far.
    """

    def __init__(
        self, tool: Tool, dice: random.Random, answered: Callable[[], int], sent: Callable[[], int]
    ) -> None:
        self.tool, self.dice = tool, dice
        self.answered, self.sent = answered, sent
        self.killed: Counter[str] = Counter()
        self.restarts = 0  # of the web server as a whole
        self._stop = threading.Event()
        self._manager = threading.Thread(target=self._restart_what_ended, daemon=True)

    def __enter__(self) -> Reaper:
        self._manager.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._manager.join()

    def kill_one(self) -> None:
        """Wait for a random moment, then kill one process that is at work."""
        kind = self.dice.choice(VICTIMS)
        if kind == "worker":
            self._wait(self.sent, self.dice.randint(1, 3))
            time.sleep(self.dice.uniform(0, 0.06))  # before, in or after the next exchange with the platform
        else:
            self._wait(self.answered, self.dice.randint(1, 30))
            time.sleep(self.dice.uniform(0, 0.02))
        if self._kill(kind):
            self.killed[kind] += 1

    def _wait(self, count: Callable[[], int], more: int) -> None:
        goal, until = count() + more, time.monotonic() + STANDSTILL
        while count() < goal:
            assert time.monotonic() < until, f"nothing happens any more: {self.tool.log('serve')[-2000:]}"
            time.sleep(0.005)

    def _kill(self, kind: str) -> bool:
        process = self.tool.worker if kind == "worker" else self.tool.web
        if process is None or process.poll() is not None:
            return False
        if kind == "web worker":
            workers = children(process)
            return bool(workers) and _kill(self.dice.choice(workers))
        if not _kill(process.pid):
            return False
        if kind == "worker":
            # Whatever it was sending may be sent again only when its lease has run out.
            self.tool.clock.forward(seconds=LEASE_SECONDS)
        return True

    def _restart_what_ended(self) -> None:
        while not self._stop.wait(0.02):
            if self.tool.worker is not None and self.tool.worker.poll() is not None:
                self.tool.start_worker()
            if self.tool.web is not None and self.tool.web.poll() is not None:
                with suppress(ProcessLookupError):
                    os.killpg(self.tool.web.pid, signal.SIGKILL)  # workers that outlived their parent
                # not start_web(): the background worker must not wait until the web answers
                self.tool.web = self.tool._spawn("serve", str(self.tool.port), str(WORKERS))
                self.restarts += 1


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """Process ids of the direct children, oldest first; none if it is gone."""
    try:
        return [
            int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
