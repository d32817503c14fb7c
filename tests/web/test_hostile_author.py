"""An author whose plain texts are full of markup: on every page they are words, escaped once and not twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms_tool.lti.claims import Role
from lms_tool.runtime import Runtime

from .test_activity_fuzz import CASE, EVIL, KINDS, OFFER, PLACES, SHEET, WHOLE, WORKSHOPS, School

# What an author writes that is no Markdown; ``Activity.text_html`` and the like are HTML already.
PLAIN = {
    "title", "label", "text", "unit", "low", "high", "right", "extra", "options", "accept", "note", "provider", "value",
}  # fmt: skip


def twisted(value: Any, name: str = "") -> Any:
    """``value`` with the markup behind each plain text of an author."""
    if is_dataclass(value) and not isinstance(value, type):
        made = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
        return replace(value, **{key: _of(value, key, old) for key, old in made.items()})
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(twisted(one, name) for one in value)
    return f"{value} {EVIL}" if isinstance(value, str) and name in PLAIN else value


def _of(owner: Any, name: str, value: Any) -> Any:
    kept = {("Numeric", "value"), ("Step", "unit")}  # a number, an id
    return value if (type(owner).__name__, name) in kept else twisted(value, name)


def pages(school: School) -> Iterator[str]:
    for place in PLACES:
        yield school.get("anna", f"a/{place}").text
    for place in WORKSHOPS:
        for path in ("as-is", "to-be", "to-be?step=1", "compare", "to-be.svg", "as-is.svg"):
            yield school.get("anna", f"a/{place}/{path}").text
    for number in range(1, len(KINDS) + 1):
        yield school.get("anna", f"a/t1/t/1/q/{number}").text
    for path in ("", "m/netz", "m/vorfall", "m/test", "agenda", "members/me", "a/t1/t/1"):
        yield school.get("anna", path).text
    for path in ("members", "members/worksheets", f"members/{school.members['anna']}/a/{SHEET}/s/1"):
        yield school.get("coach", path).text
    for place in (SHEET, CASE, *WORKSHOPS):
        yield school.get("review", f"a/{place}").text


@pytest.mark.parametrize("locale", ["de", "en"])
def test_every_page(app: Flask, tool: Runtime, tmp_path: Path, locale: str) -> None:
    school = School(app, tool, tmp_path, twisted)
    for who, role in (("anna", Role.LEARNER), ("coach", Role.INSTRUCTOR)):
        school.enter(who, locale=locale, name=f"{who} {EVIL}", role=role)
    seen = [school.get("anna", f"a/{place}").text for place in PLACES]
    filled = WHOLE | {"action": "hand_in", "version": "0", "f.anschluss": "ja", "f.wege": ["netz", "post"]}
    assert school.post("anna", f"a/{SHEET}", data=filled).status_code == 303
    steps = [{"block": "eingang", "unit": "steueramt", "before": "papier", "after": "fach", "note": EVIL}] * 4
    for place, model in ((WORKSHOPS[0], "to-be"), (WORKSHOPS[1], "as-is"), (WORKSHOPS[1], "to-be")):
        version = 1 if place == WORKSHOPS[1] and model == "to-be" else 0
        sent = {"version": version, "steps": json.dumps(steps)}
        assert school.post("anna", f"a/{place}/{model}", data=sent).status_code == 200
    for path in (*(f"{place}/compare" for place in WORKSHOPS), f"{OFFER}/confirm", "t1/attempts"):
        assert school.post("anna", f"a/{path}").status_code == 303
    for way in ("", "0:dienstleister", "0:dienstleister 0:melden", "0:dienstleister 0:melden 0:presse"):
        seen.append(school.get("anna", f"a/{CASE}").text)
        assert school.post("anna", f"a/{CASE}/case", data={"way": way, "choice": "0"}).status_code == 303
    for number in range(1, len(KINDS) + 1):
        answers = {3: ["7"], 5: ["c", "b", "a"]}.get(number, ["a"])  # a number, an order, anything
        sent = {"answer": answers, "part.a": "extra-1", "part.b": "1"}
        if number in (4, 6, 7):
            sent |= {"part.a": "b" if number == 4 else EVIL if number == 6 else "kann"}
            sent["part.b"] = "a" if number == 4 else "0" if number == 6 else "muss"
        answer = school.post("anna", f"a/t1/t/1/q/{number}", data=sent | {"action": "check"})
        assert answer.status_code == 303, (number, answer.status_code)
    seen += pages(school)
    school.post("anna", "a/t1/t/1/finish")
    seen += pages(school)
    assert sum(page.count("&lt;evil") for page in seen) > 1000
    for page in seen:
        assert "<evil" not in page
        assert not re.search(r"&amp;(lt|gt|quot|amp|#3[49]);", page)
