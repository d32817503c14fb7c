"""Old LMSs: connections, launches, grades in their envelope, and moving on to LTI 1.3."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, Classroom, classroom, course, fingerprint, launch, lesson, module, quiz
from legacy_lms import OUTCOMES, envelope, form
from lxml import etree
from office import MIDDLE, SECRET
from outgoing import Clock, answer
from sqlalchemy import func, select

from lms_tool.database import Database
from lms_tool.http import OutgoingError, Response
from lms_tool.lti import legacy as protocol
from lms_tool.lti.claims import LegacyClaim
from lms_tool.lti.errors import LaunchReplayed, RegistrationInactive, RegistrationUnknown
from lms_tool.models import Attempt, Delivery, Membership, Outcome, Person, Platform, Progress, Score, Status
from lms_tool.services import launches, legacy, lessons, platforms, sessions, tenants
from lms_tool.services.calls import Calls
from lms_tool.services.delivery import Reconciler
from lms_tool.services.legacy_outcomes import OldPostman, PostmanByVersion
from lms_tool.services.lessons import Learner
from lms_tool.services.platforms import RegistrationInvalid
from lms_tool.services.vault import Vault

BASE = "https://tool.example"
URL = f"{BASE}/lti/1p1/launch"
SECONDS = int(NOW.timestamp())
VAULT = Vault(SECRET)


class Old:
    """A classroom, and beside its platform an old LMS whose answers a test says."""

    def __init__(self, database: Database) -> None:
        self.room: Classroom = classroom(
            database, course(module("m1", lesson("l1"), lesson("l2"), quiz("t1")))
        )
        with database.write() as db:
            made = legacy.add(db, VAULT, "kvhs", "KVHS", "https://alt.example/moodle", tenants.FIRST, NOW)
        self.platform_id, self.key, self.secret = made
        self.clock = Clock()
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.says: list[Response | Exception] = []

    def post(self, url: str, content: bytes, *_: Any, headers: dict[str, str], **__: Any) -> Response:
        self.sent.append((url, content, headers))
        said = self.says.pop(0) if self.says else answer(200, envelope("success"))
        if isinstance(said, Exception):
            raise said
        return said

    def accept(self, *, proof: str = "beweis", **changes: Any) -> launches.Accepted:
        fields = protocol.read_form(form(URL, SECONDS, secret=self.secret, **changes))
        with self.room.database.write() as db:
            platform, secret = legacy.connection(db, VAULT, fields.consumer_key)
            verified = protocol.verify(fields, secret, URL, SECONDS, base_url=BASE)
            return legacy.accept(db, platform.id, fields, verified, proof, self.room.shelf, NOW)

    def arrive(self, **changes: Any) -> Learner:
        accepted = self.accept(**changes)
        with self.room.database.read() as db:
            learner = sessions.find(db, accepted.launch_id, "beweis", NOW).learner
        assert learner is not None
        return learner

    def read(self, learner: Learner, activity: str) -> set[int]:
        with self.room.database.write() as db:
            _, chosen = self.room.course.by_activity[activity]
            return lessons.finish_lesson(db, learner, self.room.course, chosen, self.clock.now)

    def drain(self) -> int:
        wire: Any = self
        postman: Any = PostmanByVersion(wire, OldPostman(self.room.database, Calls(wire, wire, wire), VAULT))
        reconciler = Reconciler(
            self.room.database, postman, wire, self.clock, jitter=lambda: MIDDLE, pause=lambda _: None
        )
        return reconciler.drain(self.platform_id)

    def scores(self) -> list[Any]:
        with self.room.database.read() as db:
            return list(db.execute(select(Score).order_by(Score.id)).all())


@pytest.fixture
def old(database: Database) -> Old:
    return Old(database)


def test_the_secret_is_sealed_and_opens(old: Old) -> None:
    with old.room.database.read() as db:
        stored = db.scalar(select(Platform.shared_secret).where(Platform.id == old.platform_id))
        assert stored is not None
        assert old.secret.encode() not in stored
        assert legacy.connection(db, VAULT, "kvhs")[1] == old.secret


@pytest.mark.parametrize(
    ("key", "url"),
    [("kvhs", "https://x.example"), ("a b", "https://x.example"), ("neu", "javascript:alert(1)")],
)
def test_a_connection_needs_a_free_key_and_an_address(old: Old, key: str, url: str) -> None:
    with old.room.database.write() as db, pytest.raises(RegistrationInvalid):
        legacy.add(db, VAULT, key, "", url, tenants.FIRST, NOW)


def test_nobody_gets_in_by_a_key_that_is_unknown_or_switched_off(old: Old) -> None:
    with pytest.raises(RegistrationUnknown):
        old.accept(oauth_consumer_key="fremd")
    with old.room.database.write() as db:
        platforms.set_status(db, old.platform_id, Status.INACTIVE)
    with pytest.raises(RegistrationInactive):
        old.accept()


def test_a_key_of_lti_1p3_opens_nothing_here(old: Old) -> None:
    with pytest.raises(RegistrationUnknown):
        old.accept(oauth_consumer_key=old.room.at.client_id)


def test_a_form_opens_one_session(old: Old) -> None:
    old.accept(nonce="einmal")
    with pytest.raises(LaunchReplayed):
        old.accept(nonce="einmal")
    with old.room.database.read() as db:
        assert db.scalar(select(func.count()).select_from(Membership)) == 1


def test_a_grade_arrives_in_the_old_envelope(old: Old) -> None:
    learner = old.arrive(custom_activity_id="l1")
    assert old.read(learner, "l1") == {old.platform_id}
    assert old.drain() == 1
    url, body, headers = old.sent[0]
    assert url == OUTCOMES
    root = etree.fromstring(body)
    assert root.findtext(".//{*}sourcedId") == '{"data":{"instanceid":"7","userid":"4"},"hash":"a&b"}'
    assert root.findtext(".//{*}textString") == "1"
    assert "oauth_body_hash" in headers["Authorization"]
    assert old.scores()[0].state == Delivery.SENT


@pytest.mark.parametrize(
    "odd", [{"lis_result_sourcedid": "\x01"}, {"lis_outcome_service_url": f"{OUTCOMES}?column[]=1"}]
)
def test_what_cannot_be_sent_does_not_stand_before_the_others(old: Old, odd: dict[str, str]) -> None:
    old.read(old.arrive(custom_activity_id="l1", **odd), "l1")
    old.clock.forward(seconds=1)
    other = {"user_id": "u-2", "resource_link_id": "rl-2", "custom_activity_id": "l1"}
    old.read(old.arrive(**other), "l1")
    old.drain()
    states = [score.state for score in old.scores()]
    assert (states[0], states[-1]) == (Delivery.FAILED, Delivery.SENT)


def test_another_launch_names_the_newer_id(old: Old) -> None:
    old.arrive(custom_activity_id="l1")
    old.arrive(custom_activity_id="l1", lis_result_sourcedid="neu")
    with old.room.database.read() as db:
        assert db.scalars(select(Outcome.sourcedid)).all() == ["neu"]


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        (answer(200, envelope("failure")), Delivery.PENDING, "outcome_failure"),
        (answer(200, envelope("unsupported")), Delivery.FAILED, "outcomes_unsupported"),
        (answer(200, b"<html>Bitte anmelden"), Delivery.PENDING, "outcome_unreadable"),
        (
            answer(200, b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
            Delivery.PENDING,
            None,
        ),
        (answer(503), Delivery.PENDING, "platform_error"),
        (answer(401), Delivery.PENDING, "token_not_accepted"),
        (OutgoingError(), Delivery.PENDING, None),
    ],
)
def test_what_the_old_lms_may_answer(
    old: Old, said: Response | Exception, state: Delivery, reason: str | None
) -> None:
    old.read(old.arrive(custom_activity_id="l1"), "l1")
    old.says = [said]
    old.drain()
    score = old.scores()[0]
    assert score.state == state
    assert reason in (None, score.reason)
    if state is Delivery.PENDING:
        old.clock.forward(hours=2)
        old.drain()
        assert old.scores()[0].state == Delivery.SENT


def test_failure_for_good_is_given_up(old: Old) -> None:
    old.read(old.arrive(custom_activity_id="l1"), "l1")
    old.says = [answer(200, envelope("failure")) for _ in range(9)]
    for _ in range(9):
        old.drain()
        old.clock.forward(hours=2)
    assert old.scores()[0].state == Delivery.FAILED
    assert len(old.sent) == 3


# --- moving to LTI 1.3 --------------------------------------------------------------------------------------


def claim(old: Old, sub: str, secret: str, **ids: str) -> dict[str, Any]:
    at = old.room.at
    parts = ("kvhs", "d1", at.issuer, at.client_id, "1790000060", "n")
    signed = base64.b64encode(hmac.digest(secret.encode(), "&".join(parts).encode(), "sha256")).decode()
    given = {"user_id": "u-1", "context_id": "ctx-1", "resource_link_id": "rl-1"} | ids
    return {
        "sub": sub,
        "link": "neu-1",
        "activity_id": "l1",
        "lti1p1": LegacyClaim(consumer_key="kvhs", signature=signed, exp="1790000060", **given),
    }


def move(old: Old, **wanted: Any) -> launches.Accepted:
    with old.room.database.write() as db:
        return launches.accept(
            db,
            old.room.at.id,
            launch(old.room.at, **wanted),
            fingerprint(),
            "beweis",
            old.room.shelf,
            NOW + timedelta(days=1),
            VAULT,
        )


def done(database: Database) -> list[tuple[str, str]]:
    with database.read() as db:
        rows = db.execute(
            select(Person.sub, Progress.item_id)
            .join(Membership, Membership.id == Progress.membership_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Progress.completed_at.is_not(None), Progress.kind == "activity")
            .order_by(Person.sub, Progress.item_id)
        )
        return [tuple(row) for row in rows]


def test_who_moves_keeps_progress_and_the_new_column_gets_the_grade(old: Old) -> None:
    old.read(old.arrive(custom_activity_id="l1"), "l1")
    accepted = move(old, **claim(old, "neu", old.secret))
    assert accepted.migrated is True
    assert accepted.platforms_due == {old.room.at.id}
    assert done(old.room.database) == [("neu", "l1")]
    with old.room.database.read() as db:
        assert db.scalars(select(Person.issuer)).all() == [old.room.at.issuer]
    assert move(old, **claim(old, "neu", old.secret)).migrated is True, "again is harmless"


def test_two_states_become_the_further_one(old: Old) -> None:
    before = old.arrive(custom_activity_id="l1")
    old.read(before, "l1")
    with old.room.database.write() as db:
        values = {
            "course_id": "kurs",
            "activity_id": "t1",
            "revision_id": old.room.revision_id,
            "begun_at": NOW,
        }
        db.execute(Attempt.__table__.insert().values(membership_id=before.membership_id, number=1, **values))
    now = old.room.arrive(sub="neu", link="neu-1", activity_id="l1")
    old.read(now, "l2")
    with old.room.database.write() as db:
        db.execute(Attempt.__table__.insert().values(membership_id=now.membership_id, number=1, **values))
    move(old, **claim(old, "neu", old.secret), context_id="klasse")
    assert done(old.room.database) == [("neu", "l1"), ("neu", "l2")]
    with old.room.database.read() as db:
        numbers = db.scalars(
            select(Attempt.number).where(Attempt.membership_id == now.membership_id).order_by(Attempt.number)
        )
        assert numbers.all() == [1, 2]


@pytest.mark.parametrize("fault", ["secret", "user", "stranger"])
def test_an_unsigned_claim_gives_nothing_away(old: Old, fault: str) -> None:
    old.read(old.arrive(custom_activity_id="l1"), "l1")
    wanted = claim(old, "neu", "geraten" if fault == "secret" else old.secret)
    if fault == "user":
        wanted = claim(old, "neu", old.secret, user_id="u-2")
    if fault == "stranger":
        wanted["lti1p1"] = replace(wanted["lti1p1"], consumer_key="fremd")
    move(old, **wanted)
    assert done(old.room.database) == [("u-1", "l1")]


def test_a_claim_of_another_tenants_connection_is_not_believed(old: Old) -> None:
    old.read(old.arrive(custom_activity_id="l1"), "l1")
    with old.room.database.write() as db:
        other = tenants.add(db, "andere", "Andere", NOW)
        db.execute(
            Platform.__table__.update().where(Platform.id == old.platform_id).values(tenant_id=other.id)
        )
    assert move(old, **claim(old, "neu", old.secret)).migrated is False
    assert done(old.room.database) == [("u-1", "l1")]
