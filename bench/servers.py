"""Starting and ending what is measured: the peer, our tool, and the stores behind them. All on 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from driver import Failed
from lms import CLIENT_ID, DEPLOYMENT_ID, ISSUER, KeySetServer, Tool

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench" / "peers"
COURSE = ROOT / "courses" / "basis-befaehigung"
REFERENCE = "PyLTI1p3 + Redis"  # what the aims compare with
WORKERS = 2
PATIENCE = 60.0  # seconds for a server to come up


@dataclass(frozen=True)
class Server:
    """A running tool. ``processes`` are the roots of everything that works for it, stores included."""

    tool: Tool
    processes: tuple[int, ...]
    database_url: str = ""
    data_dir: Path = field(default_factory=Path)


def peer(stack: ExitStack, lms: KeySetServer, folder: Path, python: Path, redis: str | None) -> Server:
    """PyLTI1p3 under gunicorn with two processes of four threads, with Redis if there is one."""
    environment = {
        "BENCH_ISSUER": ISSUER,
        "BENCH_CLIENT_ID": CLIENT_ID,
        "BENCH_DEPLOYMENT_ID": DEPLOYMENT_ID,
        "BENCH_AUTH_URL": f"{lms.base_url}/auth",
        "BENCH_TOKEN_URL": f"{lms.base_url}/token",
        "BENCH_JWKS_URL": f"{lms.base_url}/jwks",
    }
    processes = []
    if redis:
        port = free_port()
        command = [redis, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        store = stack.enter_context(running([*command, "--dir", str(folder)], folder / "redis.log"))
        wait_for_port(port)
        processes.append(store.pid)
        environment["BENCH_REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    port = free_port()
    command = [str(python), "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS)]
    command += ["--threads", "4", "--keep-alive", "30", "--log-level", "warning"]
    command += ["--bind", f"127.0.0.1:{port}", "--chdir", str(PEERS), "pylti1p3_app:app"]
    web = stack.enter_context(running(command, folder / "peer.log", environment))
    base = f"http://127.0.0.1:{port}"
    wait_until_ready(f"{base}/ready", web, folder / "peer.log")
    tool = Tool(REFERENCE if redis else "PyLTI1p3, cookies", f"{base}/login", f"{base}/launch")
    return Server(tool, (web.pid, *processes))


def ours(
    stack: ExitStack,
    lms: KeySetServer,
    folder: Path,
    name: str,
    database_url: str = "",
    store: Sequence[int] = (),
) -> Server:
    """Our tool from this source tree on an empty database with the shipped course and one platform.

    ``store`` are the process ids of the database server, if there is one.
    """
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {
        "LMS_TOOL_DATA_DIR": str(folder),
        "LMS_TOOL_BASE_URL": base,
        "LMS_TOOL_TRUSTED_NETWORKS": "127.0.0.0/8",
        "LMS_TOOL_SECRET_KEY": "only for measuring, on this machine",
    }
    if database_url:
        environment["LMS_TOOL_DATABASE_URL"] = database_url
    command = [sys.executable, "-m", "lms_tool.cli"]
    platform = ["--issuer", ISSUER, "--client-id", CLIENT_ID, "--deployment-id", DEPLOYMENT_ID]
    platform += ["--auth-login-url", f"{lms.base_url}/auth", "--token-url", f"{lms.base_url}/token"]
    platform += ["--jwks-url", f"{lms.base_url}/jwks"]
    for step in (["db", "upgrade"], ["courses", "load", str(COURSE)], ["platform", "add", *platform]):
        run([*command, *step], environment)
    serve = [*command, "serve", "--port", str(port), "--workers", str(WORKERS)]
    log = folder / "serve.log"
    web = stack.enter_context(running(serve, log, environment))
    wait_until_ready(f"{base}/readyz", web, log)
    tool = Tool(name, f"{base}/lti/login", f"{base}/lti/launch")
    return Server(tool, (web.pid, *store), database_url, folder)


def postgres(stack: ExitStack, folder: Path) -> tuple[str, int]:
    """A cluster of its own with the settings it comes with. Returns a URL and the server's process id.

    PostgreSQL refuses to run as root, so root borrows the user ``postgres``.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = programs[-1] / "initdb" if programs else shutil.which("initdb")
    if not found:
        raise Failed("--postgres needs a PostgreSQL server: sudo apt-get install postgresql")
    programs_dir = Path(found).parent
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()
    make = [str(programs_dir / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8"]
    run([*make, "--locale=C.UTF-8"], cwd=folder, user=user)
    start = [str(programs_dir / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder)]
    start += ["-c", "listen_addresses=127.0.0.1"]
    # SIGINT makes PostgreSQL end at once, SIGTERM would wait for its last client.
    server = stack.enter_context(
        running(start, folder / "server.log", cwd=folder, user=user, end=signal.SIGINT)
    )
    wait_for_port(port)
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", server.pid


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    environment: dict[str, str] | None = None,
    *,
    cwd: Path = ROOT,
    user: str | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is asked to end, then made to, with all it has started.

    It has a process group of its own: a Ctrl-C in the terminal reaches us alone, and we end it.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            user=user,
            env=_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(end)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def run(
    command: Sequence[str],
    environment: dict[str, str] | None = None,
    *,
    cwd: Path = ROOT,
    user: str | None = None,
) -> None:
    """Raises Failed with what the command said if it did not succeed."""
    done = subprocess.run(
        command, cwd=cwd, user=user, env=_environment(environment), capture_output=True, text=True
    )
    if done.returncode:
        raise Failed(f"{' '.join(command[:5])} …: {(done.stderr or done.stdout).strip()[-500:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    if not _eventually(answers):
        raise Failed(f"nothing answers on port {port}")


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    def ready() -> bool:
        if process.poll() is not None:
            raise Failed(f"the server has ended: {log.read_text(errors='replace').strip()[-500:]}")
        try:
            with urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    if not _eventually(ready):
        raise Failed(f"{url} does not get ready: {log.read_text(errors='replace').strip()[-500:]}")


def _eventually(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return met


def _environment(extra: dict[str, str] | None) -> dict[str, str]:
    """The caller's, without settings of ours that are meant for another instance."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LMS_TOOL_")}
    return {**own, **(extra or {})}
