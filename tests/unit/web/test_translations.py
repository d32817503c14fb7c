"""The English catalogue is whole: nothing missing, nothing guessed, nothing left over."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from lms_tool.web import render

WEB = Path(render.__file__).parent
TRANSLATIONS = WEB.parent / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def extracted() -> Catalog:
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    catalogue = Catalog()
    for _, _, message, _, _ in extract_from_dir(WEB, methods, options):
        catalogue.add(message)
    return catalogue


def english() -> Catalog:
    with (TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def texts(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def test_english_says_exactly_what_german_says() -> None:
    wanted = {message.id for message in extracted() if message.id}
    known = {message.id for message in english() if message.id}
    assert len(wanted) > 100
    assert known - wanted == set()
    assert wanted - known == set()


def test_every_text_is_translated_for_good() -> None:
    for message in english():
        if message.id:
            assert not message.fuzzy, message.id
            assert all(texts(message.string)), message.id
            assert len(texts(message.string)) == len(texts(message.id))
    assert not english().obsolete


def test_placeholders_survive_translation() -> None:
    for message in english():
        for source, target in zip(texts(message.id), texts(message.string), strict=True):
            if message.id:
                left_out = {"%(num)s"} if "%(num)s" not in texts(message.id)[0] else set()
                assert (
                    set(PLACEHOLDER.findall(target)) - left_out == set(PLACEHOLDER.findall(source)) - left_out
                )
