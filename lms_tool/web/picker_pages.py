"""From what can be chosen to what the picker shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lms_tool.content.course import Activity, CompletionRule, Course, Module, Quiz
from lms_tool.lti.deep_linking import LINK
from lms_tool.services.deep_links import Offer
from lms_tool.services.pickers import Selection
from lms_tool.web.pages import Link, PickerPage, PickRow


class Address(Protocol):
    """The picker's own address, showing a course."""

    def __call__(self, course_id: str, **more: str) -> str: ...


def picker_page(
    found: Selection,
    shown: Offer | None,
    courses: Sequence[Course],
    address: Address,
    base: str,
    *,
    ticked: bool = False,
    missing: bool = False,
) -> PickerPage:
    """The page for ``shown``, one of ``courses``. ``ticked``: all its modules are chosen from the start."""
    settings = found.settings
    course = shown.course if shown else None
    everything = ticked and settings.multiple
    return PickerPage(
        url=address(course.id) if course else f"{base}select",
        cancel_url=f"{base}cancel",
        context_title=found.context_title,
        title=course.title if course else "",
        content_language=course.language if course else found.locale,
        whole=_whole(shown) if shown else None,
        modules=_modules(shown, everything) if shown else (),
        other_courses=tuple(Link(one.title, address(one.id)) for one in courses if one is not course),
        multiple=settings.multiple,
        links_only=settings.kind == LINK,
        columns=settings.line_items,
        at_once=settings.auto_create,
        targets=settings.targets,
        all_url=address(course.id, tick="modules") if course and settings.multiple else "",
        missing=missing,
    )


def _whole(offer: Offer) -> PickRow:
    course = offer.course
    return PickRow(
        key=course.id,
        kind="course",
        title=course.title,
        parts=len(course.modules),
        placed=(course.id, None, None) in offer.placed,
        scored=any(_scored(module) for module in course.modules),
    )


def _modules(offer: Offer, chosen: bool) -> tuple[PickRow, ...]:
    course = offer.course
    return tuple(
        PickRow(
            key=f"{course.id}/{module.id}",
            kind="module",
            title=module.title,
            number=number,
            placed=(course.id, module.id, None) in offer.placed,
            chosen=chosen,
            scored=_scored(module),
            after=tuple(course.by_module[required].title for required in module.requires),
            activities=tuple(_activity(offer, module, activity) for activity in module.activities),
        )
        for number, module in enumerate(course.modules, 1)
    )


def _activity(offer: Offer, module: Module, activity: Activity) -> PickRow:
    course = offer.course
    return PickRow(
        key=f"{course.id}/{module.id}/{activity.id}",
        kind=activity.kind,
        title=activity.title,
        placed=(course.id, module.id, activity.id) in offer.placed,
        scored=isinstance(activity.content, Quiz),
        counts=activity.completion is not CompletionRule.NONE,
        after=tuple(course.by_activity[required][1].title for required in activity.requires),
    )


def _scored(module: Module) -> bool:
    return any(isinstance(activity.content, Quiz) for activity in module.activities)
