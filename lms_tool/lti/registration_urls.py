"""Which addresses of a registration may be called: judged by their form, before anything is looked up.

What a name resolves to is checked once more at the time of connecting, by the outgoing client. Here fall those that
no LMS of good faith has: other schemes and ports, credentials, numbers in disguise (ASVS 1.3.6), and characters that
would mean something in a header.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urlsplit

from lms_tool.lti.claims import MAX_URL
from lms_tool.lti.registration_errors import RegistrationUrlNotAllowed

# Whether every address of a host lies in the networks that the operator trusts.
Trusted = Callable[[str], bool]

_ALLOWED = re.compile(r"[!$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]+")
_NETLOC = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))(?::(?P<port>[0-9]{1,5}))?"
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(
    r"[0-9]+|0x[0-9a-f]*"
)  # such a last label makes an IPv4 address of any name (WHATWG URL)
_PORTS: Final = {"https": 443, "http": 80}
# Names that no public name server answers for: only a trusted network may have them (RFC 6761, RFC 8375, ICANN).
_INSIDE: Final = frozenset(
    {
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "arpa",
        "onion",
    }
)


@dataclass(frozen=True, slots=True)
class Address:
    """A checked URL, byte for byte as it was given; ``host`` in lower case, ``port`` also where it went without."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def check_form(url: object) -> Address:
    """Take an http(s) address apart strictly; what it points to is not judged yet.

    Raises RegistrationUrlNotAllowed.
    """
    if not isinstance(url, str) or not 0 < len(url) <= MAX_URL or not _ALLOWED.fullmatch(url):
        raise RegistrationUrlNotAllowed(problem="characters")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise RegistrationUrlNotAllowed(problem="form") from None
    if parts.scheme not in _PORTS or not url.startswith(f"{parts.scheme}://"):
        raise RegistrationUrlNotAllowed(problem="scheme")
    found = _NETLOC.fullmatch(parts.netloc)
    if found is None:
        raise RegistrationUrlNotAllowed(problem="host")
    port = int(found["port"]) if found["port"] else _PORTS[parts.scheme]
    if not 0 < port < 65536:
        raise RegistrationUrlNotAllowed(problem="port")
    host = (found["six"] or found["name"]).lower()
    if found["name"] and not all(map(_LABEL.fullmatch, host.split("."))):
        raise RegistrationUrlNotAllowed(problem="host")
    return Address(url, parts.scheme, host, port, parts.path or "/")


def check_address(url: object, trusted: Trusted) -> Address:
    """An address that may be called: https on port 443 of a public host, or anything on a trusted one.

    ``trusted`` is asked only about addresses that are not allowed anyway. Raises RegistrationUrlNotAllowed.
    """
    address = check_form(url)
    public = _looks_public(address.host)
    usual = address.scheme == "https" and address.port == _PORTS["https"]
    if not (public and usual) and not trusted(address.host):
        raise RegistrationUrlNotAllowed(
            host=address.host,
            problem="network" if usual else "scheme" if address.scheme == "http" else "port",
        )
    return address


def _looks_public(host: str) -> bool:
    """Whether ``host`` may be a name or number of the open internet. Raises RegistrationUrlNotAllowed for numbers in a
    spelling that only hides them.
    """
    last = host.rsplit(".", 1)[-1]
    if ":" in host or _NUMBER.fullmatch(last):
        return _number(host).is_global
    return last not in _INSIDE and "." in host


def _number(host: str) -> IPv4Address | IPv6Address:
    try:
        if ":" not in host:
            return IPv4Address(host)  # four decimal numbers without leading zeros, nothing else
        address = IPv6Address(host)
    except ValueError:
        raise RegistrationUrlNotAllowed(host=host, problem="number") from None
    wrapped = int(address) >> 32 in _WRAPPED and int(address) > 1  # :: and ::1 hold no IPv4 address
    if wrapped or address.ipv4_mapped or address.sixtofour or address.teredo:
        raise RegistrationUrlNotAllowed(host=host, problem="number")
    return address


_WRAPPED: Final = frozenset({0, int(IPv6Address("64:ff9b::")) >> 32})  # IPv4-compatible, NAT64
