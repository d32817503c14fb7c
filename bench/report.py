"""What was measured, as a table and as JSON."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from driver import Outcome
from growth import Size
from servers import REFERENCE

TITLES = {
    "launch": "launch, new person, course page",
    "again": "launch, known person, course page",
    "module": "module page",
    "lesson": "lesson page",
    "new-lesson": "lesson page, first time",
    "question": "question page",
    "answer": "answer saved",
}
RATIO_AIM = {"launch": 0.45}
CPU_AIM_MS = {"lesson": 4.0, "answer": 4.0}
LOAD_AIM_MS = 500.0  # 95 of 100 launches, at 50 launches a second


@dataclass
class Row:
    """One kind of visit to one tool over all rounds; ``ratios`` to the tool ``beside``, one per round."""

    visit: str
    tool: str
    beside: str | None  # None: the peer itself, or nothing to compare with
    outcomes: list[Outcome] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        return median(outcome.cpu_ms for outcome in self.outcomes)

    @property
    def refusals(self) -> Counter[str]:
        return sum((outcome.refusals for outcome in self.outcomes), Counter())

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.ratios else None

    def aim(self) -> tuple[str, bool] | None:
        """What was set as an aim for this row, and whether it is met."""
        if self.visit in RATIO_AIM and self.ratio is not None and self.beside == REFERENCE:
            return f"ratio ≤ {RATIO_AIM[self.visit]}", self.ratio <= RATIO_AIM[self.visit]
        if self.visit in CPU_AIM_MS:
            return f"CPU ≤ {CPU_AIM_MS[self.visit]:g} ms", self.cpu_ms <= CPU_AIM_MS[self.visit]
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "visit": self.visit,
            "tool": self.tool,
            "beside": self.beside,
            "cpu_ms": round(self.cpu_ms, 3),
            "cpu_ms_per_round": [round(outcome.cpu_ms, 3) for outcome in self.outcomes],
            "ratio": self.ratio and round(self.ratio, 3),
            "ratio_per_round": [round(ratio, 3) for ratio in self.ratios],
            "per_second": round(median(outcome.per_second for outcome in self.outcomes), 1),
            "p50_ms": round(median(outcome.wait_ms(50) for outcome in self.outcomes), 2),
            "p95_ms": round(median(outcome.wait_ms(95) for outcome in self.outcomes), 2),
            "memory_mib": round(self.outcomes[-1].memory_mib, 1),
            "visits": sum(len(outcome.waits) for outcome in self.outcomes),
            "refused": dict(self.refusals),
            "aim": (aim := self.aim()) and {"text": aim[0], "met": aim[1]},
        }


@dataclass(frozen=True)
class Growth:
    tool: str
    title: str
    launches: int
    size: Size

    def as_json(self) -> dict[str, Any]:
        rows = {table: round(count / self.launches, 3) for table, count in sorted(self.size.rows.items())}
        per_launch = round(self.size.bytes / self.launches)
        return {
            "tool": self.tool,
            "what": self.title,
            "launches": self.launches,
            "rows_per_launch": rows,
            "bytes_per_launch": per_launch,
        }


@dataclass(frozen=True)
class PacedLoad:
    tool: str
    per_second: float
    seconds: float
    outcome: Outcome

    def aim(self) -> tuple[str, bool]:
        met = self.outcome.wait_ms(95) <= LOAD_AIM_MS and not self.outcome.refusals
        return f"p95 ≤ {LOAD_AIM_MS:g} ms, none refused", met

    def as_json(self) -> dict[str, Any]:
        text, met = self.aim()
        return {
            "tool": self.tool,
            "launches_per_second": self.per_second,
            "seconds": self.seconds,
            "p50_ms": round(self.outcome.wait_ms(50), 2),
            "p95_ms": round(self.outcome.wait_ms(95), 2),
            "cpu_ms": round(self.outcome.cpu_ms, 3),
            "refused": dict(self.outcome.refusals),
            "aim": {"text": text, "met": met},
        }


def machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def visits_table(rows: Sequence[Row]) -> str:
    head = ["", "tool", "CPU ms", "min – max", "ratio", "per s", "p50 ms", "p95 ms", "MiB", "refused", "aim"]
    lines = []
    for row in rows:
        data, cpu = row.as_json(), sorted(outcome.cpu_ms for outcome in row.outcomes)
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        refused = str(sum(row.refusals.values()))
        spread = f"{cpu[0]:.2f} – {cpu[-1]:.2f}"
        numbers = [f"{data['per_second']:.0f}", f"{data['p50_ms']:.1f}", f"{data['p95_ms']:.1f}"]
        memory = f"{data['memory_mib']:.0f}"
        measured = [f"{row.cpu_ms:.2f}", spread, ratio, *numbers, memory, refused, _verdict(row.aim())]
        lines.append([TITLES[row.visit], row.tool, *measured])
    return _table(head, lines, left=(0, 1, 10))


def growth_table(growths: Iterable[Growth]) -> str:
    lines = []
    for growth in growths:
        data = growth.as_json()
        rows = ", ".join(f"{count:g} {table}" for table, count in data["rows_per_launch"].items()) or "none"
        lines.append([growth.title, growth.tool, str(data["bytes_per_launch"]), rows])
    return _table(["growth per launch", "tool", "bytes", "rows"], lines, left=(0, 1, 3))


def load_table(loads: Iterable[PacedLoad]) -> str:
    lines = []
    for load in loads:
        p50, p95 = (f"{load.outcome.wait_ms(percent):.1f}" for percent in (50, 95))
        refused = str(sum(load.outcome.refusals.values()))
        title = f"{load.per_second:g} launches/s for {load.seconds:g} s"
        cpu = f"{load.outcome.cpu_ms:.2f}"
        lines.append([title, load.tool, cpu, p50, p95, refused, _verdict(load.aim())])
    head = ["steady load", "tool", "CPU ms", "p50 ms", "p95 ms", "refused", "aim"]
    return _table(head, lines, left=(0, 1, 6))


def _verdict(aim: tuple[str, bool] | None) -> str:
    return "" if aim is None else f"{aim[0]}: {'met' if aim[1] else 'MISSED'}"


def _table(head: list[str], lines: list[list[str]], left: tuple[int, ...]) -> str:
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]

    def laid_out(line: list[str]) -> str:
        cells = [
            text.ljust(width) if column in left else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([laid_out(head), "-" * (sum(widths) + 2 * len(widths) - 2), *map(laid_out, lines)])
