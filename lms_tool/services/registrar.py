"""An LMS registers itself: look at what it says, then agree on a registration (Dynamic Registration 1.0).

Works with its own short transactions, for none may stay open while an LMS takes its time to answer.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from lms_tool.database import Database
from lms_tool.errors import ToolError
from lms_tool.http import AddressNotAllowed, Client, OutgoingError, Response
from lms_tool.lti.login import LAUNCH_PATH
from lms_tool.lti.manifest import (
    Manifest,
    ManifestInvalid,
    asked_scopes,
    read_manifest,
    registration_request,
)
from lms_tool.lti.registration import (
    PlatformConfiguration,
    check_endpoints,
    check_issuer,
    check_token,
    read_answer,
    read_configuration,
    short_scopes,
)
from lms_tool.lti.registration_errors import RegistrationFetchFailed, RegistrationUrlNotAllowed
from lms_tool.lti.registration_urls import Address, check_address
from lms_tool.services import invitations, registrations
from lms_tool.services.invitations import Invited
from lms_tool.shipped import shipped

LOOK_SECONDS: Final = 10.0  # in all, for the configuration (DR-12)
AGREE_SECONDS: Final = (
    20.0  # for the answer to our request: given up too early, the LMS has a tool and we no id of it
)
MAX_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Look:
    """What an LMS says about itself, checked; ``known`` are this tenant's registrations of the same issuer."""

    platform: PlatformConfiguration
    address: Address
    asked: tuple[str, ...]  # short scopes
    known: tuple[registrations.Known, ...]


@lru_cache(maxsize=1)
def manifest() -> Manifest:
    """The tool's own description, read once a process. Raises ManifestInvalid."""
    file: Path = shipped("lti_config") / "tool.toml"
    try:
        return read_manifest(tomllib.loads(file.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise ManifestInvalid(file=str(file), problem=str(error)[:200]) from error


class Registrar:
    """``client`` may speak to trusted networks and is used for them alone; ``public`` for all other hosts."""

    def __init__(self, database: Database, client: Client, public: Client, base_url: str) -> None:
        self._database = database
        self._client = client
        self._public = public
        self._base_url = base_url

    def look(self, invited: Invited, url: str | None) -> Look:
        """Fetch an LMS's configuration and check it; nothing is stored.

        Raises:
            RegistrationUrlNotAllowed: no request was made, or one of its addresses leads where we must not go.
            RegistrationFetchFailed, RegistrationConfigInvalid, RegistrationIssuerMismatch, RegistrationConflict.
        """
        address = check_address(url, self._client.allows_http)
        answer = self._exchange(
            address.host,
            lambda client: client.get(
                address.url, "application/json", max_bytes=MAX_BYTES, total_timeout=LOOK_SECONDS
            ),
        )
        if answer.status != 200:
            raise RegistrationFetchFailed(host=address.host, answered=answer.status)
        platform = read_configuration(answer.body)
        # Before all else: somebody who speaks for an LMS that is known is a conflict, also from another host.
        with self._database.read() as db:
            known = registrations.known(db, platform.issuer)
        registrations.check_conflict(known, platform)
        check_issuer(platform, address)
        check_endpoints(platform, address, self._client.allows_http)
        asked = short_scopes(frozenset(asked_scopes(manifest(), platform)))
        own = tuple(one for one in known if one.tenant_id == invited.tenant_id)
        return Look(platform, address, tuple(asked), own)

    def register(
        self,
        invited: Invited,
        url: str | None,
        token: str | None,
        name: str,
        now: datetime,
        correlation_id: str,
    ) -> tuple[registrations.Stored, Look]:
        """Ask the LMS for a registration and store what it answers, pending until somebody approves it.

        Everything is looked at anew: what a form brings back is not what we showed. A failed attempt leaves the
        invitation as it was.

        Raises:
            RegistrationTokenMalformed, RegistrationInProgress, RegistrationInviteInvalid, RegistrationRejected, and
            whatever ``look`` raises.
        """
        checked_token = check_token(token)
        with self._database.write() as db:
            invitations.claim(db, invited.id, now)
        try:
            looked = self.look(invited, url)
            granted = self._agree(looked, checked_token)
            with self._database.write() as db:
                stored = registrations.store(db, invited, looked.platform, granted, name, now, correlation_id)
                invitations.use_up(db, invited.id, stored.platform_id, now)
        except Exception:
            with suppress(ToolError), self._database.write() as db:
                invitations.release(db, invited.id)
            raise
        return stored, looked

    def _agree(self, looked: Look, token: str | None) -> registrations.Granted:
        request = registration_request(manifest(), self._base_url, looked.platform)
        headers = {"Authorization": f"Bearer {token}"} if token else None
        answer = self._exchange(
            looked.address.host,
            lambda client: client.post(
                looked.platform.registration_endpoint,
                json.dumps(request).encode(),
                "application/json",
                "application/json",
                headers=headers,
                max_bytes=MAX_BYTES,
                total_timeout=AGREE_SECONDS,
            ),
        )
        granted = read_answer(answer.status, answer.body, self._base_url + LAUNCH_PATH)
        if granted.scopes is None:  # an answer that names none granted what was asked (RFC 7591 § 3.2.1)
            return replace(granted, scopes=frozenset(asked_scopes(manifest(), looked.platform)))
        return granted

    def _exchange(self, host: str, send: Callable[[Client], Response]) -> Response:
        try:
            return send(self._client if self._client.allows_http(host) else self._public)
        except AddressNotAllowed as error:
            raise RegistrationUrlNotAllowed(host=host, problem="network") from error
        except OutgoingError as error:
            raise RegistrationFetchFailed(host=host, reason=error.reason) from error
