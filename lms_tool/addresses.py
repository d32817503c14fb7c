"""Network addresses of hosts that others name: finding them and telling the public ones."""

from __future__ import annotations

import socket
import threading
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64: Final = ip_network("64:ff9b::/96")


def resolve(host: str, port: int, timeout: float) -> list[Address]:
    """Every address of ``host``, at least one; addresses themselves need no look-up. ``timeout`` in seconds.

    Raises OSError or UnicodeError where there is none, TimeoutError when it takes too long. The look-up runs
    in a thread of its own, for the system's resolver knows no time limit and can hang for half a minute.
    """
    try:
        return [destination(host)]
    except ValueError:
        pass
    answers: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(
                [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
            )
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True, name="resolve").start()
    try:
        found = answers.get(timeout=max(timeout, 0.001))
    except Empty:
        raise TimeoutError(f"no address of {host} within {timeout:.1f} s") from None
    if isinstance(found, Exception):
        raise found
    if not found:
        raise OSError(f"no address of {host}")
    return [destination(text) for text in dict.fromkeys(found)]


def destination(text: str) -> Address:
    """The address that packets go to: an IPv4 address wrapped in an IPv6 one counts as itself. Raises
    ValueError.
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if embedded is None and address in _NAT64:
            embedded = IPv4Address(int(address) & 0xFFFFFFFF)
        return embedded or address
    return address


def is_public(address: Address) -> bool:
    """Whether ``address`` belongs to the open internet: not private, shared (100.64/10), local, multicast,
    reserved.
    """
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_link_local)
