"""Grades to an old LMS: the same rows, another envelope (LTI 1.1 Basic Outcomes)."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select

from lms_tool.database import Database
from lms_tool.http import OutgoingError
from lms_tool.lti import outcomes
from lms_tool.lti.ags import Outcome, Verdict
from lms_tool.models import LtiVersion, Platform, Score
from lms_tool.models import Outcome as OutcomeRow
from lms_tool.services.calls import PATIENCE, Calls
from lms_tool.services.platforms import Registered
from lms_tool.services.postings import Due, Posted, Postman, concerns_all
from lms_tool.services.vault import Vault


class OldPostman:
    """Posts one grade as ``postings.Postman`` does. There are no timestamps: the lease alone keeps the order."""

    def __init__(self, database: Database, calls: Calls, vault: Vault) -> None:
        self._database = database
        self._calls = calls
        self._vault = vault

    def post(self, platform: Registered, due: Due, now: datetime) -> Posted:
        """Send the grade once."""
        with self._database.read() as db:
            row = db.execute(
                select(OutcomeRow.sourcedid, Platform.shared_secret)
                .select_from(Score)
                .join(
                    OutcomeRow,
                    (OutcomeRow.line_item_id == Score.line_item_id)
                    & (OutcomeRow.person_id == Score.person_id),
                )
                .join(Platform, Platform.id == platform.id)
                .where(Score.id == due.score_id)
            ).first()
        if row is None or row.shared_secret is None:
            return Posted(Verdict(Outcome.NOT_GRADABLE, "user_not_gradable"))
        secret = self._vault.open(row.shared_secret).decode()
        try:
            body = outcomes.replace_result(row.sourcedid, due.given, f"{due.score_id}-{due.version}")
            headers = outcomes.sign(
                due.url, body, platform.client_id, secret, int(now.timestamp()), secrets.token_hex(16)
            )
        except ValueError:
            # An id that no XML can hold, an address that cannot be signed: it must not stand before all others.
            return Posted(Verdict(Outcome.NOT_GRADABLE, "user_not_gradable"))
        client = self._calls.client_for(platform, due.url)
        try:
            answer = client.post(
                due.url, body, outcomes.CONTENT_TYPE, "*/*", headers=headers, total_timeout=PATIENCE
            )
        except OutgoingError as error:
            return Posted(Verdict(Outcome.RETRY, error.code), whole_platform=True)
        verdict = outcomes.judge_outcome(answer.status, answer.headers, answer.body, int(now.timestamp()))
        if verdict.outcome is Outcome.UNAUTHORISED:
            return Posted(Verdict(Outcome.RETRY, verdict.reason), whole_platform=True)
        return Posted(verdict, whole_platform=concerns_all(verdict, answer.status))


class PostmanByVersion:
    """Picks the envelope by the LTI version of the connection; nobody else knows which one it was."""

    def __init__(self, new: Postman, old: OldPostman) -> None:
        self._new = new
        self._old = old

    def post(self, platform: Registered, due: Due, now: datetime) -> Posted:
        """Send the grade once."""
        postman = self._old if platform.lti_version == LtiVersion.V1P1 else self._new
        return postman.post(platform, due, now)
