"""The self-test says what works at a platform, what does not, and what to mend."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from office import Office
from outgoing import Said, Wire, answer
from sqlalchemy import insert, select, update

from lms_tool.http import AddressNotAllowed, ConnectFailed, Response, TimedOut, TlsFailed, TooLarge
from lms_tool.lti import keys
from lms_tool.models import (
    Context,
    Delivery,
    Deployment,
    Launch,
    LtiVersion,
    Platform,
    Roster,
    RosterEntry,
    Score,
    Status,
)
from lms_tool.services import tenants
from lms_tool.services.platforms import PlatformNotFound
from lms_tool.services.selftest import Check, Name, SelfTest, State, read

BASE = "https://tool.example"
MEMBERS = "/members"
KEY = keys.generate(0)
KEYS = json.dumps({"keys": [keys.public_jwk(KEY.private_pem, KEY.kid)]}).encode()


class Bench:
    """The self-test of one process, over an office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.wire, self.clock = office.wire, office.clock
        self.wire.keys = KEYS
        self.wire.always["/jwks"] = self.with_date()
        self.wire.always[MEMBERS] = answer(200, b'{"members": [{}]}')
        self.public = Wire(tokens=self.wire.tokens)
        self.seconds = 0.0  # that have gone by since the test began

    def with_date(self, **ahead: float) -> Callable[[], Response]:
        """Keys, with the time of the LMS, whose clock goes this much ahead of ours."""
        return lambda: answer(
            200, self.wire.keys, date=format_datetime(self.clock() + timedelta(**ahead), usegmt=True)
        )

    def test(self, tenant_id: int | None = None) -> dict[Name, Check]:
        """Run it a minute later, when nobody can say it was tested just now."""
        self.clock.forward(minutes=1)
        tester = SelfTest(
            self.office.room.database,
            self.wire,  # type: ignore[arg-type]
            self.public,  # type: ignore[arg-type]
            self.office.tokens,
            self.clock,
            BASE,
            timer=lambda: self.seconds,
        )
        return {check.name: check for check in tester.run(self.office.room.at.id, tenant_id)}

    def codes(self) -> dict[str, str]:
        return {name.value: check.code for name, check in self.test().items()}

    def roster(self, synced: bool = True, host: str | None = None) -> None:
        """A launch named the list of the course; two people were on it when it was read."""
        at = self.office.room.at
        now = self.clock()
        with self.office.room.database.write() as db:
            context = db.scalars(select(Context.id)).first()
            reading = {"synced_at": now if synced else None, "launched_at": now, "failures": 0, "skipped": 0}
            url = f"{host or at.issuer}{MEMBERS}?type_id=1"
            db.execute(insert(Roster).values(context_id=context, platform_id=at.id, url=url, **reading))
            for number in range(2):
                entry = {"user_id": str(number), "roles": [], "role": "learner", "status": "active"}
                times = {"status_since": now, "created_at": now}
                db.execute(insert(RosterEntry).values(context_id=context, **entry, **times))

    def stored(self) -> Any:
        with self.office.room.database.read() as db:
            return db.execute(select(Platform).where(Platform.id == self.office.room.at.id)).one()


@pytest.fixture
def bench(office: Office) -> Bench:
    return Bench(office)


def test_a_connection_in_order(bench: Bench) -> None:
    bench.office.complete(activity_id="l1")
    bench.office.drain()
    bench.roster()
    found = bench.test()
    assert {name: check.code for name, check in found.items()} == {
        Name.KEYS: "keys_loaded",
        Name.CLOCK: "clock_agrees",
        Name.TOKEN: "token_all",
        Name.MEMBERS: "members_known",
        Name.LINE_ITEMS: "line_items_readable",
        Name.GRADES: "grades_delivered",
        Name.LAUNCH: "launch_seen",
        Name.DEPLOYMENT: "deployment_known",
        Name.FRAME: "frame_allowed",
    }
    assert {check.state for check in found.values()} == {State.OK}
    assert found[Name.MEMBERS].sentence.de.startswith("2 Personen im Kurs")
    assert bench.wire.to(MEMBERS)[0].url.endswith("?type_id=1&limit=1")


def test_before_the_first_launch_nothing_is_wrong_and_much_is_open(bench: Bench) -> None:
    states = {name.value: check.state for name, check in bench.test().items()}
    assert {name for name, state in states.items() if state is State.OFF} == {
        "members",
        "line_items",
        "grades",
        "launch",
    }
    assert set(states.values()) == {State.OK, State.OFF}


@pytest.mark.parametrize(
    ("ending", "said", "expected"),
    [
        ("/jwks", ConnectFailed(), {"keys": "keys_unreachable", "clock": "skipped", "token": "skipped"}),
        ("/jwks", TlsFailed(), {"keys": "keys_unreachable", "members": "not_allowed_yet"}),
        ("/jwks", AddressNotAllowed(), {"keys": "keys_address_not_allowed", "token": "token_all"}),
        ("/jwks", answer(404), {"keys": "keys_status", "clock": "clock_unknown", "token": "token_all"}),
        ("/jwks", answer(200, b"<html>"), {"keys": "keys_unreadable"}),
        ("/jwks", answer(200, b'{"keys": [{"kid": "a", "kty": "EC"}]}'), {"keys": "keys_unusable"}),
        ("/jwks", answer(200, KEYS, date="gestern"), {"keys": "keys_loaded", "clock": "clock_unknown"}),
        ("/token", TimedOut(), {"token": "token_unreachable", "grades": "grades_none"}),
        ("/token", AddressNotAllowed(), {"token": "token_address_not_allowed"}),
        ("/token", answer(404, b"<html>"), {"token": "token_not_found"}),
        ("/token", answer(503), {"token": "token_busy", "line_items": "not_allowed_yet"}),
        ("/token", answer(200, b"{}"), {"token": "token_unreadable"}),
        ("/token", answer(400, b'{"error": "invalid_client"}'), {"token": "token_refused"}),
        (MEMBERS, answer(403), {"members": "members_refused"}),
        (MEMBERS, answer(500), {"members": "members_status"}),
        (MEMBERS, answer(200, b"[]"), {"members": "members_unreadable"}),
        (MEMBERS, TooLarge(), {"members": "members_known"}),
        (MEMBERS, TimedOut(), {"members": "members_unreachable"}),
        ("/lineitems", answer(401), {"line_items": "line_items_refused"}),
        ("/lineitems", answer(400), {"line_items": "line_items_status"}),
        ("/lineitems", answer(200, b"{}"), {"line_items": "line_items_unreadable"}),
        ("/lineitems", ConnectFailed(), {"line_items": "line_items_unreachable"}),
    ],
    ids=lambda value: value.code if isinstance(value, Exception) else str(value)[:40],
)
def test_each_fault_has_its_sentence(bench: Bench, ending: str, said: Said, expected: dict[str, str]) -> None:
    bench.office.room.arrive()
    bench.roster()
    bench.wire.always[ending] = said
    found = bench.test()
    assert {name: found[Name(name)].code for name in expected} == expected
    for check in found.values():
        assert "{" not in check.sentence.de + check.sentence.en
        if check.state in (State.BAD, State.WARN):
            assert check.remedy() is not None


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (0, "clock_agrees"),
        (4, "clock_agrees"),
        (30, "clock_ahead"),
        (-30, "clock_behind"),
        (90, "clock_wrong"),
        (-90, "clock_wrong"),
    ],
)
def test_clocks_are_compared(bench: Bench, ahead: float, code: str) -> None:
    bench.wire.always["/jwks"] = bench.with_date(seconds=ahead)
    check = bench.test()[Name.CLOCK]
    assert check.code == code
    assert abs(abs(ahead) - float(check.values["seconds"])) <= 1  # type: ignore[arg-type]


def test_a_cached_answer_does_not_set_the_clock_back(bench: Bench) -> None:
    old = format_datetime(bench.clock() + timedelta(minutes=1, seconds=-300), usegmt=True)
    bench.wire.always["/jwks"] = answer(200, KEYS, date=old, age="300")
    assert bench.test()[Name.CLOCK].code == "clock_agrees"


def refuse(bench: Bench, *scopes: str) -> None:
    """Issue no token for scopes that end so."""

    def said() -> Response | None:
        wanted = bench.wire.sent[-1].form["scope"]
        return answer(400, b'{"error": "invalid_scope"}') if wanted.endswith(scopes) else None

    bench.wire.always["/token"] = said


def test_a_slow_token_address_does_not_hold_up_whoever_tests(bench: Bench) -> None:
    asked: list[float] = []

    def slowly() -> Response:
        asked.append(bench.seconds)
        bench.seconds += 8
        return answer(200, b'{"access_token": "t", "token_type": "Bearer", "expires_in": 3600}')

    bench.office.room.arrive()
    bench.wire.always["/token"] = slowly
    bench.roster()
    found = bench.test()
    assert (found[Name.TOKEN].code, found[Name.TOKEN].state) == ("token_slow", State.WARN)
    assert asked == [0, 8]
    assert found[Name.MEMBERS].code == "skipped", "nobody was asked, so nobody refused"
    bench.wire.always["/token"] = lambda: [slowly(), answer(400, b'{"error": "invalid_client"}')][1]
    assert bench.test()[Name.TOKEN].code == "token_refused"
    assert len(asked) == 4


def test_a_service_that_is_not_allowed_is_named(bench: Bench) -> None:
    refuse(bench, "contextmembership.readonly")
    found = bench.test()
    assert found[Name.TOKEN].code == "token_some"
    assert "Nicht erlaubt: Teilnehmende lesen." in found[Name.TOKEN].sentence.de
    assert "Not allowed: reading members." in found[Name.TOKEN].sentence.en
    assert found[Name.MEMBERS].code == "members_refused"


def test_making_columns_is_not_missed(bench: Bench) -> None:
    refuse(bench, "/lineitem")
    assert bench.test()[Name.TOKEN].code == "token_all"


def test_grades_that_may_not_be_written_are_counted(bench: Bench) -> None:
    bench.office.complete(activity_id="l1")
    refuse(bench, "/score")
    check = bench.test()[Name.GRADES]
    assert (check.code, check.values["waiting"]) == ("grades_forbidden", 1)


def test_once_the_right_is_there_refused_grades_go_out_by_themselves(bench: Bench) -> None:
    bench.wire.always["/scores"] = answer(403)
    learner = bench.office.complete(activity_id="l1")
    bench.office.drain()
    assert bench.office.score(learner).state == Delivery.FAILED
    del bench.wire.always["/scores"]
    assert bench.test()[Name.GRADES].code == "grades_waiting"
    assert bench.office.drain() == 1
    assert bench.office.score(learner).state == Delivery.SENT
    assert bench.test()[Name.GRADES].code == "grades_delivered"


def test_grades_refused_for_another_reason_stay_refused(bench: Bench) -> None:
    learner = bench.office.complete(activity_id="l1")
    with bench.office.room.database.write() as db:
        db.execute(update(Score).values(state=Delivery.FAILED, reason="grade_locked"))
    assert bench.test()[Name.GRADES].code == "grades_failing"
    assert bench.office.score(learner).state == Delivery.FAILED


def test_a_service_on_another_host_is_asked_without_trust(bench: Bench) -> None:
    bench.office.room.arrive()
    bench.roster(synced=False, host="https://services.example")
    bench.public.always[MEMBERS] = answer(200, b'{"members": []}')
    assert bench.test()[Name.MEMBERS].code == "members_readable"
    assert not bench.wire.to(MEMBERS)
    assert len(bench.public.to(MEMBERS)) == 1


def test_frames_that_the_lms_forbids_are_told(bench: Bench) -> None:
    bench.office.room.arrive()
    bench.wire.always["/"] = answer(200, content_security_policy="frame-src 'self' https://other.example")
    check = bench.test()[Name.FRAME]
    assert check.code == "frame_forbidden"
    assert BASE in check.sentence.de
    bench.wire.always["/"] = answer(200, content_security_policy=f"frame-src 'self' {BASE}")
    assert bench.test()[Name.FRAME].code == "frame_allowed"


def test_frames_without_cookies_are_told(bench: Bench) -> None:
    bench.office.room.arrive()
    bench.office.room.arrive(sub="bert")
    with bench.office.room.database.write() as db:
        first = db.scalars(select(Launch.id)).first()
        db.execute(update(Launch).where(Launch.id == first).values(cookieless=True))
    check = bench.test()[Name.FRAME]
    assert (check.code, check.values) == ("frame_cookieless", {"count": 1, "total": 2})


@pytest.mark.parametrize(
    ("status", "code"), [(Status.PENDING, "launch_pending"), (Status.INACTIVE, "launch_inactive")]
)
def test_a_connection_that_is_not_on_says_so(bench: Bench, status: Status, code: str) -> None:
    with bench.office.room.database.write() as db:
        db.execute(update(Platform).values(status=status))
    assert bench.test()[Name.LAUNCH].code == code


def test_deployments_that_wait_or_are_missing_are_told(bench: Bench) -> None:
    with bench.office.room.database.write() as db:
        db.execute(update(Deployment).values(status=Status.PENDING))
    assert bench.codes()["deployment"] == "deployment_pending"
    with bench.office.room.database.write() as db:
        db.execute(update(Deployment).values(status=Status.INACTIVE))
    assert bench.codes()["deployment"] == "deployment_none"


def test_an_old_platform_is_asked_nothing(bench: Bench) -> None:
    bench.office.complete(activity_id="l1")
    with bench.office.room.database.write() as db:
        db.execute(update(Platform).values(lti_version=LtiVersion.V1P1))
    assert set(bench.test()) == {Name.GRADES, Name.LAUNCH, Name.FRAME}
    assert bench.wire.sent == []


def test_the_result_is_kept_and_holds_no_token(bench: Bench) -> None:
    bench.office.complete(activity_id="l1")
    bench.roster()
    found = bench.test()
    row = bench.stored()
    assert row.checked_at == bench.clock()
    assert read(row.checks) == tuple(found.values())
    written = json.dumps(row.checks)
    assert bench.wire.tokens
    assert not [token for token in bench.wire.tokens if token in written]


def test_who_presses_twice_gets_the_first_result(bench: Bench) -> None:
    first = bench.test()
    asked = len(bench.wire.sent)
    bench.clock.forward(minutes=-1)  # the second press comes at once
    assert bench.test() == first
    assert len(bench.wire.sent) == asked


def test_keys_that_load_again_clear_the_platforms_fault(bench: Bench) -> None:
    with bench.office.room.database.write() as db:
        db.execute(update(Platform).values(jwks_problem="timed_out"))
    bench.test()
    assert bench.stored().jwks_problem is None


def test_another_tenants_platform_is_not_there(bench: Bench) -> None:
    with bench.office.room.database.write() as db:
        other = tenants.add(db, "andere", "Andere", bench.clock())
    with pytest.raises(PlatformNotFound):
        bench.test(other.id)
    assert bench.wire.sent == []
    assert bench.test(tenants.FIRST)


def test_lines_of_another_version_are_left_out() -> None:
    kept = Check(Name.KEYS, "keys_loaded", {"count": 2}, 10).stored()
    assert read([kept, {**kept, "code": "unheard_of"}, {**kept, "name": "x"}]) == read([kept])
    assert read(None) == ()
