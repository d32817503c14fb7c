"""``verify``: from an id_token to a Launch, or to the reason why not. Checks run in the spec's order."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from lms_tool.lti import claims as c
from lms_tool.lti.deep_linking import DeepLinkingSettings, read_settings
from lms_tool.lti.errors import DeploymentUnknown, LtiError
from lms_tool.lti.keys import PlatformKey
from lms_tool.lti.login import Target, check_target
from lms_tool.lti.state import LoginState, check_nonce
from lms_tool.lti.token import Token
from lms_tool.lti.token_errors import (
    AudienceMismatch,
    AudienceMissing,
    AudienceUntrusted,
    AzpMismatch,
    ClaimInvalid,
    ClaimMissing,
    IssuerMismatch,
    IssuerMissing,
    MessageTypeInvalid,
    MessageTypeUnsupported,
    SecurityClaimMissing,
    TokenExpired,
    TokenNotYetValid,
    TokenTooOld,
    VersionUnsupported,
)

LEEWAY: Final = 60  # seconds by which a platform's clock may differ
MAX_AGE: Final = 600  # seconds since iat

RESOURCE_LINK_REQUEST: Final = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST: Final = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST: Final = "LtiSubmissionReviewRequest"
_MESSAGES: Final = frozenset({RESOURCE_LINK_REQUEST, DEEP_LINKING_REQUEST, SUBMISSION_REVIEW_REQUEST})
_UNSUPPORTED: Final = frozenset({"DataPrivacyLaunchRequest"})

_REQUIRED: Final = {  # for the audit trail: what a refused token lacked besides the first fault (CLM-23)
    "iss": "iss",
    "aud": "aud",
    "exp": "exp",
    "iat": "iat",
    "nonce": "nonce",
    c.MESSAGE_TYPE: "message_type",
    c.VERSION: "version",
    c.DEPLOYMENT_ID: "deployment_id",
    c.TARGET_LINK_URI: "target_link_uri",
    c.RESOURCE_LINK: "resource_link",
    "sub": "sub",
    c.ROLES: "roles",
}


@dataclass(frozen=True, slots=True)
class Registration:
    """What a token must say about its sender and its recipient.

    ``deployments`` are the deployment ids known for this registration; None leaves that check to the caller.
    """

    issuer: str
    client_id: str
    deployments: Container[str] | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """What a verified token says. Texts are the platform's: shown escaped, stored as sent."""

    issuer: str
    client_id: str
    deployment_id: str
    message_type: str
    person: c.PersonClaims
    roles: tuple[str, ...]
    role: c.Role
    role_scope_mentor: tuple[str, ...]  # subs that a mentor may look at; empty for every other role
    target_link_uri: str
    target: Target
    resource_link: c.ResourceLink | None  # None only in deep linking
    context: c.Context | None
    custom: dict[str, str]  # keys in lower case
    ags: c.AgsClaim | None
    ags_problem: (
        str | None
    )  # why no grades can be sent, for the audit trail; the claim may be absent without one
    nrps: c.NrpsClaim | None
    presentation: c.LaunchPresentation
    locale: str  # "de" or "en"
    for_user: str | None  # submission review only
    nonce: str
    iat: int  # Unix seconds
    lti1p1: c.LegacyClaim | None  # who this was in LTI 1.1, as the platform says
    deep_linking: DeepLinkingSettings | None = None  # deep linking only
    notices: c.NoticeClaim | None = None

    @property
    def sub(self) -> str | None:
        return self.person.sub

    @property
    def return_url(self) -> str | None:
        return self.presentation.return_url


def https_only(_host: str) -> bool:
    """The default for ``allow_http``: plain http nowhere."""
    return False


def verify(
    token: Token,
    keys: Sequence[PlatformKey],
    expected: Registration,
    state: LoginState,
    *,
    secret: bytes,
    base_url: str,
    now: int,
    allow_http: Callable[[str], bool] = https_only,
) -> Launch:
    """Prove that ``token`` is a launch of registration ``expected`` for the login ``state``, and read it.

    ``keys`` are the candidates for the token's kid, ``secret`` the one that issued the state, ``base_url``
    our origin, ``now`` Unix seconds; ``allow_http`` says which hosts may be spoken to without TLS. The caller
    has made sure that the state is alive and belongs to this browser; that it was not used before, the
    database decides afterwards.

    Raises one of the classes in ``token_errors``, TargetLinkUriNotAllowed, Nonce…, DeploymentUnknown. What is
    raised after the signature was verified carries ``return_url`` and, in its details, all ``missing``
    claims.
    """
    token.check_issuer(expected.issuer)
    token.check_signature(keys)
    claims = token.claims
    try:
        check_sender_and_recipient(claims, expected)
        iat = check_times(claims, now)
        nonce = check_nonce(secret, state, claims.get("nonce"))
        return _read(claims, expected, base_url, allow_http, nonce, iat)
    except LtiError as refusal:
        refusal.return_url = c.read_presentation(claims, allow_http).return_url
        missing = [name for key, name in _REQUIRED.items() if claims.get(key) is None]
        if missing:
            refusal.details["missing"] = missing
        raise


def check_sender_and_recipient(claims: dict[str, Any], expected: Registration) -> None:
    """Sec 5.1.3 steps 2 to 5. Further audiences are trusted only if ``azp`` says that the token is for us."""
    issuer = claims.get("iss")
    if issuer is None or issuer == "":
        raise IssuerMissing
    if issuer != expected.issuer:
        raise IssuerMismatch
    audience = claims.get("aud")
    if isinstance(audience, str):
        audience = [audience]
    if not isinstance(audience, list) or not any(isinstance(name, str) and name for name in audience):
        raise AudienceMissing
    if expected.client_id not in audience:
        raise AudienceMismatch
    authorized_party = claims.get("azp")
    if authorized_party is None:
        if len(audience) > 1:
            raise AudienceUntrusted
    elif authorized_party != expected.client_id:
        raise AzpMismatch


def check_times(claims: dict[str, Any], now: int, max_age: int = MAX_AGE) -> int:
    """Sec 5.1.3 steps 7 and 8, RFC 7519 4.1.5. Returns ``iat``."""
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if now >= expires + LEEWAY:
        raise TokenExpired
    if issued > now + LEEWAY:
        raise TokenNotYetValid
    if now - issued > max_age:
        raise TokenTooOld
    if claims.get("nbf") is not None and _seconds(claims, "nbf") > now + LEEWAY:
        raise TokenNotYetValid
    return int(issued)


def _seconds(claims: dict[str, Any], name: str) -> float:
    """A NumericDate (RFC 7519 2): a JSON number, never a text or a truth value."""
    value = claims.get(name)
    if value is None:
        raise SecurityClaimMissing(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and isfinite(value):  # 1e999 is a JSON number, too
        return value
    raise ClaimInvalid(name)


def _read(
    claims: dict[str, Any],
    expected: Registration,
    base_url: str,
    allow_http: Callable[[str], bool],
    nonce: str,
    iat: int,
) -> Launch:
    message_type = _message_type(claims)
    check_version(claims)
    deployment_id = c.required_id(claims, c.DEPLOYMENT_ID, "deployment_id")
    if expected.deployments is not None and deployment_id not in expected.deployments:
        raise DeploymentUnknown(deployment_id=deployment_id)
    target_link_uri = claims.get(c.TARGET_LINK_URI)
    if target_link_uri is None:
        raise ClaimMissing("target_link_uri")
    if not isinstance(target_link_uri, str):
        raise ClaimInvalid("target_link_uri")
    target = check_target(target_link_uri, base_url)
    resource_link = None if message_type == DEEP_LINKING_REQUEST else c.read_resource_link(claims)
    person = c.read_person(claims)
    roles = c.read_roles(claims)
    role = c.effective_role(roles)
    context = c.read_context(claims)
    ags, ags_problem = c.read_ags(claims, allow_http)
    for_user = None
    if message_type == SUBMISSION_REVIEW_REQUEST:
        for_user = c.read_for_user(claims)
        if ags is None or ags.lineitem is None:
            raise ClaimMissing("lineitem")
    presentation = c.read_presentation(claims, allow_http)
    deep_linking = read_settings(claims, allow_http) if message_type == DEEP_LINKING_REQUEST else None
    return Launch(
        issuer=expected.issuer,
        client_id=expected.client_id,
        deployment_id=deployment_id,
        message_type=message_type,
        person=person,
        roles=roles,
        role=role,
        role_scope_mentor=c.read_mentees(claims) if role is c.Role.MENTOR else (),
        target_link_uri=target_link_uri,
        target=target,
        resource_link=resource_link,
        context=context,
        custom=c.read_custom(claims),
        ags=ags,
        ags_problem=ags_problem,
        nrps=c.read_nrps(claims, allow_http),
        presentation=presentation,
        locale=c.read_locale(claims, presentation),
        for_user=for_user,
        nonce=nonce,
        iat=iat,
        lti1p1=c.read_lti1p1(claims),
        deep_linking=deep_linking,
        notices=c.read_notice_service(claims, allow_http),
    )


def _message_type(claims: dict[str, Any]) -> str:
    """Core 5.3.1."""
    message_type = claims.get(c.MESSAGE_TYPE)
    if message_type is None:
        raise ClaimMissing("message_type")
    if isinstance(message_type, str):
        if message_type in _MESSAGES:
            return message_type
        if message_type in _UNSUPPORTED:
            raise MessageTypeUnsupported
    raise MessageTypeInvalid


def check_version(claims: dict[str, Any]) -> None:
    """Core 5.3.2."""
    version = claims.get(c.VERSION)
    if version is None:
        raise ClaimMissing("version")
    if version != "1.3.0":
        raise VersionUnsupported(version=repr(version)[:40])
