"""DL: the picker between request and answer (lti-core-cases.md, section 8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import refusal
from .bed import Bed
from .browser import Browser, Response
from .dl_pick import LESSON, MODULE, SECOND, Picking, ask, handed_over, pick, settings
from .page import Page

PLACED = "Schon im LMS-Kurs"


def test_DL_16_two_hours_later(bed: Bed) -> None:
    picking = pick(bed)
    bed.tool.clock.forward(hours=2)

    def late(accept: str) -> Response:
        answer = picking.post(picking.fields(MODULE), accept=accept)
        assert "eyJ" not in answer.text and "sesskey" not in answer.text, "nothing is posted to the LMS"
        return answer

    bed.refused(401, "deep_link_expired", late)
    assert "neu starten" in late(refusal.HTML).text
    bed.refused(401, "deep_link_expired", lambda accept: picking.browser.get(picking.path, accept=accept))
    bed.refused(401, "launch_replayed", lambda accept: picking.visit.post(accept=accept))


def test_DL_16_nearly_two_hours(bed: Bed) -> None:
    picking = pick(bed)
    bed.tool.clock.forward(minutes=115)
    assert len(handed_over(bed, picking.send(MODULE)).items) == 1


def test_DL_17_replayed(bed: Bed) -> None:
    picking = pick(bed)
    handed_over(bed, picking.send(MODULE))
    bed.refused(403, "csrf_failed", lambda accept: picking.post(picking.fields(MODULE), accept=accept))
    bed.refused(
        403,
        "csrf_failed",
        lambda accept: picking.browser.post(picking.path[:-6] + "cancel", [], accept=accept),
    )
    gone = picking.browser.get(picking.path)
    assert gone.error == "deep_link_expired" and "neu starten" in gone.text


def test_DL_17_another_session(bed: Bed) -> None:
    picking, other = pick(bed), pick(bed)
    stranger = Browser(bed.tool.url, bed.tool.clock.now, "https://p1.example")
    for browser in (other.browser, stranger):
        bed.refused(
            403,
            "csrf_failed",
            lambda accept, b=browser: picking.post(picking.fields(MODULE), browser=b, accept=accept),
        )
        bed.refused(401, "session_missing", lambda accept, b=browser: b.get(picking.path, accept=accept))
    handed_over(bed, picking.send(MODULE))


def test_DL_17_another_site(bed: Bed) -> None:
    picking = pick(bed)
    fields = picking.fields(MODULE)
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": None, "Sec-Fetch-Site": "cross-site"},
        {"Origin": None, "Sec-Fetch-Site": None},
    ):
        bed.refused(
            403, "csrf_failed", lambda accept, h=headers: picking.post(fields, headers=h, accept=accept)
        )
    handed_over(bed, picking.send(MODULE))


def test_DL_17_two_answers_at_once(bed: Bed) -> None:
    picking = pick(bed)
    before = bed.rows.count("placement")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: picking.send(MODULE), range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [403] * 7
    assert bed.rows.count("placement") == before + 1


def test_DL_18_not_published(bed: Bed) -> None:
    picking = pick(bed)
    for key in (
        "pruefkurs/entwurf",
        "entwurf",
        "pruefkurs/zweites-modul/erste-lektion",
        "pruefkurs//erste-lektion",
        "/",
        "a/b/c/d",
        "x" * 500,
        "pruefkurs/erstes-modul\x00",
        "' OR 1=1",
    ):
        bed.refused(
            404,
            "module_not_found",
            lambda accept, k=key: picking.post([("item", MODULE), ("item", k)], accept=accept),
        )
    handed_over(bed, picking.send(MODULE))


def copied(folder: Path, name: str, words: dict[str, str]) -> Path:
    """A second «nebenkurs», with other words in its files."""
    source = Path(__file__).parent / "courses" / "nebenkurs"
    for file in source.rglob("*"):
        if file.is_file():
            target = folder / name / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text()
            for old, new in words.items():
                text = text.replace(old, new)
            target.write_text(text)
    return folder / name


def test_DL_18_another_tenant(bed: Bed, tmp_path: Path) -> None:
    own = copied(tmp_path, "fremdkurs", {"nebenkurs": "fremdkurs"})
    if not [row for row in bed.rows.all("tenant") if row["key"] == "nachbar"]:
        bed.tool.admin("tenant", "add", "nachbar", "Nachbarkreis")
    bed.tool.admin("courses", "load", str(own), "--tenant", "nachbar")
    picking = pick(bed)
    assert "fremdkurs" not in picking.page.text
    for key in ("fremdkurs", "fremdkurs/einziges-modul"):
        bed.refused(404, "module_not_found", lambda accept, k=key: picking.post([("item", k)], accept=accept))


def test_DL_01_what_is_placed_is_marked(bed: Bed) -> None:
    first = pick(bed)
    assert PLACED not in first.page.text
    handed_over(bed, first.send(MODULE))
    opened = bed.at_lesson(context=first.visit.context)
    opened.enter()
    again = pick(bed, context=first.visit.context)
    assert marked(again) == {MODULE, LESSON}
    elsewhere = pick(bed)
    assert marked(elsewhere) == set()
    other_deployment = bed.register(bed.p2.platform, "c-dl", "d1")
    assert marked(pick(bed, at=other_deployment, context=first.visit.context)) == set()


def marked(picking: Picking) -> set[str]:
    boxes = picking.page.all("input", name="item")
    return {box.attrs["value"] for box in boxes if "-da" in (box.attrs.get("aria-describedby") or "")}


def test_DL_01_nothing_chosen(bed: Bed) -> None:
    picking = pick(bed)
    answer = picking.post([])
    assert answer.status == 422 and "mindestens einen Inhalt" in answer.text
    assert Page(answer.text).form_to("/select")
    handed_over(bed, picking.send(SECOND))


def test_DL_01_all_modules(bed: Bed) -> None:
    picking = pick(bed)
    (link,) = picking.page.all("a", data_all="")
    page = Page(picking.browser.get(link.attrs["href"]).text)
    assert [box.attrs["value"] for box in page.all("input", name="item", checked="")] == [MODULE, SECOND]
    single = pick(bed, settings(accept_multiple=False))
    assert not single.page.all("a", data_all="")


def test_DL_01_another_course(bed: Bed) -> None:
    picking = pick(bed)
    (link,) = [one for one in picking.page.all("a") if "course=nebenkurs" in one.attrs["href"]]
    page = Page(picking.browser.get(link.attrs["href"]).text)
    boxes = {box.attrs["value"] for box in page.all("input", name="item")}
    assert boxes and all(value.startswith("nebenkurs") for value in boxes)
    (item,) = handed_over(bed, picking.post([("item", "nebenkurs")])).items
    assert item["custom"]["course_id"] == "nebenkurs"


def test_DL_01_what_waits_for_something_else_says_so(bed: Bed, tmp_path: Path) -> None:
    own = copied(tmp_path, "folgekurs", {"nebenkurs": "folgekurs", "einziges-modul": "folgemodul"})
    first = own / "modules" / "01-einziges" / "01-neben-lektion.md"
    first.with_name("02-danach.md").write_text(
        first.read_text()
        .replace("id: neben-lektion\ntitle: Lerneinheit nebenan", "id: danach\ntitle: Danach")
        .replace("completion: viewed", "completion: viewed\nrequires: [neben-lektion]")
    )
    bed.tool.admin("courses", "load", str(own))
    picking = pick(bed)
    (link,) = [one for one in picking.page.all("a") if "course=folgekurs" in one.attrs["href"]]
    said = picking.browser.get(link.attrs["href"]).text
    assert said.count("Öffnet sich, wenn dies erledigt ist:") == 1
    assert said.index("Danach") < said.index("Öffnet sich, wenn dies erledigt ist:")


def test_DL_01_in_english_and_framed(bed: Bed) -> None:
    picking = pick(bed, lambda token: token.update(locale="en"))
    assert "Place content in the LMS course" in picking.page.text
    answer = picking.send(MODULE)
    assert "Continue to the LMS" in answer.text
    allowed = answer.header("Content-Security-Policy").split("frame-ancestors ")[1]
    assert allowed == f"'self' https://p1.example {bed.p1.platform.url}"


def test_DL_01_registration_switched_off(bed: Bed) -> None:
    at = bed.fresh()
    picking = pick(bed, at=at)
    bed.tool.admin("platform", "disable", at.id)
    bed.refused(401, "session_missing", lambda accept: picking.browser.get(picking.path, accept=accept))
    bed.refused(403, "csrf_failed", lambda accept: picking.post([("item", MODULE)], accept=accept))
    _, answer = ask(bed, at=bed.p1)
    assert answer.status == 303
