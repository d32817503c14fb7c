"""Addresses that a stranger names: which may be called, whatever they are dressed up as."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.lti.registration_errors import RegistrationUrlNotAllowed
from lms_tool.lti.registration_urls import check_address, check_form


def nobody(_: str) -> bool:
    return False


def everybody(_: str) -> bool:
    return True


@pytest.mark.parametrize(
    "url",
    [
        "https://lms.example.org/mod/lti/openid-configuration.php",
        "https://LMS.example.org",
        "https://lms.example.org:443/x?a=b&c=%20d",
        "https://xn--mller-kva.example/.well-known/openid-configuration",
        "https://93.184.216.34/x",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/x",
    ],
)
def test_public_https_is_allowed(url: str) -> None:
    assert check_address(url, nobody).url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "https:///x",
        "https:lms.example.org",
        "http://lms.example.org/x",
        "HTTPS://lms.example.org/x",
        "ftp://lms.example.org/x",
        "file:///etc/passwd",
        "gopher://lms.example.org/_x",
        "data:application/json,{}",
        "javascript:alert(1)",
        "//lms.example.org/x",
        "https://user:secret@lms.example.org/x",
        "https://lms.example.org@evil.example/x",
        "https://lms.example.org:8443/x",
        "https://lms.example.org:0/x",
        "https://lms.example.org:99999/x",
        "https://lms.example.org:/x",
        "https://lms.example.org\\@evil.example/x",
        "https://lms.example.org/x#fragment",
        "https://lms.example.org/x y",
        "https://lms.example.org/x\r\nHost: evil",
        "https://lms.example.org; script-src *",
        "https://müller.example/x",
        "https://lms..example.org/x",
        "https://lms.example.org./x",
        "https://-lms.example.org/x",
        "https://localhost/x",
        "https://intranet/x",
        "https://lms.local/x",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://sub.localhost/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://0.0.0.0/x",
        "https://10.1.2.3/x",
        "https://172.31.255.255/x",
        "https://192.168.0.1/x",
        "https://100.64.0.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0x7f.0.0.1/x",
        "https://017700000001/x",
        "https://0177.0.0.1/x",
        "https://127.0.0.1.0x/x",
        "https://[::1]/x",
        "https://[::]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[::127.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[2002:7f00:1::]/x",
        "https://[fe80::1]/x",
        "https://[fd00::1]/x",
        "https://[::1%25lo]/x",
        "https://lms.example.org/" + "x" * 2000,
    ],
)
def test_refused_without_a_trusted_network(url: str) -> None:
    with pytest.raises(RegistrationUrlNotAllowed):
        check_address(url, nobody)


@pytest.mark.parametrize("value", [None, 5, ["https://lms.example.org"], b"https://lms.example.org"])
def test_only_texts_are_addresses(value: object) -> None:
    with pytest.raises(RegistrationUrlNotAllowed):
        check_form(value)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8051/x", "http://moodle.intern/x", "https://moodle:8443/x", "http://[::1]:8051/x"],
)
def test_a_trusted_network_may_have_names_ports_and_http_of_its_own(url: str) -> None:
    assert check_address(url, everybody).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/x",
        "http://0x7f000001/x",
        "http://127.1/x",
        "http://[::ffff:127.0.0.1]/x",
        "ftp://127.0.0.1/x",
        "http://u:p@127.0.0.1/x",
    ],
)
def test_disguises_are_refused_even_there(url: str) -> None:
    with pytest.raises(RegistrationUrlNotAllowed):
        check_address(url, everybody)


def test_trust_is_asked_only_where_it_matters() -> None:
    asked: list[str] = []

    def note(host: str) -> bool:
        asked.append(host)
        return False

    check_address("https://lms.example.org/x", note)
    assert asked == []  # a look-up tells a name server whom we talk to
    with pytest.raises(RegistrationUrlNotAllowed):
        check_address("http://LMS.example.org/x", note)
    assert asked == ["lms.example.org"]


def test_origins_compare_with_the_usual_port() -> None:
    assert check_form("https://LMS.example.org").origin == check_form("https://lms.example.org:443/x").origin
    assert check_form("https://lms.example.org").origin != check_form("http://lms.example.org").origin
    assert check_form("https://lms.example.org:443/x").netloc == "lms.example.org"
    assert check_form("http://[::1]:8051/x").netloc == "[::1]:8051"


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{0}", "0x{0:x}", "0{0:o}", "{1}.{2}"]))
def test_no_number_reaches_a_private_address_in_another_spelling(number: int, spelling: str) -> None:
    host = spelling.format(number, number >> 24, number & 0xFFFFFF)
    with pytest.raises(RegistrationUrlNotAllowed):
        check_address(f"https://{host}/x", everybody if number else nobody)


@given(st.integers(0, 2**32 - 1))
def test_dotted_numbers_are_allowed_exactly_when_public(number: int) -> None:
    address = IPv4Address(number)
    try:
        allowed = check_address(f"https://{address}/x", nobody).host == str(address)
    except RegistrationUrlNotAllowed:
        allowed = False
    assert allowed == address.is_global


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"https://{text}/x", f"https://lms.example.org/{text}"):
        try:
            address = check_address(url, nobody)
        except RegistrationUrlNotAllowed:
            continue
        # nothing of it may end a directive of a content security policy, or a header
        assert address.url.isascii() and address.url.isprintable()
        assert not set(address.netloc) & set(" ;,'\"@/\\")
