"""The load: client processes that live as long as the benchmark and do one kind of visit at a time."""

from __future__ import annotations

import math
import multiprocessing
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import TracebackType

import procstat
import visits
from browser import Refused
from lms import Signer, Tool

PATIENCE = 900.0  # seconds until a client counts as lost
LEAD = 0.05  # seconds between the order to begin and the first visit, so that all clients have heard it
SPARE = 10  # people a client may need beside one per visit, for its preparations

VISITS = {
    "launch": visits.launches,
    "module": visits.module_pages,
    "lesson": visits.lesson_pages,
    "new-lesson": visits.new_lesson_pages,
    "question": visits.question_pages,
    "answer": visits.answers,
}


class Failed(Exception):
    """The benchmark cannot go on; the message is for whoever started it."""


@dataclass(frozen=True)
class Load:
    """What the clients are to do together: ``count`` visits by people numbered from ``first``.

    With ``per_second`` the visits are due at fixed times, however long earlier ones take; without it each
    client goes on as soon as it has its answer.
    """

    visit: str
    tool: Tool
    first: int
    count: int
    per_second: float | None = None

    def people(self, clients: int) -> int:
        """How many numbers from ``first`` on are taken."""
        return clients * (math.ceil(self.count / clients) + SPARE)


@dataclass
class Outcome:
    """``waits`` are seconds per successful visit; in a paced load they count from when it was due."""

    waits: list[float] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    memory_mib: float = 0.0

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_seconds / len(self.waits) if self.waits else math.nan

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds

    def wait_ms(self, percent: float) -> float:
        """The wait that ``percent`` of the visits did not exceed."""
        if not self.waits:
            return math.nan
        ranked = sorted(self.waits)
        return 1000 * ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]


class Crowd:
    """``clients`` processes; a context manager that ends them."""

    def __init__(self, clients: int, pem: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self._lines: list[Connection] = []
        self._processes = []
        for number in range(clients):
            ours, theirs = context.Pipe()
            process = context.Process(target=_client, args=(theirs, number, clients, pem), daemon=True)
            process.start()
            self._lines.append(ours)
            self._processes.append(process)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for process in self._processes:  # they hold nothing that would need an orderly end
            process.kill()
            process.join()

    def run(self, load: Load, processes: Sequence[int]) -> Outcome:
        """Prepare, then do the visits; CPU and memory are those of ``processes`` (ids) and their children.

        Raises:
            Failed: a client could not prepare, or is lost.
        """
        for line in self._lines:
            line.send(load)
        for line in self._lines:
            if (problem := self._hear(line)) is not None:
                raise Failed(f"{load.tool.name}: cannot prepare '{load.visit}': {problem}")
        total = Outcome()
        cpu = procstat.cpu_seconds(processes)
        begin = time.monotonic() + LEAD
        for line in self._lines:
            line.send(begin)
        for line in self._lines:
            part = self._hear(line)
            total.waits += part.waits
            total.refusals += part.refusals
        total.seconds = time.monotonic() - begin
        total.cpu_seconds = procstat.cpu_seconds(processes) - cpu
        total.memory_mib = procstat.memory_mib(processes)
        return total

    @staticmethod
    def _hear(line: Connection) -> Outcome:
        if not line.poll(PATIENCE):
            raise Failed("a client of the load does not answer")
        try:
            answer: Outcome = line.recv()
        except EOFError:
            raise Failed("a client of the load has died") from None
        return answer


def _client(line: Connection, number: int, clients: int, pem: bytes) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us
    signer = Signer(pem)
    while True:
        load = line.recv()
        try:
            visitor = visits.Visitor(load.tool, signer)
            steps = _prepare(visitor, load, number, clients)
        except Refused as problem:
            line.send(str(problem))
            continue
        line.send(None)
        begin = line.recv()
        line.send(_do(visitor, steps, load, number, clients, begin))


def _prepare(visitor: visits.Visitor, load: Load, number: int, clients: int) -> list[visits.Step]:
    first = load.first + number * load.people(clients) // clients
    count = len(range(number, load.count, clients))
    return VISITS[load.visit](visitor, first, count)


def _do(
    visitor: visits.Visitor, steps: list[visits.Step], load: Load, number: int, clients: int, begin: float
) -> Outcome:
    outcome = Outcome()
    for index, step in enumerate(steps):
        due = begin + (index * clients + number) / load.per_second if load.per_second else begin
        time.sleep(max(0.0, due - time.monotonic()))
        late = time.monotonic() - due if load.per_second else 0.0
        waited = visitor.browser.waited
        try:
            step()
        except Refused as problem:
            outcome.refusals[str(problem)] += 1
        else:
            outcome.waits.append(late + visitor.browser.waited - waited)
    return outcome
