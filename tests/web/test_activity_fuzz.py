"""Forms that no page of ours would send: whatever comes, the answer is one that we meant, and every page still opens.

LMS_TOOL_FUZZ_EXAMPLES says how many to try; ``make test`` tries a few hundred. What was kept is looked at afterwards by
everybody who may: it must be shown as words, in pages as in pictures and tables.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import case_samples
import pytest
import worksheet_samples
import workshop_samples
from builders import course, fingerprint, launch, platform, publish
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lms_tool.content import package
from lms_tool.content.course import Module
from lms_tool.content.process import BLOCKS
from lms_tool.lti.claims import PersonClaims, Role
from lms_tool.lti.launch import SUBMISSION_REVIEW_REQUEST
from lms_tool.models import Membership, Person, Platform, Submission, Work
from lms_tool.runtime import Runtime
from lms_tool.services import launches
from lms_tool.web.security import SESSION_COOKIE

from .conftest import new_browser

EXAMPLES = int(os.environ.get("LMS_TOOL_FUZZ_EXAMPLES", "300"))
EVIL = "=<evil onload=alert(1)>\"'&{{7*7}}"  # a formula, a tag, the end of an attribute
KINDS = {
    "single": 'answers: [{id: a, text: Eins, correct: true, feedback: Ja.}, {id: b, text: Zwei, feedback: Nein.}]',
    "shorttext": "accept: [{text: Amt24, feedback: Ja.}]\n    feedback: Das Portal.",
    "numeric": 'value: "28,8"\n    tolerance: "0,1"\n    unit: Tage\n    feedback_right: Ja.\n    feedback: Nein.',
    "matching": "pairs: [{id: a, left: Netz, right: KDN, feedback: Ja.}, "
    "{id: b, left: Amt, right: Akte, feedback: Ja.}]",
    "ordering": "items: [{id: a, text: Eins, feedback: Ja.}, {id: b, text: Zwei, feedback: Ja.}, "
    "{id: c, text: Drei, feedback: Ja.}]",
    "gap": "passage: Durch {{a}} in {{b}}.\n    gaps: [{id: a, accept: [Amt24], feedback: Ja.}, "
    "{id: b, options: [eAkte, Akte], correct: eAkte, feedback: Ja.}]",
    "categorise": "categories: [{id: muss, text: muss}, {id: kann, text: kann}]\n    items: "
    "[{id: a, text: Eins, category: muss, feedback: Ja.}, {id: b, text: Zwei, category: kann, feedback: Ja.}]",
    "reflection": "feedback: Danke.",
}  # fmt: skip
HEAD = 'minutes: 5\nsources: ["01:Q1"]\nas_of: 2026-11-21\nreview: {state: draft}\n'
QUIZ = (
    f"id: t1\nkind: quiz\ntitle: Test\n{HEAD}attempts: 3\npass_percent: 60\nfeedback: immediate\nquestions:\n"
    + "".join(
        f"  - id: f{number}\n    kind: {kind}\n    objective: lz1\n    text: Frage?\n    {source}\n"
        for number, (kind, source) in enumerate(KINDS.items(), 1)
    )
)
LESSON = (
    f"---\nid: l1\ntitle: Lektion\nobjectives: [lz1]\n{HEAD}check:\n  kind: ordering\n  objective: lz1\n"
    f"  text: Frage?\n  {KINDS['ordering']}\n---\n\nText.\n\n[[kontrollfrage]]\n"
)
SHEET, CASE, OFFER = worksheet_samples.ACTIVITY, case_samples.CASE_ID, case_samples.OFFER_ID
WORKSHOPS = (workshop_samples.ACTIVITY, "werkstatt-frei")
PLACES = (SHEET, CASE, OFFER, *WORKSHOPS, "t1", "l1")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["", EVIL, "a\0b", "\ufffe\x0b", "x" * 20_001, "-1", "0", "1", "00009", "٣", "²", "9" * 30, "1.284", "3,5", "1,,2",
     "1e9", "NaN", "31.2.2026", "0000-00-00", "a:up", "a:down", "c:down", "ja", "netz", "\r\n\r\n", "=", "a=b",
     "\u2028", "0:dienstleister", "0:dienstleister 0:melden 0:presse 0:schweigen 0:ende-still", "poststelle",
     "steueramt", "papier"]
)  # fmt: skip
WHOLE = {"f.standorte": "5", "f.vorgehen": EVIL, "f.name": EVIL, "f.reife": "2", "f.liste.0.was": EVIL}

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([10**400, "\ud800", "\0"])
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
WAYS = ["", "0:dienstleister", "0:dienstleister 0:melden", "0:dienstleister 0:melden 0:presse",
        "0:dienstleister 0:melden 0:presse 0:schweigen", "2:anfang " * 99 + "2:anfang", "9:anfang"]  # fmt: skip
STEP = st.fixed_dictionaries(
    {"block": st.sampled_from([*BLOCKS]), "unit": st.sampled_from(["poststelle", "steueramt", "leitung"])},
    optional={
        "note": st.just(EVIL) | TEXTS, "minutes": st.integers(0, 999), "days": st.integers(0, 999),
        "before": st.sampled_from(["", "papier"]), "after": st.sampled_from(["", "papier", "fach"]),
    },
)  # fmt: skip
DAMAGED = st.builds(
    lambda step, key, value: step | {key: value},
    STEP,
    st.sampled_from(["block", "unit", "note", "days"]) | TEXTS,
    VALUES,
)
STEPS = (
    (st.lists(STEP, max_size=6) | st.lists(STEP | DAMAGED, max_size=3) | VALUES).map(json.dumps)
    | TEXTS
    | st.sampled_from(
        ["[" * 50_000, '{"a":' * 20_000, "[" + "1," * 49_000 + "1]", "[1e999]", "[" + "9" * 5_000 + "]"]
    )
)
VERSIONS = st.sampled_from(["0", "1", "2", "3", "999999999"]) | TEXTS
ANYTHING = TEXTS | st.lists(TEXTS, max_size=3)


def form(required: dict[str, Any], *others: str) -> st.SearchStrategy[dict[str, Any]]:
    """A form with these fields, some of the others with anything in them, and now and then a field of nobody's."""
    known = st.dictionaries(st.sampled_from(others), ANYTHING, max_size=5) if others else st.just({})
    strange = st.dictionaries(TEXTS, ANYTHING, max_size=1)
    return st.builds(
        lambda *parts: {**parts[0], **parts[1], **parts[2]}, strange, known, st.fixed_dictionaries(required)
    )


WORKSHOP = st.tuples(st.sampled_from(WORKSHOPS), st.sampled_from(["as-is", "to-be"])).map(
    lambda at: f"a/{at[0]}/{at[1]}"
)
QUESTION = st.integers(0, len(KINDS) + 1).map("a/t1/t/1/q/{}".format)
NUMBERS = st.sampled_from([0, 1, 2, 3, 9, 9999, 10**12, -1])
REQUESTS = st.one_of(
    st.tuples(st.just(f"a/{SHEET}"), form(
        {"action": st.sampled_from(
            ["save", "keep", "hand_in", "add.liste", "remove.liste.0", "remove.liste.9", "remove.liste.00009",
             "remove.liste.", "remove..", "add..", "add.liste.1"]) | TEXTS, "version": VERSIONS},
        "f.standorte", "f.vorgehen", "f.name", "f.anschluss", "f.wege", "f.reife", "f.termin", "f.liste",
        "f.liste.0.was", "f.liste.1.wann", "f.liste.2.tage", "f.liste.99.stand", "f.liste.100.was", "f.liste.x.was",
    )),
    st.tuples(st.just(f"a/{SHEET}"), form(
        {"version": VERSIONS, "action": st.just("hand_in")} | {name: st.just(value) for name, value in WHOLE.items()},
        "f.wege", "f.reife", "f.anschluss",
    )),
    st.tuples(st.just(f"a/{CASE}/case"), form(
        {"choice": st.sampled_from("0129") | TEXTS, "way": TEXTS}, "action", "ends"
    )),
    st.tuples(st.just(f"a/{CASE}/case"), form({"choice": st.just("0"), "way": st.sampled_from(WAYS)}, "ends")),
    st.tuples(WORKSHOP, form({"version": VERSIONS, "steps": STEPS})),
    st.tuples(WORKSHOP, form({"version": VERSIONS, "add": st.sampled_from([*BLOCKS]) | TEXTS}, "after")),
    st.tuples(WORKSHOP, form(
        {"version": VERSIONS, "step": st.sampled_from("0129") | TEXTS,
         "action": st.sampled_from(["save", "up", "down", "left", "right", "remove", "copy"]) | TEXTS},
        "unit", "before", "after", "note", "minutes", "days",
    )),
    st.tuples(st.sampled_from(WORKSHOPS).map("a/{}/compare".format), form({})),
    st.tuples(QUESTION, form(
        {"action": st.sampled_from(["save", "check", "next", "previous"]) | TEXTS}, "answer", "move", "part.a", "part.b"
    )),
    st.tuples(QUESTION, form({"answer": st.permutations("abc") | st.lists(st.sampled_from("abcd")) | TEXTS}, "move")),
    st.tuples(st.just("a/l1/check"), form({"answer": st.lists(st.sampled_from("abcd")) | TEXTS}, "move")),
    st.tuples(st.sampled_from([f"a/{OFFER}/confirm", "a/t1/attempts", "a/l1/done", f"a/{CASE}/confirm"]), form({})),
    st.tuples(st.just(f"members/{{anna}}/a/{SHEET}/s/1"), form(
        {"decision": st.sampled_from(["returned", "accepted"]) | TEXTS}, "comment", "remark.standorte", "remark.liste"
    )),
    st.tuples(
        st.tuples(st.just("{anna}") | NUMBERS, st.sampled_from(PLACES), NUMBERS).map(
            lambda at: f"members/{at[0]}/a/{at[1]}/s/{at[2]}"
        ),
        form({"decision": st.sampled_from(["returned", "accepted"]), "comment": TEXTS}),
    ),
    st.tuples(st.sampled_from(PLACES).map("a/{}".format), form({}, "action", "steps", "answer", "session")),
)  # fmt: skip
WHO = ("anna", "berta", "coach", "mentor", "nobody", "nobody there", "review")


class School:
    """Everybody with a launch of the same course, in browsers of their own."""

    def __init__(
        self, app: Flask, tool: Runtime, folder: Path, twist: Callable[[Module], Module] = lambda one: one
    ) -> None:
        self.app, self.tool = app, tool
        self.codes: Counter[str] = Counter()
        with tool.database.write() as db:
            publish(db, course(*(replace(twist(one), anonymous=True) for one in _modules(folder))))
            self.at = platform(db)
            db.execute(update(Platform).values(mentors=True))
        self.desks: dict[str, tuple[FlaskClient, str]] = {}
        self.enter("anna")
        self.enter("berta")
        self.enter("coach", role=Role.INSTRUCTOR)
        self.enter("mentor", role=Role.MENTOR, role_scope_mentor=("anna",))
        self.enter("nobody", sub=None, module_id="vorfall", link="link-2")
        self.enter("nobody there", sub=None, module_id="netz", link="link-3")
        self.enter(
            "review", sub="coach", role=Role.INSTRUCTOR, message_type=SUBMISSION_REVIEW_REQUEST, for_user="anna",
            person=PersonClaims("coach", "Coach", None, None, None),
        )  # fmt: skip
        with tool.database.read() as db:
            rows = db.execute(
                select(Person.sub, Membership.id).join(Membership, Membership.person_id == Person.id)
            )
            self.members: dict[str, int] = {row.sub: row.id for row in rows}

    def enter(self, who: str, **wanted: Any) -> None:
        wanted = {"sub": who} | wanted
        proof = f"beweis-von-{who}-0123456789"
        said = launch(self.at, **wanted)
        with self.tool.database.write() as db:
            accepted = launches.accept(
                db, self.at.id, said, fingerprint(), proof, self.tool.shelf, self.tool.clock()
            )
        browser = new_browser(self.app)
        browser.set_cookie(SESSION_COOKIE, proof)
        self.desks[who] = browser, f"/k/{accepted.launch_id}/"

    def get(self, who: str, path: str) -> TestResponse:
        browser, base = self.desks[who]
        return self._meant(browser.get(base + path))

    def post(self, who: str, path: str, **sent: Any) -> TestResponse:
        browser, base = self.desks[who]
        return self._meant(browser.post(base + path.replace("{anna}", str(self.members["anna"])), **sent))

    def _meant(self, answer: TestResponse) -> TestResponse:
        code = answer.headers.get("X-LTI-Error", "")
        self.codes[code or str(answer.status_code)] += 1
        assert answer.status_code < 500, (answer.request.path, code)
        assert "<evil" not in answer.text
        assert "Traceback" not in answer.text
        return answer

    def everything_opens(self) -> None:
        """What is stored can be shown to everybody who may see it."""
        for who in ("anna", "coach"):
            for place in PLACES:
                assert self.get(who, f"a/{place}").status_code == 200, (who, place)
        for path in ("", "agenda", "members/me"):
            assert self.get("anna", path).status_code == 200, path
        for path in ("members", "members/worksheets"):
            assert self.get("coach", path).status_code == 200, path
        for place in (SHEET, CASE, *WORKSHOPS):
            assert self.get("review", f"a/{place}").status_code == 200, place
        for place in WORKSHOPS:
            for model in ("as-is", "to-be"):
                ElementTree.fromstring(self.get("anna", f"a/{place}/{model}.svg").data)
                table = self.get("anna", f"a/{place}/{model}.csv").data.decode("utf-8-sig")
                for row in csv.reader(StringIO(table, newline=""), delimiter=";"):
                    assert len(row) == 10
                    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)

    def nothing_has_grown_or_been_decided_otherwise(self) -> None:
        """Nobody keeps more than a form can send, and only a coach has decided."""
        with self.tool.database.read() as db:
            works = db.execute(select(Work.membership_id, Work.content)).all()
            handed = db.execute(select(Submission.decision, Submission.reviewer_id)).all()
            coach = db.scalar(select(Person.id).where(Person.sub == "coach"))
        assert all(len(json.dumps(row.content)) < 2_000_000 for row in works)
        assert all(row.reviewer_id == coach for row in handed if row.decision)


def _modules(folder: Path) -> Iterator[Module]:
    for name, write in (
        ("sheet", worksheet_samples.write),
        ("case", case_samples.write),
        ("workshop", workshop_samples.write),
    ):
        yield from package.read(write(folder / name)).modules
    own = worksheet_samples.write(folder / "quiz")
    modules = own / "modules" / "01-netz"
    (modules / "30-praxisaufgabe.yaml").unlink()
    (modules / "module.yaml").write_text(
        "id: test\ntitle: Test\nsummary: Ein Modul.\nobjectives: [{id: lz1, text: üben}]\n"
        'sources: {"01:Q1": {title: Quelle, as_of: 2026-01-15}}\n',
        "utf-8",
    )
    (modules / "01-lektion.md").write_text(LESSON, "utf-8")
    (modules / "80-test.yaml").write_text(QUIZ, "utf-8")
    yield from package.read(own).modules


@pytest.fixture
def school(app: Flask, tool: Runtime, tmp_path: Path) -> Iterator[School]:
    made = School(app, tool, tmp_path / "packages")
    made.post("anna", "a/t1/attempts")
    made.post("anna", f"a/{SHEET}", data=WHOLE | {"action": "hand_in", "version": "0"})
    yield made
    made.everything_opens()
    made.nothing_has_grown_or_been_decided_otherwise()
    print(made.codes.most_common())


relaxed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@relaxed
@given(
    who=st.sampled_from(WHO),
    sent=REQUESTS,
    by_script=st.booleans(),
    kind=st.sampled_from(["form", "form", "form", "parts", "json"]),
)
def test_any_form(
    school: School, who: str, sent: tuple[str, dict[str, Any]], by_script: bool, kind: str
) -> None:
    path, data = sent
    headers = {"HX-Request": "true"} if by_script else {}
    if kind == "json":
        school.post(who, path, data=json.dumps(data), content_type="application/json", headers=headers)
        return
    content_type = "multipart/form-data" if kind == "parts" else None
    answer = school.post(who, path, data=data, headers=headers, content_type=content_type)
    if answer.status_code == 303:
        base = school.desks[who][1]
        assert answer.location.startswith(base)
        school.get(who, answer.location.removeprefix(base))


@relaxed
@given(
    who=st.sampled_from(WHO),
    path=st.sampled_from([f"a/{CASE}", *(f"a/{place}/to-be" for place in WORKSHOPS), "members", ""]),
    query=st.dictionaries(st.sampled_from(["way", "ends", "step", "page", "back"]), TEXTS, max_size=3),
)
def test_any_query(school: School, who: str, path: str, query: dict[str, str]) -> None:
    browser, base = school.desks[who]
    school._meant(browser.get(base + path, query_string=query))


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("path", [f"a/{SHEET}", f"a/{WORKSHOPS[0]}/to-be", f"a/{CASE}/case"])
def test_more_than_any_form_holds(school: School, path: str, content_type: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="f.liste.%d.was"\r\n\r\n1\r\n'
    field = part if "multipart" in content_type else b"f.liste.%d.was=1&"
    for body in (
        b"".join(field % number for number in range(12_000))[:1_000_000],
        field % 0 + b"x" * 1_100_000,
        b"%ff%fe=%ed%a0%80&\xff\xfe=\x00",
    ):
        school.post("anna", path, data=body, content_type=content_type)
