"""DR: addresses that a hostile LMS names. No request may leave the tool for any of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from . import refusal
from .bed import Bed
from .browser import Response
from .fake_platform import Answer
from .fake_registration import TOKEN, Connecting, Drip, RegisteringLms, connecting
from .tool import Tool

NAMES = {
    "inside.example.org": ["10.0.0.7"],
    "rebind.example.org": ["127.0.0.1"],
    "both.example.org": ["93.184.216.34", "192.168.1.1"],
    "mapped.example.org": ["::ffff:127.0.0.1"],
}


@pytest.fixture(scope="module")
def strict(bed: Bed) -> Iterator[Tool]:
    """The same installation as it runs in production: no network is trusted, not even loopback."""
    tool = Tool(bed.tool.directory / "strict", bed.tool.database_url)
    tool.environment |= {
        name: value for name, value in bed.tool.environment.items() if name.endswith(("CLOCK", "DATA_DIR"))
    }
    tool.environment |= {"LMS_TOOL_TRUSTED_NETWORKS": "", "LMS_TOOL_TEST_NAMES": json.dumps(NAMES)}
    tool.start_web()
    yield tool
    tool.stop()
    assert '"event": "unforeseen"' not in tool.log("serve")
    assert TOKEN not in tool.log("serve")


@pytest.fixture(scope="session")
def dripping(bed: Bed) -> Iterator[tuple[Drip, Future[Response]]]:
    """An LMS that sends one byte a second, asked early because the tool is patient with it."""
    drip, admin = Drip(), connecting(bed)
    with ThreadPoolExecutor(1) as thread:
        yield drip, thread.submit(admin.open, f"{drip.url}/openid-configuration")
    drip.close()


def refused(bed: Bed, admin: Connecting, url: str, code: str = "registration_url_not_allowed") -> None:
    for accept in (refusal.HTML, refusal.JSON):
        with bed.nothing_stored():
            answer = admin.open(url, accept=accept)
        refusal.check(answer, 400, code, accept=accept, within=5.0, secrets=(TOKEN,))


@pytest.mark.usefixtures("dripping")
def test_DR_04_http(bed: Bed, strict: Tool) -> None:
    admin = connecting(bed, tool=strict)
    refused(bed, admin, "http://lms.example.org/openid-configuration")
    refused(bed, admin, admin.lms.configuration_url)
    assert admin.lms.requests == []
    at_home = connecting(bed, admin.lms)
    refused(bed, at_home, "http://93.184.216.34/openid-configuration")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.1.1",
        "100.64.0.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0x7f.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
    ],
)
def test_DR_05_private_addresses(bed: Bed, strict: Tool, host: str) -> None:
    admin = connecting(bed, tool=strict)
    for url in (f"https://{host}/c", admin.lms.configuration_url.replace("127.0.0.1", host)):
        refused(bed, admin, url)
    assert admin.lms.requests == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1", "[::ffff:127.0.0.1]"])
def test_DR_05_disguised_even_in_a_trusted_network(bed: Bed, host: str) -> None:
    admin = connecting(bed)
    refused(bed, admin, admin.lms.configuration_url.replace("127.0.0.1", host))
    assert admin.lms.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://[fd00:ec2::254]/latest/meta-data/",
    ],
)
def test_DR_06_cloud_metadata(bed: Bed, url: str) -> None:
    refused(bed, connecting(bed), url)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://lms.example.org/_x",
        "ftp://lms.example.org/c",
        "data:application/json,{}",
        "javascript:alert(1)",
        "//lms.example.org/c",
        "lms.example.org",
        "https:\\\\lms.example.org\\c",
        "https://u:p@lms.example.org/c",
        "https://lms.example.org@127.0.0.1/c",
        "https://lms.example.org:8443/c",
        "https://lms.example.org:22/c",
        "https://lms.example.org:0/c",
        "https://lms.example.org/c#x",
        "https://lms.example.org/c\r\nX-Evil: 1",
        "https://lms.example.org; script-src *",
        "https://" + "a" * 3000,
        "https://",
        "\x00",
    ],
)
def test_DR_07_other_schemes_credentials_ports(bed: Bed, url: str) -> None:
    admin = connecting(bed)
    refused(bed, admin, url)
    page = connecting(bed, admin.lms).preview()
    with bed.nothing_stored():
        answer = admin.press(page, openid_configuration=url)  # what a form brings back is not believed
    assert answer.status in (400, 409), answer.error


@pytest.mark.parametrize("name", NAMES)
def test_DR_08_a_public_name_of_a_private_address(bed: Bed, strict: Tool, name: str) -> None:
    refused(bed, connecting(bed, tool=strict), f"https://{name}/openid-configuration")


def test_DR_08_an_unknown_name(bed: Bed, strict: Tool) -> None:
    refused(
        bed,
        connecting(bed, tool=strict),
        "https://nobody.invalid/openid-configuration",
        "registration_fetch_failed",
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_DR_09_redirects(bed: Bed, status: int) -> None:
    admin = connecting(bed)
    other = RegisteringLms(bed)
    admin.lms.configuration_answer = Answer(status, b"", {"Location": other.configuration_url})
    refused(bed, admin, admin.lms.configuration_url, "registration_fetch_failed")
    assert other.requests == []
    admin.lms.configuration_answer = None
    page = admin.preview()
    admin.lms.registration_answer = Answer(status, b"", {"Location": f"{other.url}/register"})
    with bed.nothing_stored():
        refusal.check(admin.press(page), 400, "registration_fetch_failed", within=5.0)
    assert other.requests == []


def test_DR_09_errors_of_its_server(bed: Bed) -> None:
    admin = connecting(bed)
    for status in (204, 401, 404, 500, 503):
        admin.lms.configuration_answer = Answer(status, b"{}")
        refused(bed, admin, admin.lms.configuration_url, "registration_fetch_failed")
    admin.lms.configuration_answer = Answer(cut=True)
    refused(bed, admin, admin.lms.configuration_url, "registration_fetch_failed")


def test_DR_12_endless(bed: Bed) -> None:
    admin = connecting(bed)
    admin.lms.configuration_answer = Answer(endless=True)
    refused(bed, admin, admin.lms.configuration_url, "registration_fetch_failed")
    padding = "x" * 256 * 1024
    admin.lms.configuration_answer = None
    admin.lms.document = {"padding": padding}
    refused(bed, admin, admin.lms.configuration_url, "registration_fetch_failed")
    admin.lms.document = {"padding": padding[: 200 * 1024]}
    assert admin.open().status == 200


def test_DR_12_one_byte_a_second(dripping: tuple[Drip, Future[Response]]) -> None:
    drip, asked = dripping
    refusal.check(asked.result(), 400, "registration_fetch_failed", within=11.5, secrets=(TOKEN,))
    assert drip.connections == 1
