"""Branching cases: what an author writes is read whole, and every mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_samples import CASE, CASE_FILE, case_activity, course, write
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.content import package, stored
from lms_tool.content.branches import fewest_decisions, leading_to, reached
from lms_tool.content.course import CompletionRule

LOOP = """\
=== kreis: Im Kreis
Immer wieder.

- [Weiter.](#kreis-zwei)

=== kreis-zwei: Noch einmal
Und wieder.

- [Weiter.](#kreis)

"""


def test_what_is_written_is_read(tmp_path: Path) -> None:
    activity, case = case_activity(tmp_path)
    assert (activity.kind, activity.completion) == ("case", CompletionRule.FINISHED)
    start = case.scenes[0]
    assert (start.id, start.title) == ("anfang", "Ein Anruf am Freitag")
    assert "<li>Der Bildschirm ist schwarz.</li>" in start.html
    assert "„Da stimmt etwas nicht“" in start.html
    assert 'aria-label="Merke"' in start.html
    assert "dienstleister" not in start.html
    assert [choice.to for choice in start.choices] == ["dienstleister", "abwarten", "anfang"]
    assert start.choices[0].text_html == "Sie rufen <em>sofort</em> den Dienstleister an."
    assert start.choices[0].consequence_html.startswith("Nach zehn Minuten meldet sich")
    assert 'href="/k/_/glossary#akte"' in start.choices[0].consequence_html
    assert start.choices[1].text_html == "Sie schreiben eine E-Mail und gehen in die Mittagspause."
    assert start.choices[1].consequence_html == ""
    assert [end.id for end in case.ends] == ["ende-still", "ende-offen"]
    assert case.debrief.title == "Was hätte wann geholfen?"
    # An end and the debrief share a page: their boxes have different names.
    assert 'aria-label="Merke"' in case.by_id["ende-still"].html
    assert 'aria-label="Merke 2"' in case.debrief.html


def test_it_survives_being_stored(tmp_path: Path) -> None:
    made = course(tmp_path)
    assert stored.restore(stored.dump(made)) == made


def test_the_sample_has_no_finding(tmp_path: Path) -> None:
    assert [str(fault) for fault in package.inspect(write(tmp_path)).structure] == []


CERT = "- [Das CERT.](#presse)"
NO_CHOICE = f"{CERT}\n\n=== presse: Die Zeitung ruft an\nWas sagen Sie?\n\n- [Nichts.](#schweigen)"
MISTAKES = [
    ("(#dienstleister)", "(#dienstleisterin)", "- [Sie rufen *sofort*", "Die Szene „dienstleisterin“ gibt es nicht"),
    ("(#ende-still)", "(#debrief)", "- [Am Montag", "führt in die Auswertung"),
    ("=== presse:", "=== melden:", "=== melden: Die Zeitung", "„melden“ gibt es zweimal"),
    ("=== debrief:", "=== fazit:", "=== anfang", "fehlt die Auswertung"),
    ("=== debrief:", f"{LOOP}=== debrief:", "=== kreis:", "Zur Szene „kreis“ führt kein Weg"),
    ("=== debrief:", f"{LOOP}=== debrief:", "=== kreis-zwei:", "„kreis-zwei“ führt kein Weg zu einem Ende"),
    ("Zeitung auf.](#ende-still)", "Zeitung auf.](#schweigen)", "=== schweigen", "führt kein Weg zu einem Ende"),
    ("=== dienstleister: Die", "=== dienstleister Die", "=== dienstleister Die", "beginnt keine Szene"),
    ("=== melden:", "=== Melden:", "=== Melden:", "„Melden“ ist keine gültige Kennung"),
    ("=== melden: Wer", f"=== melden: {'Wer ' * 31}", "=== melden:", "länger als 120 Zeichen"),
    ("Die Bürgermeisterin fragt, wer informiert wurde.\n", "\n", "=== melden", "„melden“ hat keinen Text"),
    ("Der Artikel ist kurz.", "## Kurz\nDer Artikel.", "## Kurz", "steht eine Überschrift"),
    ("Der Artikel ist kurz.", "Kurz.\n\n[[kontrollfrage]]", "[[kontroll", "hat keine Kontrollfrage"),
    ("Der Artikel ist kurz.", "/// merke\nKurz.\n", "/// merke\nKurz", "„merke“ wird nicht geschlossen"),
    (CERT, f"{CERT}\n\nDanach.", "Danach.", "steht noch Text"),
    (CERT, f"{CERT}\nAlle rufen an.", "Alle rufen", "steht noch Text"),
    (CERT, "- Das CERT.", "- Das CERT.", "fehlt ihr Ziel"),
    (CERT, "- [](#presse)", "- [](#presse)", "fehlt ihr Text"),
    (CERT, "- [Das [C](glossar:akte).](#presse)", "- [Das [C]", "steht ein Link"),
    (CERT, "- [Das <b>C</b>.](#presse)", "- [Das <b>", "HTML ist nicht erlaubt"),
    (CERT, f"{CERT}\n- [A](#presse)\n- [B](#presse)\n- [C](#presse)", "- [C](", "mehr als 4"),
    (NO_CHOICE, "\n=== presse: P\nWas?\n", "=== anfang", "nur 3 Szenen mit einer Wahl"),
    ("(#ende-offen)", "(#ende-still)", "=== ende-offen", "Zur Szene „ende-offen“ führt kein Weg"),
    ("=== anfang", "Vorweg.\n\n=== anfang", "Vorweg.", "Vor der ersten Szene"),
    ("Ein Zettel am Telefon.", "Z.\n\n- [Weiter.](#anfang)", "- [Weiter.]", "Die Auswertung hat Entsch"),
    ("kind: case", "kind: case\nfarbe: rot", "farbe", "„farbe“ ist in"),
    ("review: {state: draft}", "completion: viewed", "completion", "„completion: viewed“ gibt es nicht"),
    ("glossar:akte", "glossar:aktte", "  Nach zehn Minuten", "„aktte“ gibt es nicht"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"), MISTAKES, ids=[case[3][:40] for case in MISTAKES]
)
def test_every_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, place: str, problem: str
) -> None:
    assert old in CASE
    text = CASE.replace(old, new, 1)
    # Faults of the whole are told at the first line of the body, which is empty and above the first scene.
    whole = place == "=== anfang" and "===" not in problem and "Vor der" not in problem
    wanted = text[: text.index(place)].count("\n") + 1 - int(whole)
    found = package.inspect(write(tmp_path, case=text)).structure
    told = [(fault.line, fault.problem) for fault in found if problem in fault.problem]
    assert told, [str(fault) for fault in found]
    assert wanted in {line for line, _ in told}, (told, wanted)
    with pytest.raises(package.PackageError):
        package.read(tmp_path)


def test_one_end_is_too_few(tmp_path: Path) -> None:
    text = CASE.replace("(#ende-offen)", "(#ende-still)")
    start = text.index("=== ende-offen")
    text = text[:start] + text[text.index("=== debrief") :]
    found = package.inspect(write(tmp_path, case=text)).structure
    errors = [fault.problem for fault in found if fault.level == "error"]
    assert errors == ["Das Fallbeispiel hat zu wenige Enden: 1."]


def test_a_short_way_is_a_hint(tmp_path: Path) -> None:
    text = CASE.replace(CERT, "- [Das CERT.](#ende-offen)")
    (found,) = package.inspect(write(tmp_path, case=text)).structure
    assert (found.level, found.problem) == (
        "warning", "Ein Weg kommt nach nur 3 Entscheidungen an ein Ende.",
    )  # fmt: skip


STRANGE = [
    "",
    "===",
    "=== a",
    "=== a:",
    "=== debrief: D\nText",
    "=== a: A\n- [x](#a",
    "- [x](#y)",
    "=== a: A\n- [",
]


@pytest.mark.parametrize("body", [*STRANGE, "=== a: A\n=== a: A"])
def test_strange_bodies_are_refused_and_break_nothing(tmp_path: Path, body: str) -> None:
    head = CASE[: CASE.index("=== anfang")]
    found = package.inspect(write(tmp_path, case=head + body)).structure
    assert any(fault.level == "error" and fault.path.endswith(CASE_FILE) for fault in found)


SCENES = [f"s{number}" for number in range(7)]
GRAPHS = st.fixed_dictionaries(
    {scene: st.lists(st.sampled_from([*SCENES, "nirgends"]), max_size=3) for scene in SCENES}
)


def closure(graph: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Every pair with a way from the one to the other: Warshall's, as slow as it is plain."""
    pairs = {(scene, scene) for scene in graph}
    pairs |= {(scene, to) for scene, targets in graph.items() for to in targets if to in graph}
    for middle in graph:
        pairs |= {
            (start, end)
            for start in graph
            for end in graph
            if (start, middle) in pairs and (middle, end) in pairs
        }
    return pairs


@given(GRAPHS)
def test_the_checker_is_right_about_what_can_be_reached(graph: dict[str, list[str]]) -> None:
    pairs = closure(graph)
    ends = [scene for scene, targets in graph.items() if not targets]
    assert reached(graph, ["s0"]) == {scene for scene in graph if ("s0", scene) in pairs}
    assert leading_to(graph, ends) == {scene for scene in graph if any((scene, end) in pairs for end in ends)}


@given(GRAPHS)
def test_no_way_has_fewer_decisions_than_the_fewest(graph: dict[str, list[str]]) -> None:
    def walk(scene: str, seen: tuple[str, ...]) -> list[int]:
        """Decisions on every way to an end that meets no scene twice: the shortest is among them."""
        if not graph[scene]:
            return [0]
        step = int(len(graph[scene]) > 1)
        onward = [to for to in graph[scene] if to in graph and to not in (*seen, scene)]
        return [step + more for to in onward for more in walk(to, (*seen, scene))]

    assert fewest_decisions(graph, "s0") == min(walk("s0", ()), default=None)
