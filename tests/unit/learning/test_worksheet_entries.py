"""What people enter into a worksheet: kept as it was typed, and checked when it is handed in."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worksheet_samples import FORM, WHOLE

from lms_tool.content.worksheet import LEVELS, LINE, LONG, Field, Section, Worksheet
from lms_tool.learning import worksheets
from lms_tool.learning.worksheets import EntryTooLarge, Fault, normalise, problems, say, without_empty_rows

FIELDS = {field.id: field for field in FORM.fields()}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["ja", "2", "1.284", "offen"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["was", "stand", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
RAW = st.dictionaries(st.sampled_from([*FIELDS, "fremd"]), JSON, max_size=8)


def faults(**changes: Any) -> list[tuple[str, Fault]]:
    found = problems(FORM, normalise(FORM, {**WHOLE, **changes}))
    return [(problem.field.id, problem.fault) for problem in found]


def test_a_whole_one_has_no_problem() -> None:
    assert faults() == []


@given(RAW)
def test_any_entry_comes_into_one_form(raw: dict[str, Any]) -> None:
    """Whatever is stored for an older form, or sent by whoever: no exception, and nothing that no database keeps."""
    content = normalise(FORM, raw)
    assert normalise(FORM, content) == content
    assert set(content) <= set(FIELDS)
    assert "\\u0000" not in json.dumps(content)
    assert all(content.values())
    for problem in problems(FORM, content):
        assert problem.field in FIELDS.values()
    for field in FIELDS.values():
        assert say(field, content).empty == (not without_empty_rows(FORM, content).get(field.id)) or (
            field.kind in ("choice", "scale", "several")
        )


@given(RAW)
def test_nothing_typed_is_changed(raw: dict[str, Any]) -> None:
    content = normalise(FORM, raw)
    for key in ("standorte", "anschluss"):
        typed = raw.get(key)
        if isinstance(typed, str) and typed.isprintable():
            assert content.get(key, "") == typed.strip()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", "30"),
        ("0", "0"),
        ("-3", "-3"),
        ("\u22123", "-3"),
        ("1.284", "1284"),
        ("1.284.000,5", "1284000.5"),
        ("1 284", "1284"),
        ("1\u00a0284", "1284"),
        ("3,5", "3.5"),
        ("3.5", "3.5"),
        ("1284,50", "1284.50"),
        ("007", "7"),
    ],
)
def test_numbers_as_people_write_them(text: str, value: str) -> None:
    assert worksheets.is_number(text)
    assert worksheets.number(text) == Decimal(value)
    assert faults(standorte=text) == []


@pytest.mark.parametrize(
    "text", ["ca. dreißig", "30 Orte", "1,2,3", "1.28.4", "12.", ",5", "-", "1e3", "NaN", "٣", "1.284.5", "½"]
)
def test_what_is_no_number_stays_and_is_said(text: str) -> None:
    assert normalise(FORM, {"standorte": text}) == {"standorte": text}
    assert faults(standorte=text) == [("standorte", Fault.NUMBER)]


@given(st.text(alphabet="0123456789.,+- \u00a0\u202f\u2212", max_size=14))
def test_every_number_has_a_value(text: str) -> None:
    if worksheets.is_number(text):
        assert worksheets.number(text).is_finite()


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_with_and_without_dots(number: int) -> None:
    for text in (str(number), f"{number:,}".replace(",", "."), f"{number:,}".replace(",", "\u00a0")):
        assert worksheets.number(text) == number


@pytest.mark.parametrize(
    ("typed", "kept", "right"),
    [
        ("2027-02-24", "2027-02-24", True),
        ("24.2.2027", "2027-02-24", True),
        ("24. 2. 27", "2027-02-24", True),
        ("30.2.2027", "30.2.2027", False),
        ("2027-02-30", "2027-02-30", False),
        ("bald", "bald", False),
        ("2027-2-4", "2027-2-4", False),
    ],
)
def test_days(typed: str, kept: str, right: bool) -> None:
    assert normalise(FORM, {"termin": typed}) == {"termin": kept}
    assert (faults(termin=typed) == []) == right


def test_what_is_missing_is_said_in_the_order_of_the_form() -> None:
    assert faults(standorte="", vorgehen=" \n ") == [
        ("standorte", Fault.MISSING),
        ("vorgehen", Fault.MISSING),
    ]
    assert faults(liste=[]) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"anschluss": "vielleicht"}, ("anschluss", Fault.OPTION)),
        ({"reife": str(LEVELS + 1)}, ("reife", Fault.OPTION)),
        ({"vorgehen": "x" * (LONG + 1)}, ("vorgehen", Fault.LONG)),
        ({"standorte": "1" * (LINE + 1)}, ("standorte", Fault.LONG)),
        ({"liste": [{"was": "a"}] * 4}, ("liste", Fault.ROWS)),
        ({"liste": [{"stand": "fertig"}]}, ("liste", Fault.OPTION)),
    ],
)
def test_what_does_not_fit(changes: dict[str, Any], fault: tuple[str, Fault]) -> None:
    assert faults(**changes) == [fault]


def test_a_cell_is_named() -> None:
    content = normalise(FORM, {**WHOLE, "liste": [{}, {"was": "x", "stand": "nie"}]})
    (problem,) = problems(FORM, content)
    assert (problem.row, problem.column and problem.column.id) == (1, "stand")


def table(**more: Any) -> Worksheet:
    return Worksheet(
        "", (Section("a", "A", (Field("liste", "table", "L", columns=FIELDS["liste"].columns, **more),)),)
    )


@pytest.mark.parametrize(
    ("rows", "required", "fault"),
    [
        ([], True, Fault.FEW_ROWS),  # how many it takes is said at once, not after the first one
        ([{}, {}], True, Fault.FEW_ROWS),
        ([{"was": "a"}], True, Fault.FEW_ROWS),
        ([{"was": "a"}], False, Fault.FEW_ROWS),
        ([{"was": "a"}, {"was": "b"}], True, None),
        ([{"was": "a"}, {}, {"was": "b"}], True, None),
    ],
)
def test_as_many_rows_as_are_asked_for(
    rows: list[dict[str, str]], required: bool, fault: Fault | None
) -> None:
    form = table(min_rows=2, max_rows=4, required=required)
    assert [one.fault for one in problems(form, normalise(form, {"liste": rows}))] == (
        [fault] if fault else []
    )


def test_an_empty_worksheet_is_never_handed_in() -> None:
    form = table(min_rows=0, max_rows=4)
    assert [one.fault for one in problems(form, {})] == [Fault.MISSING]
    assert [one.fault for one in problems(form, {"liste": [{}]})] == [Fault.MISSING]


def test_empty_rows_stay_in_a_draft_and_are_not_handed_in() -> None:
    content = normalise(FORM, {"liste": [{}, {"was": "x"}, {}]})
    assert content == {"liste": [{}, {"was": "x"}, {}]}
    assert without_empty_rows(FORM, content) == {"liste": [{"was": "x"}]}
    assert without_empty_rows(FORM, {"liste": [{}]}) == {}


@pytest.mark.parametrize(
    "raw",
    [
        {"vorgehen": "x" * (worksheets.KEPT + 1)},
        {"liste": [{}] * (worksheets.KEPT_ROWS + 1)},
        {"liste": [{"was": "x" * (worksheets.KEPT + 1)}]},
    ],
)
def test_more_than_a_form_can_send_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(EntryTooLarge):
        normalise(FORM, raw)


def test_how_it_is_read() -> None:
    content = normalise(
        FORM,
        {
            "standorte": "5",
            "vorgehen": "Erst\r\ndann",
            "anschluss": "ja",
            "wege": ["post", "netz", "post"],
            "reife": "2",
            "termin": "1.3.2027",
            "liste": [{"was": "Archiv", "stand": "laeuft"}, {}],
        },
    )
    said = {key: say(field, content) for key, field in FIELDS.items()}
    assert said["standorte"].lines == ("5 Orte",)
    assert said["vorgehen"].lines == ("Erst", "dann")
    assert said["anschluss"].lines == ("Ja",)
    assert said["wege"].lines == ("Netz", "Post")
    assert said["reife"].lines == ("2 / 5",)
    assert said["termin"].lines == ("1.3.2027",)
    assert (said["liste"].columns, said["liste"].rows) == (("Was", "Stand"), (("Archiv", "läuft"),))
    assert say(FIELDS["standorte"], {}).empty


def test_the_agenda_in_its_order() -> None:
    found = worksheets.blocks({"eins": FORM, "zwei": table(min_rows=0, max_rows=1, agenda="bestand")})
    assert list(found) == ["bestand", "massnahmen"]
    assert [(one.activity_id, one.field.id) for one in found["bestand"]] == [
        ("eins", "standorte"),
        ("zwei", "liste"),
    ]
