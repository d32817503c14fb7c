"""A copied LMS course, over HTTP: by the history the LMS sends, and by a notice it posts (quirks 18 and 20).

Not a numbered case; LTI Core 1.3 appendix B, Platform Notification Service 1.0.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

from .bed import Bed, Registration, Visit
from .claims import CLAIM, INSTRUCTOR, put, roles
from .crypto import sign

LESSON = {"module_id": "erstes-modul", "activity_id": "erste-lektion"}


def shown(bed: Bed, visit: Visit) -> tuple[Any, Any]:
    link = bed.rows.one("resource_link", id=visit.launch_row()["resource_link_id"])
    return link["module_id"], link["activity_id"]


def completed(bed: Bed, visit: Visit) -> list[str]:
    """What this person has finished in this course."""
    rows = bed.rows.all("progress", membership_id=visit.launch_row()["membership_id"])
    return [row["item_id"] for row in rows if row["completed_at"]]


def delivered(bed: Bed, visit: Visit) -> int:
    bed.wait(
        lambda: visit.posts() and visit.line_item in {path for path, _ in visit.at.platform.grades}, "a grade"
    )
    return len(visit.posts())


def test_a_copy_opens_starts_empty_and_grades_to_its_own_column(bed: Bed) -> None:
    at = bed.fresh()
    original = bed.visit(at)
    original.enter(put("custom", LESSON))
    original.complete()
    assert delivered(bed, original) == 1
    copy = bed.visit(at, sub=original.sub)
    history = {"link_history": f"never-seen,{original.link}", "context_history": original.context}
    copy.enter(put("custom", history))
    assert shown(bed, copy) == ("erstes-modul", "erste-lektion")
    assert "erste-lektion" in completed(bed, original)
    assert completed(bed, copy) == [] and copy.posts() == []
    copy.complete()
    assert delivered(bed, copy) == 1
    assert len(original.posts()) == 1, "nothing more to the original's column"


def test_a_history_leads_to_no_other_platform(bed: Bed) -> None:
    original = bed.visit(bed.fresh())
    original.enter(put("custom", LESSON))
    copy = bed.visit(bed.fresh())
    copy.enter(put("custom", {"link_history": original.link, "context_history": original.context}))
    assert shown(bed, copy) == (None, None)


def offer(at: Registration) -> Any:
    return put(
        CLAIM + "platformnotificationservice",
        {
            "service_versions": ["1.0"],
            "platform_notification_service_url": f"{at.platform.url}/notice-handlers/7",
            "scope": ["https://purl.imsglobal.org/spec/lti/scope/noticehandlers"],
            "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
        },
    )


def notice(bed: Bed, at: Registration, copied: str, origin: str) -> str:
    now = int(bed.tool.clock.now())
    return sign(
        {
            "iss": at.platform.issuer,
            "aud": at.client_id,
            "azp": at.client_id,
            "iat": now,
            "exp": now + 3600,
            "nonce": f"notice-{copied}",
            CLAIM + "version": "1.3.0",
            CLAIM + "deployment_id": at.deployment,
            CLAIM + "context": {"id": copied, "title": "Kopie"},
            CLAIM + "notice": {
                "id": copied,
                "timestamp": bed.tool.clock.utc().isoformat(),
                "type": "LtiContextCopyNotice",
            },
            CLAIM + "origin_contexts": [origin],
        },
        at.platform.key,
    )


def test_a_copy_notice_is_asked_for_and_carried_out(bed: Bed) -> None:
    at = bed.fresh()
    original = bed.visit(at)
    original.enter(put("custom", LESSON), roles(INSTRUCTOR), offer(at))
    bed.tool.admin("subscribe")
    (put_request,) = at.platform.seen("/notice-handlers/7", "PUT")
    handler = put_request.json["handler"]
    assert handler.startswith(bed.tool.url) and put_request.json["notice_type"] == "LtiContextCopyNotice"
    assert at.platform.faults == []

    copied = "kopie-ohne-verlauf"
    body = json.dumps({"notices": [{"jwt": notice(bed, at, copied, original.context)}]}).encode()
    for accepted in (1, 0):  # the second post is the same notice
        sent = Request(handler, body, {"Content-Type": "application/json"})
        with urlopen(sent, timeout=5) as answer:
            assert json.load(answer) == {"accepted": accepted}
    visit = bed.visit(at, context=copied)
    visit.enter()
    assert shown(bed, visit) == ("erstes-modul", "erste-lektion")
