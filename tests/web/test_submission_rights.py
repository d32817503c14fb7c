"""Who decides about a worksheet: somebody whom the LMS names, and never the one who wrote it."""

from __future__ import annotations

from flask import Flask

from lms_tool.lti.claims import Role
from lms_tool.models import AuditEvent, Score, Submission
from lms_tool.runtime import Runtime

from .test_worksheets import ACTIVITY, WHOLE, School


def path_of(school: School, sub: str) -> str:
    return f"members/{school.membership(sub)}/a/{ACTIVITY}/s/1"


def test_who_teaches_does_not_accept_the_own_and_learns_on_with_it(app: Flask, tool: Runtime) -> None:
    """Moodle lets a teacher switch to the role of a learner: the grade would be from themselves."""
    school = School(app, tool)
    staff = school.enter("lotse", role=Role.INSTRUCTOR)
    staff.send("hand_in", **WHOLE)
    path = path_of(school, "lotse")
    page = staff.get(path).text
    assert "Darüber entscheidet jemand anders." in page
    assert 'name="decision"' not in page
    answer = staff.browser.post(staff.base + path, data={"decision": "accepted"})
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (403, "own_worksheet")
    learner = school.enter("lotse")
    learner.browser.post(f"{learner.base}a/l1/done")
    assert school.rows(Score) == []
    other = school.enter("andere", role=Role.INSTRUCTOR)
    assert other.browser.post(other.base + path, data={"decision": "accepted"}).status_code == 303


def test_a_decision_is_somebodys(app: Flask, tool: Runtime) -> None:
    school = School(app, tool)
    school.enter().send("hand_in", **WHOLE)
    nobody = school.enter(None, role=Role.INSTRUCTOR, module_id="m1", link="link-3")
    path = path_of(school, "anna")
    assert 'name="decision"' not in nobody.get(path).text
    answer = nobody.browser.post(nobody.base + path, data={"decision": "accepted"})
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (403, "role_not_permitted")
    assert [row.decision for row in school.rows(Submission)] == [None]
    assert not [row for row in school.rows(AuditEvent) if row.code == "worksheet_accepted"]


def test_what_a_coach_types_stays_as_it_is(app: Flask, tool: Runtime) -> None:
    """Blanks that do not break and joined signs are not «printable»; only what no database keeps is left out."""
    school = School(app, tool)
    school.enter().send("hand_in", **WHOLE)
    coach = school.enter("lotse", role=Role.INSTRUCTOR)
    said = "Noch 5\N{NO-BREAK SPACE}Tage\N{ZERO WIDTH JOINER},\tdann\r\nfertig"
    path = path_of(school, "anna")
    data = {"decision": "returned", "comment": f"\x00{said}\ufffe", "remark.standorte": said}
    assert coach.browser.post(coach.base + path, data=data).status_code == 303
    (row,) = school.rows(Submission)
    assert row.comment == row.remarks["standorte"] == said.replace("\r\n", "\n")
