"""One-time links: made, found, claimed by one at a time, used once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from builders import NOW
from registering import invite, register, tenant

from lms_tool.database import Database
from lms_tool.lti.registration_errors import RegistrationInProgress, RegistrationInviteInvalid
from lms_tool.models import AuditEvent, Invitation
from lms_tool.services import invitations, tenants


def test_a_code_is_found_however_it_was_typed(database: Database) -> None:
    code, invited = invite(database)
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert invited.tenant_id == tenants.FIRST
    typed = [code.lower(), code.replace("-", ""), code.replace("0", "o").replace("1", "l"), f" {code} "]
    with database.read() as db:
        assert {invitations.find(db, one, NOW).id for one in typed} == {invited.id}


def test_only_a_hash_is_kept(database: Database) -> None:
    code, _ = invite(database)
    with database.read() as db:
        row = db.execute(Invitation.__table__.select()).one()
        noted = db.execute(AuditEvent.__table__.select()).one()
    assert code.encode() not in row.code_hash and code.replace("-", "").encode() not in row.code_hash
    assert code not in str(noted) and noted.code == "platform_invited" and noted.tenant_id == tenants.FIRST


@pytest.mark.parametrize("code", [None, "", "-", "0000-0000-0000-0000", "x" * 10_000, "\udcff", "ä"])
def test_what_was_never_made(database: Database, code: str | None) -> None:
    invite(database)
    with database.read() as db:
        assert not invitations.was_made(db, code)
        with pytest.raises(RegistrationInviteInvalid):
            invitations.find(db, code, NOW)


def test_it_ends_after_its_lifetime_or_when_withdrawn(database: Database) -> None:
    code, invited = invite(database)
    other_code, other = invite(database)
    with database.write() as db:
        invitations.withdraw(db, other.id, tenants.FIRST, "admin:1", NOW, "c")
    with database.read() as db:
        assert invitations.find(db, code, NOW + invitations.LIFETIME - timedelta(seconds=1)).id == invited.id
        with pytest.raises(RegistrationInviteInvalid):
            invitations.find(db, code, NOW + invitations.LIFETIME)
        with pytest.raises(RegistrationInviteInvalid):
            invitations.find(db, other_code, NOW)
        assert [row["id"] for row in invitations.open_invitations(db, tenants.FIRST, NOW)] == [invited.id]


def test_another_tenant_neither_sees_nor_withdraws_it(database: Database) -> None:
    code, invited = invite(database)
    other = tenant(database)
    with database.write() as db:
        assert invitations.open_invitations(db, other, NOW) == []
        invitations.withdraw(db, invited.id, other, "admin:9", NOW, "c")
        assert invitations.find(db, code, NOW)


def test_one_registers_at_a_time_and_a_killed_one_blocks_for_a_minute(database: Database) -> None:
    _, invited = invite(database)
    with database.write() as db:
        invitations.claim(db, invited.id, NOW)
        with pytest.raises(RegistrationInProgress):
            invitations.claim(db, invited.id, NOW + timedelta(seconds=59))
        invitations.claim(db, invited.id, NOW + invitations.CLAIM)
        invitations.release(db, invited.id)
        invitations.claim(db, invited.id, NOW + invitations.CLAIM)


def test_it_is_used_once(database: Database) -> None:
    code, invited = invite(database)
    platform = register(database).platform_id
    with database.write() as db:
        invitations.use_up(db, invited.id, platform, NOW)
        with pytest.raises(RegistrationInviteInvalid):
            invitations.use_up(db, invited.id, platform, NOW)
        with pytest.raises(RegistrationInviteInvalid):
            invitations.claim(db, invited.id, NOW)
        with pytest.raises(RegistrationInviteInvalid):
            invitations.find(db, code, NOW)
        assert invitations.was_made(db, code)
