"""What an LMS says about itself and about our registration (Dynamic Registration 1.0 § 3.3, § 3.4).

::

    address = check_address(openid_configuration, trusted)    # where to fetch; nothing was requested yet
    platform = read_configuration(fetched)                    # well-formed, not yet believed
    check_issuer(platform, address)                           # it speaks for itself, not for another LMS
    check_endpoints(platform, address, trusted)               # nothing in it leads where we must not go
    ...                                                       # a person agrees, our request is posted
    granted = read_answer(status, body, redirect_uri)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lms_tool.lti import claims as c
from lms_tool.lti.launch import DEEP_LINKING_REQUEST
from lms_tool.lti.registration_errors import (
    RegistrationConfigInvalid,
    RegistrationFetchFailed,
    RegistrationIssuerMismatch,
    RegistrationRejected,
    RegistrationTokenMalformed,
    RegistrationUrlNotAllowed,
)
from lms_tool.lti.registration_urls import Address, Trusted, check_address, check_form
from lms_tool.lti.strict_json import NotStrict, parse_object

REQUIRED: Final = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
OUR_SCOPES: Final = frozenset(
    {
        c.SCOPE_LINEITEM,
        c.SCOPE_LINEITEM_READONLY,
        c.SCOPE_RESULT_READONLY,
        c.SCOPE_SCORE,
        c.SCOPE_MEMBERSHIP_READONLY,
        c.SCOPE_NOTICE_HANDLERS,
    }
)
MAX_PRODUCT: Final = 64
MAX_ITEMS: Final = 500  # of a list; Moodle names some forty variables
_WELL_KNOWN: Final = "/.well-known/"
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")  # what may stand in a header (RFC 6750 2.1, and a little more)


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """An LMS's OpenID configuration. Addresses are its own words until ``check_issuer`` and ``check_endpoints``.

    ``scopes`` are those it offers; None where it names none. ``placements`` are where it shows deep linking.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    registration_endpoint: str
    token_audience: str | None
    product: str
    family: str
    scopes: frozenset[str] | None
    placements: frozenset[str]
    notices: frozenset[str]

    @property
    def endpoints(self) -> tuple[str, str, str]:
        """What a registration keeps, and what two registrations of one issuer must have in common."""
        return self.authorization_endpoint, self.token_endpoint, self.jwks_uri


@dataclass(frozen=True, slots=True)
class Granted:
    """What the LMS made of our request.

    ``scopes`` is what it says it granted: shown to people, never relied on (Moodle names more than it gives).
    """

    client_id: str
    deployment_id: str | None
    scopes: frozenset[str] | None


def check_token(token: str | None) -> str | None:
    """The registration token, if there is one. Raises RegistrationTokenMalformed."""
    if not token:
        return None
    if not _TOKEN.fullmatch(token):
        raise RegistrationTokenMalformed
    return token


def read_configuration(body: bytes) -> PlatformConfiguration:
    """Read an OpenID configuration (Dynamic Registration 1.0 § 3.3).

    Raises RegistrationConfigInvalid, which names what is missing.
    """
    document = _object(body)
    missing = [name for name in REQUIRED if document.get(name) in (None, "")]
    if missing:
        raise _invalid(", ".join(missing), problem="missing")
    for name in REQUIRED:
        if not isinstance(document[name], str) or len(document[name]) > c.MAX_URL:
            raise _invalid(name, problem="not_a_text")
    lti = document.get(c.PLATFORM_CONFIGURATION)
    lti = lti if isinstance(lti, dict) else {}
    family = c.text(lti.get("product_family_code")) or ""
    return PlatformConfiguration(
        issuer=document["issuer"],
        authorization_endpoint=document["authorization_endpoint"],
        token_endpoint=document["token_endpoint"],
        jwks_uri=document["jwks_uri"],
        registration_endpoint=document["registration_endpoint"],
        token_audience=_audience(document.get("authorization_server")),
        product=_product(family, lti.get("version")),
        family=family.lower()[:MAX_PRODUCT],
        scopes=_offered(document.get("scopes_supported")),
        placements=_placements(lti.get("messages_supported")),
        notices=_strings(lti.get("notice_types_supported")),
    )


def check_issuer(platform: PlatformConfiguration, fetched_from: Address) -> None:
    """The document speaks for the host it came from: its issuer is the address's beginning (§ 3.3, OIDC Discovery 4.3),
    and registrations go to the same host.

    Raises RegistrationIssuerMismatch, RegistrationConfigInvalid (the issuer is no address).
    """
    try:
        issuer = check_form(platform.issuer)
    except RegistrationUrlNotAllowed:
        raise _invalid("issuer", problem="form") from None
    if "?" in platform.issuer or len(platform.issuer) > c.MAX_ID:
        raise _invalid("issuer", problem="form")
    if issuer.origin != fetched_from.origin:
        raise RegistrationIssuerMismatch(issuer=issuer.host, fetched_from=fetched_from.host)
    below = fetched_from.path.startswith(issuer.path.rstrip("/") + "/")
    if not below and not fetched_from.path.startswith(_WELL_KNOWN):
        raise RegistrationIssuerMismatch(issuer=issuer.host, problem="path")
    try:
        endpoint = check_form(platform.registration_endpoint)
    except RegistrationUrlNotAllowed:
        raise _invalid("registration_endpoint", problem="form") from None
    if endpoint.origin != issuer.origin:
        raise RegistrationIssuerMismatch(issuer=issuer.host, registration_endpoint=endpoint.host)


def check_endpoints(platform: PlatformConfiguration, fetched_from: Address, trusted: Trusted) -> None:
    """Login, token and key set addresses are public https, or on the trusted host the document came from.

    Another trusted host would be a way into the operator's network, opened by whoever wrote the document.
    Raises RegistrationUrlNotAllowed.
    """

    def own(host: str) -> bool:
        return host == fetched_from.host and trusted(host)

    for url in platform.endpoints:
        address = check_address(url, own)
        if address.host != fetched_from.host and trusted(address.host):
            raise RegistrationUrlNotAllowed(host=address.host, problem="trusted network")


def read_answer(status: int, body: bytes, redirect_uri: str) -> Granted:
    """What the registration endpoint answered (§ 3.4.1; RFC 7591 § 3.2). Moodle says 200 where the norm says 201.

    Raises RegistrationRejected (with the platform's words), RegistrationFetchFailed, RegistrationConfigInvalid.
    """
    if 400 <= status < 500 and status not in (408, 429):
        refusal = RegistrationRejected(answered=status)
        refusal.detail = _words(body)
        raise refusal
    if status not in (200, 201):
        raise RegistrationFetchFailed(answered=status)
    answer = _object(body)
    client_id = answer.get("client_id")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= c.MAX_ID or not client_id.isprintable():
        raise _invalid("client_id", problem="missing")
    redirects = answer.get("redirect_uris")
    if redirects is not None and redirects != [redirect_uri]:
        raise _invalid("redirect_uris", problem="other")
    tool = answer.get(c.TOOL_CONFIGURATION)
    scope = answer.get("scope")
    return Granted(
        client_id=client_id,
        deployment_id=_deployment(tool.get("deployment_id")) if isinstance(tool, dict) else None,
        scopes=frozenset(scope.split()[:MAX_ITEMS]) if isinstance(scope, str) else None,
    )


def short_scopes(scopes: frozenset[str]) -> list[str]:
    """``score``, ``lineitem.readonly`` …: the last parts of the scopes we know, sorted."""
    return sorted(scope.rsplit("/", 1)[-1] for scope in scopes & OUR_SCOPES)


def _object(body: bytes) -> dict[str, Any]:
    try:
        return parse_object(
            body.removeprefix(b"\xef\xbb\xbf")
        )  # PHP files begin with a BOM more often than not
    except NotStrict as fault:
        raise _invalid("JSON", problem=fault.problem) from None


def _invalid(what: str, problem: str) -> RegistrationConfigInvalid:
    refusal = RegistrationConfigInvalid(what=what, problem=problem)
    refusal.detail = what
    return refusal


def _audience(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= c.MAX_URL and value.isprintable() else None


def _product(family: str, version: object) -> str:
    words = f"{family} {version if isinstance(version, str) else ''}".split()
    return "".join(filter(str.isprintable, " ".join(words)))[:MAX_PRODUCT].strip()


def _offered(value: object) -> frozenset[str] | None:
    """Scopes that mean something to LTI; a list without any of them says nothing about LTI."""
    offered = frozenset(scope for scope in _strings(value) if scope in OUR_SCOPES)
    return offered or None


def _placements(messages: object) -> frozenset[str]:
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, Mapping) and message.get("type") == DEEP_LINKING_REQUEST:
            return _strings(message.get("placements"))
    return frozenset()


def _strings(value: object) -> frozenset[str]:
    items = value[:MAX_ITEMS] if isinstance(value, list) else ()
    return frozenset(item for item in items if isinstance(item, str))


def _deployment(value: object) -> str | None:
    """Ids are texts; a number is taken as its digits, for some platforms send it so."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if -(10**18) < value < 10**18 else None
    return value if isinstance(value, str) and 0 < len(value) <= c.MAX_ID and value.isprintable() else None


def _words(body: bytes) -> str | None:
    """The platform's own sentence: an OAuth error as JSON (RFC 7591 § 3.2.2), or one line of plain text (Moodle)."""
    try:
        answer = json.loads(body.decode())
    except (ValueError, RecursionError):
        answer = body[:1000].decode(errors="replace")
        if "<" in answer:  # an HTML page of some error handler
            return None
    if isinstance(answer, dict):
        parts = [answer.get(name) for name in ("error", "error_description", "message")]
        answer = ": ".join(part for part in parts if isinstance(part, str) and part)
    if not isinstance(answer, str):
        return None
    return "".join(letter for letter in " ".join(answer.split()) if letter.isprintable())[:300] or None


__all__ = [
    "Granted",
    "PlatformConfiguration",
    "check_address",
    "check_endpoints",
    "check_issuer",
    "check_token",
    "read_answer",
    "read_configuration",
    "short_scopes",
]
