from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from lti_builders import Platform, Tool


@pytest.fixture(scope="session")
def rsa_keys() -> list[RSAPrivateKey]:
    return [generate_private_key(65537, 2048) for _ in range(2)]


@pytest.fixture
def platform(rsa_keys: list[RSAPrivateKey]) -> Platform:
    return Platform(rsa_keys[0])


@pytest.fixture
def other_platform(rsa_keys: list[RSAPrivateKey]) -> Platform:
    return Platform(rsa_keys[1], issuer="https://p2.example", client_id="c-two", kid="p2-key")


@pytest.fixture
def tool(platform: Platform) -> Tool:
    return Tool(platform)
