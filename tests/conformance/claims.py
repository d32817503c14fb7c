"""The BASE id_token of the case list and ways to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
LEARNER = LIS + "membership#Learner"
INSTRUCTOR = LIS + "membership#Instructor"
MENTOR = LIS + "membership#Mentor"
DEVELOPER = LIS + "membership#ContentDeveloper"
ASSISTANT = LIS + "membership/Instructor#TeachingAssistant"
RETURN_URL = "https://p1.example/kurs/view.php?id=3"

Claims = dict[str, Any]
Change = Callable[[Claims], None]


def name_of(claim: str) -> str:
    """The full name of an LTI claim given by its short one; anything else (``iss``, a URI) as it is."""
    short = {
        "message_type", "version", "deployment_id", "target_link_uri", "resource_link", "roles", "context",
        "launch_presentation", "custom", "lis", "role_scope_mentor", "for_user", "tool_platform", "lti1p1",
    }  # fmt: skip
    return {"ags": AGS_CLAIM, "nrps": NRPS_CLAIM}.get(claim, CLAIM + claim if claim in short else claim)


def drop(*claims: str) -> Change:
    def change(token: Claims) -> None:
        for claim in claims:
            token.pop(name_of(claim), None)

    return change


def put(claim: str, value: Any) -> Change:
    """Set a claim. A dot goes one level down: ``resource_link.id``."""

    def change(token: Claims) -> None:
        outer, _, inner = claim.partition(".") if "/" not in claim else (claim, "", "")
        if inner:
            token[name_of(outer)] = {**token.get(name_of(outer), {}), inner: value}
        else:
            token[name_of(outer)] = value

    return change


def remove(claim: str) -> Change:
    """Take one member out of an object claim: ``context.title``."""
    outer, _, inner = claim.partition(".")

    def change(token: Claims) -> None:
        token[name_of(outer)] = {k: v for k, v in token[name_of(outer)].items() if k != inner}

    return change


def roles(*values: str) -> Change:
    return put("roles", list(values))


def base(
    *,
    issuer: str,
    client_id: str,
    deployment_id: str,
    target: str,
    now: int,
    nonce: str,
    sub: str,
    link: str,
    context: str,
    services: str,
    line_item: str,
    scopes: list[str],
) -> Claims:
    """BASE of section 0.1; ``services`` is the platform's origin, ``line_item`` the path of the link's column."""
    return {
        "iss": issuer,
        "aud": client_id,
        "sub": sub,
        "iat": now,
        "exp": now + 60,
        "nonce": nonce,
        "name": f"Petra Prüfer-{sub}",
        "given_name": "Petra",
        "family_name": f"Prüfer-{sub}",
        "email": f"{sub}@kommune.example",
        "locale": "de",
        CLAIM + "message_type": "LtiResourceLinkRequest",
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": deployment_id,
        CLAIM + "target_link_uri": target,
        CLAIM + "resource_link": {"id": link, "title": "Modul 1"},
        CLAIM + "roles": [LEARNER],
        CLAIM + "context": {
            "id": context,
            "label": "BB-26",
            "title": "Basis-Befähigung 2026",
            "type": ["CourseSection"],
        },
        CLAIM + "launch_presentation": {
            "locale": "de",
            "document_target": "iframe",
            "return_url": RETURN_URL,
        },
        CLAIM + "lis": {"person_sourcedid": "", "course_section_sourcedid": "BB-2026"},
        AGS_CLAIM: {
            "scope": scopes,
            "lineitems": f"{services}/services/2/lineitems?type_id=1",
            "lineitem": f"{services}{line_item}?type_id=1",
        },
        NRPS_CLAIM: {
            "context_memberships_url": f"{services}/services/2/memberships",
            "service_versions": ["1.0", "2.0"],
        },
    }
