"""Content selection in its states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lms_tool.web.pages import Link, PickerPage, PickerSendPage, PickRow
from lms_tool.web.render import Page

COURSE = "basis-befaehigung"


def activity(module: str, name: str, title: str, kind: str = "page", **more: Any) -> PickRow:
    return PickRow(key=f"{COURSE}/{module}/{name}", kind=kind, title=title, scored=kind == "quiz", **more)


MODULES = (
    PickRow(key=f"{COURSE}/auftakt", kind="module", title="Auftakt", number=1, placed=True),
    PickRow(
        key=f"{COURSE}/kdn",
        kind="module",
        title="Das kommunale Datennetz & seine Übergänge <Pläne>",
        number=2,
        chosen=True,
        scored=True,
        activities=(
            activity("kdn", "was", "Was gehört dazu?", chosen=True),
            activity("kdn", "plan", "Unser Netzplan", after=("Was gehört dazu?", "Wege & <Übergänge>")),
            activity("kdn", "test", "Abschlusstest", "quiz", placed=True, after=("a", "b", "c")),
            activity("kdn", "spick", "Alles auf einer Seite", "cheatsheet", counts=False),
        ),
    ),
    PickRow(key=f"{COURSE}/eakte", kind="module", title="eAkte", number=3, chosen=True, scored=True),
)
WHOLE = PickRow(key=COURSE, kind="course", title="Basis-Befähigung", parts=3, scored=True)
PICKER = PickerPage(
    url="/k/abc/select?course=basis-befaehigung",
    cancel_url="/k/abc/cancel",
    context_title="BBDN-2026",
    title="Basis-Befähigung",
    content_language="de",
    whole=WHOLE,
    modules=MODULES,
    all_url="/k/abc/select?course=basis-befaehigung&tick=modules",
)
ONE_ONLY = replace(
    PICKER,
    multiple=False,
    all_url="",
    columns=False,
    targets=("window",),
    missing=True,
    modules=tuple(replace(one, chosen=False, activities=()) for one in MODULES),
    other_courses=(Link("Grundlehrgang", "/k/abc/select?course=grundlehrgang"),),
)
SEND = PickerSendPage(
    return_url="https://kurs.example/mod/lti/contentitem_return.php?id=1&sesskey=x", jwt="e30.e30.x", items=2
)
PICKER_PAGES: dict[str, Page] = {
    "picker": PICKER,
    "picker_one": ONE_ONLY,
    "picker_links": replace(PICKER, links_only=True),
    "picker_at_once": replace(PICKER, at_once=True, targets=()),
    "picker_empty": replace(PICKER, title="", whole=None, modules=(), all_url=""),
    "picker_send": SEND,
    "picker_cancelled": replace(SEND, items=0),
}
