"""What people see and may do in the demo LMS."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from lms_tool.demo.config import Container, Item, LmsConfig
from lms_tool.demo.people import PEOPLE

from .lms import Lms, ToolKeys

GRADES = "/grade/report/index.php"


@pytest.fixture
def lms(data_dir: Path, tool: ToolKeys) -> Lms:
    """The demo's own people, and three activities."""
    items = (
        Item("Modul A", "k", "a"),
        Item("Test A", "k", "a", "test", container=Container.WINDOW, pass_grade=60),
        Item("Lektion A", "k", "a", "lektion", graded=False),
    )
    origin = "http://127.0.0.1:9"
    return Lms(
        LmsConfig(
            base_url="http://localhost:8051",
            data_dir=data_dir,
            tool_base_url=origin,
            tool_login_url=f"{origin}/lti/login",
            tool_launch_url=f"{origin}/lti/launch",
            tool_jwks_url=tool.url,
            client_id="demo",
            items=items,
        ),
        tool,
    )


def text_of(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def send(lms: Lms, person: int, given: float, item: int = 3) -> None:
    body: dict[str, Any] = {"userId": str(person), "scoreGiven": given, "scoreMaximum": 100}
    body |= {"activityProgress": "Completed", "gradingProgress": "FullyGraded", "comment": "gut <b>"}
    headers = {
        "Authorization": f"Bearer {lms.token()}",
        "Content-Type": "application/vnd.ims.lis.v1.score+json",
    }
    url = f"/mod/lti/services.php/2/lineitems/{item}/lineitem/scores?type_id=1"
    data = json.dumps(body | {"timestamp": "2026-11-21T19:29:24Z"})
    assert lms.client.post(url, data=data, headers=headers).status_code == 200


def cell(page: str, person: int, item: int) -> str:
    found = re.search(rf'<(td|li)[^>]*data-person="{person}" data-item="{item}".*?</\1>', page)
    assert found is not None
    return found[0]


def test_the_start_page_lets_one_enter_as_everybody(lms: Lms) -> None:
    page = text_of(lms.client, "/")
    for person in PEOPLE:
        assert f"Als {person.name} eintreten" in page
        assert f'href="/enter/{person.username}"' in page
    assert lms.client.get("/enter/niemand").status_code == 404


def test_the_course_page_opens_activities_in_a_frame_or_a_new_window(lms: Lms) -> None:
    browser = lms.enter("petra.sommer")
    page = text_of(browser, "/course/view.php?id=2")
    assert '<a href="/mod/lti/view.php?id=2">Modul A' in page
    assert '<a href="/mod/lti/launch.php?id=3" target="_blank" rel="opener">Test A' in page
    frame = text_of(browser, "/mod/lti/view.php?id=2")
    assert '<iframe src="/mod/lti/launch.php?id=2" title="Modul A">' in frame


def test_an_ungraded_activity_is_complete_once_it_was_opened(lms: Lms) -> None:
    browser = lms.enter("petra.sommer")
    before = text_of(browser, "/course/view.php?id=2")
    browser.get("/mod/lti/launch.php?id=4")
    browser.get("/mod/lti/launch.php?id=2")
    after = text_of(browser, "/course/view.php?id=2")
    assert (before.count("abgeschlossen</span>"), after.count("abgeschlossen</span>")) == (0, 1)


def test_staff_sees_all_grades_and_a_learner_only_the_own(lms: Lms) -> None:
    send(lms, 5, 100)
    send(lms, 6, 40)
    for username in ("thomas.lindner", "kerstin.vogel", "heike.albrecht"):
        page = text_of(lms.enter(username), GRADES)
        assert "100 / 100" in cell(page, 5, 3)
        assert "bestanden" in cell(page, 5, 3)
        assert "nicht bestanden" in cell(page, 6, 3)
        assert "offen" in cell(page, 7, 3)
    own = text_of(lms.enter("petra.sommer"), GRADES)
    assert "100 / 100" in cell(own, 5, 3)
    assert "Weißflog" not in own
    assert "40 / 100" not in own


def test_what_a_tool_sent_is_shown_as_text(lms: Lms) -> None:
    send(lms, 5, 100)
    assert b"gut &lt;b&gt;" in lms.enter("thomas.lindner").get(GRADES).data


def test_the_report_shows_what_arrived_and_what_was_answered(lms: Lms) -> None:
    send(lms, 5, 100)
    page = text_of(lms.enter("thomas.lindner"), GRADES)
    arrival = re.search(r"<tr data-arrival.*?</tr>", page)
    assert arrival is not None
    for shown in ("Petra Sommer", "Test A", "100 / 100", "Completed / FullyGraded", "<td>200</td>"):
        assert shown in arrival[0]


def sesskey(browser: FlaskClient) -> str:
    found = re.search('name="sesskey" value="([^"]*)"', text_of(browser, "/grade/edit.php?item=3&person=5"))
    assert found is not None
    return found[1]


def change(browser: FlaskClient, key: str, action: str, **fields: str) -> int:
    form = {"sesskey": key, "item": "3", "person": "5", "action": action, **fields}
    return browser.post("/grade/edit.php", data=form).status_code


def test_a_grade_by_hand_stands_until_it_is_taken_back(lms: Lms) -> None:
    browser = lms.enter("thomas.lindner")
    key = sesskey(browser)
    assert change(browser, key, "override", points="62,5", feedback="im Gespräch") == 303
    send(lms, 5, 10)
    page = cell(text_of(browser, GRADES), 5, 3)
    assert "62,5 / 100" in page
    assert "von Hand bewertet" in page
    assert change(browser, key, "release") == 303
    page = cell(text_of(browser, GRADES), 5, 3)
    assert "10 / 100" in page
    assert "nicht bestanden" in page


@pytest.mark.parametrize("points", ["", "viel", "-1", "nan", "1e99"])
def test_a_grade_by_hand_must_be_a_number(lms: Lms, points: str) -> None:
    browser = lms.enter("thomas.lindner")
    assert change(browser, sesskey(browser), "override", points=points) == 400
    assert lms.grade(3, 5) == ""


def test_only_teachers_with_their_own_key_change_grades(lms: Lms) -> None:
    key = sesskey(lms.enter("thomas.lindner"))
    for username in ("petra.sommer", "kerstin.vogel", "heike.albrecht", "thomas.lindner"):
        assert change(lms.enter(username), key, "override", points="100") == 403
    assert lms.grade(3, 5) == ""


@pytest.mark.parametrize("path", ["/course/view.php?id=2", GRADES, "/mod/lti/view.php?id=2"])
def test_who_has_not_entered_is_sent_to_the_start_page(lms: Lms, path: str) -> None:
    answer = lms.client.get(path)
    assert (answer.status_code, answer.location) == (302, "/")


def test_leaving_ends_the_session(lms: Lms) -> None:
    browser = lms.enter("petra.sommer")
    kept = browser.get_cookie("DemoLmsSession")
    assert kept is not None
    browser.post("/leave")
    browser.set_cookie("DemoLmsSession", kept.value)
    assert browser.get(GRADES).status_code == 302


def _return_path(lms: Lms, browser: FlaskClient, cmid: int) -> str:
    platform = lms.platform
    kept = browser.get_cookie("DemoLmsSession")
    assert kept is not None
    with platform.store.reading() as db:
        key = db.execute("SELECT sesskey FROM session WHERE id = ?", (kept.value,)).fetchone()[0]
    container = 4 if cmid == 3 else 3
    return f"/mod/lti/return.php?course=2&launch_container={container}&instanceid={cmid - 1}&sesskey={key}"


def test_the_tool_sends_people_back_to_the_course(lms: Lms) -> None:
    browser = lms.enter("petra.sommer")
    answer = browser.get(_return_path(lms, browser, 3))
    assert urlsplit(answer.location or "").path == "/course/view.php"
    framed = text_of(browser, _return_path(lms, browser, 2))
    assert 'href="/course/view.php?id=2" target="_top"' in framed
    told = text_of(browser, _return_path(lms, browser, 2) + "&lti_msg=Abgabe+gespeichert+%C3%A4")
    assert "Abgabe gespeichert ä" in told
    failed = browser.get(_return_path(lms, browser, 2) + "&lti_errormsg=%3Cb%3E")
    assert b"meldet einen Fehler: &lt;b&gt;" in failed.data
    assert browser.get("/mod/lti/return.php?sesskey=x").status_code == 403
