"""Access tokens: one per platform and scopes, whichever process asked first."""

from __future__ import annotations

import pytest
from builders import NOW, platform
from office import SECRET, Office
from outgoing import Clock, Wire, answer
from sqlalchemy import select

from lms_tool.http import ConnectFailed
from lms_tool.lti.claims import SCOPE_RESULT_READONLY, SCOPE_SCORE
from lms_tool.lti.service import TokenRefused, TokenUnavailable
from lms_tool.models import AccessToken
from lms_tool.services.tokens import Tokens
from lms_tool.services.vault import SecretChanged, Vault

SCORE = frozenset({SCOPE_SCORE})
RESULT = frozenset({SCOPE_RESULT_READONLY})


def other_process(office: Office, wire: Wire | None = None, secret: bytes = SECRET) -> Tokens:
    return Tokens(office.room.database, wire or office.wire, Vault(secret))  # type: ignore[arg-type]


def test_processes_share_a_token(office: Office, clock: Clock) -> None:
    first = office.tokens.get(office.room.at, SCORE, clock())
    assert other_process(office).get(office.room.at, SCORE, clock()) == first
    assert office.wire.tokens == [first]


def test_scopes_and_platforms_are_kept_apart(office: Office, clock: Clock) -> None:
    with office.room.database.write() as db:
        other = platform(db)
    wanted = [(office.room.at, SCORE), (office.room.at, RESULT), (other, SCORE)]
    got = [office.tokens.get(at, scopes, clock()) for at, scopes in wanted]
    assert len(set(got)) == 3
    assert [office.tokens.get(at, scopes, clock()) for at, scopes in wanted] == got


def test_a_token_is_renewed_before_it_ends(office: Office, clock: Clock) -> None:
    first = office.tokens.get(office.room.at, SCORE, clock())
    clock.forward(seconds=3600 - 61)
    assert office.tokens.get(office.room.at, SCORE, clock()) == first
    clock.forward(seconds=2)
    assert office.tokens.get(office.room.at, SCORE, clock()) != first


def test_a_dropped_token_is_gone_for_all(office: Office, clock: Clock) -> None:
    first = office.tokens.get(office.room.at, SCORE, clock())
    kept = office.tokens.get(office.room.at, RESULT, clock())
    office.tokens.drop(office.room.at, SCORE)
    assert other_process(office).get(office.room.at, SCORE, clock()) != first
    assert office.tokens.get(office.room.at, RESULT, clock()) == kept


def test_a_token_does_not_lie_readable_in_the_database(office: Office, clock: Clock) -> None:
    token = office.tokens.get(office.room.at, SCORE, clock())
    with office.room.database.read() as db:
        stored = db.scalars(select(AccessToken.value)).one()
    assert token.encode() not in stored
    with pytest.raises(SecretChanged):
        other_process(office, secret=b"another-secret-0123456789-0123456789").get(
            office.room.at, SCORE, clock()
        )


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (answer(400, b'{"error": "invalid_client"}'), TokenRefused),
        (answer(503), TokenUnavailable),
        (ConnectFailed(), ConnectFailed),
        (answer(200, b'{"access_token": "x", "token_type": "Bearer", "scope": "anders"}'), TokenRefused),
    ],
    ids=["refused", "busy", "away", "other scopes"],
)
def test_no_token_is_kept_of_a_failure(office: Office, said: object, error: type[Exception]) -> None:
    office.wire.script["/token"] = [said]  # type: ignore[list-item]
    with pytest.raises(error):
        office.tokens.get(office.room.at, SCORE, NOW)
    assert office.tokens.get(office.room.at, SCORE, NOW) == "token-1"


def test_each_request_proves_itself_anew(office: Office, clock: Clock) -> None:
    for _ in range(2):
        office.tokens.get(office.room.at, SCORE, clock())
        office.tokens.drop(office.room.at, SCORE)
    first, second = (sent.form for sent in office.wire.to("/token"))
    assert first["client_assertion"] != second["client_assertion"]
    assert first["grant_type"] == "client_credentials"
    assert first["scope"] == SCOPE_SCORE
