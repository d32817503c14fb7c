"""Whatever stands in the files of a package, the check answers with faults and never with an exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from course_samples import LESSON, MODULE, QUIZ, SAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_tool.content import package
from lms_tool.content.faults import PackageError

TOKENS = [
    *(
        "",
        "''",
        "~",
        "[]",
        "{}",
        "true",
        "no",
        "1",
        "-1",
        "1e999",
        "0x10",
        "9" * 5000,
        "2026-02-30",
        "a: b",
        "- a",
    ),
    *(
        "[a, [b]]",
        "{a: 1}",
        "&a x",
        "*a",
        "!!int x",
        "!x y",
        "|",
        ">-",
        "---",
        "...",
        "%YAML 1.1",
        "# x",
        "\t",
    ),
    *(
        '"\\0"',
        '"\\ud800"',
        "\x00",
        "\x85",
        "\u2028",
        "\ufeff",
        "///",
        "/// merke",
        "[[kontrollfrage]]",
        "```",
    ),
    *("| a | b |", "|---|---|", "[x](lektion:a b)", "![](media/akte.png)", "<b>", "# x", "###### x", "    x"),
]


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, str]:
    """The sample with up to three lines of one file removed, doubled, moved in, or given another value."""
    path = draw(st.sampled_from(["course.yaml", "glossary.yaml", MODULE, LESSON, QUIZ]))
    lines = str(SAMPLE[path]).split("\n")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        token = draw(st.sampled_from(TOKENS))
        match draw(st.sampled_from(["remove", "double", "indent", "value", "line"])):
            case "remove":
                lines[at] = ""
            case "double":
                lines.insert(at, lines[at])
            case "indent":
                lines[at] = "  " + lines[at]
            case "value":
                lines[at] = f"{lines[at].partition(':')[0]}: {token}"
            case "line":
                lines.insert(at, token)
    return {path: "\n".join(lines)}


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_a_damaged_package(changes: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for path, content in (SAMPLE | changes).items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            place.write_bytes(data)
        faults = package.check(Path(folder))
        structure = package.inspect(Path(folder)).structure
        if any(fault.level == "error" for fault in structure):
            with pytest.raises(PackageError) as refused:
                package.read(Path(folder))
            assert list(refused.value.faults) == structure
        else:
            assert package.read(Path(folder)).id
        for fault in faults:
            assert fault.remedy.endswith(".")
