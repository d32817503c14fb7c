"""The platforms' public keys: fetched, cached for all processes, renewed, and never lost to a failed fetch.

The database holds each platform's last good key set; a process keeps the parsed keys. Works with its own short
transactions, for no transaction may stay open while a platform takes its time to answer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import or_, select, update

from lms_tool.database import Database
from lms_tool.http import Client, OutgoingError
from lms_tool.lti import keys
from lms_tool.lti.token_errors import KidUnknown, PlatformKeysUnavailable
from lms_tool.models import Platform

STALE = timedelta(hours=24)  # how long keys serve while the platform is down (JWT-25)
REFETCH = timedelta(seconds=60)  # at most one refetch for unknown key ids in this time (JWT-31)
RETRY = timedelta(seconds=5)  # pause after a failed fetch, so that a dead platform does not hold all threads
BRIEFLY = 1.0  # seconds to wait for another thread of this process that is fetching
PATIENCE = 3.0  # seconds to wait for another process that is fetching right now
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Cached:
    url: str  # where they came from: another address in the registration makes them worthless
    key_set: keys.KeySet
    fetched_at: datetime
    expires_at: datetime


class KeyRing:
    """All platforms' keys as one process knows them. Thread-safe."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client
        self._cached: dict[int, Cached] = {}
        self._failed: dict[int, datetime] = {}
        self._locks: dict[int, Lock] = {}
        self._guard = Lock()

    def candidates(self, platform_id: int, jwks_url: str, kid: str, now: datetime) -> list[Any]:
        """Public keys that may have signed a token with this key id.

        Raises:
            KidUnknown, KeyUnusable, KeyTooWeak: the platform publishes no fitting key.
            PlatformKeysUnavailable: its keys can't be had and none are kept.
        """
        cached = self._own(platform_id, jwks_url)
        fetched_now = False
        if cached is None or now >= cached.expires_at:
            cached, fetched_now = self._refreshed(platform_id, jwks_url, cached, now)
        try:
            return cached.key_set.candidates(kid)
        except KidUnknown:
            if fetched_now:
                raise
            renewed = self._renewed(platform_id, jwks_url, cached, now)
            if renewed is None:
                raise
            return renewed.key_set.candidates(kid)

    def _own(self, platform_id: int, jwks_url: str) -> Cached | None:
        cached = self._cached.get(platform_id)
        return cached if cached is not None and cached.url == jwks_url else None

    def _refreshed(
        self, platform_id: int, jwks_url: str, cached: Cached | None, now: datetime
    ) -> tuple[Cached, bool]:
        """One thread asks a slow platform; the others take the keys that are kept, or wait for a moment only."""
        lock = self._lock_of(platform_id)
        if not lock.acquire(blocking=False):
            if cached is not None and now - cached.fetched_at < STALE:
                return cached, False
            if not lock.acquire(timeout=BRIEFLY):
                raise PlatformKeysUnavailable(retry_after=int(RETRY.total_seconds()), platform=platform_id)
        try:
            return self._current(platform_id, jwks_url, now)
        finally:
            lock.release()

    def _current(self, platform_id: int, jwks_url: str, now: datetime) -> tuple[Cached, bool]:
        """Fresh keys: own, another process's, or fetched now. Stale ones while the platform is down."""
        cached = self._own(platform_id, jwks_url)
        if cached is not None and now < cached.expires_at:
            return cached, False
        cached = self._from_database(platform_id, jwks_url) or cached
        if cached is not None and now < cached.expires_at:
            return cached, False
        failed = self._failed.get(platform_id)
        if failed is None or now - failed >= RETRY:
            fetched = self._fetch(platform_id, jwks_url, now)
            if fetched is not None:
                return fetched, True
        if cached is not None and now - cached.fetched_at < STALE:
            return cached, False
        raise PlatformKeysUnavailable(retry_after=int(RETRY.total_seconds()), platform=platform_id)

    def _renewed(self, platform_id: int, jwks_url: str, cached: Cached, now: datetime) -> Cached | None:
        """After an unknown key id: what another process fetched meanwhile, or one fetch of ours; None if not due."""
        known = self._from_database(platform_id, jwks_url)
        if known is not None and known.fetched_at > cached.fetched_at:
            return known
        with self._database.write() as db:
            claimed = db.execute(
                update(Platform)
                .where(
                    Platform.id == platform_id,
                    or_(Platform.jwks_refetched_at.is_(None), Platform.jwks_refetched_at <= now - REFETCH),
                )
                .values(jwks_refetched_at=now)
            ).rowcount
        if claimed:
            return self._fetch(platform_id, jwks_url, now)
        return self._fetched_elsewhere(platform_id, jwks_url, cached, now)

    def _fetched_elsewhere(
        self, platform_id: int, jwks_url: str, cached: Cached, now: datetime
    ) -> Cached | None:
        """Another process holds the claim: if it took it just now, its answer is worth a short wait."""
        with self._database.read() as db:
            claimed_at = db.scalar(select(Platform.jwks_refetched_at).where(Platform.id == platform_id))
        if (
            claimed_at is None
            or cached.fetched_at >= claimed_at
            or now - claimed_at > timedelta(seconds=PATIENCE)
        ):
            return None  # its answer is what we have already, or it is long past
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            known = self._from_database(platform_id, jwks_url)
            if known is not None and known.fetched_at > cached.fetched_at:
                return known
            time.sleep(0.1)
        return None

    def _fetch(self, platform_id: int, jwks_url: str, now: datetime) -> Cached | None:
        started = time.monotonic()
        try:
            answer = self._client.get(jwks_url, accept="application/json", max_bytes=MAX_BYTES)
            if answer.status != 200:
                raise PlatformKeysUnavailable(status=answer.status)
            key_set = keys.parse_key_set(answer.body)
        except (OutgoingError, PlatformKeysUnavailable) as error:
            # From the end of the try: a platform that hangs for four seconds would eat most of the pause.
            self._failed[platform_id] = now + timedelta(seconds=time.monotonic() - started)
            reason = error.code if isinstance(error, OutgoingError) else "unusable_answer"
            self._note(platform_id, jwks_problem=reason)
            return None
        lifetime = timedelta(seconds=keys.cache_lifetime(answer.headers.get("cache-control")))
        cached = Cached(jwks_url, key_set, now, now + lifetime)
        self._note(
            platform_id,
            jwks=answer.body,
            jwks_fetched_at=now,
            jwks_expires_at=cached.expires_at,
            jwks_problem=None,
        )
        self._failed.pop(platform_id, None)
        self._cached[platform_id] = cached
        return cached

    def _note(self, platform_id: int, **values: Any) -> None:
        with self._database.write() as db:
            db.execute(update(Platform).where(Platform.id == platform_id).values(**values))

    def _from_database(self, platform_id: int, jwks_url: str) -> Cached | None:
        with self._database.read() as db:
            row = db.execute(
                select(Platform.jwks, Platform.jwks_fetched_at, Platform.jwks_expires_at).where(
                    Platform.id == platform_id, Platform.jwks_url == jwks_url
                )
            ).first()
        if row is None or row.jwks is None:
            return None
        cached = Cached(jwks_url, keys.parse_key_set(row.jwks), row.jwks_fetched_at, row.jwks_expires_at)
        self._cached[platform_id] = cached
        return cached

    def _lock_of(self, platform_id: int) -> Lock:
        with self._guard:
            return self._locks.setdefault(platform_id, Lock())
