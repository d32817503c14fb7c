"""Writing course packages to disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from course_samples import SAMPLE, Changes

Write = Callable[[Changes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write(changes)`` writes the sample with these files in its place; None leaves one out."""

    def written(changes: Changes) -> Path:
        root = tmp_path / "probe"
        for path, content in (SAMPLE | changes).items():
            if content is not None:
                place = root / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return written
