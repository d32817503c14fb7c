"""Registrations: added by hand, listed, switched on and off."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, select, true
from sqlalchemy import insert as core_insert
from sqlalchemy import update as change

from lms_tool.database import insert
from lms_tool.errors import Text, ToolError
from lms_tool.models import Deployment, Platform, Status
from lms_tool.services import tenants
from lms_tool.services.products import Product, product_of

MAX_URL = 2000
# Letters of any script: what cannot be a host must not get into a header, or into a page of another tenant.
_NETLOC = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


class RegistrationInvalid(ToolError):
    code = "registration_invalid"
    status = 400
    text = Text("Eine Angabe zur Plattform ist falsch.", "A detail of the platform is wrong.")
    remedy = Text(
        "Prüfen Sie die Angabe auf der Seite des LMS, auf der das Werkzeug eingetragen ist.",
        "Check it on the page of the LMS where the tool is set up.",
    )


class PlatformNotFound(ToolError):
    code = "platform_not_found"
    status = 404
    text = Text("Diese Plattform ist nicht eingetragen.", "This platform is not registered.")
    remedy = Text("«lms-tool platform list» zeigt alle.", "“lms-tool platform list” shows all.")


class Registered(NamedTuple):
    """A registration as the services need it."""

    id: int
    key: str
    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    token_audience: str | None
    status: str
    tenant_id: int
    lti_version: str

    @property
    def hosts(self) -> frozenset[str | None]:
        """The hosts an administrator entered for it."""
        urls = (self.issuer, self.auth_login_url, self.token_url, self.jwks_url)
        return frozenset(urlsplit(url).hostname for url in urls)


REGISTERED = select(*(getattr(Platform, name) for name in Registered._fields))


@dataclass(frozen=True, slots=True)
class NewPlatform:
    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    deployment_ids: tuple[str, ...] = ()
    name: str = ""
    token_audience: str | None = None


def add(
    db: Connection,
    new: NewPlatform,
    now: datetime,
    *,
    tenant_id: int = tenants.FIRST,
    update: bool = False,
) -> Registered:
    """Register a platform of a tenant, or add deployments to one that is there; safe to repeat.

    Raises:
        RegistrationInvalid: a value is missing or no http(s) address; or issuer and client id are known with other
            addresses and ``update`` was not asked for; or they belong to another tenant.
    """
    check(new)
    addresses = {
        "auth_login_url": new.auth_login_url,
        "token_url": new.token_url,
        "jwks_url": new.jwks_url,
        "token_audience": new.token_audience,
    }
    same = (Platform.issuer == new.issuer, Platform.client_id == new.client_id)
    known = db.execute(REGISTERED.where(*same)).first()
    if known is None:
        db.execute(
            core_insert(Platform).values(
                tenant_id=tenant_id,
                key=secrets.token_hex(8),
                issuer=new.issuer,
                client_id=new.client_id,
                name=new.name,
                status=Status.ACTIVE,
                created_at=now,
                delivery_failures=0,
                **addresses,
            )
        )
    else:
        if known.tenant_id != tenant_id:
            raise RegistrationInvalid(problem="issuer and client id belong to another tenant")
        changed = [name for name, value in addresses.items() if getattr(known, name) != value]
        if changed and not update:
            raise RegistrationInvalid(platform=known.id, differs=", ".join(changed), hint="--update")
        # Keys fetched from the old address say nothing about the new one.
        forgotten = {"jwks": None, "jwks_fetched_at": None, "jwks_expires_at": None}
        values = {**addresses, **(forgotten if "jwks_url" in changed else {})}
        db.execute(change(Platform).where(*same).values(**values, **({"name": new.name} if new.name else {})))
    platform = Registered(*db.execute(REGISTERED.where(*same)).one())
    for deployment_id in new.deployment_ids:
        db.execute(
            insert(db, Deployment)
            .values(platform_id=platform.id, lti_id=deployment_id, status=Status.ACTIVE, created_at=now)
            .on_conflict_do_nothing()
        )
    return platform


def listing(db: Connection, tenant_id: int | None = None) -> list[dict[str, Any]]:
    """All registrations with their deployments; of one tenant, or of all."""
    own = true() if tenant_id is None else Platform.tenant_id == tenant_id
    deployments: dict[int, list[str]] = {}
    for platform_id, lti_id in db.execute(
        select(Deployment.platform_id, Deployment.lti_id).order_by(Deployment.id)
    ):
        deployments.setdefault(platform_id, []).append(lti_id)
    return [
        {
            "id": platform.id,
            "tenant": platform.tenant_id,
            "issuer": platform.issuer,
            "client_id": platform.client_id,
            "name": platform.name,
            "status": platform.status,
            "deployments": deployments.get(platform.id, []),
            "login_path": login_path(platform.key),
            "keys_problem": platform.jwks_problem,
            "delivery_problem": platform.delivery_problem,
        }
        for platform in db.execute(select(*Platform.__table__.columns).where(own).order_by(Platform.id))
    ]


def set_status(db: Connection, platform_id: int, status: Status, tenant_id: int | None = None) -> None:
    """Switch a registration on or off; its sessions end with their next request. With ``tenant_id``: only theirs.

    Raises:
        PlatformNotFound: no such id.
        RegistrationInvalid: it waits for approval, and that is more than switching on.
    """
    own = true() if tenant_id is None else Platform.tenant_id == tenant_id
    known = db.scalar(select(Platform.status).where(Platform.id == platform_id, own))
    if known is None:
        raise PlatformNotFound(platform=platform_id)
    if known == Status.PENDING and status == Status.ACTIVE:
        raise RegistrationInvalid(platform=platform_id, problem="waits for approval: platform approve")
    db.execute(change(Platform).where(Platform.id == platform_id).values(status=status))


def product(db: Connection, platform_id: int) -> Product:
    """Which LMS it is, for words people read."""
    row = db.execute(
        select(Platform.product, Platform.auth_login_url).where(Platform.id == platform_id)
    ).one()
    return product_of(row.product, row.auth_login_url)


def tenant_of(db: Connection, platform_id: int) -> int:
    """Whose registration it is.

    Raises:
        PlatformNotFound: no such id.
    """
    found = db.scalar(select(Platform.tenant_id).where(Platform.id == platform_id))
    if found is None:
        raise PlatformNotFound(platform=platform_id)
    return int(found)


def let_mentors(db: Connection, platform_id: int, allowed: bool) -> None:
    """Let mentors see the people that their launch names (``role_scope_mentor``), or not: the default.

    Raises:
        PlatformNotFound: no such id.
    """
    if not db.execute(change(Platform).where(Platform.id == platform_id).values(mentors=allowed)).rowcount:
        raise PlatformNotFound(platform=platform_id)


def login_path(key: str) -> str:
    """The registration's own login address, for platforms that send no client id."""
    return f"/lti/login/{key}"


def check(new: NewPlatform) -> None:
    """Raises RegistrationInvalid: a value is missing, too long or no http(s) address."""
    for name in ("issuer", "client_id"):
        value = getattr(new, name)
        if not 0 < len(value) <= 255 or not value.isprintable():
            raise RegistrationInvalid(field=name, problem="must have 1 to 255 characters")
    if "//" in new.issuer and not _is_address(new.issuer):
        raise RegistrationInvalid(field="issuer", problem="is no address")
    for name in ("auth_login_url", "token_url", "jwks_url"):
        value = getattr(new, name)
        if not _is_address(value) or len(value) > MAX_URL:
            raise RegistrationInvalid(field=name, problem="must be an https address")
        if urlsplit(value).fragment:
            raise RegistrationInvalid(field=name, problem="must not contain #")
    for deployment_id in new.deployment_ids:
        if not 0 < len(deployment_id) <= 255 or not deployment_id.isprintable():
            raise RegistrationInvalid(field="deployment_id", problem="must have 1 to 255 characters")
    if len(new.name) > 255 or not new.name.isprintable():
        raise RegistrationInvalid(field="name", problem="must have at most 255 characters")
    if len(new.token_audience or "") > MAX_URL or not (new.token_audience or "").isprintable():
        raise RegistrationInvalid(field="token_audience", problem="is too long")


def _is_address(url: str) -> bool:
    """Whether it is an http(s) address with a host, and nothing that only some readers take for one."""
    if not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and port != 0 and _NETLOC.fullmatch(parts.netloc) is not None
