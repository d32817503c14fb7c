"""AGS: what is sent, how often, and with whose token."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from .bed import Bed, Visit
from .claims import AGS_CLAIM, INSTRUCTOR, put, roles
from .crypto import unb64
from .fake_platform import LINE_ITEM_READ, RESULT, SCORE, SCORE_TYPE, Answer

MODULE = "course=pruefkurs&module=zweites-modul"
QUIZ = "course=pruefkurs&module=erstes-modul&activity=erster-test"


def delivered(bed: Bed, visit: Visit, posts: int = 1) -> list[Any]:
    """Wait until the platform has the grade; the bodies of the score posts so far."""
    bed.wait(lambda: len(visit.posts()) >= posts and bed.is_settled(visit), "the score")
    found = [post.json for post in visit.posts()]
    assert len(found) == posts, f"{len(found)} posts instead of {posts}"
    assert visit.at.platform.faults == []
    return found


def completed(bed: Bed, visit: Visit, *changes: Any) -> Visit:
    visit.enter(*changes)
    visit.complete()
    return visit


def test_AGS_01_score_post(bed: Bed) -> None:
    visit = completed(bed, bed.at_lesson(bed.fresh()))
    (score,) = delivered(bed, visit)
    (post,) = visit.posts()
    assert post.headers["content-type"].split(";")[0] == SCORE_TYPE
    assert set(score) >= {
        "userId",
        "scoreGiven",
        "scoreMaximum",
        "activityProgress",
        "gradingProgress",
        "timestamp",
    }
    assert score["userId"] == visit.sub
    assert (score["scoreGiven"], score["scoreMaximum"]) == (100, 100)
    assert (score["activityProgress"], score["gradingProgress"]) == ("Completed", "FullyGraded")
    moment = datetime.fromisoformat(score["timestamp"])
    assert moment.utcoffset() is not None, "without zone Moodle takes it as its local time"
    assert abs(moment.timestamp() - bed.tool.clock.now()) < 30
    assert visit.at.platform.grades[visit.line_item, visit.sub].score == 100


def test_AGS_02_query_of_the_line_item_kept(bed: Bed) -> None:
    visit = completed(bed, bed.at_lesson())
    delivered(bed, visit)
    (post,) = visit.posts()
    assert post.path == f"{visit.line_item}/scores" and post.query == {"type_id": ["1"]}
    bare = bed.at_lesson()
    completed(
        bed,
        bare,
        put("ags", bare.claims()[AGS_CLAIM] | {"lineitem": f"{bare.at.platform.url}{bare.line_item}"}),
    )
    delivered(bed, bare)
    assert bare.posts()[0].query == {}


def test_AGS_03_any_success(bed: Bed) -> None:
    at = bed.fresh()
    for answer in (Answer(200, '""'), Answer(201, "{}"), Answer(202), Answer(204), Answer(200, "<html>ok")):
        visit = bed.at_lesson(at)
        at.platform.score_answers[visit.line_item] = [answer]
        delivered(bed, completed(bed, visit))
        assert visit.score()["state"] == "sent"


def test_AGS_04_no_score_scope(bed: Bed) -> None:
    at = bed.fresh()
    for scopes in ([RESULT, LINE_ITEM_READ], []):
        visit = bed.at_lesson(at, scopes=scopes)
        page = visit.enter()
        assert "Notenübertragung" not in page.text
        visit.complete()
        assert "bertragen" not in visit.page().text, "the learner sees nothing odd"
        assert not visit.score()
        teacher = bed.at_lesson(at, scopes=scopes)
        assert "Keine Notenübertragung" in teacher.enter(roles(INSTRUCTOR)).text
    bed.tick()
    assert at.platform.seen("/scores") == []
    assert "lti-ags" not in " ".join(request.form["scope"] for request in at.platform.seen("/token"))


def test_AGS_05_scopes_of_the_token(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.at_lesson(at)
    at.platform.score_answers[visit.line_item] = [Answer(409, b"[]")]
    at.platform.grades[visit.line_item, visit.sub] = bed.grade(100, hours=1)
    completed(bed, visit)
    bed.wait(lambda: bed.is_settled(visit), "the comparison")
    asked = [request.form["scope"] for request in at.platform.seen("/token")]
    assert asked == [SCORE, RESULT], "each token for one purpose"
    assert set(" ".join(asked).split()) <= set(visit.scopes)


def test_AGS_06_client_assertion(bed: Bed) -> None:
    at = bed.fresh()
    visit = completed(bed, bed.at_lesson(at))
    delivered(bed, visit)  # the platform's checks of the assertion are strict: it noted no fault
    bed.tool.clock.forward(hours=2)
    delivered(bed, completed(bed, bed.at_lesson(at)))
    requests = at.platform.seen("/token")
    assert len(requests) == 2
    claims = [json.loads(unb64(r.form["client_assertion"].split(".")[1])) for r in requests]
    headers = [json.loads(unb64(r.form["client_assertion"].split(".")[0])) for r in requests]
    for request, claim, header in zip(requests, claims, headers, strict=True):
        assert claim["iss"] == claim["sub"] == "c-one"
        assert claim["aud"] in (at.platform.token_url, [at.platform.token_url])
        assert request.at - 60 <= claim["iat"] < request.at, "a few seconds back"
        assert request.at < claim["exp"] <= claim["iat"] + 300
        assert header["alg"] == "RS256" and header["kid"]
    assert claims[0]["jti"] != claims[1]["jti"]


def test_AGS_07_one_token_for_many_scores(bed: Bed) -> None:
    at = bed.fresh()

    def learn(_: int) -> Visit:
        return completed(bed, bed.at_lesson(at, context="class", link="column"))

    with ThreadPoolExecutor(4) as threads:
        visits = list(threads.map(learn, range(40)))
    bed.wait(lambda: all(bed.is_settled(visit) for visit in visits), "forty grades")
    assert all(len(visit.posts()) == 1 for visit in visits)
    assert len(at.platform.seen("/token")) == 1
    # another process has that token too: here the one of the command line
    last = bed.at_lesson(at, context="class", link="column")
    at.platform.score_answers[last.line_item] = [Answer(500)]
    completed(bed, last)
    bed.wait(lambda: last.score().get("tries") == 1, "a try of the worker")
    bed.tool.admin("scores", "sync", "--again")
    delivered(bed, last, 2)
    assert len(at.platform.seen("/token")) == 1, "shared by all processes"


def test_AGS_08_token_lifetime_odd(bed: Bed) -> None:
    for lifetime in (None, 0, "3600", "abc", -5, {"a": 1}, 10**20):
        at = bed.fresh()
        at.platform.token_lifetime = lifetime
        for _ in range(2):
            delivered(bed, completed(bed, bed.at_lesson(at)))
        assert len(at.platform.seen("/token")) == 1, f"{lifetime!r}: usable for a moment all the same"
        bed.tool.clock.forward(seconds=301 if lifetime != 10**20 else 90_000)
        delivered(bed, completed(bed, bed.at_lesson(at)))
        assert len(at.platform.seen("/token")) == 2, f"{lifetime!r}: no longer than five minutes"


def test_AGS_09_registrations_share_no_token(bed: Bed) -> None:
    platform = bed.new_platform()
    ones = [bed.register(platform, client, f"d-{client}") for client in ("c-one", "c-two")]
    for at in ones * 2:
        visit = completed(bed, bed.at_lesson(at))
        delivered(bed, visit)
        assert platform.client_of(visit.posts()[0]) == at.client_id
    assert len(platform.seen("/token")) == 2


def test_AGS_21_same_score_twice(bed: Bed) -> None:
    visit = completed(bed, bed.at_lesson())
    visit.complete()
    again = bed.at_lesson(sub=visit.sub, context=visit.context, link=visit.link)
    again.enter()
    again.complete()
    delivered(bed, visit)
    bed.tick()
    delivered(bed, visit)
    assert visit.at.platform.grades[visit.line_item, visit.sub].posts == 1


def test_AGS_22_timestamps_increase(bed: Bed) -> None:
    visit = bed.visit(bed.fresh(), target=MODULE)
    visit.enter(put("custom", {"report": "progress"}))
    visit.complete("zweite-lektion")
    half = delivered(bed, visit)[0]
    visit.complete("dritte-lektion")  # within the same second: Moodle compares whole ones
    _, whole = delivered(bed, visit, 2)
    assert (half["scoreGiven"], whole["scoreGiven"]) == (50, 100)
    first, second = (datetime.fromisoformat(score["timestamp"]) for score in (half, whole))
    assert int(second.timestamp()) > int(first.timestamp())
    assert (half["activityProgress"], whole["activityProgress"]) == ("InProgress", "Completed")
    assert half["gradingProgress"] == whole["gradingProgress"] == "FullyGraded"


def test_AGS_22_newest_wins_while_waiting(bed: Bed) -> None:
    """Several changes while the LMS is down end as one post of the newest."""
    visit = bed.visit(bed.fresh(), target=MODULE)
    visit.at.platform.score_answers[visit.line_item] = [Answer(503)]
    visit.enter(put("custom", {"report": "progress"}))
    visit.complete("zweite-lektion")
    bed.wait(lambda: visit.score().get("tries") == 1, "a try")
    visit.complete("dritte-lektion")
    bed.tool.clock.forward(hours=1)
    bed.tick()
    refused, stored = delivered(bed, visit, 2)
    assert (refused["scoreGiven"], stored["scoreGiven"]) == (50, 100)
    assert visit.at.platform.grades[visit.line_item, visit.sub].posts == 1


def test_AGS_23_best_counts(bed: Bed) -> None:
    visit = bed.visit(bed.fresh(), target=QUIZ)
    visit.enter(put("custom", {"report": "score"}))
    visit.quiz("a", "b")
    assert delivered(bed, visit)[0]["scoreGiven"] == 50
    visit.quiz("a", "a")
    assert delivered(bed, visit, 2)[1]["scoreGiven"] == 100
    visit.quiz("b", "b")
    visit.quiz("a", "b")
    bed.tick()
    delivered(bed, visit, 2)
    assert visit.at.platform.grades[visit.line_item, visit.sub].score == 100


def test_AGS_35_own_maximum(bed: Bed) -> None:
    """The platform's column may have any maximum: 100 is said each time, and no second column is made."""
    at = bed.fresh()
    visit = completed(bed, bed.at_lesson(at))
    (score,) = delivered(bed, visit)
    assert score["scoreMaximum"] == 100 and score["scoreGiven"] == 100
    assert at.platform.seen("/lineitems", "POST") == []
    assert [r for r in at.platform.requests if r.method in ("PUT", "DELETE")] == []


def test_AGS_36_nothing_out_of_range(bed: Bed) -> None:
    """Whatever happened in this run so far: no score outside 0 … maximum, no NaN, nothing that erases a grade."""
    visit = bed.visit(bed.fresh(), target=QUIZ)
    visit.enter(put("custom", {"report": "score"}))
    visit.quiz("b", "b")
    assert delivered(bed, visit)[0]["scoreGiven"] == 0

    def no_constant(name: str) -> float:
        raise AssertionError(f"{name} in a score")

    checked = 0
    for platform in bed.platforms:
        for post in platform.seen("/scores", "POST"):
            score = json.loads(post.body, parse_constant=no_constant)
            assert score["scoreMaximum"] == 100
            assert math.isfinite(score["scoreGiven"]) and 0 <= score["scoreGiven"] <= 100
            assert score["gradingProgress"] == "FullyGraded"
            checked += 1
    assert checked


def test_AGS_40_user_id_is_the_sub(bed: Bed) -> None:
    at = bed.fresh()
    for sub in ("5", "0012", "Ab-Z.9_@x", " spaced ", "s" * 255, '"quoted"\\', "null"):
        visit = bed.at_lesson(at, sub=sub)
        (score,) = delivered(bed, completed(bed, visit))
        assert score["userId"] == sub and isinstance(score["userId"], str)
