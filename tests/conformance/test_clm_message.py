"""CLM-24 … CLM-37: deployment, target, resource link, subject."""

from __future__ import annotations

from .bed import Bed
from .claims import INSTRUCTOR, drop, put, remove, roles


def test_CLM_24_deployment_id_malformed(bed: Bed) -> None:
    bed.refused_launch(400, "claim_missing:deployment_id", drop("deployment_id"))
    for value in ("", 7, "d" * 256, ["d1"], {"id": "d1"}):
        bed.refused_launch(400, "claim_invalid:deployment_id", put("deployment_id", value))


def test_CLM_25_deployment_unknown(bed: Bed) -> None:
    for value in ("d3", "D1", "d1 ", "d" * 255):
        bed.refused_launch(403, "deployment_unknown", put("deployment_id", value))


def test_CLM_26_deployment_of_another_registration(bed: Bed) -> None:
    bed.refused_launch(403, "deployment_unknown", put("deployment_id", "dp2"))
    bed.refused_launch(403, "deployment_unknown", put("deployment_id", "d9"))
    bed.visit(bed.p1b).enter(put("deployment_id", "d9"))


def test_CLM_27_target_missing(bed: Bed) -> None:
    bed.refused_launch(400, "claim_missing:target_link_uri", drop("target_link_uri"))
    bed.refused_launch(400, "claim_invalid:target_link_uri", put("target_link_uri", 7))


def test_CLM_28_target_on_foreign_host(bed: Bed) -> None:
    for target in (
        "https://evil.example/lti/launch",
        f"http://127.0.0.1:{bed.tool.port}@evil.example/lti/launch",
        f"http://127.0.0.1:{bed.tool.port}.evil.example/lti/launch",
        "javascript:alert(1)",
        "//evil.example/lti/launch",
        "/lti/launch",
    ):
        bed.refused_launch(400, "target_link_uri_not_allowed", put("target_link_uri", target))


def test_CLM_29_target_of_the_token_decides(bed: Bed) -> None:
    visit = bed.visit(target="course=pruefkurs&module=erstes-modul")
    token_target = f"{bed.tool.launch_url}?course=pruefkurs&module=zweites-modul"
    page = visit.enter(put("target_link_uri", token_target))
    assert page.one("h1").text == "Zweites Modul"
    noted = [row for row in bed.rows.all("audit_event") if "zweites-modul" in str(row["details"])]
    assert noted and "erstes-modul" in str(noted[-1]["details"]), "both targets belong into the audit trail"


def test_CLM_30_module_unknown(bed: Bed) -> None:
    base = bed.tool.launch_url
    for target in (
        f"{base}?course=gibt-es-nicht",
        f"{base}?course=pruefkurs&module=gibt-es-nicht",
        f"{base}?course=pruefkurs&module=erstes-modul&activity=gibt-es-nicht",
        f"{base}?course=pruefkurs&module=einziges-modul",
        f"{bed.tool.url}/gibt-es-nicht",
    ):
        bed.refused_launch(404, "module_not_found", put("target_link_uri", target))
    bed.refused_launch(404, "module_not_found", put("custom", {"course_id": "gibt-es-nicht"}))
    missing = put("target_link_uri", f"{base}?course=pruefkurs&module=weg-damit")
    staff = bed.visit().launch(missing, roles(INSTRUCTOR))
    assert staff.error == "module_not_found" and "weg-damit" in staff.text, "staff see which module"


def test_CLM_31_resource_link_missing(bed: Bed) -> None:
    bed.refused_launch(400, "claim_missing:resource_link", drop("resource_link"))


def test_CLM_32_resource_link_id(bed: Bed) -> None:
    bed.refused_launch(400, "claim_missing:resource_link.id", remove("resource_link.id"))
    for value in ("", 7, "r" * 256, ["r"]):
        bed.refused_launch(400, "claim_invalid:resource_link.id", put("resource_link.id", value))


def test_CLM_33_resource_link_no_object(bed: Bed) -> None:
    for value in ("rl-1", ["rl-1"], 7):
        bed.refused_launch(400, "claim_invalid:resource_link", put("resource_link", value))


def test_CLM_34_anonymous_not_supported(bed: Bed) -> None:
    bed.refused_launch(403, "anonymous_not_supported", drop("sub"))
    bed.refused_launch(
        403, "anonymous_not_supported", drop("sub"), target="course=pruefkurs&module=erstes-modul"
    )


def test_CLM_35_anonymous_allowed(bed: Bed) -> None:
    visit = bed.visit(target="course=nebenkurs&module=einziges-modul")
    before = {name: bed.rows.count(name) for name in ("person", "membership", "progress", "score", "attempt")}
    page = visit.enter(drop("sub", "name", "given_name", "family_name", "email"))
    assert page.one("h1").text == "Einziges Modul"
    assert "Lerneinheit nebenan" in visit.page("a/neben-lektion").text
    visit.browser.post(visit.url("a/neben-lektion/done"), {})  # reading on is fine, nothing is recorded
    after = {name: bed.rows.count(name) for name in before}
    assert before == after
    assert visit.launch_row()["membership_id"] is None
    assert visit.at.platform.scores(visit.line_item) == []
    # a named person in the same module is recorded as ever
    named = bed.visit(target="course=nebenkurs&module=einziges-modul")
    named.enter()
    assert named.person()


def test_CLM_36_sub_malformed(bed: Bed) -> None:
    for value in ("", "s" * 256, 7, ["u-1"], {"id": 1}, "üser", True):
        bed.refused_launch(400, "claim_invalid:sub", put("sub", value))
    bed.visit(sub="s" * 255).enter()


def test_CLM_37_roles_missing(bed: Bed) -> None:
    bed.refused_launch(400, "claim_missing:roles", drop("roles"))
