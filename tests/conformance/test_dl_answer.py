"""DL: what goes back to the platform (lti-core-cases.md, section 8)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from .bed import Bed
from .browser import Response
from .claims import CLAIM
from .dl_pick import DL, LESSON, MODULE, QUIZ, RETURN, SECOND, WHOLE, handed_over, pick, settings
from .page import Page


def test_DL_06_one_item_only(bed: Bed) -> None:
    picking = pick(bed, settings(accept_multiple=False))
    assert picking.page.all("input", type="radio") and not picking.page.all("input", type="checkbox")
    bed.refused(
        400,
        "deep_link_too_many_items",
        lambda accept: picking.post([("item", MODULE), ("item", SECOND)], accept=accept),
    )
    assert len(handed_over(bed, picking.send(MODULE)).items) == 1, "the picker can still be used"


def test_DL_06_the_same_twice(bed: Bed) -> None:
    same = [("item", MODULE)] * 150
    assert len(handed_over(bed, pick(bed).post(same)).items) == 1


def test_DL_08_data_byte_identical(bed: Bed) -> None:
    data = "csrf-\"'<>&=+%20 ä€😀\\n\t" * 100
    sent = handed_over(bed, pick(bed, settings(data=data)).send(MODULE))
    assert sent.claims[DL + "data"] == data


def test_DL_09_no_data(bed: Bed) -> None:
    assert DL + "data" not in handed_over(bed, pick(bed).send(MODULE)).claims
    assert DL + "data" not in handed_over(bed, pick(bed, settings(data=None)).send(MODULE)).claims
    assert handed_over(bed, pick(bed, settings(data="")).send(MODULE)).claims[DL + "data"] == ""


def test_DL_11_response_token(bed: Bed) -> None:
    sent = handed_over(bed, pick(bed).send(MODULE, SECOND))
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


def test_DL_12_cancel(bed: Bed) -> None:
    picking = pick(bed, settings(data="x"))
    before = bed.rows.count("placement"), bed.rows.all("audit_event", code="content_placed")
    sent = handed_over(bed, picking.cancel())
    assert sent.items == [] and sent.url == RETURN and sent.claims[DL + "data"] == "x"
    assert (bed.rows.count("placement"), bed.rows.all("audit_event", code="content_placed")) == before


def test_DL_13_no_line_items(bed: Bed) -> None:
    picking = pick(bed, settings(accept_lineitem=False))
    items = handed_over(bed, picking.send(MODULE, QUIZ, WHOLE)).items
    assert len(items) == 3 and not [item for item in items if "lineItem" in item]


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
    assert item["custom"]["report"] == "none"


def test_DL_15_ids_and_address(bed: Bed) -> None:
    picking = pick(bed)
    title = "Modul eins – „neu“ <b>"
    items = handed_over(bed, picking.send(MODULE, LESSON, WHOLE, title=title)).items
    wanted = [
        {"course": ["pruefkurs"], "module": ["erstes-modul"]},
        {"course": ["pruefkurs"], "module": ["erstes-modul"], "activity": ["erste-lektion"]},
        {"course": ["pruefkurs"]},
    ]
    for item, named in zip(items, wanted, strict=True):
        address = urlsplit(item["url"])
        assert f"{address.scheme}://{address.netloc}" == bed.tool.url
        assert parse_qs(address.query) == named
        assert {f"{name}_id": [item["custom"][f"{name}_id"]] for name in named} == {
            f"{name}_id": value for name, value in named.items()
        }
        assert "<" not in item.get("text", "") and item["text"]
    assert items[0]["title"] == title
    assert bed.visit().browser.get(items[0]["icon"]["url"]).header("Content-Type") == "image/png"
    ids = [item["custom"]["placement_id"] for item in items]
    assert len(set(ids)) == 3
    rows = [bed.rows.one("placement", id=one) for one in ids]
    assert [row["context_lti_id"] for row in rows] == [picking.visit.context] * 3
    assert [(row["module_id"], row["activity_id"]) for row in rows] == [
        ("erstes-modul", None),
        ("erstes-modul", "erste-lektion"),
        (None, None),
    ]
    assert rows[0]["title"] == title and rows[0]["graded"]
    # the platform makes an activity of it, somebody opens it: the placement is known again
    opened = bed.visit(context=picking.visit.context)
    opened.target = items[1]["url"]
    page = opened.enter(lambda token: token.update({CLAIM + "custom": items[1]["custom"]}))
    assert page.one("h1").text == "Erste Lerneinheit"
    link = bed.rows.one("resource_link", lti_id=opened.link)
    assert link["placement_id"] == ids[1]


def test_DL_15_audit_line(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter()
    picking = pick(bed, sub=visit.sub)
    handed_over(bed, picking.send(MODULE, SECOND))
    line = bed.audited("content_placed")
    assert line["details"] == {"items": 2} and line["actor"] == f"person:{visit.person()['id']}"


def test_DL_19_page_that_sends_itself(bed: Bed) -> None:
    url = "https://p1.example/return?a=1&b=%22%3E%3Cscript%3E'\"x=<i>"
    picking = pick(bed, settings(deep_link_return_url=url))
    before = policy(picking.browser.get(picking.path))
    answer = picking.send(MODULE)
    assert handed_over(bed, answer).url == url
    page = Page(answer.text)
    assert not page.unclosed
    assert not [one for one in page.all("script") if "src" not in one.attrs]
    assert not [name for one in page.elements for name in one.attrs if name.startswith("on")]
    (button,) = page.all("button")
    assert button.text == "Weiter zum LMS" and "hidden" not in button.attrs
    after = policy(answer)
    assert before["form-action"] == ["'self'"]
    assert after["form-action"] == ["https://p1.example"]
    assert not [value for values in after.values() for value in values if "unsafe" in value]
    assert "no-store" in answer.header("Cache-Control")
    assert "sesskey" not in bed.tool.log("serve"), "the return address holds a session key of the LMS"


def policy(response: Response) -> dict[str, list[str]]:
    found = {}
    for directive in response.header("Content-Security-Policy").split(";"):
        name, *values = directive.split()
        found[name] = values
    return found
