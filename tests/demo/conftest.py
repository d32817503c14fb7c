from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms_tool.demo.lms import create_lms

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


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An LMS's store in which the keys are made already, which takes a while."""
    folder = tmp_path_factory.mktemp("seeded")
    create_lms(recorded.config(folder, "", items=()))
    return folder / "lms.db"


@pytest.fixture
def data_dir(tmp_path: Path, seeded: Path) -> Path:
    shutil.copy(seeded, tmp_path)
    return tmp_path


@pytest.fixture
def lms(data_dir: Path, tool: ToolKeys) -> Lms:
    """The recorded course."""
    return Lms(recorded.config(data_dir, tool.url), tool)
