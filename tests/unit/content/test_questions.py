"""The contract of all kinds of questions, and what is special about each."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from dataclasses import fields as dataclass_fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from question_samples import SOURCES, question, read

from lms_tool.content.course import Question
from lms_tool.content.questions import (
    KINDS,
    AnswerInvalid,
    AnswerMissing,
    Choices,
    Option,
    layout,
    mark,
    solution,
    unanswered,
)
from lms_tool.content.questions.choice import Answer, Choice
from lms_tool.content.questions.truefalse import TrueFalse


def options(asked: Question) -> tuple[Option, ...]:
    found = layout(asked)
    assert isinstance(found, Choices)
    return found.options


def several(asked: Question) -> bool:
    found = layout(asked)
    return isinstance(found, Choices) and found.several


graded_kinds = pytest.mark.parametrize("kind", sorted(name for name, kind in KINDS.items() if kind.graded))
choice_kinds = pytest.mark.parametrize("kind", ["single", "multiple", "truefalse", "picture"])
every_kind = pytest.mark.parametrize("kind", sorted(KINDS))


def test_every_kind_has_an_example() -> None:
    assert SOURCES.keys() == KINDS.keys()


@every_kind
class TestContract:
    def test_it_reads_its_value(self, kind: str) -> None:
        data, report = read(kind, SOURCES[kind])
        assert report.found == []
        assert isinstance(data, KINDS[kind].shape)
        with pytest.raises(FrozenInstanceError):
            setattr(data, dataclass_fields(data)[0].name, None)

    def test_the_layout_is_the_same_for_everybody(self, kind: str) -> None:
        assert layout(question(kind)) == layout(question(kind))

    def test_something_unknown_is_refused(self, kind: str) -> None:
        if kind in ("shorttext", "numeric", "reflection"):
            strange: list[list[str]] = [["eins", "zwei"], ["x" * 3000], ["\0"]]
        else:
            strange = [["gibt-es-nicht"], ["a=b=c", "a=b"], ["=", ""], ["portal=" + "x" * 300]]
        for sent in strange:
            with pytest.raises(AnswerInvalid) as refused:
                mark(question(kind), sent)
            assert (refused.value.code, refused.value.status) == ("answer_invalid", 400)

    def test_an_empty_answer_is_refused(self, kind: str) -> None:
        with pytest.raises(AnswerMissing) as refused:
            mark(question(kind), [])
        assert (refused.value.code, refused.value.status) == ("answer_missing", 422)
        assert refused.value.text.de == "Bitte beantworten Sie die Frage."

    def test_a_missing_part_is_reported_with_its_line(self, kind: str) -> None:
        for key in (
            "feedback",
            "feedback_true",
            "correct",
            "pairs",
            "items",
            "passage",
            "value",
            "accept",
            "alt",
        ):
            broken = SOURCES[kind].replace(f"{key}:", f"x{key}:")
            if broken != SOURCES[kind]:
                report = read(kind, broken)[1]
                assert report.found
                assert all(1 <= fault.line <= broken.count("\n") for fault in report.found)


@graded_kinds
class TestGraded:
    def test_the_solution_earns_all_points(self, kind: str) -> None:
        asked = question(kind, points=3)
        marked = mark(asked, solution(asked))
        assert (marked.points, marked.max_points, marked.verdict) == (3.0, 3, "right")
        assert {one.state for one in marked.marks if one.chosen} == {"right"}
        assert "missed" not in {one.state for one in marked.marks}

    def test_every_mark_carries_its_feedback(self, kind: str) -> None:
        asked = question(kind)
        assert all(one.feedback_html for one in mark(asked, solution(asked)).marks)
        assert all(one.feedback_html for one in unanswered(asked).marks)

    def test_a_question_left_open_earns_nothing(self, kind: str) -> None:
        marked = unanswered(question(kind, points=2))
        assert (marked.points, marked.max_points, marked.verdict) == (0.0, 2, "wrong")
        assert {one.state for one in marked.marks} <= {"missed", ""}


@choice_kinds
class TestChoices:
    def test_options_have_ids_text_and_feedback(self, kind: str) -> None:
        asked = question(kind)
        shown = options(asked)
        assert len({option.id for option in shown}) == len(shown) >= 2
        assert all(option.html for option in shown)
        assert set(solution(asked)) <= {option.id for option in shown}

    def test_marks_follow_the_options(self, kind: str) -> None:
        asked = question(kind)
        marked = mark(asked, [options(asked)[0].id])
        assert [one.id for one in marked.marks] == [option.id for option in options(asked)]
        assert [one.chosen for one in marked.marks].count(True) == 1

    def test_more_answers_than_allowed_are_refused(self, kind: str) -> None:
        asked = question(kind)
        all_of_them = [option.id for option in options(asked)]
        if several(asked):
            assert mark(asked, all_of_them)
        else:
            with pytest.raises(AnswerInvalid):
                mark(asked, all_of_them)

    def test_the_same_answer_twice_counts_once(self, kind: str) -> None:
        asked = question(kind)
        first = options(asked)[0].id
        assert mark(asked, [first, first]) == mark(asked, [first])


def choices(right: list[bool]) -> Choice:
    return Choice(
        tuple(Answer(f"a{n}", f"Text {n}", f"Weil {n}", correct) for n, correct in enumerate(right))
    )


questions = st.one_of(
    st.builds(
        Question,
        id=st.just("f"),
        kind=st.just("multiple"),
        text_html=st.just("?"),
        data=st.lists(st.booleans(), min_size=2, max_size=6).filter(any).map(choices),
        points=st.integers(1, 100),
    ),
    st.builds(
        Question,
        id=st.just("f"),
        kind=st.just("single"),
        text_html=st.just("?"),
        data=st.tuples(st.integers(2, 6), st.integers(0, 5)).map(
            lambda drawn: choices([n == drawn[1] % drawn[0] for n in range(drawn[0])])
        ),
        points=st.integers(1, 100),
    ),
    st.builds(
        Question,
        id=st.just("f"),
        kind=st.just("truefalse"),
        text_html=st.just("?"),
        data=st.builds(TrueFalse, st.booleans(), st.just("r"), st.just("f")),
        points=st.integers(1, 100),
    ),
)


@given(questions, st.data())
def test_points_stay_in_their_range_and_agree_with_the_verdict(asked: Question, data: st.DataObject) -> None:
    ids = [option.id for option in options(asked)]
    chosen = data.draw(st.sets(st.sampled_from(ids), min_size=1, max_size=len(ids) if several(asked) else 1))
    marked = mark(asked, chosen)
    correct = set(solution(asked))
    assert 0 <= marked.points <= marked.max_points == asked.points
    assert (marked.verdict == "right") == (marked.points == marked.max_points) == (chosen == correct)
    assert (marked.verdict == "wrong") == (marked.points == 0)
    assert {one.id for one in marked.marks if one.chosen} == chosen
    assert {one.id for one in marked.marks if one.state in ("right", "missed")} == correct


@given(questions.filter(several), st.data())
def test_one_more_wrong_tick_never_pays(asked: Question, data: st.DataObject) -> None:
    ids = {option.id for option in options(asked)}
    chosen = data.draw(st.sets(st.sampled_from(sorted(ids)), min_size=1))
    for wrong in ids - chosen - set(solution(asked)):
        assert mark(asked, chosen | {wrong}).points <= mark(asked, chosen).points


@pytest.mark.parametrize(
    ("chosen", "points", "verdict", "states"),
    [
        ("ab", 4.0, "right", ["right", "right", ""]),
        ("a", 2.0, "partial", ["right", "missed", ""]),
        ("abc", 2.0, "partial", ["right", "right", "wrong"]),
        ("ac", 0.0, "wrong", ["right", "missed", "wrong"]),
        ("c", 0.0, "wrong", ["missed", "missed", "wrong"]),
    ],
)
def test_multiple_choice_gives_part_of_the_points(
    chosen: str, points: float, verdict: str, states: list[str]
) -> None:
    marked = mark(question("multiple", points=4), chosen)
    assert (marked.points, marked.verdict, [one.state for one in marked.marks]) == (points, verdict, states)


def test_author_text_is_rendered() -> None:
    asked = question("single")
    assert options(asked)[0].html == "<em>Eins</em>"
    assert mark(asked, ["a"]).marks[0].feedback_html == "Ja, <strong>eins</strong>."


@pytest.mark.parametrize(
    ("kind", "old", "new", "words"),
    [
        ("single", "correct: true, ", "", "Keine Antwort ist als richtig markiert"),
        ("single", "Zwei,", "Zwei, correct: true,", "2 Antworten sind als richtig markiert"),
        ("single", "id: b", "id: a", "„a“ kommt 2-mal vor"),
        ("single", "Zwei", "'*Eins*'", "kommt 2-mal vor"),
        ("single", "id: b", "id: B!", "keine gültige Kennung"),
        ("single", "  - {id: b, text: Zwei, feedback: Nein.}\n", "", "nur eine Antwort"),
        ("multiple", "correct: true,", "", None),
        ("truefalse", "correct: false", 'correct: "false"', "erwartet wird true oder false"),
        ("truefalse", "correct: false", "correct: no", "erwartet wird true oder false"),
    ],
)
def test_faults(kind: str, old: str, new: str, words: str | None) -> None:
    source = SOURCES[kind].replace(old, new, 1)
    assert source != SOURCES[kind]
    problems = [fault.problem for fault in read(kind, source)[1].found]
    assert any(words in problem for problem in problems) if words else problems == []


def test_a_multiple_choice_without_any_right_answer() -> None:
    source = SOURCES["multiple"].replace("correct: true", "correct: false")
    assert [fault.problem for fault in read("multiple", source)[1].found] == [
        "Keine Antwort ist als richtig markiert."
    ]
