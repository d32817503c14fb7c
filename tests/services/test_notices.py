"""Copy notices: asked for where a platform offers them, and believed only with its signature."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, Classroom
from conformance.crypto import Key, sign
from office import Office
from outgoing import Clock, Said, Wire, answer
from sqlalchemy import func, select, update

from lms_tool.http import AddressNotAllowed, TimedOut
from lms_tool.lti.claims import SCOPE_NOTICE_HANDLERS, NoticeClaim
from lms_tool.lti.claims import ResourceLink as Link
from lms_tool.lti.errors import DeploymentUnknown, LtiError, RegistrationUnknown
from lms_tool.models import Context, Deployment, NoticeSubscription, Platform, ResourceLink, Status, UsedState
from lms_tool.services import upkeep
from lms_tool.services.calls import Calls
from lms_tool.services.notices import LEASE, RENEWAL, Receiver, Subscriber
from lms_tool.services.platform_keys import KeyRing

HANDLERS = "/notice-handlers/7"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"


# --- asking for them --------------------------------------------------------------------------------------------


def offer(room: Classroom, path: str = HANDLERS) -> NoticeClaim:
    return NoticeClaim(room.at.issuer + path, frozenset({"LtiContextCopyNotice"}))


def subscriber(office: Office) -> Subscriber:
    calls = Calls(office.wire, office.wire, office.tokens)  # type: ignore[arg-type]
    return Subscriber(office.room.database, calls, "https://tool.example", office.clock)


def subscription(room: Classroom) -> Any:
    with room.database.read() as db:
        return db.execute(select(NoticeSubscription)).first()


def test_a_launch_that_offers_notices_leads_to_a_subscription(office: Office) -> None:
    office.wire.always[HANDLERS] = answer(200, b"{}")
    office.room.arrive(notices=offer(office.room))
    assert subscriber(office).run() == 1
    (sent,) = office.wire.to(HANDLERS)
    assert (sent.method, sent.headers["Content-Type"]) == ("PUT", "application/json")
    assert sent.json["handler"] == "https://tool.example/lti/notices"
    assert sent.json["notice_type"] == "LtiContextCopyNotice"
    (asked,) = office.wire.to("/token")
    assert asked.form["scope"] == SCOPE_NOTICE_HANDLERS
    found = subscription(office.room)
    assert (found.subscribed_at, found.next_try_at) == (NOW, NOW + RENEWAL)


def test_once_is_enough_until_it_is_renewed(office: Office) -> None:
    office.wire.always[HANDLERS] = answer(200, b"{}")
    for _ in range(3):
        office.room.arrive(notices=offer(office.room))
        subscriber(office).run()
    assert len(office.wire.to(HANDLERS)) == 1
    office.clock.forward(days=30)
    assert subscriber(office).run() == 1


def test_a_new_address_is_asked_at_once(office: Office) -> None:
    office.wire.always = {HANDLERS: answer(200), "/other/8": answer(200)}
    office.room.arrive(notices=offer(office.room))
    subscriber(office).run()
    office.room.arrive(notices=offer(office.room, "/other/8"))
    assert subscriber(office).run() == 1
    assert len(office.wire.to("/other/8")) == 1


@pytest.mark.parametrize(
    "notices", [None, NoticeClaim("https://lms.example/x", frozenset({"LtiHelloWorldNotice"}))]
)
def test_nothing_is_asked_where_nothing_of_ours_is_offered(
    office: Office, notices: NoticeClaim | None
) -> None:
    office.room.arrive(notices=notices)
    assert subscription(office.room) is None


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (answer(503), "platform_busy"),
        (answer(403), "forbidden"),
        (answer(404), "service_gone"),
        (answer(302, location="https://evil.example"), "platform_busy"),
        (TimedOut(), "timed_out"),
        (AddressNotAllowed(), "address_not_allowed"),
    ],
)
def test_a_refusal_is_noted_and_tried_again_later(office: Office, said: Said, problem: str) -> None:
    office.wire.always[HANDLERS] = said
    office.room.arrive(notices=offer(office.room))
    assert subscriber(office).run() == 0
    found = subscription(office.room)
    assert (found.problem, found.failures, found.subscribed_at) == (problem, 1, None)
    assert subscriber(office).run() == 0
    assert len(office.wire.to(HANDLERS)) == 1, "not before its time"
    office.wire.always[HANDLERS] = answer(200)
    office.clock.now = found.next_try_at
    assert subscriber(office).run() == 1
    assert subscription(office.room).problem is None


def test_pauses_grow_to_a_day(office: Office) -> None:
    office.wire.always[HANDLERS] = answer(500)
    office.room.arrive(notices=offer(office.room))
    pauses = []
    for _ in range(14):
        subscriber(office).run()
        pauses.append(subscription(office.room).next_try_at - office.clock())
        office.clock.now += pauses[-1]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=1) and pauses[-1] == timedelta(days=1)


def test_a_pause_the_platform_asks_for_is_kept(office: Office) -> None:
    office.wire.always[HANDLERS] = answer(429, retry_after="600")
    office.room.arrive(notices=offer(office.room))
    subscriber(office).run()
    assert subscription(office.room).next_try_at == NOW + timedelta(minutes=10)


def test_workers_at_once_ask_once(office: Office) -> None:
    office.wire.always[HANDLERS] = answer(200)
    office.room.arrive(notices=offer(office.room))
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda _: subscriber(office).run(), range(4))) == 1


def test_a_worker_that_dies_leaves_it_to_the_next(office: Office) -> None:
    office.room.arrive(notices=offer(office.room))

    def die() -> None:
        raise KeyboardInterrupt

    office.wire.script[HANDLERS] = [die]
    with pytest.raises(KeyboardInterrupt):
        subscriber(office).run()
    office.wire.always[HANDLERS] = answer(200)
    assert subscriber(office).run() == 0
    office.clock.now += LEASE
    assert subscriber(office).run() == 1


def test_a_platform_that_is_switched_off_is_left_alone(office: Office) -> None:
    office.room.arrive(notices=offer(office.room))
    with office.room.database.write() as db:
        db.execute(update(Platform).values(status=Status.INACTIVE))
    assert subscriber(office).run() == 0
    assert office.wire.sent == []


# --- taking them ------------------------------------------------------------------------------------------------

KEY = Key("one", "k1")


@pytest.fixture
def receiver(room: Classroom, wire: Wire) -> Receiver:
    wire.keys = json.dumps({"keys": [KEY.jwk()]}).encode()
    return Receiver(room.database, KeyRing(room.database, wire))  # type: ignore[arg-type]


def notice(
    room: Classroom, *, key: Key = KEY, copy: str = "kopie", nonce: str = "n-1", **changes: Any
) -> str:
    seconds = int(NOW.timestamp())
    claims = {
        "iss": room.at.issuer,
        "aud": room.at.client_id,
        "iat": seconds,
        "exp": seconds + 3600,
        "nonce": nonce,
        LTI + "version": "1.3.0",
        LTI + "deployment_id": "d1",
        LTI + "context": {"id": copy, "title": "Kopie"},
        LTI + "notice": {"id": "1", "timestamp": NOW.isoformat(), "type": "LtiContextCopyNotice"},
        LTI + "origin_contexts": ["klasse"],
    }
    return sign({k: v for k, v in (claims | changes).items() if v is not None}, key)


def batch(*tokens: str) -> bytes:
    return json.dumps({"notices": [{"jwt": token} for token in tokens]}).encode()


def count(room: Classroom, table: Any) -> int:
    with room.database.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_notice_makes_a_copied_course_open_at_once(room: Classroom, receiver: Receiver) -> None:
    room.arrive(link="1", module_id="m1", resource_link=Link("1", "Netze", None))
    assert receiver.take(batch(notice(room)), NOW) == 1
    room.arrive(link="2", context_id="kopie", resource_link=Link("2", "Netze", None))
    with room.database.read() as db:
        link = db.execute(select(ResourceLink).where(ResourceLink.lti_id == "2")).one()
        context = db.execute(select(Context).where(Context.lti_id == "kopie")).one()
    assert (link.module_id, link.inherited) == ("m1", True)
    assert context.ancestors == ["klasse"]


def test_the_same_notice_counts_once(room: Classroom, receiver: Receiver) -> None:
    again = batch(notice(room))
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda _: receiver.take(again, NOW), range(4))) == 1
    assert receiver.take(again, NOW) == 0
    assert count(room, Context) == 1


def test_what_was_used_is_forgotten_when_it_could_not_be_used_any_more(
    room: Classroom, receiver: Receiver
) -> None:
    receiver.take(batch(notice(room)), NOW)
    for later, kept in ((timedelta(minutes=60), 1), (timedelta(minutes=62), 0)):
        with room.database.write() as db:
            upkeep.sweep(db, NOW + later)
        assert count(room, UsedState) == kept
    with pytest.raises(LtiError, match="token_expired"):
        receiver.take(batch(notice(room)), NOW + timedelta(minutes=62))


def test_several_notices_in_one_post(room: Classroom, receiver: Receiver) -> None:
    posted = batch(notice(room), notice(room, copy="zweite", nonce="n-2"))
    assert receiver.take(posted, NOW) == 2
    assert count(room, Context) == 2


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"iss": "https://nobody.example"}, RegistrationUnknown),
        ({"aud": "nobody"}, RegistrationUnknown),
        ({"aud": None}, RegistrationUnknown),
        ({LTI + "deployment_id": "d7"}, DeploymentUnknown),
        ({"key": Key("two", "k2")}, LtiError),
        ({"key": Key("two", "k1")}, LtiError),
    ],
)
def test_nothing_of_a_stranger_is_kept(
    room: Classroom, receiver: Receiver, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        receiver.take(batch(notice(room, **changes)), NOW)
    assert count(room, Context) == count(room, UsedState) == 0


def test_a_deployment_that_waits_for_approval_tells_us_nothing(room: Classroom, receiver: Receiver) -> None:
    with room.database.write() as db:
        db.execute(update(Deployment).values(status=Status.PENDING))
    with pytest.raises(DeploymentUnknown):
        receiver.take(batch(notice(room)), NOW)


def test_strangers_cannot_make_us_ask_for_keys_without_end(
    room: Classroom, receiver: Receiver, wire: Wire, clock: Clock
) -> None:
    """The first bad notice ends a batch, and unknown key ids lead to one more fetch in a minute."""
    wire.keys = json.dumps({"keys": [KEY.jwk()]}).encode()
    forged = [notice(room, key=Key("two", f"k{number}"), nonce=str(number)) for number in range(40)]
    for _ in range(5):
        with pytest.raises(LtiError):
            receiver.take(batch(*forged), NOW)
    assert len(wire.to("/jwks")) <= 2


def test_other_notices_are_taken_and_change_nothing(room: Classroom, receiver: Receiver) -> None:
    hello = {"id": "1", "type": "LtiHelloWorldNotice"}
    assert receiver.take(batch(notice(room, **{LTI + "notice": hello})), NOW) == 1
    assert count(room, Context) == 0
