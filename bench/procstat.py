"""CPU time and memory of a server with all its processes, as Linux counts them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
REAPED = slice(13, 15)  # cutime, cstime in /proc/<pid>/stat, counted behind the command's closing bracket


def cpu_seconds(roots: Iterable[int]) -> float:
    """Time so far, user and system, of ``roots`` and of all their descendants, ended ones included."""
    return sum(_own_cpu(pid) + _reaped_cpu(pid) for pid in _with_descendants(roots))


def memory_mib(roots: Iterable[int]) -> float:
    """Proportional set size: pages that several processes share are counted once."""
    kib = 0
    for pid in _with_descendants(roots):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:  # ended meanwhile, or another user's
            continue
        kib += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kib / 1024


def _with_descendants(roots: Iterable[int]) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = list(roots)
    for pid in found:  # grows while it is read
        found.extend(children.get(pid, ()))
    return found


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _own_cpu(pid: int) -> float:
    """From the process's own CPU clock: nanoseconds, where /proc/<pid>/stat has hundredths of a second.

    The clock's number is that of clock_getcpuclockid(3), which Python offers for threads only.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def _reaped_cpu(pid: int) -> float:
    return sum(int(ticks) for ticks in _stat(pid)[REAPED]) / TICKS_PER_SECOND
