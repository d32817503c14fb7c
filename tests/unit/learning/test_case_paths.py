"""Playing a case: ways are followed as far as they fit, in circles too, and nobody gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.content.case import Case, Choice, Scene
from lms_tool.learning.cases import MOST, Move, back, choose, follow, seen_ends

NAMES = ("a", "b", "c", "d")


def scene(name: str, *targets: str) -> Scene:
    return Scene(name, name.upper(), "", tuple(Choice(f"nach {to}", to, f"Folge {to}") for to in targets))


def case(**graph: tuple[str, ...]) -> Case:
    return Case(tuple(scene(name, *targets) for name, targets in graph.items()), scene("debrief"))


CASE = case(a=("b", "c"), b=("c",), c=("a", "e", "f"), e=(), f=())
CASES = st.builds(
    lambda targets: case(**dict(zip(NAMES, targets, strict=True)), e=()),
    st.tuples(*[st.lists(st.sampled_from([*NAMES, "e"]), min_size=1, max_size=4).map(tuple) for _ in NAMES]),
)
MOVES = st.lists(st.builds(Move, st.integers(-2, 5), st.sampled_from([*NAMES, "e", "x"])), max_size=8)


def test_a_way_leads_somewhere_with_the_consequence_of_the_last_choice() -> None:
    stand = follow(CASE, (Move(0, "b"), Move(0, "c"), Move(1, "e")))
    assert [one.id for one in stand.scenes] == ["a", "b", "c", "e"]
    assert (stand.ended, stand.decisions) == (True, (0, 2))
    assert stand.last_choice is not None
    assert stand.last_choice.consequence_html == "Folge e"
    assert follow(CASE, ()).last_choice is None


@pytest.mark.parametrize("wrong", [Move(2, "b"), Move(0, "c"), Move(-1, "c"), Move(0, "x")])
def test_a_way_is_cut_where_it_stops_fitting(wrong: Move) -> None:
    assert follow(CASE, (Move(1, "c"), Move(0, "a"), wrong, Move(0, "a"))).way == (Move(1, "c"), Move(0, "a"))


def test_a_new_choice_from_an_earlier_place_cuts_the_way() -> None:
    stand = follow(CASE, (Move(0, "b"), Move(0, "c")))
    moved = choose(CASE, back(CASE, stand, 0), 1)
    assert moved is not None
    assert moved.way == (Move(1, "c"),)


def test_ends_are_remembered_in_the_order_of_the_case() -> None:
    stand = follow(CASE, (Move(1, "c"), Move(1, "e")))
    assert seen_ends(CASE, ["f", "weg"], stand) == ("e", "f")
    assert seen_ends(CASE, [], follow(CASE, ())) == ()


@given(CASES, MOVES)
def test_every_way_can_be_followed(played: Case, moves: list[Move]) -> None:
    stand = follow(played, tuple(moves))
    assert stand.way == tuple(moves)[: len(stand.way)]
    assert len(stand.scenes) == len(stand.way) + 1
    assert follow(played, stand.way) == stand
    for number in range(len(stand.way) + 2):
        assert back(played, stand, number).way == stand.way[:number]


@given(CASES, st.lists(st.integers(0, 3), min_size=MOST, max_size=MOST + 60))
def test_however_long_one_walks_one_stands_where_the_choices_lead(played: Case, numbers: list[int]) -> None:
    stand = follow(played, ())
    for number in numbers:
        here = stand.scene
        moved = choose(played, stand, number)
        if number >= len(here.choices):
            assert moved is None
            continue
        assert moved is not None
        assert moved.scene.id == here.choices[number].to
        assert len(moved.way) <= MOST
        assert follow(played, moved.way) == moved
        stand = moved
