"""History variables: nearest first, URL-encoded, and nothing of it is believed to be an id that cannot be one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.lti.history import MAX_ANCESTORS, is_id, read_history


@pytest.mark.parametrize(
    ("sent", "ids"),
    [
        ("7,3,1", ["7", "3", "1"]),
        ("ctx-2", ["ctx-2"]),
        ("a%2Cb,c%20d,%C3%BC", ["a,b", "c d", "ü"]),
        ("a+b", ["a+b"]),
        (" 7 , 3 ", ["7", "3"]),
        ("7,,3,7", ["7", "3"]),
        ("a%00b,c%0Ad,3", ["3"]),
        ("x" * 256 + ",3", ["3"]),
        ("x" * 255, ["x" * 255]),
        ("", []),
        (",", []),
        (None, []),
        ("$Context.id.history", []),
        ("$ResourceLink.id.history", []),
    ],
)
def test_ids_as_sent(sent: str | None, ids: list[str]) -> None:
    assert read_history(sent) == ids


def test_a_long_line_of_ancestors_is_cut_at_its_far_end() -> None:
    found = read_history(",".join(map(str, range(200))))
    assert found == [str(number) for number in range(MAX_ANCESTORS)]


@given(st.text(max_size=400))
def test_whatever_is_sent_only_ids_come_out(sent: str) -> None:
    assert all(map(is_id, read_history(sent)))
