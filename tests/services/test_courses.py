"""Publishing packages: a revision only when something changed, nothing half done, old revisions stay readable."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from sqlalchemy import func, select

from lms_tool.content.faults import PackageError
from lms_tool.database import Database
from lms_tool.lti.request_errors import ModuleNotFound
from lms_tool.models import Base, Blob, Revision, RevisionFile
from lms_tool.services import courses
from lms_tool.services.courses import CourseNotLoaded, Loaded, Shelf

PACKAGES = Path(__file__).parents[1] / "conformance" / "courses"
LESSON = "modules/01-erstes/01-erste-lektion.md"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKAGES / "pruefkurs", tmp_path / "pruefkurs"))


def load(database: Database, package: Path) -> Loaded:
    with database.write() as db:
        return courses.load(db, package, NOW)


def edit(package: Path, old: str, new: str, path: str = LESSON) -> None:
    text = (package / path).read_text()
    assert old in text
    (package / path).write_text(text.replace(old, new))


def counts(database: Database) -> dict[str, int]:
    with database.read() as db:
        return {
            t.name: db.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables
        }


def test_loading_again_changes_nothing(database: Database, package: Path) -> None:
    assert load(database, package) == Loaded("pruefkurs", 1, changed=True)
    before = counts(database)
    assert load(database, package) == Loaded("pruefkurs", 1, changed=False)
    assert counts(database) == before


def test_a_change_is_a_new_revision_and_costs_only_what_changed(database: Database, package: Path) -> None:
    load(database, package)
    before = counts(database)
    edit(package, "\n## ", "\nNeuer Satz.\n\n## ")
    assert load(database, package) == Loaded("pruefkurs", 2, changed=True)
    after = counts(database)
    assert after["blob"] == before["blob"] + 1
    assert after["course"] == before["course"]


def test_a_revision_never_changes(database: Database, package: Path) -> None:
    load(database, package)
    with database.read() as db:
        first = courses.current_revision(db, "pruefkurs")
        assert first is not None
        before = Shelf().course(db, first)
    edit(package, "\n## ", "\nNeuer Satz.\n\n## ")
    load(database, package)
    with database.read() as db:
        newest = courses.current_revision(db, "pruefkurs")
        assert newest is not None
        assert newest != first
        assert Shelf().course(db, first) == before
        assert "Neuer Satz." in str(Shelf().course(db, newest).by_activity["erste-lektion"])


def test_going_back_to_an_older_text_is_a_new_revision(database: Database, package: Path) -> None:
    load(database, package)
    edit(package, "\n## ", "\nNeuer Satz.\n\n## ")
    load(database, package)
    edit(package, "\nNeuer Satz.\n\n## ", "\n## ")
    assert load(database, package) == Loaded("pruefkurs", 3, changed=True)


def test_a_faulty_package_leaves_nothing(database: Database, package: Path) -> None:
    before = counts(database)
    edit(package, "completion: viewed", "completion: vielleicht")
    with pytest.raises(PackageError):
        load(database, package)
    assert counts(database) == before


def test_the_package_is_kept_file_by_file(database: Database, package: Path) -> None:
    load(database, package)
    with database.read() as db:
        rows = db.execute(select(RevisionFile.path, Blob.data).join(Blob, Blob.digest == RevisionFile.digest))
        kept = {row.path: row.data for row in rows}
    files = {str(f.relative_to(package)): f.read_bytes() for f in package.rglob("*") if f.is_file()}
    assert kept == files


def test_the_first_course_is_what_an_unplaced_launch_shows(database: Database, package: Path) -> None:
    shelf = Shelf()
    with database.read() as db, pytest.raises(CourseNotLoaded):
        courses.resolve(db, shelf, None, None, None)
    load(database, package)
    load(database, PACKAGES / "nebenkurs")
    with database.read() as db:
        assert courses.resolve(db, shelf, None, None, None).course_id == "pruefkurs"
        assert courses.resolve(db, shelf, "nebenkurs", None, None).course_id == "nebenkurs"
        assert courses.resolve(db, shelf, None, "einziges-modul", None).course_id == "nebenkurs"
        found = courses.resolve(db, shelf, None, None, "erste-lektion")
        assert (found.module_id, found.activity_id) == ("erstes-modul", "erste-lektion")
        for wanted in (("x", None, None), (None, "x", None), ("pruefkurs", "einziges-modul", None)):
            with pytest.raises(ModuleNotFound):
                courses.resolve(db, shelf, *wanted)
        with pytest.raises(ModuleNotFound):
            courses.resolve(db, shelf, "pruefkurs", "zweites-modul", "erste-lektion")


def test_a_full_shelf_forgets_nothing_that_is_asked_for(database: Database, package: Path) -> None:
    load(database, package)
    for number in range(Shelf.KEEP + 2):
        edit(package, "\n## ", f"\nSatz {number}.\n\n## ")
        load(database, package)
    shelf = Shelf()
    with database.read() as db:
        ids = list(db.scalars(select(Revision.id).order_by(Revision.number)))
        assert len(ids) > Shelf.KEEP
        for revision in [*ids, *ids]:
            assert shelf.course(db, revision).id == "pruefkurs"
        with pytest.raises(CourseNotLoaded):
            shelf.course(db, max(ids) + 1)


def test_published_at_is_when_it_was_loaded(database: Database, package: Path) -> None:
    load(database, package)
    with database.write() as db:
        courses.load(db, package, NOW + timedelta(days=1))
    with database.read() as db:
        assert db.scalars(select(Revision.published_at)).all() == [NOW]
