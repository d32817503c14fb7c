"""The demo as people start it: one command, whose output is the list of links to click."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 180
LINK = re.compile(r"^Als .+: (\S+)/enter/(\S+)$")
READY = "Protokolle:"


@dataclass(frozen=True)
class Demo:
    """``lms`` and ``tool`` are origins that a browser takes for different sites."""

    process: subprocess.Popen[str]
    data_dir: Path
    lms: str
    tool: str
    usernames: tuple[str, ...]

    @property
    def tool_environment(self) -> dict[str, str]:
        """For commands on the running tool's data."""
        return _environment(self.data_dir / "demo" / "tool") | {
            "LMS_TOOL_BASE_URL": self.tool,
            "LMS_TOOL_TRUSTED_NETWORKS": "127.0.0.0/8,::1/128",
        }

    def command(self, *arguments: str) -> str:
        """Run one ``lms-tool`` command on the running tool's data; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "lms_tool.cli", *arguments],
            env=self.tool_environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def stop(self) -> None:
        """As Ctrl-C does. Raises AssertionError unless it ends by itself, and well."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, said


def start_demo(data_dir: Path, courses: Path) -> Demo:
    """Start ``lms-tool demo`` on an empty folder, with the courses in ``courses``, and read the links it prints.

    Raises AssertionError with its whole output when it ends, or does not get ready in time.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "lms_tool.cli", "demo"],
        env=_environment(data_dir) | {"LMS_TOOL_LOG_FORMAT": "json", "LMS_TOOL_COURSES_DIR": str(courses)},
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    overdue = threading.Timer(START_SECONDS, process.terminate)
    overdue.start()
    said: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line.rstrip())
        if line.startswith(READY):
            break
    overdue.cancel()
    if not said or not said[-1].startswith(READY):
        process.wait(60)
    links = [found for line in said if (found := LINK.match(line))]
    assert links and said[-1].startswith(READY), "\n".join(said)
    lms = links[0][1]
    ports = re.search(r'"tool": (\d+)', (data_dir / "demo" / "ports.json").read_text())
    assert ports is not None and urlsplit(lms).hostname == "localhost"
    return Demo(process, data_dir, lms, f"http://127.0.0.1:{ports[1]}", tuple(link[2] for link in links))


def _environment(data_dir: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LMS_TOOL_")}
    return kept | {"LMS_TOOL_DATA_DIR": str(data_dir)}
