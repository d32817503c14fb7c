"""The process workshop without script: every action is a form, nothing is lost, nothing strange gets in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms_tool.lti.claims import Role
from lms_tool.models import Membership, Progress, Work
from lms_tool.runtime import Runtime

from .workbench import Bench, Workplace, workplace


@pytest.fixture
def place(app: Flask, tool: Runtime, tmp_path: Path) -> Workplace:
    return workplace(app, tool, tmp_path / "paket")


@pytest.fixture
def anna(place: Workplace) -> Bench:
    return place.enter()


def test_the_given_process_is_shown_and_cannot_be_changed(anna: Bench) -> None:
    anna.get()
    assert anna.status == 200
    assert len(anna.titles) == 15
    assert anna.counts == {
        "steps": 15, "media_changes": 3, "handovers": 4, "interruptions": 1, "minutes": 34, "days": 9,
    }  # fmt: skip
    assert 'name="add"' not in anna.page
    answer = anna.post("as-is", {"version": 0, "after": 0, "add": "scannen"})
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (403, "process_given")


def test_tomorrow_begins_as_a_copy_of_today_and_every_button_changes_it(anna: Bench) -> None:
    anna.get("to-be?step=7")
    assert len(anna.titles) == 15
    assert "Hier tippt jemand ab." in anna.page
    anna.press("remove", 7)
    assert anna.titles[6] == "Inhaltliche Prüfung"
    assert anna.counts["media_changes"] == 2
    anna.press("up", 7)
    assert anna.titles[5] == "Inhaltliche Prüfung"
    anna.press("down", 6)
    assert anna.titles[6] == "Inhaltliche Prüfung"
    anna.press("right", 7)
    assert anna.counts["handovers"] == 6
    anna.press("left", 7)
    assert anna.counts["handovers"] == 4
    anna.get("to-be?step=2")
    anna.add("kopieren")
    assert anna.titles[2] == "Kopieren"
    assert re.search(r'data-part="heading">Schritt 3<', anna.page), "the new step is chosen"
    anna.press(
        "save", 3, note="Für die  Akte", unit="leitung", before="papier", after="datei", minutes="7", days=""
    )
    for shown in ("Für die Akte", "Papier → Datei", ">7 min<"):
        assert shown in anna.page
    assert anna.counts["minutes"] == 34 - 5 + 7
    anna.get("as-is")
    assert len(anna.titles) == 15, "what is given stays"
    anna.get()
    assert len(anna.titles) == 15
    assert "Kopieren" in anna.titles, "the address of the activity leads to what one builds"


def test_a_button_brings_along_what_was_typed(anna: Bench) -> None:
    anna.get("to-be?step=2")
    anna.press("down", 2, note="Neu getippt", unit="steueramt", before="", after="", minutes="3", days="1")
    assert anna.titles[2] == "Dokument sichten"
    assert "Neu getippt" in anna.page


def test_a_number_that_is_none_is_asked_for_again(anna: Bench) -> None:
    anna.get("to-be?step=2")
    for wrong in ("fünf", "-1", "1000", "2,5", "١"):
        answer = anna.press(
            "save", 2, note="Notiz", unit="leitung", before="", after="", minutes=wrong, days="2"
        )
        assert answer.status_code == 422
        assert f'value="{wrong}"' in anna.page, "what was typed is still there"
        assert 'value="Notiz"' in anna.page
        assert re.search(r'id="w-minutes"[^>]*aria-invalid="true"', anna.page)
        assert not re.search(r'id="w-days"[^>]*aria-invalid', anna.page)
    anna.get("to-be?step=2")
    assert anna.version == 0, "nothing was saved"


def test_moving_at_the_edge_changes_nothing(anna: Bench) -> None:
    anna.get("to-be")
    before = anna.titles
    anna.press("up", 1)
    anna.press("left", 1)
    anna.press("down", 15)
    assert anna.titles == before


def test_both_processes_are_built_where_none_is_given(place: Workplace) -> None:
    anna = place.enter(activity="werkstatt-frei")
    anna.get()
    assert "Noch steht hier nichts." in anna.page
    for block in ("eingang", "sichten", "scannen"):
        anna.add(block, "as-is")
    assert anna.titles == ["Dokument geht ein", "Dokument sichten", "Scannen"]
    anna.get("to-be")
    assert anna.titles == []
    anna.post("to-be", {"version": anna.version, "action": "copy"})
    assert anna.titles == ["Dokument geht ein", "Dokument sichten", "Scannen"]
    anna.press("remove", 3)
    anna.get("compare")
    assert "aus mindestens 3 Bausteinen" in anna.page
    assert anna.post("compare", {}).status_code == 422
    anna.get("to-be")
    anna.add("ablegen")
    anna.post("compare", {})
    assert anna.status == 200
    assert "Musterlösung für den heutigen Ablauf ansehen" in anna.page


def test_comparing_finishes_the_activity(anna: Bench, tool: Runtime) -> None:
    assert anna.post("compare", {}).status_code == 422, "an untouched copy is nobody's work"
    assert not done(tool)
    anna.get("to-be")
    anna.press("remove", 15)
    anna.get("compare")
    assert "Mit Musterlösung vergleichen" in anna.page
    assert "Musterlösung ansehen" not in anna.page
    assert not done(tool)
    anna.post("compare", {})
    assert anna.status == 200
    assert done(tool)
    assert "Die Rückfrage kostet fünf Tage." in anna.page
    assert "Die Steuerpflicht wird geprüft." in anna.page
    assert "Die Musterlösung kommt ohne diese Bausteine aus:" in anna.page
    assert "Lässt Ihre Satzung den Bescheid" in anna.page
    anna.get("to-be")
    assert len(anna.titles) == 14, "building goes on"
    anna.press("remove", 4)
    anna.get("compare")
    assert "Pflichtfelder ersetzen die Rückfrage." in anna.page
    assert "13" in anna.page
    assert "2 weniger" in anna.page


def test_who_has_built_nothing_yet_is_sent_to_the_bench_first(anna: Bench) -> None:
    same = "Ihr künftiger Ablauf gleicht noch dem heutigen."
    anna.get("compare")
    assert same in anna.page
    assert 'to-be"><span class="kern-label">Künftigen Ablauf bauen' in anna.page
    anna.get("to-be")
    anna.press("remove", 4)
    anna.get("compare")
    assert same not in anna.page
    assert "Sind Sie zufrieden mit Ihrem Ablauf?" in anna.page


def test_too_short_a_process_is_not_compared(anna: Bench, tool: Runtime) -> None:
    assert anna.save([step("eingang"), step("ausgang")], 0).status_code == 200
    anna.get("compare")
    assert "Mit Musterlösung vergleichen</span>" not in anna.page
    assert anna.post("compare", {}).status_code == 422
    assert 'role="alert"' in anna.page
    assert not done(tool)


def test_the_script_saves_the_whole_process(anna: Bench, tool: Runtime) -> None:
    answer = anna.save([step("eingang", note=" zwei  Wörter "), step("scannen", minutes=3)], 0)
    assert (answer.status_code, answer.json) == (200, {"version": 1})
    assert anna.save([step("ausgang")], 1).json == {"version": 2}
    assert anna.save([step("ausgang")], 1).json == {"version": 2}, "the same, sent twice"
    late = anna.save([step("drucken")], 1)
    assert (late.status_code, late.json) == (409, {"version": 2})
    assert late.headers["X-LTI-Error"] == "work_changed"
    assert saved(tool)["to_be"] == [step("ausgang")]
    assert anna.save([step("drucken")], 2).json == {"version": 3}


def test_two_windows_do_not_overwrite_each_other(anna: Bench, tool: Runtime) -> None:
    anna.get("to-be")
    other = Bench(anna.client, anna.launch_id)
    other.get("to-be")
    anna.press("remove", 1)
    answer = other.press("remove", 1)
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (409, "work_changed")
    assert "in einem anderen Fenster" in other.page
    assert len(saved(tool)["to_be"]) == 14


HOSTILE = [
    "", "null", "{}", "[1]", "[[]]", '"text"', "[{}]", "[" * 50_000, "[" + "1" * 5_000 + "]", "NaN", "[NaN]",
    '[{"block": "eingang"}]',
    '[{"block": "lesen", "unit": "steueramt"}]',
    '[{"block": "eingang", "unit": "keller"}]',
    '[{"block": "eingang", "unit": "steueramt", "before": "fax"}]',
    '[{"block": "eingang", "unit": "steueramt", "minutes": -1}]',
    '[{"block": "eingang", "unit": "steueramt", "minutes": 1.5}]',
    '[{"block": "eingang", "unit": "steueramt", "minutes": true}]',
    '[{"block": "eingang", "unit": "steueramt", "minutes": "5"}]',
    '[{"block": "eingang", "unit": "steueramt", "days": 1e999}]',
    '[{"block": "eingang", "unit": "steueramt", "days": 123456789012345678901234567890}]',
    '[{"block": "eingang", "unit": "steueramt", "note": null}]',
    '[{"block": "eingang", "unit": "steueramt", "note": "\\u0000"}]',
    '[{"block": "eingang", "unit": "steueramt", "note": "\\ud800"}]',
    '[{"block": "eingang", "unit": "steueramt", "color": "red"}]',
    '[{"block": ["eingang"], "unit": "steueramt"}]',
    '[{"block": {"a": 1}, "unit": "steueramt"}]',
    json.dumps([{"block": "eingang", "unit": "steueramt", "note": "x" * 301}]),
    json.dumps([{"block": "eingang", "unit": "steueramt", "note": "x" * 200_000}]),
]  # fmt: skip


@pytest.mark.parametrize("sent", HOSTILE)
def test_what_is_no_process_is_refused(anna: Bench, tool: Runtime, sent: str) -> None:
    answer = anna.save(sent, 0)
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (400, "process_invalid")
    assert saved(tool) == {}


def test_at_most_forty_steps(anna: Bench, tool: Runtime) -> None:
    assert anna.save([step("sichten", note="ä" * 300)] * 40, 0).status_code == 200
    answer = anna.save([step("sichten")] * 41, 1)
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (400, "process_full")
    anna.get("to-be")
    answer = anna.post("to-be", {"version": 1, "after": 40, "add": "sichten"})
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (400, "process_full")
    assert len(saved(tool)["to_be"]) == 40


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"version": "0"},
        {"version": "x", "step": "1", "action": "up"},
        {"version": "0", "step": "0", "action": "up"},
        {"version": "0", "step": "16", "action": "up"},
        {"version": "0", "step": "²", "action": "up"},
        {"version": "0", "step": "1", "action": "explode"},
        {"version": "0", "step": "1"},
        {"version": "0", "after": "0", "add": "lesen"},
        {"version": "0", "after": "99", "add": "sichten"},
        {"version": "0", "after": "-1", "add": "sichten"},
        {"version": "99999999999", "step": "1", "action": "up"},
        {"version": "0", "action": "copy"},
        {"version": "0", "step": "1", "action": "save", "unit": "keller"},
        {"version": "0", "step": "1", "action": "save", "unit": "leitung", "before": "fax"},
        {"version": "0", "step": "1", "action": "save", "unit": "leitung", "note": "x" * 301},
        {"version": "0", "step": "1", "action": "save", "unit": "leitung", "note": "\x00"},
        {
            "version": "0",
            "step": "1",
            "action": "save",
            "unit": "leitung",
            "minutes": "9" * 5000,
            "note": "\x01",
        },
    ],
)
def test_forms_of_somebody_else_s_are_refused(anna: Bench, tool: Runtime, form: dict[str, str]) -> None:
    answer = anna.post("to-be", form)
    assert (answer.status_code, answer.headers["X-LTI-Error"]) == (400, "process_invalid")
    assert saved(tool) == {}


@pytest.mark.parametrize("step", ["0", "16", "-1", "x", "²", "9" * 5000, ""])
def test_a_step_that_is_not_there_is_simply_not_chosen(anna: Bench, step: str) -> None:
    anna.get(f"to-be?step={step}")
    assert anna.status == 200
    assert 'aria-expanded="true"' not in anna.page


def test_somebody_else_s_launch_opens_nothing(place: Workplace, anna: Bench, tool: Runtime) -> None:
    anna.save([step("eingang")], 0)
    stranger = Bench(place.enter("berta").client, anna.launch_id)
    for path in ("", "as-is", "to-be", "compare", "to-be.svg", "to-be.csv"):
        assert stranger.get(path).status_code in (401, 403)
    assert stranger.post("to-be", {"version": 1, "step": 1, "action": "remove"}).status_code in (401, 403)
    assert stranger.post("compare", {}).status_code in (401, 403)
    assert saved(tool)["to_be"] == [step("eingang")]
    own = place.enter("berta")
    own.get("to-be")
    assert len(own.titles) == 15


def test_other_activities_have_no_such_pages(anna: Bench) -> None:
    for path in ("to-be", "compare", "to-be.svg"):
        assert Bench(anna.client, anna.launch_id, "gibt-es-nicht").get(path).status_code == 404
    assert anna.get("was-anderes").status_code == 404
    assert anna.get("was-anderes.svg").status_code == 404


def test_a_review_only_looks(place: Workplace, anna: Bench, tool: Runtime) -> None:
    anna.save([step("eingang"), step("drucken"), step("ausgang")], 0)
    with tool.database.read() as db:
        membership = db.scalar(select(Membership.id))
    coach = place.enter("lotse", role=Role.INSTRUCTOR)
    place.turn(coach, reviewing=True, review_membership_id=membership)
    looks_only(coach, ["Dokument geht ein", "Drucken", "Dokument geht aus"])
    assert saved(tool)["to_be"][1]["block"] == "drucken"


def test_without_a_person_nothing_is_kept_but_the_solution_is_shown(place: Workplace, tool: Runtime) -> None:
    guest = place.enter("gast")
    place.turn(guest, membership_id=None)
    looks_only(guest, None)
    guest.get("compare")
    assert "Musterlösung ansehen" in guest.page
    assert saved(tool) == {}


def looks_only(bench: Bench, titles: list[str] | None) -> None:
    bench.get("to-be?step=1")
    assert bench.status == 200
    if titles is not None:
        assert bench.titles == titles
    assert 'name="add"' not in bench.page
    assert 'name="action"' not in bench.page
    assert bench.post("to-be", {"version": 1, "step": 1, "action": "remove"}).status_code == 404
    assert bench.save([step("eingang")], 1).status_code == 404
    assert bench.post("compare", {}).status_code == 404
    assert bench.get("to-be.csv").status_code == 200


def step(block: str, **more: object) -> dict[str, object]:
    values = {"unit": "steueramt", "before": "", "after": "", "note": "", "minutes": 0, "days": 0}
    return {"block": block, **values, **more}


def saved(tool: Runtime) -> dict[str, list[dict[str, object]]]:
    with tool.database.read() as db:
        found: dict[str, list[dict[str, object]]] | None = db.scalar(select(Work.content))
    return found or {}


def done(tool: Runtime) -> bool:
    with tool.database.read() as db:
        rows = select(Progress.completed_at).where(Progress.kind == "activity")
        return any(at is not None for at in db.scalars(rows))
