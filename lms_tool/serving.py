"""Starting the web server."""

from __future__ import annotations

import socket

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from lms_tool.errors import Text, ToolError


class AddressInUse(ToolError):
    code = "address_in_use"
    text = Text(
        "Diese Adresse ist schon belegt oder gehört nicht zu diesem Rechner.",
        "This address is taken or not ours.",
    )
    remedy = Text(
        "Wählen Sie mit --host und --port eine andere.", "Choose another one with --host and --port."
    )


def require_free(host: str, port: int) -> None:
    """The server shares its port with whoever asks (SO_REUSEPORT): two installations would answer in turns.

    Raises:
        AddressInUse: somebody listens there, or it is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressInUse(address=f"{host}:{port}", problem=error.strerror) from error


def serve(target: str, host: str, port: int, workers: int, threads: int = 4) -> None:
    """Serve the WSGI application that the factory ``target`` (``module:function``) makes, until a signal comes.

    A worker process that dies is replaced: answers are saved before they are confirmed, so nobody notices.

    Raises:
        AddressInUse.
    """
    require_free(host, port)
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
