"""The process workshop: look at a model, change it, compare it, take it along.

The script sends the whole model (``steps``) and gets its new version; without script each button is a form of its
own. Both go through the same edits and the same checks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from lms_tool.content.process import BLOCKS, Step
from lms_tool.content.workshop import Workshop
from lms_tool.database import Connection
from lms_tool.learning import process_edits as edits
from lms_tool.services import lessons, workshops
from lms_tool.services.works import WorkChanged
from lms_tool.services.workshops import Bench, ProcessInvalid, ProcessTooShort, Which, workshop_of
from lms_tool.web.context import runtime
from lms_tool.web.pages import ComparisonPage, StepDetails, WorkshopPage
from lms_tool.web.queueing import deliver
from lms_tool.web.respond import go_to, show_in
from lms_tool.web.visit import Visit, visit
from lms_tool.web.workshop_drawing import drawing
from lms_tool.web.workshop_pages import PATHS, comparison_page, details, model_page
from lms_tool.web.workshop_table import table

blueprint = Blueprint("workshop", __name__, url_prefix="/k/<launch>/a/<activity_id>")

MODELS: dict[str, Which] = {path: which for which, path in PATHS.items()}
NUMBERS = ("minutes", "days")


def show(db: Connection, seen: Visit) -> WorkshopPage:
    """The activity's own address: today's process first, later the one that is being built."""
    there = _bench(db, seen)
    begun = there.version and (workshop_of(seen.activity).given or there.to_be)
    return model_page(seen, there, "to_be" if begun else "as_is")


@blueprint.get('/<any("as-is","to-be"):path>')
def show_model(launch: str, activity_id: str, path: str) -> Response:
    seen, there = _open(launch, activity_id)
    step = request.args.get("step", "")
    number = int(step) if step.isascii() and step.isdigit() and len(step) < 4 else 0
    return show_in(seen.found, model_page(seen, there, MODELS[path], number), keep=False)


@blueprint.post('/<any("as-is","to-be"):path>')
def change(launch: str, activity_id: str, path: str) -> Response:
    """One edit by a form, or the whole model by the script (with ``HX-Request: true``, answered in JSON)."""
    which = MODELS[path]
    seen, there = _open(launch, activity_id)
    seen.require_writable()
    workshop = workshop_of(seen.activity)
    version = _whole("version", 2**31 - 1)
    if "steps" in request.form:
        return _replace(seen, which, workshops.parse(workshop, request.form["steps"]), version)
    # An edit means the model that its page showed: numbers of steps mean nothing in another one.
    if version != there.version:
        raise WorkChanged(activity=activity_id[:64], version=version)
    model, number, typed = _edited(workshop, there, which)
    if typed is not None:
        return show_in(seen.found, model_page(seen, there, which, number, typed=typed), 422, keep=False)
    _save(seen, which, model, version)
    place = f"?step={number}#s{number}" if number else ""
    return go_to(seen.found, f"{seen.url}/{path}{place}")


@blueprint.get("/compare")
def show_comparison(launch: str, activity_id: str) -> Response:
    seen, there = _open(launch, activity_id)
    return show_in(seen.found, comparison_page(seen, there), keep=False)


@blueprint.post("/compare")
def open_solution(launch: str, activity_id: str) -> Response:
    """«Mit Musterlösung vergleichen»: with it the activity is finished."""
    tool = runtime()
    seen, there = _open(launch, activity_id)
    learner = seen.require_writable()
    try:
        with tool.database.write() as db:
            due = workshops.compare(db, learner, seen.room.course, seen.activity, seen.now)
    except ProcessTooShort as error:
        page: ComparisonPage | WorkshopPage = comparison_page(seen, there, refused=True)
        return show_in(seen.found, page, error.status, keep=False)
    deliver(due)
    return go_to(seen.found, f"{seen.url}/compare")


@blueprint.get('/<any("as-is","to-be"):path>.svg')
def as_svg(launch: str, activity_id: str, path: str) -> Response:
    seen, there = _open(launch, activity_id)
    lessons.require_open(seen.room.status, seen.activity)
    which = MODELS[path]
    picture = drawing(
        seen.activity.title, which, workshop_of(seen.activity), there.model(which), seen.found.locale
    )
    answer = Response(picture, mimetype="image/svg+xml")
    # Opened by itself it must not run anything, whatever a note says.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return _attached(answer, seen, path, "svg")


@blueprint.get('/<any("as-is","to-be"):path>.csv')
def as_csv(launch: str, activity_id: str, path: str) -> Response:
    seen, there = _open(launch, activity_id)
    lessons.require_open(seen.room.status, seen.activity)
    text = table(workshop_of(seen.activity), there.model(MODELS[path]), seen.found.locale)
    return _attached(Response(text, mimetype="text/csv"), seen, path, "csv")


def _open(launch: str, activity_id: str) -> tuple[Visit, Bench]:
    seen = visit(launch, activity_id, Workshop)
    with runtime().database.read() as db:
        return seen, _bench(db, seen)


def _bench(db: Connection, seen: Visit) -> Bench:
    return workshops.bench(db, seen.found.shown_membership_id, seen.room.course.id, seen.activity)


def _replace(seen: Visit, which: Which, model: edits.Model, version: int) -> Response:
    try:
        made = _save(seen, which, model, version)
    except WorkChanged as error:
        if request.headers.get("HX-Request") != "true":
            raise
        with runtime().database.read() as db:
            answer: Response = jsonify(version=_bench(db, seen).version)
        answer.status_code = error.status
        answer.headers["X-LTI-Error"] = error.public_code
        return answer
    return jsonify(version=made)


def _save(seen: Visit, which: Which, model: edits.Model, version: int) -> int:
    learner = seen.require_writable()
    with runtime().database.write() as db:
        return workshops.save(db, learner, seen.room.course, seen.activity, which, model, version, seen.now)


def _edited(workshop: Workshop, there: Bench, which: Which) -> tuple[edits.Model, int, StepDetails | None]:
    """The model after the pressed button, the step to show, and the form where it holds what is no number.

    Raises ProcessInvalid for buttons and steps that do not exist.
    """
    model = there.model(which)
    if "add" in request.form:
        block = request.form["add"]
        if block not in BLOCKS:
            raise ProcessInvalid(reason="block")
        after = min(_whole("after", len(model)), len(model))
        return edits.insert(workshop, model, block, after), after + 1, None
    action = request.form.get("action", "")
    if action == "copy" and which == "to_be" and not model:
        return there.as_is, 0, None
    number = _whole("step", len(model), low=1)
    if action == "remove":
        return edits.remove(model, number), min(number, len(model) - 1), None
    wanted, typed = _details(workshop, number, model[number - 1])
    if typed is not None:
        return model, number, typed
    model = edits.put(model, number, wanted)
    match action:
        case "save":
            return model, number, None
        case "up" | "down":
            to = max(1, min(number + (1 if action == "down" else -1), len(model)))
            return edits.move(model, number, to), to, None
        case "left" | "right":
            return edits.hand(workshop, model, number, 1 if action == "right" else -1), number, None
    raise ProcessInvalid(reason="action")


def _details(workshop: Workshop, number: int, step: Step) -> tuple[Step, StepDetails | None]:
    """What the form of a step says; every button of the form brings it along. Else the form with its faults."""
    given = {
        name: request.form.get(name, "").strip() for name in ("note", "unit", "before", "after", *NUMBERS)
    }
    if "unit" not in request.form:  # a form of the palette, or one by hand
        return step, None
    texts = {name: given[name] for name in ("note", "unit", "before", "after")}
    checked = workshops.step(workshop, {"block": step.block, **texts})
    numbers = {name: _number(given[name]) for name in NUMBERS}
    wrong = tuple(name for name, value in numbers.items() if value is None)
    if wrong:
        form = details(workshop, number, checked)
        return step, replace(form, minutes=given["minutes"][:40], days=given["days"][:40], wrong=wrong)
    return workshops.step(workshop, {"block": step.block, **texts, **cast("dict[str, int]", numbers)}), None


def _number(text: str) -> int | None:
    """A whole number of at most three digits; empty means 0, None anything else."""
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _whole(name: str, high: int, low: int = 0) -> int:
    """A number that our own pages put into a form. Raises ProcessInvalid."""
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 11 and low <= int(text) <= high):
        raise ProcessInvalid(field=name)
    return int(text)


def _attached(answer: Response, seen: Visit, path: str, ending: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{seen.activity.id}-{path}.{ending}"'
    return answer
