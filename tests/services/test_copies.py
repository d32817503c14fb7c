"""A copied LMS course: opens at what its original showed, starts empty, and reports to a column of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import builders
import pytest
from builders import NOW, Classroom
from sqlalchemy import Connection, insert, select, update

from lms_tool.database import Database
from lms_tool.lti.claims import ResourceLink as Link
from lms_tool.lti.login import Target
from lms_tool.models import (
    Context,
    Deployment,
    LineItem,
    Placement,
    Platform,
    Progress,
    ResourceLink,
    Score,
    Tenant,
)
from lms_tool.services import copies, lessons
from lms_tool.services.lessons import Learner
from lms_tool.services.platforms import Registered

WHOLE = ("kurs", None, None)


@pytest.fixture
def room(database: Database) -> Classroom:
    course = builders.course(
        builders.module("m1", builders.lesson("l1"), builders.quiz("t1")),
        builders.module("m2", builders.lesson("l2")),
    )
    return builders.classroom(database, course)


def row(room: Classroom, link: str, context: str) -> Any:
    with room.database.read() as db:
        return db.execute(
            select(ResourceLink)
            .join(Context, Context.id == ResourceLink.context_id)
            .where(ResourceLink.lti_id == link, Context.lti_id == context)
        ).one()


def shown(room: Classroom, link: str, context: str) -> tuple[str, str | None, str | None]:
    found = row(room, link, context)
    return found.course_id, found.module_id, found.activity_id


def opens(room: Classroom, link: str, context: str, title: str = "Modul", **custom: str) -> Any:
    """Somebody launches the link; what it shows then."""
    room.arrive(link=link, context_id=context, custom=custom, resource_link=Link(link, title, None))
    return shown(room, link, context)


# --- what the LMS carries along -------------------------------------------------------------------------------


def test_our_ids_in_the_copy_decide(room: Classroom) -> None:
    opens(room, "1", "original", module_id="m1")
    assert opens(room, "2", "copy", module_id="m2", link_history="1", context_history="original") == (
        "kurs",
        "m2",
        None,
    )
    room.arrive(link="3", context_id="copy", target=Target(module="m1"), custom={"module_id": "m2"})
    assert shown(room, "3", "copy") == ("kurs", "m1", None)
    assert not row(room, "3", "copy").inherited


# --- placement ids --------------------------------------------------------------------------------------------


def place(room: Classroom, placement_id: str, *, tenant: str | None = None, **shows: Any) -> None:
    """As content selection does; ``tenant``: on a platform of another customer."""
    with room.database.write() as db:
        at = room.at if tenant is None else of_another(db, tenant)
        deployment = db.scalar(select(Deployment.id).where(Deployment.platform_id == at.id))
        values = {"course_id": "kurs", "module_id": "m2", "activity_id": None, "report": "score"} | shows
        db.execute(
            insert(Placement).values(
                id=placement_id, deployment_id=deployment, title="", graded=True, created_at=NOW, **values
            )
        )


def of_another(db: Connection, key: str) -> Registered:
    """A platform of another customer."""
    tenant = db.execute(
        insert(Tenant).values(key=key, name=key, created_at=NOW).returning(Tenant.id)
    ).scalar_one()
    at = builders.platform(db)
    db.execute(update(Platform).where(Platform.id == at.id).values(tenant_id=tenant))
    return at


def test_a_placement_id_alone_leads_to_what_was_placed(room: Classroom) -> None:
    place(room, "p-1")
    assert opens(room, "9", "copy", placement_id="p-1") == ("kurs", "m2", None)
    assert row(room, "9", "copy").report == "score"


def test_a_placement_id_of_another_tenant_is_not_honoured(room: Classroom) -> None:
    place(room, "p-2", tenant="andere")
    assert opens(room, "9", "copy", placement_id="p-2") == WHOLE


def test_a_link_with_the_same_placement_id_stands_in_for_a_lost_placement(room: Classroom) -> None:
    opens(room, "1", "original", module_id="m1", placement_id="p-3", report="progress")
    assert opens(room, "2", "copy", placement_id="p-3") == ("kurs", "m1", None)
    assert row(room, "2", "copy").report == "progress"


def test_a_link_of_another_tenant_with_the_same_placement_id_is_not_asked(room: Classroom) -> None:
    opens(room, "1", "original", module_id="m1", placement_id="p-4")
    with room.database.write() as db:
        at = of_another(db, "fremd")
        other = Classroom(room.database, room.course, at, room.revision_id)
    assert opens(other, "2", "copy", placement_id="p-4") == WHOLE


# --- histories ------------------------------------------------------------------------------------------------


def test_the_nearest_ancestor_link_is_inherited(room: Classroom) -> None:
    opens(room, "1", "2024", module_id="m1")
    opens(room, "2", "2025", activity_id="t1", report="score")
    assert opens(room, "3", "2026", link_history="2,1", context_history="2025,2024") == ("kurs", "m1", "t1")
    found = row(room, "3", "2026")
    assert (found.report, found.inherited, found.ancestors) == ("score", True, ["2", "1"])


def test_an_unknown_ancestor_is_stepped_over(room: Classroom) -> None:
    opens(room, "1", "2024", module_id="m2")
    assert opens(room, "3", "2026", link_history="never-launched,1") == ("kurs", "m2", None)


def test_an_ancestor_link_of_another_deployment_is_none(room: Classroom) -> None:
    opens(room, "1", "original", module_id="m1")
    with room.database.write() as db:
        other = Classroom(room.database, room.course, builders.platform(db), room.revision_id)
    assert opens(other, "2", "copy", link_history="1", context_history="original") == WHOLE


def test_without_link_history_the_link_of_the_same_name_is_found(room: Classroom) -> None:
    opens(room, "1", "original", "Netze", module_id="m1")
    opens(room, "2", "original", "Akten", module_id="m2")
    assert opens(room, "7", "copy", "Akten", context_history="original") == ("kurs", "m2", None)


def test_two_links_of_one_name_say_only_what_they_share(room: Classroom) -> None:
    with room.database.write() as db:
        second = builders.course(builders.module("x1", builders.lesson("y1")), key="zweiter")
        builders.publish(db, second)
    opens(room, "1", "original", "Modul", course_id="zweiter", module_id="x1")
    opens(room, "2", "original", "Modul", course_id="zweiter", activity_id="y1")
    assert opens(room, "7", "copy", "Modul", context_history="original") == ("zweiter", None, None)


def test_what_was_inherited_stays_when_the_original_changes(room: Classroom) -> None:
    opens(room, "1", "original", module_id="m1")
    opens(room, "2", "copy", link_history="1")
    opens(room, "1", "original", module_id="m2")
    assert opens(room, "2", "copy", link_history="1") == ("kurs", "m1", None)
    assert opens(room, "2", "copy") == ("kurs", "m1", None), "also without the history"


def test_a_link_that_was_edited_until_it_names_nothing_shows_the_whole_course(room: Classroom) -> None:
    opens(room, "1", "original", module_id="m1")
    opens(room, "2", "copy", module_id="m1", link_history="1", context_history="original")
    assert opens(room, "2", "copy", link_history="1", context_history="original") == WHOLE


@pytest.mark.parametrize("sent", ["", "$Context.id.history", "$ResourceLink.id.history", ",,,"])
def test_a_history_that_says_nothing_is_none(room: Classroom, sent: str) -> None:
    assert opens(room, "1", "neu", link_history=sent, context_history=sent) == WHOLE
    assert row(room, "1", "neu").ancestors is None


# --- what is never inherited ----------------------------------------------------------------------------------


def test_a_copy_starts_empty_and_grades_go_to_its_own_column(room: Classroom) -> None:
    before = room.arrive(link="1", context_id="original", custom={"activity_id": "l1"})
    read(room, before)
    assert graded(room) == [builders.line_item_url(room.at, "1")]
    history = {"link_history": "1", "context_history": "original"}
    again = room.arrive(link="2", context_id="copy", custom=history)
    assert shown(room, "2", "copy") == ("kurs", "m1", "l1")
    assert again.person_id == before.person_id
    with room.database.read() as db:
        came_along = db.execute(select(Progress).where(Progress.membership_id == again.membership_id)).all()
    assert came_along == []
    assert len(graded(room)) == 1, "a grade for what nobody did in the copy"
    read(room, again)
    assert graded(room) == [builders.line_item_url(room.at, link) for link in "12"]


def read(room: Classroom, learner: Learner) -> None:
    with room.database.write() as db:
        lessons.finish_lesson(db, learner, room.course, room.course.by_activity["l1"][1], NOW)


def graded(room: Classroom) -> list[str]:
    """Columns with a complete grade."""
    with room.database.read() as db:
        found = select(LineItem.url).join(Score, Score.line_item_id == LineItem.id).where(Score.given == 100)
        return list(db.scalars(found.order_by(LineItem.id)))


# --- a notice that a course was copied ------------------------------------------------------------------------


def context_id(room: Classroom, lti_id: str) -> int:
    with room.database.read() as db:
        return db.scalars(select(Context.id).where(Context.lti_id == lti_id)).one()


def ancestors(room: Classroom, lti_id: str) -> list[str] | None:
    with room.database.read() as db:
        return db.scalars(select(Context.ancestors).where(Context.lti_id == lti_id)).one()


def descend(room: Classroom, context: str, *origins: str, since: Any = NOW) -> None:
    with room.database.write() as db:
        copies.descend(db, context_id(room, context), origins, since)


def test_a_notice_leads_later_launches(room: Classroom) -> None:
    opens(room, "1", "original", "Netze", module_id="m1")
    opens(room, "5", "copy", "Etwas anderes", module_id="m2")
    descend(room, "copy", "original")
    assert opens(room, "6", "copy", "Netze") == ("kurs", "m1", None)


def test_a_notice_that_comes_after_the_first_launch_still_helps(room: Classroom) -> None:
    opens(room, "1", "original", "Netze", module_id="m1")
    assert opens(room, "6", "copy", "Netze") == WHOLE
    descend(room, "copy", "original", since=NOW - timedelta(minutes=1))
    assert shown(room, "6", "copy") == ("kurs", "m1", None)
    assert opens(room, "6", "copy", "Netze") == ("kurs", "m1", None)


def test_content_imported_later_changes_no_link_that_was_there_before(room: Classroom) -> None:
    opens(room, "1", "original", "Netze", module_id="m1")
    opens(room, "6", "copy", "Netze")
    descend(room, "copy", "original", since=NOW + timedelta(days=30))
    assert shown(room, "6", "copy") == WHOLE


def test_ancestors_of_an_ancestor_follow_it(room: Classroom) -> None:
    for context in ("2024", "2025", "2026"):
        opens(room, context, context)
    descend(room, "2025", "2024")
    descend(room, "2026", "2025", "other")
    descend(room, "2026", "2025")
    assert ancestors(room, "2026") == ["2025", "2024", "other"]


def test_a_launch_without_history_leaves_what_a_notice_said(room: Classroom) -> None:
    opens(room, "1", "copy")
    descend(room, "copy", "original")
    opens(room, "1", "copy", context_history="")
    assert ancestors(room, "copy") == ["original"]
    opens(room, "1", "copy", context_history="b,a")
    assert ancestors(room, "copy") == ["b", "a"]
