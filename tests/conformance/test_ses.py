"""SES: sessions, embedding, headers, our own keys."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from . import refusal
from .bed import Bed, Registration, Visit
from .browser import Browser, Response, new_source
from .claims import drop
from .crypto import unb64
from .page import Page

QUIZ = "course=pruefkurs&module=erstes-modul&activity=erster-test"


def ancestors(response: Response) -> list[str]:
    policy = dict(
        directive.strip().partition(" ")[::2]
        for directive in response.header("Content-Security-Policy").split(";")
    )
    assert "frame-ancestors" in policy, "anybody may frame this page"
    return policy["frame-ancestors"].split()


def framable_by(bed: Bed, response: Response, *registrations: Registration) -> None:
    """These may put the response into a frame, and nobody who is not registered may."""
    allowed = ancestors(response)
    for registration in registrations:
        assert registration.platform.url in allowed, f"{allowed} lacks the origin that the frame lives on"
        assert "'self'" in allowed
    assert not {"*", "http:", "https:"} & set(allowed)
    assert not {bed.px.platform.url, bed.px.platform.issuer, "https://evil.example"} & set(allowed)
    assert not registrations or not response.header("X-Frame-Options")


def pages(bed: Bed, visit: Visit) -> Iterator[Response]:
    """Pages of every kind of a launch of the whole course."""
    for path in ("", "m/erstes-modul", "a/erste-lektion", "a/erster-test", "glossary"):
        response = visit.browser.get(visit.url(path))
        assert response.status == 200, f"{path}: {response.status}"
        yield response
    begun = visit.browser.post(visit.url("a/erster-test/attempts"), {})
    yield begun
    yield visit.browser.get(urlsplit(begun.location).path)


def test_SES_01_frames_of_pages(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter()
    for response in pages(bed, visit):
        framable_by(bed, response, bed.p1)
    off = bed.fresh()
    away = bed.visit(off)
    away.enter()
    bed.tool.admin("platform", "disable", off.id)
    assert off.platform.url not in ancestors(visit.browser.get(visit.url()))
    assert bed.px.platform.url not in ancestors(visit.browser.get(visit.url()))


def test_SES_02_frames_of_error_and_login_pages(bed: Bed) -> None:
    framable_by(bed, bed.visit().ask_login(), bed.p1)
    framable_by(bed, bed.visit().launch(drop("version")), bed.p1)
    framable_by(bed, bed.visit().ask_login(lti_deployment_id="nope"), bed.p1)
    unknown = bed.visit(bed.px).ask_login()
    assert unknown.error == "registration_unknown"
    framable_by(bed, unknown)
    evil = bed.visit().ask_login(iss="https://evil.example; script-src *")
    assert evil.error == "registration_unknown"
    framable_by(bed, evil)
    assert evil.header("Content-Security-Policy").count("script-src") == 1
    # in the frame of a course, whoever's: a page that cannot be shown there helps nobody
    visit = bed.visit()
    visit.enter()
    lost = visit.browser.request("POST", "/lti/launch", form={"state": "x", "id_token": "x"})
    assert lost.error == "state_unknown"
    framable_by(bed, lost, bed.p1)
    framable_by(bed, bed.visit().browser.get(visit.url()), bed.p1)
    bed.tool.clock.forward(hours=13)
    over = visit.browser.get(visit.url())
    assert over.error == "session_expired"
    framable_by(bed, over, bed.p1)


def test_SES_02_a_platform_connected_a_moment_ago(bed: Bed) -> None:
    for _ in range(8):  # both workers know the platforms of now
        bed.visit().browser.get("/k/nobody/")
    at = bed.fresh()
    visit = bed.visit(at)
    visit.enter()
    for _ in range(8):
        lost = bed.visit().browser.get(visit.url())
        assert lost.error == "session_missing"
        assert at.platform.url in lost.header("Content-Security-Policy")


def test_SES_03_headers_of_all_responses(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter()
    personal = [*pages(bed, visit), visit.launch(), visit.ask_login()]
    personal += [
        visit.browser.get("/k/unknown/"),
        visit.browser.get("/nowhere"),
        bed.visit(bed.px).ask_login(),
    ]
    for response in personal:
        assert "no-store" in response.header("Cache-Control"), response.url
    public = [visit.browser.get(path) for path in ("/lti/jwks", "/healthz", "/readyz")]
    for response in personal + public:
        assert "max-age=" in response.header("Strict-Transport-Security"), response.url
        assert response.header("X-Content-Type-Options") == "nosniff", response.url
        assert response.header("Referrer-Policy") in ("no-referrer", "strict-origin"), response.url
        policy = response.header("Content-Security-Policy")
        assert "unsafe" not in policy and "default-src 'none'" in policy, response.url
        assert not response.header("Server").startswith(("granian/", "Werkzeug"))
    page = Page(visit.browser.get(visit.url()).text)
    for element in page.elements:
        for name in ("src", "href"):
            address = element.attrs.get(name, "")
            assert element.tag == "a" or not address.startswith(("http", "//")), "a request leaves our host"


def test_SES_04_without_a_launch(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter()
    odd = ("/k/unknown/", "/k/x'%20OR%201=1/a/b", "/k/" + "x" * 500 + "/")
    for path in (visit.url(), visit.url("a/erste-lektion"), *odd):

        def open_page(accept: str, path: str = path) -> Response:
            response = bed.visit().browser.get(path, accept=accept)
            if accept == refusal.HTML:
                assert "bitte aus dem kurs öffnen" in Page(response.text).text.lower()
            return response

        bed.refused(401, "session_missing", open_page)

    def act(accept: str) -> Response:
        return bed.visit().browser.post(visit.url("a/erste-lektion/done"), {}, accept=accept)

    bed.refused(401, "session_missing", act)


def test_SES_05_idle_in_the_middle_of_a_quiz(bed: Bed) -> None:
    visit = bed.visit(target=QUIZ)
    visit.enter()
    begun = visit.browser.post(visit.url("a/erster-test/attempts"), {})
    question = urlsplit(begun.location).path
    saved = visit.browser.post(question, {"answer": "a", "action": "save"}, headers={"HX-Request": "true"})
    assert saved.status == 204
    bed.tool.clock.forward(hours=5)

    def answer(accept: str) -> Response:
        form = {"answer": "b", "action": "next"}
        return visit.browser.post(question.replace("/q/1", "/q/2"), form, accept=accept)

    bed.refused(401, "session_expired", answer)
    shown = Page(answer(refusal.HTML).text).text.lower()
    assert "gespeichert" in shown and "aus dem kurs" in shown
    again = bed.visit(
        target=QUIZ, sub=visit.sub, context=visit.context, link=visit.link, browser=visit.browser
    )
    again.enter()
    resumed = again.browser.post(again.url("a/erster-test/attempts"), {})
    place = urlsplit(resumed.location).path
    same_attempt = question.split("/t/")[1].replace("q/1", "q/2")
    assert place.split("/t/")[1] == same_attempt, "the same attempt, the question that is open"
    first = Page(again.browser.get(place.replace("/q/2", "/q/1")).text)
    chosen = [box for box in first.all("input", name="answer") if "checked" in box.attrs]
    assert [box.attrs["value"] for box in chosen] == ["a"]


def test_SES_06_end_of_a_session(bed: Bed) -> None:
    visit, active = bed.visit(), bed.visit()
    visit.enter()
    active.enter()
    proof = dict(active.browser.jar)
    for _ in range(4):
        bed.tool.clock.forward(hours=3)
        active.browser.jar = dict(proof)
        last = active.browser.get(active.url())
    assert last.error in ("session_expired", "session_missing"), (
        "a session in use ends after its absolute time"
    )
    for kind, used in (("idle", visit), ("absolute", active)):
        with bed.nothing_stored():
            response = used.browser.get(used.url())
            assert response.status == 401, kind
            act = used.browser.post(used.url("a/erste-lektion/done"), {})
            assert act.status == 401, kind


def test_SES_06_logout(bed: Bed) -> None:
    visit, other = bed.visit(), bed.visit()
    visit.enter()
    other.browser = visit.browser
    other.enter()
    proof = dict(visit.browser.jar)
    out = visit.browser.post(visit.url("end"), {})
    assert out.status in (200, 204, 303), f"{out.status} {out.error}"
    visit.browser.jar = dict(proof)  # a copy of the cookie was kept
    refused = visit.browser.get(visit.url())
    assert refused.status == 401 and refused.error in ("session_missing", "session_expired")
    assert visit.browser.post(visit.url("a/erste-lektion/done"), {}).status == 401
    assert other.page().one("h1").text, "the other tab goes on"


def test_SES_07_registration_or_deployment_disabled(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.visit(at)
    visit.enter()
    bed.tool.admin("platform", "disable", at.id)
    bed.tool.clock.forward(seconds=60)
    ended = visit.browser.get(visit.url())
    assert ended.status in (401, 403)
    assert ended.error in ("session_missing", "registration_inactive")
    assert visit.browser.post(visit.url("a/erste-lektion/done"), {}).status in (401, 403)


def test_SES_08_other_peoples_things(bed: Bed) -> None:
    mine, theirs = (bed.visit(target=QUIZ, context="ctx-ses8", link="rl-ses8") for _ in range(2))
    foreign = bed.visit(bed.p2, target=QUIZ)
    for visit in (mine, theirs, foreign):
        visit.enter()
    for owner in (theirs, foreign):
        begun = owner.browser.post(owner.url("a/erster-test/attempts"), {})
        attempt = urlsplit(begun.location).path.split("/t/")[1]
        owner.browser.post(urlsplit(begun.location).path, {"answer": "a", "action": "next"})
        # their attempt under my launch: I have none with this number
        for path in (f"a/erster-test/t/{attempt}", f"a/erster-test/t/{attempt.split('/')[0]}"):
            bed.refused(404, "not_found", lambda accept, p=path: mine.browser.get(mine.url(p), accept=accept))
        # their launch with my cookie
        response = mine.browser.get(owner.url())
        assert response.status == 401 and response.error == "session_missing"
        save = {"answer": "b", "action": "next"}
        assert mine.browser.post(mine.url(f"a/erster-test/t/{attempt}"), save).status == 404
        assert mine.browser.post(owner.url(f"a/erster-test/t/{attempt}"), save).status == 401
        membership = owner.launch_row()["membership_id"]
        (row,) = bed.rows.all("attempt", membership_id=membership)
        (kept,) = bed.rows.all("answer", attempt_id=row["id"])
        response_kept = kept["response"]
        assert (json.loads(response_kept) if isinstance(response_kept, str) else response_kept) == ["a"]
        # ids that count through the database instead of the person's own numbers
        for number in (row["id"], 0, -1, 10**12, "x"):
            path = f"a/erster-test/t/{number}/q/1"
            assert mine.browser.get(mine.url(path)).status == 404
    for path in ("a/gibt-es-nicht", "m/gibt-es-nicht", "a/erste-lektion", "media/00/x.svg"):
        bed.refused(404, "not_found", lambda accept, p=path: mine.browser.get(mine.url(p), accept=accept))


def test_SES_09_cross_site_requests(bed: Bed) -> None:
    visit = bed.visit(target=QUIZ)
    visit.enter()
    begun = visit.browser.post(visit.url("a/erster-test/attempts"), {})
    question = urlsplit(begun.location).path
    lesson = bed.at_lesson(browser=visit.browser)
    lesson.enter()
    targets = {
        visit.url("a/erster-test/attempts"): {},
        question: {"answer": "a", "action": "save"},
        question.split("/q/")[0] + "/finish": {},
        lesson.url("a/erste-lektion/done"): {},
    }
    foreign: list[dict[str, str | None]] = [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "none", "Origin": "null"},
        {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": None, "Origin": "null"},
        {"Sec-Fetch-Site": None, "Origin": f"{bed.tool.url}.evil.example"},
        {"Sec-Fetch-Site": None, "Origin": None},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ]
    for url, form in targets.items():
        for headers in foreign:

            def send(
                accept: str,
                url: str = url,
                form: dict[str, str] = form,
                headers: dict[str, str | None] = headers,
            ) -> Response:
                return visit.browser.post(url, form, headers=headers, accept=accept)

            bed.refused(403, "csrf_failed", send)
    old = visit.browser.post(
        question, {"answer": "a", "action": "save"}, headers={"Sec-Fetch-Site": None, "HX-Request": "true"}
    )
    assert old.status == 204, "an older browser says it by Origin alone"
    # a page may be asked for from anywhere, but asking changes nothing
    for url in targets:
        assert visit.browser.get(url, site="cross-site").status in (200, 405)


def key_set(bed: Bed) -> Response:
    return Browser(bed.tool.url, bed.tool.clock.now, None).request("GET", "/lti/jwks", site="none")


def kids(bed: Bed) -> list[str]:
    return [key["kid"] for key in key_set(bed).json["keys"]]


def test_SES_10_our_key_set(bed: Bed) -> None:
    response = key_set(bed)
    assert response.status == 200 and response.header("Content-Type").startswith("application/json")
    assert response.header("ETag")
    directives = response.header("Cache-Control").replace(" ", "").split(",")
    (age,) = [int(d.split("=")[1]) for d in directives if d.startswith("max-age=")]
    assert 0 < age <= 3600
    again = Browser(bed.tool.url, bed.tool.clock.now, None).request(
        "GET", "/lti/jwks", site="none", headers={"If-None-Match": response.header("ETag")}
    )
    assert again.status == 304
    for key in response.json["keys"]:
        assert set(key) == {"kid", "alg", "use", "kty", "n", "e"}, "public parts only"
        assert (key["alg"], key["use"], key["kty"]) == ("RS256", "sig", "RSA")
        assert len(unb64(key["n"])) * 8 >= 2048
    assert len(set(kids(bed))) == len(kids(bed))


def signing_kid(bed: Bed, at: Registration) -> str:
    """The key that signs the next token request."""
    visit = bed.at_lesson(at)
    visit.enter()
    visit.complete()
    bed.wait(lambda: bed.is_settled(visit), "delivery")
    assertion = at.platform.seen("/token")[-1].form["client_assertion"]
    return str(json.loads(unb64(assertion.split(".")[0]))["kid"])


def test_SES_11_rotation_of_our_key(bed: Bed) -> None:
    old = signing_kid(bed, bed.fresh())
    before = set(kids(bed))
    assert old in before
    bed.tool.admin("keys", "rotate")
    (new,) = set(kids(bed)) - before
    for hours in (0, 12, 11.9):  # published at once, but a platform may hold the old set for a day
        bed.tool.clock.forward(hours=hours)
        assert signing_kid(bed, bed.fresh()) == old
        assert {old, new} <= set(kids(bed))
    bed.tool.clock.forward(hours=1)
    assert signing_kid(bed, bed.fresh()) == new
    bed.tool.clock.forward(days=6)
    assert {old, new} <= set(kids(bed)), "the previous key stays for seven days after the new one signs"
    bed.tool.clock.forward(days=2)
    assert new in kids(bed)
    assert signing_kid(bed, bed.fresh()) == new
    listed = bed.tool.admin_json("keys", "list")
    assert {key["kid"] for key in listed if key["signs"]} == {new}


def test_SES_12_a_whole_class_at_once(bed: Bed) -> None:
    """Two workers, many launches at the same time: no error, one row each, and nothing that is kept for ever.

    A small part of the sixty seconds at fifty a second; how long each takes is measured, not asserted here.
    """
    before = bed.rows.counts()
    amount = 120

    def launch(number: int) -> int:
        visit = bed.visit(sub=f"klasse-{number}", link="klasse", context="klasse")
        visit.browser.source = new_source()
        response = visit.launch()
        return visit.browser.follow(response).status

    with ThreadPoolExecutor(8) as threads:
        statuses = Counter(threads.map(launch, range(amount)))
    assert statuses == {200: amount}
    after = bed.rows.counts()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown["launch"] == grown["membership"] == grown["person"] == amount
    assert grown.get("used_state", 0) == 0, "a nonce is held by its launch alone"
    bed.tool.clock.forward(hours=14)
    bed.upkeep()
    assert bed.rows.counts()["launch"] <= before["launch"], "and goes with it"
