"""Answers with and without script, and when the network is away for a while."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from lms_tool.content.course import Course
from lms_tool.content.questions import solution

from .campus import Campus
from .conftest import OpenWindow
from .moves import (
    INSIDE,
    answer_all,
    choose,
    enter,
    frame_of,
    launch_here,
    quiz,
    read_all,
    wrong,
)
from .window import Window

SAVED = "Antwort gespeichert"
WAITING = "Noch nicht gespeichert. Wir versuchen es weiter."


def test_module_and_quiz_without_script(window: OpenWindow, campus: Campus, course: Course) -> None:
    module = course.modules[0]
    ours = window(java_script_enabled=False)
    page = ours.page()
    enter(page, campus.lms, campus.newcomer())
    page.get_by_role("link", name=module.title, exact=True).first.click()
    frame = frame_of(page)
    for form in ("launch", "auth"):
        frame.wait_for_url(f"{campus.lms}/mod/lti/{form}.php**", wait_until="commit")
        expect(frame.get_by_role("heading", name="Weiterleitung")).to_be_visible()
        frame.get_by_role("button", name="Weiter").click()
    frame.wait_for_url(INSIDE, wait_until="commit")
    read_all(frame, module)
    frame.get_by_role("button", name="Test beginnen").click()
    test = quiz(module)[1]
    answer_all(frame, test)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Bestanden")
    assert ours.refusals == []


def test_saved_on_change(window: OpenWindow, campus: Campus, course: Course) -> None:
    page = at_first_question(window(), campus, course)
    question = quiz(course.modules[0])[1].questions[0]
    for answer in (wrong(question), *solution(question)):
        choose(page, answer)
        expect(page.get_by_role("status")).to_have_text(SAVED)
        page.reload()
        expect(page.locator("input:checked")).to_have_value(answer)
        expect(page.get_by_role("status")).to_have_text(SAVED)


def test_network_away(window: OpenWindow, campus: Campus, course: Course) -> None:
    """Nothing chosen is lost: the page says so, goes on trying, and says when it is saved."""
    ours = window()
    page = at_first_question(ours, campus, course)
    question = quiz(course.modules[0])[1].questions[0]
    page.context.set_offline(True)
    choose(page, wrong(question))
    expect(page.get_by_role("status")).to_have_text(WAITING)
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text(SAVED)
    page.reload()
    expect(page.locator("input:checked")).to_have_value(wrong(question))

    # A server that drops connections: no event tells the browser when it is back.
    drops: list[str] = []

    def drop(route: Route) -> None:
        drops.append(route.request.url)
        route.abort("connectionreset")

    page.route("**/q/1", drop)
    choose(page, solution(question))
    expect(page.get_by_role("status")).to_have_text(WAITING)
    page.unroute("**/q/1")
    expect(page.get_by_role("status")).to_have_text(SAVED)
    assert drops
    page.reload()
    expect(page.locator("input:checked")).to_have_value("".join(solution(question)))
    # The browser complains about each failed attempt, and about nothing else.
    assert len([one for one in ours.complaints if "net::ERR_" in one]) >= 2
    ours.complaints = [one for one in ours.complaints if "net::ERR_" not in one]


def at_first_question(ours: Window, campus: Campus, course: Course) -> Page:
    page = ours.page()
    enter(page, campus.lms, campus.newcomer())
    module = course.modules[0]
    launch_here(page, campus.lms, module.title)
    read_all(page, module)
    page.get_by_role("button", name="Test beginnen").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Frage 1 von")
    return page
