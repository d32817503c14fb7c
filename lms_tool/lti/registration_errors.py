"""Why an LMS cannot register itself: one class per machine code (Dynamic Registration 1.0, cases DR-01 … DR-21).

Bad input of a stranger, so never a 5xx: also an LMS that does not answer is the fault of the address we were given.
"""

from __future__ import annotations

from lms_tool.errors import Text
from lms_tool.lti.errors import LtiError

BY_HAND = Text(
    "Geht es so nicht, lässt sich das Lernwerkzeug auch von Hand eintragen: Die Seite /lti/config nennt alle Angaben.",
    "If this does not work, the tool can also be entered by hand: the page /lti/config has all the details.",
)
NEW_LINK = Text(
    "Bitten Sie die Person, die dieses Lernwerkzeug verwaltet, um einen neuen Link. Jeder Link gilt nur einmal.",
    "Ask the person who administers this tool for a new link. Each link is valid only once.",
)


class RegistrationRefused(LtiError):
    """What all refusals of a registration have in common."""

    code, status = "registration_refused", 400
    text = Text("Das LMS lässt sich so nicht verbinden.", "The LMS cannot be connected like this.")
    remedy = BY_HAND


class RegistrationInviteInvalid(RegistrationRefused):
    code, status = "registration_invite_invalid", 403
    text = Text(
        "Dieser Einladungslink gilt nicht: Er wurde schon benutzt, ist abgelaufen oder unvollständig.",
        "This invitation link is not valid: it was used before, has expired or is incomplete.",
    )
    remedy = NEW_LINK


class RegistrationInProgress(RegistrationRefused):
    """Somebody registers with the same invitation at this moment."""

    code, status = "registration_in_progress", 409
    text = Text(
        "Mit diesem Einladungslink wird gerade schon ein LMS verbunden.",
        "An LMS is being connected with this invitation link right now.",
    )
    remedy = Text(
        "Warten Sie eine Minute und laden Sie im LMS die Liste der Werkzeuge neu. Fehlt das Werkzeug dort, versuchen "
        "Sie es noch einmal.",
        "Wait a minute and reload the list of tools in the LMS. If the tool is missing there, try again.",
    )


class RegistrationUrlMissing(RegistrationRefused):
    """The link was opened in a browser instead of being pasted into the LMS."""

    code = "registration_url_missing"
    text = Text(
        "Dieser Link gehört in das LMS; im Browser geöffnet bewirkt er nichts.",
        "This link belongs into the LMS; opened in a browser it does nothing.",
    )
    remedy = Text(
        "Fügen Sie ihn dort ein, wo externe Werkzeuge (LTI Advantage) verwaltet werden. In Moodle: "
        "Website-Administration, Plugins, Externes Tool, Tools verwalten, Feld „Tool-URL“, dann "
        "„LTI Advantage hinzufügen“.",
        "Paste it where the LMS manages external tools (LTI Advantage). In Moodle: Site administration, Plugins, "
        "External tool, Manage tools, field “Tool URL”, then “Add LTI Advantage”.",
    )


class RegistrationTokenMalformed(RegistrationRefused):
    code = "registration_token_malformed"
    text = Text(
        "Das Anmeldezeichen des LMS (registration_token) ist beschädigt.",
        "The registration token of the LMS is damaged.",
    )
    remedy = Text(
        "Beginnen Sie im LMS noch einmal von vorn. Der Einladungslink gilt weiter.",
        "Start again in the LMS. The invitation link is still valid.",
    )


class RegistrationUrlNotAllowed(RegistrationRefused):
    """An address that we must not call. No request was made."""

    code = "registration_url_not_allowed"
    text = Text(
        "Das LMS nennt eine Adresse, die wir nicht aufrufen dürfen: Sie ist nicht öffentlich, nicht über https auf dem "
        "üblichen Port erreichbar oder fehlerhaft.",
        "The LMS names an address that we must not call: it is not public, not https on the usual port, or faulty.",
    )
    remedy = Text(
        "Liegt das LMS in Ihrem eigenen Netz, trägt der Betrieb des Lernwerkzeugs dieses Netz in "
        "LMS_TOOL_TRUSTED_NETWORKS ein.",
        "If the LMS is in your own network, those who run this tool add that network to LMS_TOOL_TRUSTED_NETWORKS.",
    )


class RegistrationFetchFailed(RegistrationRefused):
    """No usable answer: unreachable, too slow, too large, a redirect, an error of its server."""

    code = "registration_fetch_failed"
    text = Text(
        "Das LMS hat unter der angegebenen Adresse nicht richtig geantwortet: nicht erreichbar, zu langsam, zu groß "
        "oder umgeleitet.",
        "The LMS gave no proper answer at the address it named: unreachable, too slow, too large or redirected.",
    )
    remedy = Text(
        "Prüfen Sie, ob das LMS aus dem Internet unter seiner eingestellten Adresse erreichbar ist, und versuchen "
        "Sie es dann noch einmal. Der Einladungslink gilt weiter.",
        "Check that the LMS can be reached from the internet under its configured address, then try again. The "
        "invitation link is still valid.",
    )


class RegistrationIssuerMismatch(RegistrationRefused):
    code = "registration_issuer_mismatch"
    text = Text(
        "Das LMS gibt sich als ein anderes aus: Absender (issuer), Anmelde-Adresse und der Ort dieser Angaben "
        "gehören nicht zum selben Rechner.",
        "The LMS claims to be another one: issuer, registration address and the place of these details are not on the "
        "same host.",
    )
    remedy = Text(
        "Die Person, die das LMS betreut, prüft dessen eingestellte Adresse. Bei gehosteten LMS mit gemeinsamem "
        "Absender, zum Beispiel Canvas, tragen Sie das Werkzeug von Hand ein: Die Seite /lti/config nennt alle "
        "Angaben.",
        "The administrator of the LMS checks its configured address. With hosted LMSs that share an issuer, such as "
        "Canvas, enter the tool by hand: the page /lti/config has all the details.",
    )


class RegistrationConfigInvalid(RegistrationRefused):
    """A document of the LMS lacks something or contradicts itself; ``detail`` names what."""

    code = "registration_config_invalid"
    text = Text(
        "Was das LMS über sich oder zur Anmeldung mitteilt, ist unvollständig oder unbrauchbar.",
        "What the LMS says about itself or about the registration is incomplete or unusable.",
    )


class RegistrationRejected(RegistrationRefused):
    """The LMS said no; ``detail`` is its own sentence."""

    code = "registration_rejected"
    text = Text("Das LMS hat die Anmeldung abgelehnt.", "The LMS refused the registration.")
    remedy = Text(
        "Beginnen Sie im LMS noch einmal von vorn, denn dort gilt ein Versuch oft nur einmal. Der Einladungslink gilt "
        "weiter.",
        "Start again in the LMS, for an attempt is often valid only once there. The invitation link is still valid.",
    )


class RegistrationConflict(RegistrationRefused):
    """The issuer is known with other addresses, or the client id belongs to somebody else."""

    code, status = "registration_conflict", 409
    text = Text(
        "Dieses LMS ist hier schon mit anderen Angaben eingetragen. Die bestehende Verbindung wurde nicht verändert.",
        "This LMS is registered here already with other details. The existing connection was not changed.",
    )
    remedy = Text(
        "Hat das LMS neue Adressen oder Schlüssel bekommen, ändert die Verwaltung des Lernwerkzeugs die bestehende "
        "Verbindung. Haben Sie nichts geändert, melden Sie ihr diesen Vorfall.",
        "If the LMS has new addresses or keys, the administrators of this tool change the existing connection. If you "
        "changed nothing, report this incident to them.",
    )
