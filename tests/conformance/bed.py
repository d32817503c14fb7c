"""The test bed of section 0.1: one running tool, the platforms P1, P1b, P2, PX, and visits of people."""

from __future__ import annotations

import itertools
import json
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from . import claims as c
from . import refusal
from .browser import Browser, Response
from .crypto import Key
from .fake_platform import Answer, FakePlatform, Grade
from .postgres import Server
from .rows import Rows
from .tool import Tool
from .visit import Registration, Visit

__all__ = ["Bed", "Registration", "Visit"]

_numbers = itertools.count(1)


class Bed:
    def __init__(self, tool: Tool, rows: Rows, server: Server | None) -> None:
        self.tool, self.rows, self.server = tool, rows, server
        self.platforms: list[FakePlatform] = []
        self.p1_platform = self.new_platform("https://p1.example")
        self.p1 = self.register(self.p1_platform, "c-one", "d1", "d2")
        self.p1b = self.register(self.p1_platform, "c-two", "d9")
        self.p2 = self.register(self.new_platform("https://p2.example"), "c-one", "dp2")
        self.px = Registration(self.new_platform("https://px.example"), "c-one", "d1")
        self.hanging, self.others_delivered_meanwhile = self._hang()
        tool.clock.before_leap = self._let_senders_finish

    def _hang(self) -> tuple[Visit, bool]:
        """A grade whose first post is never answered (AGS-27), begun early because that time-out is long.

        Also tells whether a grade for another platform was delivered while it hung.
        """
        stuck, other = self.at_lesson(self.fresh()), self.at_lesson(self.p2)
        stuck.at.platform.score_answers[stuck.line_item] = [Answer(hang=True)]
        stuck.enter()
        stuck.complete()
        self.wait(stuck.posts, "the post that will hang")
        other.enter()
        other.complete()
        self.wait(lambda: self.is_settled(other), "another platform's grade")
        return stuck, stuck.score().get("tries") == 0

    def close(self) -> None:
        with ThreadPoolExecutor(32) as threads:  # each takes up to a second to notice
            list(threads.map(FakePlatform.close, self.platforms))

    # -- platforms ---------------------------------------------------------------------------------------------

    def new_platform(
        self, issuer: str = "", *, key: Key | None = None, tls: ssl.SSLContext | None = None
    ) -> FakePlatform:
        number = next(_numbers)
        issuer = issuer or f"https://p{number}.example"
        name = issuer.split("//")[1].split(".")[0]
        # keys are slow to make: platforms of single tests share a few, under kids of their own
        key = key or Key(name if name in ("p1", "p2", "px") else f"pool{number % 4}", f"{name}-k1")
        platform = FakePlatform(issuer, key, self.tool.clock, self.tool.url, tls)
        self.platforms.append(platform)
        return platform

    def register(
        self, platform: FakePlatform, client_id: str, *deployments: str, auth_url: str = ""
    ) -> Registration:
        arguments = ["--issuer", platform.issuer, "--client-id", client_id]
        for deployment in deployments:
            arguments += ["--deployment-id", deployment]
        arguments += ["--auth-login-url", auth_url or platform.auth_url]
        arguments += ["--token-url", platform.token_url, "--jwks-url", platform.jwks_url]
        answer = self.tool.admin_json("platform", "add", *arguments)
        platform.clients.add(client_id)
        return Registration(platform, client_id, deployments[0], str(answer["id"]), answer["login_url"])

    def fresh(self, **options: Any) -> Registration:
        """A platform and registration of one test only: nothing cached, no limits touched."""
        platform = self.new_platform(**options)
        return self.register(platform, "c-one", "d1")

    # -- visits ------------------------------------------------------------------------------------------------

    def visit(
        self,
        at: Registration | None = None,
        *,
        sub: str = "",
        link: str = "",
        context: str = "",
        target: str = "",
        browser: Browser | None = None,
        frame: bool = True,
        **more: Any,
    ) -> Visit:
        """Somebody new, in a course and at a placement of their own; ``target`` is the query of the target link."""
        number, at = next(_numbers), at or self.p1
        browser = browser or Browser(
            self.tool.url, self.tool.clock.now, at.platform.issuer if frame else None
        )
        return Visit(
            self,
            at,
            browser,
            sub or f"u-{number}",
            link or f"rl-{number}",
            context or f"ctx-{number}",
            f"{self.tool.launch_url}{'?' if target else ''}{target}",
            **more,
        )

    def at_lesson(self, at: Registration | None = None, **more: Any) -> Visit:
        """A visit to the placed first lesson, whose end gives 100 of 100."""
        return self.visit(at, target="course=pruefkurs&module=erstes-modul&activity=erste-lektion", **more)

    # -- refusals ----------------------------------------------------------------------------------------------

    @contextmanager
    def nothing_stored(self) -> Iterator[None]:
        """No row of a person, membership, context, launch, placement, progress or grade changes inside."""
        before = self.rows.snapshot()
        yield
        after = self.rows.snapshot()
        changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
        assert not changed, f"a refusal changed {changed}"

    def refused(
        self,
        status: int,
        code: str,
        send: Callable[[str], Response],
        *,
        back: str | None = None,
        within: float = 2.0,
    ) -> None:
        """``send(accept)`` must be refused with this status and code, as a page and as JSON, and leave nothing."""
        with self.nothing_stored(), ThreadPoolExecutor(2) as threads:
            forms = (refusal.HTML, refusal.JSON)
            for accept, response in zip(forms, threads.map(send, forms), strict=True):
                refusal.check(response, status, code, accept=accept, back=back, within=within)

    def refused_launch(
        self,
        status: int,
        code: str,
        *changes: c.Change,
        at: Registration | None = None,
        verified: bool = True,
        within: float = 2.0,
        target: str = "",
        **signing: Any,
    ) -> None:
        """A launch with these changes is refused. ``verified``: its signature is good, so a way back is offered."""

        def send(accept: str) -> Response:
            visit = self.visit(at, target=target)
            visit.login()
            before = visit.browser.cookie_names()
            visit.id_token = visit.token(*changes, **signing)
            response = visit.post(accept=accept)
            refusal.no_session(visit.browser, before)
            assert visit.id_token == "" or visit.id_token not in response.text
            return response

        self.refused(status, code, send, back=c.RETURN_URL if verified else None, within=within)

    def refused_login(
        self, status: int, code: str, *, at: Registration | None = None, **changes: Any
    ) -> None:
        """A login initiation with these parameters changed is refused, by GET and by POST."""
        for method in ("GET", "POST"):
            self.refused(
                status,
                code,
                lambda accept, m=method: self.visit(at).ask_login(method=m, accept=accept, **changes),
            )

    def _let_senders_finish(self) -> None:
        """A leap in time must not overtake a worker in the middle of a post or a roster.

        Its lease would seem to be over, and its token request would seem to come from the past.
        """

        def sending() -> list[int]:
            rows = self.rows.all("platform")
            posting = [
                row["id"] for row in rows if row["delivery_lease"] and str(row["id"]) != self.hanging.at.id
            ]
            return posting + [row["context_id"] for row in self.rows.all("roster") if row["lease"]]

        until = time.monotonic() + 3  # a killed sender's lease stays: then the leap is what frees it
        while sending() and time.monotonic() < until:
            time.sleep(0.02)

    # -- background work ---------------------------------------------------------------------------------------

    def tick(self) -> None:
        """The worker's sweep, now; returns when what was due has been tried."""
        self.tool.admin("sweep", self.hanging.at.id)

    def upkeep(self) -> None:
        """The worker's removal of what has expired, now."""
        self.tool.admin("upkeep")

    def is_settled(self, visit: Visit) -> bool:
        """There is a grade, and it waits for nothing."""
        return str(visit.score().get("state", "pending")) != "pending"

    def due_in(self, visit: Visit) -> float:
        """Seconds until this grade is tried again, by its own wait and the platform's."""
        score, platform = visit.score(), self.rows.one("platform", id=int(visit.at.id))
        times = [moment for moment in (score["next_try_at"], platform["delivery_paused_until"]) if moment]
        return max(seconds(moment) for moment in times) - self.tool.clock.now()

    def grade(self, score: float, *, hours: float) -> Grade:
        """A grade somebody else gave, that many hours ahead of now."""
        moment = datetime.fromtimestamp(self.tool.clock.now() + 3600 * hours, UTC)
        return Grade(score, 100, moment.isoformat(timespec="seconds"))

    def interrupt_database(self) -> None:
        """Restart the server; where it is not ours, cut all its connections; with SQLite, lock everybody out."""
        if self.server is None:
            with self.rows.engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("BEGIN EXCLUSIVE")
                time.sleep(1)
                raw.execute("COMMIT")
        elif self.server.cluster is not None:
            self.rows.engine.dispose()
            self.server.cluster.stop()
            time.sleep(0.5)
            self.server.cluster.start()
        else:
            with self.rows.engine.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    )
                )

    def check_logs(self) -> None:
        """Nothing in this run came unforeseen, and no secret of a launch was written down."""
        for mode in ("serve", "worker"):
            lines = self.tool.log(mode).splitlines()
            errors = [
                line for line in lines if '"event": "unforeseen"' in line or line.startswith("Traceback")
            ]
            assert not errors, f"{mode} log, {len(errors)} errors, first: {errors[0][:1500]}"
            secrets = [
                line
                for line in lines
                if "eyJ" in line or "lti_message_hint=" in line or "@kommune.example" in line
            ]
            assert not secrets, f"{mode} log holds what must not be in a log: {secrets[0][:300]}"
        for row in self.rows.all("audit_event"):
            told = f"{row['code']} {row['actor']} {json.dumps(row['details'], ensure_ascii=False)}"
            for word in ("eyJ", "lti_message_hint", "@kommune.example", "Petra", "Prüfer"):
                assert word not in told, f"the audit log holds what must not be in it: {told[:300]}"

    def audited(self, code: str) -> dict[str, Any]:
        """The newest audit line with this code."""
        found = self.rows.all("audit_event", code=code)
        assert found, f"nothing in the audit trail about {code}"
        return found[-1]

    def wait(self, done: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
        """Poll until ``done`` gives something true."""
        until = time.monotonic() + seconds
        while True:
            value = done()
            if value:
                return value
            assert time.monotonic() < until, f"waited {seconds} s for {what}"
            time.sleep(0.02)


def seconds(moment: datetime) -> float:
    """Unix seconds of a time as the database gives it: SQLite keeps no zone, it is UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
