"""CLM-01 … CLM-23: issuer, audience, times, version, message type."""

from __future__ import annotations

import json
from typing import Any

from .bed import Bed
from .browser import Response
from .claims import RETURN_URL, Claims, drop, put
from .page import Page


def now(bed: Bed) -> int:
    return int(bed.tool.clock.now())


def test_CLM_01_iss_missing(bed: Bed) -> None:
    for change in (drop("iss"), put("iss", ""), put("iss", None)):
        bed.refused_launch(401, "issuer_missing", change)


def test_CLM_02_iss_other(bed: Bed) -> None:
    for issuer in ("https://p2.example", "https://p1.example/", "https://P1.example", "http://p1.example"):

        def send(accept: str, issuer: str = issuer) -> Response:
            return bed.visit().launch(put("iss", issuer), accept=accept)

        # the issuer may be looked at before the signature: then no way back is offered
        with bed.nothing_stored():
            response = send("text/html")
        back = RETURN_URL if "lti_errormsg" in response.text else None
        bed.refused(401, "issuer_mismatch", send, back=back)
    for odd in (7, ["https://p1.example"], {"a": 1}):
        response = bed.visit().launch(put("iss", odd))
        assert response.status in (400, 401) and response.error in ("issuer_mismatch", "issuer_missing")


def test_CLM_03_aud_string(bed: Bed) -> None:
    bed.visit().enter(put("aud", "c-one"))


def test_CLM_04_aud_list(bed: Bed) -> None:
    bed.visit().enter(put("aud", ["c-one"]))
    bed.visit().enter(put("aud", ["c-one"]), put("azp", "c-one"))


def test_CLM_05_further_audience(bed: Bed) -> None:
    bed.refused_launch(401, "audience_untrusted", put("aud", ["c-one", "other"]))
    bed.refused_launch(401, "audience_untrusted", put("aud", ["other", "c-one"]))


def test_CLM_06_azp_other(bed: Bed) -> None:
    bed.refused_launch(401, "azp_mismatch", put("aud", ["c-one"]), put("azp", "other"))
    bed.refused_launch(401, "azp_mismatch", put("aud", "c-one"), put("azp", "c-two"))
    bed.refused_launch(401, "azp_mismatch", put("aud", ["c-one", "other"]), put("azp", "other"))


def test_CLM_07_aud_missing(bed: Bed) -> None:
    for change in (drop("aud"), put("aud", []), put("aud", ""), put("aud", {"c-one": 1}), put("aud", None)):
        bed.refused_launch(401, "audience_missing", change)


def test_CLM_08_aud_of_other_registration(bed: Bed) -> None:
    bed.refused_launch(401, "audience_mismatch", put("aud", "c-two"))
    bed.refused_launch(401, "audience_mismatch", put("aud", ["c-two"]))


def test_CLM_09_expired(bed: Bed) -> None:
    bed.refused_launch(401, "token_expired", put("exp", now(bed) - 600), put("iat", now(bed) - 590))
    bed.refused_launch(401, "token_expired", put("exp", now(bed) - 65))
    bed.refused_launch(401, "token_expired", put("iat", 11111), put("exp", 22222))


def test_CLM_10_expired_within_leeway(bed: Bed) -> None:
    bed.visit().enter(put("iat", now(bed) - 90), put("exp", now(bed) - 30))
    bed.visit().enter(put("iat", now(bed) - 90), put("exp", now(bed) - 55))


def test_CLM_11_exp_missing(bed: Bed) -> None:
    bed.refused_launch(401, "claim_missing:exp", drop("exp"))


def test_CLM_12_iat_a_little_ahead(bed: Bed) -> None:
    bed.visit().enter(put("iat", now(bed) + 45), put("exp", now(bed) + 105))


def test_CLM_13_iat_in_the_future(bed: Bed) -> None:
    bed.refused_launch(401, "token_not_yet_valid", put("iat", now(bed) + 600), put("exp", now(bed) + 660))
    bed.refused_launch(401, "token_not_yet_valid", put("iat", now(bed) + 75), put("exp", now(bed) + 135))


def test_CLM_14_iat_missing(bed: Bed) -> None:
    bed.refused_launch(401, "claim_missing:iat", drop("iat"))


def test_CLM_15_iat_too_old(bed: Bed) -> None:
    bed.refused_launch(401, "token_too_old", put("iat", now(bed) - 700), put("exp", now(bed) + 3600))
    bed.visit().enter(put("iat", now(bed) - 500), put("exp", now(bed) + 3600))


def test_CLM_16_nbf_in_the_future(bed: Bed) -> None:
    bed.refused_launch(401, "token_not_yet_valid", put("nbf", now(bed) + 600))
    bed.visit().enter(put("nbf", now(bed) + 30))


def test_CLM_17_times_are_numbers(bed: Bed) -> None:
    good = str(now(bed) + 60)
    for value in ("1700000000", good, "abc", [], {}, True, [now(bed)]):
        for name in ("exp", "iat"):
            bed.refused_launch(400, f"claim_invalid:{name}", put(name, value))
    bed.refused_launch(400, "claim_invalid:nbf", put("nbf", good))


def test_CLM_18_version_missing(bed: Bed) -> None:
    bed.refused_launch(400, "claim_missing:version", drop("version"))


def test_CLM_19_version_other(bed: Bed) -> None:
    for version in ("11.3", "1.3", "1.3.1", "2.0", "LTI-1p0", "1.3.0 ", "", 1.3, ["1.3.0"]):
        bed.refused_launch(400, "version_unsupported", put("version", version))


def test_CLM_20_message_type_missing(bed: Bed) -> None:
    bed.refused_launch(400, "claim_missing:message_type", drop("message_type"))


def test_CLM_21_message_type_unknown(bed: Bed) -> None:
    good = "LtiResourceLinkRequest"
    for value in ("LtiFooRequest", good.lower(), good.upper(), "", 7, [good]):
        bed.refused_launch(400, "message_type_invalid", put("message_type", value))


def test_CLM_22_nearly_empty_payload(bed: Bed) -> None:
    def nothing_else(token: Claims) -> None:
        token.clear()
        token["name"] = "badltilaunch"

    bed.refused_launch(401, "issuer_missing", nothing_else, verified=False)


def test_CLM_23_several_missing(bed: Bed) -> None:
    names = ["message_type", "version", "deployment_id", "roles", "resource_link"]
    bed.refused_launch(400, "claim_missing:message_type", drop(*names))
    audited: dict[str, Any] = bed.audited("claim_missing:message_type")
    told = json.dumps(audited["details"])
    assert all(name in told for name in names), told
    assert audited["platform_id"] is not None and audited["correlation_id"]


def test_CLM_23_correlation(bed: Bed) -> None:
    """The page, the JSON and the audit line name the same event."""
    page = Page(bed.visit().launch(drop("version")).text)
    assert bed.audited("claim_missing:version")["correlation_id"] in page.text.replace("-", "")
    told = bed.visit().launch(drop("version"), accept="application/json").json
    assert bed.audited("claim_missing:version")["correlation_id"] == told["correlation_id"]
