"""AGS: grades through whatever goes wrong around them, and a teacher's grade that wins."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from .bed import Bed, Registration, Visit
from .claims import INSTRUCTOR, put, roles
from .crypto import unb64
from .exchange import Answer
from .fake_columns import CONTAINER
from .test_ags_columns import ALL, completed, no_column


def learn(bed: Bed, at: Registration, **more: str) -> Visit:
    visit = bed.at_lesson(at, **more)
    visit.enter()
    visit.complete()
    return visit


def arrived(bed: Bed, visits: list[Visit]) -> None:
    """Each grade is there, once."""
    for visit in visits:
        bed.wait(lambda v=visit: bed.is_settled(v), f"the grade of {visit.sub}")
        assert visit.score()["state"] == "sent", visit.score()
        grade = visit.at.platform.grades[visit.line_item, visit.sub]
        assert (grade.score, grade.posts) == (100, 1)
        assert visit.at.platform.faults == []


def test_AGS_27_slow_lms_and_quick_launches(bed: Bed) -> None:
    """While one platform takes its time over a grade, people launch and learn, there and elsewhere."""
    at, gate = bed.fresh(), threading.Event()
    at.platform.apply_before_answer = True
    slow = bed.at_lesson(at)
    at.platform.score_answers[slow.line_item] = [Answer(200, '""', gate=gate)]
    slow.enter()
    slow.complete()
    bed.wait(slow.posts, "the post that takes long")
    try:
        with ThreadPoolExecutor(4) as threads:
            here = list(threads.map(lambda _: learn(bed, at), range(8)))
            there = list(threads.map(lambda _: learn(bed, bed.p2), range(4)))
        arrived(bed, there)
        assert slow.score()["tries"] == 0, "all of that while the post was still open"
    finally:
        gate.set()
    arrived(bed, [slow, *here])


def test_AGS_25_down_for_three_days(bed: Bed) -> None:
    """Named columns, and one still to be found: nothing is lost, and the platform is not asked for each grade."""
    at = bed.fresh()
    at.platform.score_always = at.platform.column_list.always = Answer(503)
    visits = [learn(bed, at, context="klasse", link="benannt") for _ in range(6)]
    unnamed = [completed(bed, at, context="nebenan", link="namenlos") for _ in range(2)]
    for _ in range(18):
        bed.tool.clock.forward(hours=4)
        bed.tick()
    asked = len(at.platform.seen("/scores")) + len(at.platform.seen(CONTAINER))
    assert asked <= 22, "one question a time"
    assert all(visit.score()["state"] == "pending" for visit in visits + unnamed)
    at.platform.score_always = at.platform.column_list.always = None
    for _ in range(4):  # an hour in all
        bed.tool.clock.forward(minutes=15)
        bed.tick()
    arrived(bed, visits)
    made = f"{CONTAINER}/neu1/lineitem"
    for visit in unnamed:
        bed.wait(lambda v=visit: bed.is_settled(v), "the grade in the new column")
        assert at.platform.grades[made, visit.sub].posts == 1
    assert len(at.platform.column_list.made) == 1


def test_AGS_20_cut_while_the_column_is_made(bed: Bed) -> None:
    at = bed.fresh()
    cut = Answer(cut=True)
    honest = at.platform.column_list._make
    at.platform.column_list._make = lambda request: (honest(request), cut)[1]  # type: ignore[method-assign]
    visit = completed(bed, at)
    bed.wait(lambda: visit.score().get("tries", 0) == 1, "a try")
    at.platform.column_list._make = honest  # type: ignore[method-assign]
    bed.wait(lambda: bed.due_in(visit) > 0, "a next time")
    bed.tool.clock.forward(seconds=bed.due_in(visit) + 1)
    bed.tick()
    bed.wait(lambda: bed.is_settled(visit), "the grade")
    assert len(at.platform.column_list.made) == 1, "found, not made again"
    assert at.platform.grades[f"{CONTAINER}/neu1/lineitem", visit.sub].posts == 1


def test_AGS_06_keys_rotate_under_load(bed: Bed) -> None:
    """Grades travel before, while and after a new key takes over; the platform knows each key it is shown."""
    at = bed.fresh()
    at.platform.token_lifetime = 60
    visits: list[Visit] = []
    for _ in range(3):
        with ThreadPoolExecutor(5) as threads:
            learning = [threads.submit(learn, bed, at) for _ in range(8)]
            threads.submit(bed.tool.admin, "keys", "rotate").result()
            visits += [one.result() for one in learning]
        bed.tick()
        bed.tool.clock.forward(hours=25)  # the new key has been published long enough
    visits += [learn(bed, at) for _ in range(2)]
    bed.tick()
    arrived(bed, visits)
    assertions = [request.form["client_assertion"] for request in at.platform.seen("/token")]
    kids = [json.loads(unb64(one.split(".")[0]))["kid"] for one in assertions]
    assert len(set(kids)) >= 3, "new keys sign"


def test_AGS_39_the_teachers_grade_wins_and_is_shown(bed: Bed) -> None:
    """Moodle takes our grade with 200 and keeps the teacher's above it: found out by reading, shown, not fought."""
    at = bed.fresh()
    visit = learn(bed, at)
    arrived(bed, [visit])
    bed.tool.clock.forward(hours=1)
    at.platform.grades[visit.line_item, visit.sub] = replace(bed.grade(88, hours=0), posts=1)
    bed.tool.admin("results")
    again = bed.at_lesson(at, sub=visit.sub, link=visit.link, context=visit.context)
    assert "Im LMS steht 88 von 100 (von der Lehrkraft geändert)" in again.enter().text
    bed.tick()
    assert len(visit.posts()) == 1 and visit.score()["state"] == "overruled"
    assert at.platform.grades[visit.line_item, visit.sub].score == 88


def test_CLM_75_review_shows_answers_and_stays_in_the_course(bed: Bed) -> None:
    """From the column we made: the teacher sees what was answered, in this course and no other."""
    at = bed.fresh()
    quiz = "course=pruefkurs&module=erstes-modul&activity=erster-test"
    learner = bed.visit(at, target=quiz, context="klasse", link="test", scopes=ALL)
    learner.enter(no_column)
    learner.quiz("a", "a")
    bed.wait(lambda: bed.is_settled(learner), "the grade")
    (column,) = at.platform.column_list.made
    assert column["submissionReview"]["reviewableStatus"] == ["InProgress", "Submitted", "Completed"]

    def review(context: str, link: str) -> Visit:
        teacher = bed.visit(at, target=quiz, context=context, link=link, scopes=ALL)
        teacher.enter(
            roles(INSTRUCTOR),
            put("message_type", "LtiSubmissionReviewRequest"),
            put("for_user", {"user_id": learner.sub}),
        )
        return teacher

    looked_at = review("klasse", "test").page("a/erster-test/t/1").text
    assert f"Prüfer-{learner.sub}" in looked_at and "1 von 1 Punkt" in looked_at
    elsewhere = review("andere-klasse", "anderer-test")
    assert elsewhere.browser.get(elsewhere.url("a/erster-test/t/1")).status == 404
    assert f"Prüfer-{learner.sub}" not in elsewhere.page().text
