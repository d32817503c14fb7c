"""Names and Role Provisioning: the recorded calls for the course itself.

Left out: the old container format, courses other than this one, and an activity restricted to a group, which
the demo LMS does not have.
"""

from __future__ import annotations

import json
import re

import pytest

from lms_tool.demo.config import SCOPE_SCORE

from . import recorded
from .lms import Lms

NOT_HERE = {
    "v1-accept",
    "foreign-course",
    "other course where the tool has activities",
    "rlid of an activity restricted to one group",
    "second page with rlid",
}
CALLS = {call["label"]: call for call in recorded.load("nrps") if call["label"] not in NOT_HERE}


@pytest.mark.parametrize("label", CALLS)
def test_a_recorded_call_is_answered_as_recorded(lms: Lms, label: str) -> None:
    call = CALLS[label]
    tokens = {"no-token": None, "wrong-token": "0" * 32, "token-without-scope": lms.token(SCOPE_SCORE)}
    answer = recorded.replay(lms, call, tokens.get(label, lms.token()))
    if label.startswith("rlid1"):
        answer.set_data(_without_random_part(answer.get_data(as_text=True)))
        call["response"]["body"] = json.loads(_without_random_part(json.dumps(call["response"]["body"])))
    recorded.assert_same_answer(call, answer)


def _without_random_part(text: str) -> str:
    text = re.sub(r'launchid\\":\d+', r'launchid\\":1', text)
    return re.sub(r'hash\\":\\"[0-9a-f]{64}', r'hash\\":\\"0', text)


def test_everybody_with_an_account_belongs_to_the_site_course(lms: Lms) -> None:
    token = lms.token()
    url = "/mod/lti/services.php/CourseSection/1/bindings/1/memberships"
    body = lms.client.get(url, headers={"Authorization": f"Bearer {token}"}).json
    assert body is not None
    assert {member["user_id"] for member in body["members"]} == {
        str(person.id) for person in recorded.people()
    }
    assert {role for member in body["members"] for role in member["roles"]} == {"Learner"}


def test_an_ungraded_activity_has_no_outcome_in_its_message(lms: Lms) -> None:
    url = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships?rlid=2&limit=1"
    body = lms.client.get(url, headers={"Authorization": f"Bearer {lms.token()}"}).json
    (call,) = (call for call in recorded.load("nrps") if call["label"] == "second page with rlid")
    assert body is not None
    assert body["members"][0]["message"] == call["response"]["body"]["members"][0]["message"]
