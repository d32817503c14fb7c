"""Assignment and Grade Services: every recorded call in order, with the recorded answers and grades."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from lms_tool.demo.config import SCOPE_LINEITEM_READ, SCOPE_MEMBERS

from . import recorded
from .lms import Lms

# The results were read in the middle of the scores: all but the last before this call …
SECOND_PART = "grade-90-first"
# … and the last one after this.
OVERRIDDEN = "after-teacher-override"


def test_line_items_scores_and_results_are_answered_as_recorded(lms: Lms) -> None:
    everything, other = lms.token(), lms.token(SCOPE_MEMBERS)
    tokens = {
        "no-token": None,
        "list-no-token": None,
        "readonly-scope": lms.token(SCOPE_LINEITEM_READ),
        "create-readonly-token": lms.token(SCOPE_LINEITEM_READ),
        "results-without-scope": other,
    }
    scores = recorded.load("ags-scores")
    places = {call["label"]: place for place, call in enumerate(scores)}
    second, overridden = places[SECOND_PART], places[OVERRIDDEN] + 1
    results = recorded.load("ags-results")

    _add_what_content_selection_gave(lms, everything)
    for call in [
        *recorded.load("ags-lineitems-list"),
        *recorded.load("ags-lineitem-crud"),
        *scores[:second],
        *results[:-1],
        *scores[second:overridden],
        *results[-1:],
        *scores[overridden:],
    ]:
        label = call["label"]
        _teacher_acts_before(lms, label)
        answer = recorded.replay(lms, call, tokens.get(label, everything))
        try:
            recorded.assert_same_answer(call, answer)
            _assert_same_state(lms, call)
        except AssertionError as error:
            raise AssertionError(f"{label}: {error}") from error


def _add_what_content_selection_gave(lms: Lms, token: str) -> None:
    for item in (2, 3):
        body = {"scoreMaximum": 87, "label": recorded.TITLE, "resourceId": "a1", "tag": "pruefung"}
        lms.client.put(
            f"/mod/lti/services.php/2/lineitems/{item}/lineitem?type_id=1",
            json=body | {"submissionReview": recorded.REVIEW},
            headers={
                "Content-Type": "application/vnd.ims.lis.v2.lineitem+json",
                "Authorization": f"Bearer {token}",
            },
        )
    with lms.platform.store.writing() as db:
        db.execute("UPDATE grade_item SET resource_id = '' WHERE label = 'Nur Fenster'")


def _teacher_acts_before(lms: Lms, label: str) -> None:
    """What the recorder did in Moodle's gradebook between two calls."""
    actions: dict[str, list[dict[str, str]]] = {
        "after-teacher-override": [
            {"action": "override", "points": "88", "feedback": "von Hand", "person": "11"}
        ],
        "after-grade-locked": [{"action": "lock", "person": "11"}],
        "item-locked": [{"action": "lock_column", "person": "12"}],
        "unlocked": [{"action": "unlock_column", "person": "12"}, {"action": "unlock", "person": "11"}],
    }
    if label not in actions:
        return
    lms.now = datetime(2026, 11, 21, 19, 36, 46, tzinfo=UTC).timestamp()
    browser = lms.enter("lotse")
    page = browser.get("/grade/edit.php?item=2&person=11").get_data(as_text=True)
    found = re.search(r'name="sesskey" value="([^"]+)"', page)
    assert found is not None
    for form in actions[label]:
        answer = browser.post("/grade/edit.php", data={"sesskey": found[1], "item": "2", **form})
        assert answer.status_code == 303


def _assert_same_state(lms: Lms, call: dict[str, Any]) -> None:
    after = call.get("moodle_after")
    if after is None:
        return
    item = int(re.search(r"/lineitems/(\d+)/", call["request"]["url"])[1])  # type: ignore[index]
    person = int(call["request"]["body"].get("userId") or 0)
    wanted = after["grade(raw|rawmax|final|feedback|timemodified)"].removesuffix("… (shortened)")
    if wanted.endswith("xxx"):
        assert lms.grade(item, person).startswith(wanted)
    else:
        assert lms.grade(item, person) == wanted
    assert lms.completion(item, person) == after.get("completion_state")
