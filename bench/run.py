"""Measure launches, pages and saved answers beside PyLTI1p3, on this machine, in one run.

    make bench
    .venv/bin/python bench/run.py --only launch,answer --rounds 9 --json result.json

CPU time is that of a tool's whole process tree and of the store behind it, per successful visit. Rounds
alternate between the tools, so that what else the machine does hits all of them; the ratio is the median of
the rounds' ratios. Nothing leaves the loopback interface. docs/benchmark.md explains the table.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import growth
import prepare
import report
import servers
from driver import Crowd, Failed, Load, Outcome
from lms import KeySetServer
from report import Growth, PacedLoad, Row
from servers import Server

CACHE = Path(__file__).resolve().parent / ".cache"
LAUNCHES = ("launch", "again")  # what the peer can do too
EXTRAS = ("growth", "load")
WARM_UP = 60  # launches before anything counts: both worker processes, all their threads and caches


class Bench:
    """One run: who is measured, by how many clients, and which people were used up so far."""

    def __init__(self, crowd: Crowd, clients: int, peer: Server | None, tools: list[Server]) -> None:
        self.crowd, self.clients, self.peer, self.tools = crowd, clients, peer, tools
        self._next_person = 1

    def do(self, server: Server, visit: str, count: int, per_second: float | None = None) -> Outcome:
        return self._run(server, Load(visit, server.tool, self._next_person, count, per_second))

    def launch_twice(self, server: Server, count: int) -> Iterator[tuple[str, Outcome]]:
        """New people, then the same ones again."""
        first = self._next_person
        for visit in LAUNCHES:
            yield visit, self._run(server, Load("launch", server.tool, first, count))

    def _run(self, server: Server, load: Load) -> Outcome:
        self._next_person = max(self._next_person, load.first + load.people(self.clients))
        return self.crowd.run(load, server.processes)

    def rounds(self, visits: list[str], rounds: int, launches: int, pages: int) -> list[Row]:
        """All visits, ``rounds`` times; what is asked for is in the order of ``visits``."""
        everybody = [*([self.peer] if self.peer else []), *self.tools]
        rows = {
            (visit, server.tool.name): Row(visit, server.tool.name, self._beside(visit, server))
            for visit in visits
            for server in everybody
            if visit in LAUNCHES or server is not self.peer
        }
        for server in everybody:
            self.do(server, "launch", WARM_UP)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            # Who goes second finds other caches and clock rates: take turns.
            outcomes = self._round(everybody if number % 2 == 0 else everybody[::-1], visits, launches, pages)
            for key, row in rows.items():
                row.outcomes.append(outcomes[key])
                if row.beside is not None:
                    row.ratios.append(outcomes[key].cpu_ms / outcomes[row.visit, row.beside].cpu_ms)
        return list(rows.values())

    def _beside(self, visit: str, server: Server) -> str | None:
        if self.peer is None or server is self.peer or visit not in LAUNCHES:
            return None
        return self.peer.tool.name

    def _round(
        self, servers: list[Server], visits: list[str], launches: int, pages: int
    ) -> dict[tuple[str, str], Outcome]:
        outcomes = {}
        if set(LAUNCHES) & set(visits):
            for server in servers:
                both = self.launch_twice(server, launches)
                for visit, outcome in islice(both, 2 if "again" in visits else 1):
                    outcomes[visit, server.tool.name] = outcome
        for visit in visits:
            for server in servers:
                if visit not in LAUNCHES and server is not self.peer:
                    outcomes[visit, server.tool.name] = self.do(server, visit, pages)
        return outcomes

    def growth(self, launches: int) -> list[Growth]:
        found = []
        for server in self.tools:
            before = growth.size(server)
            for visit, _ in self.launch_twice(server, launches):
                after = growth.size(server)
                found.append(Growth(server.tool.name, report.TITLES[visit], launches, after.since(before)))
                before = after
        return found

    def load(self, per_second: float, seconds: float) -> list[PacedLoad]:
        """Launches that begin at fixed times, as many as people click, not as many as the tool can take."""
        found = []
        for server in self.tools:
            outcome = self.do(server, "launch", round(per_second * seconds), per_second)
            found.append(PacedLoad(server.tool.name, per_second, seconds, outcome))
        return found


@contextmanager
def everything(options: argparse.Namespace) -> Iterator[Bench]:
    """Peer, our tool (on one or two databases), LMS and clients, started and ended."""
    CACHE.mkdir(exist_ok=True)
    lms = KeySetServer()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=CACHE, prefix="run-")))
        peer = None
        if options.peer:
            python, redis = prepare.peer_python(CACHE), prepare.redis_server()
            (folder / "peer").mkdir()
            peer = servers.peer(stack, lms, folder / "peer", python, redis)
        (folder / "sqlite").mkdir()
        tools = [servers.ours(stack, lms, folder / "sqlite", "lms-tool, SQLite")]
        if options.postgres:
            # Not below our cache: the user postgres may not be able to look in there.
            cluster = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lms-tool-bench-")))
            url, pid = servers.postgres(stack, cluster)
            (folder / "postgres").mkdir()
            tools.append(servers.ours(stack, lms, folder / "postgres", "lms-tool, PostgreSQL", url, [pid]))
        crowd = stack.enter_context(Crowd(options.clients, lms.pem))
        yield Bench(crowd, options.clients, peer, tools)


def arguments() -> argparse.Namespace:
    names = [*report.TITLES, *EXTRAS]

    def chosen(text: str) -> list[str]:
        if unknown := set(text.split(",")) - set(names):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return [name for name in names if name in text.split(",")]

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=_number(1, 100), default=5)
    parser.add_argument("--launches", type=_number(10, 20_000), default=300, help="per round and tool (300)")
    parser.add_argument("--pages", type=_number(10, 20_000), default=300, help="per round and kind (300)")
    parser.add_argument("--clients", type=_number(1, 32), default=6, help="at the same time (6)")
    parser.add_argument("--seconds", type=_number(1, 600), default=60, help="of steady load (60)")
    parser.add_argument("--rate", type=_number(1, 500), default=50, help="launches/s of steady load (50)")
    parser.add_argument("--only", type=chosen, default=names, metavar="NAME,…", help=", ".join(names))
    parser.add_argument("--no-peer", dest="peer", action="store_false", help="without PyLTI1p3")
    parser.add_argument("--postgres", action="store_true", help="our tool on PostgreSQL too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    return parser.parse_args()


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a number from {least} to {most}")
        return int(text)

    return read


def main() -> int:
    options = arguments()
    result: dict[str, object] = {"machine": report.machine()}
    refused = 0
    with everything(options) as bench:
        if visits := [name for name in options.only if name not in EXTRAS]:
            rows = bench.rounds(visits, options.rounds, options.launches, options.pages)
            print(f"\n{report.visits_table(rows)}")
            result["visits"] = [row.as_json() for row in rows]
            refused += sum(sum(row.refusals.values()) for row in rows)
        if "growth" in options.only:
            growths = bench.growth(options.launches)
            print(f"\n{report.growth_table(growths)}")
            result["growth"] = [each.as_json() for each in growths]
        if "load" in options.only:
            loads = bench.load(options.rate, options.seconds)
            print(f"\n{report.load_table(loads)}")
            result["load"] = [each.as_json() for each in loads]
            refused += sum(sum(each.outcome.refusals.values()) for each in loads)
    print("\n" + ", ".join(f"{name} {value}" for name, value in report.machine().items()))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return 1 if refused else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception: servers are ended on the way out
    try:
        sys.exit(main())
    except Failed as problem:
        sys.exit(f"bench: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
