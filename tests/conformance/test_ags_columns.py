"""AGS: the column of a placement where the launch names none (3.1, 3.2)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .bed import Bed, Registration, Visit
from .claims import AGS_CLAIM, INSTRUCTOR, Claims, put, roles
from .exchange import Answer
from .fake_columns import CONTAINER, garbled
from .fake_platform import LINE_ITEM, LINE_ITEM_READ, RESULT, SCORE

ALL = [SCORE, RESULT, LINE_ITEM, LINE_ITEM_READ]
LESSON = "erste-lektion"  # what a column of the placed lesson is called there


def no_column(token: Claims) -> None:
    token[AGS_CLAIM] = {name: value for name, value in token[AGS_CLAIM].items() if name != "lineitem"}


def completed(bed: Bed, at: Registration, *changes: Any, **more: Any) -> Visit:
    """Somebody read the lesson to its end; the launch named no column."""
    visit = bed.at_lesson(at, scopes=more.pop("scopes", ALL), **more)
    visit.enter(no_column, *changes)
    visit.complete()
    return visit


def delivered(bed: Bed, visit: Visit, column: str) -> None:
    """The grade arrived in this column, and nowhere else."""
    bed.wait(lambda: bed.is_settled(visit), f"the grade in {column}")
    assert visit.score()["state"] == "sent", visit.score()
    assert [path for path, sub in visit.at.platform.grades if sub == visit.sub] == [column]
    assert visit.at.platform.grades[column, visit.sub].posts == 1
    assert visit.at.platform.faults == []


def parked(bed: Bed, visit: Visit, reason: str) -> None:
    bed.wait(lambda: visit.score().get("tries", 0) > 0, "a try")
    for _ in range(3):
        bed.tick()
    assert visit.score()["state"] == "pending"
    assert bed.due_in(visit) > 0
    assert visit.at.platform.seen("/scores") == []
    assert visit.at.platform.column_list.made == []
    (shown,) = [row for row in bed.tool.admin_json("scores", "status") if row["user"] == visit.sub]
    assert (shown["reason"], shown["platform_problem"]) == (reason, reason)


def test_AGS_29_made_where_there_is_none(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.at_lesson(at, scopes=ALL)
    assert (
        "Keine Notenübertragung" not in bed.at_lesson(at, scopes=ALL).enter(no_column, roles(INSTRUCTOR)).text
    )
    visit.enter(no_column)
    assert at.platform.seen(CONTAINER) == [], "no column before there is a grade for it"
    visit.complete()
    delivered(bed, visit, f"{CONTAINER}/neu1/lineitem")
    (made,) = at.platform.column_list.made
    assert made["resourceLinkId"] == visit.link and made["resourceId"] == LESSON and made["tag"]
    assert made["scoreMaximum"] == 100 and made["label"] == "Modul 1"
    assert made["submissionReview"]["reviewableStatus"]
    classmate = completed(bed, at, link=visit.link, context=visit.context)
    delivered(bed, classmate, f"{CONTAINER}/neu1/lineitem")
    assert len(at.platform.column_list.made) == 1
    assert "übertragen am" in classmate.page().text


def test_AGS_29_found_by_resource_link(bed: Bed) -> None:
    at = bed.fresh()
    visit = bed.at_lesson(at, scopes=ALL)
    at.platform.column_list.add("fremd", "andere", LESSON, "grade")
    wanted = at.platform.column_list.add("unsere", visit.link)
    visit.enter(no_column)
    visit.complete()
    delivered(bed, visit, wanted)
    (asked,) = at.platform.seen(CONTAINER)
    assert asked.query == {"type_id": ["1"], "resource_link_id": [visit.link]}, "filtered, and without limit"


def test_AGS_29_found_by_resource_id_and_tag(bed: Bed) -> None:
    at = bed.fresh()
    learnt = completed(bed, at)
    bed.wait(lambda: bed.is_settled(learnt), "a column that shows our ids")
    ours = at.platform.column_list.made[0]
    at.platform.columns.clear()
    at.platform.column_list.add("fremd", "", ours["resourceId"], "anderes")
    wanted = at.platform.column_list.add("frei", "", ours["resourceId"], ours["tag"])
    visit = completed(bed, at)
    delivered(bed, visit, wanted)
    assert at.platform.column_list.made == []


def test_AGS_29_not_without_the_right(bed: Bed) -> None:
    """Lists may be read, none may be made, none is there: no grade is wanted, and nobody is bothered."""
    at = bed.fresh()
    visit = completed(bed, at, scopes=[SCORE, RESULT, LINE_ITEM_READ])
    bed.wait(lambda: bed.is_settled(visit), "an end")
    assert at.platform.column_list.made == [] == at.platform.seen("/scores")
    assert "bertragen" not in visit.page().text and "bertragung" not in visit.page().text
    assert visit.sub not in [row["user"] for row in bed.tool.admin_json("scores", "status")]
    teacher = bed.at_lesson(at, scopes=[SCORE, LINE_ITEM_READ], link=visit.link, context=visit.context)
    assert "Keine Notenübertragung" in teacher.enter(no_column, roles(INSTRUCTOR)).text
    # the teacher switches grading on: the launch names a column, and what was earned goes there
    bed.at_lesson(at, link=visit.link, context=visit.context).enter()
    delivered(bed, visit, visit.line_item)


def test_AGS_29_not_where_no_grade_is_wanted(bed: Bed) -> None:
    at = bed.fresh()
    visit = completed(bed, at, put("custom", {"report": "none"}))
    bed.tick()
    assert visit.score() == {}
    assert at.platform.seen("/token") == []


def test_AGS_30_two_workers_one_column(bed: Bed) -> None:
    """The second worker comes while the first is in the middle of it and seems to be dead."""
    at, gate = bed.fresh(), threading.Event()
    at.platform.column_list.script = [Answer(200, [], gate=gate)]
    visits = [completed(bed, at, context="klasse", link="spalte")]
    bed.wait(lambda: at.platform.seen(CONTAINER), "the first worker's question")
    visits += [completed(bed, at, context="klasse", link="spalte") for _ in range(3)]
    bed.tool.clock.forward(minutes=2, at_once=True)
    with ThreadPoolExecutor(2) as threads:
        others = [threads.submit(bed.tool.admin, "scores", "sync", "--again") for _ in range(2)]
        for other in others:
            other.result()
        assert at.platform.column_list.made == []
        gate.set()
    for visit in visits:
        bed.tick()
        delivered(bed, visit, f"{CONTAINER}/neu1/lineitem")
    assert len(at.platform.column_list.made) == 1


@pytest.mark.parametrize("form", ["quoted", "bare", "lower-case", "several"])
def test_AGS_31_wanted_on_page_three(bed: Bed, form: str) -> None:
    at = bed.fresh()
    forms: dict[str, Any] = {
        "quoted": lambda url, _: {"Link": f'<{url}>; rel="next"'},
        "bare": lambda url, _: {"Link": f"<{url}>;rel=next"},
        "lower-case": lambda url, _: {"link": f'<{url}>; rel="next"'},
        "several": lambda url, first: {
            "Link": f'<{first}>; rel="first prev"; title="a, b", <{url}>; title=x; rel="next last"'
        },
    }
    visit = bed.at_lesson(at, scopes=ALL)
    listing = at.platform.column_list
    listing.page_size, listing.link = 2, forms[form]
    for number in range(4):
        listing.add(number, visit.link, f"fremd-{number}")
    wanted = listing.add("unsere", visit.link, LESSON, "grade")
    visit.enter(no_column)
    visit.complete()
    delivered(bed, visit, wanted)
    assert len(at.platform.seen(CONTAINER)) == 3 and listing.made == []


def test_AGS_32_next_page_elsewhere(bed: Bed) -> None:
    stranger = bed.new_platform()
    for where in (
        f"{stranger.url}{CONTAINER}?from=2",
        "http://lms.invalid/lineitems",
        "//127.0.0.2/lineitems",
    ):
        at = bed.fresh()
        link = {"Link": f'<{where}>; rel="next"'}
        at.platform.column_list.always = Answer(200, [], link)
        visit = completed(bed, at)
        parked(bed, visit, "paging_refused")
        assert len(at.platform.seen(CONTAINER)) == 1
        at.platform.column_list.always = None
        bed.tool.clock.forward(seconds=bed.due_in(visit) + 1)
        bed.tick()
        delivered(bed, visit, f"{CONTAINER}/neu1/lineitem")
    assert stranger.requests == []


def test_AGS_33_next_page_is_the_same(bed: Bed) -> None:
    at = bed.fresh()
    listing = at.platform.column_list
    listing.page_size, listing.link = 1, lambda _, first: {"Link": f'<{first}>; rel="next"'}
    visit = bed.at_lesson(at, scopes=ALL)
    for number in range(2):
        listing.add(number, visit.link, f"fremd-{number}")
    visit.enter(no_column)
    visit.complete()
    parked(bed, visit, "paging_endless")
    assert len(at.platform.seen(CONTAINER)) == 2, "the first page once more, and no further"


def test_AGS_33_pages_without_end(bed: Bed) -> None:
    at, numbers = bed.fresh(), iter(range(10_000))
    listing = at.platform.column_list
    listing.page_size = 1
    listing.link = lambda url, _: {"Link": f'<{url}&turn={next(numbers)}>; rel="next"'}
    visit = bed.at_lesson(at, scopes=ALL)
    for number in range(150):
        listing.add(number, visit.link, f"fremd-{number}")
    visit.enter(no_column)
    visit.complete()
    parked(bed, visit, "paging_endless")
    assert len(at.platform.seen(CONTAINER)) == 100


def test_AGS_34_several_of_the_link(bed: Bed) -> None:
    """The platform follows the specification: it names none, for there are several."""
    at = bed.fresh()
    first = completed(bed, at)
    bed.wait(lambda: bed.is_settled(first), "a column that shows our ids")
    ours = at.platform.column_list.made[0]
    for order in (1, -1):
        visit = bed.at_lesson(at, scopes=ALL)
        columns = [("fremd", "anderes"), (ours["resourceId"], "anderes"), (ours["resourceId"], ours["tag"])]
        paths = {
            ids: at.platform.column_list.add(f"{visit.link}-{ids[0]}-{ids[1]}", visit.link, *ids)
            for ids in columns[::order]
        }
        visit.enter(no_column)
        visit.complete()
        delivered(bed, visit, paths[columns[-1]])
    stranger = bed.at_lesson(at, scopes=ALL)
    for number in range(2):
        at.platform.column_list.add(f"{stranger.link}-{number}", stranger.link, f"fremd-{number}")
    stranger.enter(no_column)
    stranger.complete()
    delivered(bed, stranger, f"{CONTAINER}/neu2/lineitem")


def test_AGS_34_garbled_links_of_moodle(bed: Bed) -> None:
    """Read for what they mean, and only followed to where any other link may lead."""
    at, stranger = bed.fresh(), bed.new_platform()
    listing = at.platform.column_list
    listing.page_size, listing.link = 1, garbled
    visit = bed.at_lesson(at, scopes=ALL)
    listing.add("fremd", visit.link, "fremd")
    wanted = listing.add("unsere", visit.link, LESSON, "grade")
    visit.enter(no_column)
    visit.complete()
    delivered(bed, visit, wanted)
    astray = bed.fresh()
    astray.platform.column_list.always = Answer(200, [], garbled(f"{stranger.url}{CONTAINER}?a=1&b=2", "x"))
    parked(bed, completed(bed, astray), "paging_refused")
    assert stranger.requests == []


def test_AGS_29_each_placement_its_own_column(bed: Bed) -> None:
    """One course, placed as a whole, as a module twice and as an activity: four columns, each with its grade."""
    at = bed.fresh()
    targets = {
        "kurs": "course=pruefkurs",
        "modul": "course=pruefkurs&module=zweites-modul",
        "modul-2": "course=pruefkurs&module=zweites-modul",
        "lektion": "course=pruefkurs&module=zweites-modul&activity=zweite-lektion",
    }
    visits = {}
    for link, target in targets.items():
        visits[link] = bed.visit(at, sub="anna", context="klasse", link=link, target=target, scopes=ALL)
        visits[link].enter(no_column, put("custom", {"report": "progress"}))
    visits["modul"].complete("zweite-lektion")
    bed.wait(lambda: len(at.platform.grades) == 4, "four grades")
    columns = {column["resourceLinkId"]: column for column in at.platform.column_list.made}
    assert set(columns) == set(targets)
    scores = {
        link: at.platform.grades[column["id"].removeprefix(at.platform.url).split("?")[0], "anna"].score
        for link, column in columns.items()
    }
    assert scores["lektion"] == 100 and scores["modul"] == scores["modul-2"] == 50 and 0 < scores["kurs"] < 50
