"""The whole exchange with an LMS: looked at, agreed on, stored once; a failed attempt costs nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOW
from registering import BASE_URL, CONFIGURATION_URL, HOST, Lms, document, invite, register

from lms_tool.database import Database
from lms_tool.http import Response, TimedOut
from lms_tool.lti.registration_errors import (
    RegistrationConfigInvalid,
    RegistrationConflict,
    RegistrationFetchFailed,
    RegistrationInProgress,
    RegistrationInviteInvalid,
    RegistrationRefused,
    RegistrationRejected,
    RegistrationTokenMalformed,
    RegistrationUrlNotAllowed,
)
from lms_tool.models import Platform
from lms_tool.services import invitations, registrations, tenants
from lms_tool.services.invitations import Invited
from lms_tool.services.registrar import Registrar


@pytest.fixture
def lms() -> Lms:
    return Lms()


@pytest.fixture
def registrar(database: Database, lms: Lms) -> Registrar:
    return Registrar(database, lms, lms, BASE_URL)


@pytest.fixture
def invited(database: Database) -> Invited:
    return invite(database)[1]


def go(registrar: Registrar, invited: Invited, token: str | None = "t-1") -> registrations.Stored:
    return registrar.register(invited, CONFIGURATION_URL, token, "VHS", NOW, "c")[0]


def platforms(database: Database) -> int:
    with database.read() as db:
        return len(db.execute(Platform.__table__.select()).all())


def test_looking_stores_nothing(database: Database, registrar: Registrar, lms: Lms, invited: Invited) -> None:
    look = registrar.look(invited, CONFIGURATION_URL)
    assert look.platform.issuer == f"https://{HOST}" and look.known == ()
    assert look.asked == (
        "contextmembership.readonly",
        "lineitem",
        "lineitem.readonly",
        "result.readonly",
        "score",
    )
    assert [method for method, *_ in lms.requests] == ["GET"]
    assert platforms(database) == 0


def test_agreeing(database: Database, registrar: Registrar, lms: Lms, invited: Invited) -> None:
    stored = go(registrar, invited)
    _, url, headers, body = lms.requests[-1]
    assert url == f"https://{HOST}/register" and headers == {"Authorization": "Bearer t-1"}
    assert body["redirect_uris"] == [f"{BASE_URL}/lti/launch"]
    with database.read() as db:
        (waiting,) = registrations.pending(db, tenants.FIRST)
    assert (waiting["id"], waiting["name"], waiting["deployments"]) == (stored.platform_id, "VHS", ["7"])
    with pytest.raises(RegistrationInviteInvalid):
        go(registrar, invited)
    assert len(lms.requests) == 2, "a used invitation causes no request"


def test_dr_15_no_token_no_header(registrar: Registrar, lms: Lms, invited: Invited) -> None:
    go(registrar, invited, None)
    assert lms.requests[-1][2] == {}


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (Response(400, {}, b"missing_domain"), RegistrationRejected),
        (Response(302, {"location": "https://evil.example"}, b""), RegistrationFetchFailed),
        (Response(500, {}, b"{}"), RegistrationFetchFailed),
        (Response(200, {}, b"{}"), RegistrationConfigInvalid),
        (TimedOut(), RegistrationFetchFailed),
        (Lms().grants(redirect_uris=["https://evil.example/"]), RegistrationConfigInvalid),
    ],
)
def test_a_failed_attempt_leaves_the_invitation(
    database: Database,
    registrar: Registrar,
    lms: Lms,
    invited: Invited,
    answer: Response | Exception,
    refusal: type[RegistrationRefused],
) -> None:
    lms.answer = answer
    with pytest.raises(refusal):
        go(registrar, invited)
    assert platforms(database) == 0
    lms.answer = None
    assert go(registrar, invited).platform_id


def test_two_clicks_make_one_tool(registrar: Registrar, lms: Lms, invited: Invited) -> None:
    refused: list[type[Exception]] = []

    def second_click() -> None:
        lms.during = lambda: None
        with pytest.raises(RegistrationInProgress) as refusal:
            go(registrar, invited)
        refused.append(refusal.type)

    lms.during = second_click
    assert go(registrar, invited).platform_id
    assert refused == [RegistrationInProgress]
    assert [method for method, *_ in lms.requests] == ["GET", "POST"]


def test_a_process_that_was_killed_meanwhile_does_not_win_later(
    database: Database, registrar: Registrar, lms: Lms, invited: Invited
) -> None:
    """Its claim ran out, another one was quicker: the answer that comes late is not stored."""

    def another_registers() -> None:
        lms.during = lambda: None
        later = NOW + invitations.CLAIM + timedelta(seconds=1)
        registrar.register(invited, CONFIGURATION_URL, None, "", later, "c")
        lms.answer = lms.grants(client_id="c-late")

    lms.during = another_registers
    with pytest.raises(RegistrationInviteInvalid):
        go(registrar, invited)
    with database.read() as db:
        assert [row["client_id"] for row in registrations.pending(db, tenants.FIRST)] == ["c-1"]


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Evil: 1", "ä"])
def test_a_damaged_token_causes_no_request(
    registrar: Registrar, lms: Lms, invited: Invited, token: str
) -> None:
    with pytest.raises(RegistrationTokenMalformed):
        go(registrar, invited, token)
    assert lms.requests == []


def test_an_address_the_client_refuses(registrar: Registrar, lms: Lms, invited: Invited) -> None:
    """DR-08: the name is public in form, but not what it resolves to."""
    lms.forbidden = True
    with pytest.raises(RegistrationUrlNotAllowed):
        registrar.look(invited, CONFIGURATION_URL)


def test_the_trusting_client_is_for_trusted_hosts_alone(database: Database, invited: Invited) -> None:
    for trusts in (True, False):
        trusting, public = Lms(trusts=trusts), Lms()
        Registrar(database, trusting, public, BASE_URL).look(invited, CONFIGURATION_URL)
        assert (len(trusting.requests), len(public.requests)) == ((1, 0) if trusts else (0, 1))


def test_dr_20_a_known_issuer_with_other_keys(
    database: Database, registrar: Registrar, lms: Lms, invited: Invited
) -> None:
    register(database)
    lms.said = document(jwks_uri="https://evil.example/jwks")
    for attempt in (registrar.look, lambda invited, url: go(registrar, invited)):
        with pytest.raises(RegistrationConflict):
            attempt(invited, CONFIGURATION_URL)
    assert [method for method, *_ in lms.requests] == ["GET", "GET"]


def test_dr_20_a_known_issuer_from_another_host(
    database: Database, registrar: Registrar, lms: Lms, invited: Invited
) -> None:
    register(database)
    lms.said = document("evil.example", issuer=f"https://{HOST}")
    with pytest.raises(RegistrationConflict):
        registrar.look(invited, "https://evil.example/openid-configuration")


def test_dr_19_what_is_known_is_shown(database: Database, registrar: Registrar, invited: Invited) -> None:
    first = register(database)
    assert [one.id for one in registrar.look(invited, CONFIGURATION_URL).known] == [first.platform_id]
    assert go(registrar, invited).updated
