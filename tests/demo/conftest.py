from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite(f"{__package__}.recorded", f"{__package__}.lms")

from . import recorded  # noqa: E402
from .lms import Lms, ToolKeys  # noqa: E402


@pytest.fixture(scope="module")
def tool_keys() -> Iterator[ToolKeys]:
    keys = ToolKeys()
    keys.add("tool-1")
    with keys.served():
        yield keys


@pytest.fixture
def tool(tool_keys: ToolKeys) -> ToolKeys:
    tool_keys.fetched, tool_keys.broken = 0, False
    return tool_keys


@pytest.fixture
def lms(tmp_path: Path, tool: ToolKeys) -> Lms:
    """The recorded course."""
    return Lms(recorded.config(tmp_path, tool.url), tool)
