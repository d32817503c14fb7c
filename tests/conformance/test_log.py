"""LOG: third-party login initiation."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from . import refusal
from .bed import Bed, Registration, Visit
from .browser import Response, cookie_attributes, new_source
from .page import Page

HINT = '{"cmid":2,"text":"50 % + \\"Grüße\\" {x}=y&z;#","launchid":"ltilaunch1_7"}'


def parameters(response: Response) -> list[tuple[str, str]]:
    assert response.status in (302, 303), f"{response.status} {response.error}"
    return parse_qsl(urlsplit(response.location).query, keep_blank_values=True, strict_parsing=True)


def to_platform(visit: Visit, **options: Any) -> dict[str, str]:
    """The authentication request's parameters; none of them may come twice."""
    response = visit.ask_login(**options)
    found = parameters(response)
    assert response.location.split("?")[0] == visit.at.platform.auth_url
    assert len(dict(found)) == len(found), f"parameter twice in {found}"
    return dict(found)


def _login_reaches_platform(bed: Bed, method: str) -> None:
    visit = bed.visit()
    with bed.nothing_stored():
        sent = to_platform(visit, method=method)
    assert sent["client_id"] == "c-one" and sent["login_hint"] == visit.sub


def test_LOG_01_get(bed: Bed) -> None:
    _login_reaches_platform(bed, "GET")


def test_LOG_02_post(bed: Bed) -> None:
    _login_reaches_platform(bed, "POST")


def test_LOG_03_authentication_request(bed: Bed) -> None:
    visit = bed.visit(target="course=pruefkurs")
    sent = to_platform(visit)
    assert sent.pop("state") and sent.pop("nonce")
    assert sent == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "c-one",
        "redirect_uri": bed.tool.launch_url,  # not the target link: Moodle compares byte by byte
        "login_hint": visit.sub,
        "lti_message_hint": visit.login_parameters()["lti_message_hint"],
    }
    without = to_platform(bed.visit(), lti_message_hint=None)
    assert "lti_message_hint" not in without


def test_LOG_04_iss_missing(bed: Bed) -> None:
    bed.refused_login(400, "login_missing_iss", iss=None)


def test_LOG_05_login_hint_missing(bed: Bed) -> None:
    bed.refused_login(400, "login_missing_login_hint", login_hint=None)


def test_LOG_06_target_link_uri_missing(bed: Bed) -> None:
    bed.refused_login(400, "login_missing_target_link_uri", target_link_uri=None)


def test_LOG_07_parameter_empty(bed: Bed) -> None:
    for name in ("iss", "login_hint", "target_link_uri"):
        bed.refused_login(400, f"login_missing_{name}", **{name: ""})


def test_LOG_08_issuer_unknown(bed: Bed) -> None:
    bed.refused_login(403, "registration_unknown", at=bed.px)
    shown = Page(bed.visit(bed.px).ask_login().text)
    assert "registrier" in shown.text.lower() and "register" in shown.text.lower()  # what an admin must do
    assert bed.px.platform.requests == []


def test_LOG_09_client_unknown(bed: Bed) -> None:
    bed.refused_login(403, "registration_unknown", client_id="c-three")
    bed.refused_login(403, "registration_unknown", client_id="C-ONE")


def test_LOG_10_client_id_needed_on_shared_issuer(bed: Bed) -> None:
    bed.refused_login(400, "login_client_id_required", client_id=None)


def test_LOG_11_registration_login_url(bed: Bed) -> None:
    for registration in (bed.p1, bed.p1b):
        path = urlsplit(registration.login_url).path
        assert registration.login_url == bed.tool.url + path and path.startswith("/lti/login/")
        visit = bed.visit(registration)
        sent = to_platform(visit, url=path, client_id=None)
        assert sent["client_id"] == registration.client_id
    # the address of one registration does not serve another one
    bed.refused_login(403, "registration_unknown", url=urlsplit(bed.p1.login_url).path, client_id="c-two")


def test_LOG_12_issuer_compared_exactly(bed: Bed) -> None:
    for issuer in (
        "https://p1.example/",
        "https://P1.example",
        "HTTPS://p1.example",
        "https://p1.example:443",
    ):
        bed.refused_login(403, "registration_unknown", iss=issuer)


def test_LOG_13_registration_disabled(bed: Bed) -> None:
    registration = bed.fresh()
    to_platform(bed.visit(registration))
    bed.tool.admin("platform", "disable", registration.id)
    bed.refused_login(403, "registration_inactive", at=registration)
    bed.tool.admin("platform", "enable", registration.id)
    to_platform(bed.visit(registration))


def test_LOG_14_deployment_unknown(bed: Bed) -> None:
    bed.refused_login(403, "deployment_unknown", lti_deployment_id="d-unknown")
    bed.refused_login(403, "deployment_unknown", lti_deployment_id="d9")  # P1b's
    to_platform(bed.visit(), lti_deployment_id="d2")
    to_platform(bed.visit(), lti_deployment_id=None)


def test_LOG_15_message_hint_unchanged(bed: Bed) -> None:
    for method in ("GET", "POST"):
        assert to_platform(bed.visit(), method=method, lti_message_hint=HINT)["lti_message_hint"] == HINT
    assert json.loads(HINT)


def test_LOG_16_login_hint_unchanged(bed: Bed) -> None:
    for hint in (
        "a+b c",
        "a%2Bb%26",
        "1&client_id=evil&scope=admin",
        "Jörg ☃ مرحبا",
        "#fragment?x=1",
        "\"'<>",
    ):
        for method in ("GET", "POST"):
            sent = to_platform(bed.visit(), method=method, login_hint=hint)
            assert sent["login_hint"] == hint
            assert sent["client_id"] == "c-one" and sent["scope"] == "openid"


def test_LOG_17_auth_endpoint_with_query(bed: Bed) -> None:
    platform = bed.new_platform()
    registration = bed.register(
        platform, "c-one", "d1", auth_url=f"{platform.auth_url}?tenant=7&next=%2Fa%3Fb"
    )
    response = bed.visit(registration).ask_login()
    assert response.location.startswith(f"{platform.auth_url}?tenant=7&next=%2Fa%3Fb&")
    assert response.location.count("?") == 1
    assert dict(parameters(response))["next"] == "/a?b"


def test_LOG_18_target_on_foreign_host(bed: Bed) -> None:
    port = bed.tool.port
    for target in (
        "https://evil.example/lti/launch",
        f"http://127.0.0.1:{port + 1}/lti/launch",
        f"https://127.0.0.1:{port}/lti/launch",
        f"http://127.0.0.1:{port}.evil.example/lti/launch",
        "http://127.0.0.1/lti/launch",
    ):
        bed.refused_login(400, "target_link_uri_not_allowed", target_link_uri=target)


def test_LOG_19_target_unsafe(bed: Bed) -> None:
    host = f"127.0.0.1:{bed.tool.port}"
    for target in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        f"//{host}/lti/launch",
        "https:\\\\evil",
        f"http:\\\\{host}\\lti\\launch",
        "https://tool@evil.example/",
        f"http://user@{host}/lti/launch",
        f"http://{host}@evil.example/lti/launch",
        f"http://{host}\\@evil.example/lti/launch",
        f"http://{host}/lti/launch\r\nX: y",
        f" http://{host}/lti/launch",
        "/lti/launch",
    ):
        bed.refused_login(400, "target_link_uri_not_allowed", target_link_uri=target)


def test_LOG_20_parameter_twice(bed: Bed) -> None:
    def twice_in_query(accept: str) -> Response:
        visit = bed.visit()
        query = urlencode([("iss", visit.at.platform.issuer), *visit.login_parameters().items()])
        return visit.browser.request("GET", f"/lti/login?{query}", accept=accept)

    def twice_in_form(accept: str) -> Response:
        visit = bed.visit()
        form = [*visit.login_parameters().items(), ("login_hint", "somebody-else")]
        return visit.browser.request("POST", "/lti/login", form=form, accept=accept)

    def query_and_form(accept: str) -> Response:
        visit = bed.visit()
        query = urlencode({"iss": "https://p2.example"})
        return visit.browser.request(
            "POST", f"/lti/login?{query}", form=visit.login_parameters(), accept=accept
        )

    for send in (twice_in_query, twice_in_form, query_and_form):
        bed.refused(400, "duplicate_parameter", send)


def test_LOG_21_too_large(bed: Bed) -> None:
    before = bed.tool.memory()
    for _ in range(10):
        for body in (
            urlencode(bed.visit().login_parameters(login_hint="x" * 65536)).encode(),
            b"login_hint=" + b"x" * 1_048_576,
        ):
            visit = bed.visit()
            response = visit.browser.request(
                "POST", "/lti/login", body=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
            )
            assert response.status in (400, 413)
            refusal.check(response, response.status, "request_too_large")
    assert bed.tool.memory() < before + 16 * 1024 * 1024


def test_LOG_22_methods(bed: Bed) -> None:
    visit = bed.visit()
    url = f"/lti/login?{urlencode(visit.login_parameters())}"
    for method in ("PUT", "DELETE", "TRACE", "PATCH"):
        bed.refused(
            405, "method_not_allowed", lambda accept, m=method: visit.browser.request(m, url, accept=accept)
        )
    head = visit.browser.request("HEAD", url)
    assert head.status < 500
    assert "state=" not in head.location and not head.set_cookies  # no state is issued
    assert bed.p1_platform.seen("/auth") == []


def test_LOG_23_state_and_nonce_random(bed: Bed) -> None:
    """A thousand of each: long, distinct, different from each other and from what the browser holds."""

    def logins(_: int) -> list[tuple[str, str, str]]:
        source, found = new_source(), []
        for _ in range(40):
            visit = bed.visit()
            visit.browser.source = source
            visit.login()
            cookies = " ".join(cookie.value for cookie in visit.browser.jar.values())
            found.append((visit.state, visit.nonce, cookies))
        return found

    with ThreadPoolExecutor(4) as threads:
        pairs = [pair for batch in threads.map(logins, range(25)) for pair in batch]
    states, nonces = {state for state, _, _ in pairs}, {nonce for _, nonce, _ in pairs}
    assert len(pairs) == len(states) == len(nonces) == 1000
    assert not states & nonces
    for state, nonce, cookies in pairs:
        assert len(state) >= 22 and len(nonce) >= 22  # 128 bits in base64url
        assert nonce not in state and state not in nonce  # nor one out of the other
        assert nonce not in cookies, "the browser must not hold the nonce"
    for values in (states, nonces):
        # no counter and no clock in the bulk of the value: neighbours differ in most characters
        for one, other in pairwise(sorted(values)):
            assert sum(a != b for a, b in zip(one, other, strict=False)) >= 16


def test_LOG_24_login_cookie(bed: Bed) -> None:
    visit = bed.visit()
    response = visit.ask_login()
    hops = [line for line in response.set_cookies if "max-age=0" not in line.lower()]
    names = visit.browser.cookie_names()
    assert names, "the login set no cookie"
    for line in hops:
        attributes = cookie_attributes(line)
        assert attributes["name"].startswith("__Host-")
        assert {"secure", "httponly", "partitioned"} <= set(attributes)
        assert attributes["samesite"].lower() == "none" and attributes["path"] == "/"
        assert "domain" not in attributes
        assert 0 < int(attributes["max-age"]) <= 600
    before = set(visit.browser.cookie_names())
    visit.login()
    assert len(set(visit.browser.cookie_names()) - before) == 1, "one cookie per launch"
    for _ in range(14):
        visit.login()
        pending = [name for name in visit.browser.cookie_names() if "probe" not in name]
        assert len(pending) <= 10
    visit.id_token = visit.token()
    visit.entered(visit.post())  # the newest one still works
    bed.tool.clock.forward(minutes=11)
    assert not [name for name in visit.browser.cookie_names() if name in before]


def test_LOG_25_logins_never_completed(bed: Bed) -> None:
    """What pending logins leave is bounded, and gone after their lifetime."""
    bed.upkeep()
    before, protected = bed.rows.counts(), bed.rows.snapshot()

    def logins(_: int) -> None:
        source = new_source()
        for _ in range(50):
            visit = bed.visit()
            visit.browser.source = source
            visit.login()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(logins, range(20)))
    assert bed.rows.snapshot() == protected
    during = bed.rows.counts()
    grown = {name: during[name] - before[name] for name in before if during[name] > before[name]}
    assert sum(grown.values()) <= 100, f"1000 logins left {grown}"
    bed.tool.clock.forward(minutes=12)
    bed.upkeep()
    after = bed.rows.counts()
    assert {name: after[name] - before[name] for name in before if after[name] > before[name]} == {}


def test_LOG_26_rate_limit(bed: Bed) -> None:
    bed.tool.clock.forward(seconds=61 - bed.tool.clock.now() % 60)  # a minute of our own
    flood, source = bed.fresh(), new_source()

    def login(at: Registration = flood) -> Response:
        visit = bed.visit(at)
        visit.browser.source = source
        return visit.ask_login(login_hint=f"garbage-{visit.sub}")

    answers = [login() for _ in range(100)]
    assert [a.status for a in answers[:60]].count(429) == 0, "the first sixty of a minute pass"
    assert answers[-1].status == 429
    refusal.check(answers[-1], 429, "rate_limited")
    assert 0 < int(answers[-1].header("Retry-After")) <= 60
    assert login(bed.p2).status in (302, 303), "another registration is not affected"
    elsewhere = bed.visit(flood).ask_login()
    assert elsewhere.status in (302, 303), "another source is not affected"
    bed.tool.clock.forward(seconds=int(answers[-1].header("Retry-After")) + 1)
    assert login().status in (302, 303), "the minute is over"


def test_LOG_26_class_behind_one_address(bed: Bed) -> None:
    bed.tool.clock.forward(seconds=61 - bed.tool.clock.now() % 60)
    school, source = bed.fresh(), new_source()

    def learner(_: int) -> None:
        visit = bed.visit(school, context="one-class", link="one-link")
        visit.browser.source = source
        visit.enter()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(learner, range(100)))


def test_LOG_27_bookmark(bed: Bed) -> None:
    def open_bookmark(accept: str) -> Response:
        visit = bed.visit(frame=False)
        return visit.browser.request("GET", "/lti/login", site="none", accept=accept)

    bed.refused(400, "login_missing_login_hint", open_bookmark)
    shown = Page(open_bookmark(refusal.HTML).text)
    assert "bitte aus dem kurs öffnen" in shown.text.lower()
    assert "please open from your course" in shown.text.lower()
