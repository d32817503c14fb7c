"""People who learn while processes die around them: they repeat what was not answered, as one presses reload."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from conformance import claims
from conformance.browser import Browser, Response
from conformance.crypto import sign
from conformance.fake_platform import LINE_ITEM, LINE_ITEM_READ, RESULT, SCORE, FakePlatform, Request
from conformance.fake_platform import Answer as PlatformAnswer
from conformance.tool import Tool

MODULE = "course=ausdauer&module=dauerlauf"
OPTIONS = ("a", "b", "c")
RIGHT = {1: ("b",), 2: ("b",), 3: ("b",), 4: ("b",), 5: ("a", "c")}  # of ausdauer/…/02-strecke.yaml
THINKING = 0.2  # seconds at most between an answer and the next click: processes must get time to start again
PATIENCE = 120.0  # seconds without any answer after which the test gives up


class SlowPlatform(FakePlatform):
    """Stores a score or makes a column, then takes a moment to say so: when a sender's death is worst.

    ``names_columns``: launches name the column. Else each person has a placement and course of their own, and the
    tool finds or makes the column while it is being killed.
    """

    posts = 0
    names_columns = True

    def answer(self, request: Request) -> PlatformAnswer:
        said = super().answer(request)
        if request.path.endswith("/scores"):
            self.posts += 1
        if request.method == "POST" and request.path != "/token":
            time.sleep(0.03)
        return said


@dataclass
class Person:
    """One person at the module of ``ausdauer``. ``confirmed`` is what the tool said it has."""

    tool: Tool
    platform: SlowPlatform
    client_id: str
    sub: str
    dice: random.Random
    confirmed: dict[str, list[str]] = field(default_factory=dict)
    completed: bool = False
    answered: int = 0
    repeated: int = 0
    home: str = ""

    @property
    def link(self) -> str:
        name = self.platform.key.kid
        return name if self.platform.names_columns else f"{name}-{self.sub}"

    @property
    def line_item(self) -> str:
        """Path of the person's column; of one that is not there yet, a path that nobody uses."""
        if self.platform.names_columns:
            return f"/services/2/lineitems/{self.link}/lineitem"
        made = [c["id"] for c in self.platform.columns if c["resourceLinkId"] == self.link]
        assert len(made) <= 1, f"{self.sub} has {len(made)} columns"
        return urlsplit(made[0]).path if made else "/none"

    def learn(self, *, finish: bool) -> None:
        """Launch, read the lesson, answer every question; hand in if ``finish``."""
        self._browser = Browser(self.tool.url, self.tool.clock.now, frame=None)
        self._launch()
        self._post(f"{self.home}a/anlauf/done", {})
        begun = self._post(f"{self.home}a/strecke/attempts", {})
        attempt = urlsplit(begun.location).path.split("/q/")[0]
        for number, right in RIGHT.items():
            if self.dice.random() < 0.5:  # changes their mind
                self._answer(attempt, number, (self.dice.choice(OPTIONS),), "save")
            self._answer(attempt, number, right, self.dice.choice(("save", "check", "next")))
        if finish:
            self._post(f"{attempt}/finish", {})
            self.completed = True

    def _answer(self, attempt: str, number: int, chosen: tuple[str, ...], action: str) -> None:
        form = [("answer", option) for option in chosen] + [("action", action)]
        self._post(f"{attempt}/q/{number}", form)
        self.confirmed[f"f{number}"] = list(chosen)

    def _post(self, path: str, form: dict[str, str] | list[tuple[str, str]]) -> Response:
        """Send until it is answered; what is no success then is a fault of the tool."""
        response = self._insist(lambda: self._browser.post(path, form))
        assert response.status in (204, 303), f"{path}: {response.status} {response.error}"
        return response

    def _launch(self) -> None:
        """From the click in the LMS; a launch whose answer was lost is clicked again."""
        entered = self._insist(self._click)
        self.home = urlsplit(entered.location).path

    def _click(self) -> Response | None:
        parameters = {
            "iss": self.platform.issuer,
            "login_hint": self.sub,
            "target_link_uri": f"{self.tool.launch_url}?{MODULE}",
            "client_id": self.client_id,
        }
        asked = self._browser.get(f"/lti/login?{urlencode(parameters)}", site="cross-site")
        if asked.status >= 500:
            return None
        assert asked.status == 302, f"login: {asked.status} {asked.error}"
        wanted = dict(parse_qsl(urlsplit(asked.location).query))
        token = claims.base(
            issuer=self.platform.issuer,
            client_id=self.client_id,
            deployment_id="d1",
            target=f"{self.tool.launch_url}?{MODULE}",
            now=int(self.tool.clock.now()),
            nonce=wanted["nonce"],
            sub=self.sub,
            link=self.link,
            context="klasse" if self.platform.names_columns else f"klasse-{self.sub}",
            services=self.platform.url,
            line_item=self.line_item,
            scopes=[SCORE, RESULT, LINE_ITEM, LINE_ITEM_READ],
        )
        if not self.platform.names_columns:
            del token[claims.AGS_CLAIM]["lineitem"]
        form = {"state": wanted["state"], "id_token": sign(token, self.platform.key)}
        entered = self._browser.post("/lti/launch", form, site="cross-site")
        if entered.status >= 500:
            return None
        assert entered.status == 303, f"launch: {entered.status} {entered.error} {entered.text[:300]}"
        return entered

    def _insist(self, send: Callable[[], Response | None]) -> Response:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                response = send()
            except (
                OSError,
                http.client.HTTPException,
                AttributeError,
            ):  # the last one: reset while connecting
                response = None
            if response is not None and response.status < 500:
                self.answered += 1
                time.sleep(self.dice.uniform(0, THINKING))
                return response
            assert time.monotonic() < until, f"no answer for {PATIENCE} s"
            self.repeated += 1
            time.sleep(0.05 + self.dice.random() / 5)
