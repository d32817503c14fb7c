"""The audit log in plain words: one sentence for each code, one word for each kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lms_tool.errors import Text, ToolError

KINDS: dict[str, Text] = {
    "registration": Text("Verbindungen", "Connections"),
    "admin": Text("Verwaltung", "Administration"),
    "launch": Text("Starts", "Launches"),
    "people": Text("Einblick und Löschung", "Looking and erasing"),
    "content": Text("Inhalte", "Contents"),
    "keys": Text("Schlüssel", "Keys"),
    "retention": Text("Löschfristen", "Retention"),
    "refused": Text("Ablehnungen", "Refusals"),
}

CODES: dict[str, Text] = {
    # connections
    "platform_invited": Text("Ein Einladungslink wurde erzeugt.", "An invitation link was made."),
    "invitation_withdrawn": Text("Eine Einladung wurde zurückgezogen.", "An invitation was withdrawn."),
    "platform_registered": Text("Ein LMS hat sich verbunden.", "An LMS has connected."),
    "platform_registered_again": Text(
        "Ein LMS hat seine Verbindung erneuert.", "An LMS has renewed its connection."
    ),
    "platform_approved": Text("Eine Verbindung wurde freigegeben.", "A connection was approved."),
    "platform_rejected": Text("Eine Verbindung wurde abgelehnt.", "A connection was rejected."),
    "deployment_requested": Text(
        "Ein LMS hat sich mit einem neuen Deployment gemeldet.", "An LMS has come with a new deployment."
    ),
    "deployment_approved": Text("Ein Deployment wurde freigegeben.", "A deployment was approved."),
    "deployment_rejected": Text("Ein Deployment wurde abgelehnt.", "A deployment was rejected."),
    "platform_added": Text("Ein LMS wurde von Hand eingetragen.", "An LMS was entered by hand."),
    "platform_changed": Text("Die Angaben eines LMS wurden geändert.", "The details of an LMS were changed."),
    "legacy_added": Text("Ein altes LMS (LTI 1.1) wurde eingetragen.", "An old LMS (LTI 1.1) was entered."),
    "platform_renamed": Text("Eine Verbindung wurde umbenannt.", "A connection was renamed."),
    "platform_switched_on": Text("Eine Verbindung wurde eingeschaltet.", "A connection was switched on."),
    "platform_switched_off": Text("Eine Verbindung wurde abgeschaltet.", "A connection was switched off."),
    "platform_disconnected": Text(
        "Eine Verbindung wurde getrennt und alles gelöscht, was an ihr hing.",
        "A connection was ended and everything that hung on it deleted.",
    ),
    "platform_pause_ended": Text(
        "Die Pause eines LMS wurde beendet; wartende Noten gehen hinaus.",
        "The pause of an LMS was ended; waiting grades go out.",
    ),
    "mentors_allowed": Text(
        "Mentorinnen und Mentoren eines LMS dürfen jetzt den Stand der ihnen Zugeordneten sehen.",
        "Mentors of an LMS may now see the progress of the people assigned to them.",
    ),
    "mentors_denied": Text(
        "Mentorinnen und Mentoren eines LMS sehen jetzt niemandes Stand mehr.",
        "Mentors of an LMS no longer see anybody's progress.",
    ),
    # administration
    "admin_entered": Text("Jemand hat sich angemeldet.", "Somebody signed in."),
    "admin_left": Text("Jemand hat sich abgemeldet.", "Somebody signed out."),
    "admin_added": Text("Ein Zugang wurde angelegt.", "An account was made."),
    "admin_link_made": Text("Ein Anmeldelink wurde erzeugt.", "A sign-in link was made."),
    "admin_disabled": Text("Ein Zugang wurde gesperrt.", "An account was disabled."),
    "grades_resent": Text("Noten wurden noch einmal gesendet.", "Grades were sent again."),
    "grades_laid_aside": Text("Noten wurden abgelegt.", "Grades were laid aside."),
    "audit_exported": Text("Das Protokoll wurde als Datei geholt.", "The log was taken as a file."),
    # launches
    "launched_as_staff": Text(
        "Jemand hat mit einer Lehrrolle gestartet.", "Somebody launched with a teaching role."
    ),
    "target_differs": Text(
        "Bei einem Start nannte die Anmeldung ein anderes Ziel als die Nachricht; es galt die Nachricht.",
        "In a launch the login named another target than the message; the message counted.",
    ),
    "lti1p1_migrated": Text(
        "Der Stand einer Person aus LTI 1.1 wurde übernommen.",
        "A person's state from LTI 1.1 was taken over.",
    ),
    "lti1p1_signature_invalid": Text(
        "Die Angaben eines LMS zu LTI 1.1 waren nicht richtig unterschrieben und wurden nicht beachtet.",
        "What an LMS said about LTI 1.1 was not signed rightly and was ignored.",
    ),
    "ags_claim_invalid": Text(
        "Die Angaben eines LMS zur Notenübertragung waren unbrauchbar.",
        "What an LMS said about the transfer of grades could not be used.",
    ),
    # people
    "person_viewed": Text(
        "Jemand hat die Arbeit einer Person angesehen.", "Somebody looked at the work of one person."
    ),
    "worksheet_returned": Text(
        "Jemand hat ein Arbeitsblatt mit Hinweisen zurückgegeben.",
        "Somebody returned a worksheet with remarks.",
    ),
    "worksheet_accepted": Text("Jemand hat ein Arbeitsblatt angenommen.", "Somebody accepted a worksheet."),
    "person_erased": Text("Alle Daten einer Person wurden gelöscht.", "All data of a person were deleted."),
    "members_removed": Text(
        "Daten von Personen, die nicht mehr im Kurs sind, wurden nach Ablauf der Frist gelöscht.",
        "Data of people who left the course were deleted when their time was over.",
    ),
    # contents and keys
    "content_placed": Text(
        "Inhalte wurden in einen LMS-Kurs eingebunden.", "Contents were placed in an LMS course."
    ),
    "key_rotated": Text(
        "Ein neuer Signierschlüssel wurde veröffentlicht.", "A new signing key was published."
    ),
    "secrets_resealed": Text(
        "Gespeicherte Schlüssel wurden mit einem neuen Geheimnis verschlüsselt.",
        "Stored keys were encrypted with a new secret.",
    ),
}
OTHER = Text(
    "Etwas ist geschehen, für das es hier noch keinen Satz gibt.",
    "Something happened that has no words here yet.",
)


def sentence(kind: str, code: str) -> Text:
    """What a line says; a refusal says what the person saw who was refused."""
    if kind == "refused":
        return _refusals().get(code) or _refusals().get(code.partition(":")[0]) or OTHER
    return CODES.get(code, OTHER)


@cache
def _refusals() -> dict[str, Text]:
    """Code → sentence of every refusal; where classes share a code, the most general one speaks."""
    found: dict[str, Text] = {}
    for refusal in _below(ToolError):
        found.setdefault(refusal.code, refusal.text)
    return found


def _below(cls: type[ToolError]) -> Iterator[type[ToolError]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _below(sub)
