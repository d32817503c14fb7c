"""The outgoing client against servers of every kind on this machine."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from http_builders import Server, certificate

from lms_tool.http import AddressNotAllowed, AnswerLost, Client, ConnectFailed, TimedOut, TlsFailed, TooLarge

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Test: a\r\nSet-Cookie: session=1\r\n\r\nhi"


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(
        answer: bytes | Callable[[socket.socket, bytes], None] = OK, tls: ssl.SSLContext | None = None
    ) -> Server:
        act = answer if callable(answer) else lambda connection, request: connection.sendall(answer)
        servers.append(Server(act, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client(LOOPBACK, user_agent="lms-tool-test")
    yield client
    client.close()


def fetch(client: Client, url: str, **options: Any) -> Any:
    return client.get(url, "application/json", **options)


def test_an_answer(serve: Serve, client: Client) -> None:
    server = serve()
    answer = fetch(
        client, f"http://127.0.0.1:{server.port}/keys?a=%20b", headers={"Authorization": "Bearer x"}
    )
    assert (answer.status, answer.body, answer.headers["x-TEST"]) == (200, b"hi", "a")
    request = server.requests[0].decode()
    assert request.startswith("GET /keys?a=%20b HTTP/1.1\r\n")
    for line in (
        "Host: 127.0.0.1:",
        "Accept: application/json",
        "Authorization: Bearer x",
        "User-Agent: lms-tool-test",
    ):
        assert line in request


def test_a_post(serve: Serve, client: Client) -> None:
    server = serve(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    assert client.post(f"http://127.0.0.1:{server.port}/", b"body", "text/x", "*/*").status == 204
    assert client.post_form(f"http://127.0.0.1:{server.port}/", {"a": "ä &"}, accept="*/*").status == 204
    for line in (b"POST / ", b"Content-Type: text/x", b"Content-Length: 4"):
        assert line in server.requests[0]
    for line in (b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: 12"):
        assert line in server.requests[1]


def test_a_put(serve: Serve, client: Client) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
    answer = client.put(
        f"http://127.0.0.1:{server.port}/h?a=1", b"{}", "application/json", "application/json"
    )
    assert (answer.status, answer.body) == (200, b"{}")
    for line in (b"PUT /h?a=1 ", b"Content-Type: application/json", b"Accept: application/json"):
        assert line in server.requests[0]


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_every_status_is_an_answer_and_no_redirect_is_followed(
    serve: Serve, client: Client, status: int
) -> None:
    other = serve()
    head = f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:{other.port}/\r\nContent-Length: 0\r\n\r\n"
    server = serve(head.encode())
    assert fetch(client, f"http://127.0.0.1:{server.port}/").status == status
    assert other.requests == []


def test_connections_are_kept_but_no_cookies(serve: Serve, client: Client) -> None:
    server = serve()
    for _ in range(3):
        fetch(client, f"http://127.0.0.1:{server.port}/")
    assert server.connections == 1
    assert not any(b"cookie" in request.lower() for request in server.requests)


def test_no_proxy_from_the_environment(serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert fetch(client, f"http://127.0.0.1:{serve().port}/").status == 200
    assert proxy.connections == 0


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_private_addresses_are_not_called(serve: Serve, scheme: str, host: str) -> None:
    server = serve()
    with pytest.raises(AddressNotAllowed):
        fetch(Client([]), f"{scheme}://{host}:{server.port}/")
    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "data:,x",
        "//127.0.0.1/",
        "",
        "https://",
        "x",
        "https://user:secret@127.0.0.1/",
        "https://user@127.0.0.1/",
        "https://127.0.0.1:99999/",
        "https://[::1/",
        "http:x",
    ],
)
def test_addresses_that_cannot_be_right(client: Client, url: str) -> None:
    with pytest.raises(AddressNotAllowed) as caught:
        fetch(client, url)
    assert "secret" not in str(caught.value)


@contextmanager
def names(monkeypatch: pytest.MonkeyPatch, **hosts: list[list[str]]) -> Iterator[list[str]]:
    """Names that resolve to each list of addresses in turn; yields the names asked for."""
    asked: list[str] = []

    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **named: Any) -> list[Any]:
        if not host.endswith(".example"):
            return real(host, port, *args, **named)
        asked.append(host)
        answers = hosts[host.replace(".example", "")]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    with monkeypatch.context() as patched:
        patched.setattr("lms_tool.addresses.socket.getaddrinfo", getaddrinfo)
        yield asked


def test_a_name_is_resolved_once_and_cannot_be_rebound(
    serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    with names(monkeypatch, lms=[["127.0.0.1"], ["10.0.0.1"]]) as asked:
        assert fetch(client, f"http://lms.example:{server.port}/").status == 200
    assert asked == ["lms.example"]
    assert f"Host: lms.example:{server.port}".encode() in server.requests[0]


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["127.0.0.1", "93.184.216.34"]]
)
def test_every_address_of_a_name_counts(
    serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    server = serve()
    with names(monkeypatch, lms=[addresses]), pytest.raises(AddressNotAllowed):
        fetch(client, f"http://lms.example:{server.port}/")
    assert server.connections == 0


def test_the_second_address_is_tried(serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    with names(monkeypatch, lms=[["127.0.0.2", "127.0.0.1"]]):
        assert fetch(client, f"http://lms.example:{server.port}/").status == 200


def test_a_resolver_that_hangs(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr("lms_tool.addresses.socket.getaddrinfo", lambda *a, **k: release.wait(5) and [])
    with pytest.raises(TimedOut):
        fetch(client, "http://lms.example/", total_timeout=0.2)
    release.set()


def test_allows_http(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with names(monkeypatch, lms=[["127.0.0.1"]], public=[["93.184.216.34"]]) as asked:
        assert [client.allows_http(host) for host in ("lms.example", "lms.example", "public.example")] == [
            True,
            True,
            False,
        ]
        assert not Client([]).allows_http("lms.example")
    assert asked == ["lms.example", "public.example"]
    assert client.allows_http("127.0.0.9")
    assert not client.allows_http("10.0.0.1")
    assert not client.allows_http("no such name")


def dripping(first: bytes) -> Callable[[socket.socket, bytes], None]:
    def answer(connection: socket.socket, head: bytes) -> None:
        connection.sendall(first)
        with suppress(OSError):
            for _ in range(100):
                time.sleep(0.05)
                connection.sendall(b"x")

    return answer


@pytest.mark.parametrize(
    "first", [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n"]
)
def test_the_time_in_all_ends_a_drip(serve: Serve, client: Client, first: bytes) -> None:
    server = serve(dripping(first))
    started = time.monotonic()
    with pytest.raises(TimedOut):
        fetch(client, f"http://127.0.0.1:{server.port}/", total_timeout=0.4)
    assert time.monotonic() - started < 2


def test_a_server_that_says_nothing(serve: Serve, client: Client) -> None:
    server = serve(lambda connection, head: None)
    with pytest.raises(TimedOut):
        fetch(client, f"http://127.0.0.1:{server.port}/", total_timeout=0.2)


def endless(connection: socket.socket, head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")


@pytest.mark.parametrize(
    "answer", [endless, b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n" + b"x" * 400_000]
)
def test_jwt_28_reading_stops_at_the_limit(serve: Serve, client: Client, answer: Any) -> None:
    server = serve(answer)
    with pytest.raises(TooLarge):
        fetch(client, f"http://127.0.0.1:{server.port}/")


def test_exactly_the_limit_is_fine(serve: Serve, client: Client) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000)
    assert len(fetch(client, f"http://127.0.0.1:{server.port}/", max_bytes=1000).body) == 1000
    with pytest.raises(TooLarge):
        fetch(client, f"http://127.0.0.1:{server.port}/", max_bytes=999)


def test_ags_20_a_cut_connection_and_garbage(serve: Serve, client: Client) -> None:
    server = serve(lambda connection, head: connection.shutdown(socket.SHUT_RDWR))
    with pytest.raises(AnswerLost):
        client.post(f"http://127.0.0.1:{server.port}/", b"", "text/x", "*/*")
    garbage = serve(b"SSH-2.0-x\r\n\r\n")
    with pytest.raises(AnswerLost):
        fetch(client, f"http://127.0.0.1:{garbage.port}/")


def test_ags_27_nobody_listens_and_no_such_name(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ConnectFailed) as caught:
        fetch(client, f"http://127.0.0.1:{port}/")
    assert caught.value.reason == "connect_failed"

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror("unknown")

    monkeypatch.setattr("lms_tool.addresses.socket.getaddrinfo", unknown)
    with pytest.raises(ConnectFailed):
        fetch(client, "https://lms.example/")


def test_tls_with_the_name_that_was_asked_for(
    serve: Serve, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path, "lms.example")
    server = serve(tls=context)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))  # an administration's own authority
    with names(monkeypatch, lms=[["127.0.0.1"]], other=[["127.0.0.1"]]):
        assert fetch(client, f"https://lms.example:{server.port}/").body == b"hi"
        with pytest.raises(TlsFailed):
            fetch(client, f"https://other.example:{server.port}/")
    assert len(server.requests) == 1


@pytest.mark.parametrize("trust", [False, True])
def test_jwt_30_self_signed_or_expired(
    serve: Serve, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trust: bool
) -> None:
    path, context = certificate(tmp_path, "lms.example", valid_days=-1 if trust else 2)
    if trust:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    server = serve(tls=context)
    with names(monkeypatch, lms=[["127.0.0.1"]]), pytest.raises(TlsFailed) as caught:
        fetch(client, f"https://lms.example:{server.port}/")
    assert caught.value.reason == "tls_failed"
    assert server.requests == []


def test_tls_spoken_to_a_server_that_knows_none(client: Client) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"220 mail.example ESMTP\r\n")
            connection.recv(1000)

    thread = threading.Thread(target=greet)
    thread.start()
    with pytest.raises(TlsFailed):
        fetch(client, f"https://127.0.0.1:{listener.getsockname()[1]}/")
    thread.join()
    listener.close()


def test_many_threads(serve: Serve, client: Client) -> None:
    server = serve()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: fetch(client, f"http://127.0.0.1:{server.port}/{n}").status, range(64))
        )
    assert answers == [200] * 64
    assert server.connections <= 8


def test_a_forked_process_has_connections_of_its_own(serve: Serve, client: Client) -> None:
    server = serve()
    fetch(client, f"http://127.0.0.1:{server.port}/")
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            code = 0 if fetch(client, f"http://127.0.0.1:{server.port}/").body == b"hi" else 2
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert fetch(client, f"http://127.0.0.1:{server.port}/").body == b"hi"
    assert server.connections == 2
