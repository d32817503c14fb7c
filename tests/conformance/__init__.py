"""The published conformance cases, driven over HTTP against the running tool by a scripted platform and browser."""

import pytest

# so that a failed assertion in a helper tells what it saw
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in ("refusal", "bed", "page", "browser", "rows")))
