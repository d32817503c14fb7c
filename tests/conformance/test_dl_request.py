"""DL: the request, and who may make it (lti-core-cases.md, section 8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from . import claims as c
from . import refusal
from .bed import Bed
from .browser import Response
from .dl_pick import (
    LESSON,
    MODULE,
    QUIZ,
    RETURN,
    SECOND,
    SETTINGS,
    WHOLE,
    ask,
    handed_over,
    opened,
    pick,
    settings,
)


def refused(bed: Bed, status: int, code: str, *changes: c.Change) -> None:
    bed.refused_launch(status, code, settings(), *changes)


def test_DL_01_a_teacher_chooses(bed: Bed) -> None:
    picking = pick(bed)
    values = {box.attrs["value"] for box in picking.page.all("input", type="checkbox")}
    assert values >= {WHOLE, MODULE, SECOND, LESSON, QUIZ}
    assert "Basis-Befähigung 2026" in picking.page.text, "which LMS course it is about"
    row = bed.rows.one("picker", id=picking.path.split("/")[2])
    assert row["context_lti_id"] == picking.visit.context
    for role in (c.DEVELOPER, "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"):
        pick(bed, c.roles(role))


@pytest.mark.parametrize("value", [None, "yes", [], ["deep_link_return_url"], 3])
def test_DL_02_settings_missing(bed: Bed, value: Any) -> None:
    change = c.drop(SETTINGS) if value is None else c.put(SETTINGS, value)
    refused(bed, 400, "claim_missing:deep_linking_settings", change)


@pytest.mark.parametrize(
    "url",
    [
        ...,
        "",
        7,
        "http://p1.example/return",
        "javascript:alert(1)",
        "//p1.example/return",
        "https://",
        "https://p1.example@evil.example/",
        "https://p1.example;script-src/",
        "https://münchen.example/zurück",
        "https://p1.example/\nX: y",
    ],
)
def test_DL_03_return_url(bed: Bed, url: Any) -> None:
    refused(bed, 400, "claim_invalid:deep_link_return_url", settings(deep_link_return_url=url))


@pytest.mark.parametrize("types", [..., [], ["html", "file"], "image", 5])
def test_DL_04_type_not_accepted(bed: Bed, types: Any) -> None:
    refused(bed, 400, "deep_link_type_not_accepted", settings(accept_types=types))


def test_DL_04_links_where_only_links_are_taken(bed: Bed) -> None:
    picking = pick(bed, settings(accept_types=["link", "html"]))
    assert "nur einfache Links" in picking.page.text
    (item,) = handed_over(bed, picking.send(MODULE)).items
    assert item["type"] == "link" and item["title"] == "Erstes Modul"
    assert item["url"].startswith(bed.tool.launch_url)
    assert "lineItem" not in item and "custom" not in item


def test_DL_05_targets(bed: Bed) -> None:
    both = pick(bed, settings(accept_presentation_document_targets=...))
    assert {box.attrs["value"] for box in both.page.all("option")} >= {"iframe", "window"}
    (item,) = handed_over(bed, both.send(MODULE, opens="window")).items
    assert "window" in item and "iframe" not in item
    framed = pick(bed, settings(accept_presentation_document_targets=["iframe"]))
    (item,) = handed_over(bed, framed.send(MODULE, opens="window")).items
    assert "iframe" in item and "window" not in item
    neither = pick(bed, settings(accept_presentation_document_targets=["embed"]))
    (item,) = handed_over(bed, neither.send(MODULE)).items
    assert "iframe" not in item and "window" not in item


def test_DL_07_booleans_as_text(bed: Bed) -> None:
    single = pick(bed, settings(accept_multiple="false", accept_lineitem="FALSE"))
    assert single.page.all("input", type="radio") and not single.page.all("input", type="checkbox")
    (item,) = handed_over(bed, single.send(MODULE)).items
    assert "lineItem" not in item
    several = pick(bed, settings(accept_multiple="true", accept_lineitem="True"))
    items = handed_over(bed, several.send(MODULE, SECOND)).items
    assert ["lineItem" in item for item in items] == [True, True]


@pytest.mark.parametrize("role", [c.LEARNER, c.MENTOR, c.ASSISTANT])
def test_DL_10_only_authors(bed: Bed, role: str) -> None:
    refused(bed, 403, "role_not_permitted", c.roles(role))


def test_DL_20_no_resource_link_and_no_context(bed: Bed) -> None:
    without = pick(bed, c.drop("context", "resource_link"))
    assert handed_over(bed, without.send(MODULE)).url == RETURN
    with_one = pick(bed, c.put("resource_link", {"id": "rl-9"}))
    assert len(handed_over(bed, with_one.send(MODULE)).items) == 1


def test_DL_20_reload_of_the_launch(bed: Bed) -> None:
    """As STA-07, STA-08 and STA-12: one picker per launch, found again by its own browser only."""
    picking = pick(bed)
    visit = picking.visit
    for _ in range(2):
        again = visit.post()
        assert again.status == 303 and again.location == bed.tool.url + picking.path
    bed.tool.clock.forward(minutes=30)
    assert opened(visit, visit.post()).path == picking.path

    def other_client(accept: str) -> Response:
        form = {"id_token": visit.id_token, "state": visit.state}
        return bed.visit().browser.request("POST", "/lti/launch", form=form, accept=accept)

    bed.refused(401, "launch_replayed", other_client)
    handed_over(bed, picking.send(MODULE))
    bed.refused(401, "launch_replayed", lambda accept: visit.post(accept=accept))


def test_DL_20_twenty_at_once(bed: Bed) -> None:
    visit = bed.visit()
    visit.login()
    visit.id_token = visit.token(settings())
    before = bed.rows.count("picker")
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: visit.post(), range(20)))
    assert {answer.status for answer in answers} <= {303, 401}
    assert len({answer.location for answer in answers if answer.status == 303}) == 1
    assert bed.rows.count("picker") == before + 1


def test_DL_20_deployment_and_registration(bed: Bed) -> None:
    _, answer = ask(bed, c.put("deployment_id", "d99"))
    refusal.check(answer, 403, "deployment_unknown", back=c.RETURN_URL)
