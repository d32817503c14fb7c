"""Starting, watching and stopping the demo's processes, and what it tells them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lms_tool.content.course import Activity, Course, Lesson, Module, Quiz
from lms_tool.demo.config import Container
from lms_tool.demo.processes import DemoFailed, Family, free_port, run
from lms_tool.demo.run import (
    Addresses,
    choose_addresses,
    placed_items,
    registration,
    run_demo,
    tool_environment,
)
from lms_tool.settings import load

from .lms import quiet_port


def _is_running(pid: int) -> bool:
    """Zombies count as ended: without an init process nobody may collect a grandchild."""
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _numbers_in(log: Path) -> list[int]:
    for _ in range(200):
        lines = log.read_text().split()
        if len(lines) == 2:
            return [int(line) for line in lines]
        time.sleep(0.05)
    raise AssertionError("the child printed nothing")


def test_leaving_stops_children_and_grandchildren_even_if_they_do_not_want_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms_tool.demo.processes.STOP_SECONDS", 0.5)
    stubborn = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.fork()\n"
        "print(os.getpid(), flush=True)\n"
        "time.sleep(60)\n"
    )
    with Family(tmp_path) as family:
        child = family.start("stur", ["-c", stubborn], os.environ)
        pids = _numbers_in(child.log)
        assert all(map(_is_running, pids))
    assert not any(map(_is_running, pids))


def test_a_child_that_ends_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        family.start("lange", ["-c", "import time; time.sleep(60)"], os.environ)
        family.start("kurz", ["-c", "print('Datei fehlt'); raise SystemExit(3)"], os.environ)
        with pytest.raises(DemoFailed, match=r"«kurz» hat sich beendet \(Status 3\)[\s\S]*Datei fehlt"):
            family.watch()


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        family.start("stumm", ["-c", "import time; time.sleep(60)"], os.environ)
        with pytest.raises(DemoFailed, match="antwortet nach 0 Sekunden noch nicht"):
            family.wait_until_answering("http://127.0.0.1:9/", seconds=0.3)


def test_a_command_that_fails_is_quoted() -> None:
    assert run(["-c", "print('ä')"], os.environ | {"PYTHONUTF8": "1"}, "Das") == "ä\n"
    with pytest.raises(DemoFailed, match=r"Das Laden ist fehlgeschlagen \(Status 1\):\nkurs.yaml:3 falsch"):
        run(["-c", "raise SystemExit('kurs.yaml:3 falsch')"], os.environ, "Das Laden")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_busy_port_gives_the_next_one(address: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as busy:
        try:
            busy.bind((address, 0))
        except OSError:
            assert address == "::1"  # a machine without IPv6 has nobody there
            return
        busy.listen()
        port: int = busy.getsockname()[1]
        found = free_port(port)
        assert found > port
        assert free_port(port, taken=[found]) > found


def test_the_ports_of_the_first_start_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The demo's own ports may be in use on a developer's machine, and change hands while we look.
    monkeypatch.setattr("lms_tool.demo.run.TOOL_PORT", quiet_port(7))
    monkeypatch.setattr("lms_tool.demo.run.LMS_PORT", quiet_port(8))
    said: list[str] = []
    memory = tmp_path / "ports.json"
    first = choose_addresses(memory, said.append)
    assert first.tool_port >= quiet_port(7)
    assert first.lms_port >= quiet_port(8)
    assert choose_addresses(memory, said.append) == first
    assert said == []
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", first.lms_port))
        busy.listen()
        other = choose_addresses(memory, said.append)
    assert other.lms_port != first.lms_port
    assert f"Port {first.lms_port} ist belegt" in said[0]
    assert choose_addresses(memory, said.append) == first


def test_the_tool_gets_its_own_settings_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_TOOL_DATABASE_URL", "postgresql://elsewhere/")
    env = tool_environment(load(data_dir=tmp_path), tmp_path / "tool", Addresses(1, 2))
    assert "LMS_TOOL_DATABASE_URL" not in env
    assert env["LMS_TOOL_DATA_DIR"] == str(tmp_path / "tool")
    assert env["LMS_TOOL_BASE_URL"] == "http://127.0.0.1:1"
    assert env["PATH"] == os.environ["PATH"]


def test_the_registration_names_the_lms_as_issuer() -> None:
    options = registration(Addresses(1, 2))
    assert options[options.index("--issuer") + 1] == "http://localhost:2"
    assert options[options.index("--jwks-url") + 1] == "http://localhost:2/mod/lti/certs.php"


def test_modules_and_a_lesson_are_placed_in_a_frame_and_course_and_quiz_in_a_window() -> None:
    lesson = Activity("lektion", "page", "Lektion", Lesson(""))
    quiz = Activity("test", "quiz", "Test", Quiz(()))
    modules = tuple(Module(name, name.title(), "", (), (lesson, quiz)) for name in ("eins", "zwei"))
    items = list(placed_items(Course("k", "Kurs", "", modules)))
    assert [(item.query, item.container, item.pass_grade) for item in items] == [
        ("course=k&module=eins", Container.IFRAME, None),
        ("course=k&module=zwei", Container.IFRAME, None),
        ("course=k&module=eins&activity=lektion", Container.IFRAME, None),
        ("course=k&module=eins&activity=test", Container.WINDOW, 100),
        ("course=k", Container.WINDOW, None),
    ]


def test_a_second_demo_on_the_same_data_and_one_without_courses_say_so(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path, courses_dir=tmp_path / "nichts")
    with pytest.raises(DemoFailed, match="liegt kein Kurs"):
        run_demo(settings, echo=lambda _: None)
    with (tmp_path / "demo" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DemoFailed, match="läuft schon"):
            run_demo(settings, echo=lambda _: None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_ending_signal_stops_the_children(tmp_path: Path, number: int) -> None:
    program = (
        "import json, os, sys\n"
        "from pathlib import Path\n"
        "from lms_tool.demo.processes import Family, ended_by_signals\n"
        "with ended_by_signals(), Family(Path(sys.argv[1])) as family:\n"
        "    child = family.start('kind', ['-c', 'import time; time.sleep(60)'], os.environ)\n"
        "    try:\n"
        "        print(json.dumps(child.process.pid), flush=True)\n"
        "        family.watch()\n"
        "    except KeyboardInterrupt:\n"
        "        print('Ende')\n"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, env=env)
    assert parent.stdout is not None
    child = json.loads(parent.stdout.readline())
    assert _is_running(child)
    parent.send_signal(number)
    assert parent.communicate(timeout=20)[0] == b"Ende\n"
    assert parent.returncode == 0
    assert not _is_running(child)
