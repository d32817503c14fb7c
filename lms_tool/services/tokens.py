"""Access tokens for a platform's services: one per registration and set of scopes, shared by all processes."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlencode

from sqlalchemy import Connection, delete, select

from lms_tool.database import Database, insert
from lms_tool.http import Client
from lms_tool.lti import service
from lms_tool.models import AccessToken
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
            ServiceError: the platform gave none.
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
