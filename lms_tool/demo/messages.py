"""What a launch says: the claims of the id_token, in the form and order that was recorded from Moodle 5.1."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from typing import Any
from urllib.parse import urlencode

import jwt

from lms_tool.demo.config import AGS, SCOPE_MEMBERS, Container
from lms_tool.demo.lineitems import item_url, lineitems_url
from lms_tool.demo.people import Person, Role
from lms_tool.demo.platform import Platform, Visit

TOKEN_SECONDS = 60
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"


def id_token(
    platform: Platform,
    db: sqlite3.Connection,
    activity: sqlite3.Row,
    visit: Visit,
    container: Container,
    nonce: str,
) -> str:
    site = platform.site
    claims = resource_link_request(platform, db, activity, visit, container, nonce)
    return jwt.encode(claims, site.private_pem, algorithm="RS256", headers={"kid": site.kid})


def selection_token(platform: Platform, visit: Visit, nonce: str) -> str:
    """The id_token of a content selection."""
    site = platform.site
    claims = deep_linking_request(platform, visit, nonce)
    return jwt.encode(claims, site.private_pem, algorithm="RS256", headers={"kid": site.kid})


def deep_linking_request(platform: Platform, visit: Visit, nonce: str) -> dict[str, Any]:
    config, person = platform.config, visit.person
    claims = opening(platform, person, config.tool_launch_url, nonce)
    claims[f"{LTI}message_type"] = "LtiDeepLinkingRequest"
    claims |= who(person)
    claims[f"{LTI}launch_presentation"] = {"locale": person.locale}
    claims |= closing(platform)
    claims[f"{LTI}custom"] = {}
    if scopes := [scope for scope in config.scopes if scope.startswith(AGS)]:
        claims[ENDPOINT] = {"scope": scopes, "lineitems": lineitems_url(config)}
    query = {"course": config.course.id, "id": config.deployment_id, "sesskey": visit.sesskey}
    claims["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"] = {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": f"{config.base_url}/mod/lti/contentitem_return.php?{urlencode(query)}",
        "title": config.tool_name,
        "text": "",
    }
    return claims


def resource_link_request(
    platform: Platform,
    db: sqlite3.Connection,
    activity: sqlite3.Row,
    visit: Visit,
    container: Container,
    nonce: str,
) -> dict[str, Any]:
    person = visit.person
    claims = opening(platform, person, activity["url"], nonce)
    claims[f"{LTI}message_type"] = "LtiResourceLinkRequest"
    claims[f"{LTI}resource_link"] = {
        "title": activity["title"],
        "description": activity["description"],
        "id": str(activity["id"]),
    }
    claims |= basic_outcome(platform, activity, person)
    claims |= who(person)
    claims[f"{LTI}launch_presentation"] = {
        "locale": person.locale,
        "document_target": container,
        "return_url": return_url(platform, activity, visit, container),
    }
    claims |= closing(platform)
    claims[f"{LTI}custom"] = custom(platform, activity, person)
    return claims | services(platform, db, activity)


def opening(platform: Platform, person: Person, target: str, nonce: str) -> dict[str, Any]:
    """The claims every message begins with."""
    config, now = platform.config, int(platform.clock())
    return {
        "nonce": nonce,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "iss": config.base_url,
        "aud": config.client_id,
        f"{LTI}deployment_id": config.deployment_id,
        f"{LTI}target_link_uri": target,
        "sub": str(person.id),
        f"{LTI}lis": {
            "person_sourcedid": person.id_number,
            "course_section_sourcedid": config.course.id_number,
        },
        f"{LTI}roles": roles(person),
        f"{LTI}context": {
            "id": str(config.course.id),
            "label": config.course.short_name,
            "title": config.course.title,
            "type": ["CourseSection"],
        },
    }


def who(person: Person) -> dict[str, Any]:
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "name": person.name,
        f"{LTI}ext": {"user_username": person.username, "lms": "moodle-2"},
        "email": person.address,
    }


def closing(platform: Platform) -> dict[str, Any]:
    return {
        f"{LTI}tool_platform": {
            "product_family_code": "moodle",
            "version": "2025100600.02",
            "guid": platform.site.guid,
            "name": "LPM",
            "description": platform.config.site_name,
        },
        f"{LTI}version": "1.3.0",
    }


def roles(person: Person) -> list[str]:
    """A site administrator has three roles in alphabetical order: the first is not the main one."""
    if person.role is Role.STUDENT:
        return [f"{VOCABULARY}membership#Learner"]
    if person.role is Role.ADMIN:
        return [
            f"{VOCABULARY}institution/person#Administrator",
            f"{VOCABULARY}membership#Instructor",
            f"{VOCABULARY}system/person#Administrator",
        ]
    return [f"{VOCABULARY}membership#Instructor"]


def custom(platform: Platform, activity: sqlite3.Row, person: Person) -> dict[str, str]:
    """All values are text; a name with capitals comes twice; a variable that is not known stays as it is."""
    variables = {
        "$ResourceLink.id": str(activity["id"]),
        "$Context.id": str(platform.config.course.id),
        "$Context.id.history": "",
        "$User.id": str(person.id),
        "$User.username": person.username,
    }
    values: dict[str, str] = {}
    for name, value in json.loads(activity["custom"]).items():
        value = variables.get(str(value), str(value))
        values[name.lower()] = value
        values[name] = value
    if SCOPE_MEMBERS in platform.config.scopes:
        values["context_memberships_url"] = memberships_url(platform)
    return values


def services(platform: Platform, db: sqlite3.Connection, activity: sqlite3.Row) -> dict[str, Any]:
    """The claims of AGS and NRPS. ``lineitem`` is there only if exactly one column belongs to the link."""
    config = platform.config
    claims: dict[str, Any] = {}
    scopes = [scope for scope in config.scopes if scope.startswith(AGS)]
    if scopes:
        endpoint: dict[str, Any] = {"scope": scopes, "lineitems": lineitems_url(config)}
        columns = db.execute("SELECT id FROM grade_item WHERE link_id = ?", (activity["id"],)).fetchall()
        if len(columns) == 1:
            endpoint["lineitem"] = item_url(config, columns[0]["id"])
        claims[ENDPOINT] = endpoint
    if SCOPE_MEMBERS in config.scopes:
        claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] = {
            "context_memberships_url": memberships_url(platform),
            "service_versions": ["1.0", "2.0"],
        }
    return claims


def memberships_url(platform: Platform) -> str:
    config = platform.config
    return (
        f"{config.services_url}/CourseSection/{config.course.id}/bindings/{config.deployment_id}/memberships"
    )


def basic_outcome(platform: Platform, activity: sqlite3.Row, person: Person) -> dict[str, Any]:
    """The claim of LTI 1.1's outcomes, which Moodle adds to every graded activity."""
    if not activity["graded"]:
        return {}
    data = {
        "instanceid": str(activity["id"]),
        "userid": str(person.id),
        "typeid": platform.config.deployment_id,
        "launchid": secrets.randbelow(2**31),
    }
    seal = hmac.new(platform.site.guid.encode(), json.dumps(data).encode(), hashlib.sha256).hexdigest()
    sourcedid = json.dumps({"data": data, "hash": seal}, separators=(",", ":"))
    url = f"{platform.config.base_url}/mod/lti/service.php"
    return {OUTCOME: {"lis_result_sourcedid": sourcedid, "lis_outcome_service_url": url}}


def return_url(platform: Platform, activity: sqlite3.Row, visit: Visit, container: Container) -> str:
    query = {
        "course": platform.config.course.id,
        "launch_container": container.number,
        "instanceid": activity["id"],
        "sesskey": visit.sesskey,
    }
    return f"{platform.config.base_url}/mod/lti/return.php?{urlencode(query)}"
