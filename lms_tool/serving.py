"""Starting the web server."""

from __future__ import annotations

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server


def serve(target: str, host: str, port: int, workers: int, threads: int = 4) -> None:
    """Serve the WSGI application that the factory ``target`` (``module:function``) makes, until a signal comes.

    A worker process that dies is replaced: answers are saved before they are confirmed, so nobody notices.
    """
    Server(
        target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()
