"""Lesson page: text, outline, in-text question, sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lms_tool.content.course import Activity, CompletionRule, Lesson, Module
from lms_tool.content.questions import Marked
from lms_tool.learning import ActivityStatus, State
from lms_tool.web.course_pages import page_state, transfer
from lms_tool.web.pages import Evidence, LessonPage, Link, Outline, OutlineItem
from lms_tool.web.question_parts import question
from lms_tool.web.room import Room


def lesson_page(
    room: Room,
    module: Module,
    activity: Activity,
    today: date,
    *,
    chosen: Sequence[str] = (),
    marked: Marked | None = None,
    answer_missing: bool = False,
) -> LessonPage:
    """The lesson; with ``chosen`` and ``marked`` the in-text question shows its feedback."""
    assert isinstance(activity.content, Lesson)
    lesson = activity.content
    status = room.status.activity(activity.id)
    url = room.activity_url(activity)
    locked = status.state is State.LOCKED
    shows_module = room.contains(module)
    before, after = neighbours(room, module, activity)
    if locked:
        after = None  # it would be locked as well
    alone = room.found.activity_id == activity.id
    check = None
    if lesson.check is not None and not locked:
        check = question(room, lesson.check, chosen, marked, answer_missing=answer_missing)
    completes = room.records and activity.completion is CompletionRule.VIEWED
    return LessonPage(
        frame=room.frame(*(room.trail(module) if shows_module else []), Link(activity.title)),
        title=activity.title,
        body_html="" if locked else room.html(lesson.body_html),
        rest_html="" if locked else room.html(lesson.rest_html),
        to_print=activity.kind == "cheatsheet",
        sections=() if locked else tuple(Link(part.text, f"#{part.id}") for part in lesson.outline),
        done_url=f"{url}/done" if completes and not locked else "",
        state=page_state(status.state) if status.counts or locked else None,
        position=module.activities.index(activity) + 1 if shows_module else 0,
        minutes=activity.minutes,
        outline=_outline(room, module, activity) if shows_module else None,
        check=check,
        check_url=f"{url}/check" if check else "",
        evidence=Evidence() if locked else evidence(activity, today),
        previous=before,
        next=after,
        up=room.up(module),
        missing=tuple(map(room.link, status.missing)),
        all_or_nothing=alone and room.all_or_nothing,
        transfer=transfer(room) if alone else None,
    )


def evidence(activity: Activity, today: date) -> Evidence:
    """Sources and editorial state, as the author recorded them."""
    review = activity.review
    reviewed = review.state == "reviewed"
    return Evidence(
        sources=tuple(source.title for source in activity.sources),
        as_of=activity.as_of,
        reviewed_by=review.by if reviewed else "",
        reviewed_on=review.on if reviewed else None,
        review_until=review.until if reviewed else None,
        review_expired=reviewed and review.until is not None and review.until < today,
    )


def neighbours(room: Room, module: Module, activity: Activity) -> tuple[Link | None, Link | None]:
    """The activities before and after this one, as far as this launch contains them."""
    if not room.contains(module):
        return None, None
    place = module.activities.index(activity)
    before = module.activities[place - 1] if place else None
    after = module.activities[place + 1] if place + 1 < len(module.activities) else None
    return (room.link(before) if before else None, room.link(after) if after else None)


def _outline(room: Room, module: Module, current: Activity) -> Outline:
    status = room.status.module(module.id)
    return Outline(module.title, tuple(_outline_item(room, part, current) for part in status.activities))


def _outline_item(room: Room, part: ActivityStatus, current: Activity) -> OutlineItem:
    shown = page_state(part.state) if part.counts or part.state is State.LOCKED else None
    return OutlineItem(
        part.activity.title, room.activity_url(part.activity), shown, part.activity.id == current.id
    )
