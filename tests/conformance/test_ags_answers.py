"""AGS: what the platform answers, and what becomes of the grade."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from .bed import Bed, Registration, Visit
from .claims import AGS_CLAIM, Claims
from .crypto import self_signed
from .fake_platform import LINE_ITEM, LINE_ITEM_READ, RESULT, SCORE, Answer
from .postgres import free_port


def completed(bed: Bed, at: Registration, *answers: Answer, **more: Any) -> Visit:
    """Somebody read the lesson to its end; the platform will answer the score posts like this."""
    visit = bed.at_lesson(at, **more)
    at.platform.score_answers[visit.line_item] = list(answers)
    visit.enter()
    visit.complete()
    return visit


def settled(bed: Bed, visit: Visit, state: str, posts: int, reason: str | None = None) -> dict[str, Any]:
    """The grade reached this state with so many posts, and nothing more happens by itself."""
    bed.wait(lambda: visit.score().get("state") == state, f"{state}, is {visit.score()}")
    bed.tick()
    score = visit.score()
    assert len(visit.posts()) == posts, f"{len(visit.posts())} posts instead of {posts}"
    assert score["state"] == state
    assert reason is None or score["reason"] == reason, score["reason"]
    return score


def parked(bed: Bed, visit: Visit, posts: int) -> dict[str, Any]:
    """The grade waits with a reason and a next time, and nothing loops; what the queue shows of it."""
    bed.wait(lambda: visit.score().get("tries", 0) > 0, "a try")
    for _ in range(3):
        bed.tick()
    score = visit.score()
    assert score["state"] == "pending", score
    assert len(visit.posts()) == posts, f"{len(visit.posts())} posts instead of {posts}"
    assert bed.due_in(visit) > 0
    shown = [row for row in bed.tool.admin_json("scores", "status") if row["user"] == visit.sub]
    assert len(shown) == 1, "the administrator sees what waits"
    assert shown[0]["reason"] or shown[0]["platform_problem"]
    return dict(shown[0])


def due(bed: Bed, visit: Visit) -> None:
    """Move on to the moment of the next try."""
    bed.tool.clock.forward(seconds=max(0.0, bed.due_in(visit)) + 1)
    bed.tick()


def test_AGS_10_token_refused_once(bed: Bed) -> None:
    at = bed.fresh()
    settled(bed, completed(bed, at), "sent", 1)
    visit = completed(bed, at, Answer(401, b"[]"))
    settled(bed, visit, "sent", 2)
    assert len(at.platform.seen("/token")) == 2, "the token was renewed"
    tokens = [post.headers["authorization"] for post in visit.posts()]
    assert tokens[0] != tokens[1]


def test_AGS_11_token_refused_again(bed: Bed) -> None:
    at = bed.fresh()
    visit = completed(bed, at, *[Answer(401, b"[]")] * 4)
    shown = parked(bed, visit, 2)
    assert len(at.platform.seen("/token")) == 2
    assert shown["platform_problem"], "an administrator is told"
    due(bed, visit)
    parked(bed, visit, 4)
    due(bed, visit)
    settled(bed, visit, "sent", 5)


def test_AGS_11_token_endpoint_down(bed: Bed) -> None:
    at = bed.fresh()
    refusals = [Answer(500), Answer(200, "no json"), Answer(302), Answer(cut=True)]
    refusals.append(Answer(400, {"error": "invalid_client"}))
    at.platform.token_answers = list(refusals)
    visit = completed(bed, at)
    for number in range(1, len(refusals) + 1):
        bed.wait(lambda n=number: len(at.platform.seen("/token")) == n, f"token request {number}")
        parked(bed, visit, 0)
        due(bed, visit)
    settled(bed, visit, "sent", 1)


def test_AGS_12_forbidden(bed: Bed) -> None:
    at = bed.fresh()
    visit = completed(bed, at, Answer(403, b"[]"))
    score = settled(bed, visit, "failed", 1)
    assert score["reason"]
    status = bed.tool.admin_json("scores", "status")
    (shown,) = [row for row in status if row["user"] == visit.sub]
    assert shown["reason"] == score["reason"] and shown["platform_problem"], "an administrator is told"
    bed.tool.clock.forward(hours=2)
    settled(bed, visit, "failed", 1)
    settled(bed, completed(bed, at), "sent", 1)


def looked_up(at: Registration) -> list[Any]:
    return at.platform.seen("/services/2/lineitems", "GET")


def test_AGS_13_line_item_gone(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.at_lesson(at)
    at.platform.deleted.add(visit.line_item)
    visit.enter()
    visit.complete()
    settled(bed, visit, "failed", 1, "line_item_gone")
    (asked,) = looked_up(at)
    assert asked.query == {"type_id": ["1"], "resource_link_id": [visit.link]}
    assert at.platform.seen("/lineitems", "POST") == [], "nothing may be made without the scope"
    assert "nicht möglich" in visit.page().text


def test_AGS_13_line_item_moved(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.at_lesson(at)
    at.platform.deleted.add(visit.line_item)
    new = f"/services/2/lineitems/{visit.link}-new/lineitem"
    at.platform.columns = [
        {"id": f"{at.platform.url}/services/2/lineitems/other/lineitem", "resourceLinkId": "other"},
        {"id": f"{at.platform.url}{new}?type_id=1", "resourceLinkId": visit.link, "scoreMaximum": 100},
    ]
    visit.enter()
    visit.complete()
    settled(bed, visit, "sent", 1)
    assert at.platform.grades[new, visit.sub].posts == 1
    assert len(looked_up(at)) == 1
    # and a foreign host is not believed
    stray = bed.at_lesson(at)
    at.platform.deleted.add(stray.line_item)
    evil = bed.p2.platform
    at.platform.columns = [{"id": f"{evil.url}/services/evil/lineitem", "resourceLinkId": stray.link}]
    stray.enter()
    stray.complete()
    settled(bed, stray, "failed", 1)
    assert evil.seen("/services/evil/lineitem/scores") == []


def test_AGS_13_nothing_readable(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.at_lesson(at, scopes=[SCORE])
    at.platform.deleted.add(visit.line_item)
    visit.enter()
    visit.complete()
    settled(bed, visit, "failed", 1, "line_item_gone")
    assert looked_up(at) == []
    assert {LINE_ITEM, LINE_ITEM_READ}.isdisjoint(
        " ".join(r.form["scope"] for r in at.platform.seen("/token")).split()
    )


def test_AGS_14_user_not_gradable(bed: Bed) -> None:
    at = bed.fresh()
    visit, other = bed.at_lesson(at), bed.at_lesson(at)
    at.platform.ungradable.add(visit.sub)
    for person in (visit, other):
        person.enter()
        person.complete()
    settled(bed, visit, "failed", 1, "user_not_gradable")
    settled(bed, other, "sent", 1)
    assert "nicht möglich" in visit.page().text


def _not_newer(bed: Bed, answer: Answer) -> None:
    """The platform says that it holds an equal or newer timestamp."""
    at = bed.fresh()
    same = bed.at_lesson(at)
    at.platform.grades[same.line_item, same.sub] = bed.grade(100, hours=1)
    other = bed.at_lesson(at)
    at.platform.grades[other.line_item, other.sub] = bed.grade(55, hours=1)
    for visit in (same, other):
        at.platform.score_answers[visit.line_item] = [answer]
        visit.enter()
        visit.complete()
    settled(bed, same, "sent", 1)
    settled(bed, other, "overruled", 1)
    for visit in (same, other):
        asked = at.platform.seen(f"{visit.line_item}/results", "GET")
        assert [request.query["user_id"] for request in asked] == [[visit.sub]]
    assert at.platform.grades[other.line_item, other.sub].score == 55, "a teacher's grade stays"
    # without the scope to look: closed all the same
    blind = completed(bed, at, answer, scopes=[SCORE])
    bed.wait(lambda: bed.is_settled(blind), "an end")
    bed.tool.clock.forward(hours=2)
    bed.tick()
    assert len(blind.posts()) <= 3 and not at.platform.seen(f"{blind.line_item}/results")
    assert bed.is_settled(blind)


def test_AGS_15_conflict(bed: Bed) -> None:
    _not_newer(bed, Answer(409, b"[]"))


def test_AGS_16_conflict_told_by_400(bed: Bed) -> None:
    reason = "Refusing score with an earlier timestamp for item 2 and user 5"
    _not_newer(bed, Answer(400, {"status": 400, "reason": reason, "request": {}}))


def test_AGS_15_conflict_without_result(bed: Bed) -> None:
    """Refused as not newer, yet no result is shown: said again with a newer time, but not for ever."""
    at = bed.fresh()
    visit = completed(bed, at, *[Answer(409, b"[]")] * 20)
    for _ in range(8):
        bed.tick()
        if not bed.is_settled(visit):
            due(bed, visit)
    bed.wait(lambda: bed.is_settled(visit), "an end")
    assert len(visit.posts()) <= 5


def test_AGS_17_throttled(bed: Bed) -> None:
    at, other = bed.fresh(), bed.fresh()
    visit = completed(bed, at, Answer(429, b"", {"Retry-After": "120"}))
    second = completed(bed, at)
    parked(bed, visit, 1)
    bed.tool.clock.forward(seconds=115)
    for _ in range(3):
        bed.tick()
    assert len(visit.posts()) == 1 and second.posts() == [], "no call before the time the platform asked for"
    settled(bed, completed(bed, other), "sent", 1)
    bed.tool.clock.forward(seconds=10)
    bed.tick()
    settled(bed, visit, "sent", 2)
    settled(bed, second, "sent", 1)


def test_AGS_18_retry_after_forms(bed: Bed) -> None:
    at = bed.fresh()

    def wait_after(status: int, header: str) -> float:
        visit = completed(bed, at, Answer(status, b"", {"Retry-After": header}))
        parked(bed, visit, 1)
        seconds = bed.due_in(visit)
        due(bed, visit)
        settled(bed, visit, "sent", 2)
        return seconds

    for status in (429, 503):
        date = format_datetime(datetime.fromtimestamp(bed.tool.clock.now() + 900, UTC), usegmt=True)
        assert 840 <= wait_after(status, date) <= 900
        assert 3500 <= wait_after(status, "315360000") <= 3600, "ten years are capped at an hour"
        far = format_datetime(datetime.fromtimestamp(bed.tool.clock.now() + 10**9, UTC), usegmt=True)
        assert 3500 <= wait_after(status, far) <= 3600
        for nonsense in ("-5", "soon", "", "1e9", "Mon, 99 Foo 2026"):
            assert 0 < wait_after(status, nonsense) <= 75, nonsense


def test_AGS_19_backoff(bed: Bed) -> None:
    for status in (500, 502, 503, 504):
        at = bed.fresh()
        visit = completed(bed, at)
        settled(bed, visit, "sent", 1)
        visit, waits = bed.at_lesson(at), []
        at.platform.score_always = Answer(status, b"")
        visit.enter()
        visit.complete()
        for number in range(1, 11 if status in (500, 503) else 3):
            bed.wait(lambda n=number, v=visit: len(v.posts()) == n, f"try {number}")
            bed.wait(lambda v=visit: bed.due_in(v) > 0, "a next time")
            waits.append(bed.due_in(visit))
            parked(bed, visit, number)
            due(bed, visit)
        assert 0 < waits[0] <= 60 and max(waits) <= 3600
        assert all(later > 1.2 * earlier for earlier, later in pairwise(waits) if later < 2400)
        assert status not in (500, 503) or max(waits) > 1800, f"{waits} does not grow exponentially"
        bed.tool.clock.forward(hours=72)
        bed.tick()
        bed.wait(lambda v=visit: bed.due_in(v) > 0, "a next time after three days")
        at.platform.score_always = None
        due(bed, visit)
        bed.wait(lambda v=visit: bed.is_settled(v), "delivery after three days")
        assert visit.score()["state"] == "sent"


def test_AGS_19_jitter(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.score_always = Answer(500, b"")
    visits = [completed(bed, at) for _ in range(6)]
    for visit in visits:
        bed.wait(lambda v=visit: v.score().get("tries") == 1, "a try")
    tried = {visit.score()["next_try_at"] - visit.score()["first_tried_at"] for visit in visits}
    assert len(tried) > 3, "everybody comes back at the same moment"


def test_AGS_20_answer_lost(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.apply_before_answer = True
    visit = completed(bed, at, Answer(cut=True))
    bed.wait(lambda: visit.score().get("tries", 0) == 1, "a try")
    bed.wait(lambda: bed.due_in(visit) > 0, "a next time")
    assert at.platform.grades[visit.line_item, visit.sub].posts == 1
    due(bed, visit)
    settled(bed, visit, "sent", 2)
    first, second = visit.posts()
    assert first.body == second.body, "the same body with the same timestamp"
    assert at.platform.grades[visit.line_item, visit.sub].posts == 1, "counted once"


def column_at(address: str) -> Any:
    def change(token: Claims) -> None:
        token[AGS_CLAIM] = token[AGS_CLAIM] | {"lineitem": address}

    return change


def test_AGS_27_unreachable(bed: Bed, tmp_path: Path) -> None:
    at = bed.fresh()
    secure = bed.new_platform(tls=self_signed(range(-1, 30), tmp_path))
    for address in (
        f"http://127.0.0.1:{free_port()}/lineitem",  # refused
        f"{secure.url}/lineitem",  # a certificate nobody vouches for
        "https://no-such-host.invalid/lineitem",
    ):
        visit = bed.at_lesson(at)
        visit.enter(column_at(address))
        visit.complete()
        bed.wait(lambda v=visit: v.score().get("tries", 0) == 1, f"a try at {address}", 15)
        shown = parked(bed, visit, 0)
        assert shown["reason"] in ("connect_failed", "tls_failed"), shown["reason"]
        bed.tool.admin("person", "erase", "--yes", str(visit.person()["id"]))
        bed.tool.clock.forward(hours=1)
    assert secure.requests == []


def test_AGS_27_never_answers(bed: Bed) -> None:
    """The first post of this grade was left without an answer when the run began."""
    visit = bed.hanging
    platform = visit.at.platform
    bed.wait(lambda: platform.hung_for, "the read time-out", 45)
    assert 5 < platform.hung_for[0] <= 41, "patient, but not for ever"
    assert bed.others_delivered_meanwhile, "one hanging platform must not stop the others"
    bed.wait(lambda: visit.score().get("tries", 0) >= 1, "the note of it")
    for _ in range(3):
        due(bed, visit)
    bed.wait(lambda: bed.is_settled(visit), "delivery after all")
    assert platform.grades[visit.line_item, visit.sub].posts == 1
    assert len({post.body for post in visit.posts()}) == 1 < len(visit.posts())


def test_AGS_28_redirect(bed: Bed) -> None:
    at = bed.fresh()
    for status in (301, 302, 303, 307, 308):
        visit = completed(bed, at, Answer(status, b"", {"Location": f"{at.platform.url}/elsewhere/scores"}))
        shown = parked(bed, visit, 1)
        assert shown["reason"]
        due(bed, visit)
        settled(bed, visit, "sent", 2)
    assert at.platform.seen("/elsewhere/scores") == []
    assert RESULT not in " ".join(request.form["scope"] for request in at.platform.seen("/token"))
