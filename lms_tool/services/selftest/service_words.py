"""Sentences about what the LMS lets us do: members, grades, launches, frames.

``{…}`` are filled with the values of a check.
"""

from __future__ import annotations

from typing import Final

from lms_tool.errors import Text
from lms_tool.services.selftest.connection_words import LATER, LET_SERVICES, REACH
from lms_tool.services.selftest.kinds import State, Words

_AFTER_A_LAUNCH = Text(
    "Starten Sie eine Aktivität des Lernwerkzeugs aus einem Kurs; das LMS nennt dabei die Adresse.",
    "Launch an activity of this tool from a course; the LMS then says the address.",
)

SERVICE_WORDS: Final = {
    # --- members --------------------------------------------------------------------------------------------
    "members_known": Words(
        State.OK, Text("{count} Personen im Kurs „{course}“.", "{count} people in the course “{course}”.")
    ),
    "members_readable": Words(
        State.OK, Text("Lesbar für den Kurs „{course}“.", "Readable for the course “{course}”.")
    ),
    "members_unknown": Words(
        State.OFF,
        Text("Noch hat kein Kurs eine Liste genannt.", "No course has named a list yet."),
        Text(
            "Öffnen Sie eine Aktivität einmal mit einer Lehrrolle; das LMS nennt dabei die Adresse.",
            "Open an activity once with a teaching role; the LMS then says the address.",
        ),
    ),
    "members_refused": Words(
        State.WARN,
        Text("Das LMS erlaubt sie diesem Werkzeug nicht.", "The LMS does not allow it to this tool."),
        Text(
            "Noten gehen auch so. Damit Lotsinnen und Lotsen auch sehen, wer noch nicht gestartet ist, erlauben Sie "
            "im LMS den Dienst „Names and Role Provisioning“.",
            "Grades work without it. For coaches to see who has not started yet, allow the service “Names and Role "
            "Provisioning” in the LMS.",
        ),
    ),
    "members_status": Words(
        State.WARN, Text("Das LMS antwortet mit {status}.", "The LMS answers {status}."), LATER
    ),
    "members_unreadable": Words(
        State.WARN,
        Text("Die Antwort des LMS ist keine Liste.", "The answer of the LMS is no list."),
        LATER,
    ),
    "members_unreachable": Words(State.WARN, Text("{problem}", "{problem}"), REACH),
    # --- line items -----------------------------------------------------------------------------------------
    "line_items_readable": Words(
        State.OK, Text("Lesbar. Gefundene Spalten: {count}.", "Readable. Columns found: {count}.")
    ),
    "line_items_unknown": Words(
        State.OFF,
        Text("Noch hat kein Kurs Notenspalten genannt.", "No course has named grade columns yet."),
        _AFTER_A_LAUNCH,
    ),
    "line_items_refused": Words(
        State.WARN,
        Text("Das LMS erlaubt es diesem Werkzeug nicht.", "The LMS does not allow it to this tool."),
        LET_SERVICES,
    ),
    "line_items_status": Words(
        State.WARN, Text("Das LMS antwortet mit {status}.", "The LMS answers {status}."), LATER
    ),
    "line_items_unreadable": Words(
        State.WARN, Text("Die Antwort des LMS ist keine Liste.", "The answer of the LMS is no list."), LATER
    ),
    "line_items_unreachable": Words(State.WARN, Text("{problem}", "{problem}"), REACH),
    # --- grades ---------------------------------------------------------------------------------------------
    "grades_none": Words(State.OFF, Text("Noch war keine zu schreiben.", "There was none to write yet.")),
    "grades_delivered": Words(
        State.OK, Text("Alle sind im LMS, zuletzt geschrieben", "All are in the LMS, last written")
    ),
    "grades_waiting": Words(
        State.WARN,
        Text("Noten, die noch warten: {waiting}.", "Grades that still wait: {waiting}."),
        Text(
            "Sie gehen von selbst hinaus, sobald das LMS sie annimmt. Es geht nichts verloren.",
            "They go out by themselves as soon as the LMS takes them. Nothing is lost.",
        ),
    ),
    "grades_failing": Words(
        State.BAD,
        Text(
            "Noten, die das LMS nicht annimmt: {failed}. Weitere warten: {waiting}.",
            "Grades the LMS does not take: {failed}. Others that wait: {waiting}.",
        ),
        Text(
            "Die Seite „Noten“ nennt zu jeder den Grund. Danach dort „Erneut senden“.",
            "The page “Grades” gives the reason for each. Then “Send again” there.",
        ),
    ),
    "grades_forbidden": Words(
        State.BAD,
        Text(
            "Das LMS erlaubt diesem Werkzeug nicht, Noten zu schreiben. Es warten: {waiting}.",
            "The LMS does not allow this tool to write grades. Waiting: {waiting}.",
        ),
        Text(
            "Erlauben Sie im LMS den Dienst „Assignment and Grade Services“ und das Annehmen von Bewertungen. Danach "
            "hier noch einmal prüfen; wartende Noten gehen dann von selbst hinaus.",
            "Allow the “Assignment and Grade Services” and the acceptance of grades in the LMS. Then check again; "
            "waiting grades go out by themselves.",
        ),
    ),
    # --- launch, deployment, frame --------------------------------------------------------------------------
    "launch_seen": Words(State.OK, Text("Gelungen", "Worked")),
    "launch_none": Words(
        State.OFF,
        Text("Noch niemand hat von dort gestartet.", "Nobody has launched from there yet."),
        Text(
            "Setzen Sie eine Aktivität in einen Kurs und öffnen Sie sie einmal als Lernende oder Lernender.",
            "Put an activity into a course and open it once as a learner.",
        ),
    ),
    "launch_pending": Words(
        State.WARN,
        Text(
            "Die Anmeldung wartet auf Ihre Entscheidung; bis dahin startet nichts.",
            "The registration waits for your decision; nothing starts before.",
        ),
        Text("Geben Sie die Verbindung frei.", "Approve the connection."),
    ),
    "launch_inactive": Words(
        State.WARN,
        Text(
            "Die Verbindung ist abgeschaltet; nichts startet.",
            "The connection is switched off; nothing starts.",
        ),
        Text("Schalten Sie sie wieder ein.", "Switch it on again."),
    ),
    "deployment_known": Words(
        State.OK, Text("Bekannte Deployments: {count}.", "Deployments known: {count}.")
    ),
    "deployment_pending": Words(
        State.WARN,
        Text("Warten auf Ihre Freigabe: {count}.", "Waiting for your approval: {count}."),
        Text("Geben Sie sie unter „Angaben“ frei.", "Approve it under “Details”."),
    ),
    "deployment_none": Words(
        State.WARN,
        Text("Noch ist keines bekannt; Starts werden abgelehnt.", "None is known yet; launches are refused."),
        Text(
            "Starten Sie einmal aus dem LMS: Das Deployment erscheint dann hier zur Freigabe.",
            "Launch once from the LMS: the deployment then appears here for approval.",
        ),
    ),
    "frame_allowed": Words(
        State.OK, Text("Erlaubt, und Cookies bleiben erhalten.", "Allowed, and cookies are kept.")
    ),
    "frame_untried": Words(
        State.OK,
        Text(
            "Nichts spricht dagegen. Ob Browser dort Cookies behalten, zeigt sich beim ersten Start.",
            "Nothing speaks against it. Whether browsers keep cookies there shows with the first launch.",
        ),
    ),
    "frame_cookieless": Words(
        State.WARN,
        Text(
            "Bei {count} der letzten {total} Starts hat der Browser im Rahmen keine Cookies behalten.",
            "In {count} of the last {total} launches the browser kept no cookies inside the frame.",
        ),
        Text(
            "Das funktioniert trotzdem. Angenehmer wird es, wenn das LMS die Aktivität in einem neuen Fenster öffnet.",
            "It works all the same. It is more pleasant if the LMS opens the activity in a new window.",
        ),
    ),
    "frame_forbidden": Words(
        State.WARN,
        Text(
            "Die Sicherheitsregeln des LMS (Content-Security-Policy) lassen {origin} nicht in einen Rahmen.",
            "The security rules of the LMS (Content-Security-Policy) keep {origin} out of frames.",
        ),
        Text(
            "Nehmen Sie {origin} im Webserver des LMS in „frame-src“ auf, oder lassen Sie Aktivitäten in einem neuen "
            "Fenster öffnen.",
            "Add {origin} to “frame-src” in the web server of the LMS, or have activities open in a new window.",
        ),
    ),
    "frame_no_https": Words(
        State.BAD,
        Text(
            "Das Lernwerkzeug läuft ohne https ({origin}). Browser zeigen es dann nicht im Rahmen an und behalten "
            "keine Cookies.",
            "This tool runs without https ({origin}). Browsers then do not show it in frames and keep no cookies.",
        ),
        Text(
            "Stellen Sie einen Reverse Proxy mit https davor und setzen Sie LMS_TOOL_BASE_URL auf dessen Adresse.",
            "Put a reverse proxy with https in front and set LMS_TOOL_BASE_URL to its address.",
        ),
    ),
    # --- any ------------------------------------------------------------------------------------------------
    "skipped": Words(
        State.OFF,
        Text("Nicht geprüft, weil das LMS nicht antwortet.", "Not checked, for the LMS does not answer."),
    ),
    "not_allowed_yet": Words(
        State.OFF,
        Text("Nicht geprüft, weil das Zugriffstoken fehlt.", "Not checked, for the access token is missing."),
    ),
}
