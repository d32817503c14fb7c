"""Why an id_token is refused: its form, its key, its signature, its claims (Sec 5.1.3, Core 5.3)."""

from __future__ import annotations

from typing import Any

from lms_tool.errors import Text
from lms_tool.lti.errors import AGAIN, LATER, LMS_ADMIN, TEACHER, LtiError


class IdTokenMissing(LtiError):
    code, status = "id_token_missing", 400
    text = Text(
        "Dem Start fehlt die Nachricht des LMS (id_token).",
        "The start lacks the message of the LMS (id_token).",
    )


class IdTokenMalformed(LtiError):
    """Not a JWT: wrong number of parts, not base64url, not JSON, duplicate keys, too deep, NaN."""

    code, status = "id_token_malformed", 400
    text = Text(
        "Die Nachricht des LMS (id_token) ist unlesbar.", "The message of the LMS (id_token) cannot be read."
    )
    remedy = LMS_ADMIN


class IdTokenNotALaunch(IdTokenMalformed):
    """A well-formed JWT that must not be taken for an LTI id_token (``crit`` RFC 7515 4.1.11, other token
    types).
    """

    status = 401
    text = Text(
        "Die Nachricht des LMS (id_token) ist keine Startnachricht, die wir verarbeiten können.",
        "The message of the LMS (id_token) is not a launch message that we can process.",
    )


class AlgNotAllowed(LtiError):
    code, status = "alg_not_allowed", 401
    text = Text(
        "Die Nachricht des LMS ist nicht mit dem vereinbarten Verfahren RS256 unterschrieben.",
        "The message of the LMS is not signed with the agreed method RS256.",
    )
    remedy = LMS_ADMIN


class KidMissing(LtiError):
    code, status = "kid_missing", 401
    text = Text(
        "Die Nachricht des LMS nennt nicht, mit welchem Schlüssel sie unterschrieben ist (kid).",
        "The message of the LMS does not name the key it is signed with (kid).",
    )
    remedy = LMS_ADMIN


class KidUnknown(LtiError):
    code, status = "kid_unknown", 401
    text = Text(
        "Die Nachricht des LMS ist mit einem Schlüssel unterschrieben, den das LMS nicht veröffentlicht.",
        "The message of the LMS is signed with a key that the LMS does not publish.",
    )
    remedy = LATER


class KeyUnusable(LtiError):
    code, status = "key_unusable", 401
    text = Text(
        "Der Schlüssel, den das LMS dafür veröffentlicht, taugt nicht zum Prüfen von Unterschriften.",
        "The key that the LMS publishes for this cannot be used to check signatures.",
    )
    remedy = LMS_ADMIN


class KeyTooWeak(LtiError):
    code, status = "key_too_weak", 401
    text = Text(
        "Der Schlüssel des LMS ist kürzer als 2.048 Bit und gilt nicht als sicher.",
        "The key of the LMS is shorter than 2,048 bits and not considered safe.",
    )
    remedy = LMS_ADMIN


class SignatureInvalid(LtiError):
    code, status = "signature_invalid", 401
    text = Text(
        "Die Unterschrift unter der Nachricht des LMS stimmt nicht.",
        "The signature of the LMS message is not right.",
    )
    remedy = LMS_ADMIN


class PlatformKeysUnavailable(LtiError):
    """The platform's key set could not be fetched or read, and no older copy is good enough."""

    code, status = "platform_keys_unavailable", 503
    text = Text(
        "Die Schlüssel Ihres LMS sind gerade nicht abrufbar. Deshalb können wir den Start nicht prüfen.",
        "The keys of your LMS cannot be fetched right now, so we cannot check the start.",
    )
    remedy = LATER

    def __init__(self, *, retry_after: int | None = 60, **details: Any) -> None:
        super().__init__(retry_after=retry_after, **details)


class IssuerMissing(LtiError):
    code, status = "issuer_missing", 401
    text = Text(
        "Die Nachricht des LMS nennt keinen Absender (iss).",
        "The message of the LMS names no sender (iss).",
    )
    remedy = LMS_ADMIN


class IssuerMismatch(LtiError):
    code, status = "issuer_mismatch", 401
    text = Text(
        "Die Nachricht kommt von einem anderen LMS als dem, bei dem die Anmeldung begann.",
        "The message comes from another LMS than the one where the login began.",
    )
    remedy = AGAIN


class AudienceMissing(LtiError):
    code, status = "audience_missing", 401
    text = Text(
        "Die Nachricht des LMS nennt keinen Empfänger (aud).",
        "The message of the LMS names no recipient (aud).",
    )
    remedy = LMS_ADMIN


class AudienceMismatch(LtiError):
    code, status = "audience_mismatch", 401
    text = Text(
        "Die Nachricht des LMS ist für ein anderes Werkzeug bestimmt (aud).",
        "The message of the LMS is meant for another tool (aud).",
    )
    remedy = LMS_ADMIN


class AudienceUntrusted(LtiError):
    code, status = "audience_untrusted", 401
    text = Text(
        "Die Nachricht des LMS nennt weitere Empfänger, denen wir nicht vertrauen (aud).",
        "The message of the LMS names further recipients that we do not trust (aud).",
    )
    remedy = LMS_ADMIN


class AzpMismatch(LtiError):
    code, status = "azp_mismatch", 401
    text = Text(
        "Die Nachricht des LMS wurde für ein anderes Werkzeug ausgestellt (azp).",
        "The message of the LMS was issued for another tool (azp).",
    )
    remedy = LMS_ADMIN


class TokenExpired(LtiError):
    code, status = "token_expired", 401
    text = Text(
        "Die Nachricht des LMS ist abgelaufen.",
        "The message of the LMS has expired.",
    )


class TokenNotYetValid(LtiError):
    code, status = "token_not_yet_valid", 401
    text = Text(
        "Die Nachricht des LMS trägt eine Zeit in der Zukunft. Die Uhr des LMS geht wahrscheinlich vor.",
        "The message of the LMS bears a time in the future. The clock of the LMS is probably fast.",
    )
    remedy = LMS_ADMIN


class TokenTooOld(LtiError):
    code, status = "token_too_old", 401
    text = Text(
        "Die Nachricht des LMS ist älter als zehn Minuten.",
        "The message of the LMS is older than ten minutes.",
    )


class ClaimMissing(LtiError):
    """A required claim is absent; the code ends with its short name (``claim_missing:version``)."""

    code, status = "claim_missing", 400
    text = Text(
        "In der Nachricht des LMS fehlt eine Angabe, die für den Start nötig ist.",
        "The message of the LMS lacks a piece of information that the start needs.",
    )
    remedy = LMS_ADMIN

    def __init__(self, name: str, **details: Any) -> None:
        super().__init__(claim=name, **details)
        self.name = name

    @property
    def public_code(self) -> str:
        return f"{self.code}:{self.name}"


class SecurityClaimMissing(ClaimMissing):
    """As ClaimMissing, for the claims that prove a token fresh (``exp``, ``iat``): not authentic, so 401."""

    status = 401


class ClaimInvalid(LtiError):
    """A claim has the wrong type, is empty or too long; the code ends with its short name."""

    code, status = "claim_invalid", 400
    text = Text(
        "Eine Angabe in der Nachricht des LMS hat eine unzulässige Form.",
        "A piece of information in the message of the LMS has a form that is not allowed.",
    )
    remedy = LMS_ADMIN

    def __init__(self, name: str, **details: Any) -> None:
        super().__init__(claim=name, **details)
        self.name = name

    @property
    def public_code(self) -> str:
        return f"{self.code}:{self.name}"


class VersionUnsupported(LtiError):
    code, status = "version_unsupported", 400
    text = Text(
        "Das LMS spricht eine Fassung von LTI, die wir nicht verstehen. Wir brauchen 1.3.0.",
        "The LMS speaks a version of LTI that we do not understand. We need 1.3.0.",
    )
    remedy = LMS_ADMIN


class MessageTypeInvalid(LtiError):
    code, status = "message_type_invalid", 400
    text = Text(
        "Diese Art von Nachricht gibt es in LTI nicht.",
        "There is no such kind of message in LTI.",
    )
    remedy = LMS_ADMIN


class MessageTypeUnsupported(LtiError):
    code, status = "message_type_unsupported", 403
    text = Text(
        "Das LMS hat eine Funktion aufgerufen, die dieses Lernwerkzeug nicht anbietet.",
        "The LMS called a function that this tool does not offer.",
    )
    remedy = TEACHER
