"""Running the self-test and keeping its result with the platform.

The result is kept as codes and values, so that it reads in either language; it holds no token and nothing of a person.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, or_, select, update

from lms_tool.database import Database
from lms_tool.http import Client
from lms_tool.lti.claims import (
    SCOPE_LINEITEM,
    SCOPE_LINEITEM_READONLY,
    SCOPE_MEMBERSHIP_READONLY,
    SCOPE_SCORE,
)
from lms_tool.models import Delivery, LineItem, LtiVersion, Platform, Score
from lms_tool.services.selftest import known
from lms_tool.services.selftest.check import Check, read
from lms_tool.services.selftest.facts import Facts, gather, grades_of
from lms_tool.services.selftest.kinds import Name
from lms_tool.services.selftest.probes import Probes
from lms_tool.services.tokens import Tokens

PAUSE = timedelta(seconds=5)  # between two tests of one platform: a button is easily pressed twice
BUDGET = 30.0  # seconds after which nothing more is asked of an LMS
_READING_COLUMNS = frozenset({SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY})
_ALL_ASKED = frozenset(
    {"token_all", "token_some", "token_refused"}
)  # else a missing scope was perhaps not asked for


class SelfTest:
    """Tests connections; ``base_url`` is our own origin. No transaction stays open while an LMS takes its time."""

    def __init__(
        self,
        database: Database,
        client: Client,
        public: Client,
        tokens: Tokens,
        clock: Callable[[], datetime],
        base_url: str,
        *,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._probes = Probes(client, public, tokens, clock, timer)
        self._clock = clock
        self._timer = timer
        self._base_url = base_url

    def run(self, platform_id: int, tenant_id: int | None = None) -> tuple[Check, ...]:
        """Test one platform (of this tenant, if one is named), keep the result and return it.

        If somebody began a few seconds ago, theirs is returned: empty while it is not ready. Grades the LMS refused
        for want of a right are sent again once a token for them is issued.

        Raises:
            PlatformNotFound.
        """
        with self._database.write() as db:
            facts = gather(db, platform_id, tenant_id)
            if not self._begin(db, platform_id):
                return read(db.scalar(select(Platform.checks).where(Platform.id == platform_id)))
        found, scopes = self._ask(facts)
        with self._database.write() as db:
            if SCOPE_SCORE in scopes:
                _send_again(db, platform_id, self._clock())
            allowed = None if not scopes else SCOPE_SCORE in scopes
            found[Name.GRADES] = known.grades(grades_of(db, platform_id), allowed=allowed)
            checks = tuple(found[name] for name in Name if name in found)
            self._keep(db, platform_id, checks)
        return checks

    def _begin(self, db: Connection, platform_id: int) -> bool:
        """Whether the test is ours to make; the row's time decides between two who press at once."""
        now = self._clock()
        return bool(
            db.execute(
                update(Platform)
                .where(
                    Platform.id == platform_id,
                    or_(Platform.checked_at.is_(None), Platform.checked_at <= now - PAUSE),
                )
                .values(checked_at=now, checks=None)
            ).rowcount
        )

    def _keep(self, db: Connection, platform_id: int, checks: tuple[Check, ...]) -> None:
        loaded = {"jwks_problem": None} if any(check.code == "keys_loaded" for check in checks) else {}
        db.execute(
            update(Platform)
            .where(Platform.id == platform_id)
            .values(checked_at=self._clock(), checks=[check.stored() for check in checks], **loaded)
        )

    def _ask(self, facts: Facts) -> tuple[dict[Name, Check], frozenset[str]]:
        """Every check but the grades; and the scopes for which a token was issued."""
        platform, ends = facts.platform, self._timer() + BUDGET
        found: dict[Name, Check] = {Name.LAUNCH: known.launch(facts)}
        if platform.lti_version == LtiVersion.V1P1:  # no keys, no tokens, no services to ask
            found[Name.FRAME] = known.frame(facts, self._base_url, forbidden=False)
            return found, frozenset()
        found[Name.DEPLOYMENT] = known.deployment(facts)
        found[Name.KEYS], found[Name.CLOCK] = self._probes.keys(platform)
        scopes: frozenset[str] = frozenset()
        silent = found[Name.KEYS].code == "keys_unreachable"
        if silent and urlsplit(platform.token_url).netloc == urlsplit(platform.jwks_url).netloc:
            found[Name.TOKEN] = Check(Name.TOKEN, "skipped")
        else:
            found[Name.TOKEN], scopes = self._probes.tokens_for(platform, f"{self._base_url}/lti/jwks")
        refused = found[Name.TOKEN].code in _ALL_ASKED
        found[Name.MEMBERS] = self._members(facts, scopes, ends, refused=refused)
        found[Name.LINE_ITEMS] = self._columns(facts, scopes, ends, refused=refused)
        forbidden = bool(scopes) and self._timer() < ends and self._forbidden(facts)
        found[Name.FRAME] = known.frame(facts, self._base_url, forbidden=forbidden)
        return found, scopes

    def _members(self, facts: Facts, scopes: frozenset[str], ends: float, *, refused: bool) -> Check:
        if not scopes:
            return Check(Name.MEMBERS, "not_allowed_yet")
        if SCOPE_MEMBERSHIP_READONLY not in scopes:
            return Check(Name.MEMBERS, "members_refused" if refused else "skipped")
        if facts.members is None:
            return Check(Name.MEMBERS, "members_unknown")
        if self._timer() >= ends:
            return Check(Name.MEMBERS, "skipped")
        return self._probes.members(facts.platform, facts.members)

    def _columns(self, facts: Facts, scopes: frozenset[str], ends: float, *, refused: bool) -> Check:
        if not scopes:
            return Check(Name.LINE_ITEMS, "not_allowed_yet")
        if scopes.isdisjoint(_READING_COLUMNS):
            return Check(Name.LINE_ITEMS, "line_items_refused" if refused else "skipped")
        if facts.columns_url is None:
            return Check(Name.LINE_ITEMS, "line_items_unknown")
        if self._timer() >= ends:
            return Check(Name.LINE_ITEMS, "skipped")
        return self._probes.columns(facts.platform, facts.columns_url, scopes)

    def _forbidden(self, facts: Facts) -> bool:
        return bool(facts.page_origin) and self._probes.frame_forbidden(
            facts.platform, facts.page_origin, self._base_url
        )


def _send_again(db: Connection, platform_id: int, now: datetime) -> None:
    """Grades refused for want of a right: it is there now, so they are due again."""
    columns = select(LineItem.id).where(LineItem.platform_id == platform_id)
    due = db.execute(
        update(Score)
        .where(
            Score.line_item_id.in_(columns),
            Score.state == Delivery.FAILED,
            Score.reason == "forbidden",
        )
        .values(state=Delivery.PENDING, next_try_at=now, tries=0, first_tried_at=None)
    ).rowcount
    if due:
        db.execute(update(Platform).where(Platform.id == platform_id).values(delivery_problem=None))
