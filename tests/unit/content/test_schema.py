"""The JSON Schemas for editors agree with the reader about the shape of single files."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from course_samples import LESSON, MODULE, QUIZ, SAMPLE, Changes, changed
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from ruamel.yaml import YAML

from lms_tool.content import package

Write = Callable[[Changes], Path]
COURSES = Path(__file__).parents[3] / "courses"
SCHEMAS = {path.name: json.loads(path.read_text("utf-8")) for path in (COURSES / "schema").glob("*.json")}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)
FILES = {"course.yaml": "course", "glossary.yaml": "glossary", "module.yaml": "module"}


def plain(value: Any) -> Any:
    """YAML's dates as the strings that a JSON Schema knows."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


def accepts(path: str, text: str) -> bool:
    """Whether the schema for the file ``path`` accepts ``text``; editors choose it by the file's kind."""
    source = text.split("---\n")[1] if path.endswith(".md") else text
    data = plain(YAML(typ="safe", pure=True).load(source))
    name = FILES.get(Path(path).name)
    if name is None:
        kind = data.get("kind", "page" if path.endswith(".md") else "")
        name = "lesson" if kind == "page" else kind
    schema = SCHEMAS.get(f"{name}.schema.json")
    return schema is not None and Draft202012Validator(schema, registry=REGISTRY).is_valid(data)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_it_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("path", [path for path in SAMPLE if not path.startswith("media/")])
def test_the_sample_is_accepted(path: str) -> None:
    assert accepts(path, str(SAMPLE[path]))


shipped = sorted(
    path.relative_to(COURSES).as_posix()
    for path in COURSES.glob("*/**/*")
    if path.suffix in (".md", ".yaml") and not path.name.endswith(".part.yaml")
)


@pytest.mark.parametrize("path", shipped)
def test_the_shipped_courses_are_accepted(path: str) -> None:
    assert accepts(path, (COURSES / path).read_text("utf-8"))


RIGHT = [
    ("course.yaml", "completion: all", "completion: {at_least: 1}"),
    ("course.yaml", "language: de\n", ""),
    ("course.yaml", "language: de", "abbreviations: [DMS, PICTURE]"),
    (LESSON, "minutes: 12", "kind: page\nminutes: 12"),
    (LESSON, "  kind: truefalse", "  hint: Denken Sie an die Form.\n  kind: truefalse"),
    (MODULE, "requires: []\n", ""),
    (MODULE, "requires: []", "anonymous: true"),
    (MODULE, "    as_of: 2025-05-13\n", ""),
    (LESSON, "{state: draft}", '{state: reviewed, by: Wer, on: "2026-11-21", until: 2027-11-21}'),
    (LESSON, "completion: viewed\n", ""),
    (LESSON, "  kind: truefalse\n", "  kind: truefalse\n  objective: lz1\n  read_more: eins\n"),
    (QUIZ, "attempts: 3", "attempts: unlimited"),
    (QUIZ, "feedback: immediate", "feedback: end"),
    (QUIZ, "completion: passed", "completion: attempted"),
    (QUIZ, "pass_percent: 60\n", ""),
    (QUIZ, "Der Antrag, correct: true", "Der Antrag, correct: false"),
    ("glossary.yaml", "  also: [Vorgangssammlung]\n", ""),
]

WRONG = [
    ("course.yaml", "id: probe", "id: Probe!"),
    ("course.yaml", "id: probe", f"id: {'a' * 81}"),
    ("course.yaml", "id: probe\n", ""),
    ("course.yaml", "title: Probekurs", "title: 2026"),
    ("course.yaml", "title: Probekurs", "title: '  '"),
    ("course.yaml", "title: Probekurs", f"title: {'x' * 4001}"),
    ("course.yaml", "language: de", "languages: de"),
    ("course.yaml", "language: de", "language: en"),
    ("course.yaml", "language: de", "abbreviations: DMS"),
    ("course.yaml", "language: de", "abbreviations: [DMS, DMS]"),
    ("course.yaml", "completion: all", "completion: any"),
    ("course.yaml", "completion: all", "completion: {at_least: 0}"),
    ("course.yaml", "completion: all", "completion: {at_most: 1}"),
    (MODULE, "requires: []", "requires: [a, a]"),
    (MODULE, "requires: []", "requires: anfang"),
    (MODULE, "requires: []", "requires: [A]"),
    (MODULE, "requires: []", "anonymous: ja"),
    (MODULE, "zur Akte gehört", "zur Akte gehört."),
    (MODULE, "2025-05-13", "13.5.2025"),
    (MODULE, '    title: "Ein Gesetz"\n', ""),
    (MODULE, '"01:Q1":', '"Der ganze Titel des Gesetzes":'),
    (LESSON, "minutes: 12", "minutes: 0"),
    (LESSON, "minutes: 12", "minutes: 241"),
    (LESSON, "minutes: 12", "minutes: zwölf"),
    (LESSON, "minutes: 12", "minutes: 12.5"),
    (LESSON, "as_of: 2026-11-21\n", ""),
    (LESSON, "{state: draft}", "{state: ready}"),
    (LESSON, "{state: draft}", "{state: reviewed}"),
    (LESSON, "{state: draft}", "{state: draft, by: Wer}"),
    (LESSON, "completion: viewed", "completion: passed"),
    (LESSON, "  kind: truefalse", "  kind: guess"),
    (LESSON, "minutes: 12", "kind: quiz\nminutes: 12"),
    (LESSON, "  kind: truefalse", "  id: f1\n  kind: truefalse"),
    (LESSON, "  kind: truefalse", "  points: 1\n  kind: truefalse"),
    (LESSON, "  correct: true", "  correct: ja"),
    (LESSON, "  feedback_true: Ja. Die Form ist gleichgültig.\n", ""),
    (QUIZ, "kind: quiz", "kind: exam"),
    (QUIZ, "attempts: 3", "attempts: 0"),
    (QUIZ, "attempts: 3", "attempts: ever"),
    (QUIZ, "attempts: 3\n", ""),
    (QUIZ, "pass_percent: 60", "pass_percent: 101"),
    (QUIZ, "pass_percent: 60", "pass_percent: 0"),
    (QUIZ, "feedback: immediate", "feedback: never"),
    (QUIZ, "completion: passed", "completion: viewed"),
    (QUIZ, "points: 2", "points: 1.5"),
    (QUIZ, "points: 2", "points: 0"),
    (QUIZ, "points: 2", "point: 2"),
    (QUIZ, "    objective: lz1\n", ""),
    (QUIZ, "    kind: single", "    kind: guess"),
    (QUIZ, ', feedback: "Nein, der Befund ginge verloren."', ""),
    (QUIZ, "text: Nichts.", "correct: true, text: Nichts."),
    (QUIZ, "schreiben., correct: true", "schreiben., correct: false"),
    (QUIZ, "      - {id: b, text: Einen Vermerk schreiben., correct: true, feedback: Ja.}\n", ""),
    ("glossary.yaml", "  term: Akte\n", ""),
    ("glossary.yaml", "- id: akte", "- name: akte"),
    ("glossary.yaml", "[Vorgangssammlung]", "Vorgangssammlung"),
]


HEAD = 'minutes: 5\nsources: ["01:Q1"]\nas_of: 2026-11-21\n'
SHEET = (
    f"---\nid: zettel\nkind: cheatsheet\ntitle: Zettel\n{HEAD}---\n\n## Drei Fragen\n\nEs zählt die Akte.\n"
)
OFFER = f"""\
id: angebot
kind: offer
title: Weiterlernen
provider: Beispielstadt
url: https://www.example.org/kurs
text: Ein Kurs zum Lesen.
{HEAD}"""
MORE = {"modules/01-anfang/50-angebot.yaml": OFFER, "modules/01-anfang/90-zettel.md": SHEET}
MORE_WRONG = [
    ("50-angebot", "provider: Beispielstadt\n", ""),
    ("50-angebot", "https://", "http://"),
    ("50-angebot", "example.org/kurs", f"example.org/{'x' * 500}"),
    ("50-angebot", "minutes: 5", "completion: viewed\nminutes: 5"),
    ("90-zettel", "minutes: 5", "completion: viewed\nminutes: 5"),
    ("90-zettel", "minutes: 5\n", ""),
    ("90-zettel", "kind: cheatsheet", "kind: zettel"),
]


def test_both_accept_other_kinds(write: Write) -> None:
    assert all(accepts(path, text) for path, text in MORE.items())
    assert package.check(write(dict(MORE))) == []


@pytest.mark.parametrize(("name", "old", "new"), MORE_WRONG)
def test_both_refuse_other_kinds(write: Write, name: str, old: str, new: str) -> None:
    path, text = next((path, text) for path, text in MORE.items() if name in path)
    assert old in text
    changes = {path: text.replace(old, new, 1)}
    assert not accepts(path, changes[path])
    assert any(
        fault.level == "error" and fault.path.endswith(path) for fault in package.check(write(dict(changes)))
    )


@pytest.mark.parametrize(("path", "old", "new"), RIGHT)
def test_both_accept(write: Write, path: str, old: str, new: str) -> None:
    changes = changed(path, old, new)
    assert accepts(path, str(changes[path]))
    assert package.check(write(changes)) == []


@pytest.mark.parametrize(("path", "old", "new"), WRONG)
def test_both_refuse(write: Write, path: str, old: str, new: str) -> None:
    changes = changed(path, old, new)
    assert not accepts(path, str(changes[path]))
    assert any(
        fault.level == "error" and fault.path.endswith(path) for fault in package.check(write(changes))
    )
