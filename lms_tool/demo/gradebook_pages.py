"""The gradebook as people see it, and what a teacher may do there: grade by hand, lock, unlock."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from lms_tool.demo import gradebook
from lms_tool.demo.gradebook import Completion
from lms_tool.demo.pages import page
from lms_tool.demo.people import Person, by_family_name
from lms_tool.demo.platform import Platform, Visit

SHOWN_ARRIVALS = 20
URL = "/grade/report/index.php"


@dataclass(frozen=True, slots=True)
class Cell:
    """One grade. ``final`` in points of the column, ``modified`` in Unix seconds; ``None``: there is none."""

    person: Person
    column: sqlite3.Row
    final: float | None
    modified: int | None
    feedback: str
    overridden: bool
    locked: bool
    completion: Completion | None


@dataclass(frozen=True, slots=True)
class Row:
    person: Person
    cells: list[Cell]


def blueprint(platform: Platform) -> Blueprint:
    pages = Blueprint("gradebook", __name__)

    @pages.get(URL)
    def report() -> Response | str:
        """All grades for staff, one's own for everybody else."""
        visit = platform.visit()
        if visit is None:
            return redirect("/")
        if not visit.person.may_open_course:
            abort(403)
        with platform.store.reading() as db:
            columns = _columns(db)
            everyone = visit.person.sees_all_grades
            people = _rows_of(platform) if everyone else [visit.person]
            rows = [Row(person, [_cell(db, column, person) for column in columns]) for person in people]
            arrivals = []
            if everyone:
                arrivals = db.execute(
                    "SELECT arrival.*, label FROM arrival LEFT JOIN grade_item ON grade_item.id = item_id"
                    " ORDER BY arrival.id DESC LIMIT ?",
                    (SHOWN_ARRIVALS,),
                ).fetchall()
        return page(
            platform,
            "gradebook.html",
            title="Bewertungen",
            columns=columns,
            rows=rows,
            arrivals=arrivals,
            people=platform.people,
            everyone=everyone,
        )

    @pages.get("/grade/edit.php")
    def edit() -> str:
        _editor(platform)
        with platform.store.reading() as db:
            column, person = _named(platform, db)
            cell = _cell(db, column, person)
        return page(platform, "grade_edit.html", title="Bewertung bearbeiten", cell=cell)

    @pages.post("/grade/edit.php")
    def change() -> Response:
        visit = _editor(platform)
        if request.form.get("sesskey") != visit.sesskey:
            abort(403)
        action = request.form.get("action")
        with platform.store.writing() as db:
            column, person = _named(platform, db)
            if action == "override":
                feedback = request.form.get("feedback", "").strip()
                gradebook.override(db, column, person, _points(), feedback, int(platform.clock()))
            elif action == "release":
                gradebook.release(db, column, person)
            elif action in ("lock", "unlock"):
                gradebook.lock(db, column, person, action == "lock")
            elif action in ("lock_column", "unlock_column"):
                gradebook.lock_column(db, column, action == "lock_column")
            else:
                abort(400)
        return redirect(URL, 303)

    return pages


def _rows_of(platform: Platform) -> list[Person]:
    return [person for person in by_family_name(platform.config.people) if person.is_gradable]


def _columns(db: sqlite3.Connection) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT grade_item.*, coalesce(activity.title, label) AS title, pass_grade FROM grade_item"
        " LEFT JOIN activity ON activity.id = activity_id WHERE coalesce(visible, 1)"
        " ORDER BY position IS NULL, position, grade_item.id"
    ).fetchall()


def _cell(db: sqlite3.Connection, column: sqlite3.Row, person: Person) -> Cell:
    grade = gradebook.grade(db, column["id"], person.id)
    activity = column["activity_id"]
    return Cell(
        person,
        column,
        final=None if grade is None else grade["final"],
        modified=None if grade is None else grade["modified"],
        feedback="" if grade is None else grade["feedback"],
        overridden=grade is not None and bool(grade["overridden"]),
        locked=bool(column["locked"]) or (grade is not None and bool(grade["locked"])),
        completion=None if activity is None else gradebook.completion(db, activity, person.id),
    )


def _editor(platform: Platform) -> Visit:
    visit = platform.visit()
    if visit is None or not visit.person.edits_grades:
        abort(403)
    return visit


def _named(platform: Platform, db: sqlite3.Connection) -> tuple[sqlite3.Row, Person]:
    person = platform.person_of(request.values.get("person", ""))
    named = [column for column in _columns(db) if str(column["id"]) == request.values.get("item")]
    if not named or person is None or not person.is_gradable:
        abort(404)
    return named[0], person


def _points() -> float:
    try:
        points = float(request.form.get("points", "").replace(",", "."))
    except ValueError:
        abort(400)
    if not 0 <= points < 1_000_000:
        abort(400)
    return points
