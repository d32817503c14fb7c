"""The course of the recordings, rebuilt in the demo LMS, and replaying a recorded call against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.test import TestResponse

from lms_tool.demo.config import Course, Item, LmsConfig
from lms_tool.demo.people import Person, Role

from .lms import Lms

FOLDER = Path(__file__).parent / "recordings"
ISSUER = "http://moodle.localhost:8051"
TOOL = "http://tool.localhost:9009"

# How the recordings abbreviate the one long comment.
LONG, LONG_SHOWN = "x" * 5000, "x * 5000"

TITLE = "Grundlagen E-Akte – Prüfung"
REVIEW = {"url": f"{TOOL}/launch?review=1", "custom": {"sicht": "review"}}
CUSTOM = {
    "aufgabe": "a1",
    "titel": "Prüfung mit = und ; Zeichen",
    "Level": "3",
    "resource_link": "$ResourceLink.id",
    "context_history": "$Context.id.history",
    "username": "$User.username",
    "groups": "1",
    "res_start": "$ResourceLink.submission.endDateTime",
    "unknown": "$Gibt.es.nicht",
    "fest": "Wert mit Umlaut ä",
}
ITEMS = (
    Item(
        TITLE,
        "k",
        activity_id="a1",
        maximum=87,
        pass_grade=50,
        custom=CUSTOM,
        description="Text FETT & Umlaut äöü",
    ),
    Item("Übung ohne Bewertung", "k", activity_id="u2", graded=False),
    Item(TITLE, "k2", activity_id="a1", maximum=87),
    Item("Noch eine Übung", "k", activity_id="u4", graded=False),
    Item("Ohne URL", "k", activity_id="n3", maximum=10),
    Item("Nur Fenster", maximum=100),
    Item("Ohne URL", "k2", activity_id="n3", maximum=10),
)


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def people() -> tuple[Person, ...]:
    """Everybody of the recorded course: members as the roster lists them, and who is not on it."""
    (members,) = (call["response"]["body"]["members"] for call in load("nrps") if call["label"] == "all")
    listed = [
        Person(
            int(member["user_id"]),
            member["ext_user_username"],
            member["given_name"],
            member["family_name"],
            {"3": Role.TEACHER, "4": Role.TUTOR}.get(member["user_id"], Role.STUDENT),
            id_number=member["lis_person_sourcedid"],
            email=member["email"],
        )
        for member in members
    ]
    return (
        Person(2, "admin", "Admin", "User", Role.ADMIN, locale="en", email="admin@example.test"),
        *listed,
        Person(35, "ausgesetzt", "Olaf", "Ausgesetzt", suspended=True),
        Person(36, "verwalter", "Gisela", "Verwalter", Role.NONE),
    )


def config(data_dir: Path, jwks_url: str, **changes: Any) -> LmsConfig:
    settings: dict[str, Any] = {
        "base_url": ISSUER,
        "data_dir": data_dir,
        "tool_base_url": TOOL,
        "tool_login_url": f"{TOOL}/login",
        "tool_launch_url": f"{TOOL}/launch",
        "tool_jwks_url": jwks_url,
        "client_id": "Gi2oy7kQ7VJdTQy",
        "items": ITEMS,
        "people": people(),
        "course": Course(2, "BBDN", "Basis-Befähigung Digital-Navigatoren", "BBDN-2026"),
        "timezone": ZoneInfo("Europe/Berlin"),
    }
    return LmsConfig(**settings | changes)


def replay(lms: Lms, call: dict[str, Any], token: str | None) -> TestResponse:
    """Send the recorded request; ``token`` stands in for the recorded one."""
    request = call["request"]
    headers = {name: value for name, value in request["headers"].items() if name != "Authorization"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = request["body"]
    if isinstance(body, dict) and body.get("comment") == LONG_SHOWN:
        body = body | {"comment": LONG}
    data = body if body is None or isinstance(body, str) else json.dumps(body)
    return lms.client.open(
        request["url"].removeprefix(ISSUER), method=request["method"], headers=headers, data=data
    )


def assert_same_answer(call: dict[str, Any], answer: TestResponse) -> None:
    """Status, reason, headers and body as recorded."""
    recorded = call["response"]
    assert answer.status.lower() == f"{recorded['status']} {recorded['reason']}".lower()
    for name, value in recorded["headers"].items():
        if name != "Cache-Control":
            assert answer.headers[name].encode("latin-1").decode() == value
    assert ("Link" in answer.headers) == ("Link" in recorded["headers"])
    text = answer.get_data(as_text=True).replace(LONG, LONG_SHOWN)
    if recorded["body"] == "":
        assert text == ""
    elif recorded["body"] == "(an HTML page, title: Error | LPT)":
        assert text.startswith("<!doctype html>")
    else:
        assert json.loads(text) == recorded["body"]
