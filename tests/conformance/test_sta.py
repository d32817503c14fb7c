"""STA: state, nonce, cookies. The cases of platform storage and of blocked cookies belong to the next stage."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from secrets import token_urlsafe

from . import refusal
from .bed import Bed, Visit
from .browser import Browser, Response
from .claims import drop, put
from .crypto import b64, unb64
from .page import Page


def logged_in(bed: Bed) -> Visit:
    visit = bed.visit()
    visit.login()
    visit.id_token = visit.token()
    return visit


def launches(bed: Bed, visit: Visit) -> list[dict[str, object]]:
    """Launch rows of this person."""
    people = bed.rows.all("person", issuer=visit.at.platform.issuer, sub=visit.sub)
    members = [row for person in people for row in bed.rows.all("membership", person_id=person["id"])]
    return [row for member in members for row in bed.rows.all("launch", membership_id=member["id"])]


def test_STA_01_valid(bed: Bed) -> None:
    visit = bed.visit()
    page = visit.enter()
    assert "Prüfkurs" in page.text
    assert len(launches(bed, visit)) == 1
    assert bed.rows.one("context", lti_id=visit.context)
    assert bed.rows.one("resource_link", lti_id=visit.link)
    assert visit.page().one("h1").text  # and the session goes on


def test_STA_02_state_missing(bed: Bed) -> None:
    for change in ({}, {"state": ""}):

        def send(accept: str, form: dict[str, str] = change) -> Response:
            visit = logged_in(bed)
            return visit.browser.request(
                "POST", "/lti/launch", form={"id_token": visit.id_token} | form, accept=accept
            )

        bed.refused(400, "state_missing", send)


def test_STA_03_state_never_issued(bed: Bed) -> None:
    def random(accept: str) -> Response:
        return logged_in(bed).post(state=token_urlsafe(96), accept=accept)

    def changed(accept: str) -> Response:
        visit = logged_in(bed)
        raw = bytearray(unb64(visit.state))
        raw[len(raw) // 2] ^= 1
        return visit.post(state=b64(bytes(raw)), accept=accept)

    def odd(accept: str) -> Response:
        return logged_in(bed).post(state="ü\x00'\"<script>" * 20, accept=accept)

    for send in (random, changed, odd):
        bed.refused(401, "state_unknown", send)


def test_STA_04_login_csrf(bed: Bed) -> None:
    def send(accept: str) -> Response:
        visit = logged_in(bed)
        victim = bed.visit().browser
        response = victim.request(
            "POST", "/lti/launch", form={"id_token": visit.id_token, "state": visit.state}, accept=accept
        )
        assert victim.cookie_names() == []
        return response

    bed.refused(401, "state_mismatch", send)


def test_STA_05_cookie_of_another_state(bed: Bed) -> None:
    def send(accept: str) -> Response:
        visit, other = logged_in(bed), bed.visit()
        other.login()
        visit.browser.jar = other.browser.jar
        return visit.post(accept=accept)

    def renamed(accept: str) -> Response:
        """The other login's secret under the name that this state expects."""
        visit, other = logged_in(bed), bed.visit()
        other.login()
        names = set(visit.browser.cookie_names()), set(other.browser.cookie_names())
        (mine,) = [c for c in visit.browser.jar.values() if c.name in names[0] - names[1]]
        (theirs,) = [c for c in other.browser.jar.values() if c.name in names[1] - names[0]]
        mine.value = theirs.value
        return visit.post(accept=accept)

    bed.refused(401, "state_mismatch", send)
    bed.refused(401, "state_mismatch", renamed)


def test_STA_06_state_expired(bed: Bed) -> None:
    waiting = {accept: logged_in(bed) for accept in (refusal.HTML, refusal.JSON)}
    still_good = logged_in(bed)
    cookies = {accept: dict(visit.browser.jar) for accept, visit in waiting.items()}
    bed.tool.clock.forward(minutes=9)
    still_good.id_token = still_good.token()
    still_good.entered(still_good.post())
    bed.tool.clock.forward(minutes=2)

    def send(accept: str) -> Response:
        visit = waiting[accept]
        for cookie in cookies[accept].values():
            cookie.expires = None  # a browser that keeps it too long
        visit.id_token = visit.token()
        response = visit.post(accept=accept)
        if accept == refusal.HTML:
            assert "neu starten" in response.text and "start again" in response.text.lower()
        return response

    bed.refused(401, "state_expired", send)


def test_STA_07_reload_of_the_launch(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter()
    home, before = visit.home, bed.rows.snapshot()
    for _ in range(2):
        again = visit.post()
        assert again.status == 303 and again.location == bed.tool.url + home
        assert visit.browser.follow(again, site="cross-site").status == 200
    bed.tool.clock.forward(minutes=30)  # state and id_token have run out, the session has not
    late = visit.post()
    assert late.status == 303 and late.location == bed.tool.url + home
    after = bed.rows.snapshot()
    assert len(launches(bed, visit)) == 1
    assert {name for name in after if after[name] != before[name]} <= {"launch"}  # at most: last seen


def test_STA_08_replay_from_elsewhere_or_after_the_end(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter()

    def other_client(accept: str) -> Response:
        return bed.visit().browser.request(
            "POST", "/lti/launch", form={"id_token": visit.id_token, "state": visit.state}, accept=accept
        )

    bed.refused(401, "launch_replayed", other_client)
    bed.tool.clock.forward(hours=13)
    bed.refused(401, "launch_replayed", lambda accept: visit.post(accept=accept))
    bed.upkeep()  # forgetting old launches must not make the token good again
    with bed.nothing_stored():
        late = visit.post()
        assert late.status == 401 and late.error in ("launch_replayed", "state_expired")


def test_STA_09_nonce_missing(bed: Bed) -> None:
    for change in (drop("nonce"), put("nonce", ""), put("nonce", 7), put("nonce", None), put("nonce", ["a"])):
        bed.refused_launch(401, "nonce_missing", change)


def test_STA_10_nonce_never_issued(bed: Bed) -> None:
    length = len(logged_in(bed).nonce)
    for nonce in (token_urlsafe(length)[:length], token_urlsafe(24), "x"):
        bed.refused_launch(401, "nonce_unknown", put("nonce", nonce))


def test_STA_11_nonce_of_another_login(bed: Bed) -> None:
    other = logged_in(bed)
    bed.refused_launch(401, "nonce_mismatch", put("nonce", other.nonce))


def test_STA_12_twenty_at_once(bed: Bed) -> None:
    for _ in range(3):
        visit = logged_in(bed)
        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(lambda _, v=visit: v.post(), range(20)))
        refused = [a for a in answers if a.status != 303]
        assert {a.status for a in answers} <= {303, 401}, [a.status for a in answers]
        assert all(a.status == 401 and a.error == "launch_replayed" for a in refused)
        assert len({a.location for a in answers if a.status == 303}) == 1
        assert len(launches(bed, visit)) == 1
        assert (
            visit.browser.follow(next(a for a in answers if a.status == 303), site="cross-site").status == 200
        )


def test_STA_13_replay_after_restart(bed: Bed) -> None:
    visit, waiting = bed.visit(), logged_in(bed)
    visit.enter()
    bed.tool.stop_web()
    bed.tool.start_web()

    def other_client(accept: str) -> Response:
        return bed.visit().browser.request(
            "POST", "/lti/launch", form={"id_token": visit.id_token, "state": visit.state}, accept=accept
        )

    bed.refused(401, "launch_replayed", other_client)
    waiting.entered(waiting.post())  # a login that was on its way meanwhile


def test_STA_14_mix_up(bed: Bed) -> None:
    def send(accept: str) -> Response:
        visit, other = bed.visit(bed.p1), bed.visit(bed.p2)
        visit.login()
        other.nonce = visit.nonce
        return visit.post(other.token(), accept=accept)

    bed.refused(401, "issuer_mismatch", send)


def test_STA_15_two_tabs(bed: Bed) -> None:
    first = bed.visit(target="course=pruefkurs")
    second = bed.visit(target="course=nebenkurs", sub=first.sub, browser=first.browser)
    assert "Prüfkurs" in first.enter().text
    assert "Nebenkurs" in second.enter().text
    for _ in range(2):
        assert "Prüfkurs" in first.page().text and "Nebenkurs" not in first.page().text
        assert "Nebenkurs" in second.page().text and "Prüfkurs" not in second.page().text
    first.complete("erste-lektion")
    second.complete("neben-lektion")
    assert first.launch_row()["membership_id"] != second.launch_row()["membership_id"]
    for visit, course in ((first, "pruefkurs"), (second, "nebenkurs")):
        done = bed.rows.all("progress", membership_id=visit.launch_row()["membership_id"])
        assert {row["course_id"] for row in done} == {course}
    # a page of one launch does not open under the other
    assert first.browser.get(second.url("a/erste-lektion")).status == 404


def test_STA_16_two_people_one_browser(bed: Bed) -> None:
    first = bed.at_lesson()
    second = bed.at_lesson(context=first.context, link=first.link, browser=first.browser)
    first.enter()
    first.complete()
    page = second.enter()
    assert f"Prüfer-{second.sub}" in page.text and first.sub not in page.text
    second.complete()
    members = {visit.launch_row()["membership_id"] for visit in (first, second)}
    assert len(members) == 2
    assert first.person()["id"] != second.person()["id"]
    assert second.launch_row()["membership_id"] in {
        row["id"] for row in bed.rows.all("membership", person_id=second.person()["id"])
    }


def error_form(visit: Visit, error: str, description: str = "") -> dict[str, str]:
    return {"error": error, "error_description": description, "state": visit.state}


def test_STA_17_platform_error(bed: Bed) -> None:
    texts = {}
    for error in (
        "login_required",
        "interaction_required",
        "access_denied",
        "invalid_request",
        "server_error",
        "x",
    ):

        def send(accept: str, error: str = error) -> Response:
            visit = logged_in(bed)
            response = visit.browser.request(
                "POST", "/lti/launch", form=error_form(visit, error), accept=accept
            )
            used = visit.post()
            assert used.status == 401 and used.error == "launch_replayed", "the state was not used up"
            return response

        bed.refused(401, "platform_error", send)
        visit = logged_in(bed)
        shown = Page(visit.browser.request("POST", "/lti/launch", form=error_form(visit, error)).text)
        texts[error] = " ".join(p.text for p in shown.all("p") if p.lang == "de")
    assert texts["login_required"] != texts["access_denied"] != texts["invalid_request"]
    assert "anmeld" in texts["login_required"].lower()


def test_STA_17_foreign_state(bed: Bed) -> None:
    """An error without a state of ours says nothing; Moodle posts an empty one."""
    for state, status, code in (("", 400, "state_missing"), (token_urlsafe(90), 401, "state_unknown")):

        def send(accept: str, state: str = state) -> Response:
            form = {"error": "login_required", "state": state}
            return logged_in(bed).browser.request("POST", "/lti/launch", form=form, accept=accept)

        bed.refused(status, code, send)


def test_STA_18_error_description_escaped(bed: Bed) -> None:
    description = "<script>alert(1)</script>\x00\x07\r\n<b>Grund</b> " + "lang " * 200

    def send(accept: str) -> Response:
        visit = logged_in(bed)
        form = error_form(visit, "access_denied", description)
        response = visit.browser.request("POST", "/lti/launch", form=form, accept=accept)
        if accept == refusal.HTML:
            assert "<script>alert" not in response.text and "<b>Grund" not in response.text
            assert "<script>alert(1)</script>" in Page(response.text).text, "the platform's words are shown"
        assert not re.search(r"[\x00\x07]", response.text)
        told = max(re.findall(r"(?:lang ?)+", response.text), key=len)
        assert 200 <= len(told) <= 300, "of a thousand characters three hundred are shown"
        return response

    bed.refused(401, "platform_error", send)


def test_STA_19_token_in_the_query(bed: Bed) -> None:
    visit = logged_in(bed)
    query = f"/lti/launch?state={visit.state}&id_token={visit.id_token}"
    bed.refused(405, "method_not_allowed", lambda accept: visit.browser.request("GET", query, accept=accept))
    visit.entered(visit.post())  # nothing was used up


def test_STA_20_id_token_missing(bed: Bed) -> None:
    def absent(accept: str) -> Response:
        visit = logged_in(bed)
        return visit.browser.request("POST", "/lti/launch", form={"state": visit.state}, accept=accept)

    bed.refused(400, "id_token_missing", absent)
    bed.refused(400, "id_token_missing", lambda accept: logged_in(bed).post("", accept=accept))


def test_STA_30_no_javascript(bed: Bed) -> None:
    """The browser of these tests runs no script: the flow is redirects alone, read and answered without."""
    visit = bed.visit(target="course=pruefkurs&module=erstes-modul&activity=erster-test")
    response = visit.launch()
    assert response.status == 303 and response.body.strip().lower().find(b"<script") == -1
    visit.entered(response)
    result = visit.quiz("a", "a")
    assert "100" in result.text or "2 von 2" in result.text
    window = bed.visit(frame=False)
    assert "Prüfkurs" in window.enter().text


def test_STA_32_upload_and_size(bed: Bed) -> None:
    def upload(accept: str) -> Response:
        visit = logged_in(bed)
        parts = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\n\r\n{value}\r\n'
            for name, value in (("id_token", visit.id_token), ("state", visit.state))
        )
        return multipart(visit.browser, parts, accept)

    def doubled(accept: str) -> Response:
        visit = logged_in(bed)
        parts = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{value}\r\n'
            for name, value, extra in (
                ("id_token", visit.id_token, ""),
                ("state", visit.state, ""),
                ("id_token", visit.id_token, '; filename="x"'),
            )
        )
        return multipart(visit.browser, parts, accept)

    def large(accept: str) -> Response:
        visit = logged_in(bed)
        form = {"id_token": visit.id_token, "state": visit.state, "filler": "x" * 2_097_152}
        return visit.browser.request("POST", "/lti/launch", form=form, accept=accept)

    bed.refused(413, "request_too_large", large)
    for send in (upload, doubled):
        with bed.nothing_stored():
            for accept in (refusal.HTML, refusal.JSON):
                response = send(accept)
                assert response.status in (400, 413)
                refusal.check(response, response.status, "request_too_large", accept=accept)


def multipart(browser: Browser, parts: str, accept: str) -> Response:
    return browser.request(
        "POST",
        "/lti/launch",
        body=f"{parts}--b--\r\n".encode(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
        accept=accept,
    )
