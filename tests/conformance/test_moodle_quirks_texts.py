"""Custom parameters of an activity as Moodle sends them, and that the page then promises the grade that will come."""

from __future__ import annotations

import pytest

from .bed import Bed
from .claims import put

PROMISE = "100 von 100 Punkten"


@pytest.mark.parametrize(
    ("report", "promised"), [("completion", True), ("score", False), ("progress", False)]
)
@pytest.mark.parametrize("path", ["", "a/erste-lektion"])
def test_full_points_are_promised_only_for_completion(
    bed: Bed, report: str, promised: bool, path: str
) -> None:
    target = "course=pruefkurs&module=erstes-modul" + ("&activity=erste-lektion" if path else "")
    visit = bed.visit(target=target)
    visit.enter(put("custom", {"Report": report, "report": report, "unknown": "$Gibt.es.nicht"}))
    text = visit.browser.get(visit.url(path)).text
    assert (PROMISE in text) == promised
