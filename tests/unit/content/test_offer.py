"""External offers: only whole https addresses lead out."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_samples import OFFER, OFFER_ID, course, write

from lms_tool.content import package
from lms_tool.content.course import CompletionRule
from lms_tool.content.offer import Offer

URL = "https://egov-campus.example/kurse?id=7"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    activity = course(tmp_path).by_activity[OFFER_ID][1]
    assert (activity.kind, activity.completion, activity.minutes) == ("offer", CompletionRule.CONFIRMED, 60)
    assert activity.content == Offer("eGov-Campus", URL, "Ein Kurs für <em>alle</em>, kostenlos.")


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        (URL, "http://egov-campus.example/", 5, "keine vollständige https-Adresse"),
        (URL, "javascript:alert(1)", 5, "keine vollständige https-Adresse"),
        (URL, "https://anna@egov-campus.example/", 5, "keine vollständige https-Adresse"),
        (URL, "https://", 5, "keine vollständige https-Adresse"),
        (URL, "egov-campus.example", 5, "keine vollständige https-Adresse"),
        (URL, f"https://egov-campus.example/{'a' * 500}", 5, "keine vollständige https-Adresse"),
        ("provider: eGov-Campus", f"provider: {'e' * 121}", 4, "„provider“ ist länger als 120 Zeichen"),
        ("provider: eGov-Campus\n", "", 1, "fehlt „provider“"),
        ("text: Ein Kurs", "text: <b>Ein Kurs</b>", 6, "HTML ist nicht erlaubt"),
        ("minutes: 60", "minutes: 60\ncompletion: viewed", 8, "„completion: viewed“ gibt es nicht"),
        ("minutes: 60", "minutes: 60\npreis: 0", 8, "„preis“ ist in"),
    ],
)
def test_every_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, problem: str
) -> None:
    assert old in OFFER
    found = package.inspect(write(tmp_path, offer=OFFER.replace(old, new, 1))).structure
    assert any(problem in fault.problem and fault.line == line for fault in found), [
        str(one) for one in found
    ]
