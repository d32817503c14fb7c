"""No confirmed answer is lost and each completion is graded once, whoever is killed when."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from conformance.crypto import Key
from conformance.postgres import server
from conformance.rows import Rows
from conformance.tool import Tool

from .people import Person, SlowPlatform
from .processes import Reaper

pytestmark = pytest.mark.xdist_group(
    "survival"
)  # they kill at length: one after the other, beside the browser tests
HERE = Path(__file__).parent
SEED = 20261121
LEARNERS_AT_ONCE = 6
EVERY_FIFTH = 5  # stops before handing in
KILLS = {"sqlite": 50, "postgresql": 15}


class School:
    """A running tool with its database, and two platforms whose learners all do the same module."""

    def __init__(self, directory: Path, database: str, stack: ExitStack) -> None:
        url = f"sqlite:///{directory / 'tool.db'}"
        if database == "postgresql":
            url = stack.enter_context(server()).url
        self.tool = Tool(directory, url)
        stack.callback(self.tool.stop)
        self.tool.admin("db", "upgrade")
        self.tool.admin("courses", "load", str(HERE / "ausdauer"))
        self.rows = Rows(url)
        stack.callback(self.rows.engine.dispose)
        self.platforms = [self._platform(name) for name in ("lms-eins", "lms-zwei")]
        self.platforms[1].names_columns = False
        for platform in self.platforms:
            stack.callback(platform.close)
        self.tool.start_web()
        self.tool.start_worker()
        self.people: list[Person] = []
        self._lock = threading.Lock()

    def _platform(self, name: str) -> SlowPlatform:
        platform = SlowPlatform(f"https://{name}.example", Key(name, name), self.tool.clock, self.tool.url)
        arguments = ["--issuer", platform.issuer, "--client-id", "c", "--deployment-id", "d1"]
        arguments += ["--auth-login-url", platform.auth_url, "--token-url", platform.token_url]
        self.tool.admin("platform", "add", *arguments, "--jwks-url", platform.jwks_url)
        platform.clients.add("c")
        return platform

    def next_person(self) -> tuple[Person, bool]:
        """Somebody new, and whether they will hand in."""
        with self._lock:
            number = len(self.people)
            platform = self.platforms[number % len(self.platforms)]
            person = Person(self.tool, platform, "c", f"u-{number}", random.Random(SEED + number))
            self.people.append(person)
        return person, number % EVERY_FIFTH != 0

    def teach(self, over: threading.Event) -> None:
        """One seat of the class: one person after the other until it is over."""
        while not over.is_set():
            person, finish = self.next_person()
            person.learn(finish=finish)

    def answered(self) -> int:
        """Requests the tool has confirmed so far."""
        return sum(person.answered for person in list(self.people))

    def sent(self) -> int:
        """Score posts the platforms have received so far."""
        return sum(platform.posts for platform in self.platforms)

    def _let_senders_finish(self) -> None:
        """A leap in time must not overtake somebody who is in the middle of a question; a dead one's lease stays."""
        until = time.monotonic() + 3
        while time.monotonic() < until and any(row["delivery_lease"] for row in self.rows.all("platform")):
            time.sleep(0.02)

    def settle(self) -> None:
        """Let leases and pauses run out until nothing is left to send."""
        for _ in range(20):
            self._let_senders_finish()
            self.tool.clock.forward(minutes=3)
            self.tool.admin("sweep")
            if not self.rows.all("score", state="pending"):
                return
        raise AssertionError(
            f"still pending: {self.tool.admin('scores', 'status')}\n{self.tool.log('worker')[-2000:]}"
        )


@pytest.fixture(params=KILLS)
def school(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[School]:
    with ExitStack() as stack:
        yield School(tmp_path, request.param, stack)


@pytest.mark.slow
def test_kill_anything_at_any_time(school: School, request: pytest.FixtureRequest) -> None:
    kills = KILLS[request.node.callspec.params["school"]]
    begin, over = time.monotonic(), threading.Event()
    with (
        Reaper(school.tool, random.Random(SEED), school.answered, school.sent) as reaper,
        ThreadPoolExecutor(LEARNERS_AT_ONCE) as seats,
    ):
        taught = [seats.submit(school.teach, over) for _ in range(LEARNERS_AT_ONCE)]
        try:
            while reaper.killed.total() < kills and not any(seat.done() for seat in taught):
                reaper.kill_one()
        finally:
            over.set()
        for seat in taught:
            seat.result()
    school.settle()
    print(
        f"seed {SEED}: killed {dict(reaper.killed)} in {time.monotonic() - begin:.0f} s, {len(school.people)} people, "
        f"{school.answered()} requests answered, {sum(p.repeated for p in school.people)} repeated, "
        f"{school.sent()} scores posted, web server restarted {reaper.restarts} times"
    )
    assert reaper.killed.total() >= kills
    assert {"worker", "web worker"} <= set(reaper.killed)
    assert sum(person.completed for person in school.people) >= kills // 2, "hardly anybody was learning"
    assert_nothing_confirmed_is_lost(school)
    assert_one_grade_per_completion(school)


def assert_nothing_confirmed_is_lost(school: School) -> None:
    persons = {(row["issuer"], row["sub"]): row["id"] for row in school.rows.all("person")}
    members = {row["person_id"]: row["id"] for row in school.rows.all("membership")}
    attempts = {row["membership_id"]: row for row in school.rows.all("attempt")}
    assert len(attempts) == len(school.rows.all("attempt")), "one attempt each, whatever was repeated"
    answers: dict[int, dict[str, Any]] = {}
    for row in school.rows.all("answer"):
        answers.setdefault(row["attempt_id"], {})[row["question_id"]] = row["response"]
    for person in school.people:
        attempt = attempts[members[persons[person.platform.issuer, person.sub]]]
        assert answers[attempt["id"]] == person.confirmed, person.sub
        assert (attempt["finished_at"] is not None) == person.completed, person.sub
        if person.completed:
            assert (attempt["points"], attempt["max_points"]) == (5, 5), person.sub


def assert_one_grade_per_completion(school: School) -> None:
    subs = {row["id"]: (row["issuer"], row["sub"]) for row in school.rows.all("person")}
    scores = {subs[row["person_id"]]: row for row in school.rows.all("score")}
    assert len(scores) == len(school.rows.all("score")), "one desired grade each"
    for person in school.people:
        there = person.platform.grades.get((person.line_item, person.sub))
        desired = scores.get((person.platform.issuer, person.sub))
        posts = person.platform.scores(person.line_item, person.sub)
        if not person.completed:
            assert (there, desired, posts) == (None, None, []), person.sub
            continue
        assert desired is not None, person.sub
        assert (desired["given"], desired["state"]) == (100, "sent"), (person.sub, desired)
        assert there is not None, person.sub
        assert (there.score, there.maximum, there.posts) == (100, 100, 1), (person.sub, there)
        assert len({post.body for post in posts}) == 1, f"{person.sub}: the same grade must be the same bytes"
    assert [platform.faults for platform in school.platforms] == [[], []]
