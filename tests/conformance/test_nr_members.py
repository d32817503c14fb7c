"""NR: who is shown as what, and who may look."""

from __future__ import annotations

from .bed import Bed
from .claims import INSTRUCTOR, LEARNER, LIS, MENTOR, drop, put, roles
from .fake_platform import Answer
from .fake_roster import member
from .page import Page
from .roster_visit import PATH, begin, roster_at, rows_of


def section(page: Page, kind: str) -> str:
    """The text of one group of the page; empty if nobody is in it."""
    found = page.all("section", aria_labelledby=f"gruppe-{kind}")
    return found[0].text if found else ""


def test_NR_07_inactive_and_deleted(bed: Bed) -> None:
    klasse = begin(bed, [member("u1", name="Ines Jäger"), member("u2", name="Lars Krüger")])
    learner = klasse.learner("u1")
    learner.enter()
    learner.complete()
    bed.wait(lambda: bed.is_settled(learner), "the grade")
    person = learner.person()
    klasse.again(
        [
            member("u1", name="Ines Jäger", status="Deleted"),
            member("u2", name="Lars Krüger", status="Inactive"),
        ]
    )
    assert klasse.statuses() == {"u1": "deleted", "u2": "inactive"}
    left = section(klasse.page(), "left")
    assert "Jäger, Ines" in left and "Krüger, Lars" in left
    assert "aus dem Kurs ausgetragen" in left and "nicht mehr aktiv seit" in left
    (membership,) = bed.rows.all("membership", person_id=person["id"])
    assert bed.rows.all("progress", membership_id=membership["id"]), "progress is kept"
    klasse.age("roster_entry", "status_since", days=364)
    bed.upkeep()
    assert bed.rows.all("progress", membership_id=membership["id"])
    klasse.age("roster_entry", "status_since", days=366)
    bed.upkeep()
    assert klasse.entries() == {}
    assert bed.rows.all("progress", membership_id=membership["id"]) == []
    assert bed.rows.all("person", id=person["id"]) == []
    assert bed.rows.all("score", person_id=person["id"]) == []


def test_NR_08_vanished(bed: Bed) -> None:
    klasse = begin(bed, [member("u1", name="Ines Jäger"), member("u2", name="Lars Krüger")])
    assert section(klasse.page(), "left") == ""
    klasse.again([member("u1", name="Ines Jäger")])
    assert klasse.statuses() == {"u1": "active", "u2": "inactive"}
    since = klasse.entries()["u2"]["status_since"]
    left = section(klasse.page(), "left")
    assert "Krüger, Lars" in left and "nicht mehr aktiv seit" in left and str(since.year) in left
    klasse.again([member("u1", name="Ines Jäger"), member("u2", name="Lars Krüger")])
    assert klasse.statuses()["u2"] == "active"
    assert section(klasse.page(), "left") == ""


def test_NR_10_nameless(bed: Bed) -> None:
    klasse = begin(
        bed, [member("u1"), member("u2"), member("u3", name="Ines Jäger"), member("u4", name="Ines Jäger")]
    )
    shown = klasse.shown()
    nameless = [line for line in shown if line.startswith("Ohne Namen")]
    assert len(set(nameless)) == 2, "each has a sign of their own"
    assert not any("u1" in line or "u2" in line for line in shown)
    assert len([line for line in shown if line.startswith("Jäger, Ines")]) == 2, "equal names are two people"
    learner = klasse.learner("u3")
    learner.enter(drop("name", "given_name", "family_name", "email"))
    learner.complete()
    lines = [line for line in klasse.shown() if line.startswith("Jäger, Ines")]
    assert sorted("Noch nicht gestartet" in line for line in lines) == [False, True], "matched by id alone"
    assert len(klasse.entries()) == 4


def test_NR_11_short_and_full_roles(bed: Bed) -> None:
    klasse = begin(
        bed,
        [
            member("u1", "Learner", name="A Eins"),
            member("u2", LEARNER, name="B Zwei"),
            member("u3", "Instructor", name="C Drei"),
            member("u4", INSTRUCTOR, name="D Vier"),
            member("u5", LIS + "membership/Instructor#TeachingAssistant", name="E Fünf"),
            member("u6", MENTOR, name="F Sechs"),
        ],
    )
    page = klasse.page()
    learners, others = section(page, "learners"), section(page, "others")
    assert all(name in learners for name in ("Eins", "Zwei")) and "Drei" not in learners
    assert all(name in others for name in ("Drei", "Vier", "Fünf", "Sechs"))
    assert "gestartet" not in others, "nobody's progress but learners'"
    roles_found = {sub: entry["role"] for sub, entry in klasse.entries().items()}
    assert roles_found == {
        "u1": "learner", "u2": "learner", "u3": "instructor", "u4": "instructor", "u5": "assistant", "u6": "mentor",
    }  # fmt: skip


def test_NR_12_same_member_twice(bed: Bed) -> None:
    twice = [
        member("u1", "Learner", name="Ines Jäger"),
        member("u2"),
        member("u1", "Instructor", name="Ines Jäger"),
    ]
    klasse = begin(bed, twice, page_size=2)
    assert len(klasse.platform.asked) == 2
    entry = klasse.entries()["u1"]
    assert set(entry["roles"]) == {"Learner", "Instructor"}
    assert len([line for line in klasse.shown() if "Jäger" in line]) == 1


def test_NR_15_unreadable(bed: Bed) -> None:
    klasse = begin(
        bed, [member("u1", name="Ines Jäger"), {"name": "Niemand"}, None, 7, member("", name="Leer")]
    )
    assert set(klasse.entries()) == {"u1"}
    assert klasse.row()["skipped"] == 4
    assert "4 Einträge waren unlesbar" in klasse.page().text
    before = klasse.entries()
    for body in ("<html>", "", "[]", "null", '{"members": 7}', "{}", '{"members": [', b"\xff\xfe"):
        klasse.platform.always = Answer(200, body)
        assert klasse.again()["problem"] == "roster_unreadable", body
        assert klasse.entries() == before
    klasse.platform.always = None
    odd = {"user_id": "u7", "name": "Zeichen\x00 <script>alert(1)</script>", "roles": "Learner", "status": 9}
    klasse.again([member("u1"), odd, member("x" * 256), member("a\ud800")])
    assert set(klasse.entries()) == {"u1", "u7"}
    raw = klasse.teacher.browser.get(klasse.teacher.url(PATH)).text
    assert "<script>alert" not in raw and "&lt;script&gt;alert" in raw


def test_NR_17_filter_forgotten(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.roster.members = [
        member("u1"),
        member("u2"),
        member("u3", "Instructor"),
        member("u4", LEARNER),
    ]
    at.platform.roster.page_size, at.platform.roster.forgets_role = 1, True
    teacher = bed.at_lesson(at)
    teacher.enter(roles(INSTRUCTOR), roster_at(f"{at.platform.roster.url}?role=Learner"))
    context = bed.rows.one("context", lti_id=teacher.context)["id"]
    bed.wait(lambda: bed.rows.one("roster", context_id=context)["synced_at"], "the roster")
    found = {entry["user_id"] for entry in bed.rows.all("roster_entry", context_id=context)}
    assert len(at.platform.roster.asked) > 2
    assert found == {"u1", "u2", "u4"}


def test_NR_19_not_for_learners(bed: Bed) -> None:
    klasse = begin(bed, [member("u1", name="Ines Jäger"), member("u2", name="Lars Krüger")])
    learner, mentor = klasse.learner("u1"), klasse.learner("u9")
    learner.enter()
    mentor.enter(roles(MENTOR), put("role_scope_mentor", ["u1"]))
    for visit in (learner, mentor):
        for accept in ("text/html", "application/json"):
            for path in (PATH, f"{PATH}?page=2"):
                refused = visit.browser.get(visit.url(path), accept=accept)
                assert (refused.status, refused.error) == (403, "role_not_permitted")
                assert "Krüger" not in refused.text
        refused = visit.browser.post(visit.url(f"{PATH}/update"), {})
        assert (refused.status, refused.error) == (403, "role_not_permitted")
        assert PATH not in [link.rsplit("/", 1)[-1] for link in visit.page().links()]
    own = rows_of(learner.page(f"{PATH}/me"))
    assert own == [line for line in klasse.shown() if "Jäger" in line], "a learner sees what is seen of them"
    teacher_own = klasse.teacher.browser.get(klasse.teacher.url(f"{PATH}/me"))
    assert (teacher_own.status, teacher_own.error) == (403, "role_not_permitted")
