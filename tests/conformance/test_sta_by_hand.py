"""STA, a session without cookies: what the tool answers to somebody who knows its pages and plays them by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import refusal
from .bed import Bed, Visit
from .browser import Browser, Response
from .page import Page

HEADER = "X-LTI-Session"
LESSON = "course=pruefkurs&module=erstes-modul&activity=erste-lektion"


@dataclass
class Frame:
    """A frame without cookies, whose storage is this object."""

    visit: Visit
    kept: dict[str, str] = field(default_factory=dict)  # what the login's page would put away
    proof: str = ""

    @property
    def browser(self) -> Browser:
        return self.visit.browser

    def login(self) -> Page:
        shown = self.visit.ask_login(lti_storage_target="_parent")
        assert shown.status == 200 and not shown.error and not shown.set_cookies[1:]
        (window,) = Page(shown.text).all("a", target="_blank")  # where script is switched off
        repeated = dict(parse_qsl(urlsplit(window.attrs["href"]).query))
        assert repeated.items() >= self.visit.login_parameters().items()
        data = Page(shown.text).one("main").attrs
        self.kept = {name: data[f"data-{name}"] for name in ("state", "nonce", "secret")}
        self.visit.state, self.visit.nonce = self.kept["state"], self.kept["nonce"]
        assert data["data-next"].startswith(self.visit.at.platform.auth_url)
        assert (
            f"state={self.visit.state}" in data["data-next"] and self.kept["secret"] not in data["data-next"]
        )
        self.visit.id_token = self.visit.token()
        return Page(shown.text)

    def return_form(self) -> dict[str, str]:
        """What the page that answers the launch would send on."""
        asked = self.visit.post()
        assert asked.status == 200 and not asked.set_cookies
        return {box.attrs["name"]: box.attrs["value"] for box in Page(asked.text).all("input", type="hidden")}

    def stored(self, **changes: str) -> dict[str, str]:
        return self.return_form() | {f"stored_{k}": v for k, v in self.kept.items()} | changes

    def send(self, form: dict[str, str], **more: Any) -> Response:
        return self.browser.post("/lti/launch/stored", form, **more)

    def token(self) -> str:
        """The hand-over token of a launch that went well."""
        entrance = self.send(self.stored())
        assert entrance.status == 200, f"{entrance.status} {entrance.error}"
        assert not entrance.set_cookies, "no cookie: the browser would not keep it"
        data = Page(entrance.text).one("main").attrs
        self.visit.home = urlsplit(data["data-next"]).path
        assert data["data-entrance"] == f"{self.visit.home}session"
        return data["data-handover"]

    def redeem(self, token: str, home: str = "", **more: Any) -> Response:
        return self.browser.post(f"{home or self.visit.home}session", {"handover": token}, **more)

    def enter(self) -> Frame:
        self.login()
        answer = self.redeem(self.token())
        assert answer.status == 200, f"{answer.status} {answer.error}"
        self.proof = answer.json["proof"]
        return self

    def get(self, path: str = "", **headers: str) -> Response:
        return self.browser.get(self.visit.url(path), headers={HEADER: self.proof} | headers)


def frame(bed: Bed, target: str = LESSON) -> Frame:
    visit = bed.visit(target=target)
    visit.browser.cookies_blocked = True
    return Frame(visit)


def refused(bed: Bed, status: int, code: str, send: Callable[[str], Response]) -> None:
    bed.refused(status, code, send)


def test_STA_31_proof_in_header_or_body_only(bed: Bed) -> None:
    mine = frame(bed).enter()
    assert Page(mine.get().text).one("h1").text == "Erste Lerneinheit"
    done = mine.browser.post(mine.visit.url("a/erste-lektion/done"), {}, headers={HEADER: mine.proof})
    assert done.status == 303
    by_form = mine.browser.post(mine.visit.url("a/erste-lektion/done"), {"session": mine.proof})
    assert by_form.status == 303, "a form may bring it in its body"
    for path in (f"?session={mine.proof}", f"?{HEADER}={mine.proof}", "", "a/erste-lektion"):
        refused(
            bed,
            401,
            "session_missing",
            lambda accept, p=path: mine.browser.get(mine.visit.url(p), accept=accept),
        )
    other = frame(bed).enter()
    mixed = other.browser.get(mine.visit.url(), headers={HEADER: other.proof})
    assert mixed.status == 401 and mixed.error == "session_missing"
    foreign = mine.browser.post(
        mine.visit.url("a/erste-lektion/done"), {"session": mine.proof}, site="cross-site"
    )
    assert foreign.status == 403 and foreign.error == "csrf_failed"
    for secret in (mine.proof, mine.kept["secret"], mine.visit.id_token):
        assert secret not in bed.tool.log("serve")


def test_STA_31_hand_over_once_within_a_minute_for_one_launch(bed: Bed) -> None:
    mine, other = frame(bed), frame(bed).enter()
    mine.login()
    token = mine.token()
    refused(bed, 401, "handover_invalid", lambda accept: mine.redeem(token, other.visit.home, accept=accept))
    refused(bed, 403, "csrf_failed", lambda accept: mine.redeem(token, site="cross-site", accept=accept))
    assert mine.redeem(token).status == 200
    refused(bed, 401, "handover_invalid", lambda accept: mine.redeem(token, accept=accept))
    late = mine.token()  # the same launch, loaded once more
    bed.tool.clock.forward(seconds=61)
    refused(bed, 401, "handover_invalid", lambda accept: mine.redeem(late, accept=accept))
    assert late not in bed.tool.log("serve")


def test_STA_31_no_hand_over_for_a_browser_that_was_not_verified(bed: Bed) -> None:
    """Neither values that anybody could guess nor a form of another site are let in; nothing is made for them."""

    def with_values(**changes: str) -> Callable[[str], Response]:
        def send(accept: str) -> Response:
            mine = frame(bed)
            mine.login()
            return mine.send(mine.stored(**changes), accept=accept)

        return send

    for changes in (
        {"stored_secret": ""},
        {"stored_state": "", "stored_nonce": "", "stored_secret": ""},
        {"stored_secret": frame(bed).login().one("main").attrs["data-secret"]},
    ):
        refused(bed, 401, "state_mismatch", with_values(**changes))

    def from_another_site(accept: str) -> Response:
        mine = frame(bed)
        mine.login()
        return mine.send(mine.stored(), accept=accept, site="cross-site")

    refused(bed, 403, "csrf_failed", from_another_site)

    def stolen(accept: str) -> Response:
        """Another browser has state and id_token, and says that they lay in its storage."""
        mine, thief = frame(bed), frame(bed)
        mine.login()
        form = {"state": mine.visit.state, "id_token": mine.visit.id_token}
        claimed = {
            "stored_state": mine.visit.state,
            "stored_nonce": mine.visit.nonce,
            "stored_secret": "x" * 22,
        }
        return thief.send(form | claimed, accept=accept)

    refused(bed, 401, "state_mismatch", stolen)

    def downgraded(accept: str) -> Response:
        """A login that its browser keeps in a cookie is not completed with values said to be stored."""
        visit = bed.visit()
        visit.login()
        form = {"state": visit.state, "id_token": visit.token()}
        secret = max((c.value for c in visit.browser.jar.values()), key=len).split(".")[1]
        claimed = {"stored_state": visit.state, "stored_nonce": visit.nonce, "stored_secret": secret}
        return visit.browser.post("/lti/launch/stored", form | claimed, accept=accept)

    refused(bed, 401, "state_mismatch", downgraded)


def test_STA_25_silent_only_after_the_platform_was_asked(bed: Bed) -> None:
    def send(accept: str) -> Response:
        mine = frame(bed)
        mine.login()
        return mine.send(mine.return_form() | {"storage": "unavailable"}, accept=accept)

    refused(bed, 403, "storage_unavailable", send)


def test_STA_21_refusals_of_the_platform_and_of_its_token(bed: Bed) -> None:
    """The storage comes first, then everything that every launch must stand."""

    def platform_says_no(accept: str) -> Response:
        mine = frame(bed)
        mine.login()
        asked = mine.browser.request(
            "POST", "/lti/launch", form={"state": mine.visit.state, "error": "login_required"}
        )
        form = {box.attrs["name"]: box.attrs["value"] for box in Page(asked.text).all("input", type="hidden")}
        return mine.send(form | {f"stored_{k}": v for k, v in mine.kept.items()}, accept=accept)

    refused(bed, 401, "platform_error", platform_says_no)

    def bad_token(accept: str) -> Response:
        mine = frame(bed)
        mine.login()
        mine.visit.id_token = mine.visit.id_token[:-8] + "AAAAAAAA"
        return mine.send(mine.stored(), accept=accept)

    refused(bed, 401, "signature_invalid", bad_token)

    def replayed(accept: str) -> Response:
        mine = frame(bed).enter()
        mine.kept = dict.fromkeys(mine.kept, "x")
        return mine.send(mine.stored(), accept=accept)

    mine = frame(bed).enter()
    for accept in (refusal.HTML, refusal.JSON):
        again = mine.send(mine.stored(stored_secret="x"), accept=accept)
        refusal.check(again, 401, "launch_replayed", accept=accept)
    assert replayed(refusal.HTML).error == "launch_replayed"
