"""Every refusal as a page or as JSON, with its code, and one line in the audit trail."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Flask, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lms_tool.errors import Text, ToolError
from lms_tool.lti.errors import LtiError, RegistrationUnknown
from lms_tool.lti.request_errors import MethodNotAllowed, NotFound, RequestTooLarge, StoreUnavailable
from lms_tool.models import Status
from lms_tool.services import audit, sessions
from lms_tool.services.failures import is_store_failure
from lms_tool.web.context import correlation_id, may_be_framed_by, runtime
from lms_tool.web.pages import ErrorPage
from lms_tool.web.respond import show

log = logging.getLogger(__name__)
ADMINISTRATION = Text(
    "Gehen Sie zurück zur Verwaltung und beginnen Sie von dort noch einmal.",
    "Go back to the administration and start again from there.",
)


class InternalError(ToolError):
    """Something we did not foresee. The log has the rest."""

    text = Text("Bei uns ist etwas schiefgegangen.", "Something went wrong on our side.")
    remedy = Text(
        "Bitte versuchen Sie es noch einmal. Hilft das nicht, geben Sie die Nummer unten der Person, die Ihr LMS "
        "betreut.",
        "Please try again. If that does not help, give the number below to the person who runs your LMS.",
    )


class BadRequest(ToolError):
    code = "bad_request"
    status = 400
    text = Text("Dieser Aufruf ist unvollständig oder beschädigt.", "This request is incomplete or damaged.")
    remedy = Text(
        "Bitte öffnen Sie die Seite noch einmal aus dem Kurs.", "Please open the page again from the course."
    )


def install(app: Flask) -> None:
    app.register_error_handler(ToolError, refuse)
    app.register_error_handler(HTTPException, _from_werkzeug)
    app.register_error_handler(Exception, _unforeseen)


def refuse(error: ToolError) -> Response:
    """The refusal as the client wants it, written down first."""
    _audit(error)
    _let_the_lms_show_it(error)
    answer = _json(error) if _wants_json() else show(_page(error), error.status)
    answer.headers["X-LTI-Error"] = error.public_code
    answer.headers["Cache-Control"] = "no-store"
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _let_the_lms_show_it(error: ToolError) -> None:
    """A refusal inside a course frame must be readable there; for an unknown platform nobody may frame it (SES-02).

    A platform that is switched off or not approved yet shows its own refusals, nobody else's.
    """
    if "framed_by" in g or isinstance(error, RegistrationUnknown | StoreUnavailable):
        return
    tool = runtime()
    known = error.details.get("platform")
    try:
        registered = tool.registry.all(tool.clock(), known or _platform_of_launch())
    except Exception as failure:
        if not is_store_failure(failure):
            raise
        return
    lmss = [one for one in registered if one.id == known or (known is None and one.status == Status.ACTIVE)]
    may_be_framed_by(*(url for one in lmss for url in (one.issuer, one.auth_login_url)))


def _platform_of_launch() -> int | None:
    """A platform that was connected a moment ago shows the refusals of its launches too."""
    launch = (request.view_args or {}).get("launch")
    if launch is None:
        return None
    with runtime().database.read() as db:
        return sessions.platform_id(db, launch)


def _page(error: ToolError) -> ErrorPage:
    back, host = _way_back(error)
    administration = error.status in (404, 405) and request.path.startswith("/admin/")
    return ErrorPage(
        code=error.public_code,
        status=error.status,
        text=_with_detail(error),
        remedy=ADMINISTRATION if administration else error.remedy,
        correlation_id=correlation_id(),
        at=runtime().clock(),
        launch=request.path.startswith("/lti/l"),
        return_url=back,
        return_host=host,
        home_url="/admin/" if administration else "",
    )


def _with_detail(error: ToolError) -> Text:
    detail = getattr(error, "detail", None)
    if not detail:
        return error.text
    return Text(f"{error.text.de} („{detail}“)", f"{error.text.en} (“{detail}”)")


def _way_back(error: ToolError) -> tuple[str, str]:
    """The platform's return address with our message (Core 5.4.4); only after a verified signature."""
    url = error.return_url if isinstance(error, LtiError) else None
    if not url:
        return "", ""
    parts = urlsplit(url)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("lti_errormsg", error.text.de),
        ("lti_errorlog", f"{error.public_code} {correlation_id()}"),
    ]
    return urlunsplit(parts._replace(query=urlencode(query))), parts.netloc


def _json(error: ToolError) -> Response:
    text = _with_detail(error)
    answer = jsonify(
        error_code=error.public_code,
        message={"de": text.de, "en": text.en},
        remedy={"de": error.remedy.de, "en": error.remedy.en},
        correlation_id=correlation_id(),
    )
    answer.status_code = error.status
    return answer


def _wants_json() -> bool:
    wanted = request.accept_mimetypes
    return wanted["application/json"] > wanted["text/html"]


def _audit(error: ToolError) -> None:
    """One line for a refused login or launch; for other pages the log is enough."""
    log.info(
        "refused",
        extra={
            "code": error.public_code,
            "correlation_id": correlation_id(),
            "path": _path(),
            **_plain(error.details),
        },
    )
    if not request.path.startswith(("/lti/l", "/lti/register")) or isinstance(error, StoreUnavailable):
        return
    if isinstance(error, MethodNotAllowed) and not {"id_token", "state"} & request.args.keys():
        return  # no launch was tried: Moodle looks at each address it saves, in case an old cartridge is there
    tool = runtime()
    now = tool.clock()
    if not tool.audit_budget.allows(error.public_code, now):
        return
    platform_id = error.details.get("platform") or g.get("platform_id")
    known = platform_id if isinstance(platform_id, int) else None
    try:
        with tool.database.write() as db:
            audit.note(
                db,
                now,
                "refused",
                error.public_code,
                known,
                correlation_id(),
                _plain(error.details),
                tenant_id=None if known else g.get("tenant_id"),  # whose invitation it was
            )
    except Exception as failure:
        if not is_store_failure(failure):
            raise
        log.error("audit_line_lost", extra={"correlation_id": correlation_id()})


def _plain(details: dict[str, object]) -> dict[str, object]:
    """Bounded, JSON-able, and free of names the log itself uses."""
    return {
        f"detail_{key}"[:40]: value if isinstance(value, int | float | bool) else str(value)[:300]
        for key, value in list(details.items())[:12]
    }


def _path() -> str:
    # The launch id is half of a session's credentials, an invitation all of it: they stay out of the log.
    for secret in ("/lti/register/", "/admin/enter/"):
        if request.path.startswith(secret):
            return f"{secret}…"
    return "/k/…/" + request.path.split("/", 3)[-1] if request.path.startswith("/k/") else request.path[:200]


def _from_werkzeug(error: HTTPException) -> Response:
    if error.code in (301, 302, 303, 304, 307, 308) and error.response is not None:
        return error.get_response()
    known: dict[int, ToolError] = {
        404: NotFound(),
        405: MethodNotAllowed(method=request.method[:16]),
        413: RequestTooLarge(),
    }
    return refuse(
        known.get(error.code or 500) or (BadRequest() if (error.code or 500) < 500 else InternalError())
    )


def _unforeseen(error: Exception) -> Response:
    if is_store_failure(error):
        log.error(
            "store_unavailable", extra={"error": type(error).__name__, "correlation_id": correlation_id()}
        )
        return refuse(StoreUnavailable(retry_after=10))
    log.exception("unforeseen", extra={"correlation_id": correlation_id(), "path": _path()})
    return refuse(InternalError())
