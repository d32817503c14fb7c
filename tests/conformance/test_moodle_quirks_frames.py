"""What people see in the course frame of an LMS that is switched off: our page, not the browser's own error."""

from __future__ import annotations

from .bed import Bed
from .test_ses import framable_by


def test_a_switched_off_platform_shows_its_own_refusals(bed: Bed) -> None:
    at = bed.fresh()
    bed.tool.admin("platform", "disable", at.id)
    refused = bed.visit(at).ask_login()
    assert refused.error == "registration_inactive"
    framable_by(bed, refused, at)


def test_a_switched_off_platform_shows_nobody_elses(bed: Bed) -> None:
    at = bed.fresh()
    bed.tool.admin("platform", "disable", at.id)
    others = bed.visit().ask_login(lti_deployment_id="nope")
    framable_by(bed, others, bed.p1)
    assert at.platform.url not in others.header("Content-Security-Policy")
    lost = bed.visit().browser.request("POST", "/lti/launch", form={"state": "x", "id_token": "x"})
    assert lost.error == "state_unknown"
    assert at.platform.url not in lost.header("Content-Security-Policy")
