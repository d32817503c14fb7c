"""A question as a form shows it: open, or marked with feedback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lms_tool.content import questions
from lms_tool.content.course import Question
from lms_tool.content.questions import Choices, Entry, Items, Marked, Option, Parts
from lms_tool.content.questions.contract import pairs
from lms_tool.content.questions.picture import Picture
from lms_tool.web import pages
from lms_tool.web.pages import Choice, Feedback, Field, Mark, Verdict
from lms_tool.web.room import Room


def question(
    room: Room,
    asked: Question,
    chosen: Sequence[str],
    marked: Marked | None,
    *,
    locked: bool = False,
    answer_missing: bool = False,
) -> pages.Question:
    """``chosen``: the response that stands there now. ``locked``: it is settled, solutions may be told."""
    sheet = _Sheet(room, marked, locked)
    layout = questions.layout(asked)
    choices: tuple[Choice, ...] = ()
    fields: tuple[Field, ...] = ()
    items: tuple[Choice, ...] = ()
    entry = None
    match layout:
        case Choices(options):
            choices = tuple(sheet.choice(option, chosen) for option in options)
        case Entry():
            entry = sheet.entry(layout, chosen)
        case Items():
            items = sheet.items(layout, chosen)
        case Parts():
            fields = sheet.fields(layout, chosen)
    return pages.Question(
        text_html=room.html(asked.text_html),
        choices=choices,
        multiple=isinstance(layout, Choices) and layout.several,
        fields=fields,
        passage=tuple(map(room.html, layout.passage)) if isinstance(layout, Parts) else (),
        entry=entry,
        items=items,
        picture_html=room.html(asked.data.picture_html) if isinstance(asked.data, Picture) else "",
        hint_html=room.html(asked.hint_html),
        graded=questions.graded(asked),
        locked=locked,
        feedback=_feedback(room, asked, marked) if marked else None,
        missing=answer_missing,
    )


class _Sheet:
    """Puts the marks where they belong."""

    def __init__(self, room: Room, marked: Marked | None, locked: bool) -> None:
        self.room = room
        self.locked = locked
        self.marks = {mark.id: mark for mark in marked.marks} if marked else {}

    def choice(self, option: Option, chosen: Sequence[str]) -> Choice:
        mark = self.marks.get(option.id)
        speaks = mark is not None and (mark.chosen or mark.state == "missed")
        return Choice(
            option.id,
            self.room.html(option.html),
            chosen=option.id in chosen,
            mark=Mark(mark.state) if mark else Mark.NONE,
            feedback_html=self.room.html(mark.feedback_html) if mark and speaks else "",
        )

    def items(self, layout: Items, chosen: Sequence[str]) -> tuple[Choice, ...]:
        known = {item.id: item for item in layout.items}
        now = [known[key] for key in chosen if key in known]
        return tuple(self.choice(item, ()) for item in (now if len(now) == len(known) else layout.items))

    def entry(self, layout: Entry, chosen: Sequence[str]) -> Field:
        value = chosen[0] if chosen else ""
        field = Field(name="answer", value=value, unit=layout.unit, long=layout.long, number=layout.number)
        return self._field("answer", field)

    def fields(self, layout: Parts, chosen: Sequence[str]) -> tuple[Field, ...]:
        given = pairs(tuple(chosen))
        made = []
        for part in layout.parts:
            value = given.get(part.id, "")
            options = tuple(Choice(each.id, each.html, chosen=each.id == value) for each in part.options)
            name = f"{questions.PART_FIELD}{part.id}"
            field = Field(name=name, html=self.room.html(part.html), value=value, options=options)
            made.append(self._field(part.id, field))
        return tuple(made)

    def _field(self, key: str, field: Field) -> Field:
        mark = self.marks.get(key)
        if mark is None:
            return field
        tells = self.locked and mark.state in ("wrong", "missed")
        return replace(
            field,
            mark=Mark(mark.state),
            feedback_html=self.room.html(mark.feedback_html),
            solution=mark.solution if tells else "",
        )


def _feedback(room: Room, asked: Question, marked: Marked) -> Feedback:
    read_more = None
    if asked.read_more in room.course.by_activity and marked.verdict != "right":
        link = room.link(room.course.by_activity[asked.read_more][1])
        read_more = link if link.url else None
    return Feedback(Verdict(marked.verdict), marked.points, marked.max_points, read_more)
