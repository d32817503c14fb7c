"""Notices of the platforms: asking for them, and taking what comes (LTI Platform Notification Service 1.0).

A row says where a deployment's handler is to be put and when next; a job only drains the rows. What is put is put
again once a month, for a platform may forget, and we may have moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from lms_tool.database import Database, get_or_make, insert
from lms_tool.http import OutgoingError
from lms_tool.lti import notices as lti
from lms_tool.lti.claims import SCOPE_NOTICE_HANDLERS
from lms_tool.lti.errors import DeploymentUnknown, RegistrationUnknown
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.lti.launch import Registration
from lms_tool.lti.notices import CONTEXT_COPY, Notice
from lms_tool.lti.service import ServiceError
from lms_tool.lti.token import Token, parse_token
from lms_tool.models import Context, Deployment, NoticeSubscription, Platform, Status, UsedState
from lms_tool.services import copies
from lms_tool.services.calls import Calls
from lms_tool.services.platform_keys import KeyRing
from lms_tool.services.platforms import REGISTERED, Registered

PATH = "/lti/notices"
LEASE = timedelta(minutes=2)  # longer than one exchange: nobody else tries meanwhile
RENEWAL = timedelta(days=30)
LONGEST_PAUSE = timedelta(days=1)
Clock = Callable[[], datetime]


def want(db: Connection, deployment_id: int, launch: LtiLaunch, now: datetime) -> None:
    """Note that this deployment's platform offers copy notices, and where; the job subscribes."""
    service = launch.notices
    if service is None or CONTEXT_COPY not in service.types:
        return
    key = {"deployment_id": deployment_id, "notice_type": CONTEXT_COPY}
    known = db.scalar(select(NoticeSubscription.service_url).filter_by(**key))
    if known == service.url:
        return
    fresh = {
        "service_url": service.url,
        "subscribed_at": None,
        "next_try_at": now,
        "failures": 0,
        "problem": None,
    }
    db.execute(
        insert(db, NoticeSubscription)
        .values(**key, **fresh)
        .on_conflict_do_update(index_elements=["deployment_id", "notice_type"], set_=fresh)
    )


@dataclass(frozen=True, slots=True)
class Due:
    deployment_id: int
    notice_type: str
    service_url: str
    failures: int
    lease: datetime
    platform: Registered


class Subscriber:
    """Puts our handler to the platforms that offer notices."""

    def __init__(self, database: Database, calls: Calls, base_url: str, clock: Clock) -> None:
        self._database = database
        self._calls = calls
        self._handler = base_url + PATH
        self._clock = clock

    def run(self) -> int:
        """Try every subscription that is due, each once; how many were taken."""
        taken = 0
        for key in self._waiting():
            due = self._lease(key)
            if due is not None:
                taken += self._subscribe(due)
        return taken

    def _waiting(self) -> Sequence[Any]:
        with self._database.read() as db:
            return db.execute(
                select(NoticeSubscription.deployment_id, NoticeSubscription.notice_type)
                .join(Deployment, Deployment.id == NoticeSubscription.deployment_id)
                .join(Platform, Platform.id == Deployment.platform_id)
                .where(
                    NoticeSubscription.next_try_at <= self._clock(),
                    Platform.status == Status.ACTIVE,
                    Deployment.status == Status.ACTIVE,
                )
                .order_by(NoticeSubscription.next_try_at)
                .limit(100)
            ).all()

    def _lease(self, key: Any) -> Due | None:
        """Take one that is due; None if another process was first."""
        now = self._clock()
        row = _row(key.deployment_id, key.notice_type)
        with self._database.write() as db:
            found = db.execute(
                update(NoticeSubscription)
                .where(*row, NoticeSubscription.next_try_at <= now)
                .values(next_try_at=now + LEASE)
                .returning(NoticeSubscription.service_url, NoticeSubscription.failures)
            ).first()
            if found is None:
                return None
            platform = db.execute(
                REGISTERED.join(Deployment, Deployment.platform_id == Platform.id).where(
                    Deployment.id == key.deployment_id
                )
            ).one()
        return Due(
            deployment_id=key.deployment_id,
            notice_type=key.notice_type,
            service_url=found.service_url,
            failures=found.failures,
            lease=now + LEASE,
            platform=Registered(*platform),
        )

    def _subscribe(self, due: Due) -> bool:
        now = self._clock()
        try:
            answer = self._calls.put(
                due.platform,
                due.service_url,
                lti.handler_request(due.notice_type, self._handler),
                lti.HANDLER_TYPE,
                lti.HANDLER_TYPE,
                SCOPE_NOTICE_HANDLERS,
                now,
            )
            problem, pause = lti.judge_handler_answer(answer.status, answer.headers, int(now.timestamp()))
        except OutgoingError as error:
            problem, pause = error.code, None
        except ServiceError as error:
            problem, pause = error.reason, error.retry_after
        self._conclude(due, problem, pause)
        return problem is None

    def _conclude(self, due: Due, problem: str | None, pause: int | None) -> None:
        now = self._clock()
        if problem is None:
            values: dict[str, Any] = {"subscribed_at": now, "failures": 0, "next_try_at": now + RENEWAL}
        else:
            wait = (
                timedelta(minutes=2 ** min(due.failures, 11))
                if pause is None
                else timedelta(seconds=max(60, pause))
            )
            values = {"failures": due.failures + 1, "next_try_at": now + min(wait, LONGEST_PAUSE)}
        with self._database.write() as db:
            # Only while the row is as it was leased: a launch may have named another address meanwhile.
            same = (
                NoticeSubscription.next_try_at == due.lease,
                NoticeSubscription.service_url == due.service_url,
            )
            db.execute(
                update(NoticeSubscription)
                .where(*_row(due.deployment_id, due.notice_type), *same)
                .values(problem=problem and problem[:64], **values)
            )


class Receiver:
    """Takes the batches that platforms post."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    def take(self, body: bytes, now: datetime) -> int:
        """Verify and carry out a posted batch; how many notices were new to us.

        It stops at the first notice that is not right: those before it are done, and a repeated post does no harm.

        Raises:
            NoticeMalformed, and what ``verify_notice`` raises.
            RegistrationUnknown, DeploymentUnknown: nobody we know sent it.
            PlatformKeysUnavailable: it cannot be verified now.
        """
        return sum(self._take(parse_token(raw), now) for raw in lti.read_batch(body))

    def _take(self, token: Token, now: datetime) -> bool:
        platform = self._sender(token)
        keys = self._keys.candidates(platform.id, platform.jwks_url, token.kid, now)
        expected = Registration(platform.issuer, platform.client_id)
        notice = lti.verify_notice(token, keys, expected, int(now.timestamp()))
        with self._database.write() as db:
            return _carry_out(db, platform, notice, now)

    def _sender(self, token: Token) -> Registered:
        issuer, client_ids = lti.addressees(token)
        with self._database.read() as db:
            rows = db.execute(
                REGISTERED.where(
                    Platform.issuer == issuer,
                    Platform.client_id.in_(client_ids[:10]),
                    Platform.status == Status.ACTIVE,
                )
            ).all()
        if len(rows) != 1:  # several recipients of ours in one token: no platform means that
            raise RegistrationUnknown(issuer=issuer[:255])
        return Registered(*rows[0])


def _carry_out(db: Connection, platform: Registered, notice: Notice, now: datetime) -> bool:
    deployment_id = db.scalar(
        select(Deployment.id).where(
            Deployment.platform_id == platform.id,
            Deployment.lti_id == notice.deployment_id,
            Deployment.status == Status.ACTIVE,
        )
    )
    if deployment_id is None:
        raise DeploymentUnknown(platform=platform.id)
    fingerprint = hashlib.sha256(f"notice {platform.id} {notice.nonce}".encode()).digest()
    new = db.execute(
        insert(db, UsedState)
        .values(fingerprint=fingerprint, expires_at=datetime.fromtimestamp(notice.expires_at, UTC))
        .on_conflict_do_nothing()
        .returning(UsedState.fingerprint)
    ).scalar()
    if new is None:
        return False
    if notice.type == CONTEXT_COPY and notice.context is not None and notice.origins:
        key = {"deployment_id": deployment_id, "kind": "context", "lti_id": notice.context.id}
        names = {"title": notice.context.title or "", "label": notice.context.label or "", "created_at": now}
        context_id = get_or_make(db, Context, key, names)
        copies.descend(db, context_id, notice.origins, datetime.fromtimestamp(notice.happened_at, UTC))
    return True


def _row(deployment_id: int, notice_type: str) -> tuple[Any, Any]:
    return NoticeSubscription.deployment_id == deployment_id, NoticeSubscription.notice_type == notice_type
