"""STA, a frame without cookies on a platform that keeps values for it: in Chromium, with a scripted page around it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Frame, expect

from .bed import Bed, Visit
from .dl_pick import settings
from .scripted_lms import HONEST, LYING, REFUSING, SILENT, WRONG, ScriptedLms

COURSE = "Prüfkurs"
LESSON = "course=pruefkurs&module=erstes-modul"


def heading(frame: Frame, words: str) -> None:
    expect(frame.get_by_role("heading", level=1)).to_contain_text(words, timeout=15_000)


def launches(bed: Bed, visit: Visit) -> list[dict[str, object]]:
    fingerprintless = bed.rows.all("platform", issuer=visit.at.platform.issuer)
    deployments = [d for p in fingerprintless for d in bed.rows.all("deployment", platform_id=p["id"])]
    return [row for d in deployments for row in bed.rows.all("launch", deployment_id=d["id"])]


def falls_back(lms: ScriptedLms, frame: Frame) -> None:
    """The page that offers a window of its own; nobody is in, and the platform was not asked."""
    expect(frame.locator("[data-error-code=storage_unavailable]")).to_be_visible(timeout=15_000)
    expect(frame.get_by_role("link", name="In neuem Fenster öffnen")).to_be_visible()
    assert "/k/" not in frame.url


def test_STA_21_platform_storage(bed: Bed, lms: ScriptedLms) -> None:
    visit = lms.visit()
    page, frame = lms.open(visit)
    heading(frame, "Guten Tag")
    assert COURSE in frame.inner_text("main")
    assert lms.context.cookies(bed.tool.url) == []
    heard = page.evaluate("heard")
    put = {one["value"] for one in heard if one["subject"] == "lti.put_data"}
    assert {visit.state, visit.nonce} < put, "what the platform carries is compared with what was kept"
    assert len(put) == 3, "and so is a secret that it does not carry"
    assert {one["origin"] for one in heard} == {bed.tool.url}
    (launch,) = launches(bed, visit)
    assert launch["cookieless"]

    # STA-07: the form once more leads to the same launch, and what lies in the storage proves the browser
    with page.expect_response(lambda answer: answer.url.endswith(f"/k/{launch['id']}/")):
        lms.again(visit, page)
    heading(frame, "Guten Tag")
    assert [row["id"] for row in launches(bed, visit)] == [launch["id"]]


def test_STA_22_answer_from_another_origin(bed: Bed, lms: ScriptedLms) -> None:
    visit = lms.visit()
    with bed.nothing_stored():
        page, frame = lms.open(visit, by_another=True)
        falls_back(lms, frame)
    assert page.evaluate("heard.length") > 0 and not visit.id_token


@pytest.mark.parametrize("answer", [WRONG, SILENT], ids=["wrong", "silent"])
def test_STA_23_25_answers_that_do_not_count(bed: Bed, lms: ScriptedLms, answer: str) -> None:
    visit = lms.visit()
    with bed.nothing_stored():
        page, frame = lms.open(visit, answer)
        falls_back(lms, frame)
    assert not visit.id_token, "the platform's hint is not spent"
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="In neuem Fenster öffnen").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Guten Tag", timeout=15_000)


def test_STA_24_answer_with_an_error(bed: Bed, lms: ScriptedLms) -> None:
    visit = lms.visit()
    with bed.nothing_stored():
        _, frame = lms.open(visit, REFUSING)
        falls_back(lms, frame)


def test_STA_26_named_frame(bed: Bed, lms: ScriptedLms) -> None:
    visit = lms.visit(target=LESSON)
    page, frame = lms.open(visit, target="lms_frame", keeper="lms_frame")
    heading(frame, "Erstes Modul")
    keeper = page.frame("lms_frame")
    assert keeper is not None and len(keeper.evaluate("heard")) > 3
    other = lms.visit()
    with bed.nothing_stored():
        page, frame = lms.open(other, target="not_there", keeper="lms_frame")
        falls_back(lms, frame)


@pytest.mark.parametrize("which", ["state", "nonce", "secret"])
def test_STA_27_stored_value_differs(bed: Bed, lms: ScriptedLms, which: str) -> None:
    visit = lms.visit()
    with bed.nothing_stored():
        _, frame = lms.open(visit, LYING.replace("WHICH", f"-{which}"))
        expect(frame.locator("[data-error-code=state_mismatch]")).to_be_visible(timeout=15_000)


def test_STA_29_nobody_else_hears_it(bed: Bed, lms: ScriptedLms) -> None:
    """The frame's parent is a page of the same platform, but not where its login address lives."""
    visit = lms.visit(issuer=lms.elsewhere)
    with bed.nothing_stored():
        page, frame = lms.open(visit, HONEST, origin=lms.elsewhere)
        falls_back(lms, frame)
    assert page.evaluate("heard") == []


def test_STA_31_a_session_without_cookies(bed: Bed, lms: ScriptedLms) -> None:
    """Links, forms, the back button, a reload and another window: no address ever carries the proof."""
    visit = lms.visit(target=LESSON)
    page, frame = lms.open(visit)
    heading(frame, "Erstes Modul")
    del lms.requests[:]
    frame.get_by_role("link", name="Erste Lerneinheit").first.click()
    heading(frame, "Erste Lerneinheit")
    expect(frame.get_by_role("heading", level=1)).to_be_focused()
    assert frame.title().startswith("Erste Lerneinheit") and frame.url.endswith("/a/erste-lektion")
    frame.get_by_role("button", name="Weiter").click()
    heading(frame, "Erster Test")
    frame.get_by_role("button", name="Test beginnen").click()
    heading(frame, "Frage 1 von")
    frame.get_by_role("radio").first.check()
    expect(frame.get_by_text("Antwort gespeichert")).to_be_visible()
    frame.evaluate("history.back()")
    heading(frame, "Erster Test")
    frame.evaluate("location.reload()")
    heading(frame, "Erster Test")
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="Erstes Modul").first.click(modifiers=["Control"])
    heading(opened.value.main_frame, "Erstes Modul")
    opened.value.get_by_role("link", name="Erste Lerneinheit").first.click()
    heading(opened.value.main_frame, "Erste Lerneinheit")
    assert lms.context.cookies(bed.tool.url) == []

    inside = [one for one in lms.requests if urlsplit(one.url).path.startswith("/k/")]
    proofs = {one.headers["x-lti-session"] for one in inside if "x-lti-session" in one.headers}
    assert len(proofs) == 1 and len(inside) > 8
    bodies = [dict(parse_qsl(one.post_data or "")) for one in inside]
    tokens = {body["handover"] for body in bodies if "handover" in body}
    assert tokens, "the other window came in by a token"
    for secret in proofs | tokens:
        assert not [one.url for one in lms.requests if secret in one.url]
        assert secret not in bed.tool.log("serve")
    # (of a redirect the browser does not tell which headers it sent along)
    asked = [one for one in inside if one.redirected_from is None and not one.post_data]
    unproven = [one.url for one in asked if "x-lti-session" not in one.headers]
    assert len(unproven) == 1, "only the reload asks without: it is refused, and then asks again"


def test_STA_31_two_people_in_one_browser(bed: Bed, lms: ScriptedLms) -> None:
    first, second = lms.visit(target=LESSON), lms.visit(target=LESSON)
    pages = [lms.open(first), lms.open(second)]
    for _, frame in pages:
        heading(frame, "Erstes Modul")
    for _, frame in pages:
        frame.get_by_role("link", name="Erste Lerneinheit").first.click()
        heading(frame, "Erste Lerneinheit")
    pages[0][1].get_by_role("button", name="Weiter").click()
    heading(pages[0][1], "Erster Test")
    done = [
        [
            row
            for row in bed.rows.all("progress", membership_id=launch["membership_id"])
            if row["completed_at"]
        ]
        for launch in (*launches(bed, first), *launches(bed, second))
    ]
    assert [len(rows) > 0 for rows in done] == [True, False]


def test_STA_31_content_selection(bed: Bed, lms: ScriptedLms) -> None:
    """The picker too: its form brings the proof in its body, for the answer must be a document of its own."""
    visit = lms.visit()
    back = f"http://127.0.0.1:{lms.servers[0].server_address[1]}/return"
    signed = visit.token
    visit.token = lambda *changes, **more: signed(settings(deep_link_return_url=back), *changes, **more)  # type: ignore[method-assign]
    page, frame = lms.open(visit)
    heading(frame, "Inhalte in den LMS-Kurs stellen")
    frame.get_by_role("link", name="Alle Module auswählen").click()
    frame.get_by_role("link", name="Nebenkurs").click()
    heading(frame, "Inhalte in den LMS-Kurs stellen")
    frame.get_by_role("checkbox", name="Einziges Modul").check()
    del lms.requests[:]
    with page.expect_request(lambda one: one.url == back) as sent:
        frame.get_by_role("button", name="In den Kurs stellen").click()
    assert "JWT=" in (sent.value.post_data or "") and "session=" not in (sent.value.post_data or "")
    (form,) = [one for one in lms.requests if urlsplit(one.url).path.endswith("/select")]
    assert dict(parse_qsl(form.post_data or ""))["item"] == "nebenkurs/einziges-modul"
    assert "session=" in (form.post_data or "") and "session=" not in form.url
