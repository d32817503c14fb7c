"""Sentences about reaching the LMS: its keys, its clock, its access tokens.

``{…}`` are filled with the values of a check.
"""

from __future__ import annotations

from typing import Final

from lms_tool import http
from lms_tool.errors import Text
from lms_tool.services.selftest.kinds import State, Words

REACH = Text(
    "Prüfen Sie, ob der Server des Lernwerkzeugs {host} erreichen darf (Firewall, DNS) und ob das LMS läuft.",
    "Check whether the server of this tool may reach {host} (firewall, DNS) and whether the LMS is running.",
)
LATER = Text(
    "Warten Sie einige Minuten und prüfen Sie dann noch einmal. Bleibt es so, hilft das Protokoll des LMS weiter.",
    "Wait a few minutes and check again. If it stays like this, the log of the LMS helps.",
)
LET_SERVICES = Text(
    "Erlauben Sie diesem Werkzeug im LMS die Dienste für Noten und Teilnehmende und prüfen Sie dann noch einmal.",
    "Allow this tool the services for grades and members in the LMS, then check again.",
)

CONNECTION_WORDS: Final = {
    # --- keys -----------------------------------------------------------------------------------------------
    "keys_loaded": Words(
        State.OK, Text("Geladen. Brauchbare Schlüssel: {count}.", "Loaded. Usable keys: {count}.")
    ),
    "keys_unreachable": Words(State.BAD, Text("{problem}", "{problem}"), REACH),
    "keys_address_not_allowed": Words(
        State.BAD, Text("{problem}", "{problem}"), http.AddressNotAllowed.remedy
    ),
    "keys_status": Words(
        State.BAD,
        Text(
            "Die Schlüssel-Adresse antwortet mit {status} statt mit Schlüsseln.",
            "The key set address answers {status} instead of keys.",
        ),
        Text(
            "Vergleichen Sie die Schlüssel-Adresse (JWKS, Public keyset URL) mit der im LMS.",
            "Compare the key set address (JWKS, public keyset URL) with the one in the LMS.",
        ),
    ),
    "keys_unreadable": Words(
        State.BAD,
        Text(
            "Unter der Schlüssel-Adresse steht kein Schlüsselsatz.",
            "There is no key set at the key set address.",
        ),
        Text(
            "Vergleichen Sie die Schlüssel-Adresse (JWKS, Public keyset URL) mit der im LMS.",
            "Compare the key set address (JWKS, public keyset URL) with the one in the LMS.",
        ),
    ),
    "keys_unusable": Words(
        State.BAD,
        Text(
            "Kein Schlüssel passt: Gebraucht wird RSA für RS256 mit mindestens 2048 Bit.",
            "No key fits: it takes RSA for RS256 with at least 2048 bits.",
        ),
        Text(
            "Erzeugen Sie im LMS einen neuen RSA-Schlüssel mit mindestens 2048 Bit.",
            "Make a new RSA key with at least 2048 bits in the LMS.",
        ),
    ),
    # --- clock ----------------------------------------------------------------------------------------------
    "clock_agrees": Words(
        State.OK,
        Text("Sie stimmen überein, Unterschied {seconds} Sekunden.", "They agree, {seconds} seconds apart."),
    ),
    "clock_ahead": Words(
        State.WARN,
        Text(
            "Die Uhr des LMS geht gegenüber unserer {seconds} Sekunden vor.",
            "The clock of the LMS is {seconds} seconds ahead of ours.",
        ),
        Text(
            "Noch geht alles. Ab 60 Sekunden scheitert jeder Start: Gleichen Sie beide Server mit NTP ab.",
            "It still works. From 60 seconds on every launch fails: synchronise both servers by NTP.",
        ),
    ),
    "clock_behind": Words(
        State.WARN,
        Text(
            "Die Uhr des LMS geht gegenüber unserer {seconds} Sekunden nach.",
            "The clock of the LMS is {seconds} seconds behind ours.",
        ),
        Text(
            "Strenge LMS geben dann kein Zugriffstoken aus, und Noten bleiben liegen: Gleichen Sie beide Server mit "
            "NTP ab.",
            "Strict LMSs then issue no access token, and grades are kept waiting: synchronise both servers by NTP.",
        ),
    ),
    "clock_wrong": Words(
        State.BAD,
        Text(
            "Die Uhren unterscheiden sich um {seconds} Sekunden. Starts und Noten scheitern daran.",
            "The clocks are {seconds} seconds apart. Launches and grades fail because of it.",
        ),
        Text("Gleichen Sie beide Server mit NTP ab.", "Synchronise both servers by NTP."),
    ),
    "clock_unknown": Words(
        State.OFF, Text("Das LMS nennt keine Uhrzeit.", "The LMS does not tell its time.")
    ),
    # --- token ----------------------------------------------------------------------------------------------
    "token_all": Words(State.OK, Text("Erhalten für: {services}.", "Issued for: {services}.")),
    "token_some": Words(
        State.WARN,
        Text(
            "Erhalten für: {services}. Nicht erlaubt: {missing}.",
            "Issued for: {services}. Not allowed: {missing}.",
        ),
        Text(
            "Die Zeilen darunter sagen, was im LMS zu erlauben ist.",
            "The lines below say what to allow in the LMS.",
        ),
    ),
    "token_refused": Words(
        State.BAD,
        Text(
            "Das LMS gibt keines aus (Antwort {status}, Grund: {error}).",
            "The LMS issues none (answer {status}, reason: {error}).",
        ),
        Text(
            "Prüfen Sie im LMS die Client-ID und ob es unseren Schlüsselsatz unter {jwks} laden kann.",
            "Check the client id in the LMS, and whether it can load our key set at {jwks}.",
        ),
    ),
    "token_not_found": Words(
        State.BAD,
        Text("Die Token-Adresse antwortet mit 404.", "The token address answers 404."),
        Text(
            "Vergleichen Sie die Token-Adresse (Access token URL) mit der im LMS.",
            "Compare the token address (access token URL) with the one in the LMS.",
        ),
    ),
    "token_unreadable": Words(
        State.BAD,
        Text(
            "Die Token-Adresse schickt kein Token, sondern etwas anderes.",
            "The token address sends something, but no token.",
        ),
        Text(
            "Vergleichen Sie die Token-Adresse (Access token URL) mit der im LMS.",
            "Compare the token address (access token URL) with the one in the LMS.",
        ),
    ),
    "token_busy": Words(
        State.BAD,
        Text(
            "Das LMS kann gerade keines ausstellen (Antwort {status}).",
            "The LMS cannot issue one right now (answer {status}).",
        ),
        LATER,
    ),
    "token_slow": Words(
        State.WARN,
        Text(
            "Das LMS stellt welche aus, aber sehr langsam. Die übrigen Dienste wurden nicht mehr gefragt.",
            "The LMS issues them, but very slowly. The other services were not asked any more.",
        ),
        LATER,
    ),
    "token_unreachable": Words(State.BAD, Text("{problem}", "{problem}"), REACH),
    "token_address_not_allowed": Words(
        State.BAD, Text("{problem}", "{problem}"), http.AddressNotAllowed.remedy
    ),
}
