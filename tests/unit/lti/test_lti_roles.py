"""One role for one launch (Core A.2, CLM-38 to CLM-47, the roles a real Moodle sends)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.lti import Role, effective_role

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person"
TA = MEMBERSHIP + "/Instructor#TeachingAssistant"


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([], Role.LEARNER),
        ([""], Role.LEARNER),
        (["Learner"], Role.LEARNER),
        (["Instructor"], Role.INSTRUCTOR),
        ([MEMBERSHIP + "#Learner"], Role.LEARNER),
        ([MEMBERSHIP + "#Instructor", "https://vendor.example/roles#Hero"], Role.INSTRUCTOR),
        (["https://vendor.example/roles#Instructor"], Role.LEARNER),
        ([MEMBERSHIP + "#Learner", INSTITUTION + "#Student", MEMBERSHIP + "#Mentor"], Role.LEARNER),
        ([INSTITUTION + "#Instructor", MEMBERSHIP + "#Learner"], Role.LEARNER),
        ([INSTITUTION + "#Instructor"], Role.LEARNER),
        ([INSTITUTION + "#Faculty", SYSTEM + "#User"], Role.LEARNER),
        ([TA], Role.ASSISTANT),
        ([TA, MEMBERSHIP + "#Instructor"], Role.ASSISTANT),
        ([TA, MEMBERSHIP + "/Instructor#PrimaryInstructor"], Role.INSTRUCTOR),
        ([TA, MEMBERSHIP + "#ContentDeveloper"], Role.INSTRUCTOR),
        ([TA, MEMBERSHIP + "#Learner"], Role.ASSISTANT),
        (["Instructor/TeachingAssistant"], Role.ASSISTANT),
        ([MEMBERSHIP + "/Instructor#Grader"], Role.ASSISTANT),
        ([MEMBERSHIP + "/Instructor#Lecturer"], Role.INSTRUCTOR),
        ([MEMBERSHIP + "/Learner#NonCreditLearner"], Role.LEARNER),
        ([MEMBERSHIP + "/Manager#Observer"], Role.ASSISTANT),
        ([MEMBERSHIP + "#Administrator"], Role.ADMINISTRATOR),
        ([MEMBERSHIP + "#Mentor"], Role.MENTOR),
        ([SYSTEM + "#Administrator"], Role.ADMINISTRATOR),
        ([INSTITUTION + "#Administrator", SYSTEM + "#User"], Role.ADMINISTRATOR),
        ([SYSTEM + "#Administrator", MEMBERSHIP + "#Learner"], Role.LEARNER),
        # a site administrator of Moodle (recorded)
        (
            [INSTITUTION + "#Administrator", MEMBERSHIP + "#Instructor", SYSTEM + "#Administrator"],
            Role.INSTRUCTOR,
        ),
        ([MEMBERSHIP + "#instructor"], Role.LEARNER),
        ([MEMBERSHIP + "#Instructor\n"], Role.LEARNER),
    ],
)
def test_effective_role(roles: list[str], role: Role) -> None:
    assert effective_role(roles) is role
    assert effective_role(list(reversed(roles))) is role


@given(st.lists(st.text(max_size=30)))
def test_unknown_texts_never_give_rights(roles: list[str]) -> None:
    known = {"Administrator", "ContentDeveloper", "Instructor", "Manager", "TeachingAssistant", "Mentor"}
    if not any(name in role for role in roles for name in known):
        assert effective_role(roles) is Role.LEARNER


@pytest.mark.parametrize(("role", "staff"), [(r, r not in (Role.LEARNER, Role.MENTOR)) for r in Role])
def test_staff(role: Role, staff: bool) -> None:
    assert role.is_staff is staff
