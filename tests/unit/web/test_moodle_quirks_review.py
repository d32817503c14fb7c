"""Submission review: somebody else looks at a learner's test, cannot start one, and is told nothing wrong about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from quiz_samples import RESULT, START

from lms_tool.web.render import Renderer

ALL_USED = "Sie haben alle Versuche genutzt."


@pytest.mark.parametrize(
    ("used", "allowed", "said"), [(0, 3, False), (1, 3, False), (3, 3, True), (4, 3, True), (1, None, False)]
)
def test_attempts_are_used_up_only_if_they_are(
    renderer: Renderer, used: int, allowed: int | None, said: bool
) -> None:
    start = replace(START, start_url="", used=used, attempts=allowed)
    assert (ALL_USED in renderer.page(start)) == said
    if used:
        result = replace(RESULT, retry_url="", passed=False, attempt=used, attempts=allowed)
        assert (ALL_USED in renderer.page(result)) == said
