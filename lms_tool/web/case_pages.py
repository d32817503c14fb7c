"""Case pages: from a way through the scenes to what the template shows."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from lms_tool.learning import State
from lms_tool.learning.cases import Stand, back
from lms_tool.services.cases import Play, as_text, case_of
from lms_tool.web.course_pages import page_state, transfer
from lms_tool.web.lesson_pages import evidence, neighbours
from lms_tool.web.pages import CaseChoice, CasePage, Link, WayPoint
from lms_tool.web.visit import Visit


def case_page(seen: Visit, play: Play, step: int | None = None) -> CasePage:
    """The scene after the first ``step`` moves; None, or more than there are: where the way has come to."""
    room, module, activity = seen.room, seen.module, seen.activity
    status = room.status.activity(activity.id)
    locked = status.state is State.LOCKED
    before, after = neighbours(room, module, activity)
    around = CasePage(
        frame=room.frame(*(room.trail(module) if room.contains(module) else []), Link(activity.title)),
        title=activity.title,
        state=page_state(status.state) if status.counts or locked else None,
        minutes=activity.minutes,
        evidence=evidence(activity, seen.now.date()),
        previous=before,
        next=None if locked else after,
        up=room.up(module),
        missing=tuple(map(room.link, status.missing)) if locked else (),
        all_or_nothing=room.found.activity_id == activity.id and room.all_or_nothing,
        transfer=transfer(room) if room.found.activity_id == activity.id else None,
    )
    return around if locked else _scene(around, seen, play, step)


def address(seen: Visit, play: Play, step: int | None = None) -> str:
    """Where a place on the way is shown; without a record the address carries the way."""
    query: dict[str, str] = {}
    if not seen.room.records and not seen.found.reviewing:
        query = {"way": as_text(play.stand.way), "ends": " ".join(play.ends)}
    if step is not None:
        query["step"] = str(step)
    query = {key: value for key, value in query.items() if value}
    return f"{seen.url}?{urlencode(query)}" if query else seen.url


def _scene(around: CasePage, seen: Visit, play: Play, step: int | None) -> CasePage:
    case, room, stand = case_of(seen.activity), seen.room, play.stand
    shown = stand if step is None else back(case, stand, step)
    here = len(shown.way)
    looking_back = here < len(stand.way)
    taken = stand.way[here].choice if looking_back else None
    last = shown.last_choice
    titles = {end.id: end.title for end in case.ends}
    return replace(
        around,
        way=_way(seen, play, here),
        scene_title=shown.scene.title,
        scene_html=room.html(shown.scene.html),
        consequence_html=room.html(last.consequence_html) if last else "",
        choices=tuple(
            CaseChoice(choice.text_html, number == taken) for number, choice in enumerate(shown.scene.choices)
        ),
        action_url="" if seen.found.reviewing else f"{seen.url}/case",
        sent_way=as_text(shown.way),
        sent_ends="" if room.records else " ".join(play.ends),
        forward=Link(stand.scene.title, address(seen, play)) if looking_back else None,
        debrief_title=case.debrief.title if shown.ended else "",
        debrief_html=room.html(case.debrief.html) if shown.ended else "",
        ends=tuple(titles[end] for end in play.ends),
        of_ends=len(titles),
    )


def _way(seen: Visit, play: Play, here: int) -> tuple[WayPoint, ...]:
    """The decisions so far, where the way has come to, and what is shown, if that is neither."""
    stand = play.stand
    numbers = sorted({*stand.decisions, here, len(stand.way)})
    return tuple(_point(seen, play, stand, number, current=number == here) for number in numbers)


def _point(seen: Visit, play: Play, stand: Stand, number: int, *, current: bool) -> WayPoint:
    scene, ahead = stand.scenes[number], number < len(stand.way)
    return WayPoint(
        scene.title,
        address(seen, play, number if ahead else None),
        current,
        scene.choices[stand.way[number].choice].text_html if ahead else "",
    )
