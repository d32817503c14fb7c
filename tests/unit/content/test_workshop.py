"""Process workshops: what an author writes is read whole, and every mistake is named with its line."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
import workshop_samples as samples
from ruamel.yaml import YAML

from lms_tool.content import package, stored
from lms_tool.content.course import CompletionRule
from lms_tool.content.process import BLOCKS, GROUPS, MEDIA_GROUP, Counts, Step, count
from lms_tool.content.workshop import LIMITS, Check


def test_what_is_written_is_read(tmp_path: Path) -> None:
    activity, workshop = samples.sample(tmp_path)
    assert not [fault for fault in package.check(tmp_path) if fault.level == "error"]
    assert (activity.kind, activity.completion) == ("workshop", CompletionRule.FINISHED)
    assert [unit.title for unit in workshop.units] == ["Poststelle", "Steueramt", "Amtsleitung"]
    assert workshop.given
    assert workshop.as_is[6] == Step("eingabe", "steueramt", "papier", "fach", "Angaben abtippen", 5)
    assert "<em>Papier</em>" in workshop.intro_html
    assert workshop.checks[0].limit == 0
    assert workshop.checks[1].block == "rueckfrage"
    assert workshop.hints[0].block == "eingabe"


def test_it_survives_being_stored(tmp_path: Path) -> None:
    course = samples.course(tmp_path)
    assert stored.restore(stored.dump(course)) == course


def test_without_given_both_are_built_by_the_learner(tmp_path: Path) -> None:
    assert not samples.course(tmp_path).by_activity["werkstatt-frei"][1].content.given


def test_the_palette_has_24_blocks_each_in_a_group() -> None:
    assert len(BLOCKS) == 24
    assert {block.group for block in BLOCKS.values()} == set(GROUPS)
    assert {key for key, block in BLOCKS.items() if block.changes_medium} == {
        "eingabe", "scannen", "drucken", "kopieren", "traeger",
    }  # fmt: skip
    assert [key for key, block in BLOCKS.items() if block.interrupts] == ["warten"]
    assert len({block.title.de for block in BLOCKS.values()}) == 24
    assert MEDIA_GROUP in GROUPS


def test_the_exercise_of_the_method_comes_out(tmp_path: Path) -> None:
    _, workshop = samples.sample(tmp_path)
    assert count(workshop.as_is) == Counts(15, 3, 4, 1, 34, 9)
    assert count(workshop.to_be) == Counts(7, 0, 0, 0, 11, 1)


def test_every_rule_is_held_and_broken(tmp_path: Path) -> None:
    _, workshop = samples.sample(tmp_path)
    for rule, what in LIMITS.items():
        there = getattr(count(workshop.as_is), what)
        assert Check("a", rule, "", "", limit=there).holds(workshop.as_is)
        assert not Check("a", rule, "", "", limit=there - 1).holds(workshop.as_is)
    for block in ("scannen", "kopieren"):
        there = block == "scannen"
        assert Check("a", "with", "", "", block=block).holds(workshop.as_is) == there
        assert Check("a", "without", "", "", block=block).holds(workshop.as_is) != there


MISTAKES = [
    ("block: sichten", "block: lesen", "Den Baustein „lesen“ gibt es nicht"),
    ("unit: leitung", "unit: leiter", "Die Stelle „leiter“"),
    ("before: telefon, after: telefon", "before: fax, after: telefon", "Das Medium „fax“"),
    ("days: 5", "days: fünf", "„days“ ist Text"),
    ("days: 5", "days: 5000", "„days“ ist 5000"),
    ("minutes: 2}", "minutes: -2}", "„minutes“ ist -2"),
    ("minutes: 2}", "minute: 2}", "„minute“ ist in"),
    ("note: Bescheid", f"note: {'x' * 301}", "länger als 300 Zeichen"),
    ("{id: fach, title: Fachverfahren}", "{id: papier, title: Fachverfahren}", "„papier“ steht in „media“ zweimal"),
    ("title: Amtsleitung", "title: Steueramt", "„Steueramt“ steht in „units“ zweimal"),
    ("title: Amtsleitung", f"title: {'x' * 41}", "länger als 40 Zeichen"),
    ("given: as_is", "given: to_be", "„given: to_be“ gibt es nicht"),
    ("rule: {with: inhaltlich}", "rule: {with: pruefen}", "Den Baustein „pruefen“ gibt es nicht"),
    ("rule: {with: inhaltlich}", "rule: {has: inhaltlich}", "Die Regel „has“ gibt es nicht"),
    ("rule: {with: inhaltlich}", "rule: {}", "Die Regel „leer“ gibt es nicht"),
    ("rule: {with: inhaltlich}", "rule: inhaltlich", "„rule“ muss aus"),
    ("    rule: {with: inhaltlich}\n", "", "Der Prüfung fehlt „rule“"),
    ("{with: inhaltlich}", "{with: inhaltlich, without: scannen}", "„rule“ nennt 2 Regeln"),
    ("{with: inhaltlich}", "{with: scannen}", "Die Musterlösung „to_be“ erfüllt die Prüfung „pruefung“ selbst nicht"),
    ("{with: inhaltlich}", "{minutes_at_most: 10}", "erfüllt die Prüfung „pruefung“ selbst nicht"),
    ("{media_changes_at_most: 0}", "{media_changes_at_most: viele}", "„media_changes_at_most“ ist Text"),
    ("id: pruefung", "id: bruch", "Die Prüfung „bruch“ gibt es schon"),
    ("    met: Die Steuerpflicht wird geprüft.\n", "", "fehlt „met“"),
    ("- {block: eingabe, text: Hier", "- {block: tippen, text: Hier", "Den Baustein „tippen“"),
    ("minutes: 45", "minutes: 45\ncompletion: passed", "„completion: passed“ gibt es nicht"),
    ("minutes: 45", "minutes: 45\nlevel: 3", "„level“ ist in"),
    ('mind: "Lässt', 'mind: ""\n#', "„mind“"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "problem"), MISTAKES)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in samples.WORKSHOP
    faulty = samples.WORKSHOP.replace(old, new, 1)
    faults = package.check(samples.write(tmp_path, faulty))
    found = [fault for fault in faults if problem in fault.problem]
    assert found, [str(fault) for fault in faults]
    assert found[0].path.endswith(samples.WORKSHOP_FILE)
    assert found[0].level == "error"
    assert found[0].remedy
    changed = samples.WORKSHOP[: samples.WORKSHOP.index(old)].count("\n") + 1
    assert abs(found[0].line - changed) <= 2, str(found[0])


@pytest.mark.parametrize("key", ["units", "media", "as_is", "to_be", "checks", "intro", "hints"])
@pytest.mark.parametrize("value", [None, [], "Text", ["Text"], {}])
def test_a_missing_or_strange_part_is_named(tmp_path: Path, key: str, value: object) -> None:
    data = YAML(typ="safe", pure=True).load(samples.WORKSHOP)
    data["as_of"] = str(data["as_of"])
    if value is None and key == "hints":
        del data[key]
    else:
        data[key] = value
    text = _dumped(data)
    faults = package.check(samples.write(tmp_path, text))
    fine = (key, value) in [("hints", None), ("intro", "Text")]
    assert any(fault.level == "error" for fault in faults) != fine


def test_more_than_20_steps_are_too_many(tmp_path: Path) -> None:
    step = "  - {block: formell, unit: steueramt, minutes: 1}\n"
    faults = package.check(samples.write(tmp_path, samples.WORKSHOP.replace(step, step * 15, 1)))
    assert [fault.problem for fault in faults if fault.level == "error"] == ["„to_be“ hat 21 Schritte."]


@pytest.mark.parametrize("units", [1, 6])
def test_two_to_five_units(tmp_path: Path, units: int) -> None:
    listed = "".join(f"  - {{id: stelle-{n}, title: Stelle {n}}}\n" for n in range(units))
    head, _, rest = samples.WORKSHOP.partition("units:\n")
    faults = package.check(
        samples.write(tmp_path, f"{head}units:\n{listed}media:{rest.partition('media:')[2]}")
    )
    assert any(f"In „units“ stehen {units} Einträge." == fault.problem for fault in faults)


def _dumped(data: object) -> str:
    out = StringIO()
    YAML(typ="safe", pure=True).dump(data, out)
    return out.getvalue()
