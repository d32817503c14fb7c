"""Worksheet and agenda: from what is stored to what the templates show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lms_tool.content.course import Activity, CompletionRule
from lms_tool.content.worksheet import CHAPTERS, Worksheet
from lms_tool.learning import State
from lms_tool.learning import worksheets as entries
from lms_tool.learning.worksheets import Content, Fault, Problem
from lms_tool.services.works import Work
from lms_tool.services.worksheets import Handed, Newest
from lms_tool.web import pages
from lms_tool.web.course_pages import page_state, transfer
from lms_tool.web.lesson_pages import evidence, neighbours
from lms_tool.web.pages import (
    AgendaBlock,
    AgendaChapter,
    AgendaPage,
    Link,
    SheetEvent,
    SheetState,
    WorksheetPage,
)
from lms_tool.web.room import Room
from lms_tool.web.visit import Visit
from lms_tool.web.worksheet_forms import listed, to_fill_in, to_read

# A draft says at once what can't be read; what is missing it says when it is handed in.
AT_ONCE = (Fault.NUMBER, Fault.DATE, Fault.OPTION, Fault.LONG, Fault.ROWS)


def sheet_state(last: Handed | Newest | None) -> SheetState:
    if last is None:
        return SheetState.DRAFT
    if last.decision is None:
        return SheetState.HANDED_IN
    return SheetState(last.decision.value)


def worksheet_page(
    seen: Visit,
    work: Work | None,
    handed: Sequence[Handed],
    form: Worksheet,
    *,
    sent: Content | None = None,
    problems: Sequence[Problem] = (),
    conflict: bool = False,
) -> WorksheetPage:
    """The worksheet as its owner sees it. ``form``: the one that was filled in, where it can't be changed now.

    ``sent`` is what a refused form held; it is shown instead of what is stored.
    """
    room, activity = seen.room, seen.activity
    status = room.status.activity(activity.id)
    last = handed[-1] if handed else None
    state = sheet_state(last)
    locked = status.state is State.LOCKED
    writable = room.records and not locked and state in (SheetState.DRAFT, SheetState.RETURNED)
    remarks = last.remarks if last else {}
    if writable:
        content = entries.normalise(form, work.content if work else {}) if sent is None else sent
        shown = problems or [one for one in entries.problems(form, content) if one.fault in AT_ONCE]
        sections = to_fill_in(form, content, shown, remarks, room.html)
    else:
        sections = to_read(form, last.content if last else {}, remarks, room.html)
    asked = {field.id for field in form.fields()}
    before, after = neighbours(room, seen.module, activity)
    alone = room.found.activity_id == activity.id
    return WorksheetPage(
        frame=room.frame(
            *(room.trail(seen.module) if room.contains(seen.module) else []), Link(activity.title)
        ),
        title=activity.title,
        intro_html="" if locked else room.html(form.intro_html),
        sections=() if locked else sections,
        state=state,
        action_url=room.activity_url(activity) if writable else "",
        version=work.version if work else 0,
        saved=work is not None and not conflict,
        conflict=conflict,
        problems=listed(problems),
        trail=events(handed),
        comment=last.comment if last else "",
        reviewer=last.reviewer if last else "",
        lost_remarks=tuple(text for key, text in remarks.items() if key not in asked),
        checks=tuple(map(room.html, form.checks)),
        minutes=activity.minutes,
        completion=activity.completion.value,
        done=status.state is State.DONE and activity.completion is not CompletionRule.NONE,
        agenda_url=f"{room.base}agenda" if any(field.agenda for field in form.fields()) else "",
        anonymous=not room.records and not room.found.reviewing,
        absent=room.found.reviewing and last is None,
        evidence=pages.Evidence() if locked else evidence(activity, seen.now.date()),
        previous=before,
        next=None if locked else after,
        up=room.up(seen.module),
        missing=tuple(map(room.link, status.missing)) if locked else (),
        all_or_nothing=alone and room.all_or_nothing,
        transfer=transfer(room) if alone else None,
    )


def events(handed: Sequence[Handed]) -> tuple[SheetEvent, ...]:
    """Who had it when, oldest first."""
    found = []
    for one in handed:
        found.append(SheetEvent("handed_in", one.number, one.handed_in_at))
        if one.decision is not None and one.decided_at is not None:
            found.append(
                SheetEvent(one.decision.value, one.number, one.decided_at, one.reviewer, len(one.remarks))
            )
    return tuple(found)


def agenda_sheets(room: Room) -> dict[str, Activity]:
    """Worksheets that this launch contains and that give something to the agenda, in the course's order."""
    return {
        activity.id: activity
        for module in room.course.modules
        for activity in module.activities
        if isinstance(activity.content, Worksheet)
        and room.contains(module, activity)
        and any(field.agenda for field in activity.content.fields())
    }


def agenda_page(room: Room, contents: Mapping[str, Content], title: str) -> AgendaPage:
    """Everything entered so far, by the agenda's chapters. ``contents``: drafts, or for a coach what was handed in."""
    sheets = agenda_sheets(room)
    forms = {key: activity.content for key, activity in sheets.items()}
    held = {key: entries.normalise(forms[key], contents.get(key, {})) for key in sheets}
    chapters = []
    for chapter, blocks in entries.blocks(forms).items():
        made = []
        for block in blocks:
            said = entries.say(block.field, held[block.activity_id])
            made.append(
                AgendaBlock(
                    label=block.field.label,
                    kind=block.field.kind,
                    low=block.field.low,
                    high=block.field.high,
                    said=said.lines,
                    columns=said.columns,
                    said_rows=said.rows,
                    source=room.link(sheets[block.activity_id]),
                    state=_state(room, block.activity_id),
                )
            )
        chapters.append(AgendaChapter(chapter, CHAPTERS[chapter], tuple(made)))
    begin = None
    if not any(held.values()):
        opened = (one for key, one in sheets.items() if room.status.activity(key).state is not State.LOCKED)
        begin = next(map(room.link, opened), None)
    return AgendaPage(
        frame=room.frame(*room.beside(), Link(title)),
        chapters=tuple(chapters),
        begin=begin,
        own=not room.found.reviewing,
    )


def _state(room: Room, activity_id: str) -> pages.State | None:
    status = room.status.activity(activity_id)
    if status.phase is not None:
        return pages.State(status.phase.value)
    return page_state(status.state) if status.counts or status.state is State.LOCKED else None
