"""Every page a launch can show, in light and dark, wide and narrow."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from lms_tool.content.course import Course
from lms_tool.content.questions import solution

from .campus import ENGLISH, GONE, TEACHER, WHOLE_COURSE, Campus
from .conftest import OpenWindow
from .demo import Demo
from .look import Inspector
from .moves import answer_all, answer_check, base, choose, enter, launch_here, lessons, quiz, wrong


def test_course_modules_lessons_glossary(window: OpenWindow, campus: Campus, course: Course) -> None:
    page, inspector = window().page(), Inspector()
    enter(page, campus.lms, campus.newcomer())
    launch_here(page, campus.lms, WHOLE_COURSE)
    home = base(page)
    inspector.look(page, "kurs-neu")
    first, chained = course.modules[0], course.modules[2]
    page.goto(f"{home}m/{first.id}")
    inspector.look(page, "modul-neu")
    page.goto(f"{home}a/{chained.activities[1].id}")
    expect(page.get_by_role("heading", name="Noch nicht offen")).to_be_visible()
    inspector.look(page, "lektion-gesperrt")
    page.goto(f"{home}a/{quiz(first)[0].id}")
    inspector.look(page, "test-gesperrt")

    lesson = lessons(first)[0]
    page.goto(f"{home}a/{lesson.id}")
    inspector.look(page, "lektion")
    page.get_by_role("button", name="Antwort prüfen").click()
    expect(page.get_by_role("alert")).to_be_visible()
    inspector.look(page, "lektion-ohne-antwort")
    check = lesson.content.check  # type: ignore[union-attr]
    assert check is not None
    choose(page, wrong(check))
    page.get_by_role("button", name="Antwort prüfen").click()
    expect(page.locator("#rueckmeldung")).to_contain_text("Noch nicht richtig")
    inspector.look(page, "lektion-falsch")
    answer_check(page, check)
    inspector.look(page, "lektion-richtig")
    page.get_by_role("button", name="Weiter").click()

    page.goto(f"{home}a/{lesson.id}")
    page.locator("a.lt-term").first.click()
    expect(page.locator(".lt-termcard")).to_be_visible()
    inspector.accessible(page, "glossarkarte")
    page.goto(f"{home}glossary")
    inspector.look(page, "glossar")
    page.goto(f"{home}m/{first.id}")
    inspector.look(page, "modul-begonnen")
    page.goto(home)
    inspector.look(page, "kurs-begonnen")
    assert inspector.faults == []


def test_quiz(window: OpenWindow, campus: Campus, course: Course) -> None:
    module = course.modules[0]
    activity, test = quiz(module)
    several = next(number for number, one in enumerate(test.questions, 1) if len(solution(one)) > 1)
    page, inspector = window().page(), Inspector()
    enter(page, campus.lms, campus.newcomer())
    launch_here(page, campus.lms, module.title)
    read_without_looking(page, course)
    inspector.look(page, "test-beginn")
    page.get_by_role("button", name="Test beginnen").click()
    inspector.look(page, "frage-offen")
    page.get_by_role("button", name="Antwort prüfen").click()
    expect(page.get_by_role("alert")).to_be_visible()
    inspector.look(page, "frage-ohne-antwort")
    choose(page, wrong(test.questions[0]))
    expect(page.get_by_role("status").filter(has_text="Antwort gespeichert")).to_be_visible()
    inspector.look(page, "frage-gespeichert")
    checked(page, "Noch nicht richtig")
    inspector.look(page, "frage-falsch")
    attempt = f"{base(page)}a/{activity.id}/t/1"
    page.goto(f"{attempt}/q/{several}")
    choose(page, min(solution(test.questions[several - 1])))
    checked(page, "Teilweise richtig")
    inspector.look(page, "frage-teilweise")
    other = 3 if several != 3 else 2
    page.goto(f"{attempt}/q/{other}")
    choose(page, solution(test.questions[other - 1]))
    checked(page, "Richtig")
    inspector.look(page, "frage-richtig")
    page.goto(attempt)
    inspector.look(page, "abgeben-mit-offenen")
    page.get_by_role("button", name="Test abgeben").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Noch nicht bestanden")
    inspector.look(page, "ergebnis-nicht-bestanden")
    page.goto(f"{attempt}/q/1")
    inspector.look(page, "frage-nach-abgabe")
    page.goto(f"{base(page)}a/{activity.id}")
    inspector.look(page, "test-nach-erstem-versuch")
    page.get_by_role("button", name="Test wiederholen").click()
    answer_all(page, test)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bestanden")
    inspector.look(page, "ergebnis-bestanden")
    page.goto(base(page))
    inspector.look(page, "modul-fertig")
    assert inspector.faults == []


def test_all_attempts_used(window: OpenWindow, campus: Campus, course: Course) -> None:
    module = course.modules[0]
    activity, test = quiz(module)
    page, inspector = window().page(), Inspector()
    enter(page, campus.lms, campus.newcomer())
    launch_here(page, campus.lms, module.title)
    read_without_looking(page, course)
    assert test.attempts is not None
    for number in range(1, test.attempts + 1):
        page.goto(f"{base(page)}a/{activity.id}")
        page.get_by_role("button", name=re.compile("Test (beginnen|wiederholen)")).click()
        page.goto(f"{base(page)}a/{activity.id}/t/{number}")
        page.get_by_role("button", name="Test abgeben").click()
    inspector.look(page, "ergebnis-letzter-versuch")
    page.goto(f"{base(page)}a/{activity.id}")
    inspector.look(page, "test-alle-versuche")
    page.goto(base(page))
    inspector.look(page, "modul-nicht-bestanden")
    assert inspector.faults == []


def test_placed_alone(window: OpenWindow, campus: Campus, course: Course) -> None:
    page, inspector = window().page(), Inspector()
    enter(page, campus.lms, campus.newcomer())
    lesson, test = course.modules[0].activities[0], course.modules[0].activities[-1]
    launch_here(page, campus.lms, f"Einzeln: {lesson.title}")
    inspector.look(page, "einzelne-lektion")
    launch_here(page, campus.lms, f"Einzeln: {test.title}")
    inspector.look(page, "einzelner-test-gesperrt")
    assert inspector.faults == []


def test_notices_for_staff(window: OpenWindow, campus: Campus, course: Course) -> None:
    page, inspector = window().page(), Inspector()
    enter(page, campus.lms, TEACHER.username)
    launch_here(page, campus.lms, course.modules[1].title)
    expect(page.get_by_text("Sie sind mit einer Lehrrolle hier.")).to_be_visible()
    inspector.look(page, "hinweis-lehrrolle")
    assert inspector.faults == []


def test_participants(window: OpenWindow, campus: Campus) -> None:
    """The roster comes from the LMS in the background; a learner finds the very row that the teacher sees."""
    page, inspector = window().page(), Inspector()
    enter(page, campus.lms, TEACHER.username)
    launch_here(page, campus.lms, WHOLE_COURSE)
    page.get_by_role("link", name="Teilnehmende").click()
    update = page.get_by_role("button", name="Jetzt aktualisieren")
    until_there(page, update)
    expect(page.get_by_role("heading", name="Lernende")).to_be_visible()
    expect(page.get_by_text("Winter, Rolf")).to_be_visible()
    inspector.look(page, "teilnehmende")
    update.click()
    until_there(page, update)
    learner = window().page()
    enter(learner, campus.lms, ENGLISH.username)
    launch_here(learner, campus.lms, WHOLE_COURSE)
    learner.get_by_role("link", name="What your coach sees").click()
    expect(learner.get_by_text("Clark, Emma")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Clark, Emma")).to_be_visible()
    english = Inspector("en")
    english.look(learner, "eigene-zeile")
    assert inspector.faults == english.faults == []


def until_there(page: Page, element: Locator) -> None:
    """Load the page again until the background worker has done its part."""
    for _ in range(100):
        if element.is_visible():
            return
        page.wait_for_timeout(200)
        page.reload()
    expect(element).to_be_visible()


def test_problems(window: OpenWindow, campus: Campus, demo: Demo, course: Course) -> None:
    ours = window()
    page, inspector = ours.page(), Inspector()
    enter(page, campus.lms, campus.newcomer())
    launch_here(page, campus.lms, course.modules[0].title)
    home = base(page)
    page.goto(f"{home}a/gibt-es-nicht")
    inspector.look(page, "fehler-nicht-gefunden")
    page.goto(f"{demo.tool}/lti/login")
    inspector.look(page, "fehler-anmeldung")
    page.goto(f"{demo.tool}/lti/launch")
    inspector.look(page, "fehler-start")
    page.goto(f"{campus.lms}/course/view.php?id=2")
    link = page.get_by_role("link", name=GONE)
    page.goto(campus.lms + str(link.get_attribute("href")).replace("view.php", "launch.php"))
    page.wait_for_url(f"{demo.tool}/lti/launch")
    expect(page.locator("main")).to_have_attribute("data-error-code", "module_not_found")
    inspector.look(page, "fehler-modul-fehlt")
    stranger = window().page()
    stranger.goto(home)
    expect(stranger.locator("main")).to_have_attribute("data-error-code", "session_missing")
    inspector.look(stranger, "fehler-keine-sitzung")
    assert inspector.faults == []
    assert len(ours.refusals) == 4


def test_content_selection(window: OpenWindow, campus: Campus, course: Course) -> None:
    page, inspector = window().page(), Inspector()
    enter(page, campus.lms, TEACHER.username)
    page.goto(f"{campus.lms}/mod/lti/contentitem.php")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inhalte in den LMS-Kurs stellen")
    inspector.look(page, "auswahl")
    page.get_by_role("link", name="Alle Module auswählen").click()
    expect(page.locator("[data-tally]")).to_contain_text(f"{len(course.modules)} Inhalte ausgewählt")
    page.get_by_text("Ändern").first.click()
    page.locator("[data-parts] summary").first.click()
    inspector.look(page, "auswahl-getroffen")
    page.get_by_role("searchbox").fill("gibt es nicht")
    inspector.look(page, "auswahl-nichts-gefunden")
    assert inspector.faults == []


def test_forced_colours(window: OpenWindow, campus: Campus, course: Course) -> None:
    """Backgrounds are gone then: what is a button, what is chosen and what is done must have lines."""
    page = window(forced_colors="active", color_scheme="dark").page()
    enter(page, campus.lms, campus.newcomer())
    launch_here(page, campus.lms, course.modules[0].title)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert lines_around(page, ".kern-btn--primary")
    assert lines_around(page, ".lt-steps i")
    page.goto(f"{base(page)}a/{lessons(course.modules[0])[0].id}")
    choice = page.locator(".lt-choice").last
    before = choice.evaluate(OUTLINE)
    choice.get_by_role("radio").check()
    assert choice.evaluate(OUTLINE) != before


OUTLINE = "(element) => { const style = getComputedStyle(element); return style.outlineStyle + style.outlineWidth; }"


def lines_around(page: Page, selector: str) -> bool:
    """Whether a border or an outline marks it."""
    return bool(
        page.locator(selector).first.evaluate(
            """(element) => { const style = getComputedStyle(element);
               return (style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) > 0)
                   || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0); }"""
        )
    )


def checked(page: Page, verdict: str) -> None:
    page.get_by_role("button", name="Antwort prüfen").click()
    expect(page.locator("#rueckmeldung")).to_contain_text(verdict)


def read_without_looking(page: Page, course: Course) -> None:
    """All lessons of the first module, to the start of its test."""
    page.goto(f"{base(page)}a/{lessons(course.modules[0])[0].id}")
    for lesson in lessons(course.modules[0]):
        expect(page.get_by_role("heading", level=1)).to_have_text(lesson.title)
        page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(quiz(course.modules[0])[0].title)
