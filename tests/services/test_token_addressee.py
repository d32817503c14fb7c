"""One pair of keys for all platforms: what one of them gets of us must not open another's door."""

from __future__ import annotations

import pytest
from builders import NOW, new_platform, platform
from office import Office

from lms_tool.lti.claims import SCOPE_SCORE
from lms_tool.lti.service import TokenRefused
from lms_tool.services import platforms, tenants
from lms_tool.services.platforms import Registered

SCORE = frozenset({SCOPE_SCORE})


def of_another_tenant(office: Office, **changes: object) -> Registered:
    with office.room.database.write() as db:
        tenant_id = tenants.add(db, "other", "Andere", NOW).id
        return platforms.add(db, new_platform(**changes), NOW, tenant_id=tenant_id)


@pytest.mark.parametrize(
    "audience",
    ["{at.token_url}", "{at.issuer}", "{at.issuer}/", "{at.issuer}/token/../token"],
    ids=["token address", "issuer", "with a slash", "an address there"],
)
def test_no_platform_gets_an_assertion_for_another(office: Office, audience: str) -> None:
    at = office.room.at
    with office.room.database.write() as db:
        thief = platform(db, token_audience=audience.format(at=at))
    with pytest.raises(TokenRefused):
        office.tokens.get(thief, SCORE, NOW)
    assert office.wire.to("/token") == []
    assert office.tokens.get(at, SCORE, NOW)


def test_nor_one_with_the_client_id_that_another_tenants_platform_gave_us(office: Office) -> None:
    at = office.room.at
    thief = of_another_tenant(office, client_id=at.client_id)
    with pytest.raises(TokenRefused):
        office.tokens.get(thief, SCORE, NOW)
    assert office.wire.to("/token") == []
    assert office.tokens.get(at, SCORE, NOW)  # who was first is not kept out by who came later


def test_an_audience_of_its_own_is_its_own_affair(office: Office) -> None:
    shared = {
        "token_url": "https://auth.hosted.example/token",
        "token_audience": "https://api.hosted.example/",
    }
    with office.room.database.write() as db:
        first = platform(db, **shared)
    second = of_another_tenant(office, **shared)
    with office.room.database.write() as db:
        named = platform(db, issuer="https://one.example", token_audience="https://one.example")
    for at in (first, second, named):
        assert office.tokens.get(at, SCORE, NOW)
