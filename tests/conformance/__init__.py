"""The published conformance cases, driven over HTTP against the running tool by a scripted platform and browser."""

import pytest

HELPERS = ("refusal", "bed", "visit", "page", "browser", "rows")
pytest.register_assert_rewrite(
    *(f"{__name__}.{name}" for name in HELPERS)
)  # a failure there tells what it saw
