"""Publishing course packages and reading what is published."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import ColumnElement, Connection, func, or_, select, update
from sqlalchemy import insert as core_insert

from lms_tool.content import package, stored
from lms_tool.content.course import Course
from lms_tool.content.faults import Report
from lms_tool.content.files import scan
from lms_tool.database import insert
from lms_tool.errors import Text, ToolError
from lms_tool.lti.request_errors import ModuleNotFound
from lms_tool.models import Blob, Revision, RevisionFile
from lms_tool.models import Course as CourseRow


class CourseNotLoaded(ToolError):
    code = "module_not_found"
    status = 404
    text = Text(
        "In diesem Lernwerkzeug ist noch kein Kurs geladen.", "No course has been loaded into this tool yet."
    )
    remedy = Text(
        "Bitte geben Sie der Person Bescheid, die das Lernwerkzeug betreibt: „lms-tool courses load“ fehlt noch.",
        "Please tell the person who runs the tool: “lms-tool courses load” has not been run yet.",
    )


class CourseTaken(ToolError):
    code = "course_taken"
    status = 409
    text = Text("Diese Kurs-Kennung gehört schon jemand anderem.", "This course id belongs to somebody else.")
    remedy = Text(
        "Geben Sie dem Kurs in course.yaml eine andere „id“.", "Give the course another “id” in course.yaml."
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    course_id: str
    revision: int
    changed: bool


class Shelf:
    """The revisions this process has read. They are immutable, so there is nothing to invalidate."""

    KEEP = 8

    def __init__(self) -> None:
        self._courses: dict[int, Course] = {}
        self._lock = Lock()

    def course(self, db: Connection, revision_id: int) -> Course:
        """The course as published in ``revision_id``.

        Raises:
            CourseNotLoaded: there is no such revision.
        """
        course = self._courses.get(revision_id)
        if course is None:
            content = db.scalar(select(Revision.content).where(Revision.id == revision_id))
            if content is None:
                raise CourseNotLoaded(revision=revision_id)
            course = stored.restore(content)
            with self._lock:
                while len(self._courses) >= self.KEEP:
                    self._courses.pop(next(iter(self._courses)))
                self._courses[revision_id] = course
        return course


def load(db: Connection, directory: Path, now: datetime, tenant_id: int | None = None) -> Loaded:
    """Publish the package in ``directory`` as a new revision, if anything in it changed.

    It belongs to ``tenant_id``; without one, it is there for everybody.

    Raises:
        PackageError: the package has faults; nothing was written.
        CourseTaken: a course with this id belongs to somebody else.
    """
    course = package.read(directory)
    files = _files(directory)
    digest = _digest(files)
    known = db.execute(select(CourseRow.tenant_id).where(CourseRow.id == course.id)).first()
    if known is None:
        position = (db.scalar(select(func.max(CourseRow.position))) or 0) + 1
        values = {"id": course.id, "position": position, "created_at": now, "tenant_id": tenant_id}
        db.execute(core_insert(CourseRow).values(**values))
    elif known.tenant_id != tenant_id:
        raise CourseTaken(course=course.id)
    newest = db.execute(
        select(Revision.number, Revision.digest, Revision.content)
        .where(Revision.course_id == course.id)
        .order_by(Revision.number.desc())
        .limit(1)
    ).first()
    content = stored.dump(course)
    # An update of the tool may render the same sources better: that is a new revision too.
    if newest is not None and newest.digest == digest and newest.content == content:
        return Loaded(course.id, newest.number, changed=False)
    number = newest.number + 1 if newest else 1
    revision_id = db.execute(
        core_insert(Revision)
        .values(course_id=course.id, number=number, digest=digest, content=content, published_at=now)
        .returning(Revision.id)
    ).scalar_one()
    for path, data in files.items():
        blob = hashlib.sha256(data).hexdigest()
        db.execute(insert(db, Blob).values(digest=blob, data=data).on_conflict_do_nothing())
        db.execute(core_insert(RevisionFile).values(revision_id=revision_id, path=path, digest=blob))
    db.execute(update(CourseRow).where(CourseRow.id == course.id).values(revision_id=revision_id))
    return Loaded(course.id, number, changed=True)


def media(db: Connection, revision_id: int, digest: str) -> bytes | None:
    """A media file that belongs to this revision; None otherwise."""
    return db.scalar(
        select(Blob.data)
        .join(RevisionFile, RevisionFile.digest == Blob.digest)
        .where(RevisionFile.revision_id == revision_id, RevisionFile.digest == digest)
    )


@dataclass(frozen=True, slots=True)
class Item:
    """What a placement shows: a course, one module of it, or one activity."""

    course_id: str
    revision_id: int
    module_id: str | None = None
    activity_id: str | None = None
    anonymous: bool = False  # may be opened without a person


def locate(course: Course, revision_id: int, module_id: str | None, activity_id: str | None) -> Item | None:
    """The part of ``course`` that these ids name; None if it has no such part."""
    if activity_id is not None:
        found = course.by_activity.get(activity_id)
        if found is None or module_id not in (None, found[0].id):
            return None
        return Item(course.id, revision_id, found[0].id, activity_id, found[0].anonymous)
    if module_id is not None:
        module = course.by_module.get(module_id)
        return None if module is None else Item(course.id, revision_id, module_id, None, module.anonymous)
    return Item(course.id, revision_id)


def resolve(
    db: Connection,
    shelf: Shelf,
    course_id: str | None,
    module_id: str | None,
    activity_id: str | None,
    tenant_id: int | None = None,
) -> Item:
    """What is meant by the ids a placement carries; with none, the course that was loaded first.

    A tenant sees what came with the tool and what it wrote itself; None: only the former.

    Raises:
        CourseNotLoaded: nothing is published at all.
        ModuleNotFound: the ids name nothing that is published.
    """
    published = db.execute(
        select(CourseRow.id, CourseRow.revision_id)
        .where(CourseRow.revision_id.is_not(None), visible_to(tenant_id))
        .order_by(CourseRow.position)
    ).all()
    if not published:
        raise CourseNotLoaded()
    for row in published:
        if course_id is not None and row.id != course_id:
            continue
        found = locate(shelf.course(db, row.revision_id), row.revision_id, module_id, activity_id)
        if found is not None:
            return found
    wanted = "/".join(part[:64] for part in (course_id, module_id, activity_id) if part)
    raise ModuleNotFound(wanted=wanted)


def visible_to(tenant_id: int | None) -> ColumnElement[bool]:
    """The condition that a course came with the tool or was written by this tenant."""
    return or_(CourseRow.tenant_id.is_(None), CourseRow.tenant_id == tenant_id)


def current_revision(db: Connection, course_id: str) -> int | None:
    return db.scalar(select(CourseRow.revision_id).where(CourseRow.id == course_id))


def current_revisions(db: Connection) -> list[int]:
    """Revision ids of all published courses, in the order they were first loaded."""
    return list(
        db.scalars(
            select(CourseRow.revision_id)
            .where(CourseRow.revision_id.is_not(None))
            .order_by(CourseRow.position)
        )
    )


def _files(directory: Path) -> dict[str, bytes]:
    listing = scan(directory, Report(str(directory)))
    return {path: listing.bytes(path) for path in listing.sizes}


def _digest(files: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return whole.hexdigest()
