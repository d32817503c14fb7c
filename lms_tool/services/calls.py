"""Calls of a platform's services: which client may speak to the address, with which token, renewed once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from lms_tool.http import MAX_BODY, Client, Response
from lms_tool.services.platforms import Registered
from lms_tool.services.tokens import Tokens

PATIENCE = 40.0  # seconds in all for one call; nobody waits for it


class Calls:
    """``client`` may speak to the trusted networks, ``public`` only to the internet.

    Service addresses come from a platform's tokens. Only its own hosts, which an administrator entered, may lie in
    the trusted networks: no platform sends us to the neighbours of another.

    Each call asks for a token with exactly one ``scope``, and for a new one if the platform no longer takes it
    (RFC 6750 section 3.1); a second 401 is the caller's to judge.

    Raises:
        OutgoingError: no answer.
        ServiceError: no token.
    """

    def __init__(self, client: Client, public: Client, tokens: Tokens) -> None:
        self._trusting = client
        self._public = public
        self._tokens = tokens

    def get(
        self,
        platform: Registered,
        url: str,
        accept: str,
        scope: str,
        now: datetime,
        *,
        max_bytes: int = MAX_BODY,
        total_timeout: float = PATIENCE,
    ) -> Response:
        client = self.client_for(platform, url)
        return self._authorised(
            platform,
            scope,
            now,
            lambda headers: client.get(
                url, accept, max_bytes=max_bytes, total_timeout=total_timeout, headers=headers
            ),
        )

    def post(
        self,
        platform: Registered,
        url: str,
        content: bytes,
        content_type: str,
        accept: str,
        scope: str,
        now: datetime,
    ) -> Response:
        client = self.client_for(platform, url)
        return self._authorised(
            platform,
            scope,
            now,
            lambda headers: client.post(
                url, content, content_type, accept, headers=headers, total_timeout=PATIENCE
            ),
        )

    def put(
        self,
        platform: Registered,
        url: str,
        content: bytes,
        content_type: str,
        accept: str,
        scope: str,
        now: datetime,
    ) -> Response:
        client = self.client_for(platform, url)
        return self._authorised(
            platform,
            scope,
            now,
            lambda headers: client.put(
                url, content, content_type, accept, headers=headers, total_timeout=PATIENCE
            ),
        )

    def allows_http(self, platform: Registered, host: str) -> bool:
        """Whether plain http may be spoken to this host: one of the platform's own, in the trusted networks."""
        return host in platform.hosts and self._trusting.allows_http(host)

    def client_for(self, platform: Registered, url: str) -> Client:
        """Who may speak to this address of the platform's."""
        return self._trusting if urlsplit(url).hostname in platform.hosts else self._public

    def _authorised(
        self, platform: Registered, scope: str, now: datetime, send: Callable[[dict[str, str]], Response]
    ) -> Response:
        scopes = frozenset({scope})
        answer = send({"Authorization": f"Bearer {self._tokens.get(platform, scopes, now)}"})
        if answer.status != 401:
            return answer
        self._tokens.drop(platform, scopes)
        answer = send({"Authorization": f"Bearer {self._tokens.get(platform, scopes, now)}"})
        if answer.status == 401:
            self._tokens.drop(platform, scopes)
        return answer
