"""What leaves the workshop: the drawing and the table, whatever was typed into them."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask

from lms_tool.runtime import Runtime

from .test_workshop import step
from .workbench import Bench, Workplace, workplace


@pytest.fixture
def place(app: Flask, tool: Runtime, tmp_path: Path) -> Workplace:
    return workplace(app, tool, tmp_path)


@pytest.fixture
def anna(place: Workplace) -> Bench:
    return place.enter()


def test_what_is_typed_is_text_everywhere(anna: Bench) -> None:
    nasty = "</text><script>alert(1)</script>\"'&"
    anna.save([step("eingang", note=nasty), step("scannen", note="=1+1"), step("ausgang", note="-2")], 0)
    for path in ("", "to-be", "to-be?step=1", "compare"):
        anna.get(path)
        assert anna.status == 200
        assert "<script>alert" not in anna.page
    picture = anna.get("to-be.svg")
    assert picture.mimetype == "image/svg+xml"
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    tree = ElementTree.fromstring(picture.get_data())
    texts = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert nasty[:31].rstrip() + "…" in texts
    assert not list(tree.iter("{http://www.w3.org/2000/svg}script"))


def test_the_drawing_names_everything(anna: Bench) -> None:
    tree = ElementTree.fromstring(anna.get("as-is.svg").get_data())
    texts = [node.text or "" for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    for unit in ("Poststelle", "Steueramt", "Amtsleitung"):
        assert unit in texts
    assert "Hundesteuer anmelden: Heute (Ist)" in texts
    for text in (
        "Angaben abtippen",
        "Papier → Fachverfahren",
        "5 min",
        "Medienwechsel",
        "Medienwechsel, hin und zurück",
        "3 min · 2 Tage",
    ):
        assert text in texts
    assert any(text.startswith("Bausteine 15 · Medienwechsel 3 · Übergaben 4") for text in texts)
    assert [text for text in texts if text.isdigit()] == [str(number) for number in range(1, 16)]


def test_the_table_opens_in_a_spreadsheet_and_calculates_nothing(anna: Bench) -> None:
    anna.save(
        [
            step("eingang", note='=HYPERLINK("http://x")'),
            step("scannen", note="+49 351", before="papier", after="datei", minutes=3),
            step("ausgang", note=" @summe; und mehr", days=2),
        ],
        0,
    )
    answer = anna.get("to-be.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="werkstatt-hundesteuer-to-be.csv"'
    data = answer.get_data()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Schritt", "Baustein", "Stelle"]
    assert [row[3] for row in rows[1:]] == ['\'=HYPERLINK("http://x")', "'+49 351", "'@summe; und mehr"]
    assert rows[2] == ["2", "Scannen", "Steueramt", "'+49 351", "Papier", "Datei", "ja", "", "3", ""]
