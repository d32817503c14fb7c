"""SES-05, the way back: who was thrown out by time goes on where they were, nobody else is led anywhere."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from .bed import Bed, Visit
from .page import Page

MODULE = "course=pruefkurs&module=erstes-modul"


def again(bed: Bed, visit: Visit, **other: str) -> str:
    """The same placement is opened once more by the same person; the heading it leads to."""
    who = {"sub": visit.sub, "context": visit.context, "link": visit.link} | other
    later = bed.visit(visit.at, target=urlsplit(visit.target).query, **who)
    return later.enter().one("h1").text


def at_lesson(bed: Bed) -> Visit:
    visit = bed.visit(target=MODULE)
    visit.enter()
    assert visit.page("a/erste-lektion").one("h1").text == "Erste Lerneinheit"
    return visit


def test_SES_05_back_to_the_lesson(bed: Bed) -> None:
    visit, home = at_lesson(bed), bed.visit(target=MODULE)
    home.enter()
    home.page("a/erste-lektion")
    home.page()  # back on the module's page
    start = again(bed, visit)
    assert start != "Erste Lerneinheit", "the session still runs: a new launch begins at the start"
    visit.page("a/erste-lektion")
    bed.tool.clock.forward(hours=5)
    assert visit.browser.get(visit.url()).error == "session_expired"
    assert again(bed, visit, sub="somebody-else") == start
    assert again(bed, visit, link="another-link") == start
    assert again(bed, visit) == "Erste Lerneinheit"
    assert again(bed, home) == start


def test_SES_05_back_to_the_question(bed: Bed) -> None:
    visit = bed.visit(target=MODULE)
    visit.enter()
    begun = visit.browser.post(visit.url("a/erster-test/attempts"), {})
    second = urlsplit(begun.location).path.replace("/q/1", "/q/2")
    assert visit.browser.get(second).status == 200
    bed.tool.clock.forward(hours=13)
    bed.upkeep()  # the launch may be forgotten, its place is not
    assert "Frage 2" in again(bed, visit)
    bed.tool.clock.forward(hours=5)
    bed.rows.one("place", membership_id=bed.rows.one("membership", person_id=visit.person()["id"])["id"])
    assert "Frage 2" in again(bed, visit), "and once more"


def test_SES_05_nowhere_to_go_back_to(bed: Bed) -> None:
    """The lesson was read, or the session was ended by its owner: the start is what helps."""
    done, ended = at_lesson(bed), at_lesson(bed)
    start = again(bed, bed.visit(target=MODULE))
    done.browser.post(done.url("a/erste-lektion/done"), {})
    ended.browser.post(ended.url("end"), {})
    bed.tool.clock.forward(hours=5)
    assert again(bed, done) == start
    assert again(bed, ended) == start


def test_SES_05_the_way_back_stays_inside(bed: Bed) -> None:
    visit = bed.visit(target=MODULE)
    visit.enter()
    for odd in (
        "//evil.example/",
        "https://evil.example",
        "../../lti/login",
        "a/../../x",
        "a/gibt-es-nicht",
        "a/erste-lektion/done",
        "a/zweite-lektion",  # of another module
        "a/erster-test/t/1/q/1",  # of an attempt that was never begun
        "a/erste-lektion\r\nX: y",
        "",
    ):
        answer = visit.browser.get(f"{visit.url()}?{urlencode({'back': odd})}")
        assert answer.status == 303 and urlsplit(answer.location).path == visit.home, odd
        assert answer.location.startswith(bed.tool.url)
    inside = visit.browser.get(f"{visit.url()}?{urlencode({'back': 'a/erste-lektion'})}")
    assert Page(visit.browser.follow(inside).text).one("h1").text == "Erste Lerneinheit"
