"""Sentences, words and syllables of German texts, and the figures made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.content.readability import figures, sentences, syllables, words

SENTENCES = [
    "Der Antrag kommt z. B. am 24. Juli 2024 nach § 16 Abs. 2 Nr. 3 an.| Danach prüft ihn die Gemeinde.",
    "Das kostet 4.200,50 Euro.| Version 2.0 gilt seit 2018.| Danach nicht.",
    "Das gilt d. h. i. d. R. bzw. o. Ä. für alle.| Mehr nicht.",
    "Nach Art. 33 der Verordnung.| Fragen dieser Art.| Die Stadt zählt sie.",
    "Nach dem 3. Tag ist Schluss.| Es sind 15.| Die Stadt zählt.| Im 19. Jahrhundert war das anders.",
    "Stufen von 0 bis 4.| Im Juli kam mehr.| Das gilt seit dem 3. Juli und bis 4. Mai.",
    "Vom 1. bis 3. April ist zu.| Siehe S. 5 und ff.| Dann mehr.",
    'Sie sagt: |"Das ist gut."| Er geht.| "Warum?", fragt sie.| „Darum.“| Gut!',
    "Weg A.| Dann Weg B.| eAkte?| eVA.SAX ist da.| xdomea auch.",
    "Drei Arten: |erstens Papier, zweitens Datei …| Ende",
    "Nutzen Sie Papier, Stifte usw. und mehr.| Dann ist Schluss usw.| Die Akte bleibt.",
    "Papier ·| E-Mail ·| Portal",
    "Zeile eins\nund zwei.| Zeile\ndrei.",
]


@pytest.mark.parametrize("marked", SENTENCES)
def test_where_sentences_end(marked: str) -> None:
    found = sentences(marked.replace("|", ""))
    assert [sentence.text for sentence in found] == [piece.strip() for piece in marked.split("|")]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Die E-Mail kostet 4.200,50 Euro.", 5),
        ("§ 16 SächsEGovG", 2),
        ("und/oder", 1),
        ("– … §", 0),
        ("eVA.SAX läuft – seit 24/7 – gut", 5),
        ("Wie geht's?", 2),
    ],
)
def test_what_a_word_is(text: str, count: int) -> None:
    assert len(words(text)) == count


# Syllables → words that have so many.
SPOKEN = {
    1: "Uhr Amt DMS 2024",
    2: "Akte Abend oder neue über Quelle Idee Bescheid Ämter",
    3: "Beamte Gebäude Bürgerin Verwaltung",
    4: "Zuständigkeit",
    5: "elektronische",
    6: "Digitalisierung",
}


@pytest.mark.parametrize(
    ("word", "count"), [(word, count) for count in SPOKEN for word in SPOKEN[count].split()]
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_figures_of_a_page() -> None:
    measured = figures(sentences("Die Akte liegt hier. Eine Verwaltung braucht Ordnung und Zeit."))
    assert (measured.words, measured.sentences, measured.median, measured.longest) == (10, 2, 5, 6)
    assert measured.lix == 10 / 2 + 100 * 3 / 10  # Verwaltung, braucht, Ordnung
    # 2 + 2 + 1 + 1 and 2 + 3 + 1 + 2 + 1 + 1 syllables
    assert measured.amstad == round(180 - 5 - 58.5 * (1 + 2 + 1 + 1 + 2 + 3 + 1 + 2 + 1 + 1) / 10, 1)


def test_no_text_has_no_figures() -> None:
    assert figures([]) == figures(sentences(" … ")) == figures(sentences(""))
    assert figures([]).words == 0


@given(st.text(alphabet='aB.:?!…"“)( \n§1Ä-z', max_size=120))
def test_no_word_is_lost_or_counted_twice(text: str) -> None:
    found = sentences(text)
    assert sum(sentence.words for sentence in found) == len(words(text))
    assert all(text.startswith(sentence.text, sentence.start) for sentence in found)
    assert [sentence.start for sentence in found] == sorted(sentence.start for sentence in found)


@given(st.text(max_size=200))
def test_any_text_can_be_measured(text: str) -> None:
    measured = figures(sentences(text))
    assert measured.longest <= measured.words
    assert measured.lix >= 0
