"""Columns the launch did not name: found or made when the first grade is due, once, and never the wrong one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, SCOPES
from column_claims import CONTAINER, column, made, named, page, row, sent_to, unnamed
from office import Office
from outgoing import Said, answer
from sqlalchemy import insert

from lms_tool.lti.claims import SCOPE_LINEITEM, SCOPE_SCORE, ResourceLink
from lms_tool.lti.line_items import ITEM_TYPE, LIST_TYPE
from lms_tool.models import Delivery, Placement


def test_nothing_is_asked_before_there_is_a_grade(office: Office) -> None:
    office.room.arrive(**unnamed(office))
    assert office.drain() == 0
    assert office.wire.sent == []
    assert (row(office).url, row(office).resource_id, row(office).tag) == ("", "l1", "grade")


def test_made_where_there_is_none(office: Office) -> None:
    anna = office.complete(**unnamed(office))
    office.complete("berta", **unnamed(office))
    assert office.drain() == 2
    (request,) = made(office)
    assert (request.headers["Content-Type"], request.headers["Accept"]) == (ITEM_TYPE, ITEM_TYPE)
    assert request.url.endswith(f"{CONTAINER}?type_id=1")
    assert request.json | {"submissionReview": None} == {
        "label": "Modul",
        "scoreMaximum": 100,
        "resourceLinkId": "link-1",
        "resourceId": "l1",
        "tag": "grade",
        "submissionReview": None,
    }
    assert sent_to(office) == ["/1/lineitem/scores"] * 2
    assert office.score(anna).state == Delivery.SENT
    assert (row(office).made_by_us, row(office).making) == (True, None)
    lists = [sent for sent in office.wire.to("/lineitems") if sent.method == "GET"]
    assert {sent.headers["Accept"] for sent in lists} == {LIST_TYPE}
    assert [sent.url.split("?")[1] for sent in lists] == [
        "type_id=1&resource_link_id=link-1",
        "type_id=1&resource_id=l1&tag=grade",
    ]


def test_the_label_of_a_placement_without_title_is_the_contents(office: Office) -> None:
    office.room.arrive(resource_link=ResourceLink("link-1", None, None), **unnamed(office))
    assert row(office).label == "L1"


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ([(1, "link-1")], 1),
        ([(1, "link-2", "l1", "grade"), (2, "link-1")], 2),
        ([(1, "link-1", "x"), (2, "link-1", "l1", "grade")], 2),
        ([(1, "", "l1", "grade")], 1),
        ([(1, "", "l1", "x")], None),
        ([(1, "link-2", "l1", "grade")], None),
        ([(1, "link-1", "x"), (2, "link-1", "y")], None),
    ],
)
def test_found_by_placement_then_by_our_ids(office: Office, others: list[Any], chosen: int | None) -> None:
    office.wire.columns = [column(office, *other) for other in others]
    office.complete(**unnamed(office))
    assert office.drain() == 1
    assert sent_to(office) == [f"/{chosen or len(others) + 1}/lineitem/scores"]
    assert len(made(office)) == (chosen is None)


def test_two_placements_of_the_same_lesson_have_two_columns(office: Office) -> None:
    """Even where the platform forgets to which placement a column belongs."""
    office.wire.forgets_links = True
    for link in ("link-1", "link-2"):
        office.complete(link=link, **unnamed(office))
    assert office.drain() == 2
    assert len(made(office)) == 2
    assert sorted(sent_to(office)) == ["/1/lineitem/scores", "/2/lineitem/scores"]


def test_the_wanted_one_may_be_on_the_last_page(office: Office) -> None:
    listing = f"{office.room.at.issuer}{CONTAINER}?type_id=1"
    office.wire.script["/lineitems"] = [
        page([column(office, 1, "x")], f'<{listing}&from=0>; rel="first", <{listing}&from=1>; rel="next"'),
        page([column(office, 2, "y")], f"<{listing}&from=2>; rel=next; title=a"),
        page([column(office, 3, "link-1")]),
    ]
    office.complete(**unnamed(office))
    assert office.drain() == 1
    assert sent_to(office) == ["/3/lineitem/scores"]
    assert made(office) == []


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ('<https://anderswo.example/lineitems?from=2>; rel="next"', "paging_refused"),
        ('<http://{host}/services/2/lineitems?from=2>; rel="next"', "paging_refused"),
        ('<https://{host}:8443/services/2/lineitems?from=2>; rel="next"', "paging_refused"),
        (
            '<https://{host}/services/2/lineitems?type_id=1&resource_link_id=link-1>; rel="next"',
            "paging_endless",
        ),
    ],
    ids=["host", "http", "port", "itself"],
)
def test_a_list_that_leads_astray_makes_nothing(office: Office, link: str, reason: str) -> None:
    anna = office.complete(**unnamed(office))
    host = office.room.at.issuer.removeprefix("https://")
    office.wire.always["/lineitems"] = page([column(office, 1, "x")], link.format(host=host))
    office.drain()
    score = office.score(anna)
    assert (score.state, score.reason) == (Delivery.PENDING, reason)
    assert score.next_try_at > office.clock.now
    assert len(office.wire.to("/lineitems")) == 1, "one page, and nothing is asked elsewhere"
    assert made(office) == []
    assert office.platform().delivery_problem == reason, "an administrator is told"
    office.wire.always.clear()
    office.clock.forward(minutes=2)
    assert office.drain() == 1
    assert office.score(anna).state == Delivery.SENT


def test_pages_without_end(office: Office) -> None:
    office.complete(**unnamed(office))
    turn = iter(range(10_000))
    listing = f"{office.room.at.issuer}{CONTAINER}"
    office.wire.always["/lineitems"] = lambda: page([], f"<{listing}?from={next(turn)}>; rel=next")
    office.drain()
    assert len(office.wire.to("/lineitems")) == 100


@pytest.mark.parametrize(
    "url",
    [
        "https://anderswo.example/lineitem",
        "https://{host}:8443/lineitem",
        "http://{host}/lineitem",
        "https://x@{host}/lineitem",
        "javascript:alert(1)",
        "/lineitem",
    ],
)
def test_a_column_elsewhere_is_not_believed(office: Office, url: str) -> None:
    anna = office.complete(**unnamed(office))
    host = office.room.at.issuer.removeprefix("https://")
    office.wire.columns = [{"id": url.format(host=host), "resourceLinkId": "link-1"}]
    office.drain()
    assert (office.score(anna).state, office.score(anna).reason) == (Delivery.FAILED, "line_items_refused")
    assert office.wire.to("/scores") == []


def test_without_the_right_to_make_one_nobody_is_bothered(office: Office) -> None:
    """An ungraded activity in Moodle: lists, but no column, and no right to make one."""
    people = [office.complete(sub, **unnamed(office, SCOPES)) for sub in ("anna", "berta")]
    assert office.drain() == 1
    assert {office.score(person).state for person in people} == {Delivery.DROPPED}
    assert len(office.wire.to("/lineitems")) == 2, "asked once for both"
    assert made(office) == []


def test_what_had_no_column_goes_when_a_launch_names_one(office: Office) -> None:
    anna = office.complete(**unnamed(office, SCOPES))
    office.drain()
    assert office.score(anna).state == Delivery.DROPPED
    with office.room.database.write() as db:
        accepted = office.room.accept(db, sub="berta", activity_id="l1", ags=named(office))
    assert accepted.platforms_due == {office.room.at.id}
    assert office.drain() == 1
    assert office.score(anna).state == Delivery.SENT
    assert office.wire.to("/scores")[0].path == "/named/scores"


@pytest.mark.parametrize("graded", [True, False])
def test_what_was_chosen_when_it_was_placed_counts(office: Office, graded: bool) -> None:
    with office.room.database.write() as db:
        values = {"course_id": "kurs", "activity_id": "l1", "report": "completion", "created_at": NOW}
        db.execute(insert(Placement).values(id="p-1", deployment_id=1, title="", graded=graded, **values))
    office.complete(**unnamed(office) | {"custom": {"activity_id": "l1", "placement_id": "p-1"}})
    office.drain()
    assert len(made(office)) == graded


def test_a_teacher_may_say_that_no_grade_is_wanted(office: Office) -> None:
    for claim in (unnamed(office)["ags"], named(office)):
        office.complete(ags=claim, activity_id="l1", custom={"activity_id": "l1", "report": "none"})
    office.drain()
    assert office.wire.sent == []


def test_a_known_column_stays_known(office: Office) -> None:
    """Moodle leaves ``lineitem`` out as soon as a placement has two."""
    anna = office.room.arrive(activity_id="l1", ags=named(office))
    office.room.arrive(**unnamed(office))
    office.read(anna)
    office.drain()
    assert office.wire.to("/lineitems") == []
    assert office.wire.to("/scores")[0].path == "/named/scores"


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        (answer(403), Delivery.FAILED, "line_items_forbidden"),
        (answer(404), Delivery.FAILED, "line_items_gone"),
        (answer(400), Delivery.FAILED, "line_items_refused"),
        (answer(200, b"<html>"), Delivery.PENDING, "line_items_unreadable"),
        (answer(500), Delivery.PENDING, "platform_error"),
    ],
)
def test_what_the_list_may_answer(office: Office, said: Said, state: Delivery, reason: str) -> None:
    people = [office.complete(sub, **unnamed(office)) for sub in ("anna", "berta")]
    office.wire.always["/lineitems"] = said
    office.drain()
    assert len(office.wire.to("/lineitems")) == 1, "one question for the whole column"
    assert (office.score(people[0]).state, office.score(people[0]).reason) == (state, reason)
    assert office.score(people[1]).state == state
    office.wire.always.clear()
    if state == Delivery.PENDING:
        office.clock.forward(minutes=1)
        assert office.drain() == 2


def test_a_right_that_was_promised_but_is_not_granted(office: Office) -> None:
    """Moodle names the scope at registration and refuses it at the token endpoint; other columns go on."""
    anna = office.complete(**unnamed(office))
    berta = office.complete("berta", link="link-2", context_id="andere", activity_id="l1")
    refused = answer(400, b'{"error": "invalid_scope"}')
    honest = office.wire.honest

    def only_lineitem_is_refused(request: Any) -> Any:
        asked = request.path.endswith("/token") and request.form["scope"] == SCOPE_LINEITEM
        return refused if asked else honest(request)

    office.wire.honest = only_lineitem_is_refused  # type: ignore[method-assign]
    office.drain()
    assert (office.score(anna).state, office.score(anna).reason) == (Delivery.FAILED, "line_items_forbidden")
    assert office.score(berta).state == Delivery.SENT


def test_only_grades_without_the_right_to_look(office: Office) -> None:
    anna = office.room.arrive(**unnamed(office, frozenset({SCOPE_SCORE})))
    office.read(anna)
    assert office.drain() == 0
    assert office.wire.sent == []


def test_everything_waits_while_the_platform_asks_for_patience(office: Office) -> None:
    office.complete(**unnamed(office))
    office.wire.script["/lineitems"] = [answer(429, retry_after="120")]
    office.drain()
    assert office.platform().delivery_paused_until == office.clock.now + timedelta(seconds=120)
    office.clock.forward(seconds=121)
    assert office.drain() == 1
