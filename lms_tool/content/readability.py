"""How hard a German text is to read: sentences, words, LIX and the Flesch score in Amstad's German form.

LIX (Björnsson 1968): words a sentence + percentage of words with more than six letters; a colon ends a sentence as a
full stop does. Amstad (1978): 180 − words a sentence − 58.5 × syllables a word; the higher, the easier. Syllables are
counted as groups of vowels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+(?:[-'’.,/:](?=[^\W_])[^\W_]+)*")
_SYLLABLE = re.compile(r"aa|ai|au|äu|ay|ee|ei|eu|ey|ie|oi|oo|ou|[aeiouyäöüéèêàáôó]")
# A candidate for the end of a sentence: marks, closing quotes and brackets, then a gap.
_END = re.compile(
    r"(?<![.!?…:])[.!?…:]+[\"“”»’')\]]*(?=\s|$)|(?<=\s)·(?=\s)"
)  # «Papier · E-Mail · Portal» is a list
NEAR = 80  # characters around the end of a sentence that decide whether it is one
_OPENING = "\"„“»«‚'([–—-"
_ABBREVIATION = re.compile(
    r"""abs|abschn|abt|allg|anl|anm|aufl|az|bd|bes|betr|bspw|buchst|bzgl|bzw|ca|co|dgl|dr|einschl|engl|entspr|etc|evtl|
    exkl|ff|fn|geb|gegr|gem|gez|ggf|ggü|hrsg|inkl|insb|insbes|jg|jh|jährl|kap|lfd|lt|max|mind|min|mio|mrd|mtl|nr|nrn|
    pos|prof|rd|rdnr|rn|sog|spez|st|std|str|stellv|stv|tel|tsd|tägl|urspr|usf|usw|verf|vgl|vs|wg|zz|zzgl|ziff""",
    re.VERBOSE,
)
_MAY_END = frozenset({"usw", "usf", "etc", "ff", "dgl", "co"})  # abbreviations that often end a sentence, too
# Names that are written with a small first letter, even at the beginning of a sentence.
_SMALL_NAMES = re.compile(r"[a-zäöü]{1,3}[A-ZÄÖÜ]|xdomea\b")
_COUNTED = re.compile(
    r"(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|"
    r"Jahrhunderts?|Jh|Quartals?|Halbjahr\w*)\b"
)
_BEFORE_ORDINAL = re.compile(
    r"(?:der|die|das|dem|den|des|am|im|vom|zum|zur|beim|jede[mnrs]?|(?:k?ein|ihr|unser)(?:e[mnrs]?)?)",
    re.IGNORECASE,
)


class Sentence(NamedTuple):
    """One sentence; ``start``: where it begins in the text it was taken from."""

    text: str
    start: int
    words: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one page. ``median`` and ``longest`` are words a sentence."""

    words: int
    sentences: int
    median: float
    longest: int
    lix: float
    amstad: float


def words(text: str) -> list[str]:
    """The words of ``text``. «E-Mail», «4.200» and «eVA.SAX» are one each; a lone «§» is none."""
    return _WORD.findall(text)


def sentences(text: str) -> list[Sentence]:
    """The sentences of a piece of running text. Knows abbreviations, dates, ordinals and decimals."""
    found: list[Sentence] = []
    start = 0
    for end in _END.finditer(text):
        if _ends(text, end):
            _add(found, text, start, end.end())
            start = end.end()
    _add(found, text, start, len(text))
    return found


def syllables(word: str) -> int:
    """Syllables of one word, at least one. «qu» holds no vowel of its own."""
    return max(1, len(_SYLLABLE.findall(word.lower().replace("qu", "q"))))


def figures(read: Iterable[Sentence]) -> Figures:
    """The figures of a page from all its sentences; zeros where there is none."""
    counted = list(read)
    every = [word for sentence in counted for word in words(sentence.text)]
    if not every:
        return Figures(0, 0, 0, 0, 0, 0)
    return Figures(
        words=len(every),
        sentences=len(counted),
        median=median(sentence.words for sentence in counted),
        longest=max(sentence.words for sentence in counted),
        lix=round(_lix(every, len(counted)), 1),
        amstad=round(_amstad(every, len(counted)), 1),
    )


def _lix(every: Sequence[str], count: int) -> float:
    long_words = sum(sum(map(str.isalpha, word)) > 6 for word in every)
    return len(every) / count + 100 * long_words / len(every)


def _amstad(every: Sequence[str], count: int) -> float:
    return 180 - len(every) / count - 58.5 * sum(map(syllables, every)) / len(every)


def _add(found: list[Sentence], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    count = len(words(piece))
    if count:
        found.append(Sentence(piece.strip(), start + len(piece) - len(piece.lstrip()), count))


def _ends(text: str, end: re.Match[str]) -> bool:
    """Whether the marks at ``end`` end a sentence."""
    rest = text[end.end() : end.end() + NEAR].lstrip()
    if not rest or ":" in end[0] or end[0] == "·":
        return True
    following = rest.lstrip(_OPENING).lstrip()
    small = following[:1].islower() and not _SMALL_NAMES.match(following)
    if end[0][0] != ".":
        return not small  # «Warum?», fragt sie
    said = text[max(0, end.start() - NEAR) : end.start()]
    before = re.split(r"[\s(„“\"«»/]", said)[-1].lower()
    if before.isdigit():
        return not small and not _is_ordinal(before, said, following)
    if before == "art":  # the noun, or an article of a law
        return not following[:1].isdigit()
    if _ABBREVIATION.fullmatch(before) or _is_letter(before, said, following):
        return before in _MAY_END and not small and not following[:1].isdigit()
    return not small


def _is_letter(before: str, text: str, following: str) -> bool:
    """Whether a lone letter is part of an abbreviation: «z. B.», «d. h.», «o. Ä.», «S. 5»; not in «Weg A. Dann»."""
    if not re.fullmatch(r"(?:\w\.)*[a-zäöü]", before):
        return False
    return (
        text[-1:].islower()
        or "." in before
        or bool(re.search(r"\b[a-zäöü]\.\s?$", text[:-1], re.IGNORECASE))
        or (text[-1:] == "S" and following[:1].isdigit())
    )


def _is_ordinal(digits: str, text: str, following: str) -> bool:
    """Whether «3.» means «third»: before a month, or after an article."""
    if _COUNTED.match(following):
        return True
    previous = text.split()[-2:-1]
    return len(digits) <= 2 and bool(previous) and bool(_BEFORE_ORDINAL.fullmatch(previous[0].strip('(„"')))
