"""NR: how a roster is read, and when it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .bed import Bed
from .claims import LIS, roles
from .fake_platform import Answer
from .fake_roster import member
from .roster_visit import PATH, Class, begin, roster_at, rows_of

LIMIT = 20_000  # LMS_TOOL_ROSTER_LIMIT by default


def people(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [member(f"u{n}", name=f"Vorname{n:05} Nachname{n:05}") for n in range(start, start + count)]


def test_NR_01_roster_without_accounts(bed: Bed) -> None:
    klasse = begin(bed, people(25))
    shown = klasse.shown()
    for one in people(25):
        (line,) = [text for text in shown if text.startswith(f"{one['family_name']}, {one['given_name']}")]
        assert "Noch nicht gestartet" in line
    persons = bed.rows.all("person", issuer=klasse.at.platform.issuer)
    assert [person["sub"] for person in persons] == [klasse.teacher.sub]
    assert len(bed.rows.all("membership", context_id=klasse.context_id)) == 1
    assert len(klasse.entries()) == 25
    assert klasse.at.platform.faults == []


def test_NR_02_three_pages(bed: Bed) -> None:
    klasse = begin(bed, people(25), page_size=10)
    assert len(klasse.platform.asked) == 3
    assert set(klasse.entries()) == {f"u{n}" for n in range(25)}
    assert len(klasse.at.platform.seen("/token")) == 1, "one token for all pages"


def test_NR_03_parameters_are_merged(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.roster.members = people(3)
    url = f"{at.platform.roster.url}?rlid=rl%201&limit=2"
    klasse = Class(bed, at, bed.at_lesson(at))
    klasse.teacher.enter(roles(LIS + "membership#Instructor"), roster_at(url))
    klasse.settled()
    query = klasse.platform.asked[0].query
    assert query["rlid"] == ["rl 1"]
    assert len(query["limit"]) == 1
    assert len(klasse.entries()) == 3


def test_NR_04_pages_in_a_circle(bed: Bed) -> None:
    klasse = begin(bed, people(3))
    klasse.platform.page_size, before = 1, klasse.entries()
    klasse.platform.next_url = lambda _: f"{klasse.platform.url}?limit=1000"
    asked = len(klasse.platform.asked)
    row = klasse.again(people(2, start=1))
    assert row["problem"] == "paging_endless"
    assert len(klasse.platform.asked) - asked <= 2
    assert klasse.entries() == before
    assert "nimmt kein Ende" in klasse.page().text
    assert klasse.learner("u1").enter().one("h1").text, "launches do not mind"


def test_NR_05_next_page_elsewhere(bed: Bed) -> None:
    klasse = begin(bed, people(2), page_size=1)
    other = bed.new_platform()
    port = klasse.at.platform.url.rsplit(":", 1)[1]
    targets = (
        f"{other.url}/services/2/memberships",
        other.url.replace("http:", "") + "/services/2/memberships",
        f"http://localhost:{port}/services/2/memberships",
        f"http://127.0.0.2:{port}/services/2/memberships",
        "https://evil.example/services/2/memberships",
        f"http://x:y@127.0.0.1:{port}/services/2/memberships",
        "file:///etc/passwd",
    )
    for target in targets:
        klasse.platform.next_url = lambda _, target=target: target
        before, asked = klasse.entries(), len(klasse.platform.asked)
        assert klasse.again(people(2, start=5))["problem"] == "paging_refused", target
        assert klasse.entries() == before
        assert len(klasse.platform.asked) - asked == 1
    assert other.requests == []
    assert "Adresse, die wir nicht aufrufen" in klasse.page().text


def test_NR_06_second_page_fails(bed: Bed) -> None:
    klasse = begin(bed, people(6), page_size=3)
    before = klasse.entries()
    for broken in (
        Answer(500),
        Answer(200, "<html>"),
        Answer(302, headers={"Location": "/"}),
        Answer(cut=True),
    ):
        klasse.platform.script = [None, broken]
        assert klasse.again(people(6, start=3))["problem"]
        assert klasse.entries() == before, "nobody came, nobody left"
    assert klasse.again()["problem"] is None
    assert klasse.statuses() == {f"u{n}": "inactive" if n < 3 else "active" for n in range(9)}


def test_NR_09_differences(bed: Bed) -> None:
    klasse = begin(bed, people(3), changed=[])
    klasse.platform.changed = [member("u1", status="Deleted"), member("u9", name="Neu Hier")]
    klasse.again()
    assert klasse.platform.asked[-1].path.endswith("/differences")
    assert klasse.statuses() == {"u0": "active", "u1": "deleted", "u2": "active", "u9": "active"}
    klasse.age("roster", "full_at", days=8)
    klasse.again(people(2))
    assert not klasse.platform.asked[-1].path.endswith("/differences"), "everything once a week"
    assert klasse.statuses() == {"u0": "active", "u1": "active", "u2": "inactive", "u9": "inactive"}


def test_NR_13_not_allowed(bed: Bed) -> None:
    for status, problem in ((401, "roster_forbidden"), (403, "roster_forbidden"), (404, "roster_gone")):
        at = bed.fresh()
        at.platform.roster.always = Answer(status, b"[]")
        klasse = Class(bed, at, bed.at_lesson(at))
        klasse.teacher.enter(roles(LIS + "membership#Instructor"))
        row = klasse.settled()
        assert (row["problem"], row["next_at"]) == (problem, None), "off"
        asked = len(klasse.platform.asked)
        assert asked <= 2, "a token is renewed once, no more"
        assert "Teilnehmerliste nicht verfügbar" in klasse.teacher.page().text, "staff get a hint"
        assert "Jetzt aktualisieren" in klasse.page().text
        learner = klasse.learner("u1")
        assert "Teilnehmerliste" not in learner.enter().text
        learner.complete()
        bed.wait(lambda v=learner: bed.is_settled(v), "the grade")
        bed.tool.clock.forward(hours=1)
        klasse.learner("u2").enter()
        bed.at_lesson(at, context=klasse.teacher.context).enter(roles(LIS + "membership#Instructor"))
        bed.tick()
        assert len(klasse.platform.asked) == asked, "nobody asks again by himself"
        klasse.platform.always = None
        assert klasse.again(people(1))["problem"] is None
        assert "nicht verfügbar" not in klasse.teacher.page().text


def test_NR_13_no_token_for_it(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.token_answers = [Answer(400, {"error": "invalid_scope"})]
    klasse = Class(bed, at, bed.at_lesson(at))
    klasse.teacher.enter(roles(LIS + "membership#Instructor"))
    assert (klasse.settled()["problem"], klasse.row()["next_at"]) == ("roster_forbidden", None)


def peak(bed: Bed) -> int:
    """The most memory the worker has ever had, in bytes."""
    assert bed.tool.worker is not None
    status = Path(f"/proc/{bed.tool.worker.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


def test_NR_14_very_large(bed: Bed) -> None:
    before = peak(bed)
    klasse = begin(bed, people(LIMIT))
    assert klasse.row()["problem"] is None
    page = klasse.page()
    assert len(rows_of(page)) == 100
    assert "Lernende (20000)" in page.text
    assert len(klasse.teacher.browser.get(klasse.teacher.url(PATH)).body) < 200_000
    assert klasse.again(people(LIMIT + 1))["problem"] == "roster_too_large"
    assert "LMS_TOOL_ROSTER_LIMIT" in klasse.page().text
    klasse.platform.always = Answer(200, endless=True)
    klasse.again()
    assert klasse.row()["problem"] == "roster_too_large"
    assert klasse.at.platform.endless_bytes < 60 * 2**20, "60 MiB are not read to the end"
    klasse.platform.always = Answer(200, {"members": people(10), "junk": "x" * (60 * 2**20)})
    assert klasse.again()["problem"] == "roster_too_large"
    assert len(klasse.entries()) == LIMIT, "what was there stays"
    assert peak(bed) - before < 200 * 2**20


def test_NR_16_too_many_requests(bed: Bed) -> None:
    klasse = begin(bed, people(2))
    klasse.platform.script = [Answer(429, headers={"Retry-After": "120"})]
    row = klasse.again(people(3))
    assert row["problem"] == "roster_busy"
    asked = len(klasse.platform.asked)
    bed.tool.clock.forward(seconds=60)
    klasse.teacher.browser.post(klasse.teacher.url(f"{PATH}/update"), {})
    bed.at_lesson(klasse.at, context=klasse.teacher.context).enter(roles(LIS + "membership#Instructor"))
    bed.tick()
    assert len(klasse.platform.asked) == asked, "not even by hand"
    assert "ausgelastet" in klasse.page().text
    bed.tool.clock.forward(seconds=61)
    bed.tick()
    bed.wait(lambda: len(klasse.entries()) == 3, "the roster after the pause")
    assert klasse.settled()["problem"] is None


def test_NR_18_plain_json(bed: Bed) -> None:
    for content_type in ("application/json", "text/html", ""):
        klasse = begin(bed, people(2), content_type=content_type)
        assert len(klasse.entries()) == 2
