"""CLM-38 … CLM-47, CLM-73: what roles allow."""

from __future__ import annotations

from .bed import Bed, Visit
from .claims import ASSISTANT, DEVELOPER, INSTRUCTOR, LEARNER, LIS, MENTOR, Change, drop, put, roles

ODD = "https://vendor.example/roles#Wizard"
STAFF_HINT = "Notenübertragung"  # staff, and only staff, are told when no grades travel


def entered(bed: Bed, *changes: Change, expect: str) -> Visit:
    """A launch without a column for grades: who is told so counts as staff. ``expect`` is the role it must give."""
    visit = bed.at_lesson()
    page = visit.enter(drop("ags"), *changes)
    assert visit.launch_row()["role"] == expect
    assert (STAFF_HINT in page.text) is (expect in ("assistant", "instructor", "administrator")), page.text
    return visit


def test_CLM_38_no_role(bed: Bed) -> None:
    entered(bed, roles(), expect="learner")
    entered(bed, roles(""), expect="learner")


def test_CLM_39_roles_malformed(bed: Bed) -> None:
    for value in (LEARNER, [7], [LEARNER, 7], {"role": LEARNER}, [[LEARNER]]):
        bed.refused_launch(400, "claim_invalid:roles", put("roles", value))


def test_CLM_40_short_roles(bed: Bed) -> None:
    entered(bed, roles("Learner"), expect="learner")
    entered(bed, roles("Instructor"), expect="instructor")


def test_CLM_41_unknown_role_added(bed: Bed) -> None:
    entered(bed, roles(ODD, LEARNER), expect="learner")
    entered(bed, roles(INSTRUCTOR, ODD, "Wizard"), expect="instructor")


def test_CLM_42_only_unknown_roles(bed: Bed) -> None:
    entered(bed, roles(ODD, "Wizard", LIS + "membership#Wizard"), expect="learner")


def test_CLM_43_several_roles(bed: Bed) -> None:
    entered(bed, roles(MENTOR, LIS + "institution/person#Student", LEARNER), expect="learner")
    visit = entered(bed, roles(INSTRUCTOR, DEVELOPER), expect="instructor")
    assert visit.launch_row()["locale"] == "de"


def test_CLM_44_context_roles_win(bed: Bed) -> None:
    entered(bed, roles(LIS + "institution/person#Instructor", LEARNER), expect="learner")
    entered(bed, roles(LIS + "institution/person#Administrator", LEARNER), expect="learner")
    entered(bed, roles(LIS + "institution/person#Instructor"), expect="learner")  # no role in this course


def test_CLM_45_teaching_assistant(bed: Bed) -> None:
    visit = entered(bed, roles(ASSISTANT), expect="assistant")
    assert not [link for link in visit.page().links() if "author" in link or "edit" in link]


def test_CLM_46_system_administrator(bed: Bed) -> None:
    visit = entered(bed, roles(LIS + "system/person#Administrator"), expect="administrator")
    members = bed.rows.all("membership", person_id=visit.person()["id"])
    assert len(members) == 1  # rights in this course, and nowhere else
    entered(bed, roles(LIS + "system/person#SysAdmin", LEARNER), expect="learner")
    other = bed.at_lesson()
    other.enter(drop("ags"))
    assert visit.browser.get(other.url()).status == 401


def test_CLM_47_mentor(bed: Bed) -> None:
    """A mentor sees nobody's work as long as that is not enabled; nothing of theirs is graded."""
    learner = bed.at_lesson()
    learner.enter()
    learner.complete()
    mentor = bed.at_lesson(context=learner.context, link=learner.link)
    page = mentor.enter(roles(MENTOR), put("role_scope_mentor", [learner.sub]))
    assert mentor.launch_row()["role"] == "mentor"
    for path in ("", "glossary"):
        page = mentor.page(path)
        assert learner.sub not in page.text
        assert STAFF_HINT not in page.text
    mentor.complete()
    assert not mentor.score()
    for odd in ("u-2", 7, [7], None, {"a": 1}):
        bed.at_lesson().enter(roles(MENTOR), put("role_scope_mentor", odd))


def test_CLM_47_mentor_enabled(bed: Bed) -> None:
    """A mentor sees the own people and nobody else, and only where the platform's mentors are let in."""
    at = bed.fresh()
    mine, other = bed.at_lesson(at), bed.at_lesson(at)
    other.context = mine.context
    for learner in (mine, other):
        learner.enter()
        learner.complete()
    mentor = bed.at_lesson(at, context=mine.context, link=mine.link)
    mentor.enter(roles(MENTOR), put("role_scope_mentor", [mine.sub, "somebody else"]))

    def may_look(visit: Visit) -> bool:
        answer = visit.browser.get(visit.url("members"))
        assert (answer.status, answer.error) in ((200, ""), (403, "role_not_permitted"))
        assert (mine.sub in answer.text) is (answer.status == 200) and other.sub not in answer.text
        return answer.status == 200

    assert not may_look(mentor)
    bed.tool.admin("platform", "mentors", at.id, "--allow")
    assert may_look(mentor)
    assert "Teilnehmende" in mentor.page().text and STAFF_HINT not in mentor.page().text
    nobody = bed.at_lesson(at, context=mine.context, link=mine.link)
    nobody.enter(roles(MENTOR))
    assert not may_look(nobody)
    elsewhere = bed.at_lesson(at)
    elsewhere.enter(roles(MENTOR), put("role_scope_mentor", [mine.sub]))
    assert mine.sub not in elsewhere.page("members").text, "in another course there is nothing to see"
    today = bed.at_lesson(at, sub=mentor.sub, context=mine.context, link=mine.link, browser=mentor.browser)
    today.enter(roles(LEARNER), put("role_scope_mentor", [mine.sub]))
    assert not may_look(today) and not may_look(mentor), "yesterday's mentor"
    bed.tool.admin("platform", "mentors", at.id, "--deny")
    assert elsewhere.browser.get(elsewhere.url("members")).status == 403, "at once"


def test_CLM_73_role_lost(bed: Bed) -> None:
    teacher = entered(bed, roles(INSTRUCTOR), expect="instructor")
    assert STAFF_HINT in teacher.page().text
    today = bed.at_lesson(
        sub=teacher.sub, context=teacher.context, link=teacher.link, browser=teacher.browser
    )
    assert STAFF_HINT not in today.enter(drop("ags"), roles(LEARNER)).text
    assert today.launch_row()["role"] == "learner"
    assert STAFF_HINT not in teacher.page().text, "yesterday's session keeps rights the person has lost"
    # in another course the role is untouched
    elsewhere = bed.at_lesson(sub=teacher.sub, browser=teacher.browser)
    assert STAFF_HINT in elsewhere.enter(drop("ags"), roles(INSTRUCTOR)).text
    assert STAFF_HINT in elsewhere.page().text
