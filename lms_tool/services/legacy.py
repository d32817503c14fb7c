"""Old LMSs: connections by LTI 1.1, off until somebody makes one, and their launches."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, select
from sqlalchemy import insert as core_insert

from lms_tool.database import insert
from lms_tool.lti import errors, legacy
from lms_tool.lti.legacy import LegacyLaunch, SignedForm
from lms_tool.models import (
    Deployment,
    LineItem,
    LtiVersion,
    Membership,
    Outcome,
    Platform,
    ResourceLink,
    Status,
)
from lms_tool.models import Launch as LaunchRow
from lms_tool.services import launches
from lms_tool.services.courses import Shelf
from lms_tool.services.launches import Accepted
from lms_tool.services.platforms import MAX_URL, REGISTERED, Registered, RegistrationInvalid
from lms_tool.services.vault import Vault

_KEY = re.compile(r"[A-Za-z0-9._-]{3,64}")


class OldConnection(NamedTuple):
    platform_id: int
    consumer_key: str
    secret: str  # shown once


def add(
    db: Connection, vault: Vault, consumer_key: str, name: str, lms_url: str, tenant_id: int, now: datetime
) -> OldConnection:
    """Make a connection to an old LMS at ``lms_url`` (its address, whose pages may frame ours).

    Raises:
        RegistrationInvalid: key or address is malformed, or the key is taken.
    """
    if not _KEY.fullmatch(consumer_key):
        raise RegistrationInvalid(
            field="consumer_key", problem="3 to 64 letters, digits, dots, hyphens or underscores"
        )
    parts = urlsplit(lms_url)
    if parts.scheme not in ("https", "http") or not parts.hostname or len(lms_url) > MAX_URL:
        raise RegistrationInvalid(field="lms_url", problem="must be an https address")
    secret = secrets.token_urlsafe(32)
    platform_id = db.execute(
        insert(db, Platform)
        .values(
            tenant_id=tenant_id,
            lti_version=LtiVersion.V1P1,
            key=secrets.token_hex(8),
            issuer=legacy.ISSUER_PREFIX + consumer_key,
            client_id=consumer_key,
            name=name.strip()[:255],
            auth_login_url=lms_url,
            token_url="",
            jwks_url="",
            status=Status.ACTIVE,
            created_at=now,
            approved_at=now,
            delivery_failures=0,
            shared_secret=vault.seal(secret.encode()),
        )
        .on_conflict_do_nothing()
        .returning(Platform.id)
    ).scalar()
    if platform_id is None:
        raise RegistrationInvalid(field="consumer_key", problem="taken")
    db.execute(
        core_insert(Deployment).values(
            platform_id=platform_id, lti_id=legacy.DEPLOYMENT, status=Status.ACTIVE, created_at=now
        )
    )
    return OldConnection(int(platform_id), consumer_key, secret)


def connection(db: Connection, vault: Vault, consumer_key: str) -> tuple[Registered, str]:
    """The old connection with this key, and its secret.

    Raises:
        RegistrationUnknown: there is none.
        RegistrationInactive: it is switched off.
    """
    row = db.execute(
        REGISTERED.add_columns(Platform.shared_secret).where(
            Platform.lti_version == LtiVersion.V1P1, Platform.client_id == consumer_key
        )
    ).first()
    if row is None or row.shared_secret is None:
        raise errors.RegistrationUnknown(client_id=consumer_key)
    platform = Registered(*row[: len(Registered._fields)])
    if platform.status != Status.ACTIVE:
        raise errors.RegistrationInactive(platform=platform.id)
    return platform, vault.open(row.shared_secret).decode()


def fingerprint(platform_id: int, form: SignedForm) -> bytes:
    """What makes the form single use: nonce and time of this key (OAuth 1.0 § 3.3). The launch's unique key decides."""
    return hashlib.sha256(f"lti1p1:{platform_id}:{form.timestamp}:{form.nonce}".encode()).digest()


def accept(
    db: Connection,
    platform_id: int,
    form: SignedForm,
    verified: LegacyLaunch,
    proof: str,
    shelf: Shelf,
    now: datetime,
) -> Accepted:
    """Write down a verified launch, as ``launches.accept`` does, and where this person's grade goes.

    Raises the same errors.
    """
    accepted = launches.accept(
        db, platform_id, verified.launch, fingerprint(platform_id, form), proof, shelf, now
    )
    if verified.outcome is not None:
        row = db.execute(
            select(LineItem.id, Membership.person_id)
            .select_from(LaunchRow)
            .join(Membership, Membership.id == LaunchRow.membership_id)
            .join(ResourceLink, ResourceLink.id == LaunchRow.resource_link_id)
            .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
            .where(LaunchRow.id == accepted.launch_id)
        ).first()
        if row is not None:
            db.execute(
                insert(db, Outcome)
                .values(line_item_id=row.id, person_id=row.person_id, sourcedid=verified.outcome.sourcedid)
                .on_conflict_do_update(
                    index_elements=["line_item_id", "person_id"],
                    set_={"sourcedid": verified.outcome.sourcedid},
                )
            )
    return accepted
