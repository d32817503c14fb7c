"""Several processes as one: start them, wait until they answer, notice when one ends, stop them all."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

import httpx2

from lms_tool.errors import Text, ToolError

START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.1
PORTS_TRIED = 200
LOG_TAIL = 15  # lines


class DemoFailed(ToolError):
    """``problem`` is the sentence for the console."""

    code = "demo_failed"
    text = Text("Die Demo läuft nicht.", "The demo does not run.")
    remedy = Text(
        "Beheben Sie die Ursache und starten Sie die Demo noch einmal.",
        "Mend the cause and start the demo again.",
    )

    def __init__(self, problem: str) -> None:
        super().__init__(problem=problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self) -> str:
        """The last lines it wrote."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL:])

    def signal(self, number: int) -> None:
        """To the whole process group: workers of a server must not outlive it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def is_gone(self) -> bool:
        """Whether no process of the group is left."""
        self.process.poll()  # reaps the first one
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False


class Family:
    """Children in process groups of their own, so that Ctrl-C reaches only us and we stop them in order.

    A context manager: leaving it stops whatever was started, last first.
    """

    def __init__(self, log_dir: Path) -> None:
        self.log_dir = log_dir
        self.children: list[Child] = []
        log_dir.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Family:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, arguments: Sequence[str], env: Mapping[str, str]) -> Child:
        """Run this Python with the arguments; what it prints goes to ``<name>.log``."""
        log = self.log_dir / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def wait_until_answering(self, url: str, seconds: float = START_SECONDS) -> None:
        """Return once ``url`` answers with anything but a server error.

        Raises:
            DemoFailed: a child ended, or time is up.
        """
        end = time.monotonic() + seconds
        with httpx2.Client(timeout=5.0, trust_env=False) as client:
            while time.monotonic() < end:
                self.check()
                with contextlib.suppress(httpx2.TransportError):
                    if client.get(url).status_code < 500:
                        return
                time.sleep(POLL_SECONDS)
        logs = ", ".join(str(child.log) for child in self.children)
        raise DemoFailed(f"{url} antwortet nach {seconds:.0f} Sekunden noch nicht. Mehr steht in {logs}.")

    def check(self) -> None:
        """Raises:
        DemoFailed: a child ended by itself.
        """
        for child in self.children:
            if child.process.poll() is not None:
                raise DemoFailed(
                    f"Der Prozess «{child.name}» hat sich beendet (Status {child.process.returncode})."
                    f" Das Ende von {child.log}:\n{child.tail()}"
                )

    def watch(self) -> None:
        """Wait until a child ends by itself, and say so by :class:`DemoFailed`."""
        while True:
            self.check()
            time.sleep(POLL_SECONDS * 5)

    def stop(self) -> None:
        """Ask every group to end, and after a while make it."""
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while time.monotonic() < end and not all(child.is_gone() for child in self.children):
            time.sleep(POLL_SECONDS / 2)
        for child in self.children:
            child.signal(signal.SIGKILL)
            child.process.wait()
        self.children.clear()


def run(arguments: Sequence[str], env: Mapping[str, str], doing: str) -> str:
    """Run this Python to its end and return what it printed.

    Raises:
        DemoFailed: it ended with another status than 0; says so with its own last lines.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()[-LOG_TAIL:]
        raise DemoFailed(f"{doing} ist fehlgeschlagen (Status {done.returncode}):\n" + "\n".join(said))
    return done.stdout.decode(errors="replace")


def free_port(preferred: int, taken: Sequence[int] = ()) -> int:
    """The preferred port, or the next one that nobody listens on.

    Raises:
        DemoFailed: none of the next ports is free.
    """
    for port in range(preferred, min(preferred + PORTS_TRIED, 65536)):
        if port not in taken and _is_free(port):
            return port
    raise DemoFailed(f"Kein freier Port zwischen {preferred} und {preferred + PORTS_TRIED - 1}.")


def _is_free(port: int) -> bool:
    # On both: a browser takes «localhost» for ::1 first and would find a stranger there.
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                # As servers do: a connection that was closed a moment ago is no reason to move on.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError:
            if family == socket.AF_INET or _has_ipv6():
                return False
    return True


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end us as Ctrl-C does. Once we are ending, none of them disturbs the cleaning up."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(_: int, __: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
