"""What one process holds: settings, database, clock, outgoing client, and caches of what never changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lms_tool.database import Database
from lms_tool.http import Client
from lms_tool.services.audit import Budget
from lms_tool.services.courses import Shelf
from lms_tool.services.launches import Registry
from lms_tool.services.platform_keys import KeyRing
from lms_tool.services.pressure import Gauge
from lms_tool.services.selftest import SelfTest
from lms_tool.services.standings import Standings
from lms_tool.services.tokens import Tokens
from lms_tool.services.vault import Vault, derive
from lms_tool.settings import Settings

Clock = Callable[[], datetime]  # returns an aware UTC time


def system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runtime:
    """Collaborators of the entry points; built once per process by :func:`build`."""

    settings: Settings
    database: Database
    client: Client  # may speak to the trusted networks
    public_client: Client  # may not
    clock: Clock
    vault: Vault
    registry: Registry
    keys: KeyRing
    tokens: Tokens
    selftest: SelfTest
    state_secret: bytes
    previous_state_secrets: tuple[bytes, ...]  # of logins that began before SECRET_KEY was changed
    source_secret: bytes
    shelf: Shelf = field(default_factory=Shelf)
    standings: Standings = field(default_factory=Standings)
    gauge: Gauge = field(default_factory=Gauge)
    audit_budget: Budget = field(default_factory=Budget)


def build(settings: Settings, clock: Clock | None = None) -> Runtime:
    """Put one process together. Opens no connection yet.

    Raises:
        SettingsInvalid: no SECRET_KEY where one is needed, or a folder that can't be used.
    """
    secret = settings.secret
    if settings.sqlite_file is not None:
        settings.require_folder(settings.sqlite_file.parent, "DATABASE_URL")
    database = Database(settings.database_url)
    client = Client(settings.trusted_networks)
    vault = Vault(secret, settings.previous_secrets)
    now = clock or system_clock
    public_client, tokens = Client(()), Tokens(database, client, vault)
    return Runtime(
        settings=settings,
        database=database,
        client=client,
        public_client=public_client,
        clock=now,
        vault=vault,
        registry=Registry(database),
        keys=KeyRing(database, client),
        tokens=tokens,
        selftest=SelfTest(database, client, public_client, tokens, now, settings.base_url),
        state_secret=derive(secret, "state"),
        previous_state_secrets=tuple(derive(old, "state") for old in settings.previous_secrets),
        source_secret=derive(secret, "source"),
    )
