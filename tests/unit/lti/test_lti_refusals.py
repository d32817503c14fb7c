"""verify(): each rule of the conformance list that refuses a launch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lti_builders import ABSENT, NOW, SECRET, Claims, Tool, put, refused

from lms_tool.lti import issue

REFUSALS = [
    ("CLM-01", put(iss=ABSENT), 401, "issuer_missing"),
    ("CLM-02", put(iss="https://p3.example"), 401, "issuer_mismatch"),
    ("CLM-02 slash", put(iss="https://p1.example/"), 401, "issuer_mismatch"),
    ("CLM-02 number", put(iss=5), 401, "issuer_mismatch"),
    ("CLM-05", put(aud=["c-one", "other"]), 401, "audience_untrusted"),
    ("CLM-06", put(aud=["c-one"], azp="other"), 401, "azp_mismatch"),
    ("CLM-06 number", put(azp=1), 401, "azp_mismatch"),
    ("CLM-07", put(aud=ABSENT), 401, "audience_missing"),
    ("CLM-07 []", put(aud=[]), 401, "audience_missing"),
    ("CLM-07 ''", put(aud=""), 401, "audience_missing"),
    ("CLM-07 {}", put(aud={"a": 1}), 401, "audience_missing"),
    ("CLM-08", put(aud="c-two"), 401, "audience_mismatch"),
    ("CLM-08 case", put(aud="C-One"), 401, "audience_mismatch"),
    ("CLM-09", put(exp=NOW - 600), 401, "token_expired"),
    ("CLM-09 cert", put(iat=11111, exp=22222), 401, "token_expired"),
    ("CLM-09 edge", put(exp=NOW - 60), 401, "token_expired"),
    ("CLM-11", put(exp=ABSENT), 401, "claim_missing:exp"),
    ("CLM-13", put(iat=NOW + 600, exp=NOW + 900), 401, "token_not_yet_valid"),
    ("CLM-13 edge", put(iat=NOW + 61, exp=NOW + 90), 401, "token_not_yet_valid"),
    ("CLM-14", put(iat=ABSENT), 401, "claim_missing:iat"),
    ("CLM-15", put(iat=NOW - 601), 401, "token_too_old"),
    ("CLM-16", put(nbf=NOW + 600), 401, "token_not_yet_valid"),
    ("CLM-17", put(exp=str(NOW + 60)), 400, "claim_invalid:exp"),
    ("CLM-17 iat", put(iat="abc"), 400, "claim_invalid:iat"),
    ("CLM-17 bool", put(iat=True), 400, "claim_invalid:iat"),
    ("CLM-17 nbf", put(nbf="x"), 400, "claim_invalid:nbf"),
    ("CLM-18", put(version=ABSENT), 400, "claim_missing:version"),
    *[
        (f"CLM-19 {v}", put(version=v), 400, "version_unsupported")
        for v in ("11.3", "1.3", "1.3.1", "2.0", 1.3)
    ],
    ("CLM-20", put(message_type=ABSENT), 400, "claim_missing:message_type"),
    ("CLM-21", put(message_type="LtiSomething"), 400, "message_type_invalid"),
    ("CLM-21 case", put(message_type="ltiResourceLinkRequest"), 400, "message_type_invalid"),
    ("CLM-21 number", put(message_type=3), 400, "message_type_invalid"),
    ("CLM-24", put(deployment_id=ABSENT), 400, "claim_missing:deployment_id"),
    ("CLM-24 ''", put(deployment_id=""), 400, "claim_invalid:deployment_id"),
    ("CLM-24 number", put(deployment_id=1), 400, "claim_invalid:deployment_id"),
    ("CLM-24 long", put(deployment_id="d" * 256), 400, "claim_invalid:deployment_id"),
    ("CLM-27", put(target_link_uri=ABSENT), 400, "claim_missing:target_link_uri"),
    ("CLM-27 number", put(target_link_uri=1), 400, "claim_invalid:target_link_uri"),
    ("CLM-28", put(target_link_uri="https://evil.example/lti/launch"), 400, "target_link_uri_not_allowed"),
    ("CLM-31", put(resource_link=ABSENT), 400, "claim_missing:resource_link"),
    ("CLM-32", put(resource_link={"title": "x"}), 400, "claim_missing:resource_link.id"),
    ("CLM-32 ''", put(resource_link={"id": ""}), 400, "claim_invalid:resource_link.id"),
    ("CLM-32 number", put(resource_link={"id": 1}), 400, "claim_invalid:resource_link.id"),
    ("CLM-32 long", put(resource_link={"id": "r" * 256}), 400, "claim_invalid:resource_link.id"),
    ("CLM-33", put(resource_link="rl-1"), 400, "claim_invalid:resource_link"),
    ("CLM-33 list", put(resource_link=[{"id": "1"}]), 400, "claim_invalid:resource_link"),
    ("CLM-36", put(sub=""), 400, "claim_invalid:sub"),
    ("CLM-36 long", put(sub="u" * 256), 400, "claim_invalid:sub"),
    ("CLM-36 number", put(sub=5), 400, "claim_invalid:sub"),
    ("CLM-37", put(roles=ABSENT), 400, "claim_missing:roles"),
    ("CLM-39", put(roles="Learner"), 400, "claim_invalid:roles"),
    ("CLM-39 number", put(roles=["Learner", 1]), 400, "claim_invalid:roles"),
    ("CLM-50", put(context={"label": "BB"}), 400, "claim_invalid:context"),
    ("CLM-50 list", put(context=[]), 400, "claim_invalid:context"),
    ("CLM-76", put(message_type="LtiSubmissionReviewRequest"), 400, "claim_missing:for_user"),
    (
        "CLM-76 text",
        put(message_type="LtiSubmissionReviewRequest", for_user="7"),
        400,
        "claim_invalid:for_user",
    ),
    (
        "CLM-76 empty",
        put(message_type="LtiSubmissionReviewRequest", for_user={}),
        400,
        "claim_missing:for_user.user_id",
    ),
    ("CLM-77", put(message_type="DataPrivacyLaunchRequest"), 403, "message_type_unsupported"),
    ("STA-09", put(nonce=ABSENT), 401, "nonce_missing"),
    ("STA-09 ''", put(nonce=""), 401, "nonce_missing"),
    ("STA-09 number", put(nonce=5), 401, "nonce_missing"),
    ("STA-10", put(nonce="x" * 43), 401, "nonce_unknown"),
    ("STA-10 other form", put(nonce="short"), 401, "nonce_unknown"),
    ("STA-11", put(nonce=issue(SECRET, 7, NOW).nonce), 401, "nonce_mismatch"),
]


@pytest.mark.parametrize(
    ("change", "status", "code"), [pytest.param(*case[1:], id=case[0]) for case in REFUSALS]
)
def test_refused(tool: Tool, change: Callable[[Claims], None], status: int, code: str) -> None:
    refusal = refused(tool, change)
    assert (refusal.public_code, refusal.status) == (code, status)
    for sentence in (*refusal.text, *refusal.remedy):
        assert sentence.endswith((".", "…"))


def test_clm_22_payload_of_another_world(tool: Tool) -> None:
    refusal = refused(tool, lambda claims: (claims.clear(), claims.update(name="badltilaunch")))
    assert refusal.code == "issuer_missing"


def test_clm_23_all_missing_names_are_recorded(tool: Tool) -> None:
    refusal = refused(tool, put(version=ABSENT, roles=ABSENT, deployment_id=ABSENT))
    assert refusal.public_code == "claim_missing:version"
    assert refusal.details["missing"] == ["version", "deployment_id", "roles"]


def test_jwt_35_a_client_assertion_is_no_launch(tool: Tool) -> None:
    def assertion(claims: Claims) -> None:
        claims.clear()
        claims.update(iss="https://p1.example", sub="c-one", aud="c-one", iat=NOW, exp=NOW + 60, jti="1")

    refusal = refused(tool, assertion)
    assert (refusal.code, refusal.status) == ("id_token_malformed", 401)
