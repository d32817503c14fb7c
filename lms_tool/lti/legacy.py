"""LTI 1.1: a signed form instead of a signed token, for an LMS that knows nothing newer.

``read_form`` and ``verify`` end in the same ``Launch`` as LTI 1.3, so nothing behind them knows the version. Section
numbers are those of the LTI 1.1.1 implementation guide. The signature is OAuth 1.0's (RFC 5849), computed by oauthlib;
that a nonce is used once, the database decides.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature as oauth

from lms_tool.errors import Text
from lms_tool.lti import claims as c
from lms_tool.lti.errors import LMS_ADMIN, LtiError
from lms_tool.lti.launch import RESOURCE_LINK_REQUEST, Launch, https_only
from lms_tool.lti.login import check_target
from lms_tool.lti.roles import VOCABULARY

ISSUER_PREFIX: Final = "urn:lti1p1:"  # + consumer key: people of an old LMS have no issuer
DEPLOYMENT: Final = "1"
MAX_AGE: Final = 300  # seconds by which a form may be old or early; within it the nonce must be remembered
MAX_FIELDS: Final = 200
MAX_KEY: Final = 200  # characters; the issuer made of it has to fit into 255

_REQUIRED: Final = (
    "oauth_consumer_key",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "lti_message_type",
    "lti_version",
    "resource_link_id",
)


class LegacyLaunchInvalid(LtiError):
    code, status = "lti11_launch_invalid", 400
    text = Text(
        "Dem Start aus Ihrem LMS fehlt eine Angabe, oder eine ist falsch.",
        "The start from your LMS lacks a detail, or one is wrong.",
    )
    remedy = LMS_ADMIN


class LegacySignatureInvalid(LtiError):
    code, status = "lti11_signature_invalid", 401
    text = Text(
        "Die Unterschrift unter dem Start stimmt nicht.",
        "The signature of the start is not right.",
    )
    remedy = Text(
        "Die Person, die Ihr LMS betreut, sollte Schlüssel, Geheimnis und Adresse des Werkzeugs vergleichen: Sie "
        "müssen auf beiden Seiten Zeichen für Zeichen gleich sein.",
        "The administrator of your LMS should compare key, secret and address of the tool: they must be the same on "
        "both sides, character by character.",
    )


class LegacyLaunchTooOld(LtiError):
    code, status = "lti11_timestamp_invalid", 401
    text = Text(
        "Dieser Start ist älter als fünf Minuten, oder die Uhr des LMS geht falsch.",
        "This start is older than five minutes, or the clock of the LMS is wrong.",
    )


@dataclass(frozen=True, slots=True)
class SignedForm:
    """A launch form before its signature was checked: of its content only the consumer key may be used."""

    fields: tuple[tuple[str, str], ...]
    consumer_key: str
    nonce: str
    timestamp: int  # Unix seconds
    signature: str
    method: str

    def value(self, name: str) -> str:
        """A field's value, empty if it is missing."""
        return next((value for key, value in self.fields if key == name), "")


@dataclass(frozen=True, slots=True)
class OutcomeService:
    """Where and under which id the grade of this person goes (§ 6)."""

    url: str
    sourcedid: str


@dataclass(frozen=True, slots=True)
class LegacyLaunch:
    launch: Launch
    outcome: OutcomeService | None  # None: this person gets no grade here


def read_form(fields: Iterable[tuple[str, str]]) -> SignedForm:
    """Take a posted form apart.

    Raises:
        LegacyLaunchInvalid: a field is missing, doubled, or there are too many.
    """
    found = tuple(fields)
    if len(found) > MAX_FIELDS:
        raise LegacyLaunchInvalid(problem="too many fields")
    names = [name for name, _ in found]
    if any("\0" in name or "\0" in value for name, value in found):  # PostgreSQL refuses to even look for it
        raise LegacyLaunchInvalid(problem="characters")
    for name in _REQUIRED:
        if names.count(name) != 1:
            raise LegacyLaunchInvalid(field=name, problem="missing" if name not in names else "sent twice")
    values = dict(found)
    for name in _REQUIRED:
        if not values[name].strip():
            raise LegacyLaunchInvalid(field=name, problem="empty")
    stamp, key, nonce = values["oauth_timestamp"], values["oauth_consumer_key"], values["oauth_nonce"]
    if not re.fullmatch(r"\d{1,12}", stamp, re.ASCII):
        raise LegacyLaunchInvalid(field="oauth_timestamp", problem="not a number")
    if len(key) > MAX_KEY or len(nonce) > 255:
        raise LegacyLaunchInvalid(field="oauth_consumer_key" if len(key) > MAX_KEY else "oauth_nonce")
    return SignedForm(
        found, key, nonce, int(stamp), values["oauth_signature"], values["oauth_signature_method"]
    )


def verify(
    form: SignedForm,
    secret: str,
    url: str,
    now: int,
    *,
    base_url: str,
    allow_http: Callable[[str], bool] = https_only,
) -> LegacyLaunch:
    """Prove that ``form`` was signed with ``secret`` for ``url`` (as the LMS called it, with query), and read it.

    Raises:
        LegacySignatureInvalid, LegacyLaunchTooOld, LegacyLaunchInvalid, TargetLinkUriNotAllowed.
    """
    _check_signature(form, secret, url)
    if abs(now - form.timestamp) > MAX_AGE:
        raise LegacyLaunchTooOld(seconds=now - form.timestamp)
    try:
        return _read(form, url, base_url, allow_http)
    except LtiError as refusal:
        refusal.return_url = c.service_url(form.value("launch_presentation_return_url"), allow_http)
        raise


def _check_signature(form: SignedForm, secret: str, url: str) -> None:
    check = {"HMAC-SHA1": oauth.verify_hmac_sha1, "HMAC-SHA256": oauth.verify_hmac_sha256}.get(form.method)
    if check is None or form.value("oauth_version") not in ("", "1.0"):
        raise LegacySignatureInvalid(method=form.method[:32])
    try:
        request = Request(url, "POST", body="", headers={})
        # RFC 5849 3.4.1.3: the parameters of the address are signed together with those of the form.
        signed = oauth.collect_parameters(uri_query=urlsplit(url).query, body=list(form.fields), headers={})
        request.params = [(name, value) for name, value in signed if name != "oauth_signature"]
        request.signature = form.signature
        right = check(request, secret, None)
    except ValueError:  # a query that is not encoded as RFC 5849 wants it cannot have been signed
        right = False
    if not right:
        raise LegacySignatureInvalid()


def _read(form: SignedForm, url: str, base_url: str, allow_http: Callable[[str], bool]) -> LegacyLaunch:
    if form.value("lti_message_type") != "basic-lti-launch-request":
        raise LegacyLaunchInvalid(field="lti_message_type")
    if form.value("lti_version") not in ("LTI-1p0", "LTI-1p1"):
        raise LegacyLaunchInvalid(field="lti_version")
    claims = _as_claims(form)
    roles = tuple(_role(part) for part in form.value("roles").split(",") if part.strip())
    role = c.effective_role(roles)
    presentation = c.read_presentation(claims, allow_http)
    outcome = _outcome(form, allow_http) if role is c.Role.LEARNER else None
    service = c.service_url(form.value("lis_outcome_service_url"), allow_http)
    launch = Launch(
        issuer=ISSUER_PREFIX + form.consumer_key,
        client_id=form.consumer_key,
        deployment_id=DEPLOYMENT,
        message_type=RESOURCE_LINK_REQUEST,
        person=c.read_person(claims),
        roles=roles,
        role=role,
        role_scope_mentor=_mentees(form) if role is c.Role.MENTOR else (),
        target_link_uri=url,
        target=check_target(url, base_url),  # the address that was called says what is meant
        resource_link=c.read_resource_link(claims),
        context=c.read_context(claims),
        custom=c.read_custom(claims),
        # The one column of this placement; how grades travel there is the sender's affair.
        ags=c.AgsClaim(frozenset({c.SCOPE_SCORE}), None, service) if service else None,
        ags_problem=None,
        nrps=None,
        presentation=presentation,
        locale=c.read_locale(claims, presentation),
        for_user=None,
        nonce=form.nonce,
        iat=form.timestamp,
        lti1p1=None,
    )
    return LegacyLaunch(launch, outcome)


def _as_claims(form: SignedForm) -> dict[str, object]:
    """The form's fields (§ 3, appendix C) under the names that the readers of claims know."""

    def given(**names: str) -> dict[str, object]:
        return {key: form.value(name) for key, name in names.items() if form.value(name)}

    claims = given(
        sub="user_id",
        name="lis_person_name_full",
        given_name="lis_person_name_given",
        family_name="lis_person_name_family",
        email="lis_person_contact_email_primary",
        locale="launch_presentation_locale",
    )
    claims[c.RESOURCE_LINK] = given(
        id="resource_link_id", title="resource_link_title", description="resource_link_description"
    )
    context = given(id="context_id", label="context_label", title="context_title")
    if "id" in context:
        claims[c.CONTEXT] = context
    claims[c.CUSTOM] = {
        name.removeprefix("custom_"): value for name, value in form.fields if name.startswith("custom_")
    }
    claims[c.LAUNCH_PRESENTATION] = given(
        return_url="launch_presentation_return_url",
        document_target="launch_presentation_document_target",
        locale="launch_presentation_locale",
    )
    return claims


_URN: Final = re.compile(r"urn:lti:(?P<kind>role|instrole|sysrole):ims/lis/(?P<name>\w+)(?:/(?P<sub>\w+))?")


def _role(value: str) -> str:
    """A role of LTI 1.1 (appendix A) as LTI 1.3 writes it; short names are the same in both."""
    match = _URN.fullmatch(value.strip())
    if match is None:
        return value.strip()
    name, sub = match["name"], match["sub"]
    if match["kind"] == "role":
        return f"{VOCABULARY}membership/{name}#{sub}" if sub else f"{VOCABULARY}membership#{name}"
    return f"{VOCABULARY}{'institution' if match['kind'] == 'instrole' else 'system'}/person#{name}"


def _mentees(form: SignedForm) -> tuple[str, ...]:
    named = form.value("role_scope_mentor").split(",")
    return tuple(part.strip() for part in named if part.strip())[: c.MAX_MENTEES]


def _outcome(form: SignedForm, allow_http: Callable[[str], bool]) -> OutcomeService | None:
    url = c.service_url(form.value("lis_outcome_service_url"), allow_http)
    sourcedid = form.value("lis_result_sourcedid")
    return OutcomeService(url, sourcedid) if url and 0 < len(sourcedid) <= c.MAX_URL else None


# --- migration claim ----------------------------------------------------------------------------------------


def migration_is_signed(launch: Launch, secret: str) -> bool:
    """Whether the migration claim of an LTI 1.3 launch was made by somebody who knows the LTI 1.1 secret.

    HMAC-SHA256 over consumer key, deployment id, issuer, client id, exp and nonce (LTI 1.3 Migration Guide).
    """
    claim = launch.lti1p1
    if claim is None or not claim.signature or not claim.consumer_key:
        return False
    parts = (
        claim.consumer_key,
        launch.deployment_id,
        launch.issuer,
        launch.client_id,
        claim.exp,
        launch.nonce,
    )
    expected = hmac.digest(secret.encode(), "&".join(parts).encode(), "sha256")
    try:
        sent = base64.b64decode(claim.signature, validate=True)
    except ValueError:  # also binascii.Error
        return False
    return hmac.compare_digest(sent, expected)
