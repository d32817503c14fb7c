"""Launches recorded from Moodle 5.1: its own signatures hold, and its claims mean what they should."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lti_builders import BASE_URL, LTI, NOW, SECRET, Platform

from lms_tool.lti import Launch, Registration, Role, issue, parse_key_set, parse_token, read_state, verify

RECORDED = json.loads(Path(__file__).with_name("moodle_5_1.json").read_text())


@pytest.mark.parametrize("raw", RECORDED["id_tokens"].values(), ids=RECORDED["id_tokens"])
def test_signature(raw: str) -> None:
    token = parse_token(raw)
    token.check_issuer("http://moodle.localhost:8051")
    token.check_signature(parse_key_set(json.dumps(RECORDED["jwks"]).encode()).candidates(token.kid))


@pytest.fixture
def launch(platform: Platform) -> Any:
    def replay(name: str) -> Launch:
        """The recorded claims, fresh again: new times, our nonce and address, a key that we hold."""
        claims = parse_token(RECORDED["id_tokens"][name]).claims
        pending = issue(SECRET, 7, NOW)
        claims.update(
            {
                "nonce": pending.nonce,
                "iat": NOW,
                "exp": NOW + 60,
                LTI + "target_link_uri": BASE_URL + "/lti/launch",
            }
        )
        token = parse_token(platform.sign(claims))
        return verify(
            token,
            platform.key_set().candidates(token.kid),
            Registration(claims["iss"], claims["aud"]),
            read_state(SECRET, pending.state),
            secret=SECRET,
            base_url=BASE_URL,
            now=NOW,
            allow_http=lambda host: host == "moodle.localhost",
        )

    return replay


@pytest.mark.parametrize(
    ("name", "role", "locale"),
    [
        ("launch-student-iframe", Role.LEARNER, "de"),
        ("launch-teacher", Role.INSTRUCTOR, "de"),
        ("launch-nonediting-teacher", Role.INSTRUCTOR, "de"),
        ("launch-site-admin", Role.INSTRUCTOR, "en"),
        ("submission-review", Role.INSTRUCTOR, "de"),
        ("deep-linking-request", Role.INSTRUCTOR, "de"),
    ],
)
def test_roles_and_language(launch: Any, name: str, role: Role, locale: str) -> None:
    assert (launch(name).role, launch(name).locale) == (role, locale)


def test_student(launch: Any) -> None:
    said = launch("launch-student-iframe")
    assert (said.sub, said.person.name, said.deployment_id) == ("5", "Sabine Müller", "1")
    assert (said.context.id, said.context.types, said.resource_link.id) == ("2", ("CourseSection",), "1")
    assert said.ags.lineitem.endswith("/lineitems/2/lineitem?type_id=1")
    assert "2.0" in said.nrps.versions
    assert said.custom["level"] == "3"
    assert not {"res_start", "unknown"} & said.custom.keys()  # variables that Moodle did not substitute
    assert "sesskey=" in said.return_url


def test_ungraded_activity(launch: Any) -> None:
    said = launch("launch-student-no-lineitem")
    assert (said.ags.lineitem, said.ags_problem) == (None, "lineitem_missing")


def test_privacy(launch: Any) -> None:
    said = launch("launch-privacy-no-name-no-email")
    assert said.sub
    assert (said.person.name, said.person.given_name, said.person.email) == (None, None, None)
    said = launch("launch-privacy-email-only-no-services")
    assert said.person.email
    assert (said.person.name, said.ags, said.ags_problem, said.nrps) == (None, None, None, None)


def test_submission_review(launch: Any) -> None:
    said = launch("submission-review")
    assert (said.message_type, said.for_user) == ("LtiSubmissionReviewRequest", "7")
