"""Typed claims. The only file that spells claim URIs and scope URIs; roles stand in ``roles``.

Readers here take the decoded claims of a token whose signature was verified. Required claims raise
ClaimMissing or ClaimInvalid; optional ones that are malformed are left out, for a launch must not fail on an
ornament (Core 5.4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from lms_tool.lti.roles import Role as Role
from lms_tool.lti.roles import effective_role as effective_role
from lms_tool.lti.token_errors import ClaimInvalid, ClaimMissing

LTI_PREFIX: Final = "https://purl.imsglobal.org/spec/lti"
_LTI: Final = LTI_PREFIX + "/claim/"
MESSAGE_TYPE: Final = _LTI + "message_type"
VERSION: Final = _LTI + "version"
DEPLOYMENT_ID: Final = _LTI + "deployment_id"
TARGET_LINK_URI: Final = _LTI + "target_link_uri"
RESOURCE_LINK: Final = _LTI + "resource_link"
ROLES: Final = _LTI + "roles"
CONTEXT: Final = _LTI + "context"
CUSTOM: Final = _LTI + "custom"
LAUNCH_PRESENTATION: Final = _LTI + "launch_presentation"
ROLE_SCOPE_MENTOR: Final = _LTI + "role_scope_mentor"
FOR_USER: Final = _LTI + "for_user"
LTI1P1: Final = _LTI + "lti1p1"
NOTICE_SERVICE: Final = _LTI + "platformnotificationservice"
NOTICE: Final = _LTI + "notice"
ORIGIN_CONTEXTS: Final = _LTI + "origin_contexts"
AGS_ENDPOINT: Final = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_SERVICE: Final = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING_SETTINGS: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
DEEP_LINKING_DATA: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/data"
CONTENT_ITEMS: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"

PLATFORM_CONFIGURATION: Final = LTI_PREFIX + "-platform-configuration"
TOOL_CONFIGURATION: Final = LTI_PREFIX + "-tool-configuration"

SCOPE_LINEITEM: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINEITEM_READONLY: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT_READONLY: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_MEMBERSHIP_READONLY: Final = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPE_NOTICE_HANDLERS: Final = LTI_PREFIX + "/scope/noticehandlers"

MAX_ID: Final = 255  # Core 5.3.3, 5.3.5, 5.3.6
MAX_TEXT: Final = 1000  # titles and names; longer ones are cut
MAX_URL: Final = 2000  # as wide as the columns that keep them
MAX_MENTEES: Final = 1000  # one mentor's; a database takes only so many values in one question
MAX_CUSTOM: Final = 100
MAX_CUSTOM_KEY: Final = 255
MAX_CUSTOM_VALUE: Final = 4096
# By these a placed item names its content, and a copy its origin; kept however many others there are.
OWN_CUSTOM: Final = frozenset(
    {"course_id", "module_id", "activity_id", "placement_id", "context_history", "link_history"}
)

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResourceLink:
    id: str
    title: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class Context:
    id: str
    label: str | None
    title: str | None
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegacyClaim:
    """Who and what this was in LTI 1.1. Believed only after its signature was checked."""

    consumer_key: str
    signature: str
    user_id: str  # empty: the same as ``sub``; likewise the other two ids
    context_id: str
    resource_link_id: str
    exp: str  # as it stands in the token: part of what is signed


@dataclass(frozen=True, slots=True)
class PersonClaims:
    """Who the platform says it is. Everything may be absent (Core 5.3.6); the texts are shown escaped, stored
    as sent.
    """

    sub: str | None
    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class AgsClaim:
    """AGS 3.1: what may be done (scope URIs) and where. ``lineitem`` is absent for an ungraded activity."""

    scopes: frozenset[str]
    lineitems: str | None
    lineitem: str | None


@dataclass(frozen=True, slots=True)
class NrpsClaim:
    url: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeClaim:
    """Platform Notification Service 1.0: where a tool says which notices it wants, and which there are."""

    url: str
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class LaunchPresentation:
    return_url: str | None
    document_target: str | None
    locale: str | None


NO_PRESENTATION: Final = LaunchPresentation(None, None, None)
AllowHttp = Callable[[str], bool]


def required_id(holder: Claims, key: str, name: str) -> str:
    """A required id: a string of 1 to 255 characters. Raises ClaimMissing or ClaimInvalid with ``name``."""
    value = holder.get(key)
    if value is None:
        raise ClaimMissing(name)
    if not isinstance(value, str) or not value or len(value) > MAX_ID:
        raise ClaimInvalid(name)
    return value


def text(value: object) -> str | None:
    """An optional text: as sent, cut at 1000 characters; anything else, and the empty text, is absent."""
    return value[:MAX_TEXT] if isinstance(value, str) and value else None


def service_url(value: object, allow_http: AllowHttp) -> str | None:
    """``value`` if it is a usable https address, or http to a host that ``allow_http`` accepts; else None."""
    if (
        not isinstance(value, str)
        or len(value) > MAX_URL
        or not value.isprintable()
        or "\\" in value
        or " " in value
    ):
        return None
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or "@" in parts.netloc:
        return None
    if parts.scheme == "https" or (parts.scheme == "http" and allow_http(host)):
        return value
    return None


def read_resource_link(claims: Claims) -> ResourceLink:
    """Core 5.3.5. Raises ClaimMissing, ClaimInvalid (``resource_link``, ``resource_link.id``)."""
    link = claims.get(RESOURCE_LINK)
    if link is None:
        raise ClaimMissing("resource_link")
    if not isinstance(link, dict):
        raise ClaimInvalid("resource_link")
    return ResourceLink(
        required_id(link, "id", "resource_link.id"), text(link.get("title")), text(link.get("description"))
    )


def read_sub(claims: Claims) -> str | None:
    """Core 5.3.6: at most 255 ASCII characters, absent in an anonymous launch. Raises ClaimInvalid."""
    if "sub" not in claims:
        return None
    sub = claims["sub"]
    if not isinstance(sub, str) or not sub or len(sub) > MAX_ID or not sub.isascii():
        raise ClaimInvalid("sub")
    return sub


def read_person(claims: Claims) -> PersonClaims:
    return PersonClaims(
        read_sub(claims),
        text(claims.get("name")),
        text(claims.get("given_name")),
        text(claims.get("family_name")),
        text(claims.get("email")),
    )


def read_roles(claims: Claims) -> tuple[str, ...]:
    """Core 5.3.7: required, but may be empty. Raises ClaimMissing, ClaimInvalid."""
    roles = claims.get(ROLES)
    if roles is None:
        raise ClaimMissing("roles")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ClaimInvalid("roles")
    return tuple(roles)


def read_context(claims: Claims) -> Context | None:
    """Core 5.4.1: optional, but with an id if present. Raises ClaimInvalid."""
    context = claims.get(CONTEXT)
    if context is None:
        return None
    if not isinstance(context, dict):
        raise ClaimInvalid("context")
    identifier = context.get("id")
    if not isinstance(identifier, str) or not identifier or len(identifier) > MAX_ID:
        raise ClaimInvalid("context")
    types = context.get("type")
    return Context(
        identifier, text(context.get("label")), text(context.get("title")), _strings(types) if types else ()
    )


def read_custom(claims: Claims) -> dict[str, str]:
    """Core 5.4.6: custom parameters, keys in lower case (Moodle sends ``Level`` and ``level``), at most 100.

    Numbers and booleans become text (``true``), other types are left out, and so are variables that the
    platform did not substitute (``$Context.id.history``, 5.4.6.1).
    """
    custom = claims.get(CUSTOM)
    if not isinstance(custom, dict):
        return {}
    kept: dict[str, str] = {}
    for key, value in custom.items():
        if not isinstance(value, str):
            if isinstance(value, bool):
                value = "true" if value else "false"
            elif isinstance(value, int | float):
                value = str(value)
            else:
                continue
        if len(value) > MAX_CUSTOM_VALUE or len(key) > MAX_CUSTOM_KEY:
            continue
        if value[:1] == "$" and _VARIABLE.fullmatch(value):
            continue
        key = key.lower()
        if len(kept) < MAX_CUSTOM or key in OWN_CUSTOM:
            kept.setdefault(key, value)
    return kept


_VARIABLE = re.compile(r"\$[A-Za-z][\w.]*")


def read_presentation(claims: Claims, allow_http: AllowHttp) -> LaunchPresentation:
    """Core 5.4.4: every part is optional and ignored if malformed."""
    presentation = claims.get(LAUNCH_PRESENTATION)
    if not isinstance(presentation, dict):
        return NO_PRESENTATION
    return LaunchPresentation(
        service_url(presentation.get("return_url"), allow_http),
        text(presentation.get("document_target")),
        text(presentation.get("locale")),
    )


def read_locale(claims: Claims, presentation: LaunchPresentation) -> str:
    """``de`` or ``en``: the person's ``locale`` if we speak it, else the presentation's, else German."""
    for value in (claims.get("locale"), presentation.locale):
        if isinstance(value, str):
            language = value[:2].lower()
            if language == "de" or language == "en":
                return language
    return "de"


def read_ags(claims: Claims, allow_http: AllowHttp) -> tuple[AgsClaim | None, str | None]:
    """AGS 3.1. Returns the claim and what is wrong with it (for the audit trail), each or None.

    A malformed claim counts as absent: the launch works, only grades do not (CLM-66). ``lineitem_missing`` is
    the one problem a usable claim can have: nothing can be reported until a line item exists.
    """
    claim = claims.get(AGS_ENDPOINT)
    if claim is None:
        return None, None
    if not isinstance(claim, dict):
        return None, "not_an_object"
    scope = claim.get("scope")
    if not isinstance(scope, list) or not all(isinstance(item, str) for item in scope):
        return None, "scope_invalid"
    urls: list[str | None] = []
    for name in ("lineitems", "lineitem"):
        value = claim.get(name)
        url = None if value is None else service_url(value, allow_http)
        if value is not None and url is None:
            return None, f"{name}_invalid"
        urls.append(url)
    return AgsClaim(frozenset(scope), urls[0], urls[1]), None if urls[1] else "lineitem_missing"


def read_nrps(claims: Claims, allow_http: AllowHttp) -> NrpsClaim | None:
    """NRPS 3.6.1.1: None unless version 2.0 is offered at a usable address (CLM-67)."""
    claim = claims.get(NRPS_SERVICE)
    if not isinstance(claim, dict):
        return None
    versions = _strings(claim.get("service_versions"))
    url = service_url(claim.get("context_memberships_url"), allow_http)
    return NrpsClaim(url, versions) if url and "2.0" in versions else None


def read_notice_service(claims: Claims, allow_http: AllowHttp) -> NoticeClaim | None:
    """Platform Notification Service: None unless 1.0 is offered, we may use it, and the address is usable."""
    claim = claims.get(NOTICE_SERVICE)
    if not isinstance(claim, dict):
        return None
    url = service_url(claim.get("platform_notification_service_url"), allow_http)
    offered = "1.0" in _strings(claim.get("service_versions"))
    if not url or not offered or SCOPE_NOTICE_HANDLERS not in _strings(claim.get("scope")):
        return None
    return NoticeClaim(url, frozenset(_strings(claim.get("notice_types_supported"))))


def read_for_user(claims: Claims) -> str:
    """Submission Review 1.0: the platform's id of the person whose work is shown. Raises ClaimMissing,
    ClaimInvalid.
    """
    person = claims.get(FOR_USER)
    if person is None:
        raise ClaimMissing("for_user")
    if not isinstance(person, dict):
        raise ClaimInvalid("for_user")
    return required_id(person, "user_id", "for_user.user_id")


def read_lti1p1(claims: Claims) -> LegacyClaim | None:
    """The migration claim (LTI 1.3 Migration Guide); parts that are malformed or left out are empty."""
    claim = claims.get(LTI1P1)
    if claim is None:
        return None
    given = claim if isinstance(claim, dict) else {}

    def part(name: str) -> str:
        value = given.get(name)
        return value if isinstance(value, str) and len(value) <= MAX_ID else ""

    return LegacyClaim(
        consumer_key=part("oauth_consumer_key"),
        signature=part("oauth_consumer_key_sign"),
        user_id=part("user_id"),
        context_id=part("context_id"),
        resource_link_id=part("resource_link_id"),
        exp=str(claims.get("exp")),
    )


def read_mentees(claims: Claims) -> tuple[str, ...]:
    """Core 5.4.3 ``role_scope_mentor``: the ``sub`` of those whom a mentor may look at."""
    return _strings(claims.get(ROLE_SCOPE_MENTOR))[:MAX_MENTEES]


def _strings(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
