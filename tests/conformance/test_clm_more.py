"""CLM-60 … CLM-67 and CLM-74 … CLM-77: custom parameters, size, services, other messages."""

from __future__ import annotations

import json
from typing import Any

from .bed import Bed, Visit
from .claims import AGS_CLAIM, INSTRUCTOR, LEARNER, Change, Claims, drop, put, roles

STAFF_HINT = "Notenübertragung"


def test_CLM_60_custom_values_of_any_type(bed: Bed) -> None:
    values = {
        "a": 1,
        "b": 1.5,
        "c": True,
        "d": None,
        "e": {"f": [1]},
        "g": ["h"],
        "course_id": None,
        "module_id": {},
    }
    page = bed.visit().enter(put("custom", values))
    assert page.one("h1").text
    for custom in (None, [], "text", 7):
        bed.visit().enter(put("custom", custom))
    chosen = bed.visit().enter(
        put("custom", {"course_id": "pruefkurs", "module_id": "zweites-modul", "x": 7})
    )
    assert chosen.one("h1").text == "Zweites Modul"
    moodle = bed.visit().enter(put("custom", {"module_id": "zweites-modul", "Module_Id": "zweites-modul"}))
    assert moodle.one("h1").text == "Zweites Modul"


def test_CLM_61_variable_not_substituted(bed: Bed) -> None:
    plain = bed.visit().enter().one("title").text
    for variable in ("$Context.id.history", "$Gibt.es.nicht", "$ResourceLink.id"):
        for key in ("module_id", "course_id", "activity_id", "placement_id"):
            visit = bed.visit()
            page = visit.enter(put("custom", {key: variable}))
            assert page.one("title").text == plain and "Zweites Modul" in page.text
            assert bed.rows.one("resource_link", lti_id=visit.link)["placement_id"] is None


def test_CLM_62_custom_bounded(bed: Bed) -> None:
    many: dict[str, Any] = {f"key-{n}": "v" for n in range(1000)}
    odd = {"__proto__": "x", "constructor": "x", "a.b c": "x", "": "x", "k" * 5000: "x", "long": "v" * 50_000}
    page = bed.visit().enter(put("custom", many | odd | {"module_id": "zweites-modul"}))
    assert page.one("h1").text == "Zweites Modul", "our own parameter is found behind a thousand others"


def test_CLM_63_unknown_claims(bed: Bed) -> None:
    bed.visit().enter(
        put("https://vendor.example/claim/x", {"a": [1, {"b": None}]}),
        put("https://purl.imsglobal.org/spec/lti/claim/future", "x"),
        put("email_verified", False),
        put("https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome", {"lis_outcome_service_url": 7}),
    )


def filled(size: int) -> Change:
    """Pad the custom claim until the payload has ``size`` bytes."""

    def change(token: Claims) -> None:
        put("custom", {"pad": ""})(token)
        put("custom", {"pad": "x" * (size - len(json.dumps(token)))})(token)

    return change


def test_CLM_64_large_payload(bed: Bed) -> None:
    bed.refused_launch(413, "request_too_large", filled(300 * 1024), verified=False)
    bed.refused_launch(413, "request_too_large", filled(256 * 1024 + 1), verified=False)
    bed.visit().enter(filled(255 * 1024))


def test_CLM_65_lis_null(bed: Bed) -> None:
    for value in (
        None,
        {"person_sourcedid": None, "course_section_sourcedid": None},
        [],
        "x",
        {"person_sourcedid": 7},
    ):
        bed.visit().enter(put("lis", value))


def test_CLM_66_ags_malformed(bed: Bed) -> None:
    """The launch is good, no grades travel, staff are told, learners are not."""
    good = bed.at_lesson().claims()[AGS_CLAIM]
    column = "http://127.0.0.1:9/lineitem"
    malformed: list[Any] = [
        good | {"scope": " ".join(good["scope"])},
        good | {"scope": [7]},
        good | {"lineitem": "http://evil.example/lineitem", "lineitems": "http://evil.example/lineitems"},
        good | {"lineitem": "javascript:alert(1)"},
        good | {"lineitem": 7},
        [good],
        "ags",
        {"lineitem": column},
    ]
    for value in malformed:
        known = len(bed.rows.all("audit_event", code="ags_claim_invalid"))
        learner, teacher = bed.at_lesson(), bed.at_lesson()
        assert STAFF_HINT not in learner.enter(put("ags", value)).text
        assert len(bed.rows.all("audit_event", code="ags_claim_invalid")) == known + 1, value
        assert STAFF_HINT in teacher.enter(put("ags", value), roles(INSTRUCTOR)).text
        learner.complete()
        assert not learner.score() and "nicht möglich" not in learner.page().text
        assert not learner.at.platform.scores(learner.line_item)
    # an activity without a column is no fault, but staff should know
    assert STAFF_HINT in bed.at_lesson().enter(remove_line_item, roles(INSTRUCTOR)).text
    assert STAFF_HINT not in bed.at_lesson().enter(remove_line_item).text
    assert STAFF_HINT not in bed.at_lesson().enter(roles(INSTRUCTOR)).text


def remove_line_item(token: Claims) -> None:
    token[AGS_CLAIM] = {k: v for k, v in token[AGS_CLAIM].items() if k != "lineitem"}


def test_CLM_67_nrps_unusable(bed: Bed) -> None:
    for change in (
        drop("nrps"),
        put("nrps", {"context_memberships_url": f"{bed.p1_platform.url}/m", "service_versions": ["1.0"]}),
        put("nrps", {"context_memberships_url": 7, "service_versions": "2.0"}),
        put("nrps", {"service_versions": ["2.0"]}),
        put("nrps", None),
        put("nrps", []),
    ):
        visit = bed.at_lesson()
        visit.enter(change)
        visit.complete()
        assert visit.score(), "grades do not depend on the roster"
        teacher = bed.at_lesson()
        assert teacher.enter(change, roles(INSTRUCTOR)).one("h1").text
        assert "keine Teilnehmerliste" in teacher.page("members").text
    assert bed.p1_platform.seen("/m") == []


def test_CLM_74_migration_claim_with_wrong_signature(bed: Bed) -> None:
    victim, visit = bed.visit(), bed.visit()
    victim.enter()
    claim = {"oauth_consumer_key": "k", "oauth_consumer_key_sign": "d3Jvbmc=", "user_id": victim.sub}
    visit.enter(put("lti1p1", claim))
    assert visit.person()["id"] != victim.person()["id"]
    assert bed.audited("lti1p1_signature_invalid")["platform_id"] is not None
    for odd in (None, [], "x", {}, {"oauth_consumer_key_sign": 7}):
        bed.visit().enter(put("lti1p1", odd))


def review(sub: object) -> list[Change]:
    return [put("message_type", "LtiSubmissionReviewRequest"), put("for_user", {"user_id": sub})]


def test_CLM_75_submission_review(bed: Bed) -> None:
    def here(sub: str = "") -> Visit:
        quiz = "course=pruefkurs&module=erstes-modul&activity=erster-test"
        return bed.visit(context="ctx-review", link="rl-review", target=quiz, sub=sub)

    learner, other = here(), here()
    learner.enter()
    learner.quiz("a", "b")
    other.enter()
    teacher = here()
    page = teacher.enter(roles(INSTRUCTOR), *review(learner.sub))
    assert f"Prüfer-{learner.sub}" in page.text, "whose work it is"
    assert "50" in page.text or "1 von 2" in page.text, "and what came of it"
    before = bed.rows.all("attempt")
    teacher.browser.post(teacher.url("a/erster-test/attempts"), {})
    assert bed.rows.all("attempt") == before, "looking at a work does not begin one"
    own = here(sub=learner.sub)
    assert "50" in own.enter(*review(learner.sub)).text or "1 von 2" in own.page().text
    same_place = (put("resource_link.id", "rl-review"), put("context.id", "ctx-review"))
    bed.refused_launch(403, "role_not_permitted", roles(LEARNER), *review(learner.sub), *same_place)
    stranger = here().enter(roles(INSTRUCTOR), *review("never-seen"))
    assert f"Prüfer-{learner.sub}" not in stranger.text


def test_CLM_76_submission_review_incomplete(bed: Bed) -> None:
    message = put("message_type", "LtiSubmissionReviewRequest")
    bed.refused_launch(400, "claim_missing:for_user", message, roles(INSTRUCTOR))
    bed.refused_launch(400, "claim_missing:lineitem", *review("u-1"), remove_line_item, roles(INSTRUCTOR))
    bed.refused_launch(400, "claim_missing:lineitem", *review("u-1"), drop("ags"), roles(INSTRUCTOR))


def test_CLM_77_data_privacy_launch(bed: Bed) -> None:
    message = put("message_type", "DataPrivacyLaunchRequest")
    bed.refused_launch(403, "message_type_unsupported", message)
    bed.refused_launch(403, "message_type_unsupported", message, roles(INSTRUCTOR))
    bed.refused_launch(403, "message_type_unsupported", message, drop("resource_link", "target_link_uri"))
