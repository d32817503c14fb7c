"""Every rule of ``courses check``: one change to a package that is right, and the fault it must cause."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from course_samples import LESSON, MODULE, PNG, QUIZ, SAMPLE, Changes, changed

from lms_tool.content import package
from lms_tool.content.package import PackageError

Write = Callable[[Changes], Path]


def test_a_right_package_has_no_fault(write: Write) -> None:
    root = write({})
    assert package.check(root) == []
    assert package.read(root).by_activity.keys() == {"eins", "test"}


# path, old text, new text, line of the fault, words of its problem
FAULTS = [
    # course.yaml
    ("course.yaml", "id: probe", "id: Probe!", 1, "keine gültige Kennung"),
    ("course.yaml", "id: probe\n", "", 1, "fehlt „id“"),
    ("course.yaml", "title: Probekurs", "title: 2026", 2, "„title“ ist eine Zahl"),
    ("course.yaml", "title: Probekurs", "title: ''", 2, "ist leer"),
    ("course.yaml", "title: Probekurs", f"title: {'x' * 4001}", 2, "länger als 4000"),
    ("course.yaml", "title: Probekurs", 'title: "a\\0b"', 2, "Steuerzeichen"),
    ("course.yaml", "title: Probekurs", 'title: "a\\uD800b"', 2, "Steuerzeichen"),
    ("course.yaml", "language: de", "language: tlh", 3, "gibt es nicht"),
    ("course.yaml", "language: de", "languages: de", 3, "„languages“ ist in course.yaml nicht bekannt"),
    ("course.yaml", "language: de", "title: noch einer", 3, "steht in course.yaml zweimal"),
    ("course.yaml", "summary: Ein", "summary: Ein: Kurs", 4, "Doppelpunkt"),
    ("course.yaml", "completion: all", "completion: some", 5, "gibt es nicht"),
    ("course.yaml", "completion: all", "completion: {at_least: 0}", 5, "„at_least“ ist 0"),
    ("course.yaml", "completion: all", "completion: {at_least: 2}", 1, "Verlangt sind 2 Module"),
    ("course.yaml", "completion: all", "completion: {at_most: 1}", 5, "fehlt „at_least“"),
    # module.yaml
    (MODULE, "id: anfang", "id: -anfang", 1, "keine gültige Kennung"),
    (MODULE, "requires: []", "requires: [woanders]", 9, "Das Modul „woanders“ gibt es nicht"),
    (MODULE, "requires: []", "requires: [anfang]", 1, "im Kreis"),
    (MODULE, "requires: []", "requires: woanders", 9, "muss eine Liste sein"),
    (MODULE, "requires: []", "requires: [a, a]", 9, "„a“ steht in „requires“ zweimal"),
    (MODULE, "completion: all", "completion: {at_least: 3}", 8, "Verlangt sind 3 Aktivitäten"),
    (MODULE, "zur Akte gehört", "zur Akte gehört.", 6, "endet mit einem Punkt"),
    (
        MODULE,
        "  - id: lz1\n",
        "  - id: lz1\n    text: a\n  - id: lz1\n",
        7,
        "Das Lernziel „lz1“ gibt es zweimal",
    ),
    (MODULE, "2025-05-13", "13.5.2025", 13, "kein Datum"),
    (MODULE, "2025-05-13", "2025-02-30", 13, "kein Datum"),
    (MODULE, '"01:Q1":', '"Der ganze Titel des Gesetzes":', 11, "Quellenschlüssel ist zu lang"),
    (MODULE, '    title: "Ein', '    titel: "Ein', 12, "„titel“ ist in „01:Q1“ nicht bekannt"),
    # lesson
    (LESSON, "---\nid: eins", "id: eins", 1, "Kopf der Seite fehlt"),
    (LESSON, "minutes: 12", "minutes: 0", 4, "„minutes“ ist 0"),
    (LESSON, "minutes: 12", "minutes: zwölf", 4, "„minutes“ ist Text"),
    (LESSON, "[lz1]", "[lz1, lz9]", 5, "Das Lernziel „lz9“ gibt es in diesem Modul nicht"),
    (LESSON, '["01:Q1"]', '["01:Q9"]', 6, "Die Quelle „01:Q9“ ist nirgends angegeben"),
    (LESSON, "as_of: 2026-11-21\n", "", 6, "kein Stand"),
    (LESSON, "{state: draft}", "{state: ready}", 8, "gibt es nicht"),
    (LESSON, "{state: draft}", "{state: reviewed}", 8, "fehlt „by“"),
    (LESSON, "{state: draft}", "{state: draft, by: Wer}", 8, "Ein Entwurf nennt eine Prüfung"),
    (
        LESSON,
        "{state: draft}",
        "{state: reviewed, by: Wer, on: 2026-11-21, until: 2026-11-20}",
        8,
        "„until“ liegt vor „on“",
    ),
    (LESSON, "completion: viewed", "completion: passed", 9, "gibt es nicht"),
    (LESSON, "requires: []", "requires: [zwei]", 10, "Die Aktivität „zwei“ gibt es nicht"),
    (LESSON, "requires: []", "requires: [Zwei]", 10, "keine gültige Kennung"),
    (LESSON, "requires: []", "requires: [test]", 1, "im Kreis"),
    (LESSON, "  kind: truefalse", "  kind: guess", 12, "„kind: guess“ gibt es nicht"),
    (
        LESSON,
        "  kind: truefalse",
        "  id: f1\n  kind: truefalse",
        12,
        "„id“ ist in der Kontrollfrage nicht bekannt",
    ),
    (LESSON, "  correct: true", '  correct: "ja"', 14, "„correct“ ist Text, erwartet wird true oder false"),
    (LESSON, "  feedback_true: Ja. Die Form ist gleichgültig.\n", "", 12, "fehlt „feedback_true“"),
    (LESSON, "[[kontrollfrage]]\n", "", 11, "hat keinen Platz im Text"),
    (LESSON, "[[kontrollfrage]]\n", "[[kontrollfrage]]\n\n[[kontrollfrage]]\n", 29, "zweimal im Text"),
    (LESSON, "[[kontrollfrage]]\n", "Hier: [[kontrollfrage]]\n", 27, "steht nicht allein"),
    (LESSON, "Es zählt die", "/// info\n[[kontrollfrage]]\n///\n", 26, "in einem Kasten"),
    (LESSON, "## Drei", "# Drei", 23, "schon eine Überschrift"),
    (LESSON, "## Drei", "### Drei", 23, "springt von Ebene 1 auf Ebene 3"),
    (LESSON, "## Drei", "##### Drei", 23, "zu tief gegliedert"),
    (LESSON, "## Drei Fragen", "## ", 23, "Überschrift ist leer"),
    (LESSON, "## Drei", "- Liste\n\n    ## Drei", 25, "in einer Liste oder einem Zitat"),
    (LESSON, "/// merke", "/// wichtig", 31, "Einen Kasten „wichtig“ gibt es nicht"),
    (LESSON, "/// merke", " /// merke", 31, "eingerückt"),
    (LESSON, "gleichgültig.\n///\n", "gleichgültig.\n", 31, "„merke“ wird nicht geschlossen"),
    (LESSON, "gleichgültig.\n///\n", "gleichgültig.\n///\n\n///\n", 35, "nicht offen ist"),
    (LESSON, "Die Form ist gleichgültig.\n///", "/// info\nx\n///", 32, "beginnt in einem anderen"),
    (LESSON, "Die Form ist gleichgültig.\n///", "## Nein\n///", 32, "Überschrift steht in einem Kasten"),
    (LESSON, "Die Form ist gleichgültig.\n///", "///", 32, "ist leer"),
    (LESSON, "/// merke", "/// table-caption", 31, "steht keine Tabelle"),
    (LESSON, "Es zählt", "```\nEs zählt", 25, "Code-Block wird nicht geschlossen"),
    (LESSON, "Es zählt", "Es <b>zählt</b>", 25, "HTML ist nicht erlaubt: <b>"),
    (LESSON, "Es zählt", "<!-- später -->", 25, "HTML ist nicht erlaubt"),
    (LESSON, "glossar:akte", "glossar:akten", 25, "Den Glossarbegriff „akten“ gibt es nicht"),
    (LESSON, "glossar:akte", "glossar:Die Akte", 25, "keine gültige Kennung"),
    (LESSON, "glossar:akte", "lektion:zwei", 25, "Die Aktivität „zwei“ gibt es nicht"),
    (LESSON, "glossar:akte", "http://example.org", 25, "kein erlaubtes Ziel"),
    (LESSON, "glossar:akte", "/k/_/a/eins", 25, "kein erlaubtes Ziel"),
    (LESSON, "[Aktenrelevanz]", "[]", 25, "Link hat keinen Text"),
    (LESSON, "![Eine Akte enthält Vorgänge]", "![]", 29, "keinen Alternativtext"),
    (LESSON, "media/akte.png", "media/fehlt.png", 29, "Das Bild „media/fehlt.png“ gibt es nicht"),
    (LESSON, "media/akte.png", "https://example.org/a.png", 29, "gibt es nicht"),
    (LESSON, "media/akte.png", "media/../course.yaml", 29, "gibt es nicht"),
    (LESSON, "Es zählt", "Es \x07zählt", 25, "Steuerzeichen"),
    (LESSON, "Es zählt", "[" * 1001, 25, "eckige Klammern"),
    # test
    (QUIZ, "kind: quiz", "kind: exam", 2, "gibt es nicht"),
    (QUIZ, "attempts: 3", "attempts: 0", 5, "„attempts“ ist 0"),
    (QUIZ, "attempts: 3", "attempts: ever", 5, "„attempts: ever“ gibt es nicht"),
    (QUIZ, "pass_percent: 60", "pass_percent: 101", 6, "„pass_percent“ ist 101"),
    (QUIZ, "feedback: immediate", "feedback: never", 7, "gibt es nicht"),
    (QUIZ, "completion: passed", "completion: viewed", 8, "gibt es nicht"),
    (QUIZ, "  - id: f2", "  - id: f1", 23, "hat schon eine andere Frage"),
    (QUIZ, "    kind: single", "    kind: guess", 15, "„kind: guess“ gibt es nicht"),
    (QUIZ, "    objective: lz1\n", "", 14, "fehlt „objective“"),
    (QUIZ, "objective: lz1", "objective: lz7", 16, "Das Lernziel „lz7“"),
    (QUIZ, "points: 2", "points: 1.5", 17, "„points“ ist eine Kommazahl"),
    (QUIZ, "points: 2", "point: 2", 17, "„point“ ist in Frage 1 nicht bekannt"),
    (QUIZ, "{id: a, text: Nichts.", "{id: b, text: Nichts.", 19, "Die Kennung „b“ kommt 2-mal vor"),
    (QUIZ, "text: Nichts.", "text: Einen Vermerk schreiben.", 19, "kommt 2-mal vor"),
    (QUIZ, "text: Nichts.", "text: <b>Nichts.</b>", 20, "HTML ist nicht erlaubt"),
    (QUIZ, ', feedback: "Nein, der Befund ginge verloren."', "", 20, "fehlt „feedback“"),
    (
        QUIZ,
        "correct: true, feedback: Ja.}\n    read",
        "feedback: Ja.}\n    read",
        19,
        "Keine Antwort ist als richtig",
    ),
    (QUIZ, "text: Nichts.", "correct: true, text: Nichts.", 19, "2 Antworten sind als richtig markiert"),
    (QUIZ, "Antrag, correct: true", "Antrag", None, ""),
    (QUIZ, "read_more: eins", "read_more: drei", 22, "Die Aktivität „drei“ gibt es nicht"),
    (QUIZ, "read_more: eins", "read_more: test", 13, "verweist auf den eigenen Test"),
    (QUIZ, "read_more: eins", "read_more: Eins!", 22, "keine gültige Kennung"),
    (QUIZ, "requires: [eins]", "requires: [test]", 1, "im Kreis"),
    # glossary.yaml
    ("glossary.yaml", "- id: akte", "akte:\n- id: akte", 1, "glossary.yaml muss eine Liste sein"),
    ("glossary.yaml", "- id: akte", "- wort\n- id: akte", 1, "Eintrag 1 in glossary.yaml muss aus"),
    ("glossary.yaml", "01:Q1", "09:Q9", 5, "Die Quelle „09:Q9“"),
    ("glossary.yaml", "lektion:eins", "lektion:drei", 4, "Die Aktivität „drei“ gibt es nicht"),
    ("glossary.yaml", "  term: Akte\n", "", 1, "fehlt „term“"),
]


@pytest.mark.parametrize(("path", "old", "new", "line", "words"), FAULTS)
def test_a_fault_is_named_with_file_and_line(
    write: Write, path: str, old: str, new: str, line: int | None, words: str
) -> None:
    root = write(changed(path, old, new))
    faults = package.check(root)
    if line is None:
        assert faults == []
        return
    here = [fault for fault in faults if fault.path.endswith((path, MODULE)) and fault.line == line]
    assert any(fault.level == "error" and words in fault.problem for fault in here), faults
    assert all(fault.remedy.endswith(".") and fault.problem for fault in faults)
    with pytest.raises(PackageError) as refused:
        package.read(root)
    assert list(refused.value.faults) == package.inspect(root).structure
    assert refused.value.code == "package_invalid"
    assert str(refused.value.faults[0]) in str(refused.value)


FILES: list[tuple[Changes, str, str]] = [
    ({"course.yaml": None}, "course.yaml", "Die Datei fehlt"),
    ({MODULE: None}, MODULE, "Die Datei fehlt"),
    ({"course.yaml": ""}, "course.yaml", "ist leer"),
    ({"course.yaml": "id: ä".encode("latin-1")}, "course.yaml", "nicht in UTF-8"),
    ({"course.yaml": b"id: \x00"}, "course.yaml", "kein lesbares YAML"),
    ({"course.yaml": "title: &a x\nid: *a"}, "course.yaml", "Anker und Verweise"),
    ({"course.yaml": "[" * 5000}, "course.yaml", "zu tief verschachtelt"),
    ({"course.yaml": "%YAML 1.1\n---\nid: no"}, "course.yaml", "YAML-Anweisungen"),
    ({"course.yaml": "id: a\n---\nid: b"}, "course.yaml", "zweites Dokument"),
    ({"course.yaml": "? [a]\n: b"}, "course.yaml", "kein Wort"),
    (
        {LESSON: SAMPLE[LESSON], "modules/01-anfang/03-eins.md": SAMPLE[LESSON]},
        "03-eins.md",
        "gibt es schon in",
    ),
    ({"modules/02-mehr/module.yaml": SAMPLE[MODULE]}, "modules/02-mehr/module.yaml", "gibt es schon in"),
    ({"modules/01-anfang/01-zwei.md": SAMPLE[LESSON]}, "01-zwei.md", "Die Nummer 01 gibt es hier zweimal"),
    ({"modules/01-mehr/module.yaml": SAMPLE[MODULE]}, "01-mehr", "Die Nummer 01 gibt es hier zweimal"),
    ({LESSON: "x" * (1024 * 1024 + 1)}, LESSON, "größer als 1 MiB"),
    ({"media/gross.png": PNG + bytes(8 * 1024 * 1024)}, "media/gross.png", "größer als 8 MiB"),
    ({"media/film.gif": b"GIF89a"}, "media/film.gif", "Art von Datei ist nicht erlaubt"),
    ({"media/akte.png": b"<svg/>"}, "media/akte.png", "kein Bild der Art png"),
    ({"media/ein bild.png": PNG}, "media/ein bild.png", "Dateiname ist nicht erlaubt"),
]


@pytest.mark.parametrize(("changes", "path", "words"), FILES)
def test_a_file_that_does_not_fit_is_named(write: Write, changes: Changes, path: str, words: str) -> None:
    faults = package.check(write(changes))
    assert any(
        path in fault.path and words in fault.problem and fault.level == "error" for fault in faults
    ), faults


def test_the_package_has_a_size(write: Write) -> None:
    big = PNG + bytes(8 * 1024 * 1024 - len(PNG))
    root = write({f"media/bild{number}.png": big for number in range(9)})
    assert any("größer als 64 MiB" in fault.problem for fault in package.check(root))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "Diesen Ordner gibt es nicht" in str(package.check(tmp_path / "nirgends")[0])


def test_links_and_special_files_are_refused(write: Write, tmp_path: Path) -> None:
    root = write({})
    secret = tmp_path / "geheim.png"
    secret.write_bytes(PNG)
    (root / "media" / "link.png").symlink_to(secret)
    (root / "modules" / "02-link").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(root / "media" / "rohr.png")
    problems = {Path(fault.path).name: fault.problem for fault in package.check(root)}
    assert "Verknüpfungen" in problems["link.png"]
    assert "Verknüpfungen" in problems["02-link"]
    assert "keine gewöhnliche Datei" in problems["rohr.png"]


WARNINGS: list[tuple[Changes, str]] = [
    ({"modules/01-anfang/notizen.txt": "x"}, "gehört nicht zum Format"),
    ({"media/akte2.png": PNG}, "Das Bild wird nicht verwendet"),
    (
        changed(MODULE, "sources:\n", 'sources:\n  "01:Q2":\n    title: "B"\n'),
        "Die Quelle „01:Q2“ nennt keine",
    ),
]


@pytest.mark.parametrize(("changes", "words"), WARNINGS)
def test_a_warning_does_not_stop_the_package(write: Write, changes: Changes, words: str) -> None:
    root = write(changes)
    (fault,) = package.check(root)
    assert fault.level == "warning"
    assert words in fault.problem
    assert "Hinweis: " in str(fault)
    assert package.read(root).id == "probe"


def test_one_source_with_two_titles_is_pointed_out(write: Write) -> None:
    module, lesson = SAMPLE[MODULE], SAMPLE[LESSON]
    assert isinstance(module, str)
    assert isinstance(lesson, str)
    root = write(
        {
            "modules/02-mehr/module.yaml": module.replace("id: anfang", "id: mehr").replace(
                "Ein Gesetz", "Kein Gesetz"
            ),
            "modules/02-mehr/01-zwei.md": lesson.replace("id: eins", "id: zwei"),
        }
    )
    (fault,) = package.inspect(root).structure
    assert "heißt in einem anderen Modul anders" in fault.problem
    assert fault.line == 11


def test_hidden_files_do_not_matter(write: Write) -> None:
    assert package.check(write({".git/config": "x", "media/.DS_Store": "x", ".editorconfig": "x"})) == []


def test_nothing_may_wait_for_what_cannot_be_completed(write: Write) -> None:
    (fault,) = package.check(write(changed(LESSON, "completion: viewed", "completion: none")))
    assert (fault.path.endswith(QUIZ), fault.line) == (True, 9)
    assert "keinen Abschluss" in fault.problem


def test_a_module_without_completion_cannot_be_completed(write: Write) -> None:
    without = changed(LESSON, "completion: viewed", "completion: none") | changed(
        QUIZ, "completion: passed\nrequires: [eins]", "completion: none"
    )
    assert any("Es gibt keine Aktivitäten" in fault.problem for fault in package.check(write(without)))


def test_waiting_in_a_circle_over_two_modules(write: Write) -> None:
    module, lesson = SAMPLE[MODULE], SAMPLE[LESSON]
    assert isinstance(module, str)
    assert isinstance(lesson, str)
    root = write(
        {
            **changed(LESSON, "requires: []", "requires: [zwei]"),
            "modules/02-mehr/module.yaml": module.replace("id: anfang", "id: mehr").replace(
                "s: []", "s: [anfang]"
            ),
            "modules/02-mehr/01-zwei.md": lesson.replace("id: eins", "id: zwei"),
        }
    )
    (fault,) = package.inspect(root).structure
    assert "im Kreis" in fault.problem
    assert "anfang" in fault.problem


def test_line_ends_and_byte_order_mark_do_not_matter(write: Write) -> None:
    lesson = SAMPLE[LESSON]
    assert isinstance(lesson, str)
    plain = package.read(write({}))
    assert package.read(write({LESSON: b"\xef\xbb\xbf" + lesson.replace("\n", "\r\n").encode()})) == plain


def test_a_module_may_be_open_to_launches_without_a_person(write: Write) -> None:
    assert not package.read(write({})).modules[0].anonymous
    assert package.read(write(changed(MODULE, "requires: []", "anonymous: true"))).modules[0].anonymous
