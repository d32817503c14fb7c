"""Administration of connections: the list, one of them with its self-test, entering one by hand, ending one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lms_tool.errors import Text
from lms_tool.web.pages.admin import AdminFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPlatformRow:
    """``condition``: see services.connections.Condition; ``label``: the product; ``waiting``: grades."""

    id: int
    name: str
    label: str
    issuer: str
    condition: str
    created_at: datetime
    last_launch_at: datetime | None
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminWaiting:
    """Something that waits for a decision: a registration, or a deployment of a connection that is on."""

    platform_id: int
    name: str
    deployment: str = ""  # its id at the LMS; "": the registration itself


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminInvitation:
    id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPlatformsPage:
    """``link``: an invitation just made, shown once; ``invitations``: those that could still be used."""

    template: ClassVar[str] = "admin_platforms.html"

    frame: AdminFrame
    platforms: tuple[AdminPlatformRow, ...]
    waiting: tuple[AdminWaiting, ...] = ()
    invitations: tuple[AdminInvitation, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminCheck:
    """One line of the self-test. ``state``: ok | warn | bad | off; ``at``: when the thing reported happened."""

    title: Text
    sentence: Text
    state: str
    code: str
    at: datetime | None = None
    millis: int | None = None
    remedy: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminDeployment:
    id: int
    lti_id: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPlatformPage:
    """``status``: active | inactive | pending. ``addresses``: words and values, for comparing with the LMS."""

    template: ClassVar[str] = "admin_platform.html"

    frame: AdminFrame
    id: int
    name: str
    label: str
    status: str
    lti_version: str
    created_at: datetime
    issuer: str
    client_id: str
    deployments: tuple[AdminDeployment, ...]
    services: tuple[Text, ...] | None  # granted at registration; None: entered by hand
    addresses: tuple[tuple[Text, str], ...]
    approved_by: str = ""
    approved_at: datetime | None = None
    checked_at: datetime | None = None
    checks: tuple[AdminCheck, ...] = ()
    error: Text | None = None  # why the new name was not taken

    @property
    def in_order(self) -> int:
        return sum(check.state == "ok" for check in self.checks)

    @property
    def looked_at(self) -> int:
        """Checks that could be made."""
        return sum(check.state != "off" for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminDisconnectPage:
    """Before a connection is deleted: what would go with it."""

    template: ClassVar[str] = "admin_disconnect.html"

    frame: AdminFrame
    id: int
    name: str
    courses: int
    people: int
    grades_waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminField:
    """One line of a form. ``names``: what LMSs call it."""

    name: str
    label: Text
    names: str
    value: str = ""
    required: bool = True
    kind: str = "text"  # text | url


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminConnectPage:
    """Entering a connection by hand. ``error`` belongs to the field ``wrong``, or to the whole form."""

    template: ClassVar[str] = "admin_connect.html"

    frame: AdminFrame
    fields: tuple[AdminField, ...]
    error: Text | None = None
    wrong: str = ""
