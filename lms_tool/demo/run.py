"""``lms-tool demo``: the tool, its worker and the demo LMS on this machine, with links to enter."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from lms_tool.content.course import Course, Lesson, Quiz
from lms_tool.content.package import read
from lms_tool.demo.config import Container, Item, LmsConfig
from lms_tool.demo.lms import write_config
from lms_tool.demo.people import Role
from lms_tool.demo.processes import DemoFailed, Family, ended_by_signals, free_port, run
from lms_tool.settings import Settings

TOOL_PORT = 8050
LMS_PORT = 8051
CLIENT_ID = "demo-lms-client"

Echo = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Two origins that a browser takes for different sites."""

    tool_port: int
    lms_port: int

    @property
    def tool(self) -> str:
        return f"http://127.0.0.1:{self.tool_port}"

    @property
    def lms(self) -> str:
        return f"http://localhost:{self.lms_port}"


def run_demo(settings: Settings, *, echo: Echo) -> None:
    """Start everything, print one link per person through ``echo``, and return after Ctrl-C or SIGTERM.

    All data lies in ``<data_dir>/demo``; a later start finds it again.

    Raises:
        DemoFailed: something did not start or ended by itself. Nothing is left running.
    """
    folder = settings.data_dir.absolute() / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"), ended_by_signals(), Family(folder / "log") as family:
        try:
            _start(family, settings, folder, echo)
            family.watch()
        except KeyboardInterrupt:
            echo("Die Demo wird beendet.")


def _start(family: Family, settings: Settings, folder: Path, echo: Echo) -> None:
    addresses = choose_addresses(folder / "ports.json", echo)
    packages = [path.parent for path in sorted(settings.courses_folder.glob("*/course.yaml"))]
    if not packages:
        raise DemoFailed(f"In {settings.courses_folder} liegt kein Kurs (kein Ordner mit course.yaml).")
    env = tool_environment(settings, folder / "tool", addresses)
    tool = ["-m", "lms_tool.cli"]
    echo("Datenbank und Kurse werden vorbereitet …")
    run([*tool, "db", "upgrade"], env, "Das Einrichten der Datenbank")
    for package in packages:
        run([*tool, "courses", "load", str(package)], env, f"Das Laden des Kurses {package.name}")
    run([*tool, "platform", "add", *registration(addresses)], env, "Das Registrieren des Demo-LMS")

    config = lms_config(folder / "lms", addresses, [read(package) for package in packages])
    write_config(config, folder / "lms" / "config.json")
    family.start("tool", [*tool, "serve", "--host", "127.0.0.1", "--port", str(addresses.tool_port)], env)
    family.start("worker", [*tool, "worker"], env)
    arguments = [str(folder / "lms" / "config.json"), str(addresses.lms_port)]
    family.start("lms", ["-m", "lms_tool.demo.lms", *arguments], env)
    family.wait_until_answering(f"{addresses.tool}/healthz")
    family.wait_until_answering(f"http://127.0.0.1:{addresses.lms_port}/")
    family.check()
    for person in sorted(config.people, key=lambda person: person.role is not Role.STUDENT):
        if person.may_open_course:
            echo(f"Als {person.post} {person.name}: {addresses.lms}/enter/{person.username}")
    echo(f"Verwaltung des Werkzeugs (Link gilt einmal): {administration(tool, env)}")
    echo(f"Protokolle: {family.log_dir}. Beenden mit Strg+C.")


def administration(tool: list[str], env: dict[str, str]) -> str:
    """A fresh one-time link into the tool's administration; the account is made at the first start."""
    doing = "Das Einrichten der Verwaltung"
    known = json.loads(run([*tool, "admin", "list", "--json"], env, doing))
    wanted = ["link", str(known[0]["id"])] if known else ["add", "Demo-Verwaltung"]
    made: dict[str, str] = json.loads(run([*tool, "admin", *wanted, "--json"], env, doing))
    return made["url"]


def choose_addresses(memory: Path, echo: Echo) -> Addresses:
    """The ports of the first start if they are free, else the next free ones.

    The LMS's address is its name for the tool (``iss``): on another port it is another platform to the tool.
    """
    wanted = {"tool": TOOL_PORT, "lms": LMS_PORT}
    if memory.exists():
        wanted |= json.loads(memory.read_text(encoding="utf-8"))
    tool = free_port(wanted["tool"])
    lms = free_port(wanted["lms"], taken=[tool])
    if not memory.exists():
        memory.write_text(json.dumps({"tool": tool, "lms": lms}), encoding="utf-8")
    elif lms != wanted["lms"]:
        echo(
            f"Port {wanted['lms']} ist belegt, das Demo-LMS nimmt {lms}. Für das Werkzeug ist es damit ein"
            f" anderes LMS: Der bisherige Lernstand ist wieder da, sobald Port {wanted['lms']} frei ist."
        )
    return Addresses(tool, lms)


def tool_environment(settings: Settings, data_dir: Path, addresses: Addresses) -> dict[str, str]:
    """The environment of the tool's processes: a database of its own, whatever else is set here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LMS_TOOL_")}
    return kept | {
        "LMS_TOOL_DATA_DIR": str(data_dir),
        "LMS_TOOL_BASE_URL": addresses.tool,
        "LMS_TOOL_COURSES_DIR": str(settings.courses_folder),
        "LMS_TOOL_LOG_FORMAT": settings.log_format,
        "LMS_TOOL_TRUSTED_NETWORKS": "127.0.0.0/8,::1/128",
    }


def registration(addresses: Addresses) -> list[str]:
    """What ``platform add`` must be told about the demo LMS."""
    options = {
        "--name": "Demo-LMS",
        "--issuer": addresses.lms,
        "--client-id": CLIENT_ID,
        "--deployment-id": "1",
        "--auth-login-url": f"{addresses.lms}/mod/lti/auth.php",
        "--token-url": f"{addresses.lms}/mod/lti/token.php",
        "--jwks-url": f"{addresses.lms}/mod/lti/certs.php",
    }
    return [part for option in options.items() for part in option]


def lms_config(data_dir: Path, addresses: Addresses, courses: list[Course]) -> LmsConfig:
    return LmsConfig(
        base_url=addresses.lms,
        data_dir=data_dir,
        tool_base_url=addresses.tool,
        tool_login_url=f"{addresses.tool}/lti/login",
        tool_launch_url=f"{addresses.tool}/lti/launch",
        tool_jwks_url=f"{addresses.tool}/lti/jwks",
        client_id=CLIENT_ID,
        timezone=ZoneInfo("Europe/Berlin"),
        items=tuple(item for course in courses for item in placed_items(course)),
    )


def placed_items(course: Course) -> Iterator[Item]:
    """What a teacher might place: modules and one lesson in a frame, a quiz and the course in a window."""
    for module in course.modules:
        yield Item(module.title, course.id, module.id)
    activities = [(module, activity) for module in course.modules for activity in module.activities]
    for module, activity in [pair for pair in activities if isinstance(pair[1].content, Lesson)][:1]:
        yield Item(f"Einzeln: {activity.title}", course.id, module.id, activity.id)
    for module, activity in [pair for pair in activities if isinstance(pair[1].content, Quiz)][:1]:
        title = f"Einzeln: {activity.title} ({module.title})"
        # The tool reports 100 once the quiz is passed, and nothing before.
        yield Item(title, course.id, module.id, activity.id, container=Container.WINDOW, pass_grade=100)
    yield Item(f"Ganzer Kurs: {course.title}", course.id, container=Container.WINDOW)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Raises:
    DemoFailed: another demo runs on the same data.
    """
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoFailed(f"Die Demo läuft schon mit den Daten in {lock.parent}.") from None
        yield
