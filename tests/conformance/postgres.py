"""A throw-away PostgreSQL: its own cluster on a free port, or a fresh database on a given server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from sqlalchemy import create_engine, make_url, text

GIVEN = "LMS_TOOL_TEST_POSTGRES_URL"


class Server:
    """Where a test database lives. ``restart`` is None on a server that is not ours to restart."""

    def __init__(self, url: str, cluster: Cluster | None = None) -> None:
        self.url, self.cluster = url, cluster


class Cluster:
    """A cluster that survives its own death, but no power cut.

    PostgreSQL refuses to run as root, so root borrows the user ``postgres``.
    """

    def __init__(self, directory: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.binaries = found[-1] if found else Path(shutil.which("initdb") or "initdb").parent
        self.directory, self.port = directory, free_port()
        self.prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.prefix:
            shutil.chown(directory, "postgres")
        self._run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = (
            f"-p {self.port} -k {self.directory} -c listen_addresses=127.0.0.1 "
            "-c fsync=off -c full_page_writes=off -c max_connections=60"
        )
        self._run("pg_ctl", "-w", "-l", str(self.directory / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self.prefix, str(self.binaries / program), "-D", str(self.directory), *arguments]
        # the server inherits these files; a pipe would never be closed
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextmanager
def server() -> Iterator[Server]:
    """A fresh database; everything is gone afterwards."""
    given = os.environ.get(GIVEN)
    if given:
        name = f"conformance_{token_hex(4)}"
        with create_engine(given, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
            yield Server(make_url(given).set(database=name).render_as_string(hide_password=False))
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        return
    directory = Path(tempfile.mkdtemp(prefix="lms-tool-pg-", dir="/tmp"))
    try:
        cluster = Cluster(directory)
        try:
            yield Server(cluster.url, cluster)
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
