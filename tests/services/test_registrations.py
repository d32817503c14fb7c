"""Registrations that LMSs asked for: pending, never taken over, renewed in place, decided by people."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW, platform
from registering import HOST, configuration, granted, invite, register, tenant
from sqlalchemy import select, update

from lms_tool.database import Database
from lms_tool.lti.registration_errors import RegistrationConflict
from lms_tool.models import AuditEvent, Deployment, Platform, Status
from lms_tool.services import platforms, registrations, tenants
from lms_tool.services.platforms import NewPlatform, PlatformNotFound


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as db:
        return list(db.execute(table.__table__.select().order_by(*table.__table__.primary_key.columns)))


def approve(database: Database, platform_id: int, tenant_id: int = tenants.FIRST) -> None:
    with database.write() as db:
        registrations.approve(db, platform_id, tenant_id, "admin:3", NOW, "c")


def test_a_new_one_waits_for_approval(database: Database) -> None:
    stored = register(database)
    (platform,) = rows(database, Platform)
    assert (stored.status, stored.updated) == (Status.PENDING, False)
    assert (platform.issuer, platform.client_id, platform.status) == (f"https://{HOST}", "c-1", "pending")
    assert (platform.name, platform.scopes) == (HOST, ["score"])
    (deployment,) = rows(database, Deployment)
    assert (deployment.lti_id, deployment.status) == ("1", "active")
    with database.read() as db:
        (waiting,) = registrations.pending(db, tenants.FIRST)
        assert waiting["id"] == stored.platform_id and waiting["deployments"] == ["1"]
    approve(database, stored.platform_id)
    (platform,) = rows(database, Platform)
    assert (platform.status, platform.approved_at, platform.approved_by) == ("active", NOW, "admin:3")
    with database.read() as db:
        assert registrations.pending(db, tenants.FIRST) == []
    assert [(line.code, line.actor, line.tenant_id) for line in rows(database, AuditEvent)] == [
        ("platform_invited", "cli", tenants.FIRST),
        ("platform_registered", "", tenants.FIRST),
        ("platform_approved", "admin:3", tenants.FIRST),
    ]


def test_the_name_is_what_people_gave_it(database: Database) -> None:
    _, invited = invite(database)
    with database.write() as db:
        registrations.store(db, invited, configuration(), granted(), "  Moodle\tder \x1bVHS ", NOW, "c")
    assert rows(database, Platform)[0].name == "Moodle der VHS"


def test_dr_19_the_same_again_is_no_second_row(database: Database) -> None:
    first = register(database)
    approve(database, first.platform_id)
    again = register(database, deployment_id="2")
    assert (again.platform_id, again.status, again.updated) == (first.platform_id, Status.ACTIVE, True)
    (platform,) = rows(database, Platform)
    assert platform.status == "active"
    assert [(one.lti_id, one.status) for one in rows(database, Deployment)] == [
        ("1", "active"),
        ("2", "pending"),
    ]
    assert rows(database, AuditEvent)[-1].code == "platform_registered_again"


def test_a_new_deployment_waits_also_where_the_platform_is_switched_off(database: Database) -> None:
    first = register(database)
    approve(database, first.platform_id)
    with database.write() as db:
        platforms.set_status(db, first.platform_id, Status.INACTIVE)
    register(database, deployment_id="2")
    assert [(one.lti_id, one.status) for one in rows(database, Deployment)] == [
        ("1", "active"),
        ("2", "pending"),
    ]


@pytest.mark.parametrize("changed", ["jwks_uri", "token_endpoint", "authorization_endpoint"])
@pytest.mark.parametrize("client_id", ["c-1", "c-other"])
@pytest.mark.parametrize("own", [True, False])
def test_dr_20_a_known_issuer_keeps_its_addresses(
    database: Database, changed: str, client_id: str, own: bool
) -> None:
    register(database)
    before = rows(database, Platform)
    other = tenants.FIRST if own else tenant(database)
    with pytest.raises(RegistrationConflict) as refusal:
        register(database, other, client_id=client_id, **{changed: "https://evil.example/x"})
    assert refusal.value.status == 409
    assert refusal.value.details["differs"] == changed
    assert rows(database, Platform) == before


def test_a_hosted_lms_shares_its_issuer_among_customers(database: Database) -> None:
    first = register(database)
    second = register(database, tenant(database), client_id="c-2")
    assert second.platform_id != first.platform_id and not second.updated
    with database.read() as db:
        assert [row["id"] for row in registrations.pending(db, tenants.FIRST)] == [first.platform_id]


def test_the_client_id_of_another_tenant_is_taken(database: Database) -> None:
    register(database)
    with pytest.raises(RegistrationConflict):
        register(database, tenant(database))
    assert len(rows(database, Platform)) == 1


def test_one_entered_by_hand_is_known_too(database: Database) -> None:
    urls = {name: f"https://{HOST}/{path}" for name, path in NAMES.items()}
    with database.write() as db:
        platforms.add(db, NewPlatform(f"https://{HOST}", "c-1", **urls), NOW)
    with pytest.raises(RegistrationConflict):
        register(database, jwks_uri="https://evil.example/jwks")
    assert register(database).updated
    assert rows(database, Platform)[0].status == "active"


NAMES = {"auth_login_url": "auth", "token_url": "token", "jwks_url": "jwks"}


def test_approving_looks_for_a_conflict_once_more(database: Database) -> None:
    """Two registrations of one issuer may wait side by side when they came at the same moment; one can be let in."""
    first = register(database, host="a.example")
    second = register(database, host="b.example", client_id="c-2")
    with database.write() as db:
        db.execute(
            Platform.__table__.update()
            .values(issuer="https://a.example")
            .where(Platform.id == second.platform_id)
        )
    approve(database, first.platform_id)
    with pytest.raises(RegistrationConflict):
        approve(database, second.platform_id)
    assert [row.status for row in rows(database, Platform)] == ["active", "pending"]


def test_a_rejected_one_is_gone_and_may_come_again(database: Database) -> None:
    stored = register(database)
    with database.write() as db:
        registrations.reject(db, stored.platform_id, tenants.FIRST, "admin:3", NOW, "c")
    assert rows(database, Platform) == [] and rows(database, Deployment) == []
    assert rows(database, AuditEvent)[-1].code == "platform_rejected"
    assert not register(database).updated


def test_one_that_runs_cannot_be_rejected(database: Database) -> None:
    stored = register(database)
    approve(database, stored.platform_id)
    with database.write() as db, pytest.raises(PlatformNotFound):
        registrations.reject(db, stored.platform_id, tenants.FIRST, "admin:3", NOW, "c")
    assert rows(database, Platform)[0].status == "active"


def test_approving_twice_changes_nothing(database: Database) -> None:
    stored = register(database)
    approve(database, stored.platform_id)
    with database.write() as db:
        platforms.set_status(db, stored.platform_id, Status.INACTIVE)
    approve(database, stored.platform_id)
    assert rows(database, Platform)[0].status == "inactive", (
        "switched off by hand: no approval switches it on"
    )


def test_another_tenant_decides_nothing(database: Database) -> None:
    stored = register(database)
    other = tenant(database)
    with database.write() as db:
        assert registrations.pending(db, other) == []
        for decide in (registrations.approve, registrations.reject):
            with pytest.raises(PlatformNotFound):
                decide(db, stored.platform_id, other, "admin:9", NOW, "c")
    assert rows(database, Platform)[0].status == "pending"


def test_what_waits_is_approved_not_switched_on(database: Database) -> None:
    with database.write() as db:
        waiting = platform(db)
        db.execute(update(Platform).where(Platform.id == waiting.id).values(status=Status.PENDING))
        with pytest.raises(platforms.RegistrationInvalid):
            platforms.set_status(db, waiting.id, Status.ACTIVE)
        assert db.scalar(select(Platform.status).where(Platform.id == waiting.id)) == Status.PENDING
