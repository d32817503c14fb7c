"""New windows, several tabs, several people in one browser, reload and back button."""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Frame, Locator, Page, Request, expect

from lms_tool.content.course import Course, Module
from lms_tool.content.questions import solution

from .campus import Campus
from .conftest import OpenWindow
from .demo import Demo
from .moves import (
    base,
    choose,
    enter,
    frame_of,
    launched_frame,
    lessons,
    open_in_frame,
    quiz,
    read_all,
    read_on,
    wrong,
)
from .window import Place

SOON = 50  # milliseconds: the script has returned by then, and leaves nothing half done
FORM = """([url, body]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: url});
  for (const [name, value] of new URLSearchParams(body))
    form.append(Object.assign(document.createElement("input"), {name, value}));
  document.body.append(form);
  setTimeout(() => form.submit(), 50);
}"""


def test_new_window(window: OpenWindow, demo: Demo, course: Course) -> None:
    ours = window()
    page = ours.page()
    enter(page, demo.lms, "aylin.yildiz")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=f"Ganzer Kurs: {course.title}").click()
    tool = opened.value
    expect(tool.get_by_role("heading", level=1)).to_have_text("Guten Tag, Aylin Yıldız")
    first = course.modules[4]
    tool.get_by_role("link", name=first.title).click()
    tool.get_by_role("link", name="Beginnen").click()
    read_on(tool, lessons(first)[0])
    expect(tool.get_by_role("heading", level=1)).to_have_text(lessons(first)[1].title)
    assert ours.refusals == []


def test_two_people_in_two_tabs(window: OpenWindow, demo: Demo, course: Course) -> None:
    """The second login replaces the first one in the LMS; what is open in the first tab stays hers."""
    module = course.modules[1]
    one, two = lessons(module)[:2]
    ours = window()
    hers, his = ours.page(), ours.page()
    enter(hers, demo.lms, "petra.sommer")
    petra = open_in_frame(hers, module.title)
    enter(his, demo.lms, "juergen.weissflog")
    juergen = open_in_frame(his, module.title)
    assert base(petra) != base(juergen)

    hers.bring_to_front()
    row(petra, one.title).get_by_role("link").first.click()
    read_on(petra, one)
    his.bring_to_front()
    row(juergen, two.title).get_by_role("link").first.click()
    read_on(juergen, two)
    for place, name, done, todo in (
        (petra, "Petra Sommer", one, two),
        (juergen, "Jürgen Weißflog", two, one),
    ):
        place.goto(base(place))
        is_at_home(place, name, module)
        expect(row(place, done.title)).to_contain_text("Erledigt")
        expect(row(place, todo.title)).not_to_contain_text("Erledigt")

    for page, place, name in ((hers, petra, "Petra Sommer"), (his, juergen, "Jürgen Weißflog")):
        reload(place)
        is_at_home(place, name, module)
        travel(page, "back")
        expect(place.get_by_role("heading", level=1)).not_to_have_text(module.title)
        expect(place.get_by_text(name)).to_be_attached()
    assert ours.refusals == []


def test_one_answer_each(window: OpenWindow, campus: Campus, course: Course) -> None:
    """Two people in one browser at the same question: each finds the own answer again."""
    module = course.modules[0]
    question = quiz(module)[1].questions[0]
    ours = window()
    answers = {campus.newcomer(): solution(question), campus.newcomer(): wrong(question)}
    places: dict[str, Page] = {}
    for username in answers:
        page = places[username] = ours.page()
        enter(page, campus.lms, username)
        frame = open_in_frame(page, module.title)
        read_all(frame, module)
        frame.get_by_role("button", name="Test beginnen").click()
        expect(frame.get_by_role("heading", level=1)).to_contain_text("Frage 1 von")
    for username, answer in answers.items():
        places[username].bring_to_front()
        frame = launched_frame(places[username])
        choose(frame, answer)
        expect(frame.get_by_role("status")).to_have_text("Antwort gespeichert")
    for username, answer in answers.items():
        places[username].bring_to_front()
        frame = launched_frame(places[username])
        reload(frame)
        expect(frame.locator("input:checked")).to_have_value("".join(answer))


def test_two_modules_of_one_person(window: OpenWindow, campus: Campus, course: Course) -> None:
    ours = window()
    left, right_hand = ours.page(), ours.page()
    enter(left, campus.lms, campus.newcomer())
    first, second = course.modules[:2]
    one = open_in_frame(left, first.title)
    right_hand.goto(f"{campus.lms}/course/view.php?id=2")
    two = open_in_frame(right_hand, second.title)
    for page, place, module in ((left, one, first), (right_hand, two, second), (left, one, first)):
        page.bring_to_front()
        place.goto(f"{base(place)}a/{lessons(module)[0].id}")
        read_on(place, lessons(module)[0])
        place.goto(base(place))
        expect(place.get_by_role("heading", level=1)).to_have_text(module.title)
        expect(place.get_by_text(f"1 von {len(module.activities)} Aktivitäten erledigt")).to_be_visible()
    assert ours.refusals == []


def test_reload_and_back(window: OpenWindow, campus: Campus, course: Course) -> None:
    module = course.modules[0]
    ours = window()
    page = ours.page()
    posted: list[Request] = []
    page.on(
        "request", lambda request: posted.append(request) if request.url.endswith("/lti/launch") else None
    )
    enter(page, campus.lms, campus.newcomer())
    frame = open_in_frame(page, module.title)
    here = base(frame)

    # The frame as the browser reloads it, and the whole page of the LMS, which is a launch of its own.
    reload(frame)
    is_at_home(frame, "Kim Beispiel", module)
    page.reload()
    frame = launched_frame(page)
    is_at_home(frame, "Kim Beispiel", module)

    # The launch's own POST once more, as a browser does that shows it again from its history.
    page.locator("iframe").evaluate("(frame, url) => { frame.src = url }", f"{campus.lms}/")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Als wer möchten Sie eintreten?")
    frame.wait_for_load_state()
    assert posted[0].post_data is not None
    frame.evaluate(FORM, [posted[0].url, posted[0].post_data])
    frame.wait_for_url(f"{here}**", wait_until="commit")
    is_at_home(frame, "Kim Beispiel", module)

    # Back and forward between pages of the activity; then out to the LMS's course page, and back from there.
    frame.get_by_role("link", name="Beginnen").click()
    lesson = lessons(module)[0]
    expect(frame.get_by_role("heading", level=1)).to_have_text(lesson.title)
    travel(page, "back")
    is_at_home(frame, "Kim Beispiel", module)
    travel(page, "forward")
    expect(frame.get_by_role("heading", level=1)).to_have_text(lesson.title)
    page.goto(f"{campus.lms}/course/view.php?id=2")
    travel(page, "back")
    expect(frame_of(page).get_by_text("Kim Beispiel")).to_be_attached()
    expect(frame_of(page).get_by_role("heading", level=1)).to_have_text(
        re.compile(f"{lesson.title}|{module.title}")
    )
    assert ours.refusals == []


def reload(frame: Frame) -> None:
    with frame.page.expect_event("framenavigated"):
        frame.evaluate(f"void setTimeout(() => location.reload(), {SOON})")


def travel(page: Page, direction: Literal["back", "forward"]) -> None:
    """Through the window's history, and wait until something of it has come."""
    with page.expect_event("framenavigated"):
        page.evaluate(f"void setTimeout(() => history.{direction}(), {SOON})")


def is_at_home(place: Place, name: str, module: Module) -> None:
    expect(place.get_by_text(name)).to_be_attached()
    expect(place.get_by_role("heading", level=1)).to_have_text(module.title)


def row(place: Place, title: str) -> Locator:
    """The activity in the list of a module's page."""
    return place.locator(".lt-list > li").filter(has=place.locator(".lt-item__title", has_text=title))
