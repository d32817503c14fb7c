"""The one outgoing client: key sets, tokens, scores. Every address it is given comes from outside.

https to public addresses only; hosts whose every address lies in the trusted networks may be private and may
speak plain http. The address is checked on the way to ``connect``, so a name cannot be rebound in between
(ASVS 1.3.6). No redirect is followed (ASVS 15.3.2), no proxy is taken from the environment, certificates are
always checked, the answer's size and the time in all are limited (ASVS 15.2.2).

::

    OutgoingError
    ├── AddressNotAllowed   no request was made
    ├── ConnectFailed       no request was made
    │   └── TlsFailed
    ├── TimedOut            the request may have been carried out
    ├── AnswerLost          the request may have been carried out
    └── TooLarge            the request was carried out
"""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpcore2
import httpx2

from lms_tool.addresses import Address, Network, is_public, resolve
from lms_tool.errors import Text, ToolError

MAX_BODY: Final = 256 * 1024  # bytes
_TRUST_MEMORY: Final = 60.0  # seconds for which allows_http() remembers a name


class OutgoingError(ToolError):
    """A request to a platform that brought no answer."""

    code, status = "platform_unreachable", 503
    text = Text("Das LMS ist gerade nicht erreichbar.", "The LMS cannot be reached right now.")

    @property
    def reason(self) -> str:
        """A short code for queues and logs."""
        return self.code


class AddressNotAllowed(OutgoingError):
    code = "address_not_allowed"
    text = Text(
        "Diese Adresse dürfen wir nicht aufrufen: Sie ist nicht öffentlich, nicht über https erreichbar "
        "oder fehlerhaft.",
        "We must not call this address: it is not public, not https, or faulty.",
    )
    remedy = Text(
        "Liegt das LMS in Ihrem eigenen Netz, trägt der Betrieb dieses in LMS_TOOL_TRUSTED_NETWORKS ein.",
        "If the LMS is in your own network, the operator adds that to LMS_TOOL_TRUSTED_NETWORKS.",
    )


class ConnectFailed(OutgoingError):
    code = "connect_failed"


class TlsFailed(ConnectFailed):
    code = "tls_failed"
    text = Text(
        "Das Zertifikat des LMS ist ungültig oder passt nicht zur Adresse.",
        "The certificate of the LMS is invalid or does not match its address.",
    )
    remedy = Text(
        "Die Person, die das LMS betreut, muss das Zertifikat erneuern.",
        "The administrator of the LMS has to renew the certificate.",
    )


class TimedOut(OutgoingError):
    code = "timed_out"
    text = Text("Das LMS hat nicht rechtzeitig geantwortet.", "The LMS did not answer in time.")


class AnswerLost(OutgoingError):
    code = "answer_lost"
    text = Text("Die Verbindung zum LMS ist abgerissen.", "The connection to the LMS broke off.")


class TooLarge(OutgoingError):
    code = "answer_too_large"
    text = Text("Die Antwort des LMS ist zu groß.", "The answer of the LMS is too large.")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, whatever its status. ``headers`` are found in upper and lower case; ``body`` is as sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Thread-safe. Connections are kept per process and made at first use, so it may be built before a fork.

    Nothing else is kept between requests, no cookies either. ``trusted_networks``: see the module; times in
    seconds.
    """

    def __init__(
        self,
        trusted_networks: Sequence[Network],
        *,
        user_agent: str = "lms-tool",
        connect_timeout: float = 10.0,
        read_timeout: float = 30.0,
    ) -> None:
        self._trusted = tuple(trusted_networks)
        self._user_agent = user_agent
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._lock = threading.Lock()
        self._process: tuple[int, dict[str, httpcore2.ConnectionPool]] | None = None
        self._trust: dict[str, tuple[float, bool]] = {}

    def get(
        self,
        url: str,
        accept: str,
        *,
        max_bytes: int = MAX_BODY,
        total_timeout: float = 4.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Raises OutgoingError. A status, whichever, is an answer."""
        return self._send("GET", url, {"Accept": accept, **(headers or {})}, None, max_bytes, total_timeout)

    def post(
        self,
        url: str,
        content: bytes,
        content_type: str,
        accept: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BODY,
        total_timeout: float = 40.0,
    ) -> Response:
        """Raises OutgoingError. A status, whichever, is an answer."""
        sent = {"Accept": accept, "Content-Type": content_type, **(headers or {})}
        return self._send("POST", url, sent, content, max_bytes, total_timeout)

    def put(
        self,
        url: str,
        content: bytes,
        content_type: str,
        accept: str,
        *,
        headers: Mapping[str, str] | None = None,
        total_timeout: float = 40.0,
    ) -> Response:
        """Raises OutgoingError. A status, whichever, is an answer."""
        sent = {"Accept": accept, "Content-Type": content_type, **(headers or {})}
        return self._send("PUT", url, sent, content, MAX_BODY, total_timeout)

    def post_form(self, url: str, fields: Mapping[str, str], *, accept: str) -> Response:
        """Post ``fields`` as a form. Raises OutgoingError. A status, whichever, is an answer."""
        return self.post(url, urlencode(fields).encode(), "application/x-www-form-urlencoded", accept)

    def allows_http(self, host: str) -> bool:
        """Whether ``host`` lies in the trusted networks with all its addresses; asked anew after a minute.

        A first gate for addresses in claims. What counts is the check at the time of connecting.
        """
        if not self._trusted:
            return False
        now = time.monotonic()
        known = self._trust.get(host)
        if known is not None and now < known[0]:
            return known[1]
        try:
            trusted = all(map(self._is_trusted, _resolve(host, 80, 2.0)))
        except OutgoingError:
            trusted = False
        if len(self._trust) >= 256:
            self._trust.clear()
        self._trust[host] = (now + _TRUST_MEMORY, trusted)
        return trusted

    def close(self) -> None:
        """Close this process's idle connections; a later request opens new ones."""
        with self._lock:
            current, self._process = self._process, None
        if current is not None and current[0] == os.getpid():
            for pool in current[1].values():
                pool.close()

    def _send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes | None,
        max_bytes: int,
        total: float,
    ) -> Response:
        address = _checked_url(url)
        headers = {
            "Host": address.netloc.decode(),
            "User-Agent": self._user_agent,
            "Accept-Encoding": "identity",  # nothing to decompress, so nothing that grows while it is read
            **headers,
        }
        step = min(self._read_timeout, total)
        timeouts = {"connect": self._connect_timeout, "read": step, "write": step, "pool": step}
        where = httpcore2.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
        )
        with (
            _deadline(total),
            _as_outgoing_errors(address.host),
            self._pool(address.scheme).stream(
                method,
                where,
                headers=list(headers.items()),
                content=content,
                extensions={"timeout": timeouts},
            ) as answer,
        ):
            body = bytearray()
            for chunk in answer.iter_stream():
                body += chunk
                if len(body) > max_bytes:
                    raise TooLarge(host=address.host, limit=max_bytes)
            return Response(answer.status, httpx2.Headers(answer.headers), bytes(body))

    def _pool(self, scheme: str) -> httpcore2.ConnectionPool:
        """This process's connections; one pool a scheme, for with TLS more may be reached than without."""
        pid = os.getpid()
        current = self._process
        if current is None or current[0] != pid:
            with self._lock:
                current = self._process
                if current is None or current[0] != pid:
                    # Connections of a parent process are its own: dropped here, not closed.
                    pools = {"https": _new_pool(self._is_allowed), "http": _new_pool(self._is_trusted)}
                    current = self._process = (pid, pools)
        return current[1][scheme]

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted if network.version == address.version)

    def _is_allowed(self, address: Address) -> bool:
        return is_public(address) or self._is_trusted(address)


def _new_pool(allowed: Callable[[Address], bool]) -> httpcore2.ConnectionPool:
    return httpcore2.ConnectionPool(
        max_connections=20,
        max_keepalive_connections=10,
        keepalive_expiry=30.0,
        ssl_context=httpcore2.default_ssl_context(),
        network_backend=_Backend(allowed),
    )


def _checked_url(url: str) -> httpx2.URL:
    try:
        address = httpx2.URL(url)
        fit = (
            address.scheme in ("https", "http")
            and bool(address.host)
            and not address.userinfo
            and 0 < (address.port or 443) < 65536
        )
    except (httpx2.InvalidURL, ValueError):
        fit = False
    if not fit:
        raise AddressNotAllowed(problem="form")
    return address


def _resolve(host: str, port: int, timeout: float) -> list[Address]:
    try:
        return resolve(host, port, timeout)
    except TimeoutError:
        raise TimedOut(host=host, step="resolve") from None
    except (OSError, UnicodeError):
        raise ConnectFailed(host=host, step="resolve") from None


# --- the time in all ----------------------------------------------------------------------------------------

_request = threading.local()


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Time-outs of a socket start anew with each byte; this limit does not."""
    _request.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        del _request.ends


def _left(timeout: float | None) -> float:
    left: float = _request.ends - time.monotonic()
    if left <= 0:
        raise TimedOut(step="total")
    return left if timeout is None else min(left, timeout)


class _Stream(httpcore2.NetworkStream):
    """A connection on which each step ends with the request's deadline."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        try:
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))
        except httpcore2.ConnectError as error:
            broken = TlsFailed if isinstance(error.__cause__, ssl.SSLError) else ConnectFailed
            raise broken(host=server_hostname, problem=type(error.__cause__).__name__) from error

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Connects to addresses that pass ``allowed``; one that does not forbids the whole name."""

    def __init__(self, allowed: Callable[[Address], bool]) -> None:
        self._allowed = allowed
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = _resolve(host, port, _left(timeout))
        if not all(map(self._allowed, addresses)):
            raise AddressNotAllowed(host=host, problem="network")
        failed: Exception | None = None
        for address in dict.fromkeys(addresses):
            try:
                return _Stream(
                    self._inner.connect_tcp(str(address), port, _left(timeout), local_address, socket_options)
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        if isinstance(failed, httpcore2.ConnectTimeout):
            raise TimedOut(host=host, step="connect") from failed
        raise ConnectFailed(host=host, step="connect") from failed


@contextmanager
def _as_outgoing_errors(host: str) -> Iterator[None]:
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise TimedOut(host=host) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise AnswerLost(host=host, problem=type(error).__name__) from error
