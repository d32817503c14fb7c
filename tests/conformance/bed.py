"""The test bed of section 0.1: one running tool, the platforms P1, P1b, P2, PX, and visits of people."""

from __future__ import annotations

import itertools
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import text

from . import claims as c
from . import refusal
from .browser import Browser, Response
from .crypto import Key, sign
from .fake_platform import LINE_ITEM_READ, RESULT, SCORE, Answer, FakePlatform, Grade
from .page import Page
from .postgres import Server
from .rows import Rows
from .tool import Tool

_numbers = itertools.count(1)
TITLE = {"pruefkurs": "Prüfkurs", "nebenkurs": "Nebenkurs"}


@dataclass(frozen=True)
class Registration:
    """A client id on a platform, known to the tool under ``id``."""

    platform: FakePlatform
    client_id: str
    deployment: str
    id: str = ""
    login_url: str = ""  # the per-registration one


@dataclass
class Visit:
    """One person opening one placement in one browser."""

    bed: Bed
    at: Registration
    browser: Browser
    sub: str
    link: str
    context: str
    target: str
    scopes: list[str] = field(default_factory=lambda: [SCORE, RESULT, LINE_ITEM_READ])
    state: str = ""
    nonce: str = ""
    id_token: str = ""
    home: str = ""

    @property
    def line_item(self) -> str:
        """Path of the placement's column on the platform."""
        return f"/services/2/lineitems/{self.link}/lineitem"

    # -- login -------------------------------------------------------------------------------------------------

    def login_parameters(self, **changes: str | None) -> dict[str, str]:
        parameters: dict[str, str | None] = {
            "iss": self.at.platform.issuer,
            "login_hint": self.sub,
            "target_link_uri": self.target,
            "client_id": self.at.client_id,
            "lti_message_hint": '{"cmid":2,"launchid":"ltilaunch1_1"}',
            "lti_deployment_id": self.at.deployment,
        }
        return {k: v for k, v in (parameters | changes).items() if v is not None}

    def ask_login(
        self, *, method: str = "POST", url: str = "/lti/login", accept: str = refusal.HTML, **changes: str | None
    ) -> Response:
        """Send the login initiation; follow hops on the tool's own origin (the cookie probe)."""
        parameters = self.login_parameters(**changes)
        if method == "GET":
            sent = self.browser.request("GET", f"{url}?{urlencode(parameters)}", accept=accept)
        else:
            sent = self.browser.request(method, url, form=parameters, accept=accept)
        return self.browser.follow(sent, site="cross-site", accept=accept)

    def login(self, **options: Any) -> dict[str, str]:
        """A login that must work; keeps state and nonce, gives the authentication request's parameters."""
        response = self.ask_login(**options)
        assert response.status in (302, 303), f"login refused: {response.status} {response.error} {response.body[:300]!r}"
        assert response.location.startswith(self.at.platform.auth_url), response.location
        parameters = dict(parse_qsl(urlsplit(response.location).query))
        self.state, self.nonce = parameters["state"], parameters["nonce"]
        return parameters

    # -- launch ------------------------------------------------------------------------------------------------

    def claims(self, *changes: c.Change) -> c.Claims:
        token = c.base(
            issuer=self.at.platform.issuer,
            client_id=self.at.client_id,
            deployment_id=self.at.deployment,
            target=self.target,
            now=int(self.bed.tool.clock.now()),
            nonce=self.nonce,
            sub=self.sub,
            link=self.link,
            context=self.context,
            services=self.at.platform.url,
            line_item=self.line_item,
            scopes=self.scopes,
        )
        for change in changes:
            change(token)
        return token

    def token(self, *changes: c.Change, key: Key | None = None, **signing: Any) -> str:
        return sign(self.claims(*changes), key or self.at.platform.key, **signing)

    def post(
        self, id_token: str | None = None, *, state: str | None = None, accept: str = refusal.HTML, **more: Any
    ) -> Response:
        """The platform's form post. ``state`` and ``id_token`` default to those of this visit."""
        form = {"id_token": self.id_token if id_token is None else id_token, "state": state or self.state}
        return self.browser.request("POST", "/lti/launch", form=form, accept=accept, **more)

    def launch(self, *changes: c.Change, accept: str = refusal.HTML, **signing: Any) -> Response:
        """Login and launch; whatever the tool answers."""
        self.login()
        self.id_token = self.token(*changes, **signing)
        response = self.post(accept=accept)
        self.home = urlsplit(response.location).path
        return response

    def enter(self, *changes: c.Change, **signing: Any) -> Page:
        """A launch that must be OK; the page it leads to."""
        return self.entered(self.launch(*changes, **signing))

    def entered(self, response: Response) -> Page:
        assert response.status == 303, f"launch refused: {response.status} {response.error} {response.body[:400]!r}"
        self.home = urlsplit(response.location).path
        assert self.home.startswith("/k/"), response.location
        shown = self.browser.follow(response, site="cross-site")
        assert shown.status == 200, f"{shown.url}: {shown.status} {shown.error}"
        return Page(shown.text)

    # -- in the module -----------------------------------------------------------------------------------------

    def url(self, path: str = "") -> str:
        return f"{self.home.rstrip('/')}/{path}"

    def page(self, path: str = "") -> Page:
        response = self.browser.follow(self.browser.get(self.url(path)))
        assert response.status == 200, f"{path}: {response.status} {response.error}"
        return Page(response.text)

    def complete(self, lesson: str = "erste-lektion") -> None:
        """Read the lesson to its end."""
        done = self.browser.post(self.url(f"a/{lesson}/done"), {})
        assert done.status == 303, f"{done.status} {done.error}"

    def quiz(self, *answers: str, quiz: str = "erster-test") -> Page:
        """One attempt with these answers, handed in; its result page."""
        begun = self.browser.post(self.url(f"a/{quiz}/attempts"), {})
        assert begun.status == 303, f"{begun.status} {begun.error}"
        attempt = urlsplit(begun.location).path.split("/q/")[0]
        for number, answer in enumerate(answers, start=1):
            saved = self.browser.post(f"{attempt}/q/{number}", {"answer": answer, "action": "next"})
            assert saved.status == 303, f"{saved.status} {saved.error}"
        handed_in = self.browser.post(f"{attempt}/finish", {})
        assert handed_in.status == 303, f"{handed_in.status} {handed_in.error}"
        return Page(self.browser.follow(handed_in).text)

    # -- what is stored ----------------------------------------------------------------------------------------

    def person(self) -> dict[str, Any]:
        return self.bed.rows.one("person", issuer=self.at.platform.issuer, sub=self.sub)

    def launch_row(self) -> dict[str, Any]:
        return self.bed.rows.one("launch", id=self.home.split("/")[2])

    def score(self) -> dict[str, Any] | None:
        found = self.bed.rows.all("score", person_id=self.person()["id"])
        assert len(found) <= 1
        return found[0] if found else None

    def posts(self) -> list[Any]:
        """Score posts the platform received for this person and placement."""
        return self.at.platform.scores(self.line_item, self.sub)


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
        row = stuck.score()
        return stuck, row is not None and row["tries"] == 0

    def close(self) -> None:
        for platform in self.platforms:
            platform.close()

    # -- platforms ---------------------------------------------------------------------------------------------

    def new_platform(
        self, issuer: str = "", *, key: Key | None = None, tls: ssl.SSLContext | None = None
    ) -> FakePlatform:
        number = next(_numbers)
        issuer = issuer or f"https://p{number}.example"
        name = issuer.split("//")[1].split(".")[0]
        # keys are slow to make: platforms of single tests share a few, under kids of their own
        key = key or Key(name if name in ("p1", "p2", "px") else f"pool{number % 4}", f"{name}-k1")
        platform = FakePlatform(issuer, key, self.tool.clock.now, self.tool.url, tls)
        self.platforms.append(platform)
        return platform

    def register(self, platform: FakePlatform, client_id: str, *deployments: str, auth_url: str = "") -> Registration:
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
        browser = browser or Browser(self.tool.url, self.tool.clock.now, at.platform.issuer if frame else None)
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
        self, status: int, code: str, send: Callable[[str], Response], *, back: str | None = None, within: float = 2.0
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

    def refused_login(self, status: int, code: str, *, at: Registration | None = None, **changes: Any) -> None:
        """A login initiation with these parameters changed is refused, by GET and by POST."""
        for method in ("GET", "POST"):
            self.refused(
                status, code, lambda accept, m=method: self.visit(at).ask_login(method=m, accept=accept, **changes)
            )

    # -- background work ---------------------------------------------------------------------------------------

    def tick(self) -> None:
        """The worker's sweep, now; returns when what was due has been tried."""
        self.tool.admin("sweep", self.hanging.at.id)

    def upkeep(self) -> None:
        """The worker's removal of what has expired, now."""
        self.tool.admin("upkeep")

    def is_settled(self, visit: Visit) -> bool:
        """There is a grade, and it waits for nothing."""
        score = visit.score()
        return score is not None and score["state"] != "pending"

    def due_in(self, visit: Visit) -> float:
        """Seconds until this grade is tried again, by its own wait and the platform's."""
        score, platform = visit.score(), self.rows.one("platform", issuer=visit.at.platform.issuer)
        assert score is not None
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
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
                )

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
