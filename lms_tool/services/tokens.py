"""Access tokens for a platform's services: one per registration and set of scopes, shared by all processes."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Connection, delete, select

from lms_tool.database import Database, insert
from lms_tool.http import Client
from lms_tool.lti import service
from lms_tool.models import AccessToken, Platform
from lms_tool.services import tool_keys
from lms_tool.services.platforms import Registered
from lms_tool.services.vault import SecretChanged, Vault


class Tokens:
    """Gets, keeps and drops access tokens (Security Framework 1.0 § 4.1, RFC 7523)."""

    def __init__(self, database: Database, client: Client, vault: Vault) -> None:
        self._database = database
        self._client = client
        self._vault = vault

    def get(self, platform: Registered, scopes: frozenset[str], now: datetime) -> str:
        """A token for exactly these scopes.

        Raises:
            ServiceError: the platform gave none, or what it would get of us would open another's door.
            OutgoingError: it could not be reached.
        """
        name = " ".join(sorted(scopes))
        with self._database.read() as db:
            kept = db.scalar(
                select(AccessToken.value).where(
                    AccessToken.platform_id == platform.id,
                    AccessToken.scopes == name,
                    AccessToken.expires_at > now,
                )
            )
            if kept is not None:
                with suppress(SecretChanged):  # sealed by a process that has a newer secret already
                    return self._vault.open(kept).decode()
            _check_meant_for(db, platform)
            key = tool_keys.signing(db, self._vault, now)
        audience = platform.token_audience or platform.token_url
        assertion = service.client_assertion(
            key, platform.client_id, audience, int(now.timestamp()), secrets.token_urlsafe(24)
        )
        answer = self._client.post(
            platform.token_url,
            urlencode(service.token_request(assertion, scopes)).encode(),
            "application/x-www-form-urlencoded",
            "application/json",
        )
        token = service.read_token_answer(
            answer.status, answer.headers, answer.body, int(now.timestamp()), scopes
        )
        if token.scopes.isdisjoint(scopes):
            raise service.TokenRefused(error="invalid_scope")
        with self._database.write() as db:
            self._keep(db, platform.id, name, token)
        return token.value

    def drop(self, platform: Registered, scopes: frozenset[str]) -> None:
        """Forget a token the platform no longer takes."""
        with self._database.write() as db:
            db.execute(
                delete(AccessToken).where(
                    AccessToken.platform_id == platform.id, AccessToken.scopes == " ".join(sorted(scopes))
                )
            )

    def _keep(self, db: Connection, platform_id: int, name: str, token: service.AccessToken) -> None:
        values = {
            "value": self._vault.seal(token.value.encode()),
            "expires_at": datetime.fromtimestamp(token.expires_at, tz=UTC),
        }
        db.execute(
            insert(db, AccessToken)
            .values(platform_id=platform_id, scopes=name, **values)
            .on_conflict_do_update(index_elements=["platform_id", "scopes"], set_=values)
        )


def _check_meant_for(db: Connection, platform: Registered) -> None:
    """All platforms know us by the same keys: what we sign for one must say nothing to another.

    A platform chooses our client id and the audience itself. So that it does not get an assertion that it could show
    to somebody else in our name, the audience must not be another registration's; and since some look at no audience
    (Moodle), neither may the client id be one that another tenant's platform gave us earlier.

    Raises:
        TokenRefused.
    """
    audience = platform.token_audience or platform.token_url
    there, here = _host(audience), _host(platform.token_url)
    others = db.execute(
        select(
            Platform.id,
            Platform.tenant_id,
            Platform.client_id,
            Platform.issuer,
            Platform.token_url,
            Platform.token_audience,
        ).where(Platform.token_url.not_in(["", platform.token_url]))
    )
    for other in others:
        earlier = other.id < platform.id
        same_id = other.client_id == platform.client_id and other.tenant_id != platform.tenant_id
        named = audience in (other.token_url, other.issuer) or (earlier and audience == other.token_audience)
        hosts = (_host(other.token_url), _host(other.issuer))
        neighbour = there is not None and there != here and there in hosts and here != hosts[0]
        if (earlier and same_id) or (audience != platform.token_url and (named or neighbour)):
            raise service.TokenRefused(error="invalid_client", problem="meant for another platform")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
