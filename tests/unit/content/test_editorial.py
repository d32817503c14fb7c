"""Every editorial rule: a text that it finds, with the line, and a text that it does not find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from course_samples import LESSON, MODULE, QUIZ, SAMPLE, Changes, changed

from lms_tool.content import package
from lms_tool.content.editorial import LEVELS
from lms_tool.content.faults import Fault

Write = Callable[[Changes], Path]

LONG = "Die Stadt prüft " + "und sie prüft " * 8 + "gern."  # 28 words
BODY = "Es zählt die [Aktenrelevanz](glossar:akte).\n"
BODY_LINE = 25
EASY = "Die Akte liegt im Amt und ist da. " * 20
HARD = "Verwaltungsdigitalisierung erfordert Organisationsentwicklung. " * 40
EVEN = "Die Frau im Amt hat die Akte da und gibt sie gern an ein Haus ab. " * 10  # 16 words a sentence


def found(root: Path) -> list[Fault]:
    inspected = package.inspect(root)
    assert [fault for fault in inspected.structure if fault.level == "error"] == []
    return inspected.editorial


def lesson(text: str, *, box: str = "") -> Changes:
    """The sample's lesson with ``text`` in place of its paragraph (line 25), or in a box (line 26)."""
    return changed(LESSON, BODY, f"/// {box}\n{text}\n///\n" if box else f"{text}\n")


# What stands in line 25 of the lesson, words of the finding, and the line.
FOUND = [
    (LONG, "Der Satz hat 28 Wörter: „Die Stadt prüft und sie prüft …“", 25),
    (f"Zuerst dies.\nDann das. {LONG}", "Der Satz hat 28 Wörter", 26),
    (f"- eins\n- {LONG}", "Der Satz hat 28 Wörter", 26),
    (f"| a | b |\n|---|---|\n| c | {LONG} |", "Der Satz hat 28 Wörter", 27),
    (HARD, "Der Text ist schwer zu lesen: LIX 9", 20),
    (EVEN, "mehr als 15 Wörter (Median 16)", 20),
    ("Ob das gilt, ist nicht belegt.", "„nicht belegt“ gehört in den Kasten „pruefen“", 25),
    ("Das ist so.\nVermutlich gilt es.", "„Vermutlich“ gehört", 26),
    ("Das ist bisher nicht\nsicher belegt.", "„nicht sicher belegt“ gehört", 25),
    ("Ein Bürger\nstellt einen Antrag.", "„Bürger“ nennt nur Männer", 25),
    (
        "Die Bürgerin fragt. Heute und morgen und übermorgen antworten Mitarbeiter.",
        "„Mitarbeiter“ nennt nur",
        25,
    ),
    ("Die Digital-Navigatoren helfen.", "„Digital-Navigatoren“ nennt nur Männer", 25),
    ("Fragen Sie die Kollegen.", "„Kollegen“ nennt nur Männer", 25),
    ("Im Amt sitzen zwei Beamte.", "„Beamte“ nennt nur Männer", 25),
    ("Die Lotsen sitzen beim Verband.", "„Lotsen“ nennt nur Männer", 25),
    ("Ein DMS hilft.", "Die Abkürzung „DMS“ wird hier zum ersten Mal", 25),
    ("Erst Text.\nNach § 16 SächsEGovG geht das.", "Die Abkürzung „SächsEGovG“", 26),
    ("Das ist geregelt (§ 16 SächsEGovG).", "Die Abkürzung „SächsEGovG“", 25),
    ("Die OZG-Umsetzung beginnt. Das Onlinezugangsgesetz (OZG) gilt.", "Die Abkürzung „OZG“", 25),
    ("Gut gemacht!", "Ausrufezeichen", 25),
    ("Das ist ganz\neinfach.", "„einfach“ hilft niemandem", 26),
    ("Das heißt «Akte».", "in Pfeilform", 25),
]


@pytest.mark.parametrize(("text", "words", "line"), FOUND)
def test_it_is_found_in_its_line(write: Write, text: str, words: str, line: int) -> None:
    faults = found(write(lesson(text)))
    assert [fault.line for fault in faults if words in fault.problem] == [line]
    assert len(faults) == 1
    assert all(fault.path.endswith(LESSON) and fault.remedy.endswith((".", "}")) for fault in faults)


NOT_FOUND = [
    "Am 24. Juli 2024 gilt z. B. § 16 Abs. 2. Das prüft die Stadt bzw. das Amt. " * 3,
    EASY,
    "Verwaltungsdigitalisierung erfordert Organisationsentwicklung.",  # too short a page to be measured
    'Das Amt schreibt: "Das ist vermutlich falsch."',
    "Bürgerinnen und Bürger fragen. Fragen Sie Ihre Lotsin oder Ihren Lotsen.",
    "Die Kolleginnen und Kollegen helfen. Ein Kollege ruft an. Sie fragt einen Kollegen und hört vom Kollegen.",
    "Der Bürgerservice im Bürgeramt legt ein Nutzerkonto an. Das Programm heißt Digital-Lotsen-Sachsen.",
    'Die Person heißt dort "Lotse". Wir nennen sie „Navigator“.',
    "Beamtinnen und Beamte arbeiten mit Beschäftigten.",
    "Ein Dokumentenmanagementsystem (DMS) hilft. Das DMS sucht. Die DMS-Einführung dauert.",
    "Das DMS (Dokumentenmanagementsystem) hilft.",
    "Ein Dokumentenmanagementsystem (kurz: DMS) hilft.",
    "Ein [DMS](glossar:akte) hilft. So steht es im Gesetz ([OZG](glossar:akte)).",
    "KDN steht für Kommunales Datennetz.",
    "Das gilt (§ 16 des Sächsischen E-Government-Gesetzes, SächsEGovG).",
    "Die PDF-Datei aus der IT kostet die EU nichts. Teil II und Weg A. Heinrich III. PayPal zahlt.",
    "## Das OZG\n\nDas Onlinezugangsgesetz (OZG) gilt.",
    "```\nOZG einfach!\n```",
    "Die einfache Signatur genügt, sie ist einfacher.",
    'Er ruft: "Das ist einfach!"',
    "[Bürgerinnen](https://www.example.org/Bürger/DMS!)",
]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_it_is_not_found(write: Write, text: str) -> None:
    assert found(write(lesson(text))) == []


def test_doubts_have_their_box(write: Write) -> None:
    assert found(write(lesson("Ob das gilt, ist nicht belegt.", box="pruefen"))) == []
    (fault,) = found(write(lesson("Ob das gilt, ist nicht belegt.", box="info")))
    assert fault.line == 26


def test_an_abbreviation_is_named_once_a_page(write: Write) -> None:
    (fault,) = found(write(lesson("Ein DMS hilft.\nDas DMS sucht.")))
    assert fault.line == 25


def test_a_course_has_abbreviations_of_its_own(write: Write) -> None:
    names = changed("course.yaml", "language: de", "language: de\nabbreviations: [DMS]")
    assert found(write(lesson("Ein DMS hilft.") | names)) == []


@pytest.mark.parametrize("path", [LESSON, QUIZ])
@pytest.mark.parametrize("sources", ["", "sources: []\n"])
def test_a_page_names_its_sources(write: Write, path: str, sources: str) -> None:
    (fault,) = found(write(changed(path, 'sources: ["01:Q1"]\n', sources)))
    assert "nennt keine Quelle" in fault.problem
    assert (fault.path.endswith(path), fault.level) == (True, "error")
    line = str(SAMPLE[path]).split("\n").index('sources: ["01:Q1"]') + 1
    assert fault.line == (line if sources else 2 if path == LESSON else 1)


def test_every_objective_is_asked_for(write: Write) -> None:
    more = changed(MODULE, "outcome:", "  - id: lz2\n    text: ablegen\noutcome:")
    (fault,) = found(write(more))
    assert (fault.path.endswith(MODULE), fault.line, fault.level) == (True, 7, "error")
    assert "Zum Lernziel „lz2“ gibt es keine Frage" in fault.problem


def test_a_module_without_a_test_is_pointed_out(write: Write) -> None:
    more = changed(MODULE, "outcome:", "  - id: lz2\n    text: ablegen\noutcome:")
    faults = found(write(more | {QUIZ: None}))
    assert [(fault.line, fault.level) for fault in faults] == [(1, "warning"), (7, "warning")]
    assert "hat keinen Test" in faults[0].problem
    assert "Zum Lernziel „lz2“ gehört keine Aktivität" in faults[1].problem


def test_a_broken_module_is_not_asked_whether_it_is_complete(write: Write) -> None:
    inspected = package.inspect(write(changed(QUIZ, "kind: quiz", "kind: exam")))
    assert len(inspected.structure) == 1
    assert inspected.editorial == []


# In the test's YAML: replacement for the words of an answer, words of the finding, its line.
IN_YAML = [
    (f"    text: {LONG}", "Der Satz hat 28", 18),
    (f"    text: >-\n      Kurz.\n\n      {LONG}", "Der Satz hat 28", 21),
    (f"    text: |\n      Kurz.\n      {LONG}", "Der Satz hat 28", 20),
    (f"    text: Erst kurz\n      und dann. {LONG}", "Der Satz hat 28", 19),
    (f'    text: "Erst \\"kurz\\"\n      und dann. {LONG}"', "Der Satz hat 28", 19),
    (f"    text: 'Erst ''kurz''\n      und dann. {LONG}'", "Der Satz hat 28", 19),
    ("    text: Was tut der Bürger?", "„Bürger“ nennt nur Männer", 18),
    ("    text: Was heißt «Akte»?", "in Pfeilform", 18),
    ("    text: Das ist angeblich so. Was tun Sie?", "„angeblich“ gehört", 18),
]


@pytest.mark.parametrize(("text", "words", "line"), IN_YAML)
def test_yaml_knows_its_lines_too(write: Write, text: str, words: str, line: int) -> None:
    (fault,) = found(write(changed(QUIZ, "    text: Ein Anruf ändert eine Frist. Was tun Sie?", text)))
    assert words in fault.problem
    assert (fault.path.endswith(QUIZ), fault.line) == (True, line)


@pytest.mark.parametrize(
    ("path", "old", "new", "line"),
    [
        ("course.yaml", "Ein Kurs zum Prüfen.", "Für Mitarbeiter.", 4),
        ("glossary.yaml", "der Verwaltung.", "der Nutzer.", 4),
        (MODULE, "Drei Sätze.", "Für Teilnehmer.", 3),
        (MODULE, "Eine Zeile der Agenda", "Eine Liste der Ansprechpartner", 7),
        (LESSON, "Was gehört in die Akte?", "Was gehört den Einwohnern?", 3),
        (LESSON, "Doch, auch eine E-Mail.", "Doch, auch für Kunden.", 16),
        (LESSON, "![Eine Akte enthält Vorgänge]", "![Ein Antragsteller trägt eine Akte]", 29),
        (QUIZ, "feedback: Ja.}\n    read", "feedback: Die Leiter sehen es.}\n    read", 21),
    ],
)
def test_every_text_that_somebody_reads_is_looked_at(
    write: Write, path: str, old: str, new: str, line: int
) -> None:
    (fault,) = found(write(changed(path, old, new)))
    assert "nennt nur Männer" in fault.problem
    assert (fault.path.endswith(path), fault.line) == (True, line)


def test_titles_of_sources_are_quoted_as_they_are(write: Write) -> None:
    assert found(write(changed(MODULE, "Ein Gesetz", "Die Bürger! «Einfach» im OZG, vermutlich"))) == []


def test_a_cheat_sheet_fits_on_a_page(write: Write) -> None:
    head = "---\nid: zettel\nkind: cheatsheet\ntitle: Zettel\nminutes: 5\n"
    path = "modules/01-anfang/90-zettel.md"
    full = f'{head}sources: ["01:Q1"]\nas_of: 2026-11-21\n---\n\n{EASY}'
    assert found(write({path: full})) == []
    (fault,) = found(write({path: full + EASY * 2}))
    assert (fault.line, fault.level) == (10, "warning")
    assert "Der Spickzettel hat 480 Wörter" in fault.problem


def test_findings_do_not_keep_a_course_from_being_read(write: Write) -> None:
    root = write(lesson(f"{LONG} Die Bürger warten!"))
    assert {fault.level for fault in package.check(root)} == {"error", "warning"}
    assert package.read(root).id == "probe"


def test_figures_are_those_of_the_running_text(write: Write) -> None:
    body = "Die Akte liegt hier.\n\n## Noch eine Überschrift\n\n| a | b |\n|---|---|\n| c d | e |"
    pages = dict(package.inspect(write(lesson(body))).readability())
    assert [Path(path).name for path in pages] == ["01-eins.md", "02-test.yaml"]
    page = next(iter(pages.values()))
    assert page.words == 8 + 4 + 4  # the situation, the paragraph and the box; no heading, no cell
    assert (page.sentences, page.longest) == (3, 8)


def test_every_level_is_one() -> None:
    assert set(LEVELS.values()) == {"error", "warning"}
