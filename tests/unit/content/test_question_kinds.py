"""What is special about each kind of question beyond choices."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from question_samples import SOURCES, question, read

from lms_tool.content import questions
from lms_tool.content.questions import AnswerInvalid, Items, Parts, layout, mark, moved, response, solution
from lms_tool.content.questions.contract import pairs
from lms_tool.content.questions.words import number, plain, same


class TestShortText:
    @pytest.mark.parametrize("typed", ["Amt24", "amt24", " AMT 24 ", "„Amt24“.", "Amt-24"])
    def test_spelling_does_not_count(self, typed: str) -> None:
        assert mark(question("shorttext"), [typed]).verdict == "right"

    def test_a_known_error_gets_its_own_words(self) -> None:
        assert mark(question("shorttext"), ["bund-id"]).marks[0].feedback_html == "Das ist das Konto."

    def test_everything_else_gets_the_common_words(self) -> None:
        marked = mark(question("shorttext"), ["Rathaus"])
        assert (marked.verdict, marked.marks[0].feedback_html) == ("wrong", "Gesucht ist das Portal.")
        assert marked.marks[0].solution == "Amt24"

    def test_an_error_that_would_pass_is_reported(self) -> None:
        report = read("shorttext", SOURCES["shorttext"].replace("BundID", "amt-24"))[1]
        assert "gilt auch als richtig" in report.found[0].problem

    @pytest.mark.parametrize(
        ("typed", "wanted", "typos", "means_it"),
        [
            ("Sächsisch", "saechsisch", 0, True),
            ("Straße", "Strasse", 0, True),
            ("Datenetz", "Datennetz", None, True),  # one letter missing
            ("Dantennetz", "Datennetz", None, True),  # one too many
            ("Daetnnetz", "Datennetz", None, True),  # two swapped
            ("Dadennedz", "Datennetz", None, False),
            ("Dadennedz", "Datennetz", 2, True),
            ("OZF", "OZG", None, False),  # in a short word one letter makes another word
            ("Datenetz", "Datennetz", 0, False),
            ("", "", None, True),
        ],
    )
    def test_slips_of_the_pen(self, typed: str, wanted: str, typos: int | None, means_it: bool) -> None:
        assert same(typed, wanted, typos) is means_it

    @given(st.text(max_size=60))
    def test_a_text_always_means_itself(self, text: str) -> None:
        assert same(text, text)
        assert plain(plain(text)) == plain(text)


class TestNumbers:
    @pytest.mark.parametrize(
        ("typed", "value"),
        [
            ("3", "3"),
            ("28,8", "144/5"),
            ("28.8", "144/5"),
            ("1.284", "1284"),
            ("1.284,5", "2569/2"),
            ("-4", "-4"),
            ("\N{MINUS SIGN}4", "-4"),
            ("1 284", "1284"),
            ("3 Tage", "3"),
            ("3tage", "3"),
        ],
    )
    def test_german_and_usual(self, typed: str, value: str) -> None:
        assert number(typed, "Tage") == Fraction(value)

    @pytest.mark.parametrize(
        "typed", ["", "drei", "1,2,3", "1..2", "1e9", "0x10", "∞", "9" * 40, "½", "٣", "3 Euro"]
    )
    def test_no_number(self, typed: str) -> None:
        assert number(typed, "Tage") is None

    @pytest.mark.parametrize(
        ("typed", "verdict"), [("28,7", "right"), ("28,9 Stunden", "right"), ("28,6", "wrong")]
    )
    def test_tolerance_is_on_both_sides(self, typed: str, verdict: str) -> None:
        assert mark(question("numeric"), [typed]).verdict == verdict

    def test_words_are_not_checked_but_count_as_wrong_when_handed_in(self) -> None:
        with pytest.raises(questions.AnswerMissing):
            questions.checked(question("numeric"), ["acht"])
        assert mark(question("numeric"), ["acht"]).verdict == "wrong"
        assert questions.checked(question("numeric"), ["28,8 Stunden"]).verdict == "right"
        assert questions.checked(question("shorttext"), ["acht"]).verdict == "wrong"

    def test_a_known_error_gets_its_own_words(self) -> None:
        assert mark(question("numeric"), ["24,0"]).marks[0].feedback_html == "Das ist ein Tag."

    @pytest.mark.parametrize("broken", ["acht", "1,2,3"])
    def test_a_value_that_is_none_is_reported(self, broken: str) -> None:
        report = read("numeric", SOURCES["numeric"].replace("28,8", broken))[1]
        assert "ist keine Zahl" in report.found[0].problem

    @given(st.text(max_size=20))
    def test_no_text_breaks_it(self, typed: str) -> None:
        number(typed)


class TestParts:
    def test_each_pair_earns_its_part(self) -> None:
        marked = mark(question("matching", points=4), ["a=a", "b=extra-1"])
        assert (marked.points, marked.verdict) == (2.0, "partial")
        assert [(one.state, one.solution) for one in marked.marks] == [("right", "KDN"), ("wrong", "Amt24")]

    def test_what_is_left_open_is_missed(self) -> None:
        marked = mark(question("matching"), ["a=a"])
        assert [one.state for one in marked.marks] == ["right", "missed"]

    def test_right_sides_are_shuffled_and_plain(self) -> None:
        source = SOURCES["matching"].replace("right: KDN", "right: <b>KDN</b> & Co")
        shown = layout(question("matching", source=source))
        assert isinstance(shown, Parts)
        assert [option.id for option in shown.parts[0].options] != ["a", "b", "extra-1"]
        assert "&lt;b&gt;KDN&lt;/b&gt; &amp; Co" in {option.html for option in shown.parts[0].options}

    def test_gaps_stand_between_the_pieces(self) -> None:
        shown = layout(question("gap"))
        assert isinstance(shown, Parts)
        assert shown.passage == ("Der Antrag kommt über ", " in die ", ".")
        assert [bool(part.options) for part in shown.parts] == [False, True]

    def test_typed_gaps_forgive_spelling_and_lists_do_not_need_it(self) -> None:
        asked = question("gap")
        shown = pairs(solution(asked))
        assert mark(asked, ["portal=amt 24 online", f"akte={shown['akte']}"]).verdict == "right"

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("{{akte}}", "{{portal}}", "steht zweimal im Text"),
            ("{{akte}}", "Akte", "fehlt im Text"),
            ("{{akte}}", "{{akte}} {{mehr}}", "steht nur im Text"),
            ("accept: [Amt24, Amt 24 online], ", "", "was hineingehört"),
            ("correct: eAkte", "correct: Ordner", "gibt es nicht"),
        ],
    )
    def test_faults_of_a_gap_text(self, old: str, new: str, words: str) -> None:
        report = read("gap", SOURCES["gap"].replace(old, new))[1]
        assert any(words in fault.problem for fault in report.found)

    def test_a_category_without_items_is_reported(self) -> None:
        source = SOURCES["categorise"].replace("category: kann", "category: muss")
        assert "gehört nichts" in read("categorise", source)[1].found[0].problem

    def test_two_equal_right_sides_are_reported(self) -> None:
        report = read("matching", SOURCES["matching"].replace("Amt24", "KDN"))[1]
        assert "kommt mehrmals vor" in report.found[0].problem


class TestOrdering:
    def test_it_begins_in_another_order(self) -> None:
        asked = question("ordering")
        shown = layout(asked)
        assert isinstance(shown, Items)
        assert tuple(item.id for item in shown.items) != solution(asked)

    @pytest.mark.parametrize(
        ("order", "states"),
        [
            ("abc", ["right", "right", "right"]),
            ("bca", ["wrong", "wrong", "right"]),  # one item in a wrong place spoils only its neighbours
            ("cba", ["wrong", "wrong", "wrong"]),
        ],
    )
    def test_neighbours_decide(self, order: str, states: list[str]) -> None:
        marked = mark(question("ordering", points=3), order)
        assert [one.state for one in marked.marks] == states
        assert marked.points == states.count("right")

    @pytest.mark.parametrize("order", ["ab", "abcc", "abd", "aab"])
    def test_only_all_items_once_are_an_answer(self, order: str) -> None:
        with pytest.raises(AnswerInvalid):
            mark(question("ordering"), order)

    @given(st.permutations("abc"))
    def test_only_the_right_order_is_right(self, order: list[str]) -> None:
        assert (mark(question("ordering"), order).verdict == "right") == (order == ["a", "b", "c"])

    @pytest.mark.parametrize(
        ("move", "order"), [("a:down", "bac"), ("c:up", "acb"), ("a:up", "abc"), ("c:down", "abc")]
    )
    def test_buttons_move_one_place(self, move: str, order: str) -> None:
        assert moved(question("ordering"), "abc", move) == tuple(order)

    @pytest.mark.parametrize("move", ["", "a", "d:up", "a:left", ":up"])
    def test_a_button_that_is_none_is_refused(self, move: str) -> None:
        with pytest.raises(AnswerInvalid):
            moved(question("ordering"), "abc", move)


class TestReflection:
    def test_nothing_is_right_or_wrong(self) -> None:
        marked = mark(question("reflection"), ["Bei uns hakt die Post."])
        assert (marked.points, marked.max_points, marked.verdict) == (0.0, 0, "noted")
        assert marked.marks[0].feedback_html == "Andere notieren das auch."


class TestForms:
    """What the fields of a form become."""

    @pytest.mark.parametrize(
        ("kind", "fields", "expected"),
        [
            ("single", {"answer": ["a"]}, ("a",)),
            ("single", {}, ()),
            ("multiple", {"answer": ["b", "a", "b"]}, ("b", "a")),
            ("shorttext", {"answer": ["  Amt24 "]}, ("Amt24",)),
            ("shorttext", {"answer": ["   "]}, ()),
            ("ordering", {"answer": ["c", "a", "b"]}, ("c", "a", "b")),
            ("matching", {"part.a": ["b"], "part.b": [""], "part.x": ["y"]}, ("a=b",)),
            ("gap", {"part.portal": ["a=b"]}, ("portal=a=b",)),
        ],
    )
    def test_fields_become_a_response(
        self, kind: str, fields: dict[str, list[str]], expected: tuple[str, ...]
    ) -> None:
        assert response(question(kind), lambda name: fields.get(name, [])) == expected

    @pytest.mark.parametrize("kind", sorted(questions.KINDS))
    @given(
        fields=st.dictionaries(st.sampled_from(["answer", "part.a", "part.b"]), st.lists(st.text(max_size=9)))
    )
    def test_whatever_is_sent_is_marked_or_refused(self, kind: str, fields: dict[str, list[str]]) -> None:
        asked = question(kind)
        given_ = response(asked, lambda name: fields.get(name, []))
        try:
            marked = mark(asked, given_)
        except (questions.AnswerInvalid, questions.AnswerMissing):
            return
        assert 0 <= marked.points <= marked.max_points
