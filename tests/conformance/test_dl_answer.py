"""DL: what goes back to the platform (lti-core-cases.md, section 8)."""

from __future__ import annotations

from .bed import Bed
from .claims import CLAIM
from .dl_pick import DL, MODULE, QUIZ, RETURN, SECOND, handed_over, pick, settings


def test_DL_11_response_token(bed: Bed) -> None:
    picking = pick(bed)
    sent = handed_over(bed, picking.send(MODULE, SECOND))
    assert sent.url == RETURN
    claims, now = sent.claims, bed.tool.clock.now()
    assert sent.header["alg"] == "RS256"
    assert (claims["iss"], claims["aud"]) == ("c-one", "https://p1.example")
    assert now - 60 <= claims["iat"] <= now < claims["exp"] <= now + 600
    assert claims["exp"] - claims["iat"] <= 600
    assert claims[CLAIM + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[CLAIM + "version"] == "1.3.0"
    assert claims[CLAIM + "deployment_id"] == "d1"
    assert [item["type"] for item in sent.items] == ["ltiResourceLink"] * 2
    assert [item["title"] for item in sent.items] == ["Erstes Modul", "Zweites Modul"]
    again = handed_over(bed, pick(bed).send(MODULE))
    assert len(claims["nonce"]) >= 16 and again.claims["nonce"] != claims["nonce"]


def test_DL_14_line_item(bed: Bed) -> None:
    for change in (settings(), settings(accept_lineitem=True)):
        (item,) = handed_over(bed, pick(bed, change).send(MODULE)).items
        column = item["lineItem"]
        assert column["scoreMaximum"] == 100
        assert (column["label"], column["resourceId"]) == ("Erstes Modul", "erstes-modul")
        assert column["tag"]
    (item,) = handed_over(bed, pick(bed).send(QUIZ, report="score")).items
    assert item["lineItem"]["resourceId"] == "erster-test" and item["custom"]["report"] == "score"
    (item,) = handed_over(bed, pick(bed).send(MODULE, report="none")).items
    assert "lineItem" not in item, "not graded, because the teacher said so"


def test_DL_08_data_byte_identical(bed: Bed) -> None:
    data = "csrf-\"'<>&=+%20 ä€\\n" * 100
    sent = handed_over(bed, pick(bed, settings(data=data)).send(MODULE))
    assert sent.claims[DL + "data"] == data


def test_DL_09_no_data(bed: Bed) -> None:
    assert DL + "data" not in handed_over(bed, pick(bed).send(MODULE)).claims
    assert handed_over(bed, pick(bed, settings(data="")).send(MODULE)).claims[DL + "data"] == ""


def test_DL_12_cancel(bed: Bed) -> None:
    picking = pick(bed, settings(data="x"))
    sent = handed_over(bed, picking.cancel())
    assert sent.items == [] and sent.url == RETURN and sent.claims[DL + "data"] == "x"
