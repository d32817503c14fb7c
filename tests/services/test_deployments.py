"""Deployments that turn up with a launch: whose may ask, how many, and who decides (DR-18)."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW
from registering import register, tenant

from lms_tool.database import Database
from lms_tool.lti.errors import DeploymentPending, DeploymentUnknown
from lms_tool.models import Deployment
from lms_tool.services import deployments, platforms, registrations, tenants
from lms_tool.services.platforms import NewPlatform, PlatformNotFound


@pytest.fixture
def running(database: Database) -> int:
    """A registration that an LMS asked for without naming a deployment, and that was approved."""
    stored = register(database, deployment_id=None)
    with database.write() as db:
        registrations.approve(db, stored.platform_id, tenants.FIRST, "admin:3", NOW, "c")
    return stored.platform_id


def statuses(database: Database) -> dict[str, str]:
    with database.read() as db:
        return {row.lti_id: row.status for row in db.execute(Deployment.__table__.select())}


def ask(database: Database, platform_id: int, lti_id: str) -> DeploymentUnknown:
    with database.write() as db:
        return deployments.ask(db, platform_id, lti_id, NOW, "c")


def by_hand(database: Database, *deployment_ids: str) -> int:
    urls: Any = dict.fromkeys(("auth_login_url", "token_url", "jwks_url"), "https://hand.example/x")
    new = NewPlatform("https://hand.example", "c", deployment_ids=deployment_ids, **urls)
    with database.write() as db:
        return platforms.add(db, new, NOW).id


def test_the_first_launch_asks_and_somebody_approves(database: Database, running: int) -> None:
    with database.read() as db:
        assert deployments.may_ask(db, running, "7")
    assert isinstance(ask(database, running, "7"), DeploymentPending)
    assert statuses(database) == {"7": "pending"}
    with database.write() as db:
        (waiting,) = deployments.pending_deployments(db, tenants.FIRST)
        assert (waiting["lti_id"], waiting["platform_id"]) == ("7", running)
        deployments.approve_deployment(db, waiting["id"], tenants.FIRST, "admin:3", NOW, "c")
        assert deployments.pending_deployments(db, tenants.FIRST) == []
    assert statuses(database) == {"7": "active"}


def test_the_next_login_is_told_to_wait(database: Database, running: int) -> None:
    ask(database, running, "7")
    with database.read() as db, pytest.raises(DeploymentPending):
        deployments.may_ask(db, running, "7")
    assert isinstance(ask(database, running, "7"), DeploymentPending)


def test_a_refused_one_does_not_ask_again(database: Database, running: int) -> None:
    ask(database, running, "7")
    with database.write() as db:
        (waiting,) = deployments.pending_deployments(db, tenants.FIRST, running)
        deployments.reject_deployment(db, waiting["id"], tenants.FIRST, "admin:3", NOW, "c")
        assert not deployments.may_ask(db, running, "7")
    assert type(ask(database, running, "7")) is DeploymentUnknown
    assert statuses(database) == {"7": "inactive"}


def test_where_people_entered_deployments_none_asks(database: Database) -> None:
    platform = by_hand(database, "d1")
    with database.read() as db:
        assert not deployments.may_ask(db, platform, "d2")
    assert type(ask(database, platform, "d2")) is DeploymentUnknown
    assert statuses(database) == {"d1": "active"}


def test_where_people_entered_none_the_first_one_asks(database: Database) -> None:
    platform = by_hand(database)
    assert isinstance(ask(database, platform, "d1"), DeploymentPending)
    assert type(ask(database, platform, "d2")) is DeploymentUnknown
    assert statuses(database) == {"d1": "pending"}


def test_not_more_than_twenty_wait(database: Database, running: int) -> None:
    for number in range(deployments.MAX_WAITING + 5):
        ask(database, running, f"d{number}")
    assert len(statuses(database)) == deployments.MAX_WAITING


def test_another_tenant_decides_nothing(database: Database, running: int) -> None:
    ask(database, running, "7")
    other = tenant(database)
    with database.write() as db:
        (waiting,) = deployments.pending_deployments(db, tenants.FIRST)
        assert deployments.pending_deployments(db, other) == []
        for decide in (deployments.approve_deployment, deployments.reject_deployment):
            with pytest.raises(PlatformNotFound):
                decide(db, waiting["id"], other, "admin:9", NOW, "c")
    assert statuses(database) == {"7": "pending"}
