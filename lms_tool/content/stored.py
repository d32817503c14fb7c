"""A course as JSON: what a published revision keeps. Loss-free but for the bytes of pictures."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import TypeAdapter

from lms_tool.content.course import Course
from lms_tool.content.kinds import SHAPES
from lms_tool.content.questions import KINDS

_COURSE = TypeAdapter(Course)
_CONTENTS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(shape) for name, shape in SHAPES.items()}
_SHAPES = {name: TypeAdapter(kind.shape) for name, kind in KINDS.items()}


def dump(course: Course) -> dict[str, Any]:
    """``course`` as JSON-able values. Pictures keep name, type and digest; their bytes belong elsewhere."""
    data: dict[str, Any] = _COURSE.dump_python(course, mode="json", exclude={"media": {"__all__": {"data"}}})
    return data


def restore(data: dict[str, Any]) -> Course:
    """The course that ``dump`` was given, equal to it.

    Raises ``pydantic.ValidationError`` for anything that ``dump`` did not write, ``KeyError`` for an
    unknown kind of question.
    """
    return _COURSE.validate_python(data | {"modules": [_with_shapes(module) for module in data["modules"]]})


def fingerprint(course: Course) -> str:
    """Hex SHA-256 of all that a reader can see: two packages with one fingerprint make the same revision."""
    canonical = json.dumps(dump(course), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _with_shapes(module: dict[str, Any]) -> dict[str, Any]:
    return module | {"activities": [_activity(activity) for activity in module["activities"]]}


def _activity(activity: dict[str, Any]) -> dict[str, Any]:
    content = dict(activity["content"])
    if activity["kind"] == "quiz":
        content["questions"] = [_question(question) for question in content["questions"]]
    elif content.get("check") is not None:
        content["check"] = _question(content["check"])
    return activity | {"content": _CONTENTS[activity["kind"]].validate_python(content)}


def _question(question: dict[str, Any]) -> dict[str, Any]:
    return question | {"data": _SHAPES[question["kind"]].validate_python(question["data"])}
