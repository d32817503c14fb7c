"""Why a login or a launch is refused: one class per machine code.

::

    LtiError
    ├── login      here: LoginMissing… Registration… LoginClientIdRequired DeploymentUnknown
    │              TargetLinkUriNotAllowed PlatformError (with a class for each kind of OpenID error)
    ├── state      here: State… Nonce… LaunchReplayed
    ├── token      token_errors.py: IdToken… AlgNotAllowed Kid… Key… SignatureInvalid PlatformKeysUnavailable
    │              Issuer… Audience… AzpMismatch Token… Claim… VersionUnsupported MessageType…
    ├── request    request_errors.py: size, rate, cookies, session, rights
    └── service    service.py, ags.py: what a call to the platform meets

Statuses: 400 malformed, 401 not authentic, 403 authentic but not allowed.
"""

from __future__ import annotations

from typing import Any

from lms_tool.errors import Text, ToolError

AGAIN = Text(
    "Bitte aus dem Kurs öffnen: Gehen Sie in Ihrem LMS (dem Lernsystem mit Ihrem Kurs) in den Kurs zurück "
    "und klicken Sie die Aktivität noch einmal an.",
    "Please open from your course: go back to the course in your LMS (the system that holds your course) "
    "and click the activity again.",
)
LMS_ADMIN = Text(
    "Bitte geben Sie diese Meldung an die Person weiter, die Ihr LMS betreut. Ihr Lernstand ist sicher "
    "gespeichert.",
    "Please pass this message on to the person who runs your LMS. Your progress is safe.",
)
TEACHER = Text(
    "Bitte geben Sie diese Meldung an Ihre Kursleitung weiter. Sie kann die Aktivität im Kurs neu "
    "verknüpfen.",
    "Please pass this message on to the person who leads your course. They can link the activity again.",
)
OPERATOR = Text(
    "Bitte geben Sie diese Meldung an die Person weiter, die Ihr LMS betreut. "
    "Sie klärt das mit dem Betrieb dieses Lernwerkzeugs.",
    "Please pass this message on to the person who runs your LMS. They will settle it with those who run "
    "this tool.",
)
LATER = Text(
    "Bitte versuchen Sie es in ein paar Minuten noch einmal aus dem Kurs. Bleibt es dabei, hilft die Person, "
    "die Ihr LMS betreut.",
    "Please try again from your course in a few minutes. If it persists, the person who runs your LMS can "
    "help.",
)


class LtiError(ToolError):
    """A refused login, launch or request.

    ``return_url`` is set only when the token's signature was verified and its return address is allowed: then
    the page may offer the way back. It can hold a session key of the platform, so it never goes into
    ``details``. ``detail`` is the platform's own sentence, to be shown escaped.
    """

    remedy = AGAIN

    def __init__(self, *, retry_after: int | None = None, **details: Any) -> None:
        super().__init__(retry_after=retry_after, **details)
        self.return_url: str | None = None
        self.detail: str | None = None


# --- login --------------------------------------------------------------------------------------------------


class LoginMissingLoginHint(LtiError):
    code, status = "login_missing_login_hint", 400
    text = Text(
        "Diese Adresse lässt sich nicht direkt aufrufen, zum Beispiel über ein Lesezeichen. "
        "Der Start gelingt nur aus Ihrem Kurs.",
        "This address cannot be opened directly, for example from a bookmark. It only works from your "
        "course.",
    )


class LoginMissingIss(LtiError):
    code, status = "login_missing_iss", 400
    text = Text(
        "Dem Aufruf fehlt die Angabe, von welchem LMS er kommt (iss).",
        "The request does not say which LMS it comes from (iss).",
    )
    remedy = LMS_ADMIN


class LoginMissingTargetLinkUri(LtiError):
    code, status = "login_missing_target_link_uri", 400
    text = Text(
        "Dem Aufruf fehlt die Angabe, was geöffnet werden soll (target_link_uri).",
        "The request does not say what to open (target_link_uri).",
    )
    remedy = LMS_ADMIN


class RegistrationUnknown(LtiError):
    code, status = "registration_unknown", 403
    text = Text(
        "Dieses LMS ist bei uns noch nicht angemeldet, oder es nennt eine andere Kennung als vereinbart.",
        "This LMS is not registered with us, or it uses another id than agreed.",
    )
    remedy = Text(
        "Die Person, die Ihr LMS betreut, muss das Lernwerkzeug registrieren. Adresse des LMS (issuer) und "
        "Client-ID müssen auf beiden Seiten Zeichen für Zeichen gleich sein.",
        "The administrator of your LMS has to register this tool. Issuer and client id must be the same on "
        "both "
        "sides, character by character.",
    )


class RegistrationInactive(LtiError):
    code, status = "registration_inactive", 403
    text = Text(
        "Die Verbindung zu diesem LMS ist zurzeit abgeschaltet.",
        "The connection to this LMS is switched off at present.",
    )
    remedy = OPERATOR


class RegistrationPending(RegistrationInactive):
    """The LMS registered itself, and nobody has approved that yet."""

    text = Text(
        "Die Verbindung zu diesem LMS wartet noch auf die Freigabe.",
        "The connection to this LMS is still waiting for approval.",
    )
    remedy = Text(
        "Wer dieses Lernwerkzeug verwaltet, gibt sie dort unter „Plattformen“ frei. Versuchen Sie es danach noch "
        "einmal.",
        "The administrators of this tool approve it there under “Platforms”. Try again after that.",
    )


class LoginClientIdRequired(LtiError):
    code, status = "login_client_id_required", 400
    text = Text(
        "Zu diesem LMS gibt es mehrere Registrierungen, und der Aufruf sagt nicht, welche gemeint ist "
        "(client_id).",
        "There are several registrations of this LMS, and the request does not say which one is meant "
        "(client_id).",
    )
    remedy = Text(
        "Die Person, die Ihr LMS betreut, kann die Login-Adresse dieser Registrierung eintragen: Sie endet "
        "mit einem "
        "eigenen Schlüssel und braucht keine client_id.",
        "The administrator of your LMS can enter the login address of this one registration: it ends with a "
        "key of "
        "its own and needs no client_id.",
    )


class DeploymentUnknown(LtiError):
    code, status = "deployment_unknown", 403
    text = Text(
        "Das LMS und das Lernwerkzeug kennen sich, aber dieser Kursbereich ist noch nicht freigeschaltet. "
        "Sie haben nichts falsch gemacht.",
        "The LMS and this tool know each other, but this course area has not been enabled yet. You did "
        "nothing wrong.",
    )
    remedy = OPERATOR


class DeploymentPending(DeploymentUnknown):
    """The deployment has asked for approval with a verified launch."""

    text = Text(
        "Das LMS und das Lernwerkzeug kennen sich, aber dieser Kursbereich wartet noch auf die Freigabe. "
        "Sie haben nichts falsch gemacht.",
        "The LMS and this tool know each other, but this course area is still waiting for approval. You did "
        "nothing wrong.",
    )
    remedy = Text(
        "Wer dieses Lernwerkzeug verwaltet, sieht die Bitte unter „Plattformen“ und kann die Bereitstellung dort "
        "freigeben. Versuchen Sie es danach noch einmal.",
        "The administrators of this tool see the request under “Platforms” and can approve the deployment there. "
        "Try again after that.",
    )


class TargetLinkUriNotAllowed(LtiError):
    code, status = "target_link_uri_not_allowed", 400
    text = Text(
        "Die verknüpfte Aktivität zeigt auf eine Adresse außerhalb dieses Lernwerkzeugs.",
        "The linked activity points to an address outside this tool.",
    )
    remedy = TEACHER


class PlatformError(LtiError):
    """The platform answered the login with an OpenID error instead of an id_token (Sec 5.1.1.5).

    ``platform_error`` picks the class; this one stands for every error without a sentence of its own.
    """

    code, status = "platform_error", 401
    text = Text(
        "Ihr LMS hat den Start abgebrochen.",
        "Your LMS has cancelled the start.",
    )


class PlatformLoginRequired(PlatformError):
    text = Text(
        "Ihre Anmeldung im LMS gilt nicht mehr, oder das LMS braucht noch eine Eingabe von Ihnen.",
        "You are no longer signed in to the LMS, or the LMS needs something from you first.",
    )
    remedy = Text(
        "Bitte melden Sie sich im LMS neu an und öffnen Sie die Aktivität dann aus dem Kurs.",
        "Please sign in to the LMS again, then open the activity from your course.",
    )


class PlatformAccessDenied(PlatformError):
    text = Text(
        "Ihr LMS erlaubt diesen Start nicht. Vielleicht war der Link schon einmal benutzt.",
        "Your LMS does not allow this start. Perhaps the link was used before.",
    )


class PlatformMisconfigured(PlatformError):
    text = Text(
        "Ihr LMS hat die Anfrage des Lernwerkzeugs nicht angenommen. Wahrscheinlich passt eine Einstellung "
        "nicht.",
        "Your LMS did not accept the tool's request. Probably a setting does not match.",
    )
    remedy = LMS_ADMIN


class PlatformBusy(PlatformError):
    text = Text(
        "Ihr LMS kann den Start gerade nicht ausführen.",
        "Your LMS cannot carry out the start right now.",
    )
    remedy = LATER


# --- state and nonce ----------------------------------------------------------------------------------------


class StateMissing(LtiError):
    code, status = "state_missing", 400
    text = Text(
        "Dem Start fehlt die Angabe, zu welcher Anmeldung er gehört (state).",
        "The start does not say which login it belongs to (state).",
    )


class StateUnknown(LtiError):
    code, status = "state_unknown", 401
    text = Text(
        "Dieser Start gehört zu keiner Anmeldung, die hier begonnen hat.",
        "This start belongs to no login that began here.",
    )


class StateMismatch(LtiError):
    code, status = "state_mismatch", 401
    text = Text(
        "Dieser Start wurde in einem anderen Browser oder Fenster begonnen.",
        "This start began in another browser or window.",
    )


class StateExpired(LtiError):
    code, status = "state_expired", 401
    text = Text(
        "Zwischen Klick und Start lagen mehr als zehn Minuten. Aus Sicherheitsgründen gilt der Start nicht "
        "mehr.",
        "More than ten minutes passed between click and start. For safety the start is no longer valid.",
    )
    remedy = Text(
        "Bitte neu starten: Öffnen Sie die Aktivität noch einmal aus dem Kurs.",
        "Please start again: open the activity once more from your course.",
    )


class NonceMissing(LtiError):
    code, status = "nonce_missing", 401
    text = Text(
        "Der Nachricht des LMS fehlt das Einmalzeichen (nonce).",
        "The message of the LMS lacks its one-time mark (nonce).",
    )
    remedy = LMS_ADMIN


class NonceUnknown(LtiError):
    code, status = "nonce_unknown", 401
    text = Text(
        "Das Einmalzeichen (nonce) in der Nachricht des LMS stammt nicht von uns.",
        "The one-time mark (nonce) in the message of the LMS is not ours.",
    )


class NonceMismatch(LtiError):
    code, status = "nonce_mismatch", 401
    text = Text(
        "Das Einmalzeichen (nonce) in der Nachricht des LMS gehört zu einem anderen Start.",
        "The one-time mark (nonce) in the message of the LMS belongs to another start.",
    )


class LaunchReplayed(LtiError):
    code, status = "launch_replayed", 401
    text = Text(
        "Dieser Start wurde schon einmal benutzt und gilt nur einmal.",
        "This start was used before and is valid only once.",
    )
