"""Why a grade is not with the LMS, as an administrator reads it: one plain sentence, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from lms_tool.errors import Text


@dataclass(frozen=True, slots=True)
class Why:
    text: Text
    remedy: Text | None = None  # None: it passes by itself


ON_ITS_WAY = Why(Text("Wird gerade übertragen.", "Being sent."))
LAID_ASIDE = Why(Text("Wurde hier abgelegt.", "Was laid aside here."))
_WAITS = Text(
    "Erlauben Sie im LMS bei diesem Werkzeug die Dienste für Bewertungen. Danach hier „Erneut senden“.",
    "Allow the grading services for this tool in the LMS. Then “Send again” here.",
)
_CREDENTIALS = Text(
    "Prüfen Sie im LMS Client-ID und Schlüsseladresse (JWKS) dieses Werkzeugs. „Jetzt prüfen“ auf der Seite der "
    "Plattform zeigt, woran es liegt.",
    "Check client id and key set address (JWKS) of this tool in the LMS. “Check now” on the platform's page shows "
    "what is wrong.",
)
_COLUMN = Text(
    "Öffnen Sie im LMS die Einstellungen der Aktivität, schalten Sie die Bewertung ein und starten Sie die Aktivität "
    "einmal.",
    "Open the activity's settings in the LMS, switch grading on and launch the activity once.",
)
_LMS_FAULT = Text(
    "Zeigen Sie diese Meldung der Person, die das LMS betreut.",
    "Show this message to the person who runs the LMS.",
)

_WHYS: dict[str, Why] = {
    "platform_inactive": Why(
        Text("Die Verbindung zu diesem LMS ist abgeschaltet.", "The connection to this LMS is switched off."),
        Text("Schalten Sie die Plattform wieder ein.", "Switch the platform on again."),
    ),
    "user_not_gradable": Why(
        Text(
            "Die Person ist im LMS nicht mehr im Kurs oder dort keine Lernende.",
            "The person is no longer in the LMS course, or not as a learner.",
        ),
        Text(
            "Tragen Sie die Person wieder ein und senden Sie erneut, oder legen Sie die Note ab.",
            "Enrol the person again and send again, or lay the grade aside.",
        ),
    ),
    "forbidden": Why(
        Text(
            "Das LMS erlaubt das Schreiben von Noten nicht.", "The LMS does not allow grades to be written."
        ),
        _WAITS,
    ),
    "line_item_gone": Why(
        Text(
            "Die Bewertungsspalte gibt es im LMS nicht mehr.", "The grade column no longer exists in the LMS."
        ),
        _COLUMN,
    ),
    "line_items_forbidden": Why(
        Text(
            "Die Aktivität hat im LMS keine Bewertungsspalte, und wir dürfen dort keine anlegen.",
            "The activity has no grade column in the LMS, and we may not make one there.",
        ),
        _COLUMN,
    ),
    "line_items_gone": Why(
        Text(
            "Das LMS kennt den Kurs dieser Aktivität nicht mehr.",
            "The LMS no longer knows this activity's course.",
        ),
        _COLUMN,
    ),
    "line_items_refused": Why(
        Text(
            "Das LMS hat die Bewertungsspalte dieser Aktivität nicht herausgegeben.",
            "The LMS did not hand out this activity's grade column.",
        ),
        _COLUMN,
    ),
    "grade_locked": Why(
        Text(
            "Die Note oder ihre Spalte ist im LMS gesperrt.", "The grade or its column is locked in the LMS."
        ),
        Text(
            "Heben Sie die Sperre im LMS auf und senden Sie erneut, oder legen Sie die Note ab.",
            "Unlock it in the LMS and send again, or lay the grade aside.",
        ),
    ),
    "timestamp_not_newer": Why(
        Text(
            "Das LMS hält diese Note für veraltet, zeigt aber keine neuere.",
            "The LMS takes this grade for outdated, but shows no newer one.",
        ),
        Text(
            "Prüfen Sie, ob die Uhr des LMS richtig geht, und senden Sie erneut.",
            "Check whether the clock of the LMS is right, and send again.",
        ),
    ),
    "unreachable": Why(
        Text(
            "Das LMS hat diese Note zwei Wochen lang nicht angenommen.",
            "The LMS has not taken this grade for two weeks.",
        ),
        Text(
            "Bringen Sie mit der Person, die das LMS betreut, die Verbindung in Ordnung. Danach „Erneut senden“.",
            "Mend the connection together with the person who runs the LMS. Then “Send again”.",
        ),
    ),
    "platform_busy": Why(Text("Das LMS bittet um Geduld.", "The LMS asks for patience.")),
    "platform_error": Why(Text("Das LMS meldet eine Störung.", "The LMS reports a fault.")),
    "platform_timeout": Why(Text("Das LMS antwortet zu langsam.", "The LMS answers too slowly.")),
    "results_unavailable": Why(
        Text("Das LMS zeigt gerade keine Noten vor.", "The LMS shows no grades at the moment.")
    ),
    "connect_failed": Why(Text("Das LMS ist nicht erreichbar.", "The LMS cannot be reached.")),
    "timed_out": Why(Text("Das LMS antwortet nicht rechtzeitig.", "The LMS does not answer in time.")),
    "answer_lost": Why(
        Text("Die Verbindung zum LMS ist abgerissen.", "The connection to the LMS broke off.")
    ),
    "answer_too_large": Why(
        Text("Die Antwort des LMS ist zu groß.", "The answer of the LMS is too large."), _LMS_FAULT
    ),
    "results_unreadable": Why(
        Text("Die Antwort des LMS ist unlesbar.", "The answer of the LMS is unreadable."), _LMS_FAULT
    ),
    "line_items_unreadable": Why(
        Text(
            "Die Liste der Bewertungsspalten im LMS ist unlesbar.",
            "The list of grade columns in the LMS is unreadable.",
        ),
        _LMS_FAULT,
    ),
    "paging_refused": Why(
        Text(
            "Die Liste der Bewertungsspalten verweist auf eine fremde Adresse. Dort fragen wir nicht nach.",
            "The list of grade columns points to a foreign address. We do not ask there.",
        ),
        _LMS_FAULT,
    ),
    "paging_endless": Why(
        Text(
            "Die Liste der Bewertungsspalten im LMS nimmt kein Ende.",
            "The list of grade columns in the LMS does not end.",
        ),
        _LMS_FAULT,
    ),
    "tls_failed": Why(
        Text("Das Zertifikat des LMS ist ungültig.", "The certificate of the LMS is invalid."),
        Text(
            "Die Person, die das LMS betreut, muss das Zertifikat erneuern.",
            "The person who runs the LMS has to renew the certificate.",
        ),
    ),
    "address_not_allowed": Why(
        Text(
            "Die Adresse, die das LMS für Noten nennt, dürfen wir nicht aufrufen.",
            "We must not call the address that the LMS names for grades.",
        ),
        Text(
            "Liegt das LMS in Ihrem eigenen Netz, trägt der Betrieb dieses in LMS_TOOL_TRUSTED_NETWORKS ein.",
            "If the LMS is in your own network, the operator adds that to LMS_TOOL_TRUSTED_NETWORKS.",
        ),
    ),
    "redirect_not_followed": Why(
        Text(
            "Das LMS leitet auf eine andere Adresse weiter. Noten schicken wir nicht hinterher.",
            "The LMS redirects to another address. We do not send grades after it.",
        ),
        Text("Ist das LMS umgezogen, verbinden Sie es neu.", "If the LMS has moved, connect it again."),
    ),
    "token_not_accepted": Why(
        Text(
            "Das LMS nimmt das Zugriffstoken nicht an, das es selbst ausgestellt hat.",
            "The LMS does not take the access token that it issued itself.",
        ),
        _CREDENTIALS,
    ),
    "token_answer_invalid": Why(
        Text("Das LMS stellt kein Zugriffstoken aus.", "The LMS issues no access token."), _CREDENTIALS
    ),
    "token_unavailable": Why(
        Text(
            "Das LMS kann gerade kein Zugriffstoken ausstellen.", "The LMS cannot issue an access token now."
        )
    ),
    "outcomes_unsupported": Why(
        Text(
            "Das alte LMS nimmt für diese Aktivität keine Noten an.",
            "The old LMS takes no grades for this activity.",
        ),
        _COLUMN,
    ),
    "outcome_failure": Why(
        Text("Das alte LMS hat die Note abgelehnt.", "The old LMS refused the grade."),
        Text(
            "Prüfen Sie, ob die Person im LMS noch im Kurs ist, und senden Sie erneut.",
            "Check whether the person is still in the LMS course, and send again.",
        ),
    ),
    "outcome_unreadable": Why(
        Text("Das alte LMS hat etwas Unlesbares geantwortet.", "The old LMS answered something unreadable.")
    ),
    "laid_aside": LAID_ASIDE,
}
_NO_TOKEN = Why(
    Text("Das LMS gibt uns kein Zugriffstoken.", "The LMS gives us no access token."), _CREDENTIALS
)
_REFUSED = Why(
    Text("Das LMS hat die Note abgelehnt.", "The LMS refused the grade."),
    Text(
        "Senden Sie erneut. Bleibt es dabei, hilft die Person, die das LMS betreut.",
        "Send again. If it persists, the person who runs the LMS can help.",
    ),
)
CODES = frozenset(_WHYS)


def why(reason: str) -> Why:
    """The sentence for a code from the queue; a general one for a code that has none."""
    if not reason:
        return ON_ITS_WAY
    if reason.startswith("token_refused"):
        return _NO_TOKEN
    return _WHYS.get(reason, _REFUSED)
