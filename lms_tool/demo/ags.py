"""Assignment and Grade Services, scores and results: what the tool posts and what it may read back."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from typing import Any

from lms_tool.demo import gradebook
from lms_tool.demo.config import SCOPE_RESULT, SCOPE_SCORE
from lms_tool.demo.gradebook import Score
from lms_tool.demo.lineitems import column_of, item_url
from lms_tool.demo.people import Person
from lms_tool.demo.services import Answer, Call, Crashed, Refused, Resource, number, page_links, read_json
from lms_tool.demo.store import KEPT_ARRIVALS

SCORE = "application/vnd.ims.lis.v1.score+json"
SCORE_CONTAINER = "application/vnd.ims.lis.v1.scorecontainer+json"
RESULT = "application/vnd.ims.lis.v2.result+json"
RESULT_CONTAINER = "application/vnd.ims.lis.v2.resultcontainer+json"

NUMERIC = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


def post_score(call: Call) -> Answer:
    """Answers 200 with an empty body. A refusal has ``[]`` as body and its reason in the status line only."""
    if call.kind != SCORE:
        raise Refused(400, "No context or unsupported content type")
    platform = call.platform
    with platform.store.writing() as db:
        column = column_of(call, db)
        try:
            person, score = _parse(call)
            gradebook.save_score(db, column, person, score)
        except Refused as refusal:
            answer = Answer("[]", SCORE, refusal.status, refusal.reason)
        except gradebook.NotNewer:
            reason = f"Refusing score with an earlier timestamp for item {column['id']} and user {person.id}"
            answer = Answer("[]", SCORE, 409, reason)
        except gradebook.Locked:
            answer = Answer("[]", SCORE, 500, "Internal Server Error")
        else:
            answer = Answer("", SCORE)
        _note_arrival(call, column["id"], answer.status, db)
    return answer


def get_results(call: Call) -> Answer:
    platform = call.platform
    limit, start = call.whole("limit") or 0, max(0, call.whole("from") or 0)
    with platform.store.reading() as db:
        column = column_of(call, db)
        grades = db.execute(
            "SELECT * FROM grade WHERE item_id = ? AND final IS NOT NULL ORDER BY rowid", (column["id"],)
        ).fetchall()
    if call.args.get("user_id"):
        grades = [grade for grade in grades if str(grade["person_id"]) == call.args["user_id"]]
    typed = "type_id" in call.args
    url = item_url(platform.config, column["id"], typed=typed)
    container = f"{item_url(platform.config, column['id'], typed=False)}/results"
    headers = {}
    if limit > 0:
        if typed:
            raise Crashed
        headers["Link"] = page_links(container, {}, start, limit, len(grades))
        grades = grades[start : start + limit]
    query = f"type_id={platform.config.deployment_id}&" if typed else ""
    shown = []
    for grade in grades:
        result: dict[str, Any] = {
            "id": f"{container}?{query}user_id={grade['person_id']}",
            "userId": str(grade["person_id"]),
            "resultScore": number(grade["final"]),
            "resultMaximum": number(column["maximum"]),
        }
        if grade["feedback"]:
            result["comment"] = grade["feedback"]
        result["scoreOf"] = url
        result["timestamp"] = platform.local(grade["modified"]).isoformat(timespec="seconds")
        shown.append(result)
    return Answer(json.dumps(shown), RESULT_CONTAINER, headers=headers)


def _parse(call: Call) -> tuple[Person, Score]:
    refusal = Refused(400, f"Incorrect score received{call.body.decode(errors='replace')}")
    sent = read_json(call.body)
    if not isinstance(sent, dict):
        raise refusal
    needed = ("userId", "gradingProgress", "activityProgress", "timestamp")
    given, maximum = sent.get("scoreGiven"), sent.get("scoreMaximum")
    if any(sent.get(name) is None for name in needed) or (given is not None and maximum is None):
        raise refusal
    try:
        modified = int(call.platform.seconds(datetime.fromisoformat(sent["timestamp"])))
    except (TypeError, ValueError, OverflowError):
        raise refusal from None
    points, out_of = _numeric(given), _numeric(maximum)
    if (given is not None and points is None) or (maximum is not None and out_of is None):
        raise refusal
    person = call.platform.person_of(sent["userId"])
    if person is None or not person.is_gradable:
        raise refusal
    if sent["gradingProgress"] != "FullyGraded":
        points = None
    comment = sent.get("comment")
    return person, Score(
        points, 1 if out_of is None else out_of, modified, comment if isinstance(comment, str) else ""
    )


def _numeric(value: object) -> float | None:
    """A number, or a text that PHP takes for one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and not NUMERIC.fullmatch(value):
        return None
    try:
        result = float(value)
    except OverflowError:
        return None
    return result if math.isfinite(result) else None


def _note_arrival(call: Call, item_id: int, status: int, db: Any) -> None:
    """What the gradebook page shows as «zuletzt eingegangen»."""
    sent = read_json(call.body)
    sent = sent if isinstance(sent, dict) else {}
    progress = f"{sent.get('activityProgress', '–')} / {sent.get('gradingProgress', '–')}"
    db.execute(
        "INSERT INTO arrival (received, item_id, person, points, maximum, progress, status)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            call.platform.clock(),
            item_id,
            str(sent.get("userId", ""))[:40],
            _numeric(sent.get("scoreGiven")),
            _numeric(sent.get("scoreMaximum")),
            progress[:80],
            status,
        ),
    )
    db.execute("DELETE FROM arrival WHERE id <= (SELECT max(id) FROM arrival) - ?", (KEPT_ARRIVALS,))


SCORES = Resource(
    "/{course}/lineitems/{item}/lineitem/scores",
    (SCORE_CONTAINER, SCORE),
    {"POST": (SCOPE_SCORE,)},
    post_score,
)
RESULTS = Resource(
    "/{course}/lineitems/{item}/lineitem/results",
    (RESULT_CONTAINER, RESULT),
    {"GET": (SCOPE_RESULT,)},
    get_results,
)
