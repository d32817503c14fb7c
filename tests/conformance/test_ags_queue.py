"""AGS: the outbox through kills, outages and restarts, and what people see of it."""

from __future__ import annotations

import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from .bed import Bed, Registration, Visit
from .claims import put
from .fake_platform import Answer

MODULE = "course=pruefkurs&module=zweites-modul"
PACE = 60  # score posts a second that a platform must be able to bear


def completed(bed: Bed, at: Registration) -> Visit:
    visit = bed.at_lesson(at)
    visit.enter()
    visit.complete()
    return visit


def test_AGS_24_killed_before_the_post(bed: Bed) -> None:
    at = bed.fresh()
    bed.tool.stop_worker(signal.SIGKILL)
    visit = completed(bed, at)
    time.sleep(0.2)
    assert visit.posts() == []
    bed.tool.start_worker()
    bed.tick()
    bed.wait(lambda: bed.is_settled(visit), "delivery")
    assert at.platform.grades[visit.line_item, visit.sub].posts == 1 == len(visit.posts())


def test_AGS_24_killed_after_the_post(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.apply_before_answer = True
    visit = bed.at_lesson(at)
    at.platform.score_answers[visit.line_item] = [Answer(200, '""', delay=2.0)]
    visit.enter()
    visit.complete()
    bed.wait(visit.posts, "the post")
    bed.tool.stop_worker(signal.SIGKILL)  # the platform has it, we do not know it yet
    assert at.platform.grades[visit.line_item, visit.sub].posts == 1
    assert not bed.is_settled(visit)
    bed.tool.start_worker()
    bed.tool.clock.forward(minutes=3, at_once=True)  # the dead sender's lease runs out
    bed.tick()
    bed.wait(lambda: bed.is_settled(visit), "delivery")
    grade = at.platform.grades[visit.line_item, visit.sub]
    assert grade.posts == 1 and grade.score == 100
    assert visit.score()["state"] == "sent"
    assert len({post.body for post in visit.posts()}) == 1, "the same grade with the same timestamp"


def test_AGS_24_killed_web(bed: Bed) -> None:
    """A completion that was answered survives the web server's death at once afterwards."""
    at = bed.fresh()
    visit = completed(bed, at)
    bed.tool.stop_web(signal.SIGKILL)
    bed.tool.start_web()
    bed.tool.clock.forward(minutes=2)  # the platform could not fetch our keys meanwhile, and is asked again
    bed.tick()
    bed.wait(lambda: bed.is_settled(visit), "delivery")
    assert at.platform.grades[visit.line_item, visit.sub].posts == 1


def test_AGS_25_down_for_a_day(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.score_always = Answer(503, b"")

    def learn(_: int) -> Visit:
        visit = bed.visit(at, target=MODULE, context="class", link="column")
        visit.enter(put("custom", {"report": "progress"}))
        visit.complete("zweite-lektion")
        return visit

    with ThreadPoolExecutor(4) as threads:
        visits = list(threads.map(learn, range(40)))
    for _ in range(6):
        bed.tool.clock.forward(hours=4)
        bed.tick()
    for visit in visits[:20]:
        again = bed.visit(at, sub=visit.sub, target=MODULE, context="class", link="column")
        again.enter(put("custom", {"report": "progress"}))
        again.complete("dritte-lektion")
    refused = len(at.platform.seen("/scores"))
    assert refused < 40, "a platform that is down is not asked for each grade"
    at.platform.score_always = None
    for _ in range(4):  # an hour in all
        bed.tool.clock.forward(minutes=15)
        bed.tick()
    bed.wait(lambda: len(at.platform.grades) == 40, "forty grades")
    bed.wait(lambda: all(bed.is_settled(visit) for visit in visits), "forty settled")
    scores = [at.platform.grades[visit.line_item, visit.sub].score for visit in visits]
    assert scores == [100.0] * 20 + [50.0] * 20
    posts = at.platform.seen("/scores")[refused:]
    for visit in visits:
        stamps = [datetime.fromisoformat(p.json["timestamp"]) for p in posts if p.json["userId"] == visit.sub]
        assert stamps == sorted(set(stamps)), "in order per person"
    span = posts[-1].seen - posts[0].seen
    assert len(posts) / max(span, 0.1) <= PACE, "too fast"


def test_AGS_26_database_restart(bed: Bed) -> None:
    at = bed.fresh()
    visits = [completed(bed, at)]  # from now on its keys are known: nobody waits for another's first fetch
    with ThreadPoolExecutor(4) as threads:
        visits += threads.map(lambda _: completed(bed, at), range(9))
    bed.interrupt_database()
    more = [completed(bed, at) for _ in range(5)]
    for _ in range(3):
        bed.tool.clock.forward(minutes=3, at_once=True)
        bed.tick()
    bed.wait(lambda: all(bed.is_settled(visit) for visit in visits + more), "all grades")
    for visit in visits + more:
        grade = at.platform.grades[visit.line_item, visit.sub]
        assert grade.posts == 1 and grade.score == 100


def test_AGS_37_person_erased(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.at_lesson(at)
    at.platform.score_answers[visit.line_item] = [Answer(503, b"")]
    visit.enter()
    visit.complete()
    bed.wait(lambda: len(visit.posts()) == 1, "the first try")
    person = visit.person()["id"]
    bed.wait(lambda: bed.due_in(visit) > 0, "a next time")
    bed.tool.admin("person", "erase", "--yes", str(person))
    assert bed.rows.all("score", person_id=person) == []
    assert bed.rows.all("person", id=person) == []
    for _ in range(3):
        bed.tool.clock.forward(hours=2)
        bed.tick()
    assert len(visit.posts()) == 1
    assert visit.browser.get(visit.url()).status == 401, "the session ended with the person"


def test_AGS_38_registration_disabled(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.score_answers["*"] = [Answer(503, b"")]
    visits = [completed(bed, at) for _ in range(3)]
    bed.wait(lambda: len(at.platform.seen("/scores")) == 1, "the first try")
    bed.tool.admin("platform", "disable", at.id)
    calls = len(at.platform.requests)
    for _ in range(3):
        bed.tool.clock.forward(hours=2)
        bed.tick()
    assert len(at.platform.requests) == calls, "no calls to a disabled registration"
    waiting = {row["user"]: row for row in bed.tool.admin_json("scores", "status")}
    for visit in visits:
        assert waiting[visit.sub]["platform_status"] == "inactive"
        assert visit.score()["state"] == "pending"
    bed.tool.admin("platform", "enable", at.id)
    bed.tool.clock.forward(hours=2)
    bed.tick()
    for visit in visits:
        bed.wait(lambda v=visit: bed.is_settled(v), "delivery")
        assert at.platform.grades[visit.line_item, visit.sub].posts == 1


def test_AGS_39_what_people_see(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.at_lesson(at)
    at.platform.score_answers[visit.line_item] = [Answer(503, b"")]
    visit.enter()
    assert "bertragen" not in visit.page().text, "nothing to say before there is a grade"
    visit.complete()
    bed.wait(lambda: visit.score().get("tries") == 1, "a try")
    assert "wird übertragen" in visit.page().text
    bed.tool.clock.forward(hours=1)
    bed.tick()
    bed.wait(lambda: bed.is_settled(visit), "delivery")
    assert re.search(r"übertragen am \d{1,2}\.", visit.page().text)
    failed = bed.at_lesson(at)
    at.platform.ungradable.add(failed.sub)
    failed.enter()
    failed.complete()
    bed.wait(lambda: bed.is_settled(failed), "the refusal")
    assert re.search(r"nicht möglich: \w+", failed.page().text)
    second = bed.at_lesson(at)
    at.platform.ungradable.add(second.sub)
    second.enter()
    second.complete()
    bed.wait(lambda: bed.is_settled(second), "the refusal")
    # sent again by whoever looks after it: one, then all
    at.platform.ungradable.clear()
    bed.tool.admin("scores", "sync", "--score", str(failed.score()["id"]))
    bed.tick()
    bed.wait(lambda: failed.score()["state"] == "sent", "delivery on request")
    assert second.score()["state"] == "failed"
    bed.tool.admin("scores", "sync", "--again")
    bed.tick()
    bed.wait(lambda: second.score()["state"] == "sent", "delivery of all")
