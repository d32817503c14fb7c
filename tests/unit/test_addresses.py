"""Telling public addresses from all others, whatever they are wrapped in."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from lms_tool.addresses import destination, is_public


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(destination(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "240.0.0.1",
        "239.255.255.250",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "fec0::1",
        "::127.0.0.1",
        "64:ff9b:1::a00:1",
        "fe80::1%eth0",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(destination(address))


def test_an_embedded_address_is_judged_as_itself() -> None:
    assert destination("::ffff:127.0.0.1") == ip_address("127.0.0.1")
