"""What the recordings do not hold: broken bodies, one write at a time, what a second start finds."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from . import recorded
from .lms import Lms, ToolKeys

SCORES = "/mod/lti/services.php/2/lineitems/2/lineitem/scores?type_id=1"
SCORE = "application/vnd.ims.lis.v1.score+json"


def post(lms: Lms, token: str, body: str | bytes) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": SCORE}
    return lms.client.post(SCORES, data=body, headers=headers)


def score(**changes: Any) -> str:
    body = {
        "userId": "5",
        "scoreGiven": 100,
        "scoreMaximum": 100,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-21T19:29:24Z",
    }
    return json.dumps(body | changes)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"{",
        b"null",
        b"[" * 100_000,
        score(scoreGiven=float("nan")),
        score(scoreGiven=float("inf")),
        score(scoreGiven="1e999"),
        score(scoreGiven=True),
        score(scoreGiven=10**400),
        score(scoreMaximum="viel"),
        score(timestamp="2026-13-01T00:00:00Z"),
        score(timestamp=[]),
        score(userId=[5]),
        score(userId="5 "),
        score(userId=True),
        score(userId="5\r\nX-Injected: 1"),
    ],
)
def test_a_broken_score_is_refused_and_changes_nothing(lms: Lms, body: str | bytes) -> None:
    token = lms.token()
    assert post(lms, token, score()).status_code == 200
    answer = post(lms, token, body)
    assert (answer.status_code, answer.data) == (400, b"[]")
    assert "X-Injected" not in answer.headers
    assert lms.grade(2, 5) == "87.00000|87.00000|87.00000||2026-11-21 19:29:24"


def test_a_reason_with_line_breaks_stays_one_status_line(lms: Lms) -> None:
    answer = post(lms, lms.token(), score(userId="999", comment="ä").replace(", ", ",\n"))
    assert "\n" not in answer.status
    assert answer.status.startswith("400 Incorrect score received{")


def test_only_one_of_many_equal_scores_at_once_is_taken(lms: Lms) -> None:
    token = lms.token()
    statuses: list[int] = []

    def send() -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": SCORE}
        statuses.append(lms.app.test_client().post(SCORES, data=score(), headers=headers).status_code)

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 11


def test_an_access_token_ends_after_an_hour(lms: Lms) -> None:
    token = lms.token()
    lms.now += 3599
    assert post(lms, token, score()).status_code == 200
    lms.now += 1
    assert post(lms, token, score(timestamp="2026-11-21T20:00:00Z")).status_code == 401


def test_a_second_start_finds_keys_grades_and_ids(lms: Lms, tool: ToolKeys, data_dir: Path) -> None:
    post(lms, lms.token(), score())
    items = (recorded.ITEMS[2], recorded.ITEMS[0])  # in another order, most of them gone
    again = Lms(recorded.config(data_dir, tool.url, items=items), tool)
    assert again.client.get("/mod/lti/certs.php").json == lms.client.get("/mod/lti/certs.php").json
    assert again.grade(2, 5) == lms.grade(2, 5) != ""
    page = again.enter("lotse").get("/course/view.php?id=2").get_data(as_text=True)
    assert page.index('data-activity="3"') < page.index('data-activity="1"')
    assert 'data-activity="2"' not in page


def test_a_line_item_that_belongs_to_no_link_of_ours_is_refused_on_change(lms: Lms) -> None:
    headers = {
        "Authorization": f"Bearer {lms.token()}",
        "Content-Type": "application/vnd.ims.lis.v2.lineitem+json",
    }
    url = "/mod/lti/services.php/2/lineitems?type_id=1"
    made = lms.client.post(url, json={"label": "frei", "scoreMaximum": 1}, headers=headers)
    path = made.json["id"].removeprefix(recorded.ISSUER)  # type: ignore[index]
    body = {"label": "frei", "scoreMaximum": 1, "resourceLinkId": "77"}
    assert lms.client.put(path, json=body, headers=headers).status_code == 403
    assert "resourceLinkId" not in lms.client.get(path, headers=headers).json  # type: ignore[operator]
