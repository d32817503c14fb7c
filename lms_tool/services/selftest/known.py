"""Checks that ask nobody: what our own database says about a connection."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from lms_tool.models import Status
from lms_tool.services.selftest.check import Check
from lms_tool.services.selftest.facts import Facts, Grades
from lms_tool.services.selftest.kinds import Name


def grades(found: Grades, *, allowed: bool | None) -> Check:
    """``allowed``: whether a token for writing grades was issued just now; None: not known."""
    if allowed is False or (found.problem == "forbidden" and found.failed):
        return Check(Name.GRADES, "grades_forbidden", {"waiting": found.waiting + found.failed})
    if found.failed:
        return Check(Name.GRADES, "grades_failing", {"failed": found.failed, "waiting": found.waiting})
    if found.waiting:
        return Check(Name.GRADES, "grades_waiting", {"waiting": found.waiting})
    if found.delivered_at is None:
        return Check(Name.GRADES, "grades_none")
    return Check(Name.GRADES, "grades_delivered", at=found.delivered_at)


def launch(facts: Facts) -> Check:
    if facts.platform.status == Status.PENDING:
        return Check(Name.LAUNCH, "launch_pending")
    if facts.platform.status != Status.ACTIVE:
        return Check(Name.LAUNCH, "launch_inactive")
    if facts.last_launch_at is None:
        return Check(Name.LAUNCH, "launch_none")
    return Check(Name.LAUNCH, "launch_seen", at=facts.last_launch_at)


def deployment(facts: Facts) -> Check:
    if facts.deployments_pending:
        return Check(Name.DEPLOYMENT, "deployment_pending", {"count": facts.deployments_pending})
    if not facts.deployments:
        return Check(Name.DEPLOYMENT, "deployment_none")
    return Check(Name.DEPLOYMENT, "deployment_known", {"count": facts.deployments})


def frame(facts: Facts, base_url: str, *, forbidden: bool) -> Check:
    """``forbidden``: the LMS's own rules keep us out of its frames."""
    if not is_secure(base_url):
        return Check(Name.FRAME, "frame_no_https", {"origin": base_url})
    if forbidden:
        return Check(Name.FRAME, "frame_forbidden", {"origin": base_url})
    if facts.launches_cookieless:
        return Check(
            Name.FRAME, "frame_cookieless", {"count": facts.launches_cookieless, "total": facts.launches}
        )
    return Check(Name.FRAME, "frame_allowed" if facts.launches else "frame_untried")


def is_secure(base_url: str) -> bool:
    """Whether browsers keep ``Secure`` cookies of this origin: https, or the machine itself (Secure Contexts § 3.1)."""
    parts = urlsplit(base_url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
