"""Every sentence of the self-test can be said, in both languages."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from lms_tool.errors import Text
from lms_tool.services.products import Product, label, product_of
from lms_tool.services.selftest.check import Check
from lms_tool.services.selftest.frames import allows_frame
from lms_tool.services.selftest.kinds import PROBLEMS, SERVICES, TITLES, Name, State
from lms_tool.services.selftest.menus import REMEDIES
from lms_tool.services.selftest.words import WORDS

VALUES = {
    "count": 2,
    "total": 20,
    "failed": 1,
    "waiting": 3,
    "seconds": 0.4,
    "status": 403,
    "problem": "timed_out",
    "error": "invalid_client",
    "host": "lms.example",
    "course": "Basis-Befähigung",
    "origin": "https://tool.example",
    "jwks": "https://tool.example/lti/jwks",
    "services": ["score", "contextmembership.readonly"],
    "missing": ["result.readonly"],
}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", WORDS)
def test_a_sentence_has_the_same_gaps_in_both_languages(code: str) -> None:
    words = WORDS[code]
    remedies = [remedy for (of, _), remedy in REMEDIES.items() if of == code]
    for text in (words.sentence, words.remedy, *remedies):
        if text is not None:
            assert fields(text.de) == fields(text.en)
            assert fields(text.de) <= VALUES.keys()
            assert text.de.strip()
            assert text.en.strip()
            assert not re.search(r"[«»\"]", text.de)


@pytest.mark.parametrize("code", WORDS)
def test_what_is_wrong_comes_with_what_to_mend(code: str) -> None:
    assert (WORDS[code].remedy is not None) or WORDS[code].state in (State.OK, State.OFF)
    assert WORDS[code].remedy is None or WORDS[code].state is not State.OK


def test_menus_are_named_only_for_what_can_be_mended() -> None:
    assert {code for code, _ in REMEDIES} <= {code for code in WORDS if WORDS[code].remedy}


def test_every_check_has_a_title_and_every_word_both_languages() -> None:
    assert set(TITLES) == set(Name)
    for text in (*TITLES.values(), *SERVICES.values(), *PROBLEMS.values()):
        assert isinstance(text, Text)
        assert text.de
        assert text.en


def test_numbers_and_lists_read_as_each_language_writes_them() -> None:
    clock = Check(Name.CLOCK, "clock_agrees", {"seconds": 0.4})
    assert "0,4 Sekunden" in clock.sentence.de
    assert "0.4 seconds" in clock.sentence.en
    token = Check(Name.TOKEN, "token_some", {"services": VALUES["services"], "missing": []})  # type: ignore[dict-item]
    assert "Noten schreiben, Teilnehmende lesen" in token.sentence.de
    assert "writing grades, reading members" in token.sentence.en


def test_a_product_hears_its_own_menu_words() -> None:
    check = Check(Name.GRADES, "grades_forbidden", {"waiting": 3})
    moodle, other = check.remedy(Product.MOODLE), check.remedy(Product.OTHER)
    assert moodle is not None
    assert other is not None
    assert "Tools verwalten" in moodle.de
    assert "Manage tools" in moodle.en
    assert "Moodle" not in other.de


@pytest.mark.parametrize(
    ("named", "auth", "product", "shown"),
    [
        ("moodle 5.1 (Build: 20251006)", "https://x.example/a", Product.MOODLE, "Moodle 5.1"),
        ("moodle", "https://x.example/a", Product.MOODLE, "Moodle"),
        ("", "https://x.example/mod/lti/auth.php", Product.MOODLE, "Moodle"),
        ("", "https://x.example/components/LTIConsumer/ltiauth.php", Product.ILIAS, "ILIAS"),
        ("", "https://x.example/olat/lti/auth", Product.OPENOLAT, "OpenOlat"),
        ("", "https://courses.example/api/lti_consumer/v1/launch/", Product.OPEN_EDX, "Open edX"),
        ("", "https://sso.canvaslms.com/api/lti/authorize_redirect", Product.CANVAS, "Canvas"),
        ("", "https://developer.blackboard.com/api/v1/gateway/oidcauth", Product.BLACKBOARD, "Blackboard"),
        ("desire2learn", "https://x.example/", Product.D2L, "D2L Brightspace"),
        ("", "https://x.example/d2l/lti/authenticate", Product.D2L, "D2L Brightspace"),
        ("sakai 23", "https://x.example/imsblis/lti13", Product.OTHER, "sakai 23"),
        ("", "https://notblackboard.com/lti", Product.OTHER, ""),
        ("", "", Product.OTHER, ""),
    ],
)
def test_products_are_known_by_name_or_address(named: str, auth: str, product: Product, shown: str) -> None:
    assert product_of(named, auth) is product
    assert label(named, auth) == shown


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (None, True),
        ("", True),
        ("script-src 'self'", True),
        ("frame-src *", True),
        ("frame-src https:", True),
        ("frame-src http:", True),
        ("frame-src 'self'", False),
        ("frame-src 'none'", False),
        ("frame-src", False),
        ("frame-src https://tool.example", True),
        ("FRAME-SRC HTTPS://TOOL.EXAMPLE", True),
        ("frame-src tool.example", True),
        ("frame-src https://*.example", True),
        ("frame-src https://other.example", False),
        ("frame-src https://tool.example:8443", False),
        ("frame-src https://tool.example:*", True),
        ("child-src 'none'; frame-src https://tool.example", True),
        ("child-src 'none'", False),
        ("default-src 'self'", False),
        ("default-src 'none'; child-src https:", True),
        ("frame-src https:, frame-src 'none'", False),
        ("frame-src https://tool.example; frame-src 'none'", True),
        ("frame-src https://[::1", False),
        ("frame-src https://[:*", False),
    ],
)
def test_frames_are_allowed_as_the_policy_says(policy: str | None, allowed: bool) -> None:
    assert allows_frame(policy, "https://tool.example", "https://lms.example") is allowed
