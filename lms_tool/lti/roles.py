"""Roles: from the URIs of a ``roles`` claim to the one thing a person may be here (Core A.2). Spells the role URIs."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """What a person may do in one launch. Never more than the course that was launched (ASVS 8.2.1)."""

    LEARNER = "learner"
    MENTOR = "mentor"  # may look at those named in role_scope_mentor, if enabled
    ASSISTANT = "assistant"  # staff who read, but do not write content
    INSTRUCTOR = "instructor"
    ADMINISTRATOR = "administrator"  # of the course view, not of the tool

    @property
    def is_staff(self) -> bool:
        return self in _STAFF


_STAFF = frozenset({Role.ASSISTANT, Role.INSTRUCTOR, Role.ADMINISTRATOR})

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
_MEMBERSHIP = VOCABULARY + "membership"
_CONTEXT_ROLE = re.compile(re.escape(_MEMBERSHIP) + r"(?:/(?P<principal>[A-Za-z]+))?#(?P<name>[A-Za-z]+)")
# Short names: context roles, as Core A.2.3 allows; "Instructor/TeachingAssistant" is how LTI 1.1 wrote a
# sub-role.
_SHORT_ROLE = re.compile(r"(?:(?P<principal>[A-Za-z]+)/)?(?P<name>[A-Za-z]+)")
_ADMINISTRATORS = frozenset(
    {
        "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
        "http://purl.imsglobal.org/vocab/lis/v2/system/person#SysAdmin",
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
    }
)
_PRINCIPALS = {
    "Administrator": Role.ADMINISTRATOR,
    "ContentDeveloper": Role.INSTRUCTOR,
    "Instructor": Role.INSTRUCTOR,
    "Manager": Role.INSTRUCTOR,
    "TeachingAssistant": Role.ASSISTANT,  # not in the vocabulary without a principal, but sent
    "Learner": Role.LEARNER,
    "Member": Role.LEARNER,
    "Mentor": Role.MENTOR,
}
# Sub-roles that hold their principal role down to reading (Core A.2.3.2). Others are as good as their
# principal.
_READING = re.compile(r"TeachingAssistant\w*|Grader|Observer|ExternalObserver|Auditor")
# Learner stands above Mentor: who learns in a course is a learner there, whoever else they look after
# (CLM-43).
_RANK = (Role.ADMINISTRATOR, Role.INSTRUCTOR, Role.ASSISTANT, Role.LEARNER, Role.MENTOR)


def effective_role(roles: Collection[str]) -> Role:
    """The one role of a launch, from its ``roles`` claim (URIs or short names; Core A.2).

    Context roles win over institution and system roles; of several context roles the strongest counts. A
    sub-role qualifies its principal role: platforms should send both (Core A.2.3), so "Instructor" beside
    "Instructor#TeachingAssistant" is still an assistant. Unknown roles are ignored; without a known one the
    person is a learner. An administrator of the system or institution counts as one only where there is no
    context role.
    """
    found: set[Role] = set()
    plain: set[str] = set()
    qualified: dict[str, Role] = {}
    administrator = False
    for role in roles:
        if role in _ADMINISTRATORS:
            administrator = True
            continue
        match = _CONTEXT_ROLE.fullmatch(role) or _SHORT_ROLE.fullmatch(role)
        if match is None:
            continue
        principal, name = match["principal"], match["name"]
        if principal is None:
            plain.add(name)
        elif principal in _PRINCIPALS:
            granted = _PRINCIPALS[principal]
            if granted in _STAFF and _READING.fullmatch(name):
                granted = Role.ASSISTANT
            stronger = qualified.get(principal)
            if stronger is None or _RANK.index(granted) < _RANK.index(stronger):
                qualified[principal] = granted
    found.update(qualified.values())
    found.update(_PRINCIPALS[name] for name in plain if name in _PRINCIPALS and name not in qualified)
    if found:
        return min(found, key=_RANK.index)
    return Role.ADMINISTRATOR if administrator else Role.LEARNER
