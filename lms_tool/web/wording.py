"""Sentences that routes add to pages by code: why a grade does not travel, what staff should know."""

from __future__ import annotations

from lms_tool.errors import Text

STAFF = Text(
    "Sie sind mit einer Lehrrolle hier. Ihr eigener Lernstand geht nicht als Bewertung an das LMS.",
    "You are here with a teaching role. Your own progress is not sent to the LMS as a grade.",
)
ROSTER_OFF = (
    Text("Teilnehmerliste nicht verfügbar", "List of participants not available"),
    Text(
        "Das LMS gibt sie nicht heraus. Den Grund, und wer helfen kann, lesen Sie unter „Teilnehmende“.",
        "The LMS does not hand it out. The reason, and who can help, is on the page “Participants”.",
    ),
)
ANONYMOUS = Text(
    "Sie lesen ohne Anmeldung. Ihr Lernstand wird nicht gespeichert.",
    "You are reading without a login. Your progress is not saved.",
)
NOT_HERE_YET = Text(
    "Diese Person hat die Aktivität noch nicht geöffnet.", "This person has not opened the activity yet."
)
REVIEW_IS_READ_ONLY = Text("Hier können Sie nur lesen.", "You can only read here.")

ASK_YOUR_COACH = Text(
    "Ihr bestes Ergebnis zählt. Bitte wenden Sie sich an Ihre Lotsin oder Ihren Lotsen.",
    "Your best result counts. Please talk to your coach.",
)

STAFF_NOTICES: dict[str, tuple[Text, Text]] = {
    "scores_off": (
        Text("Keine Notenübertragung", "No transfer of grades"),
        Text(
            "Das LMS erlaubt für diese Aktivität keine Bewertungen. Wer das LMS betreut, kann beim Werkzeug "
            "„Bewertungen annehmen“ einschalten.",
            "The LMS does not allow grades for this activity. Whoever runs the LMS can switch on accepting grades "
            "for this tool.",
        ),
    ),
    "ags_claim_invalid": (
        Text("Keine Notenübertragung", "No transfer of grades"),
        Text(
            "Die Angaben des LMS zur Notenübertragung sind unbrauchbar. Bitte geben Sie das der Person weiter, "
            "die das LMS betreut.",
            "What the LMS says about the transfer of grades cannot be used. Please tell the person who runs the LMS.",
        ),
    ),
    "no_line_item": (
        Text("Keine Notenübertragung", "No transfer of grades"),
        Text(
            "Das LMS führt für diese Aktivität keine Bewertungsspalte. Legen Sie in den Einstellungen der "
            "Aktivität eine Bewertung an.",
            "The LMS has no grade column for this activity. Add a grade in the settings of the activity.",
        ),
    ),
}

# Why a grade is not with the LMS, as the learner reads it after «nicht möglich:».
REASONS: dict[str, Text] = {
    "user_not_gradable": Text(
        "Das LMS nimmt für Sie in diesem Kurs keine Bewertung an.",
        "the LMS accepts no grade for you in this course.",
    ),
    "line_item_gone": Text(
        "Die Bewertungsspalte gibt es im LMS nicht mehr.", "the grade column no longer exists in the LMS."
    ),
    "forbidden": Text(
        "Das LMS erlaubt diesem Werkzeug keine Bewertungen.",
        "the LMS does not allow this tool to send grades.",
    ),
    "line_items_forbidden": Text(
        "Das LMS erlaubt diesem Werkzeug keine Bewertungsspalte.",
        "the LMS does not allow this tool a grade column.",
    ),
    "laid_aside": Text(
        "Die Verwaltung des Lernwerkzeugs hat diese Übertragung beendet.",
        "the administration of this tool has ended this transfer.",
    ),
    "grade_locked": Text("Die Bewertung ist im LMS gesperrt.", "the grade is locked in the LMS."),
    "unreachable": Text(
        "Das LMS war mehrere Tage nicht erreichbar.", "the LMS could not be reached for several days."
    ),
}
OTHER_REASON = Text("Das LMS hat die Bewertung abgelehnt.", "the LMS refused the grade.")
