"""Refusals before and after the protocol: size, rate, cookies, session, rights."""

from __future__ import annotations

from lms_tool.errors import Text
from lms_tool.lti.errors import AGAIN, LATER, LMS_ADMIN, TEACHER, LtiError


class DuplicateParameter(LtiError):
    """A parameter came twice, or in query and body (RFC 6749 3.1): not ours to guess which one counts."""

    code, status = "duplicate_parameter", 400
    text = Text(
        "Eine Angabe im Aufruf kommt doppelt vor.",
        "A piece of information in the request occurs twice.",
    )
    remedy = LMS_ADMIN


class RequestTooLarge(LtiError):
    code, status = "request_too_large", 413
    text = Text(
        "Der Aufruf ist größer, als wir annehmen.",
        "The request is larger than we accept.",
    )
    remedy = LMS_ADMIN


class RateLimited(LtiError):
    code, status = "rate_limited", 429
    text = Text(
        "Von Ihrem Anschluss kamen in kurzer Zeit sehr viele Aufrufe.",
        "Very many requests came from your connection in a short time.",
    )
    remedy = Text(
        "Bitte warten Sie eine Minute und öffnen Sie die Aktivität dann noch einmal aus dem Kurs.",
        "Please wait a minute, then open the activity again from your course.",
    )


class MethodNotAllowed(LtiError):
    code, status = "method_not_allowed", 405
    text = Text(
        "Diese Adresse lässt sich nicht auf diese Weise aufrufen.",
        "This address cannot be called in this way.",
    )


class CookiesBlocked(LtiError):
    code, status = "cookies_blocked", 403
    text = Text(
        "Ihr Browser lässt im Rahmen des LMS keine Cookies zu. Ohne sie können wir nicht sicher sein, "
        "dass der Start von Ihnen kommt.",
        "Your browser allows no cookies inside the frame of the LMS. Without them we cannot be sure that "
        "the start "
        "comes from you.",
    )
    remedy = Text(
        "Bitte öffnen Sie die Aktivität in einem neuen Fenster.",
        "Please open the activity in a new window.",
    )


class StorageUnavailable(LtiError):
    """The platform's storage (lti-pm-s 0.1) gave nothing back after the LMS had answered; its hint is spent."""

    code, status = "storage_unavailable", 403
    text = Text(
        "Ihr Browser lässt im Rahmen des LMS keine Cookies zu, und der Ersatz dafür, den das LMS anbietet, antwortet "
        "nicht. Ohne eines von beiden können wir nicht sicher sein, dass der Start von Ihnen kommt.",
        "Your browser allows no cookies inside the frame of the LMS, and what the LMS offers instead does not answer. "
        "Without one of the two we cannot be sure that the start comes from you.",
    )
    remedy = Text(
        "Bitte öffnen Sie die Aktivität noch einmal aus dem Kurs, am besten in einem neuen Fenster.",
        "Please open the activity again from your course, best in a new window.",
    )


class HandoverInvalid(LtiError):
    """A hand-over token that is unknown, older than a minute, used before, or of another launch."""

    code, status = "handover_invalid", 401
    text = Text(
        "Dieser Übergang gilt nur einmal und nur eine Minute lang.",
        "This hand-over is valid only once and only for a minute.",
    )


class SessionMissing(LtiError):
    code, status = "session_missing", 401
    text = Text(
        "Diese Seite gehört zu einer Aktivität in Ihrem Kurs und ist nur von dort erreichbar.",
        "This page belongs to an activity in your course and can only be reached from there.",
    )


class SessionExpired(LtiError):
    code, status = "session_expired", 401
    text = Text(
        "Ihre Sitzung ist beendet. Gespeicherte Antworten sind nicht verloren.",
        "Your session has ended. Saved answers are not lost.",
    )
    remedy = Text(
        "Bitte aus dem Kurs öffnen: Klicken Sie die Aktivität im LMS noch einmal an. "
        "Sie kommen an dieselbe Stelle zurück.",
        "Please open from your course: click the activity in the LMS again. You will return to the same "
        "place.",
    )


class CsrfFailed(LtiError):
    code, status = "csrf_failed", 403
    text = Text(
        "Die Eingabe kam nicht von einer Seite dieses Lernwerkzeugs. Sie wurde nicht ausgeführt.",
        "The input did not come from a page of this tool. It was not carried out.",
    )


class NotFound(LtiError):
    code, status = "not_found", 404
    text = Text(
        "Diese Seite gibt es nicht, oder sie ist nicht für Sie bestimmt.",
        "This page does not exist, or it is not meant for you.",
    )
    remedy = AGAIN


class ModuleNotFound(LtiError):
    """The placed course, module or activity does not exist or is not published (CLM-30)."""

    code, status = "module_not_found", 404
    text = Text(
        "Der verknüpfte Inhalt ist nicht oder nicht mehr vorhanden. Ihr Lernstand bleibt gespeichert.",
        "The linked content does not exist, or no longer. Your progress stays saved.",
    )
    remedy = TEACHER


class AnonymousNotSupported(LtiError):
    code, status = "anonymous_not_supported", 403
    text = Text(
        "Ihr LMS sagt uns nicht, wer Sie sind. Ohne diese Angabe können wir Ihren Lernstand nicht speichern.",
        "Your LMS does not tell us who you are. Without that we cannot save your progress.",
    )
    remedy = Text(
        "Bitte melden Sie sich im LMS mit Ihrem eigenen Zugang an, nicht als Gast, und öffnen Sie die "
        "Aktivität neu.",
        "Please sign in to the LMS with your own account, not as a guest, and open the activity again.",
    )


class RoleNotPermitted(LtiError):
    code, status = "role_not_permitted", 403
    text = Text(
        "Mit Ihrer Rolle im Kurs ist das nicht vorgesehen.",
        "Your role in the course does not provide for this.",
    )
    remedy = TEACHER


class StoreUnavailable(LtiError):
    """Our own database does not answer."""

    code, status = "store_unavailable", 503
    text = Text(
        "Das Lernwerkzeug kann gerade nicht speichern. Bereits Gespeichertes ist nicht verloren.",
        "The tool cannot save right now. What was saved before is not lost.",
    )
    remedy = LATER
