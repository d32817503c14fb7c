"""What the tests of registration share: an invited tenant and an LMS that grants what it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from builders import NOW

from lms_tool.database import Database
from lms_tool.http import AddressNotAllowed, Client, Response
from lms_tool.lti.registration import Granted, PlatformConfiguration, read_configuration
from lms_tool.services import invitations, registrations, tenants
from lms_tool.services.invitations import Invited

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
HOST = "lms.example.org"
CONFIGURATION_URL = f"https://{HOST}/openid-configuration"
BASE_URL = "https://lernen.example.de"


def document(host: str = HOST, **changes: Any) -> dict[str, Any]:
    names = {
        "authorization_endpoint": "auth",
        "token_endpoint": "token",
        "jwks_uri": "jwks",
        "registration_endpoint": "register",
    }
    made = {name: f"https://{host}/{path}" for name, path in names.items()}
    return made | {"issuer": f"https://{host}"} | changes


def configuration(host: str = HOST, **changes: Any) -> PlatformConfiguration:
    return read_configuration(json.dumps(document(host, **changes)).encode())


def granted(client_id: str = "c-1", deployment_id: str | None = "1") -> Granted:
    return Granted(client_id, deployment_id, frozenset({AGS + "score"}))


def invite(database: Database, tenant_id: int = tenants.FIRST) -> tuple[str, Invited]:
    with database.write() as db:
        code = invitations.invite(db, tenant_id, "cli", NOW, "c")
        return code, invitations.find(db, code, NOW)


def tenant(database: Database, key: str = "zweite") -> int:
    with database.write() as db:
        return tenants.add(db, key, "Zweite", NOW).id


def register(
    database: Database,
    tenant_id: int = tenants.FIRST,
    *,
    host: str = HOST,
    client_id: str = "c-1",
    deployment_id: str | None = "1",
    **changes: Any,
) -> registrations.Stored:
    _, invited = invite(database, tenant_id)
    with database.write() as db:
        return registrations.store(
            db, invited, configuration(host, **changes), granted(client_id, deployment_id), "", NOW, "c"
        )


@dataclass
class Lms(Client):
    """Takes the outgoing client's place: one LMS behind it, and a list of what it was asked."""

    said: dict[str, Any] = field(default_factory=document)
    answer: Response | Exception | None = None
    during: Callable[[], None] = lambda: None
    trusts: bool = False
    forbidden: bool = False
    requests: list[tuple[str, str, Mapping[str, str], dict[str, Any]]] = field(default_factory=list)

    def allows_http(self, host: str) -> bool:
        return self.trusts

    def get(self, url: str, accept: str, **more: Any) -> Response:
        self.requests.append(("GET", url, more.get("headers") or {}, {}))
        if self.forbidden:
            raise AddressNotAllowed()
        return Response(200, {}, json.dumps(self.said).encode())

    def post(self, url: str, content: bytes, content_type: str, accept: str, **more: Any) -> Response:
        self.requests.append(("POST", url, more.get("headers") or {}, json.loads(content)))
        self.during()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer or self.grants()

    def grants(self, **changes: Any) -> Response:
        body = {"client_id": "c-1", "scope": AGS + "score", TOOL: {"deployment_id": "7"}} | changes
        return Response(200, {}, json.dumps(body).encode())
