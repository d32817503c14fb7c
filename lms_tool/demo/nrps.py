"""Names and Role Provisioning Services: who is in the course.

Roles are short words and, for a tutor, other ones than in the launch; suspended members are not listed.
"""

from __future__ import annotations

import json
from typing import Any

from lms_tool.demo.config import SCOPE_MEMBERS
from lms_tool.demo.lineitems import SITE_COURSE, check_course
from lms_tool.demo.messages import basic_outcome
from lms_tool.demo.people import Person, Role, by_family_name
from lms_tool.demo.services import Answer, Call, Refused, Resource

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MESSAGE_TYPE = "https://purl.imsglobal.org/spec/lti/claim/message_type"
ROLE_URI = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def members(call: Call) -> Answer:
    config = call.platform.config
    course = check_course(call)
    rlid = call.args.get("rlid", "")
    with call.platform.store.reading() as db:
        link = db.execute("SELECT * FROM activity WHERE visible AND CAST(id AS TEXT) = ?", (rlid,)).fetchone()
    if rlid and link is None:
        raise Refused(404, f"Not Found: LTI link {rlid} doesn't exist")
    if course == SITE_COURSE:
        # Every account of the site belongs to its front page; a tool may read that too.
        people = [(person, "Learner") for person in by_family_name(config.people)]
        context = {"id": str(course), "label": "LPM", "title": config.site_name}
    else:
        people = [
            (person, role_of(person))
            for person in by_family_name(config.people)
            if person.is_enrolled and not person.suspended
        ]
        context = {"id": str(course), "label": config.course.short_name, "title": config.course.title}
    wanted = call.args.get("role", "").removeprefix(ROLE_URI)
    if wanted:
        people = [(person, role) for person, role in people if role == wanted]
    limit, start = call.whole("limit") or 0, max(0, call.whole("from") or 0)
    url = f"{config.services_url}/CourseSection/{course}/bindings/{config.deployment_id}/memberships"
    headers = {}
    if limit > 0:
        if start + limit < len(people):
            # The next page forgets the wanted role, as recorded.
            link_query = f"limit={limit}&from={start + limit}" + (f"&rlid={rlid}" if rlid else "")
            headers["Link"] = f'<{url}?{link_query}>; rel="next"'
        people = people[start : start + limit]
    shown = []
    for person, role in people:
        member: dict[str, Any] = {"status": "Active", "roles": [role]}
        if link is not None:
            message: dict[str, Any] = {MESSAGE_TYPE: "LtiResourceLinkRequest"}
            member["message"] = [message | basic_outcome(call.platform, link, person)]
        member |= {
            "user_id": str(person.id),
            "lis_person_sourcedid": person.id_number,
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": person.address,
            "ext_user_username": person.username,
        }
        shown.append(member)
    body = {"id": url, "context": context, "members": shown}
    return Answer(json.dumps(body), MEMBERS, headers=headers)


def role_of(person: Person) -> str:
    return "Instructor" if person.role is Role.TEACHER else "Learner"


MEMBERSHIPS = Resource(
    "/CourseSection/{course}/bindings/{tool}/memberships", (MEMBERS,), {"GET": (SCOPE_MEMBERS,)}, members
)
