"""A new master secret: what the old one sealed stays readable, is sealed anew, and then needs the old one no more."""

from __future__ import annotations

import builders
import pytest
from builders import NOW
from office import SECRET, Office
from sqlalchemy import select, update

from lms_tool.database import Database
from lms_tool.lti.claims import SCOPE_SCORE
from lms_tool.lti.errors import StateUnknown
from lms_tool.lti.state import issue, read_state
from lms_tool.models import AccessToken, Platform, ToolKey
from lms_tool.services import resealing, tool_keys
from lms_tool.services.tokens import Tokens
from lms_tool.services.vault import SecretChanged, Vault, derive

NEW = b"das neue Geheimnis, lang genug fuer alle"
OLD, CHANGED, BOTH = Vault(SECRET), Vault(NEW), Vault(NEW, (SECRET,))


@pytest.fixture
def sealed(database: Database) -> int:
    """A signing key and a platform's shared secret under the old secret; the platform's id."""
    with database.write() as db:
        tool_keys.ensure(db, OLD, NOW)
        at = builders.platform(db)
        db.execute(update(Platform).where(Platform.id == at.id).values(shared_secret=OLD.seal(b"geheim")))
        return at.id


def shared_secret(database: Database, platform_id: int) -> bytes:
    with database.read() as db:
        return db.scalars(select(Platform.shared_secret).where(Platform.id == platform_id)).one() or b""


def test_the_old_secret_opens_until_it_is_dropped(database: Database, sealed: int) -> None:
    with database.read() as db:
        tool_keys.signing(db, BOTH, NOW)
        with pytest.raises(SecretChanged):
            tool_keys.signing(db, CHANGED, NOW)


def test_after_resealing_the_old_secret_is_not_needed(database: Database, sealed: int) -> None:
    with database.read() as db:
        before = tool_keys.signing(db, OLD, NOW).private_pem
    with database.write() as db:
        assert resealing.reseal(db, BOTH) == resealing.Resealed(1, 1, 0)
    with database.read() as db:
        assert tool_keys.signing(db, CHANGED, NOW).private_pem == before
    assert CHANGED.open(shared_secret(database, sealed)) == b"geheim"
    with database.write() as db:
        resealing.reseal(db, CHANGED)  # again, and without the old secret


def test_without_the_old_secret_nothing_is_touched(database: Database, sealed: int) -> None:
    before = shared_secret(database, sealed)
    with pytest.raises(SecretChanged), database.write() as db:
        resealing.reseal(db, CHANGED)
    assert shared_secret(database, sealed) == before
    with database.read() as db:
        OLD.open(db.scalars(select(ToolKey.private_key)).one())


def test_tokens_are_dropped_and_asked_for_again(office: Office) -> None:
    tokens = Tokens(office.room.database, office.wire, OLD)  # type: ignore[arg-type]
    first = tokens.get(office.room.at, frozenset({SCOPE_SCORE}), NOW)
    with office.room.database.write() as db:
        assert resealing.reseal(db, BOTH).dropped_tokens == 1
        assert db.execute(select(AccessToken)).all() == []
    after = Tokens(office.room.database, office.wire, CHANGED)  # type: ignore[arg-type]
    assert after.get(office.room.at, frozenset({SCOPE_SCORE}), NOW) != first


def test_a_token_of_a_machine_that_was_changed_first_is_replaced(office: Office) -> None:
    """While machines restart one after the other, the old one meets tokens it cannot open."""
    scopes = frozenset({SCOPE_SCORE})
    ahead = Tokens(office.room.database, office.wire, BOTH)  # type: ignore[arg-type]
    behind = Tokens(office.room.database, office.wire, OLD)  # type: ignore[arg-type]
    theirs = ahead.get(office.room.at, scopes, NOW)
    assert behind.get(office.room.at, scopes, NOW) not in ("", theirs)


def test_a_login_that_began_before_the_change_still_ends() -> None:
    old, new = derive(SECRET, "state"), derive(NEW, "state")
    now = int(NOW.timestamp())
    pending = issue(old, 7, now)
    with pytest.raises(StateUnknown):
        read_state(new, pending.state)
    state = read_state(new, pending.state, (old,))
    assert state.secret == old and state.platform_id == 7
    assert old.hex() not in repr(state)
