"""A course survives its way into the database and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from course_samples import LESSON, PNG, QUIZ, Changes, changed
from pydantic import ValidationError

from lms_tool.content import package, stored

Write = Callable[[Changes], Path]


def test_round_trip_without_loss(write: Write) -> None:
    course = package.read(
        write(
            changed(LESSON, "{state: draft}", "{state: reviewed, by: Wer, on: 2026-11-21, until: 2027-11-21}")
            | changed(QUIZ, "attempts: 3", "attempts: unlimited")
        )
    )
    text = json.dumps(stored.dump(course))
    restored = stored.restore(json.loads(text))
    assert restored == course
    assert restored.by_activity["eins"][1].review.until == course.by_activity["eins"][1].review.until
    assert restored.glossary[0].sources == course.glossary[0].sources
    assert json.dumps(stored.dump(restored)) == text


def test_pictures_are_kept_by_digest_only(write: Write) -> None:
    course = package.read(write({}))
    data = stored.dump(course)
    (picture,) = data["media"]
    assert picture == {"name": "akte.png", "content_type": "image/png", "digest": course.media[0].digest}
    assert stored.restore(data).media[0].data == b""
    assert course.media[0].data == PNG


def test_restored_questions_can_be_marked(write: Write) -> None:
    from lms_tool.content.course import Quiz
    from lms_tool.content.questions import mark

    restored = stored.restore(stored.dump(package.read(write({}))))
    content = restored.by_activity["test"][1].content
    assert isinstance(content, Quiz)
    assert mark(content.questions[0], ["b"]).points == 2.0


def test_what_was_not_dumped_is_refused(write: Write) -> None:
    data = stored.dump(package.read(write({})))
    with pytest.raises(ValidationError):
        stored.restore(data | {"title": None})


SAME: list[Changes] = [
    {"modules/01-anfang/notizen.txt": "x"},
    changed("course.yaml", "id: probe", "# Bemerkung\nid: probe"),
]
DIFFERENT: list[Changes] = [
    changed(LESSON, "Baulast", "Grundschuld"),
    changed(QUIZ, "points: 2", "points: 3"),
    {"media/akte.png": PNG + b"x"},
]


@pytest.mark.parametrize("changes", SAME)
def test_the_fingerprint_stays_while_readers_see_the_same(write: Write, changes: Changes) -> None:
    before = stored.fingerprint(package.read(write({})))
    assert stored.fingerprint(package.read(write(changes))) == before
    assert len(before) == 64


@pytest.mark.parametrize("changes", DIFFERENT)
def test_the_fingerprint_changes_with_what_readers_see(write: Write, changes: Changes) -> None:
    before = stored.fingerprint(package.read(write({})))
    assert stored.fingerprint(package.read(write(changes))) != before
