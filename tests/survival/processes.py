"""Kills processes of a running tool, and starts them again as a service manager does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from conformance.tool import Tool

LEASE_SECONDS = 91  # a killed sender's lease is over after this time


class Reaper:
    """Chooses a victim with the ``dice``; whatever has ended is started again at once by a thread of its own.

    Web workers are replaced by their parent. When the parent itself is gone, or gave up because one worker died
    again and again, the rest of its process group is removed and the web server started anew: what systemd does with
    ``Restart=always``.
    """

    def __init__(self, tool: Tool, dice: random.Random) -> None:
        self.tool, self.dice = tool, dice
        self.killed: Counter[str] = Counter()
        self.respawned = 0  # web workers their own parent replaced
        self._seen: set[int] = set()
        self._stop = threading.Event()
        self._manager = threading.Thread(target=self._restart_what_ended, daemon=True)

    def __enter__(self) -> Reaper:
        self._manager.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._manager.join(30)

    def kill_one(self) -> None:
        """Kill a web worker, the web server's parent, or the background worker."""
        kinds = ["web worker"] * 9 + ["worker"] * 9 + ["web parent"] * 2
        kind = self.dice.choice(kinds)
        if {"web worker": self._kill_web_worker, "worker": self._kill_worker, "web parent": self._kill_parent}[kind]():
            self.killed[kind] += 1

    def _kill_web_worker(self) -> bool:
        web = self.tool.web
        workers = children(web)
        if web is None or not workers:
            return False
        self.respawned += len(set(workers) - self._seen) if self._seen else 0
        self._seen |= set(workers)
        return _kill(self.dice.choice(sorted(workers)))

    def _kill_parent(self) -> bool:
        web = self.tool.web
        if web is None or web.poll() is not None:
            return False
        self._seen.clear()
        return _kill(web.pid)

    def _kill_worker(self) -> bool:
        worker = self.tool.worker
        if worker is None or worker.poll() is not None or not _kill(worker.pid):
            return False
        # Whatever it was sending may be sent again only when its lease has run out.
        self.tool.clock.forward(seconds=LEASE_SECONDS)
        return True

    def _restart_what_ended(self) -> None:
        while not self._stop.wait(0.05):
            if self.tool.worker is not None and self.tool.worker.poll() is not None:
                self.tool.start_worker()
            if self.tool.web is not None and self.tool.web.poll() is not None:
                with suppress(ProcessLookupError):
                    os.killpg(self.tool.web.pid, signal.SIGKILL)  # workers that outlived their parent
                self._seen.clear()
                self.tool.start_web()


def children(process: subprocess.Popen[bytes] | None) -> list[int]:
    """Process ids of the direct children; none if it is gone."""
    if process is None:
        return []
    try:
        return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def pause(dice: random.Random, longest: float) -> None:
    time.sleep(dice.uniform(0.02, longest))
