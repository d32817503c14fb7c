"""Somebody opening a placement in a browser: login, launch, and what they do in the module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from . import claims as c
from . import refusal
from .browser import Browser, Response
from .crypto import Key, sign
from .fake_platform import LINE_ITEM_READ, RESULT, SCORE, FakePlatform
from .page import Page

if TYPE_CHECKING:
    from .bed import Bed


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
        self,
        *,
        method: str = "POST",
        url: str = "/lti/login",
        accept: str = refusal.HTML,
        **changes: str | None,
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
        return self.keep_login(self.ask_login(**options))

    def keep_login(self, response: Response) -> dict[str, str]:
        """Take state and nonce from the redirect to the platform, as the platform would."""
        assert response.status in (302, 303), (
            f"login refused: {response.status} {response.error} {response.body[:300]!r}"
        )
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
        self,
        id_token: str | None = None,
        *,
        state: str | None = None,
        accept: str = refusal.HTML,
        **more: Any,
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
        assert response.status == 303, (
            f"launch refused: {response.status} {response.error} {response.body[:400]!r}"
        )
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

    def score(self) -> dict[str, Any]:
        """The row of this person's grade; empty while there is none."""
        found = self.bed.rows.all("score", person_id=self.person()["id"])
        assert len(found) <= 1
        return found[0] if found else {}

    def posts(self) -> list[Any]:
        """Score posts the platform received for this person and placement."""
        return self.at.platform.scores(self.line_item, self.sub)
