"""What the benchmark needs beside this project: an environment for the peer, and a Redis server."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from servers import PEERS, run

REQUIREMENTS = PEERS / "requirements.txt"


def peer_python(cache: Path) -> Path:
    """The interpreter of the peer's own environment; built anew when its lock file has changed."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    home = cache / "peer"
    python, stamp = home / "bin" / "python", home / "locked"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Setting up PyLTI1p3 …", file=sys.stderr)
        run([sys.executable, "-m", "venv", "--clear", str(home)])
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*install, "--require-hashes", "-r", str(REQUIREMENTS)])
        stamp.write_text(wanted)
    return python


def redis_server() -> str | None:
    """The program; installed from Debian where that needs no password. None, with a sentence, where not."""
    if (found := shutil.which("redis-server")) is not None:
        return found
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"] if _may_sudo() else None
    if as_root is not None and shutil.which("apt-get"):
        print("Installing redis-server …", file=sys.stderr)
        install = [*as_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "redis-server"]
        subprocess.run([*as_root, "apt-get", "update", "-qq"], capture_output=True)
        subprocess.run(install, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    found = shutil.which("redis-server")
    if found is None:
        print(
            "Without redis-server PyLTI1p3 is measured with its cookie session, which is faster: "
            "the ratio is not the one the aim speaks of. To change that: sudo apt-get install redis-server",
            file=sys.stderr,
        )
    return found


def _may_sudo() -> bool:
    if not shutil.which("sudo"):
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
