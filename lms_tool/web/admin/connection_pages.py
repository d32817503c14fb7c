"""From what the services know of connections to the pages that show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lms_tool.errors import Text
from lms_tool.models import LtiVersion
from lms_tool.services import platforms
from lms_tool.services.connections import Connected, Details
from lms_tool.services.products import Product
from lms_tool.services.selftest import Check
from lms_tool.services.selftest.kinds import SERVICES
from lms_tool.web.pages import (
    AdminCheck,
    AdminDeployment,
    AdminFrame,
    AdminInvitation,
    AdminPlatformPage,
    AdminPlatformRow,
    AdminPlatformsPage,
    AdminWaiting,
)

Row = Mapping[str, Any]
_ADDRESSES = {
    "auth_login_url": Text("Anmeldung beim LMS", "Authentication request"),
    "token_url": Text("Zugriffstoken", "Access token"),
    "jwks_url": Text("Schlüsselsatz des LMS", "Key set of the LMS"),
}
_OWN_LOGIN = Text("Eigene Anmelde-Adresse dieser Verbindung", "Login address of this connection alone")


def overview(
    frame: AdminFrame,
    rows: Iterable[Connected],
    pending: Iterable[Row],
    deployments: Iterable[Row],
    usable: Iterable[Row],
    link: str,
) -> AdminPlatformsPage:
    registrations = [
        AdminWaiting(platform_id=row["id"], name=row["name"] or row["issuer"]) for row in pending
    ]
    waiting = [
        AdminWaiting(platform_id=row["platform_id"], name=row["platform_name"], deployment=row["lti_id"])
        for row in deployments
    ]
    known = {one.platform_id for one in registrations}
    return AdminPlatformsPage(
        frame=frame,
        platforms=tuple(
            AdminPlatformRow(
                id=row.id,
                name=row.name,
                label=row.label,
                issuer=row.issuer,
                condition=row.condition.value,
                created_at=row.created_at,
                last_launch_at=row.last_launch_at,
                waiting=row.waiting,
            )
            for row in rows
        ),
        waiting=(*registrations, *(one for one in waiting if one.platform_id not in known)),
        invitations=tuple(AdminInvitation(id=row["id"], expires_at=row["expires_at"]) for row in usable),
        link=link,
    )


def details(frame: AdminFrame, found: Details, base_url: str, error: Text | None) -> AdminPlatformPage:
    modern = found.lti_version != LtiVersion.V1P1
    addresses = [(word, getattr(found, name)) for name, word in _ADDRESSES.items()] if modern else []
    if modern:
        addresses.append((_OWN_LOGIN, base_url + platforms.login_path(found.key)))
    return AdminPlatformPage(
        frame=frame,
        id=found.line.id,
        name=found.line.name,
        label=found.line.label,
        status=found.status,
        lti_version=found.lti_version,
        created_at=found.line.created_at,
        issuer=found.line.issuer,
        client_id=found.client_id,
        deployments=tuple(
            AdminDeployment(id=one.id, lti_id=one.lti_id, status=one.status) for one in found.deployments
        ),
        services=None
        if found.scopes is None
        else tuple(SERVICES.get(one, Text(one, one)) for one in found.scopes),
        addresses=tuple(addresses),
        approved_by=found.approved_by,
        approved_at=found.approved_at,
        checked_at=found.checked_at,
        checks=tuple(_check(one, found.product) for one in found.checks),
        error=error,
    )


def _check(check: Check, product: Product) -> AdminCheck:
    return AdminCheck(
        title=check.title,
        sentence=check.sentence,
        state=check.state.value,
        code=check.code,
        at=check.at,
        millis=check.millis,
        remedy=check.remedy(product),
    )
